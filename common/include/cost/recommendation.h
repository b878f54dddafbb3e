/* The answer of get_recommendations (contract.md section 9). */
#ifndef COST_RECOMMENDATION_H
#define COST_RECOMMENDATION_H

#include <cost/result.h>

struct cost_evidence {
    mcp_str name, value;
};

struct cost_recommendation {
    mcp_str id; /* stable for the same finding in the same data */
    mcp_str category; /* compute | storage | network | database | commitment | kubernetes | idle |
                         governance | other */
    mcp_str action; /* an imperative sentence's verb phrase */
    mcp_str resource, resource_name, resource_type, project, region, service, provider;
    mcp_str current, recommended;
    bool has_savings; /* else null, never 0 */
    struct cost_money monthly_savings;
    bool has_at_stake;
    struct cost_money cost_at_stake;
    mcp_str currency;
    mcp_str effort; /* low | medium | high */
    mcp_str risk; /* low | medium | high */
    mcp_str source; /* "bill" or the cloud's recommender */
    const struct cost_evidence *evidence;
    size_t n_evidence;
    const mcp_str *overlaps_with; /* ids */
    size_t n_overlaps;
};

struct cost_savings_total {
    mcp_str currency;
    struct cost_money savings; /* overlapping items once */
    size_t without_estimate;
};

struct cost_recommendations {
    struct cost_result base; /* provider, query, period, freshness, source, scope, warnings */
    const struct cost_recommendation *items; /* this page */
    size_t n_items, items_total, offset;
    const struct cost_savings_total *totals; /* per currency, over all items */
    size_t n_totals;
};

/* All items that a source found, in the arena of out->base: those that the query does not want
 * (category, min_monthly_savings) go, the rest is ordered by currency, savings, cost at stake and id,
 * cut to the query's page, and summed, overlapping items once. Reorders items, which out then borrows.
 * MCP_ERANGE when the savings cannot be added. */
int cost_recommendations_page(struct cost_recommendations *out, struct cost_recommendation *items,
                              size_t n_items, struct mcp_error *err);

#endif
