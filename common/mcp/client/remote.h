/* A server behind HTTP: one POST per message, answers as JSON or as an event stream. */
#ifndef MCP_CLIENT_REMOTE_H
#define MCP_CLIENT_REMOTE_H

#include <mcp/fetch.h>
#include <mcp/secret.h>

#define MCP__SESSION_ID_MAX 512

/* The caller's storage; constant after init, so that any thread may use it. */
struct mcp__remote {
    mcp_str url; /* borrowed */
    bool allow_http;
    struct mcp_secret authorization; /* owned: "Bearer ...", or none */
    size_t max_answer_bytes;
};

/* 0, MCP_EINVAL (a token that no header can carry) or MCP_ENOMEM. token may be NULL. */
int mcp__remote_init(struct mcp__remote *remote, mcp_str url, const struct mcp_secret *token,
                     struct mcp_error *err);
void mcp__remote_release(struct mcp__remote *remote);

/* What goes with each message. Missing texts are left out. All borrowed. */
struct mcp__remote_head {
    mcp_str revision; /* MCP-Protocol-Version */
    mcp_str session; /* Mcp-Session-Id */
    mcp_str method, name; /* Mcp-Method, Mcp-Name (already a header value) */
    const struct mcp_http_header *mirrors; /* Mcp-Param-* */
    size_t n_mirrors;
};

struct mcp__remote_ask {
    struct mcp__remote_head head;
    int64_t id; /* what text carries */
    mcp_str text; /* one message; borrowed */
    uint64_t until_ms; /* monotonic; the call's deadline holds too */
    bool repeatable;
    bool cancel; /* a notification tells the server when nobody waits any longer */
    bool legacy; /* a broken event stream is taken up again where it ended; a server may ask, too */
    void (*on_progress)(void *ctx, double done, double total, mcp_str message); /* or NULL */
    void *ctx;
};

/* In the call's arena. */
struct mcp__remote_answer {
    int status;
    mcp_str text; /* one JSON text, claimed to be the response; missing: there was none */
    mcp_str session; /* Mcp-Session-Id, checked; or missing */
    int retry_after_ms; /* 0: not said */
};

/* 0 with whatever the server answered, by any status; else as mcp_fetch. The answer counts as soon
 * as it has come: a stream that stays open after it is left. */
int mcp__remote_ask(struct mcp_call *call, const struct mcp__remote *remote,
                    const struct mcp__remote_ask *ask, struct mcp__remote_answer *answer,
                    struct mcp_error *err);
/* A notification: waits until it is taken, for timeout_ms at most. even_cancelled: it is sent
 * although the call has ended, and not waited for then. */
int mcp__remote_tell(struct mcp_call *call, const struct mcp__remote *remote,
                     const struct mcp__remote_head *head, mcp_str text, unsigned timeout_ms,
                     bool even_cancelled, struct mcp_error *err);
/* DELETE of the session; what the server says to it does not matter. */
void mcp__remote_end_session(struct mcp_call *call, const struct mcp__remote *remote,
                             const struct mcp__remote_head *head);
/* Why an answer without a response is none, as an error. */
int mcp__remote_explain(const struct mcp__remote *remote, const struct mcp__remote_answer *answer,
                        struct mcp_error *err);

#endif
