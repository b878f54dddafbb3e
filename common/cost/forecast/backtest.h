/* Rolling-origin backtests: how wrong a method was each time it could have been asked. */
#ifndef COST_FORECAST_BACKTEST_H
#define COST_FORECAST_BACKTEST_H

#include <mcp/arena.h>

#include "seasonal_naive.h"
#include "series.h"

#define COST__MAX_FOLDS 150

/* Fold i stands i days before fold i + 1; the last one ends with the series. */
struct cost__backtest {
    size_t folds, steps;
    double *error; /* [folds * steps]: actual - forecast; in arena */
    double *sum_error; /* the same of the sums over the first 1..steps days */
    double smape, mase;
};

/* How far ahead and how often a series of n days (at least 14) can be tested. */
void cost__backtest_size(size_t n, size_t horizon, size_t *folds, size_t *steps);
/* Room for folds * steps errors; MCP_ENOMEM. */
int cost__backtest_init(struct cost__backtest *b, size_t n, size_t horizon,
                        struct mcp_arena *arena);
/* Fills the errors and scores of one method, over what a method before left there. scratch: steps
 * values. */
void cost__backtest_run(struct cost__backtest *b, const struct cost__series *s,
                        const struct cost__method *method, double *scratch);

#endif
