/* The transfer thread by itself: handing over, posting, abandoning, ending. */
#include "mcp/upstream/transfer.h"

#include "mcp/proto/call_internal.h"

#include "http_double.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct http_double *server;
    struct mcp_call *call;
    struct mcp__group *group;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    f->server = http_double_new();
    f->call = mcp__call_new(mcp_arena_new(0, 0));
    f->group = mcp__group_new(f->call);
    *state = f;
    return f->group == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    mcp__transfer_stop();
    mcp__group_unref(f->group);
    mcp__call_unref(f->call);
    http_double_free(f->server);
    free(f);
    return 0;
}

static struct mcp__transfer *submit(struct fixture *f, const char *path, bool after_cancel)
{
    struct mcp__transfer *t = mcp__transfer_new(f->group);

    assert_non_null(t);
    t->url = strdup(http_double_url(f->server, path));
    t->host = strdup("double");
    t->body = strdup("");
    t->plain_http = true;
    t->after_cancel = after_cancel;
    t->max_body_bytes = 100000;
    t->connect_timeout_ms = 10000;
    t->until_ms = mcp_clock_mono_ms() + 60000;
    assert_int_equal(mcp__transfer_submit(t, NULL), 0);
    return t;
}

static struct mcp__transfer *wait_finished(struct fixture *f)
{
    struct mcp__transfer *t;

    pthread_mutex_lock(&f->call->lock);
    assert_int_equal(mcp__call_wait(f->call, &f->group->ready), 0);
    t = f->group->finished;
    f->group->finished = NULL;
    f->group->ready = false;
    pthread_mutex_unlock(&f->call->lock);
    return t;
}

static void ended_transfer_is_posted_to_its_group(void **state)
{
    struct fixture *f = *state;
    struct mcp__transfer *t = submit(f, "/ok", false), *done = wait_finished(f);
    size_t len, taken;
    char *answer;

    assert_ptr_equal(done, t);
    assert_null(done->next);
    assert_int_equal(t->outcome, MCP__OUT_OK);
    assert_int_equal(t->status, 200);
    assert_int_equal(atomic_load(&t->phase), MCP__PHASE_ANSWER);
    answer = mcp__transfer_take_answer(t, &len, &taken);
    assert_int_equal(len, 5);
    assert_true(taken >= len);
    assert_memory_equal(answer, "hello", 5);
    free(answer);
    t->taken = taken; /* goes back with t */
    mcp__transfer_unref(t);
}

static void abandoned_transfer_is_dropped_and_never_posted(void **state)
{
    struct fixture *f = *state;
    struct mcp__transfer *t = submit(f, "/silent", false);

    assert_true(http_double_wait_requests(f->server, 1));
    mcp__transfer_abandon(t, 0);
    assert_true(http_double_wait_hangups(f->server, 1));
    mcp__transfer_stop();
    assert_null(f->group->finished);
    assert_false(f->group->ready);
}

static void stop_posts_what_was_running(void **state)
{
    struct fixture *f = *state;
    struct mcp__transfer *t = submit(f, "/silent", false);

    assert_true(http_double_wait_requests(f->server, 1));
    mcp__transfer_stop();
    assert_ptr_equal(wait_finished(f), t);
    assert_int_equal(t->outcome, MCP__OUT_STOPPED);
    mcp__transfer_unref(t);
}

static void call_lives_as_long_as_its_transfers(void **state)
{
    struct fixture *f = *state;
    struct mcp__transfer *t = submit(f, "/gate", true);

    assert_true(http_double_wait_requests(f->server, 1));
    mcp__transfer_abandon(t, mcp_clock_mono_ms() + 5000);
    mcp__group_unref(f->group);
    mcp__call_unref(f->call);
    http_double_open_gate(f->server);
    mcp__transfer_stop();
    f->call = mcp__call_new(mcp_arena_new(0, 0));
    f->group = mcp__group_new(f->call);
    assert_non_null(f->group);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(ended_transfer_is_posted_to_its_group),
        T(abandoned_transfer_is_dropped_and_never_posted),
        T(stop_posts_what_was_running),
        T(call_lives_as_long_as_its_transfers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
