/* Many calls at once: workers, overload, cancellation, deadlines, and the end of the server. */
#include "live.h"
#include "tools.h"

#include <mcp/clock.h>

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#define CALLS 80

static char request[8192], answer[1 << 16];

static void eighty_calls_at_once_all_get_their_own_answer(void **state)
{
    struct live live;
    int fds[CALLS];
    char part[32];

    (void)state;
    live_init(&live);
    live_start(&live);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < CALLS; i++) {
            fds[i] = live_connect(&live);
            live_call(request, sizeof(request), i, "wait", "{\"n\":50}", "");
            live_send(fds[i], request);
        }
        for (int i = 0; i < CALLS; i++) {
            assert_int_equal(live_receive(fds[i], answer, sizeof(answer)), 200);
            snprintf(part, sizeof(part), "\"id\":%d,", i);
            assert_non_null(strstr(answer, part));
            assert_non_null(strstr(answer, "slept"));
            close(fds[i]);
        }
    }
    live_stop(&live);
    assert_int_equal(atomic_load(&live.serve.counters.calls_ok), 2 * CALLS);
    assert_false(live.serve.stuck);
}

static void half_of_eighty_calls_cancelled_leaves_the_other_half_whole(void **state)
{
    struct live live;
    int fds[CALLS], runs = atomic_load(&test_runs), cancelled = atomic_load(&test_cancelled);

    (void)state;
    live_init(&live);
    live_start(&live);
    for (int i = 0; i < CALLS; i++) {
        fds[i] = live_connect(&live);
        live_call(request, sizeof(request), i, i % 2 == 0 ? "wait" : "progress",
                  i % 2 == 0 ? "{\"n\":4000}" : "{\"n\":2}", ",\"progressToken\":1");
        live_send(fds[i], request);
    }
    while (atomic_load(&test_runs) < runs + CALLS / 2)
        sched_yield();
    for (int i = 0; i < CALLS; i += 2)
        close(fds[i]);
    for (int i = 1; i < CALLS; i += 2) {
        assert_int_equal(live_receive(fds[i], answer, sizeof(answer)), 200);
        assert_non_null(strstr(answer, "done"));
        close(fds[i]);
    }
    assert_true(live_wait(&live.serve.counters.calls_cancelled, CALLS / 2));
    live_stop(&live);
    assert_int_equal(atomic_load(&test_cancelled) - cancelled, CALLS / 2);
}

static void a_full_queue_is_503_with_a_hint_and_lists_still_answer(void **state)
{
    static const char ping[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{"
        "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"
        "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}";
    struct live live;
    int fds[2], runs = atomic_load(&test_runs);

    (void)state;
    live_init(&live);
    live.serve.config.workers = 1;
    live.serve.config.max_queue = 1;
    live_start(&live);
    for (int i = 0; i < 2; i++) {
        fds[i] = live_connect(&live);
        live_call(request, sizeof(request), i, "wait", "{\"n\":4000}", "");
        live_send(fds[i], request);
        /* The first runs before the second comes to wait. */
        while (i == 0 && atomic_load(&test_runs) == runs)
            sched_yield();
    }
    assert_true(live_wait(&live.serve.counters.calls_running, 2));
    live_call(request, sizeof(request), 7, "wait", "{\"n\":1}", "");
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 503);
    assert_non_null(strstr(answer, "Retry-After: 1\r\n"));
    assert_non_null(strstr(answer, "\"id\":7,\"error\":{\"code\":-32603"));
    assert_non_null(strstr(answer, "\"data\":{\"retry_after_ms\":1000}"));
    live_post(request, sizeof(request),
              "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n", ping);
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 200);
    close(fds[0]);
    close(fds[1]);
    live_stop(&live);
    assert_int_equal(atomic_load(&live.serve.counters.overloads), 1);
}

static void a_stop_closes_idle_connections_and_lets_calls_finish(void **state)
{
    struct live live;
    int idle, busy, runs = atomic_load(&test_runs);
    uint64_t begin;

    (void)state;
    live_init(&live);
    live_start(&live);
    idle = live_connect(&live);
    live_call(request, sizeof(request), 1, "echo", "{}", "");
    live_send(idle, request);
    assert_int_equal(live_receive(idle, answer, sizeof(answer)), 200);
    busy = live_connect(&live);
    live_call(request, sizeof(request), 1, "wait", "{\"n\":300}", "");
    live_send(busy, request);
    while (atomic_load(&test_runs) == runs)
        sched_yield();
    begin = mcp_clock_mono_ms();
    mcp__serve_stop(&live.serve);
    assert_int_equal(live_receive_all(idle, answer, sizeof(answer)), 0);
    assert_true(mcp_clock_mono_ms() - begin < 250);
    assert_int_equal(live_receive(busy, answer, sizeof(answer)), 200);
    assert_non_null(strstr(answer, "slept"));
    assert_non_null(strstr(answer, "Connection: close"));
    close(idle);
    close(busy);
    live_stop(&live);
    assert_int_equal(live.status, 0);
    assert_true(mcp_clock_mono_ms() - begin < 5000);
}

static void the_port_in_use_is_an_error_that_says_so(void **state)
{
    struct live first, second;

    (void)state;
    live_init(&first);
    live_start(&first);
    live_init(&second);
    second.serve.config.port = first.port;
    live_start(&second);
    live_stop(&second);
    assert_int_equal(second.status, 1);
    assert_non_null(strstr(second.err.message, "cannot listen"));
    live_stop(&first);
}

static void no_thread_exists_before_a_call_needs_one(void **state)
{
    struct live live;

    (void)state;
    live_init(&live);
    live_start(&live);
    live_call(request, sizeof(request), 1, "echo", "{}", "");
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 200);
    live_stop(&live);
    assert_int_equal(atomic_load(&live.serve.counters.calls_fast), 1);
    assert_int_equal(atomic_load(&live.serve.counters.workers), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eighty_calls_at_once_all_get_their_own_answer),
        cmocka_unit_test(half_of_eighty_calls_cancelled_leaves_the_other_half_whole),
        cmocka_unit_test(a_full_queue_is_503_with_a_hint_and_lists_still_answer),
        cmocka_unit_test(a_stop_closes_idle_connections_and_lets_calls_finish),
        cmocka_unit_test(the_port_in_use_is_an_error_that_says_so),
        cmocka_unit_test(no_thread_exists_before_a_call_needs_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
