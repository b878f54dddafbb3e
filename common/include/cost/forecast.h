/* Forecasting of one daily series: pure maths, no I/O, no clock. */
#ifndef COST_FORECAST_H
#define COST_FORECAST_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define COST_FORECAST_MIN_DAYS 14

struct cost_forecast_in {
    const double *y; /* daily values, oldest first, gaps as 0 */
    size_t n;
    int32_t first_day; /* date of y[0] */
    size_t horizon; /* days ahead, 1..400 */
    double confidence; /* 0.5..0.99 */
    mcp_str method; /* "auto" or a name of cost_forecast_methods */
};

struct cost_forecast_out {
    const char *method; /* static */
    double *mean, *lower, *upper; /* horizon values each, in arena */
    /* Interval of the sum over the first k days (k = 1..horizon), from backtested sums, not from
     * adding daily limits. */
    double *sum_lower, *sum_upper;
    double smape, mase, coverage; /* of the backtest */
    unsigned folds;
    size_t longest_backtest; /* steps; beyond it the interval widens by sqrt(h / h_max) */
    bool interval_extrapolated;
};

/* MCP_EREFUSED below COST_FORECAST_MIN_DAYS ("insufficient_history": says how many are there and
 * how many are needed), MCP_EINVAL for an unknown method (names the known ones). */
int cost_forecast(const struct cost_forecast_in *in, struct mcp_arena *arena,
                  struct cost_forecast_out *out, struct mcp_error *err);
/* NULL-terminated list of method names. */
extern const char *const cost_forecast_methods[];

#endif
