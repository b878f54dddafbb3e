/* The companion's side of mcp_fetch and mcp_fetch_all, and of mcp_once. */
#ifndef MCP_UPSTREAM_FETCH_H
#define MCP_UPSTREAM_FETCH_H

#include <mcp/fetch.h>

/* See <mcp/fetch.h>; late.c calls them through the table. */
int mcp__fetch(struct mcp_call *call, const struct mcp_http_req *req, struct mcp_http_res *res,
               struct mcp_error *err);
int mcp__fetch_all(struct mcp_call *call, const struct mcp_http_req *reqs, size_t n,
                   unsigned parallel,
                   int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                               struct mcp_error *err),
                   void *ctx, struct mcp_error *err);

#endif
