/* A tools/call that a worker runs: its deadline, its progress, its cancellation, its late answer. */
#include "mcp/net/flight.h"

#include "mcp/net/task.h"
#include "mcp/proto/envelope.h"

#include <mcp/clock.h>

#include <stddef.h>
#include <stdlib.h>

#define PROGRESS_EVERY_MS 100
#define ASK_MS 600000 /* how long a client's user may think */
#define GRACE_MS 1000 /* between the deadline and the loop's own answer */

#define FLIGHT_OF(ptr, member)                                                                     \
    ((struct mcp_flight *)(void *)((char *)(ptr)-offsetof(struct mcp_flight, member)))

void mcp__flight_count(struct mcp_counters *counters, const struct mcp_call *call,
                       uint64_t elapsed_ms)
{
    mcp__count(call->is_error ? &counters->calls_error : &counters->calls_ok, 1);
    mcp__count(&counters->calls_ms, elapsed_ms);
}

void mcp__flight_busy_error(struct mcp_error *err)
{
    mcp_error_set(err, MCP_EBUSY, "the server is busy");
    mcp_error_next(err, "Try again in a second");
    err->retry_after_ms = 1000;
}

/* ---- on the worker --------------------------------------------------------------------------- */

static void run(struct mcp_job *job)
{
    struct mcp_flight *f = FLIGHT_OF(job, job);
    struct mcp_call *call = f->call;
    struct mcp_error err = { 0 };
    int code;

    if (atomic_load(&call->cancelled)) {
        code = mcp_error_set(&err, MCP_ECANCELLED, "the call was cancelled");
    } else if (mcp_call_cancelled(call)) {
        mcp_error_set(&err, MCP_EDEADLINE, "no worker was free before the deadline");
        code = mcp_error_next(&err, "Try again later");
    } else {
        code = mcp__call_run(call, &err);
        /* A handler sees only that it shall end: that nobody took the call back is known here. */
        if (code == MCP_ECANCELLED && !atomic_load(&call->cancelled) && mcp_call_cancelled(call)) {
            err = (struct mcp_error){ 0 };
            code = mcp__call_late(call, &err);
        }
    }
    mcp__envelope_finish(call, code, &err);
    mcp__mailbox_post(&f->loop->mailbox, &f->done_mail); /* f is the loop's from here on */
    mcp__call_unref(call);
}

static void on_progress(struct mcp_call *call)
{
    struct mcp_flight *f = call->transport;

    if (!atomic_exchange(&f->progress_armed, true))
        mcp__mailbox_post(&f->loop->mailbox, &f->progress_mail);
}

static void on_log(struct mcp_call *call)
{
    struct mcp_flight *f = call->transport;

    mcp__mailbox_post(&f->loop->mailbox, &f->log_mail);
}

static void on_hang_up(struct mcp_call *call)
{
    struct mcp_flight *f = call->transport;

    mcp__mailbox_post(&f->loop->mailbox, &f->hang_up_mail);
}

static void on_task(struct mcp_call *call)
{
    struct mcp_flight *f = call->transport;

    mcp__mailbox_post(&f->loop->mailbox, &f->task_mail);
}

/* ---- on the loop ----------------------------------------------------------------------------- */

/* Out of the list; the handler is not running any more. */
static void land(struct mcp_flight *f)
{
    struct mcp_loop *loop = f->loop;
    struct mcp_call *call = f->call;

    if (f->prev != NULL)
        f->prev->next = f->next;
    else
        loop->flights = f->next;
    if (f->next != NULL)
        f->next->prev = f->prev;
    loop->n_flights--;
    mcp__uncount(&loop->serve->counters.calls_running);
    f->next = loop->spare;
    loop->spare = f;
    mcp__call_unref(call);
}

/* Hands over what was logged, message by message. */
static void send_logs(struct mcp_flight *f)
{
    struct mcp_call *call = f->call;
    struct mcp_buf taken;
    mcp_str rest, line;

    pthread_mutex_lock(&call->lock);
    taken = call->logs;
    mcp_buf_init(&call->logs, MCP_CALL_LOGS_MAX);
    pthread_mutex_unlock(&call->lock);
    rest = mcp_buf_view(&taken);
    while (f->ops != NULL && rest.len > 0) {
        mcp_str_cut(&rest, '\n', &line);
        if (f->ops->log != NULL)
            f->ops->log(f, line);
    }
    mcp_buf_release(&taken);
}

