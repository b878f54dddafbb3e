/* /health, /health/live and /health/ready: for load balancers and containers; status only. */
#ifndef MCP_SERVER_HEALTH_H
#define MCP_SERVER_HEALTH_H

#include "mcp/net/serve.h"

/* Routes' serve functions; ctx is the struct mcp_serve. live: 200 as long as the loop runs. ready
 * (and /health): 503 once the server is ending. */
void mcp__health_live(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply);
void mcp__health_ready(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply);

#endif
