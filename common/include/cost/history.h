/* What get_forecast models, as a source gives it. */
#ifndef COST_HISTORY_H
#define COST_HISTORY_H

#include <cost/forecast_result.h>

/* What get_forecast models: per currency (and group) the daily series of Usage and of purchases
 * that recur on 80 % of days, the monthly recurring rows with their day, and what is left out. */
struct cost_history_series {
    mcp_str currency;
    struct cost_key key;
    struct cost_money total; /* of all rows in the metric, for ranking groups */
    int32_t first_day;
    const struct cost_money *days; /* modelled, n of them */
    size_t n;
    const struct cost_history_scheduled {
        int day_of_month;
        struct cost_money amount; /* the latest month's */
    } * scheduled;
    size_t n_scheduled;
    const struct cost_excluded *excluded;
    size_t n_excluded;
};
struct cost_history {
    const struct cost_history_series *series;
    size_t n_series;
};

#endif
