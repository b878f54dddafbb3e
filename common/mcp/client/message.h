/* What a client writes and reads: requests in the envelope of their era, and what comes back. */
#ifndef MCP_CLIENT_MESSAGE_H
#define MCP_CLIENT_MESSAGE_H

#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/json.h>

#define MCP__META_PREFIX "io.modelcontextprotocol/"

struct mcp__message;

/* One request before it is text. All borrowed. */
struct mcp__request {
    int64_t id; /* its progress token, too */
    mcp_str method;
    mcp_str params; /* a JSON object, or missing for {} */
    bool modern; /* the envelope of 2026-07-28 */
    bool progress; /* reports are wanted */
    mcp_str client_name, client_version;
    const struct mcp_call *trace; /* whose trace context goes along, or NULL */
};

/* Writes it without a line end. MCP_EINVAL when params are no object or have a _meta of their own;
 * what else can fail stays in out. arena: for a moment's reading of params. */
int mcp__message_request(struct mcp_buf *out, const struct mcp__request *r, struct mcp_arena *arena,
                         struct mcp_error *err);
/* params as in struct mcp__request. */
void mcp__message_notification(struct mcp_buf *out, mcp_str method, mcp_str params);
/* What a client without capabilities answers when the server asks: a sign of life, or a refusal.
 * False, and nothing written, for an id that is too long to be repeated. */
bool mcp__message_reply(struct mcp_buf *out, const struct mcp__message *request);
void mcp__message_cancelled(struct mcp_buf *out, int64_t id, bool late);
/* The params of initialize. */
void mcp__message_initialize_params(struct mcp_buf *out, mcp_str revision, mcp_str name,
                                    mcp_str version);

enum mcp__message_kind {
    MCP__MSG_RESPONSE,
    MCP__MSG_PROGRESS,
    MCP__MSG_REQUEST, /* of the server: wants an answer */
    MCP__MSG_NOTIFICATION,
};

/* Slices of the document it was read from. */
struct mcp__message {
    enum mcp__message_kind kind;
    bool has_id; /* it names a number, as all our ids are */
    int64_t id; /* of a response, or the token of a report */
    mcp_str raw_id; /* of a request; missing: none */
    struct mcp_json method; /* of a request or notification */
    struct mcp_json params;
    struct mcp_json result; /* of a response: an object, or missing */
    struct mcp_json error; /* of a response: an object with a code, or missing */
};

/* 0, or MCP_EDATA for what is no JSON-RPC message, or a response that is neither result nor error. */
int mcp__message_read(struct mcp_json root, struct mcp__message *out, struct mcp_error *err);

/* The numbers of a progress report; message is in arena or missing. 0, or -1 when it has none. */
int mcp__message_progress(struct mcp_json params, struct mcp_arena *arena, double *done,
                          double *total, mcp_str *message);

/* A header value for text: itself where it may stand so, else =?base64?...?= in arena; missing
 * without memory. */
mcp_str mcp__message_header_value(struct mcp_arena *arena, mcp_str text);

#endif
