/* Calls that become tasks while they run: polled, cancelled, past their deadline, at the end. */
#include "live.h"
#include "tools.h"

#include <mcp/clock.h>

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static struct live live;
static char request[8192], answer[1 << 16], id[64];

static int ask(const char *method, const char *params, const char *name)
{
    char headers[512], body[2048];

    snprintf(headers, sizeof(headers),
             "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: %s\r\nMcp-Name: %s\r\n", method,
             name);
    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{%s,\"_meta\":{"
             "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
             "\"io.modelcontextprotocol/clientCapabilities\":{\"extensions\":{"
             "\"io.modelcontextprotocol/tasks\":{}}}}}}",
             method, params);
    live_post(request, sizeof(request), headers, body);
    return live_once(&live, request, answer, sizeof(answer));
}

static bool says(const char *part)
{
    return strstr(answer, part) != NULL;
}

/* tools/call of the tool that waits n ms; its task's id, empty when it has answered at once. */
static void call(int n)
{
    char params[128];
    const char *at;

    snprintf(params, sizeof(params), "\"name\":\"wait\",\"arguments\":{\"n\":%d}", n);
    assert_int_equal(ask("tools/call", params, "wait"), 200);
    at = strstr(answer, "\"taskId\":\"");
    snprintf(id, sizeof(id), "%.32s", at == NULL ? "" : at + 10);
}

static void ask_task(const char *method)
{
    char params[128];

    snprintf(params, sizeof(params), "\"taskId\":\"%s\",\"inputResponses\":{}", id);
    assert_int_equal(ask(method, params, id), 200);
}

static void wait_for(const char *status)
{
    char part[64];
    uint64_t until = mcp_clock_mono_ms() + 10000;

    snprintf(part, sizeof(part), "\"status\":\"%s\"", status);
    do {
        ask_task("tasks/get");
    } while (!says(part) && mcp_clock_mono_ms() < until);
    assert_true(says(part));
}

static void begin(unsigned after_ms, unsigned deadline_ms)
{
    live_init(&live);
    live.serve.config.task_after_ms = after_ms;
    live.serve.config.task_deadline_ms = deadline_ms;
    live_start(&live);
}

static void a_call_that_takes_long_becomes_a_task(void **state)
{
    (void)state;
    begin(50, 0);
    call(400);
    assert_true(says("\"resultType\":\"task\""));
    ask_task("tasks/get");
    assert_true(says("\"resultType\":\"complete\""));
    ask_task("tasks/update"); /* nothing is asked: nothing happens */
    wait_for("completed");
    assert_true(says("\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\","
                     "\"text\":\"slept\"}]"));
    ask_task("tasks/cancel");
    ask_task("tasks/get");
    assert_true(says("\"status\":\"completed\""));
    live_stop(&live);
}

static void a_short_call_stays_a_call(void **state)
{
    (void)state;
    begin(5000, 0);
    call(10);
    assert_string_equal(id, "");
    assert_true(says("slept"));
    live_stop(&live);
}

static void a_cancelled_task_ends_at_once_and_so_does_its_handler(void **state)
{
    int cancelled = atomic_load(&test_cancelled);

    (void)state;
    begin(50, 0);
    call(60000);
    ask_task("tasks/cancel");
    assert_false(says("taskId"));
    wait_for("cancelled");
    while (atomic_load(&test_cancelled) == cancelled)
        sched_yield();
    live_stop(&live);
}

static void a_task_has_a_deadline_of_its_own(void **state)
{
    (void)state;
    begin(50, 300);
    call(60000);
    wait_for("completed");
    assert_true(says("\"isError\":true"));
    assert_true(says("deadline_exceeded"));
    live_stop(&live);
}

static void an_unknown_task_is_an_error(void **state)
{
    (void)state;
    begin(50, 0);
    snprintf(id, sizeof(id), "nobody");
    ask_task("tasks/get");
    assert_true(says("\"code\":-32602"));
    live_stop(&live);
}

static void a_full_store_leaves_calls_what_they_are(void **state)
{
    (void)state;
    live_init(&live);
    live.serve.config.task_after_ms = 20;
    live.serve.config.max_tasks = 1;
    live_start(&live);
    call(60000);
    assert_string_not_equal(id, "");
    call(300);
    assert_string_equal(id, "");
    assert_true(says("slept"));
    live_stop(&live);
}

static void the_end_of_the_server_does_not_wait_for_tasks(void **state)
{
    uint64_t from;

    (void)state;
    begin(50, 0);
    call(60000);
    from = mcp_clock_mono_ms();
    live_stop(&live);
    assert_true(mcp_clock_mono_ms() - from < 5000);
    assert_false(live.serve.stuck);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_that_takes_long_becomes_a_task),
        cmocka_unit_test(a_short_call_stays_a_call),
        cmocka_unit_test(a_cancelled_task_ends_at_once_and_so_does_its_handler),
        cmocka_unit_test(a_task_has_a_deadline_of_its_own),
        cmocka_unit_test(an_unknown_task_is_an_error),
        cmocka_unit_test(a_full_store_leaves_calls_what_they_are),
        cmocka_unit_test(the_end_of_the_server_does_not_wait_for_tasks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
