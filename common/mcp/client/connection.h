/* The inside of struct mcp_client, and one request with its answer over either transport. */
#ifndef MCP_CLIENT_CONNECTION_H
#define MCP_CLIENT_CONNECTION_H

#include "mcp/client/child.h"
#include "mcp/client/mirror.h"
#include "mcp/client/remote.h"
#include "mcp/proto/era.h"

#include <mcp/client.h>

#include <stdatomic.h>

struct mcp_client {
    /* Constant once connected. */
    struct mcp_arena *arena; /* owned: all texts here */
    struct mcp__child *child; /* owned; NULL: HTTP */
    struct mcp__child_spec spec; /* of the child, for a second start */
    struct mcp__remote remote;
    mcp_str name, version;
    enum mcp_client_era era;
    unsigned timeout_ms, probe_ms, max_tools;
    size_t max_answer_bytes;
    bool modern;
    struct mcp_client_server server;

    atomic_int_fast64_t next_id;
    struct mcp__mirrors mirrors;

    pthread_mutex_t lock;
    /* Under lock: what a new session changes. */
    enum mcp_revision rev;
    char session[MCP__SESSION_ID_MAX];
    size_t session_len; /* 0: no session */
    unsigned generation; /* how often a session was opened */
};

/* One request. All borrowed; missing texts are left out. */
struct mcp__exchange {
    mcp_str method;
    mcp_str params; /* a JSON object, or missing */
    mcp_str name; /* for Mcp-Name: a header value */
    const struct mcp_http_header *mirrors;
    size_t n_mirrors;
    bool modern;
    bool opening; /* discover or initialize: no session yet, never cancelled */
    unsigned timeout_ms;
    bool repeatable;
    void (*on_progress)(void *ctx, double done, double total, mcp_str message);
    void *ctx;
};

/* In the call's arena. Neither result nor error: `answer` says what came instead (HTTP only). */
struct mcp__reply {
    struct mcp_json result; /* an object */
    struct mcp_json error; /* an object with an integer code */
    struct mcp__remote_answer answer; /* HTTP only */
    unsigned generation; /* of the session it was sent in */
    bool in_session;
};

/* Sends and waits. 0 with *reply; else what the transport answers, or MCP_EDATA for an answer that
 * is no response to this request. */
int mcp__exchange(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
                  struct mcp__reply *reply, struct mcp_error *err);
/* The reason of a reply without a result, in the server's words. fault may be NULL. */
int mcp__reply_refuse(struct mcp_call *call, const struct mcp_client *client,
                      const struct mcp__reply *reply, struct mcp_client_fault *fault,
                      struct mcp_error *err);
/* The code of an error reply, else 0. */
int mcp__reply_code(const struct mcp__reply *reply);
/* A notification of a legacy connection. */
int mcp__notify(struct mcp_call *call, struct mcp_client *client, mcp_str method,
                struct mcp_error *err);
/* What goes into the headers of a legacy message now; session in arena. */
void mcp__connection_head(struct mcp_client *client, struct mcp_arena *arena,
                          struct mcp__remote_head *head, unsigned *generation);

#endif
