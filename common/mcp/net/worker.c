/* Threads that run tool handlers: started on demand, bounded, with small stacks. */
#include "mcp/net/worker.h"

#include <mcp/clock.h>
#include <mcp/error.h>

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

/* Room for SQLite and PCRE2 with a margin; only touched pages count. Sanitizers widen frames. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STACK_BYTES ((size_t)4 << 20)
#else
#define STACK_BYTES ((size_t)512 << 10)
#endif

struct mcp_workers {
    unsigned max, max_queue;
    pthread_mutex_t lock;
    pthread_cond_t work; /* something to do, or stopping */
    pthread_cond_t gone; /* CLOCK_MONOTONIC; a thread ended */
    /* All of it under lock. */
    struct mcp_job *first, **last;
    unsigned queued, threads, idle;
    bool stopping;
};

static void *work(void *arg)
{
    struct mcp_workers *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct mcp_job *job = w->first;

        if (job == NULL && w->stopping)
            break;
        if (job == NULL) {
            w->idle++;
            pthread_cond_wait(&w->work, &w->lock);
            w->idle--;
            continue;
        }
        w->first = job->next;
        if (w->first == NULL)
            w->last = &w->first;
        w->queued--;
        pthread_mutex_unlock(&w->lock);
        job->run(job);
        pthread_mutex_lock(&w->lock);
    }
    w->threads--;
    pthread_cond_signal(&w->gone);
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct mcp_workers *mcp__workers_new(unsigned max, unsigned max_queue)
{
    struct mcp_workers *w = calloc(1, sizeof(*w));
    pthread_condattr_t attr;

    if (w == NULL)
        return NULL;
    w->max = max;
    w->max_queue = max_queue;
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->work, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->gone, &attr);
    pthread_condattr_destroy(&attr);
    return w;
}

/* One more thread, with all signals blocked: they are the main thread's. Lock held. */
static int spawn(struct mcp_workers *w)
{
    sigset_t all, before;
    pthread_attr_t attr;
    pthread_t thread;
    int rc;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&thread, &attr, work, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attr);
    if (rc == 0)
        w->threads++;
    return rc;
}

int mcp__workers_submit(struct mcp_workers *w, struct mcp_job *job)
{
    int rc = 0;

    pthread_mutex_lock(&w->lock);
    /* Jobs beyond the idle threads get new ones first, and wait only when there are max. */
    if (w->queued >= w->idle && w->threads < w->max && spawn(w) != 0 && w->threads == 0)
        rc = MCP_EBUSY;
    if (w->stopping || (w->threads == w->max && w->queued >= w->idle + w->max_queue))
        rc = MCP_EBUSY;
    if (rc == 0) {
        job->next = NULL;
        *w->last = job;
        w->last = &job->next;
        w->queued++;
        pthread_cond_signal(&w->work);
    }
    pthread_mutex_unlock(&w->lock);
    return rc;
}

bool mcp__workers_withdraw(struct mcp_workers *w, struct mcp_job *job)
{
    bool found = false;

    pthread_mutex_lock(&w->lock);
    for (struct mcp_job **at = &w->first; *at != NULL; at = &(*at)->next) {
        if (*at != job)
            continue;
        *at = job->next;
        if (*at == NULL)
            w->last = at;
        w->queued--;
        found = true;
        break;
    }
    pthread_mutex_unlock(&w->lock);
    return found;
}

unsigned mcp__workers_threads(struct mcp_workers *w)
{
    unsigned n;

    pthread_mutex_lock(&w->lock);
    n = w->threads;
    pthread_mutex_unlock(&w->lock);
    return n;
}

unsigned mcp__workers_stop(struct mcp_workers *w, uint64_t until_ms)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_ms / 1000),
        .tv_nsec = (long)(until_ms % 1000) * 1000000,
    };
    unsigned left;

    if (w == NULL)
        return 0;
    pthread_mutex_lock(&w->lock);
    w->stopping = true;
    pthread_cond_broadcast(&w->work);
    while (w->threads > 0) {
        if (pthread_cond_timedwait(&w->gone, &w->lock, &until) != 0)
            break;
    }
    left = w->threads;
    pthread_mutex_unlock(&w->lock);
    if (left > 0)
        return left;
    pthread_cond_destroy(&w->work);
    pthread_cond_destroy(&w->gone);
    pthread_mutex_destroy(&w->lock);
    free(w);
    return 0;
}
