/* From one message to its answer or to a call that is ready to run: the validation ladder. */
#ifndef MCP_PROTO_DISPATCH_H
#define MCP_PROTO_DISPATCH_H

#include "mcp/proto/call_internal.h"
#include "mcp/proto/jsonrpc.h"
#include "mcp/proto/param_header.h"
#include "mcp/proto/registry.h"
#include "mcp/proto/watch.h"

/* The same for all messages of a server; borrowed. */
struct mcp_dispatch {
    const struct mcp_registry *registry;
    const struct mcp_sealer *sealer;
    void *user;
    bool text_json;
    unsigned deadline_ms; /* of tools that name none; UINT_MAX: none */
    size_t max_batch;
    struct mcp_json_limits limits;
};

enum mcp_method {
    MCP_METHOD_TOOLS_CALL,
    MCP_METHOD_TOOLS_LIST,
    MCP_METHOD_RESOURCES_LIST,
    MCP_METHOD_TEMPLATES_LIST,
    MCP_METHOD_RESOURCES_READ,
    MCP_METHOD_PROMPTS_LIST,
    MCP_METHOD_PROMPTS_GET,
    MCP_METHOD_COMPLETE,
    MCP_METHOD_SET_LEVEL,
    MCP_METHOD_LISTEN,
    MCP_METHOD_SUBSCRIBE,
    MCP_METHOD_UNSUBSCRIBE,
    MCP_METHOD_TASKS_GET,
    MCP_METHOD_TASKS_UPDATE,
    MCP_METHOD_TASKS_CANCEL,
    MCP_METHOD_DISCOVER,
    MCP_METHOD_INITIALIZE,
    MCP_METHOD_PING,
    MCP_METHOD_NOTIFICATION,
    MCP_METHOD_OTHER,
};

enum mcp_session_state {
    MCP_SESSION_ABSENT, /* the request names none */
    MCP_SESSION_UNKNOWN, /* it names one that is not (any more) there */
    MCP_SESSION_OPEN,
};

/* What the transport knows of a message. Slices are borrowed until mcp__dispatch returned. */
struct mcp_inbound {
    bool http; /* else stdio: no headers, sticky era */
    bool in_batch;
    mcp_str version_header; /* trimmed; missing when absent, as the next ones */
    mcp_str method_header;
    mcp_str name_header;
    mcp_param_lookup_fn param_header;
    void *param_ctx;
    mcp_str traceparent; /* the HTTP header; _meta wins */
    enum mcp_session_state session;
    enum mcp_revision rev; /* negotiated: of the session, or of the stdio connection */
    struct mcp_era_pin *pin; /* stdio */
    int *log_level; /* of the legacy session; logging/setLevel writes it; NULL: none */
    mcp_str principal;
    unsigned client_caps; /* of the legacy session */
    struct mcp_watch *watch; /* of the legacy session, for resources/subscribe; NULL: none */
    uint64_t now_ms; /* monotonic */
    int64_t wall_s; /* seconds of 1970 */
};

enum mcp_outcome_kind {
    MCP_OUT_REPLY, /* the reply has been written */
    MCP_OUT_NONE, /* nothing to say: a notification */
    MCP_OUT_CALL, /* call is ready for fast or run */
    MCP_OUT_DONE, /* call is finished already (bad arguments) */
    MCP_OUT_CANCEL, /* end the call with the id `id`, then nothing to say */
    MCP_OUT_LISTEN, /* keep the stream open for what `watch` wants; its acknowledgement is first */
    MCP_OUT_TASK, /* method, with task_id and inputs, is the transport's to answer */
    MCP_OUT_ANSWER, /* `answer` is a response to our request `id`, then nothing to say */
};

struct mcp_outcome {
    enum mcp_outcome_kind kind;
    enum mcp_method method;
    enum mcp_era era;
    enum mcp_revision rev;
    int status; /* for HTTP: 200, 202, 400, 404 */
    bool is_error; /* the reply is a JSON-RPC error */
    bool initialized; /* reply answers initialize; rev is what the session gets */
    unsigned client_caps; /* with initialized: what the session gets */
    mcp_str id; /* token, in the document */
    struct mcp_json answer; /* the whole response */
    struct mcp_watch watch; /* the receiver releases it */
    mcp_str task_id; /* in the call's arena */
    struct mcp_json inputs; /* of tasks/update */
};

/* Parses text into call->arena (text must live as long) or writes the -32700/-32600 error to reply:
 * 0 with *root, else MCP_EPARSE or MCP_ETOOBIG and *out. */
int mcp__dispatch_parse(const struct mcp_dispatch *d, struct mcp_call *call, mcp_str text,
                        struct mcp_json *root, struct mcp_buf *reply, struct mcp_outcome *out);

/* One message that is not an array. call is fresh; its arena holds the document, or is kept alive
 * longer than the document's. It is filled only for MCP_OUT_CALL and MCP_OUT_DONE. reply is
 * appended to only for MCP_OUT_REPLY. */
void mcp__dispatch(const struct mcp_dispatch *d, const struct mcp_inbound *in, struct mcp_json root,
                   struct mcp_call *call, struct mcp_buf *reply, struct mcp_outcome *out);

/* An array: 0 when its elements may go through mcp__dispatch one by one (in_batch set), else
 * MCP_EREQUEST with the error in reply. */
int mcp__dispatch_batch(const struct mcp_dispatch *d, const struct mcp_inbound *in,
                        struct mcp_json root, struct mcp_buf *reply, struct mcp_outcome *out);

/* Looks the tool up and fills call for a direct use, without JSON-RPC: the arguments are checked;
 * 0 ready to run, 1 finished (bad arguments), MCP_EINVAL: no such tool, no object. */
int mcp__dispatch_direct(const struct mcp_dispatch *d, struct mcp_call *call, mcp_str tool,
                         struct mcp_json args, uint64_t now_ms, struct mcp_error *err);

#endif
