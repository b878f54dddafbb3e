/* The forecasting methods: each repeats what the last weeks did. */
#ifndef COST_FORECAST_SEASONAL_NAIVE_H
#define COST_FORECAST_SEASONAL_NAIVE_H

#include <stddef.h>

struct cost__method {
    const char *name;
    /* mean[0..horizon) from the n days of y, n > 0. */
    void (*run)(const double *y, size_t n, size_t horizon, double *mean);
};

/* Simplest first: of equally good ones the first is taken. */
extern const struct cost__method cost__methods[];
extern const size_t cost__n_methods;

#endif
