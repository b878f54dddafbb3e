/* The worker's side of upstream requests: start, wait, retry, follow, and say what went wrong. */
#include "mcp/upstream/fetch.h"

#include "mcp/proto/call_internal.h"
#include "mcp/upstream/answer.h"
#include "mcp/upstream/request.h"
#include "mcp/upstream/retry.h"
#include "mcp/upstream/stream.h"

#include <mcp/clock.h>

#define DEFAULT_TIMEOUT_MS 60000
#define SURVIVE_MS 3000
#define REDIRECTS_MAX 5
#define PARALLEL_MAX 64

/* One request through its attempts and redirects; the worker's alone. */
struct job {
    const struct mcp_http_req *req; /* borrowed */
    size_t index;
    enum { JOB_WAITING, JOB_ACTIVE, JOB_DONE } state;
    struct mcp__target target;
    struct mcp__transfer *t; /* owned: one reference; NULL unless active */
    unsigned attempts;
    unsigned redirects;
    uint64_t first_ms; /* 0: never begun */
    uint64_t next_ms; /* waiting: not before */
};

/* All jobs of one mcp_fetch or mcp_fetch_all. */
struct batch {
    struct mcp_call *call; /* borrowed */
    struct mcp__group *group; /* owned: one reference */
    struct job *jobs; /* in the call's arena */
    size_t n;
    size_t n_active, n_done;
    unsigned parallel;
    int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                struct mcp_error *err);
    void *ctx;
};

/* Begins an attempt, which ends by its own timeout; the call's deadline is waited for here. over:
 * the call has ended already and nobody waits. */
