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
     * adding daily limits. Beyond the longest backtest its width per day grows by the root too. */
    double *sum_lower, *sum_upper;
    /* Of the backtest. coverage: the share of days inside the limits that were known at the time;
     * -1 when there were too few tests to say. */
    double smape, mase, coverage;
    unsigned folds;
    size_t longest_backtest; /* steps; beyond it the interval widens by sqrt(h / h_max) */
    bool interval_extrapolated;
};

/* MCP_EREFUSED below COST_FORECAST_MIN_DAYS ("insufficient_history": says how many are there and
 * how many are needed), MCP_EINVAL for an unknown method (names the known ones), MCP_EDATA for a
 * value that is no number. out's arrays live in arena; written only on success. */
int cost_forecast(const struct cost_forecast_in *in, struct mcp_arena *arena,
                  struct cost_forecast_out *out, struct mcp_error *err);
/* NULL-terminated list of method names. */
extern const char *const cost_forecast_methods[];

#endif
