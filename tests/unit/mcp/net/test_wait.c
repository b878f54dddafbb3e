/* How a worker waits: time, cancellation, deadline, interruption, computing slots. */
#include "mcp/net/wait.h"

#include <mcp/clock.h>

#include <pthread.h>
#include <sched.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_call *make(void)
{
    return mcp__call_new(mcp_arena_new(0, 0));
}

static void a_sleep_ends_by_time_deadline_or_cancellation(void **state)
{
    struct mcp_call *call = make();
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(mcp_sleep(call, 1, &err), 0);
    call->deadline_ms = mcp_clock_mono_ms() + 20;
    assert_true(mcp_call_remaining_ms(call) <= 20);
    assert_int_equal(mcp_sleep(call, 5000, &err), MCP_EDEADLINE);
    assert_int_equal(mcp_call_remaining_ms(call), 0);
    assert_true(mcp_call_cancelled(call));
    mcp_error_clear(&err);
    mcp__call_cancel(call);
    assert_int_equal(mcp_sleep(call, 5000, &err), MCP_ECANCELLED);
    mcp__call_unref(call);
}

static int asked;

static bool interrupted(void *ctx)
{
    (void)ctx;
    return ++asked > 2;
}

static void an_interruption_is_seen_while_waiting(void **state)
{
    struct mcp_call *call = make();
    uint64_t begin = mcp_clock_mono_ms();

    (void)state;
    call->interrupted = interrupted;
    assert_int_equal(mcp_sleep(call, 60000, NULL), MCP_ECANCELLED);
    assert_true(mcp_clock_mono_ms() - begin < 5000);
    mcp__call_unref(call);
}

static void *cancel_soon(void *arg)
{
    mcp__call_cancel(arg);
    return NULL;
}

static void a_cancellation_wakes_from_another_thread(void **state)
{
    struct mcp_call *call = make();
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, cancel_soon, call), 0);
    assert_int_equal(mcp_sleep(call, 60000, NULL), MCP_ECANCELLED);
    pthread_join(thread, NULL);
    mcp__call_unref(call);
}

static atomic_int inside, most;

static void *compute(void *arg)
{
    struct mcp_call *call = make();

    (void)arg;
    for (int i = 0; i < 50; i++) {
        int now;

        if (mcp_cpu_enter(call, NULL) != 0)
            return NULL;
        now = atomic_fetch_add(&inside, 1) + 1;
        if (now > atomic_load(&most))
            atomic_store(&most, now);
        sched_yield();
        atomic_fetch_sub(&inside, 1);
        mcp_cpu_leave(call);
    }
    mcp__call_unref(call);
    return NULL;
}

static void no_more_compute_at_once_than_there_are_slots(void **state)
{
    pthread_t threads[8];

    (void)state;
    mcp__cpu_slots_set(2);
    for (int i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, compute, NULL), 0);
    for (int i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    assert_true(atomic_load(&most) <= 2);
    assert_int_equal(atomic_load(&inside), 0);
}

static void a_slot_is_waited_for_under_the_deadline(void **state)
{
    struct mcp_call *holder = make(), *waiter = make();
    struct mcp_error err = { 0 };

    (void)state;
    mcp__cpu_slots_set(1);
    assert_int_equal(mcp_cpu_enter(holder, &err), 0);
    waiter->deadline_ms = mcp_clock_mono_ms() + 20;
    assert_int_equal(mcp_cpu_enter(waiter, &err), MCP_EDEADLINE);
    mcp_cpu_leave(holder);
    waiter->deadline_ms = UINT64_MAX;
    assert_int_equal(mcp_cpu_enter(waiter, &err), 0); /* nobody is left in the queue */
    mcp_cpu_leave(waiter);
    mcp__call_unref(holder);
    mcp__call_unref(waiter);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sleep_ends_by_time_deadline_or_cancellation),
        cmocka_unit_test(an_interruption_is_seen_while_waiting),
        cmocka_unit_test(a_cancellation_wakes_from_another_thread),
        cmocka_unit_test(no_more_compute_at_once_than_there_are_slots),
        cmocka_unit_test(a_slot_is_waited_for_under_the_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