static void deliver_log(struct mcp_mail *mail)
{
    send_logs(FLIGHT_OF(mail, log_mail));
}

static void deliver_hang_up(struct mcp_mail *mail)
{
    struct mcp_flight *f = FLIGHT_OF(mail, hang_up_mail);

    if (f->ops != NULL && f->ops->hang_up != NULL)
        f->ops->hang_up(f);
}

static void deliver_task(struct mcp_mail *mail)
{
    mcp__task_begin(FLIGHT_OF(mail, task_mail));
}

/* Sends the questions of a handler to its client: false when there is no way to it. */
static bool ask(struct mcp_flight *f)
{
    struct mcp_buf *text = &f->loop->scratch;

    if (f->ops->ask == NULL)
        return false;
    f->asked_ms = mcp_clock_mono_ms();
    for (struct mcp_question *q = f->call->questions; q != NULL; q = q->next) {
        q->id = ++f->loop->questions;
        mcp_buf_clear(text);
        mcp__ask_request(text, q);
        if (mcp_buf_error(text) != 0 || !f->ops->ask(f, mcp_buf_view(text)))
            return false;
        f->asking++;
    }
    return true;
}

/* A task asks nobody: its client finds the questions when it looks. False: there is no end to them. */
static bool park(struct mcp_flight *f)
{
    struct mcp_call *call = f->call;

    if (call->questions == NULL || ++call->rounds > MCP_ASK_ROUNDS_MAX)
        return false;
    f->asked_ms = mcp_clock_mono_ms();
    mcp__call_clear(call);
    for (struct mcp_question *q = call->questions; q != NULL; q = q->next) {
        q->id = ++f->loop->questions;
        f->asking++;
    }
    mcp__task_asks(f);
    return true;
}

static void end_asking(struct mcp_flight *f, enum mcp_err code, const char *why)
{
    struct mcp_error err = { 0 };

    f->asking = 0;
    mcp_error_set(&err, code, "%s", why);
    mcp__envelope_finish(f->call, code, &err);
}

static void deliver_done(struct mcp_mail *mail)
{
    struct mcp_flight *f = FLIGHT_OF(mail, done_mail);
    struct mcp_counters *counters = &f->loop->serve->counters;
    const struct mcp_flight_ops *ops = f->ops;

    send_logs(f);
    if (ops != NULL && f->is_task && f->call->input_required) {
        if (park(f))
            return;
        end_asking(f, MCP_EINTERNAL, "the call does not come to an end with its questions");
    }
    if (ops != NULL && f->call->input_required && f->call->questions != NULL &&
        !mcp__revision_has(f->call->rev, MCP_HAS_RESULT_TYPE)) {
        if (ask(f))
            return;
        end_asking(f, MCP_ECAPABILITY, "the client cannot be asked back on this connection");
    }
    if (f->late)
        mcp__count(&counters->late_answers, 1);
    f->ops = NULL;
    if (ops != NULL) {
        mcp__flight_count(counters, f->call, mcp_clock_mono_ms() - f->started_ms);
        ops->done(f, f->call, NULL);
    }
    land(f);
}

static void send_progress(struct mcp_flight *f, uint64_t now)
{
    struct mcp_call *call = f->call;
    char message[sizeof(call->progress.message)];
    int64_t done, total;
    unsigned seq;

    f->progress_waits = false;
    atomic_store(&f->progress_armed, false); /* news from now on come by a new mail */
    pthread_mutex_lock(&call->lock);
    done = call->progress.done;
    total = call->progress.total;
    memcpy(message, call->progress.message, sizeof(message));
    seq = call->progress.seq;
    pthread_mutex_unlock(&call->lock);
    if (f->ops == NULL || f->ops->progress == NULL || seq == f->progress_seq)
        return;
    f->progress_seq = seq;
    f->progress_ms = now;
    f->ops->progress(f, done, total, mcp_str_z(message));
}

static void deliver_progress(struct mcp_mail *mail)
{
    struct mcp_flight *f = FLIGHT_OF(mail, progress_mail);
    uint64_t now = mcp_clock_mono_ms();

    if (f->progress_seq == 0 || now - f->progress_ms >= PROGRESS_EVERY_MS)
        send_progress(f, now);
    else
        f->progress_waits = true; /* the tick sends what is the latest then */
}

