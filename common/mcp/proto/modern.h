/* The envelope of 2026-07-28: what params._meta must hold and which headers must repeat it. */
#ifndef MCP_PROTO_MODERN_H
#define MCP_PROTO_MODERN_H

#include "mcp/proto/dispatch.h"

/* The members of params._meta that we know, of either era; the others are passed over. */
struct mcp_meta {
    struct mcp_json version, client, capabilities, log_level; /* io.modelcontextprotocol/... */
    struct mcp_json progress_token;
    struct mcp_json trace[MCP_N_TRACE];
};

/* meta: an object without a name twice, or missing. */
void mcp__meta_read(struct mcp_json meta, struct mcp_meta *out);

/* Steps 8 to 11 of the ladder: 0; MCP_EINVAL (envelope), MCP_EHEADER (a header missing or different)
 * or MCP_EVERSION. *version is the claimed version as soon as it is known. */
int mcp__modern_check_request(const struct mcp_inbound *in, const struct mcp_rpc *rpc,
                              const struct mcp_meta *meta, struct mcp_arena *arena,
                              mcp_str *version, struct mcp_error *err);
/* A notification's claim, if it has one, must be a string and equal the header. */
int mcp__modern_check_notification(const struct mcp_inbound *in, const struct mcp_meta *meta,
                                   struct mcp_arena *arena, struct mcp_error *err);

#endif
