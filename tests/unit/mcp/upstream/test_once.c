/* mcp_once: one call gets the thing, the others wait under their own deadlines. */
#include "mcp/proto/call_internal.h"

#include <mcp/clock.h>
#include <mcp/fetch.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define N 8

/* What all calls of one test share; under lock. */
struct stage {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned runs; /* times fn began */
    bool open; /* fn may go on */
    int rc; /* what fn answers */
};

struct caller {
    pthread_t thread;
    struct stage *stage;
    struct mcp_call *call;
    mcp_str value;
    struct mcp_error err;
    int rc;
};

static struct stage stage;

static int setup(void **state)
{
    (void)state;
    stage = (struct stage){ .rc = 0 };
    pthread_mutex_init(&stage.lock, NULL);
    pthread_cond_init(&stage.changed, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pthread_cond_destroy(&stage.changed);
    pthread_mutex_destroy(&stage.lock);
    return 0;
}

/* Gets the thing: waits for the stage to open, or for the end of its call. */
static int get_it(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    struct caller *c = ctx;
    bool open = false;
    unsigned run;
    int rc = 0;

    pthread_mutex_lock(&stage.lock);
    run = ++stage.runs;
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
    while (!open && rc == 0) {
        pthread_mutex_lock(&stage.lock);
        open = stage.open;
        pthread_mutex_unlock(&stage.lock);
        if (!open)
            rc = mcp_sleep(call, 1, err);
    }
    if (rc == 0 && stage.rc < 0)
        rc = mcp_error_set(err, (enum mcp_err)stage.rc, "refused on purpose");
    if (rc == 0)
        *value = mcp_arena_printf(c->call->arena, "token %u", run);
    return rc;
}

static void *call_once(void *arg)
{
    struct caller *c = arg;

    c->rc = mcp_once(c->call, MCP_STR("key"), get_it, c, &c->value, &c->err);
    return NULL;
}

static void begin(struct caller *c)
{
    *c = (struct caller){ .stage = &stage, .call = mcp__call_new(mcp_arena_new(0, 0)) };
    assert_non_null(c->call);
}

static void start(struct caller *c)
{
    assert_int_equal(pthread_create(&c->thread, NULL, call_once, c), 0);
}

static void wait_runs(unsigned n)
{
    pthread_mutex_lock(&stage.lock);
    while (stage.runs < n)
        pthread_cond_wait(&stage.changed, &stage.lock);
    pthread_mutex_unlock(&stage.lock);
}

static void open_stage(int rc)
{
    pthread_mutex_lock(&stage.lock);
    stage.rc = rc;
    stage.open = true;
    pthread_mutex_unlock(&stage.lock);
}

static void end(struct caller *c)
{
    mcp__call_unref(c->call);
}

static void one_gets_it_and_all_have_their_own_copy(void **state)
{
    struct caller callers[N];
    unsigned with_first = 0;

    (void)state;
    for (size_t i = 0; i < N; i++) {
        begin(&callers[i]);
        start(&callers[i]);
        if (i == 0)
            wait_runs(1);
    }
    open_stage(0);
    for (size_t i = 0; i < N; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].rc, 0);
        /* A call that came after the first had ended begins anew: nothing is kept. */
        assert_true(mcp_str_starts(callers[i].value, MCP_STR("token ")));
        with_first += mcp_str_eq(callers[i].value, MCP_STR("token 1"));
    }
    assert_true(with_first >= 1);
    for (size_t i = 1; i < N; i++)
        assert_ptr_not_equal(callers[i].value.ptr, callers[0].value.ptr);
    for (size_t i = 0; i < N; i++)
        end(&callers[i]);
}

static void waiter_gives_up_at_its_own_deadline(void **state)
{
    struct caller leader, waiter;

    (void)state;
    begin(&leader);
    start(&leader);
    wait_runs(1);
    begin(&waiter);
    waiter.call->deadline_ms = mcp_clock_mono_ms() + 30;
    call_once(&waiter);
    assert_int_equal(waiter.rc, MCP_EDEADLINE);
    assert_int_equal(stage.runs, 1);
    open_stage(0);
    pthread_join(leader.thread, NULL);
    assert_int_equal(leader.rc, 0);
    end(&leader);
    end(&waiter);
}

