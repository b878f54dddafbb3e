/* The loop thread of one transport: its uv loop, mailbox, ticks, calls in flight, and its end. */
#ifndef MCP_NET_LOOP_H
#define MCP_NET_LOOP_H

#include "mcp/net/mailbox.h"
#include "mcp/net/outbox.h"
#include "mcp/net/serve.h"
#include "mcp/net/worker.h"
#include "mcp/proto/dispatch.h"

struct mcp_flight;
struct mcp_tasks;
struct mcp_watcher;

/* How a SIGTERM ends, counted from it. */
#define MCP_STOP_CANCEL_MS 8000 /* what still runs is cancelled, and answers that */
#define MCP_STOP_ANSWER_MS 8800 /* what does not come back is answered by the loop */
#define MCP_STOP_EXIT_MS 9500 /* the loop ends whatever is left */

/* Everything here belongs to the loop thread, except what the mailbox and the workers guard. */
struct mcp_loop {
    uv_loop_t uv;
    struct mcp_mailbox mailbox;
    struct mcp_serve *serve; /* borrowed */
    struct mcp_serve_config config; /* defaults filled in */
    struct mcp_dispatch dispatch;
    struct mcp_workers *workers; /* owned */
    struct mcp_call_pool *calls; /* owned */
    struct mcp_buf scratch; /* for one reply on its way out */
    struct mcp_outbox_round round; /* of answers on their way out */
    uv_timer_t tick;
    uint64_t tick_ms; /* its period, 0: not running */
    uint64_t last_second; /* when on_second was called */
    struct mcp_flight *flights; /* newest first */
    size_t n_flights;
    struct mcp_flight *spare; /* for reuse */
    struct mcp_tasks *tasks; /* owned */
    struct mcp_watcher *watchers; /* newest first; borrowed */
    size_t n_watchers;
    uint64_t questions; /* asked so far: the ids of our requests */
    bool stopping;
    uint64_t stop_ms; /* when that began */
    bool over;

    /* The transport's, set after init. busy: ticks are wanted without flights too. */
    void *transport;
    bool (*busy)(struct mcp_loop *loop);
    void (*on_second)(struct mcp_loop *loop); /* about once a second while ticking */
    void (*on_stop)(struct mcp_loop *loop); /* mcp__serve_stop was called */
};

/* Zero fields of the configuration become their defaults. */
void mcp__serve_defaults(const struct mcp_serve_config *in, struct mcp_serve_config *out);
/* What dispatch needs of a serve. config has its defaults. */
void mcp__serve_dispatch(const struct mcp_serve *serve, const struct mcp_serve_config *config,
                         struct mcp_dispatch *out);

/* 0, or MCP_ENOMEM / MCP_EIO with err; registers at serve, so that mcp__serve_stop finds it. */
int mcp__loop_init(struct mcp_loop *loop, struct mcp_serve *serve, struct mcp_error *err);
/* Runs until mcp__loop_end. */
void mcp__loop_run(struct mcp_loop *loop);
void mcp__loop_end(struct mcp_loop *loop);
/* Something began that needs ticks. */
void mcp__loop_wake_ticks(struct mcp_loop *loop);
/* Joins the workers until until_ms (serve->stuck when some remain), closes every handle, frees. */
void mcp__loop_release(struct mcp_loop *loop, uint64_t until_ms);

static inline uint64_t mcp__loop_now(const struct mcp_loop *loop)
{
    return uv_now(&loop->uv);
}
/* On the loop thread only: nobody else writes, so the sum needs no locked instruction. */
static inline void mcp__count(atomic_uint_fast64_t *counter, uint64_t n)
{
    uint64_t now = atomic_load_explicit(counter, memory_order_relaxed);

    atomic_store_explicit(counter, now + n, memory_order_relaxed);
}
static inline void mcp__uncount(atomic_uint_fast64_t *gauge)
{
    mcp__count(gauge, UINT64_MAX);
}

#endif
