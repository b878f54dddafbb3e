/* The answer of get_forecast (contract.md section 8). */
#ifndef COST_FORECAST_RESULT_H
#define COST_FORECAST_RESULT_H

#include <cost/result.h>

struct cost_forecast_period {
    int32_t start, end; /* inclusive */
    double mean, lower, upper;
    bool actual; /* wholly before or at data_through: mean is money below, no interval */
    struct cost_money actual_cost;
};

struct cost_excluded {
    mcp_str what; /* "tax", "credit", "adjustment", "one_time_purchase" */
    struct cost_money last_month;
};

/* One per currency and group. */
struct cost_forecast_series {
    mcp_str currency;
    struct cost_key key; /* group_by, or all missing */
    struct cost_money actual_to_date;
    double remaining; /* modelled usage of the days to come */
    struct cost_money scheduled; /* recurring charges that fall on days to come */
    double mean, lower, upper; /* of the whole range: actual + remaining + scheduled */
    const struct cost_forecast_period *periods;
    size_t n_periods;
    const struct cost_excluded *excluded;
    size_t n_excluded;
    mcp_str method; /* "seasonal_naive_7" */
    double smape, mase, coverage; /* of the backtest; < 0: not available */
    unsigned folds;
    int32_t history_start, history_end;
    size_t history_points;
    bool interval_extrapolated;
    /* forecasts of the cloud itself, later issues */
    bool has_provider_forecast;
    struct cost_money provider_forecast;
};

/* All its periods lie in the past: nothing was fitted, the sums are the actual cost. */
static inline bool cost_forecast_is_actual(const struct cost_forecast_series *s)
{
    for (size_t i = 0; i < s->n_periods; i++) {
        if (!s->periods[i].actual)
            return false;
    }
    return s->n_periods > 0;
}

struct cost_forecast_result {
    struct cost_result base;
    int confidence_pct; /* 1/10 percent */
    const struct cost_forecast_series *series;
    size_t n_series;
};

#endif