static struct mcp_flight *new_flight(struct mcp_loop *loop)
{
    struct mcp_flight *f = loop->spare;

    if (f != NULL) {
        loop->spare = f->next;
        memset(f, 0, sizeof(*f));
    } else {
        f = calloc(1, sizeof(*f));
    }
    return f;
}

enum mcp_start mcp__flight_launch(struct mcp_loop *loop, struct mcp_call *call,
                                  const struct mcp_flight_owner *owner, struct mcp_flight **out)
{
    struct mcp_flight *f = new_flight(loop);

    if (f == NULL)
        return MCP_START_BUSY;
    f->job.run = run;
    f->done_mail.deliver = deliver_done;
    f->progress_mail.deliver = deliver_progress;
    f->log_mail.deliver = deliver_log;
    f->hang_up_mail.deliver = deliver_hang_up;
    f->task_mail.deliver = deliver_task;
    f->loop = loop;
    f->call = call;
    f->ops = owner->ops;
    f->owner = owner->ptr;
    f->scope = owner->scope;
    f->started_ms = mcp_clock_mono_ms();
    call->transport = f;
    if (!mcp_str_is_null(call->progress_token))
        call->on_progress = on_progress;
    if (call->log_level < MCP_CALL_LOG_OFF)
        call->on_log = on_log;
    call->on_hang_up = on_hang_up;
    call->on_task = on_task;
    mcp__call_ref(call); /* the worker's */
    mcp__call_ref(call); /* the loop's */
    if (mcp__workers_submit(loop->workers, &f->job) != 0) {
        call->transport = NULL;
        call->on_progress = NULL;
        call->on_log = NULL;
        call->on_hang_up = NULL;
        call->on_task = NULL;
        mcp__call_unref(call);
        mcp__call_unref(call);
        f->next = loop->spare;
        loop->spare = f;
        mcp__count(&loop->serve->counters.overloads, 1);
        return MCP_START_BUSY;
    }
    f->next = loop->flights;
    if (f->next != NULL)
        f->next->prev = f;
    loop->flights = f;
    loop->n_flights++;
    mcp__count(&loop->serve->counters.calls_running, 1);
    mcp__loop_wake_ticks(loop);
    *out = f;
    return MCP_START_FLYING;
}

bool mcp__flight_fast(struct mcp_loop *loop, struct mcp_call *call)
{
    struct mcp_error err;
    int code;

    mcp_error_clear(&err);
    code = mcp__call_fast(call, &err);
    if (code == MCP_MISS) {
        mcp__call_clear(call);
        return false;
    }
    mcp__envelope_finish(call, code, &err);
    mcp__count(&loop->serve->counters.calls_fast, 1);
    mcp__flight_count(&loop->serve->counters, call, 0);
    return true;
}

enum mcp_start mcp__flight_start(struct mcp_loop *loop, struct mcp_call *call,
                                 const struct mcp_flight_owner *owner, struct mcp_flight **out)
{
    return mcp__flight_fast(loop, call) ? MCP_START_DONE
                                        : mcp__flight_launch(loop, call, owner, out);
}

/* Every question has its answer: the handler runs again, and its clock goes on. */
static void run_again(struct mcp_flight *f)
{
    struct mcp_call *call = f->call;

    if (call->deadline_ms != UINT64_MAX)
        call->deadline_ms += mcp_clock_mono_ms() - f->asked_ms;
    mcp__call_clear(call);
    mcp__call_ref(call); /* the worker's */
    if (mcp__workers_submit(f->loop->workers, &f->job) == 0)
        return;
    mcp__call_unref(call);
    end_asking(f, MCP_EBUSY, "the server is busy");
    mcp__mailbox_post(&f->loop->mailbox, &f->done_mail);
}

void mcp__flight_answered(struct mcp_flight *f, struct mcp_question *q, struct mcp_json answer)
{
    if (mcp_json_type(answer) != MCP_JSON_OBJECT || !mcp__ask_answer(f->call, q, answer)) {
        end_asking(f, MCP_EREFUSED, "the client did not answer what it was asked");
        mcp__mailbox_post(&f->loop->mailbox, &f->done_mail);
    } else if (--f->asking == 0) {
        run_again(f);
    }
}