static int start(struct batch *b, struct job *job, bool over, struct mcp_error *err)
{
    unsigned timeout = job->req->timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : job->req->timeout_ms;
    uint64_t now = mcp_clock_mono_ms();
    struct mcp__transfer *t;
    int rc;

    if (job->first_ms == 0) {
        rc = mcp__request_check(job->req, b->call->arena, &job->target, err);
        if (rc < 0)
            return rc;
        job->first_ms = now;
    }
    t = mcp__request_transfer(job->req, &job->target, b->group);
    if (t == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    mcp__answer_clamp(t);
    t->job = job;
    t->until_ms = now + timeout;
    if (over) {
        atomic_store(&t->survive_ms, now + SURVIVE_MS);
        atomic_store(&t->abandoned, true);
    }
    rc = mcp__transfer_submit(t, err);
    if (rc < 0 || over) {
        mcp__transfer_unref(t);
        return rc;
    }
    job->t = t;
    job->attempts++;
    job->state = JOB_ACTIVE;
    b->n_active++;
    return 0;
}

/* Tells the caller of one job's end. */
static int finish(struct batch *b, struct job *job, const struct mcp_http_res *res, int code,
                  struct mcp_error *err)
{
    int rc;

    job->state = JOB_DONE;
    b->n_done++;
    rc = b->each(b->ctx, job->index, res, code, err);
    if (rc == 0)
        mcp_error_clear(err); /* it took note of this failure; the next one has its own text */
    return rc;
}

/* The pieces decide, before the transfer's end or at it: enough, or an error. */
static int finish_stream(struct batch *b, struct job *job, int code, struct mcp_error *err)
{
    struct mcp_http_res res;

    if (code > 0)
        code = mcp__answer_head(job->t, b->call->arena, &res, err);
    mcp__transfer_abandon(job->t, 0);
    job->t = NULL;
    b->n_active--;
    if (code < 0)
        return finish(b, job, NULL, code, err);
    res.attempts = job->attempts;
    res.elapsed_ms = mcp_clock_mono_ms() - job->first_ms;
    return finish(b, job, &res, 0, err);
}

/* Gives what has come of the answers that come in pieces. */
static int give_pieces(struct batch *b, struct mcp_error *err)
{
    int rc = 0;

    for (size_t i = 0; i < b->n && rc == 0; i++) {
        struct job *job = &b->jobs[i];

        if (job->state != JOB_ACTIVE || job->req->on_piece == NULL)
            continue;
        rc = mcp__stream_give(job->t, job->req);
        if (rc != 0)
            rc = finish_stream(b, job, rc, err);
    }
    return rc;
}

/* What the end of one attempt means: another attempt, another place, or the end of the job. */
static int step(struct batch *b, struct job *job, struct mcp_error *err)
{
    struct mcp__transfer *t = job->t;
    struct mcp_http_res res;
    uint64_t now = mcp_clock_mono_ms(), wait;
    mcp_str location;
    int rc = mcp__stream_give(t, job->req);

    if (rc != 0)
        return finish_stream(b, job, rc, err);
    job->t = NULL;
    job->state = JOB_WAITING;
    job->next_ms = now;
    b->n_active--;
    if (!t->streaming && job->attempts <= job->req->retries &&
        mcp__retry_wait(t, job->req, job->target.method, job->attempts,
                        mcp_call_remaining_ms(b->call), &wait)) {
        job->next_ms = now + wait;
        mcp__transfer_unref(t);
        return 0;
    }
    rc = mcp__answer_take(t, b->call->arena, &res, err);
    mcp__transfer_unref(t);
    if (rc < 0)
        return finish(b, job, NULL, rc, err);
    res.attempts = job->attempts;
    res.elapsed_ms = now - job->first_ms;
    location = mcp_http_header_get(&res, MCP_STR("location"));
    if (job->req->follow && job->redirects < REDIRECTS_MAX &&
        mcp__request_redirect(job->req, b->call->arena, res.status, location, &job->target)) {
        job->redirects++;
        job->attempts--; /* a redirect is not a failure */
        return 0;
    }
    return finish(b, job, &res, 0, err);
}

/* Starts what may start; *next is when the next waiting job may. */
static int start_due(struct batch *b, uint64_t *next, struct mcp_error *err)
{
    uint64_t now = mcp_clock_mono_ms();

    *next = UINT64_MAX;
    for (size_t i = 0; i < b->n && b->n_active < b->parallel; i++) {
        struct job *job = &b->jobs[i];
        int rc;

        if (job->state != JOB_WAITING)
            continue;
        if (job->next_ms > now) {
            *next = job->next_ms < *next ? job->next_ms : *next;
            continue;
        }
        rc = start(b, job, false, err);
        if (rc < 0)
            rc = finish(b, job, NULL, rc, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* The call is over: what survives it goes on alone, the rest is dropped. */
static void abandon_all(struct batch *b)
{
    uint64_t survive = mcp_clock_mono_ms() + SURVIVE_MS;

    for (size_t i = 0; i < b->n; i++) {
        struct job *job = &b->jobs[i];

        if (job->state == JOB_ACTIVE) {
            mcp__transfer_abandon(job->t, survive);
            job->t = NULL;
        } else if (job->state == JOB_WAITING && job->req->after_cancel && job->first_ms == 0) {
            (void)start(b, job, true, NULL); /* nobody is left who could be told */
        }
        job->state = JOB_DONE;
    }
    b->n_active = 0;
}

static int report_end(const struct batch *b, int code, struct mcp_error *err)
{
    for (size_t i = 0; i < b->n && code == MCP_EDEADLINE; i++) {
        if (b->jobs[i].state == JOB_ACTIVE)
            return mcp__answer_timeout(b->jobs[i].t, "the call's time", err);
    }
    if (code == MCP_EDEADLINE)
        return mcp_error_set(err, MCP_EDEADLINE,
                             "the call's time was over before a request could "
                             "be made");
    return mcp_error_set(err, (enum mcp_err)code, "cancelled");
}

/* Those that ended, taken under the lock; linked by next. */
static struct mcp__transfer *take_finished(struct mcp__group *group)
{
    struct mcp__transfer *finished;

    pthread_mutex_lock(&group->call->lock);
    finished = group->finished;
    group->finished = NULL;
    group->ready = false;
    pthread_mutex_unlock(&group->call->lock);
    return finished;
}

static int wait_for_any(struct batch *b, uint64_t next)
{
    int rc;

    pthread_mutex_lock(&b->call->lock);
    rc = next == UINT64_MAX ? mcp__call_wait(b->call, &b->group->ready)
                            : mcp__call_wait_until(b->call, &b->group->ready, next);
    pthread_mutex_unlock(&b->call->lock);
    return rc;
}

/* Why the call is over. */
static int end_of(const struct mcp_call *call)
{
    if (atomic_load(&call->cancelled) || mcp_call_remaining_ms(call) > 0)
        return MCP_ECANCELLED;
    return MCP_EDEADLINE;
}

static int run(struct batch *b, struct mcp_error *err)
{
    uint64_t next;
    int rc = 0;

    while (b->n_done < b->n) {
        struct mcp__transfer *t, *after;

        if (mcp_call_cancelled(b->call)) {
            rc = end_of(b->call);
        } else {
            rc = start_due(b, &next, err);
            if (rc < 0)
                break;
            if (b->n_active == 0 && next == UINT64_MAX)
                continue; /* all that was left failed at its start */
            rc = wait_for_any(b, next);
        }
        if (rc < 0) {
            rc = report_end(b, rc, err);
            break;
        }
        for (t = take_finished(b->group); t != NULL && rc == 0; t = after) {
            after = t->next;
            rc = step(b, t->job, err);
        }
        if (rc == 0)
            rc = give_pieces(b, err);
        if (rc < 0)
            break;
    }
    abandon_all(b);
    return rc;
}

int mcp__fetch_all(struct mcp_call *call, const struct mcp_http_req *reqs, size_t n,
                   unsigned parallel,
                   int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                               struct mcp_error *err),
                   void *ctx, struct mcp_error *err)
{
    struct batch b = { .call = call, .n = n, .each = each, .ctx = ctx };
    struct mcp_error own = { .err = MCP_OK };
    int rc;

    if (n == 0)
        return 0;
    if (err == NULL)
        err = &own;
    b.parallel = parallel == 0 ? 1 : parallel > PARALLEL_MAX ? PARALLEL_MAX : parallel;
    b.jobs = mcp_arena_try_array(call->arena, n, sizeof(*b.jobs));
    b.group = mcp__group_new(call);
    if (b.jobs == NULL || b.group == NULL) {
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        goto out;
    }
    for (size_t i = 0; i < n; i++) {
        b.jobs[i].req = &reqs[i];
        b.jobs[i].index = i;
    }
    rc = run(&b, err);
out:
    mcp__group_unref(b.group);
    return rc;
}

static int keep(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                struct mcp_error *err)
{
    (void)i;
    (void)err;
    if (code == 0)
        *(struct mcp_http_res *)ctx = *res;
    return code;
}

int mcp__fetch(struct mcp_call *call, const struct mcp_http_req *req, struct mcp_http_res *res,
               struct mcp_error *err)
{
    return mcp__fetch_all(call, req, 1, 1, keep, res, err);
}
