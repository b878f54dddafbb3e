/* From what a handler left in its call to the bytes of the answer, as each revision wants them. */
#ifndef MCP_PROTO_ENVELOPE_H
#define MCP_PROTO_ENVELOPE_H

#include "mcp/proto/call_internal.h"
#include "mcp/proto/registry.h"

/* Ends the result, by the kind of the call: on the thread that ran the handler, before the loop sees it. code and err are
 * what the handler gave; a negative code replaces the result by an isError one: a text block
 * "error CODE: message. Next: next" and, for programs, _meta.error {code, retry_after_ms}. In a
 * revision without structuredContent, with text_json, and for MCP_TOOL_TEXT_JSON the structured
 * content becomes the text. What fails in another call than tools/call is a JSON-RPC error with the
 * same message. Line breaks between JSON tokens become blanks: one answer, one line. */
void mcp__envelope_finish(struct mcp_call *call, int code, const struct mcp_error *err);

/* The JSON-RPC response as pieces to be written one behind the other; they live as long as the
 * call. Returns their number. */
#define MCP_ENVELOPE_PARTS 12
size_t mcp__envelope_parts(const struct mcp_registry *registry, const struct mcp_call *call,
                           mcp_str parts[MCP_ENVELOPE_PARTS]);

/* The response to a call that is still the worker's: busy, deadline. Appended to out. Reads only
 * what dispatch has set. */
void mcp__envelope_error(struct mcp_buf *out, const struct mcp_registry *registry,
                         const struct mcp_call *call, const struct mcp_error *err);
/* notifications/progress for that token; message may be empty. */
void mcp__envelope_progress(struct mcp_buf *out, enum mcp_revision rev, mcp_str token, int64_t done,
                            int64_t total, mcp_str message);
/* {"code":..,"message":..,"data":{..}} of a failure that has the word of err in its data; uri
 * missing: no such member. */
void mcp__envelope_rpc_error(struct mcp_buf *out, int code, const struct mcp_error *err,
                             mcp_str uri);
/* The code of a resource that is not there, in that revision. */
int mcp__envelope_not_found(enum mcp_revision rev);
/* notifications/message; json: a whole JSON value. */
void mcp__envelope_log(struct mcp_buf *out, enum mcp_log_severity severity, mcp_str logger,
                       mcp_str json);
/* 0 to 7, or -1 for a value that names no severity. */
int mcp__severity_parse(struct mcp_json name);

#endif
