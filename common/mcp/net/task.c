/* How a call in flight becomes a task, what its client asks about it, and who is told of it. */
#include "mcp/net/task.h"

#include "mcp/proto/envelope.h"
#include "mcp/proto/task.h"

#include <mcp/clock.h>
#include <mcp/random.h>

#define ID_BYTES 16

static const struct mcp_question *questions_of(const struct mcp_task *task)
{
    const struct mcp_flight *f = task->live;

    return task->status == MCP_TASK_INPUT ? f->call->questions : NULL;
}

static void note(struct mcp_loop *loop, const struct mcp_task *task, struct mcp_watcher *w)
{
    mcp_buf_clear(&loop->scratch);
    mcp__task_note(&loop->scratch, task, questions_of(task), w->watch);
    w->send(w, mcp_buf_view(&loop->scratch));
}

/* To everybody who watches the task; leaves the loop's scratch empty. */
static void tell(struct mcp_loop *loop, const struct mcp_task *task)
{
    struct mcp_watcher *next;

    for (struct mcp_watcher *w = loop->watchers; w != NULL; w = next) {
        next = w->next;
        if (mcp__watch_wants_task(w->watch, mcp_str_z(task->id)))
            note(loop, task, w);
    }
    mcp_buf_clear(&loop->scratch);
}

/* The member "result" or "error" of a whole response. */
static mcp_str outcome_of(mcp_str response, mcp_str id)
{
    size_t from = sizeof("{\"jsonrpc\":\"2.0\",\"id\":") - 1 + id.len + 1;

    return mcp_str_n(response.ptr + from, response.len - from - 1);
}

static void on_done(struct mcp_flight *f, struct mcp_call *call, const struct mcp_error *err)
{
    const struct mcp_registry *registry = f->loop->serve->registry;
    mcp_str parts[MCP_ENVELOPE_PARTS], outcome;
    struct mcp_buf *text = &f->loop->scratch;
    bool failed = call != NULL && call->rpc_error;
    size_t n;

    mcp_buf_clear(text);
    if (call == NULL) {
        mcp__envelope_error(text, registry, f->call, err);
    } else {
        n = mcp__envelope_parts(registry, call, parts);
        for (size_t i = 0; i < n; i++)
            mcp_buf_str(text, parts[i]);
    }
    outcome = outcome_of(mcp_buf_view(text), f->call->id);
    mcp__task_end(f->loop->tasks, f->owner, failed ? MCP_TASK_FAILED : MCP_TASK_COMPLETED, outcome,
                  mcp_clock_now());
    tell(f->loop, f->owner);
}

/* A task has no stream: its client asks, or watches. */
static const struct mcp_flight_ops ops = { .done = on_done };

void mcp__task_begin(struct mcp_flight *f)
{
    struct mcp_loop *loop = f->loop;
    const struct mcp_flight_ops *before = f->ops;
    unsigned char random[ID_BYTES];
    struct mcp_task *task;
    uint64_t now = mcp_clock_mono_ms();

    if (before == NULL || before->task == NULL || f->is_task || !f->call->may_be_task ||
        loop->stopping)
        return;
    mcp_random_bytes(random, sizeof(random));
    if (mcp__task_add(loop->tasks, random, f->call->principal, mcp_clock_now(), now, &task) != 0)
        return; /* it goes on as the call that it is */
    task->live = f;
    f->is_task = true;
    f->call->deadline_ms = now + loop->config.task_deadline_ms;
    mcp_buf_clear(&loop->scratch);
    mcp__task_created(&loop->scratch, loop->serve->registry, f->call->id, task);
    before->task(f, mcp_buf_view(&loop->scratch));
    f->ops = &ops;
    f->owner = task;
    f->scope = NULL;
}

void mcp__task_asks(struct mcp_flight *f)
{
    struct mcp_task *task = f->owner;

    task->status = MCP_TASK_INPUT;
    task->updated_s = mcp_clock_now();
    tell(f->loop, task);
}

/* ---- what clients ask ------------------------------------------------------------------------ */

/* Takes the answers to what is open; other keys are passed over. */
static void update(struct mcp_task *task, struct mcp_json inputs)
{
    struct mcp_flight *f = task->live;
    unsigned before;

    if (task->status != MCP_TASK_INPUT)
        return;
    before = f->asking;
    for (struct mcp_question *q = f->call->questions; q != NULL && f->asking > 0; q = q->next) {
        struct mcp_json answer = mcp__ask_pick(inputs, q);

        if (!q->answered && mcp_json_type(answer) == MCP_JSON_OBJECT)
            mcp__flight_answered(f, q, answer);
    }
    /* The last answer has sent it on its way; its questions are the worker's then. */
    if (f->asking == 0)
        task->status = MCP_TASK_WORKING;
    if (f->asking < before) {
        task->updated_s = mcp_clock_now();
        tell(f->loop, task);
    }
}

static void cancel(struct mcp_loop *loop, struct mcp_task *task)
{
    struct mcp_flight *f = task->live;

    if (f == NULL)
        return; /* its end is its end */
    mcp__task_end(loop->tasks, task, MCP_TASK_CANCELLED, MCP_STR_NULL, mcp_clock_now());
    mcp__flight_abandon(f);
    tell(loop, task);
}

bool mcp__task_answer(struct mcp_loop *loop, const struct mcp_outcome *out, mcp_str principal,
                      struct mcp_buf *reply)
{
    const struct mcp_registry *registry = loop->serve->registry;
    struct mcp_task *task =
        mcp__task_find(loop->tasks, out->task_id, principal, mcp_clock_mono_ms());

    if (task == NULL) {
        mcp__rpc_error(reply, out->id, mcp_err_rpc(MCP_EINVAL), MCP_STR("Unknown task"),
                       MCP_STR_NULL);
        return true;
    }
    if (out->method == MCP_METHOD_TASKS_GET) {
        mcp__task_got(reply, registry, out->id, task, questions_of(task));
        return false;
    }
    if (out->method == MCP_METHOD_TASKS_UPDATE)
        update(task, out->inputs);
    else
        cancel(loop, task);
    mcp__task_ack(reply, registry, out->id);
    return false;
}

/* ---- who watches ----------------------------------------------------------------------------- */

struct owner {
    struct mcp_loop *loop;
    mcp_str principal;
};

static bool is_own(void *ctx, mcp_str id)
{
    const struct owner *o = ctx;

    return mcp__task_find(o->loop->tasks, id, o->principal, mcp_clock_mono_ms()) != NULL;
}

void mcp__tasks_own(struct mcp_loop *loop, struct mcp_watch *watch, mcp_str principal)
{
    struct owner owner = { .loop = loop, .principal = principal };

    mcp__watch_keep_tasks(watch, is_own, &owner);
}

void mcp__tasks_greet(struct mcp_loop *loop, struct mcp_watcher *watcher)
{
    for (const struct mcp_task *t = mcp__tasks_first(loop->tasks); t != NULL; t = t->next) {
        if (mcp__watch_wants_task(watcher->watch, mcp_str_z(t->id)))
            note(loop, t, watcher);
    }
    mcp_buf_clear(&loop->scratch);
}

void mcp__tasks_stop(struct mcp_loop *loop)
{
    struct mcp_flight *f = loop->flights, *next;

    for (; f != NULL; f = next) {
        next = f->next;
        if (f->is_task && f->ops != NULL)
            cancel(loop, f->owner);
    }
}