static void next_one_leads_when_the_leader_is_cancelled(void **state)
{
    struct caller leader, waiter;

    (void)state;
    begin(&leader);
    start(&leader);
    wait_runs(1);
    begin(&waiter);
    start(&waiter);
    mcp__call_cancel(leader.call);
    pthread_join(leader.thread, NULL);
    assert_int_equal(leader.rc, MCP_ECANCELLED);
    wait_runs(2);
    open_stage(0);
    pthread_join(waiter.thread, NULL);
    assert_int_equal(waiter.rc, 0);
    assert_true(mcp_str_eq(waiter.value, MCP_STR("token 2")));
    end(&leader);
    end(&waiter);
}

static void failure_is_everybodys(void **state)
{
    struct caller callers[3];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        begin(&callers[i]);
        start(&callers[i]);
        if (i == 0)
            wait_runs(1);
    }
    open_stage(MCP_EDENIED);
    for (size_t i = 0; i < 3; i++) {
        pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].rc, MCP_EDENIED);
        assert_string_equal(callers[i].err.message, "refused on purpose");
        end(&callers[i]);
    }
}

static void cancelled_waiter_leaves_the_others_alone(void **state)
{
    struct caller leader, waiter;

    (void)state;
    begin(&leader);
    start(&leader);
    wait_runs(1);
    begin(&waiter);
    mcp__call_cancel(waiter.call);
    call_once(&waiter);
    assert_int_equal(waiter.rc, MCP_ECANCELLED);
    open_stage(0);
    pthread_join(leader.thread, NULL);
    assert_int_equal(leader.rc, 0);
    end(&leader);
    end(&waiter);
}

static int recurse(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    return mcp_once(call, MCP_STR("key"), recurse, ctx, value, err);
}

static void once_inside_itself_is_refused_instead_of_hanging(void **state)
{
    struct caller c;

    (void)state;
    begin(&c);
    assert_int_equal(mcp_once(c.call, MCP_STR("key"), recurse, &c, &c.value, &c.err),
                     MCP_EINTERNAL);
    end(&c);
}

static int other_key(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    return mcp_once(call, MCP_STR("another"), get_it, ctx, value, err);
}

static void one_key_may_need_another(void **state)
{
    struct caller c;

    (void)state;
    open_stage(0);
    begin(&c);
    assert_int_equal(mcp_once(c.call, MCP_STR("key"), other_key, &c, &c.value, &c.err), 0);
    assert_true(mcp_str_eq(c.value, MCP_STR("token 1")));
    end(&c);
}

/* Leaders and waiters cancelled at random: nothing hangs, nothing is lost (thread sanitizer). */
static void storm_of_cancellations_ends(void **state)
{
    struct caller callers[32];

    (void)state;
    for (size_t i = 0; i < 32; i++) {
        begin(&callers[i]);
        if (i % 4 == 1)
            callers[i].call->deadline_ms = mcp_clock_mono_ms() + i;
        start(&callers[i]);
    }
    for (size_t i = 0; i < 32; i += 2)
        mcp__call_cancel(callers[i].call);
    open_stage(0);
    for (size_t i = 0; i < 32; i++) {
        pthread_join(callers[i].thread, NULL);
        if (i % 4 == 3)
            assert_int_equal(callers[i].rc, 0);
        end(&callers[i]);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(one_gets_it_and_all_have_their_own_copy),
        T(waiter_gives_up_at_its_own_deadline),
        T(next_one_leads_when_the_leader_is_cancelled),
        T(failure_is_everybodys),
        T(cancelled_waiter_leaves_the_others_alone),
        T(once_inside_itself_is_refused_instead_of_hanging),
        T(one_key_may_need_another),
        T(storm_of_cancellations_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
