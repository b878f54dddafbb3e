/* get_forecast over any source that can tell its costs and its daily history. */
#ifndef COST_PROJECTION_H
#define COST_PROJECTION_H

#include <cost/history.h>

/* All borrowed for the time of the call. */
struct cost_projection {
    const struct cost_query *query; /* parsed, not resolved */
    struct cost_extent extent; /* first and data_through are known */
    /* get_costs of the part that is known, so that both tools say the same of the same days: a
     * resolved query with a granularity. */
    int (*costs)(void *ctx, const struct cost_query *query, struct cost_result *out,
                 struct mcp_error *err);
    /* The series over query->range, largest first. */
    int (*history)(void *ctx, const struct cost_query *query, struct cost_history *out,
                   struct mcp_error *err);
    void *ctx;
    struct mcp_arena *arena;
    const char *empty_next; /* what to do when there is no data at all */
    const char *stale_next; /* what to do when it ends days ago */
    const char *earlier_next; /* what to do when it begins after the range */
};

/* The whole answer (contract.md section 8). MCP_EREFUSED "insufficient_history". */
int cost_project(const struct cost_projection *projection, struct cost_forecast_result *out,
                 struct mcp_error *err);

#endif
