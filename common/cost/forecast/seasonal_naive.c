/* The forecasting methods: last day, last week, mean of weeks, a weekday pattern on a new level. */
#include "seasonal_naive.h"

#include <cost/forecast.h>

#include "series.h"

const char *const cost_forecast_methods[] = { "naive",
                                              "seasonal_naive_7",
                                              "seasonal_mean_28",
                                              "seasonal_mean_56",
                                              "seasonal_level_7",
                                              "seasonal_level_14",
                                              NULL };

static void naive(const double *y, size_t n, size_t horizon, double *mean)
{
    for (size_t h = 0; h < horizon; h++)
        mean[h] = y[n - 1];
}

/* For each place in the week, the mean over the last `weeks` weeks, as many as there are. The first
 * value belongs to the day after the series. A series shorter than a week repeats its mean. */
static void weekday_means(const double *y, size_t n, size_t weeks, double out[COST__SEASON])
{
    if (n < COST__SEASON) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += y[i];
        for (size_t d = 0; d < COST__SEASON; d++)
            out[d] = sum / (double)n;
        return;
    }
    if (weeks > n / COST__SEASON)
        weeks = n / COST__SEASON;
    for (size_t d = 0; d < COST__SEASON; d++) {
        double sum = 0;
        for (size_t w = 1; w <= weeks; w++)
            sum += y[n - w * COST__SEASON + d];
        out[d] = sum / (double)weeks;
    }
}

static void repeat(const double week[COST__SEASON], size_t horizon, double *mean)
{
    for (size_t h = 0; h < horizon; h++)
        mean[h] = week[h % COST__SEASON];
}

static void weeks_mean(const double *y, size_t n, size_t weeks, size_t horizon, double *mean)
{
    double week[COST__SEASON];
    weekday_means(y, n, weeks, week);
    repeat(week, horizon, mean);
}

static void seasonal_naive_7(const double *y, size_t n, size_t horizon, double *mean)
{
    weeks_mean(y, n, 1, horizon, mean);
}

static void seasonal_mean_28(const double *y, size_t n, size_t horizon, double *mean)
{
    weeks_mean(y, n, 4, horizon, mean);
}

static void seasonal_mean_56(const double *y, size_t n, size_t horizon, double *mean)
{
    weeks_mean(y, n, 8, horizon, mean);
}

/* The weekday pattern of eight weeks moved to the level of the last `days`, whole weeks: follows a
 * level that changes without taking one week's noise for the pattern. */
static void on_level(const double *y, size_t n, size_t days, size_t horizon, double *mean)
{
    double week[COST__SEASON], recent[COST__SEASON], shift = 0;
    weekday_means(y, n, 8, week);
    weekday_means(y, n, days / COST__SEASON, recent);
    for (size_t d = 0; d < COST__SEASON; d++)
        shift += (recent[d] - week[d]) / COST__SEASON;
    for (size_t d = 0; d < COST__SEASON; d++)
        week[d] += shift;
    repeat(week, horizon, mean);
}

static void seasonal_level_7(const double *y, size_t n, size_t horizon, double *mean)
{
    on_level(y, n, 7, horizon, mean);
}

static void seasonal_level_14(const double *y, size_t n, size_t horizon, double *mean)
{
    on_level(y, n, 14, horizon, mean);
}

const struct cost__method cost__methods[] = {
    { "naive", naive },
    { "seasonal_naive_7", seasonal_naive_7 },
    { "seasonal_mean_28", seasonal_mean_28 },
    { "seasonal_mean_56", seasonal_mean_56 },
    { "seasonal_level_7", seasonal_level_7 },
    { "seasonal_level_14", seasonal_level_14 },
};
const size_t cost__n_methods = sizeof(cost__methods) / sizeof(cost__methods[0]);
