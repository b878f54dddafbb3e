/* Budgets from a YAML file (contract.md section 10): what was planned, for whom, and when to warn. */
#ifndef COST_BUDGET_H
#define COST_BUDGET_H

#include <cost/query.h>

enum cost_budget_period {
    COST_BUDGET_MONTHLY,
    COST_BUDGET_QUARTERLY,
    COST_BUDGET_YEARLY,
    COST_BUDGET_CUSTOM
};

struct cost_threshold {
    bool forecasted; /* else actual */
    struct cost_money at; /* share of the amount: 0.8 */
    bool has_probability;
    double probability; /* forecasted: fires when P(total >= at * amount) reaches it */
};

struct cost_budget {
    mcp_str name;
    struct cost_money amount;
    mcp_str currency;
    enum cost_budget_period period;
    struct cost_range custom; /* COST_BUDGET_CUSTOM */
    int fiscal_start; /* month 1..12 the fiscal year begins with */
    struct cost_filter filters[COST_MAX_FILTERS];
    size_t n_filters; /* `exclude` has become a filter on charge_category */
    enum cost_metric metric;
    enum cost_basis basis;
    bool rollover_unspent;
    const struct cost_threshold *thresholds;
    size_t n_thresholds;
};

struct cost_budgets {
    const struct cost_budget *items;
    size_t count;
};

/* The file's text. Everything lives in arena. MCP_EINVAL names the budget, the member and a good
 * value; file: for messages. */
int cost_budgets_parse(mcp_str yaml, mcp_str file, struct mcp_arena *arena,
                       struct cost_budgets *out, struct mcp_error *err);
/* The period of the budget that contains day, and the one before it. False: a custom period that
 * does not contain it. */
bool cost_budget_range(const struct cost_budget *budget, int32_t day, struct cost_range *range);

#endif
