/* A server as a child program: its start, its lines in both directions, and its end. */
#ifndef MCP_CLIENT_CHILD_H
#define MCP_CLIENT_CHILD_H

#include <mcp/call.h>

struct mcp__child;

/* All borrowed until mcp__child_start returned. */
struct mcp__child_spec {
    const char *const *argv; /* ended by NULL */
    const char *cwd; /* NULL: ours */
    const char *const *env; /* the whole of it, ended by NULL; NULL: ours */
    bool quiet; /* its stderr goes nowhere */
    size_t max_message_bytes;
};

/* Starts the program, and the loop thread that talks to it. 0, MCP_EUNAVAILABLE (no such program,
 * no thread) or MCP_ENOMEM. */
int mcp__child_start(const struct mcp__child_spec *spec, struct mcp__child **out,
                     struct mcp_error *err);

struct mcp__child_ask {
    int64_t id; /* what text carries, and no other request that waits */
    mcp_str text; /* one message without a line end; borrowed */
    uint64_t until_ms; /* monotonic; the call's deadline holds too */
    bool keep; /* not cancelled at the server when nobody waits any longer */
    void (*on_progress)(void *ctx, double done, double total, mcp_str message); /* or NULL */
    void *ctx;
};

/* Any thread: sends and waits. 0 with the line of the response in the call's arena;
 * MCP_EUNAVAILABLE (the program ended), MCP_EBUSY (it does not read), MCP_EDATA, MCP_ETOOBIG,
 * MCP_EDEADLINE, MCP_ECANCELLED, MCP_ENOMEM. */
int mcp__child_ask(struct mcp_call *call, struct mcp__child *child,
                   const struct mcp__child_ask *ask, mcp_str *answer, struct mcp_error *err);
/* Any thread: a message that gets no answer; lost when the program has ended. */
void mcp__child_tell(struct mcp__child *child, mcp_str text);
/* True once its output has ended: nothing will be answered any more. */
bool mcp__child_gone(struct mcp__child *child);

/* Closes its input, waits 2 s for its exit, then ends it. Nobody may be inside. NULL is fine. */
void mcp__child_stop(struct mcp__child *child);

#endif
