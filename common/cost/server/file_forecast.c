/* get_forecast over a snapshot of the dataset. */
#include "files.h"

#include <cost/projection.h>
#include <mcp/clock.h>
#include <mcp/date.h>

struct asked {
    struct cost_snapshot *snap;
    const struct cost_scope *scope;
    struct mcp_arena *arena;
};

static int ask_costs(void *ctx, const struct cost_query *query, struct cost_result *out,
                     struct mcp_error *err)
{
    struct asked *a = ctx;

    return cost_dataset_costs(a->snap, a->scope, query, a->arena, out, err);
}

static int ask_history(void *ctx, const struct cost_query *query, struct cost_history *out,
                       struct mcp_error *err)
{
    struct asked *a = ctx;

    return cost_dataset_history(a->snap, a->scope, query, a->arena, out, err);
}

int cost__files_forecast(struct cost_snapshot *snap, const struct cost_scope *scope,
                         const struct cost_query *query, struct mcp_arena *arena,
                         struct cost_forecast_result *out, struct mcp_error *err)
{
    struct asked asked = { snap, scope, arena };
    struct cost_projection p = {
        .query = query,
        .costs = ask_costs,
        .history = ask_history,
        .ctx = &asked,
        .arena = arena,
        .empty_next = "Import an export that covers them.",
        .stale_next = "Import a newer export before relying on this forecast.",
        .earlier_next = "Import older exports to know more.",
    };
    int rc = cost_snapshot_extent(snap, scope, &p.extent, err);

    if (rc < 0)
        return rc;
    p.extent.today = mcp_instant_date(mcp_clock_now());
    return cost_project(&p, out, err);
}
