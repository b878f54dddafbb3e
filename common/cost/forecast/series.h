/* A daily series prepared for forecasting: its used part and its scale. */
#ifndef COST_FORECAST_SERIES_H
#define COST_FORECAST_SERIES_H

#include <stdbool.h>
#include <stddef.h>

#define COST__SEASON 7
#define COST__MAX_HISTORY 1400 /* days; older ones say nothing about next month */

struct cost__series {
    const double *y; /* borrowed from the caller's values */
    size_t n;
    bool non_negative; /* then no forecast is below 0 */
    double scale; /* of MASE: mean absolute change against the week before; > 0 */
};

/* Drops days before the first charge (but keeps `keep`) and beyond COST__MAX_HISTORY. n > 0. */
void cost__series_init(struct cost__series *s, const double *y, size_t n, size_t keep);

#endif
