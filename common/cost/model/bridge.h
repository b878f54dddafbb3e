/* The way from list price to what is billed and to what it effectively cost. */
#ifndef COST_MODEL_BRIDGE_H
#define COST_MODEL_BRIDGE_H

#include <cost/result.h>

/* One signed step; unknown: a column it needs is null in some row. */
struct cost__step {
    const char *name; /* static */
    bool known;
    struct cost_money amount;
    bool is_sum; /* a subtotal of the steps before it */
};

#define COST__STEPS_MAX 9
struct cost__chain {
    struct cost__step steps[COST__STEPS_MAX];
    size_t n;
};

/* The three identities of contract.md section 3. */
struct cost__bridge {
    struct cost__chain invoice, accrual, link;
    struct cost_money refunds_billed, refunds_effective;
    bool has_coverage, has_utilisation;
    char coverage[COST_MONEY_TEXT], utilisation[COST_MONEY_TEXT];
};

/* More than 1 % of ordinary usage cost has an effective cost of 0. */
bool cost__effective_unreliable(const struct cost_bridge_in *in);
/* MCP_ERANGE when a sum overflows; MCP_EDATA when known steps do not reach their sum. */
int cost__bridge_build(const struct cost_bridge_in *in, struct cost__bridge *out,
                       struct mcp_error *err);

#endif
