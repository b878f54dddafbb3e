/* A daily series prepared for forecasting. */
#include "series.h"

#include <math.h>

static double mean_change(const double *y, size_t n, size_t lag)
{
    double sum = 0;
    if (n <= lag)
        return 0;
    for (size_t i = lag; i < n; i++)
        sum += fabs(y[i] - y[i - lag]);
    return sum / (double)(n - lag);
}

/* Never zero, so that nothing divides by it: a series without any change is measured by its level,
 * and one of nothing but zeros by one unit of money. */
static double scale_of(const double *y, size_t n)
{
    double scale = mean_change(y, n, COST__SEASON);
    if (!(scale > 0))
        scale = mean_change(y, n, 1);
    for (size_t i = 0; !(scale > 0) && i < n; i++)
        scale = fabs(y[i]);
    return scale > 0 && isfinite(scale) ? scale : 1;
}

void cost__series_init(struct cost__series *s, const double *y, size_t n, size_t keep)
{
    size_t skip = n > COST__MAX_HISTORY ? n - COST__MAX_HISTORY : 0;
    while (n - skip > keep && y[skip] == 0)
        skip++;
    s->y = y + skip;
    s->n = n - skip;
    s->non_negative = true;
    for (size_t i = 0; i < s->n; i++)
        if (s->y[i] < 0)
            s->non_negative = false;
    s->scale = scale_of(s->y, s->n);
}
