/* The values of a dimension that are in scope, for lists and completion. */
#include "names.h"

int cost_dataset_values(struct cost_snapshot *snap, const struct cost_scope *scope,
                        enum cost_dim dim, struct mcp_arena *arena, const mcp_str **values,
                        size_t *n, struct mcp_error *err)
{
    const struct cost_query query = { .tool = COST_GET_COSTS };
    struct cost_result *unused = MCP_ARENA_NEW(arena, struct cost_result);
    struct cost_view *view = MCP_ARENA_NEW(arena, struct cost_view);
    const uint64_t *seen;
    int rc;

    cost_result_init(unused, arena, &query);
    rc = cost__view_init(view, snap, scope, unused, err);
    if (rc < 0)
        return rc;
    if (dim != COST_DIM_TAG)
        return cost__names_all(view, cost__dim_col(dim), values, n, err);
    rc = cost__view_seen(view, COST_COL_TAGS, &seen, err);
    return rc < 0 ? rc : cost__tag_keys(snap, seen, arena, values, n, err);
}