void mcp__flights_answer(struct mcp_loop *loop, const void *scope, mcp_str id,
                         struct mcp_json response)
{
    int64_t n;

    if (mcp_str_int64(id, &n) != 0 || scope == NULL)
        return;
    for (struct mcp_flight *f = loop->flights; f != NULL; f = f->next) {
        if (f->scope != scope || f->asking == 0)
            continue;
        for (struct mcp_question *q = f->call->questions; q != NULL; q = q->next) {
            if (q->id == (uint64_t)n && !q->answered) {
                mcp__flight_answered(f, q, mcp_json_get(response, MCP_STR("result")));
                return;
            }
        }
    }
}

/* Takes back what no worker has begun, or has any more. True: the flight has landed. */
static bool withdraw(struct mcp_flight *f)
{
    if (f->asking > 0) {
        land(f);
        return true;
    }
    if (!mcp__workers_withdraw(f->loop->workers, &f->job))
        return false;
    mcp__call_unref(f->call); /* the worker's */
    land(f);
    return true;
}

void mcp__flight_abandon(struct mcp_flight *f)
{
    f->ops = NULL;
    mcp__count(&f->loop->serve->counters.calls_cancelled, 1);
    if (!withdraw(f))
        mcp__call_cancel(f->call);
}

void mcp__flights_cancel(struct mcp_loop *loop, const void *scope, mcp_str id)
{
    struct mcp_flight *f = loop->flights;

    while (f != NULL) {
        struct mcp_flight *next = f->next;

        if (f->ops != NULL && f->scope == scope &&
            (mcp_str_is_null(id) || mcp_str_eq(f->call->id, id))) {
            if (f->ops->cancelled != NULL)
                f->ops->cancelled(f);
            mcp__flight_abandon(f);
        }
        f = next;
    }
}

size_t mcp__flights_pending(const struct mcp_loop *loop)
{
    size_t n = 0;

    for (const struct mcp_flight *f = loop->flights; f != NULL; f = f->next)
        n += f->ops != NULL && !f->is_task;
    return n;
}

/* The loop answers by itself; what the handler returns later is dropped and counted. */
static void answer_for(struct mcp_flight *f, const struct mcp_error *err)
{
    const struct mcp_flight_ops *ops = f->ops;

    f->ops = NULL;
    mcp__count(&f->loop->serve->counters.calls_error, 1);
    ops->done(f, NULL, err);
    if (withdraw(f))
        return;
    f->late = true;
    mcp__call_cancel(f->call);
}

static void tick_flight(struct mcp_flight *f, uint64_t now)
{
    struct mcp_loop *loop = f->loop;
    struct mcp_error err = { 0 };

    if (f->ops == NULL)
        return;
    if (f->progress_waits && now - f->progress_ms >= PROGRESS_EVERY_MS)
        send_progress(f, now);
    if (f->ops != NULL && f->asking == 0 && now - f->started_ms >= loop->config.task_after_ms)
        mcp__task_begin(f);
    if (f->ops == NULL)
        return;
    if (loop->stopping && now - loop->stop_ms >= MCP_STOP_ANSWER_MS) {
        mcp_error_set(&err, MCP_ECANCELLED, "the server is shutting down");
        answer_for(f, &err);
    } else if (loop->stopping && now - loop->stop_ms >= MCP_STOP_CANCEL_MS) {
        mcp__call_cancel(f->call);
    } else if (f->asking > 0) {
        if (now - f->asked_ms < ASK_MS)
            return;
        mcp_error_set(&err, MCP_EDEADLINE, "nobody answered what %s asked", f->call->name);
        answer_for(f, &err);
    } else if (f->call->deadline_ms != UINT64_MAX && now >= f->call->deadline_ms + GRACE_MS) {
        mcp__call_late(f->call, &err);
        answer_for(f, &err);
    }
}

void mcp__flights_tick(struct mcp_loop *loop)
{
    uint64_t now = mcp_clock_mono_ms();
    struct mcp_flight *f = loop->flights;

    while (f != NULL) {
        struct mcp_flight *next = f->next; /* f may land; what ops do lands no other flight */

        tick_flight(f, now);
        f = next;
    }
}

void mcp__flights_release(struct mcp_loop *loop)
{
    while (loop->spare != NULL) {
        struct mcp_flight *f = loop->spare;

        loop->spare = f->next;
        free(f);
    }
}
