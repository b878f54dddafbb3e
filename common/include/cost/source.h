/* One source of answers: what a cloud or a dataset gives for the four questions. */
#ifndef COST_SOURCE_H
#define COST_SOURCE_H

#include <cost/forecast_result.h>
#include <cost/recommendation.h>
#include <cost/resource.h>
#include <cost/result.h>
#include <mcp/call.h>

/* All functions run on workers, may wait, take a query that is parsed but not resolved, resolve it
 * against their own dates, and fill a result that lives in the call's arena. ctx is the source's
 * own. They return 0 or a negative enum mcp_err with err. */
struct cost_source {
    int (*costs)(void *ctx, struct mcp_call *call, const struct cost_query *query,
                 struct cost_result *out, struct mcp_error *err);
    int (*forecast)(void *ctx, struct mcp_call *call, const struct cost_query *query,
                    struct cost_forecast_result *out, struct mcp_error *err);
    int (*recommendations)(void *ctx, struct mcp_call *call, const struct cost_query *query,
                           struct cost_recommendations *out, struct mcp_error *err);
    int (*resources)(void *ctx, struct mcp_call *call, const struct cost_query *query,
                     struct cost_resources *out, struct mcp_error *err);
    /* The values of a dimension that the caller may see, display names included; COST_DIM_TAG: the
     * tag keys. NULL: not offered. They live in the call's arena or as long as the source. */
    int (*values)(void *ctx, struct mcp_call *call, enum cost_dim dim, const mcp_str **values,
                  size_t *n, struct mcp_error *err);
    /* For the result cache, on the loop thread: resolves *query and names the state of the data
     * without waiting or reading a file. MCP_MISS when it would have to. */
    int (*peek)(void *ctx, struct cost_query *query, mcp_str *generation, struct mcp_arena *arena);
    void *ctx;
};

#endif
