/* The loop thread of one transport: its uv loop, mailbox, ticks, calls in flight, and its end. */
#include "mcp/net/loop.h"

#include "mcp/net/flight.h"
#include "mcp/net/task.h"
#include "mcp/net/wait.h"
#include "mcp/proto/task.h"

#include <mcp/clock.h>
#include <mcp/log.h>

#include <sched.h>
#include <signal.h>

#define FAST_TICK_MS 100 /* while calls run: progress and deadlines */
#define SLOW_TICK_MS 1000 /* while there are only connections */
#define CALLS_KEPT 128 /* finished calls whose memory is kept */
#define SCRATCH_MAX (MCP_CALL_RESULT_MAX * 3)

const char *const mcp__count_method_names[MCP_N_COUNT_METHODS] = {
    [MCP_COUNT_TOOLS_CALL] = "tools/call",
    [MCP_COUNT_TOOLS_LIST] = "tools/list",
    [MCP_COUNT_RESOURCES_LIST] = "resources/list",
    [MCP_COUNT_TEMPLATES_LIST] = "resources/templates/list",
    [MCP_COUNT_RESOURCES_READ] = "resources/read",
    [MCP_COUNT_PROMPTS_LIST] = "prompts/list",
    [MCP_COUNT_PROMPTS_GET] = "prompts/get",
    [MCP_COUNT_COMPLETE] = "completion/complete",
    [MCP_COUNT_SET_LEVEL] = "logging/setLevel",
    [MCP_COUNT_LISTEN] = "subscriptions/listen",
    [MCP_COUNT_SUBSCRIBE] = "resources/subscribe",
    [MCP_COUNT_UNSUBSCRIBE] = "resources/unsubscribe",
    [MCP_COUNT_TASKS_GET] = "tasks/get",
    [MCP_COUNT_TASKS_UPDATE] = "tasks/update",
    [MCP_COUNT_TASKS_CANCEL] = "tasks/cancel",
    [MCP_COUNT_DISCOVER] = "server/discover",
    [MCP_COUNT_INITIALIZE] = "initialize",
    [MCP_COUNT_PING] = "ping",
    [MCP_COUNT_NOTIFICATION] = "notification",
    [MCP_COUNT_OTHER] = "other",
};
/* Dispatch names the methods, the counters count them: one order. */
_Static_assert((int)MCP_COUNT_TOOLS_CALL == (int)MCP_METHOD_TOOLS_CALL, "one order");
_Static_assert((int)MCP_COUNT_NOTIFICATION == (int)MCP_METHOD_NOTIFICATION, "one order");
_Static_assert((int)MCP_COUNT_OTHER == (int)MCP_METHOD_OTHER, "one order");

void mcp__serve_defaults(const struct mcp_serve_config *in, struct mcp_serve_config *out)
{
#define DEFAULT(field, value)                                                                      \
    do {                                                                                           \
        if (out->field == 0)                                                                       \
            out->field = (value);                                                                  \
    } while (0)
    *out = *in;
    DEFAULT(deadline_ms, 20000);
    DEFAULT(max_body_bytes, (size_t)4 << 20);
    DEFAULT(max_header_bytes, (size_t)16 << 10);
    DEFAULT(max_connections, 1024);
    DEFAULT(max_sessions, 1024);
    DEFAULT(max_queue, 256);
    DEFAULT(max_batch, 64);
    DEFAULT(max_json_tokens, 262144);
    DEFAULT(max_replay_bytes, (size_t)16 << 20);
    DEFAULT(header_timeout_ms, 10000);
    DEFAULT(idle_timeout_ms, 75000);
    DEFAULT(session_idle_ms, 1800000);
    DEFAULT(workers, 80);
    DEFAULT(task_after_ms, 10000);
    DEFAULT(task_deadline_ms, 300000);
    DEFAULT(max_tasks, 1000);
    DEFAULT(max_task_bytes, (size_t)64 << 20);
#undef DEFAULT
    if (out->mcp_path == NULL)
        out->mcp_path = "/mcp";
}

void mcp__serve_dispatch(const struct mcp_serve *serve, const struct mcp_serve_config *config,
                         struct mcp_dispatch *out)
{
    *out = (struct mcp_dispatch){
        .registry = serve->registry,
        .sealer = serve->sealer,
        .user = serve->user,
        .text_json = config->text_json,
        .deadline_ms = config->deadline_ms,
        .max_batch = config->max_batch,
        .limits = { .max_bytes = config->max_body_bytes, .max_tokens = config->max_json_tokens },
    };
}

/* Ticks exist only while something needs them: an idle server sleeps. */
static void set_period(struct mcp_loop *loop);

static void on_tick(uv_timer_t *timer)
{
    struct mcp_loop *loop = timer->data;
    uint64_t now = mcp__loop_now(loop);

    mcp__flights_tick(loop);
    if (now - loop->last_second >= SLOW_TICK_MS) {
        loop->last_second = now;
        atomic_store_explicit(&loop->serve->counters.workers, mcp__workers_threads(loop->workers),
                              memory_order_relaxed);
        mcp_log_flush(0);
        if (loop->on_second != NULL)
            loop->on_second(loop);
        if (loop->serve->on_tick != NULL)
            loop->serve->on_tick(loop->serve->ctx);
    }
    if (loop->stopping && mcp_clock_mono_ms() - loop->stop_ms >= MCP_STOP_EXIT_MS)
        mcp__loop_end(loop);
    set_period(loop);
}

