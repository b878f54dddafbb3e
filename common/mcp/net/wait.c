/* How a worker waits: for a flag of its call, for time, or for one of the computing slots. */
#include "mcp/net/wait.h"

#include <mcp/clock.h>

#include <time.h>
#include <unistd.h>

#define INTERRUPT_CHECK_MS 100

bool mcp_call_cancelled(const struct mcp_call *call)
{
    if (atomic_load(&call->cancelled))
        return true;
    if (call->interrupted != NULL && call->interrupted(call->interrupted_ctx))
        return true;
    return call->deadline_ms != UINT64_MAX && mcp_clock_mono_ms() >= call->deadline_ms;
}

uint64_t mcp_call_remaining_ms(const struct mcp_call *call)
{
    uint64_t now;

    if (call->deadline_ms == UINT64_MAX)
        return UINT64_MAX;
    now = mcp_clock_mono_ms();
    return now >= call->deadline_ms ? 0 : call->deadline_ms - now;
}

/* Sleeps on the call's condition until it is signalled or until_ms is there. Lock held. */
static void sleep_until(struct mcp_call *call, uint64_t until_ms)
{
    struct timespec until = {
        .tv_sec = (time_t)(until_ms / 1000),
        .tv_nsec = (long)(until_ms % 1000) * 1000000,
    };

    if (until_ms == UINT64_MAX)
        pthread_cond_wait(&call->wake, &call->lock);
    else
        pthread_cond_timedwait(&call->wake, &call->lock, &until);
}

int mcp__call_wait_until(struct mcp_call *call, const bool *done, uint64_t until_ms)
{
    for (;;) {
        uint64_t now, wake = until_ms < call->deadline_ms ? until_ms : call->deadline_ms;

        if (*done)
            return 0;
        if (atomic_load(&call->cancelled))
            return MCP_ECANCELLED;
        if (call->interrupted != NULL && call->interrupted(call->interrupted_ctx)) {
            atomic_store(&call->cancelled, true);
            return MCP_ECANCELLED;
        }
        now = mcp_clock_mono_ms();
        if (now >= call->deadline_ms)
            return MCP_EDEADLINE;
        if (now >= until_ms)
            return 0;
        if (call->interrupted != NULL && wake > now + INTERRUPT_CHECK_MS)
            wake = now + INTERRUPT_CHECK_MS;
        sleep_until(call, wake);
    }
}

int mcp__call_wait(struct mcp_call *call, const bool *done)
{
    return mcp__call_wait_until(call, done, UINT64_MAX);
}

/* The reason in words, where it is known. */
static int explain(struct mcp_call *call, int rc, struct mcp_error *err)
{
    if (rc == MCP_ECANCELLED)
        return mcp_error_set(err, MCP_ECANCELLED, "the call was cancelled");
    return rc == MCP_EDEADLINE ? mcp__call_late(call, err) : rc;
}

int mcp_sleep(struct mcp_call *call, unsigned ms, struct mcp_error *err)
{
    const bool never = false;
    int rc;

    pthread_mutex_lock(&call->lock);
    rc = mcp__call_wait_until(call, &never, mcp_clock_mono_ms() + ms);
    pthread_mutex_unlock(&call->lock);
    return explain(call, rc, err);
}

/* ---- computing slots ------------------------------------------------------------------------- */

/* On the waiting thread's stack, in the queue while it waits. granted is guarded by the lock of the
 * waiter's call, the queue by the one of the slots; the latter is taken first. */
struct waiter {
    struct mcp_call *call;
    struct waiter *next;
    bool granted;
};

static struct {
    pthread_mutex_t lock;
    unsigned total; /* 0: not asked yet */
    unsigned taken;
    struct waiter *first, **last;
} slots = { .lock = PTHREAD_MUTEX_INITIALIZER, .last = &slots.first };

static unsigned cores(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);

    return n < 1 ? 1 : (unsigned)n;
}

void mcp__cpu_slots_set(unsigned n)
{
    pthread_mutex_lock(&slots.lock);
    slots.total = n != 0 ? n : cores();
    pthread_mutex_unlock(&slots.lock);
}

/* Gives free slots to those who wait, in their order. Slots' lock held. */
static void grant(void)
{
    while (slots.taken < slots.total && slots.first != NULL) {
        struct waiter *w = slots.first;
        struct mcp_call *call = w->call;

        slots.first = w->next;
        if (slots.first == NULL)
            slots.last = &slots.first;
        slots.taken++;
        pthread_mutex_lock(&call->lock);
        w->granted = true; /* from the unlock on, w is gone */
        pthread_cond_broadcast(&call->wake);
        pthread_mutex_unlock(&call->lock);
    }
}

/* Out of the queue, when it is still there. Slots' lock held. */
static void leave_queue(struct waiter *w)
{
    for (struct waiter **at = &slots.first; *at != NULL; at = &(*at)->next) {
        if (*at != w)
            continue;
        *at = w->next;
        if (*at == NULL)
            slots.last = at;
        return;
    }
}

int mcp_cpu_enter(struct mcp_call *call, struct mcp_error *err)
{
    struct waiter w = { .call = call };
    int rc;

    if (mcp_call_cancelled(call))
        return explain(call, atomic_load(&call->cancelled) ? MCP_ECANCELLED : MCP_EDEADLINE, err);
    pthread_mutex_lock(&slots.lock);
    if (slots.total == 0)
        slots.total = cores();
    if (slots.first == NULL && slots.taken < slots.total) {
        slots.taken++;
        pthread_mutex_unlock(&slots.lock);
        return 0;
    }
    *slots.last = &w;
    slots.last = &w.next;
    pthread_mutex_unlock(&slots.lock);

    pthread_mutex_lock(&call->lock);
    rc = mcp__call_wait(call, &w.granted);
    pthread_mutex_unlock(&call->lock);
    if (rc == 0)
        return 0;

    /* Given up; the slot may have come in the same moment and goes on to the next one then. */
    pthread_mutex_lock(&slots.lock);
    if (w.granted) {
        slots.taken--;
        grant();
    } else {
        leave_queue(&w);
    }
    pthread_mutex_unlock(&slots.lock);
    return explain(call, rc, err);
}

void mcp_cpu_leave(struct mcp_call *call)
{
    (void)call;
    pthread_mutex_lock(&slots.lock);
    MCP_BUG_ON(slots.taken == 0);
    slots.taken--;
    grant();
    pthread_mutex_unlock(&slots.lock);
}
