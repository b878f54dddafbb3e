/* /metrics: the counters of the transports in Prometheus' text format. */
#ifndef MCP_SERVER_METRICS_H
#define MCP_SERVER_METRICS_H

#include "mcp/net/serve.h"

/* What the route needs; borrowed for the life of the route. */
struct mcp__metrics {
    struct mcp_serve *serve;
    const char *name; /* of the server */
    const char *version;
    uint64_t start_ms; /* monotonic */
};

/* A route's serve function; ctx is the struct mcp__metrics. */
void mcp__metrics_serve(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply);
/* The text alone. */
void mcp__metrics_write(const struct mcp__metrics *m, struct mcp_buf *out);

#endif
