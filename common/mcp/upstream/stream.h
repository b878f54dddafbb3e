/* Answers that are given to the caller in pieces, while they come. */
#ifndef MCP_UPSTREAM_STREAM_H
#define MCP_UPSTREAM_STREAM_H

#include "mcp/upstream/transfer.h"

/* Transfer thread, before the first bytes of a body: true when this answer is one. */
bool mcp__stream_begins(const struct mcp__transfer *t);
/* Transfer thread, the call's lock held: there is something to give. */
void mcp__stream_wake(struct mcp__transfer *t);
/* The worker's: gives what has come since the last time. 0, or what on_piece returned; 0 as well for
 * an answer that comes whole. */
int mcp__stream_give(struct mcp__transfer *t, const struct mcp_http_req *req);

#endif
