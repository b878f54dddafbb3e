/* Of several calls that need the same thing one gets it, the others wait. */
#ifndef MCP_UPSTREAM_ONCE_H
#define MCP_UPSTREAM_ONCE_H

#include <mcp/fetch.h>

/* See mcp_once in <mcp/fetch.h>; late.c calls it through the table. */
int mcp__once(struct mcp_call *call, mcp_str key,
              int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
              void *ctx, mcp_str *value, struct mcp_error *err);

#endif
