/* One call as its handler sees it: arguments, result, progress, waiting, cancellation. */
#ifndef MCP_CALL_H
#define MCP_CALL_H

#include <mcp/arena.h>
#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/json.h>

struct mcp_call;

/* Everything a handler builds lives here and dies with the call. */
struct mcp_arena *mcp_call_arena(struct mcp_call *call);
/* An object ({} when the client sent none). */
struct mcp_json mcp_call_args(const struct mcp_call *call);
/* One argument by its name; a missing one, or one of another type, gives the missing value or the
 * fallback. */
mcp_str mcp_arg_str(struct mcp_call *call, const char *name);
int64_t mcp_arg_int64(const struct mcp_call *call, const char *name, int64_t fallback);
bool mcp_arg_bool(const struct mcp_call *call, const char *name, bool fallback);
/* spec.user of the app. */
void *mcp_call_user(const struct mcp_call *call);
/* The authenticated caller, or empty for the one local user. Cursors and caches are bound to it. */
mcp_str mcp_call_principal(const struct mcp_call *call);
/* W3C trace context of the request; upstream requests carry it. */
enum mcp_trace_field { MCP_TRACEPARENT, MCP_TRACESTATE, MCP_BAGGAGE, MCP_N_TRACE };
/* One field in its form, or missing. From the client: never a reason to trust it. */
mcp_str mcp_call_trace(const struct mcp_call *call, enum mcp_trace_field field);

/* True once the client cancelled, its connection ended the call, or the deadline passed. */
bool mcp_call_cancelled(const struct mcp_call *call);
/* Milliseconds left, 0 when none; UINT64_MAX without deadline. */
uint64_t mcp_call_remaining_ms(const struct mcp_call *call);
/* Overwrites the one progress slot; sent at most 10 times a second and only to a client that asked.
 * done must grow; total 0 = unknown; message may be empty. Any worker thread of the call. */
void mcp_progress(struct mcp_call *call, int64_t done, int64_t total, mcp_str message);
/* The severities of RFC 5424, as the protocol names them. */
enum mcp_log_severity {
    MCP_LOG_SEV_DEBUG,
    MCP_LOG_SEV_INFO,
    MCP_LOG_SEV_NOTICE,
    MCP_LOG_SEV_WARNING,
    MCP_LOG_SEV_ERROR,
    MCP_LOG_SEV_CRITICAL,
    MCP_LOG_SEV_ALERT,
    MCP_LOG_SEV_EMERGENCY,
};
/* A log message to the client of this call, on the call's own stream, when the app's spec has
 * logging and the client asked for that severity; else nothing. json: a whole JSON value, no
 * secrets. logger may be missing. Any worker thread of the call, not from .fast. */
void mcp_call_log(struct mcp_call *call, enum mcp_log_severity severity, mcp_str logger,
                  mcp_str json);
/* Frees the client's connection although the answer is not there yet: where it knows how to come
 * back for it (2025-11-25 over HTTP), else nothing. For calls that outlast proxies on the way. */
void mcp_call_hang_up(struct mcp_call *call);
/* Makes a task of the call at once, when its tool and its client know tasks: the client is answered
 * and asks for the result later. Else nothing. Its deadline becomes that of tasks. Behind questions
 * that are to be answered first (mcp_need). */
void mcp_call_task(struct mcp_call *call);
/* Waits; 0, MCP_ECANCELLED or MCP_EDEADLINE. */
int mcp_sleep(struct mcp_call *call, unsigned ms, struct mcp_error *err);
/* One of cpu_slots (= cores) for a handler that computes; waits for it under the deadline. Every
 * successful enter has its leave. */
int mcp_cpu_enter(struct mcp_call *call, struct mcp_error *err);
void mcp_cpu_leave(struct mcp_call *call);

/* The result. Content blocks appear in the order of the calls; all bytes are copied. */
void mcp_result_text(struct mcp_call *call, mcp_str text);
void mcp_result_printf(struct mcp_call *call, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void mcp_result_image(struct mcp_call *call, mcp_str base64, mcp_str mime_type);
void mcp_result_audio(struct mcp_call *call, mcp_str base64, mcp_str mime_type);
/* An embedded resource; text or blob (base64), the other one missing. */
void mcp_result_resource(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str text,
                         mcp_str blob);
void mcp_result_link(struct mcp_call *call, mcp_str uri, mcp_str name, mcp_str mime_type);
/* Whole content blocks as JSON, comma separated, written as they stand. */
void mcp_result_content_raw(struct mcp_call *call, mcp_str blocks);
/* The buffer of structuredContent: put one JSON object in it. */
struct mcp_buf *mcp_result_structured(struct mcp_call *call);
/* For an answer that was kept from an earlier call, instead of all of the above: its blocks, and its
 * structuredContent in n pieces (0: it has none), at most MCP_RESULT_PIECES. The bytes are not
 * copied: they live as long as the call's arena and hold no line break. */
#define MCP_RESULT_PIECES 3
void mcp_result_kept(struct mcp_call *call, mcp_str blocks, const mcp_str *structured, size_t n);
/* Makes the result isError without failing the handler. */
void mcp_result_set_error(struct mcp_call *call);

/* Sealing for cursors and states: bound to purpose, principal and key; opaque to the client. */
int mcp_seal(struct mcp_call *call, mcp_str purpose, mcp_str plain, mcp_str *sealed,
             struct mcp_error *err);
/* MCP_EINVAL for anything that was not sealed here for this purpose and principal. */
int mcp_unseal(struct mcp_call *call, mcp_str purpose, mcp_str sealed, mcp_str *plain,
               struct mcp_error *err);

#endif
