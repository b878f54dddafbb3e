/* The pool of workers: on demand, bounded, withdrawn, stopped. */
#include "mcp/net/worker.h"

#include <mcp/clock.h>
#include <mcp/error.h>

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct job {
    struct mcp_job job;
    atomic_int state; /* 1 begun, 2 over */
    atomic_bool *gate; /* ends when it is true */
};

static void run(struct mcp_job *j)
{
    struct job *job = (struct job *)(void *)j;

    atomic_store(&job->state, 1);
    while (job->gate != NULL && !atomic_load(job->gate))
        sched_yield();
    atomic_store(&job->state, 2);
}

static void threads_come_on_demand_and_the_queue_is_bounded(void **state)
{
    struct mcp_workers *w = mcp__workers_new(2, 1);
    atomic_bool gate = false;
    struct job jobs[4];

    (void)state;
    assert_int_equal(mcp__workers_threads(w), 0);
    for (int i = 0; i < 4; i++) {
        jobs[i] = (struct job){ .job = { .run = run }, .gate = &gate };
        assert_int_equal(mcp__workers_submit(w, &jobs[i].job), i < 3 ? 0 : MCP_EBUSY);
        while (i < 2 && atomic_load(&jobs[i].state) == 0)
            sched_yield();
    }
    assert_int_equal(mcp__workers_threads(w), 2);
    atomic_store(&gate, true);
    assert_int_equal(mcp__workers_stop(w, mcp_clock_mono_ms() + 5000), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(atomic_load(&jobs[i].state), 2); /* the queued one too */
}

static void what_is_not_begun_can_be_withdrawn(void **state)
{
    struct mcp_workers *w = mcp__workers_new(1, 4);
    atomic_bool gate = false;
    struct job first = { .job = { .run = run }, .gate = &gate };
    struct job second = { .job = { .run = run } }, third = { .job = { .run = run } };

    (void)state;
    assert_int_equal(mcp__workers_submit(w, &first.job), 0);
    while (atomic_load(&first.state) == 0)
        sched_yield();
    assert_int_equal(mcp__workers_submit(w, &second.job), 0);
    assert_int_equal(mcp__workers_submit(w, &third.job), 0);
    assert_false(mcp__workers_withdraw(w, &first.job));
    assert_true(mcp__workers_withdraw(w, &third.job));
    assert_true(mcp__workers_withdraw(w, &second.job));
    assert_int_equal(mcp__workers_submit(w, &third.job), 0); /* the queue is whole */
    atomic_store(&gate, true);
    assert_int_equal(mcp__workers_stop(w, mcp_clock_mono_ms() + 5000), 0);
    assert_int_equal(atomic_load(&second.state), 0);
    assert_int_equal(atomic_load(&third.state), 2);
}

static void a_stop_says_who_does_not_come_back(void **state)
{
    static atomic_bool gate;
    static struct job job = { .job = { .run = run }, .gate = &gate };
    struct mcp_workers *w = mcp__workers_new(1, 1);

    (void)state;
    assert_int_equal(mcp__workers_submit(w, &job.job), 0);
    while (atomic_load(&job.state) == 0)
        sched_yield();
    assert_int_equal(mcp__workers_stop(w, mcp_clock_mono_ms() + 20), 1);
    atomic_store(&gate, true);
    assert_int_equal(mcp__workers_stop(w, mcp_clock_mono_ms() + 5000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_come_on_demand_and_the_queue_is_bounded),
        cmocka_unit_test(what_is_not_begun_can_be_withdrawn),
        cmocka_unit_test(a_stop_says_who_does_not_come_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
