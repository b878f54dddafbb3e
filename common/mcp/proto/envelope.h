/* From what a handler left in its call to the bytes of the answer, as each revision wants them. */
#ifndef MCP_PROTO_ENVELOPE_H
#define MCP_PROTO_ENVELOPE_H

#include "mcp/proto/call_internal.h"
#include "mcp/proto/registry.h"

/* Ends the result: on the thread that ran the handler, before the loop sees it. code and err are
 * what the handler gave; a negative code replaces the result by an isError one: a text block
 * "error CODE: message. Next: next" and, for programs, _meta.error {code, retry_after_ms}. In a
 * revision without structuredContent, with text_json, and for MCP_TOOL_TEXT_JSON the structured
 * content becomes the text. Line breaks between JSON tokens become blanks: one answer, one line. */
void mcp__envelope_finish(struct mcp_call *call, int code, const struct mcp_error *err);

/* The JSON-RPC response as pieces to be written one behind the other; they live as long as the
 * call. Returns their number. */
#define MCP_ENVELOPE_PARTS 12
size_t mcp__envelope_parts(const struct mcp_registry *registry, const struct mcp_call *call,
                           mcp_str parts[MCP_ENVELOPE_PARTS]);

/* An isError response that needs no call: busy, deadline. Appended to out. */
void mcp__envelope_error(struct mcp_buf *out, const struct mcp_registry *registry,
                         enum mcp_revision rev, mcp_str id, const struct mcp_error *err);
/* notifications/progress for that token; message may be empty. */
void mcp__envelope_progress(struct mcp_buf *out, enum mcp_revision rev, mcp_str token, int64_t done,
                            int64_t total, mcp_str message);

#endif
