/* Prediction intervals from the errors of backtests. */
#ifndef COST_FORECAST_INTERVAL_H
#define COST_FORECAST_INTERVAL_H

#include "backtest.h"

/* Distances of the limits from the mean, both >= 0. */
struct cost__interval {
    double below, above;
};

/* From n errors (actual - forecast) at a confidence in (0, 1): half the conformal quantiles of the
 * errors, half a normal distribution of their spread, because few errors know little about tails.
 * Reorders values. n > 0. */
struct cost__interval cost__interval_of(double *values, size_t n, double confidence);
/* Of step h (from 1) of the backtest or of the sum over its first h steps. Beyond the longest step
 * the distances grow by sqrt(h / steps); those of a sum also with its length. scratch: room for
 * COST__INTERVAL_SCRATCH(folds) values. */
#define COST__INTERVAL_SCRATCH(folds) ((folds)*7)
struct cost__interval cost__interval_step(const struct cost__backtest *b, size_t h, bool of_sum,
                                          double confidence, double *scratch);
/* The share of actual values inside the limits that were known at the time: each fold judged by the
 * folds that had ended when it began. -1 when there are too few. */
double cost__interval_coverage(const struct cost__backtest *b, double confidence, double *scratch);

#endif
