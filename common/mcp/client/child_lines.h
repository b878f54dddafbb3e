/* The inside of a child program's transport, and what its loop thread does with lines. */
#ifndef MCP_CLIENT_CHILD_LINES_H
#define MCP_CLIENT_CHILD_LINES_H

#include "mcp/client/child.h"
#include "mcp/net/mailbox.h"
#include "mcp/net/outbox.h"

#define MCP__CHILD_CHUNK ((size_t)64 << 10)

/* One request that waits; on the asking thread's stack. */
struct mcp__pending {
    int64_t id;
    struct mcp_call *call; /* borrowed */
    struct mcp__pending *next; /* under the child's lock */
    /* Under the call's lock. */
    bool changed; /* done, or a new report */
    bool done;
    int rc;
    char *body; /* owned */
    size_t len;
    bool reported;
    double progress, total;
    char message[160];
    bool has_message;
};

/* A message on its way from the asking thread to the loop. */
struct mcp__letter {
    struct mcp_mail mail;
    struct mcp__child *child; /* borrowed */
    int64_t id; /* of the request, -1: none */
    size_t len;
    char text[];
};

struct mcp__child {
    uv_loop_t loop;
    pthread_t thread;
    struct mcp_mailbox mailbox;

    /* The loop thread's once it runs. */
    uv_process_t process;
    uv_pipe_t in, out; /* as the child sees them */
    uv_timer_t timer; /* the grace, or the next step of the end */
    struct mcp_outbox outbox;
    struct mcp_buf input; /* a line that is not whole yet */
    struct mcp_arena *arena; /* owned; one message at a time */
    char *chunk; /* owned; MCP__CHILD_CHUNK */
    size_t max_message_bytes;
    bool skipping; /* the rest of a line that was too long */
    bool started, exited, eof, stopping, over;
    int64_t exit_status;
    int exit_signal;
    unsigned steps; /* of the end: 0 input closed, 1 SIGTERM, 2 SIGKILL */
    struct mcp_mail stop_mail;

    pthread_mutex_t lock;
    /* Under lock. */
    struct mcp__pending *pendings;
    bool gone;
    char why[128]; /* set with gone */
};

/* The loop thread's, except where it says otherwise. */

/* Out of the list and awake; lock held, any thread. From here on p is its owner's. */
void mcp__child_finish(struct mcp__child *c, struct mcp__pending *p, int rc, char *body,
                       size_t len);
void mcp__child_fail_all(struct mcp__child *c, int rc);
/* The mail that a letter is. */
void mcp__child_deliver(struct mcp_mail *mail);
/* What the child wrote, in any portions. */
void mcp__child_take(struct mcp__child *c, mcp_str bytes);

#endif
