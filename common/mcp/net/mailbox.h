/* How other threads hand things to the loop: a guarded queue, and a wake-up that carries nothing. */
#ifndef MCP_NET_MAILBOX_H
#define MCP_NET_MAILBOX_H

#include <pthread.h>
#include <stdbool.h>
#include <uv.h>

/* Embedded in what is posted. */
struct mcp_mail {
    struct mcp_mail *next; /* in the mailbox, under its lock */
    bool posted; /* under its lock: not yet delivered */
    void (*deliver)(struct mcp_mail *mail); /* on the loop thread */
};

struct mcp_mailbox {
    uv_async_t async;
    pthread_mutex_t lock;
    struct mcp_mail *first, **last; /* under lock */
    void (*on_wake)(struct mcp_mailbox *box); /* after each delivery, on the loop; may be NULL */
};

/* 0 or a negative uv error. The handle keeps its loop alive until it is closed. */
int mcp__mailbox_init(struct mcp_mailbox *box, uv_loop_t *loop);
/* Any thread. Mail that is already waiting is not queued twice: its delivery sees the latest. */
void mcp__mailbox_post(struct mcp_mailbox *box, struct mcp_mail *mail);
/* Only wakes the loop; safe in a signal handler. */
void mcp__mailbox_wake(struct mcp_mailbox *box);
/* Delivers what waits, on the loop thread; the async does it by itself while the loop runs. */
void mcp__mailbox_drain(struct mcp_mailbox *box);
/* Closes the handle; the loop must run once more. No post may come afterwards. */
void mcp__mailbox_close(struct mcp_mailbox *box);
void mcp__mailbox_release(struct mcp_mailbox *box);

#endif
