/* What a worker gets of a transfer that ended: the answer in its arena, or the error in words. */
#ifndef MCP_UPSTREAM_ANSWER_H
#define MCP_UPSTREAM_ANSWER_H

#include "mcp/upstream/transfer.h"

/* Lowers the largest body to what the shared room can hold at all. */
void mcp__answer_clamp(struct mcp__transfer *t);
/* Of a posted transfer: res (attempts and elapsed_ms are the caller's), or a code with err naming
 * the host. The body is the arena's then and gives its room back with it. */
int mcp__answer_take(struct mcp__transfer *t, struct mcp_arena *arena, struct mcp_http_res *res,
                     struct mcp_error *err);
/* Status and headers alone, of a transfer whose pieces were enough before its end. 0 or MCP_ENOMEM. */
int mcp__answer_head(struct mcp__transfer *t, struct mcp_arena *arena, struct mcp_http_res *res,
                     struct mcp_error *err);
/* MCP_EDEADLINE, naming the host that was silent and for how long. whose: the time that was over.
 * Of a transfer that still runs, too. */
int mcp__answer_timeout(const struct mcp__transfer *t, const char *whose, struct mcp_error *err);

#endif