static void set_period(struct mcp_loop *loop)
{
    uint64_t period = 0;

    if (loop->n_flights > 0 || loop->stopping)
        period = FAST_TICK_MS;
    else if (loop->busy != NULL && loop->busy(loop))
        period = SLOW_TICK_MS;
    if (period == loop->tick_ms)
        return;
    loop->tick_ms = period;
    if (period == 0)
        uv_timer_stop(&loop->tick);
    else
        uv_timer_start(&loop->tick, on_tick, period, period);
}

void mcp__loop_wake_ticks(struct mcp_loop *loop)
{
    if (loop->tick_ms != FAST_TICK_MS)
        set_period(loop);
}

static void on_wake(struct mcp_mailbox *box)
{
    struct mcp_loop *loop = box->async.loop->data;

    if (loop->stopping || !atomic_load(&loop->serve->stopping))
        return;
    loop->stopping = true;
    loop->stop_ms = mcp_clock_mono_ms();
    set_period(loop);
    mcp__tasks_stop(loop);
    if (loop->on_stop != NULL)
        loop->on_stop(loop);
}

void mcp__serve_stop(struct mcp_serve *serve)
{
    struct mcp_loop *loop;

    atomic_fetch_add(&serve->stoppers, 1);
    atomic_store(&serve->stopping, true);
    loop = atomic_load(&serve->loop);
    if (loop != NULL)
        mcp__mailbox_wake(&loop->mailbox);
    atomic_fetch_sub(&serve->stoppers, 1);
}

int mcp__loop_init(struct mcp_loop *loop, struct mcp_serve *serve, struct mcp_error *err)
{
    int rc;

    memset(loop, 0, sizeof(*loop));
    loop->serve = serve;
    serve->stuck = false;
    signal(SIGPIPE, SIG_IGN);
    mcp__serve_defaults(&serve->config, &loop->config);
    mcp__serve_dispatch(serve, &loop->config, &loop->dispatch);
    mcp__cpu_slots_set(loop->config.cpu_slots);
    mcp_buf_init(&loop->scratch, SCRATCH_MAX);
    rc = uv_loop_init(&loop->uv);
    if (rc != 0)
        return mcp_error_set(err, MCP_EIO, "no event loop: %s", uv_strerror(rc));
    loop->uv.data = loop;
    rc = mcp__mailbox_init(&loop->mailbox, &loop->uv);
    if (rc != 0) {
        uv_loop_close(&loop->uv);
        return mcp_error_set(err, MCP_EIO, "no wake-up for the event loop: %s", uv_strerror(rc));
    }
    loop->mailbox.on_wake = on_wake;
    uv_timer_init(&loop->uv, &loop->tick);
    loop->tick.data = loop;
    loop->workers = mcp__workers_new(loop->config.workers, loop->config.max_queue);
    loop->calls = mcp__call_pool_new(CALLS_KEPT);
    loop->tasks = mcp__tasks_new(loop->config.max_tasks, loop->config.max_task_bytes);
    if (loop->workers == NULL || loop->calls == NULL || loop->tasks == NULL) {
        mcp__loop_release(loop, 0);
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the event loop");
    }
    atomic_store(&serve->loop, loop);
    return 0;
}

void mcp__loop_run(struct mcp_loop *loop)
{
    /* A stop before this point has found no loop to wake. */
    if (atomic_load(&loop->serve->stopping))
        mcp__mailbox_wake(&loop->mailbox);
    while (!loop->over) {
        uv_run(&loop->uv, UV_RUN_ONCE);
        mcp__outbox_round_end(&loop->round);
    }
}

void mcp__loop_end(struct mcp_loop *loop)
{
    loop->over = true;
    uv_stop(&loop->uv);
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void mcp__loop_release(struct mcp_loop *loop, uint64_t until_ms)
{
    struct mcp_serve *serve = loop->serve;

    atomic_store(&serve->loop, NULL);
    while (atomic_load(&serve->stoppers) > 0)
        sched_yield();
    for (struct mcp_flight *f = loop->flights; f != NULL;) {
        struct mcp_flight *next = f->next;

        /* Its owner frees what it holds for the answer. */
        if (f->ops != NULL) {
            if (f->ops->cancelled != NULL)
                f->ops->cancelled(f);
            mcp__flight_abandon(f);
        }
        f = next;
    }
    if (mcp__workers_stop(loop->workers, until_ms) > 0) {
        /* They use the mailbox and their calls: all of it stays for the end of the process. */
        serve->stuck = true;
        return;
    }
    mcp__mailbox_drain(&loop->mailbox);
    mcp__flights_release(loop);
    uv_walk(&loop->uv, close_handle, NULL);
    while (uv_run(&loop->uv, UV_RUN_DEFAULT) != 0)
        continue;
    uv_loop_close(&loop->uv);
    mcp__mailbox_release(&loop->mailbox);
    mcp__call_pool_free(loop->calls);
    mcp__tasks_free(loop->tasks);
    mcp_buf_release(&loop->scratch);
}
