/* The answer of get_resources (contract.md section 9). */
#ifndef COST_RESOURCE_H
#define COST_RESOURCE_H

#include <cost/result.h>

struct cost_tag {
    mcp_str key, value;
};

/* Per currency, over all resources in scope. */
struct cost_resource_total {
    mcp_str currency;
    struct cost_money cost;
    struct cost_money without_resource; /* rows that name no resource */
};

struct cost_resource {
    mcp_str id, name, type, region, project, service, provider;
    const struct cost_tag *tags;
    size_t n_tags;
    bool has_cost; /* else null */
    struct cost_money cost;
    mcp_str currency;
    int32_t first_seen, last_seen;
    mcp_str parent; /* AllocatedResourceId's resource, or missing */
};

struct cost_resources {
    struct cost_result base;
    const struct cost_resource *items; /* this page, by cost */
    size_t n_items, items_total, offset;
    const struct cost_resource_total *totals;
    size_t n_totals;
};

#endif
