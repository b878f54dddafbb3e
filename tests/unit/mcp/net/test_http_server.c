/* The HTTP transport over real sockets: routes, refusals, calls, streams, sessions, cancellation. */
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
static char request[1 << 20], answer[1 << 21];

static int post(const char *headers, const char *body)
{
    live_post(request, sizeof(request), headers, body);
    return live_once(&live, request, answer, sizeof(answer));
}

static int call(const char *tool, const char *args, const char *extra)
{
    live_call(request, sizeof(request), 1, tool, args, extra);
    return live_once(&live, request, answer, sizeof(answer));
}

static bool says(const char *part)
{
    return strstr(answer, part) != NULL;
}

static void what_comes_before_the_body_is_decided_before_it(void **state)
{
    static const struct {
        const char *request;
        int status;
    } rows[] = {
        { "GET /mcp HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 400 },
        { "PUT /mcp HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 405 },
        { "GET /.well-known/oauth-protected-resource HTTP/1.1\r\nHost: [::1]:5\r\n\r\n", 404 },
        { "POST /mcp HTTP/1.1\r\nHost: evil.example.com\r\nContent-Length: 100\r\n\r\n", 403 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost.evil.com\r\nContent-Length: 100\r\n\r\n", 403 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example.com\r\n"
          "Content-Length: 100\r\n\r\n",
          403 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: null\r\nContent-Length: 100\r\n\r\n",
          403 },
        { "POST /mcp HTTP/1.1\r\nContent-Length: 100\r\n\r\n", 400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n",
          400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Method: a\r\nmcp-method: a\r\n"
          "Content-Length: 9\r\n\r\n",
          400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Param-A: a\r\nMcp-Param-a: a\r\n"
          "Content-Length: 9\r\n\r\n",
          400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\nContent-Length: 9\r\n\r\n",
          400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
          "Transfer-Encoding: chunked\r\n\r\n",
          400 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n"
          "Content-Length: 9\r\n\r\n",
          415 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          "Content-Length: 99999999\r\n\r\n",
          413 },
        { "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
          "Expect: miracles\r\nContent-Length: 9\r\n\r\n",
          417 },
        { "OPTIONS /mcp HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost:3000\r\n\r\n",
          204 },
        { "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n", 400 },
        { "GARBAGE\r\n\r\n", 400 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int status = live_once(&live, rows[i].request, answer, sizeof(answer));

        if (status != rows[i].status)
            fail_msg("%d for %s", status, rows[i].request);
    }
}

static void a_head_over_16_kib_is_431(void **state)
{
    size_t n = (size_t)snprintf(request, sizeof(request), "GET /mcp HTTP/1.1\r\nHost: x\r\nX: ");

    (void)state;
    memset(request + n, 'x', 17000);
    memcpy(request + n + 17000, "\r\n\r\n", 5);
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 431);
}

static void a_chunked_body_over_the_limit_is_413(void **state)
{
    int fd = live_connect(&live);

    (void)state;
    live_send(fd, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n");
    memset(request, ' ', 1 << 16);
    memcpy(request, "10000\r\n", 7);
    memset(request + 7, ' ', 1 << 16);
    memcpy(request + 7 + (1 << 16), "\r\n", 3);
    for (int i = 0; i < 70; i++)
        live_send(fd, request);
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 413);
    close(fd);
}

static void a_fast_tool_and_a_worker_give_the_same_answer(void **state)
{
    static const char expected[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"resultType\":\"complete\",\"content\":[{"
        "\"type\":\"text\",\"text\":\"hi\"}],\"structuredContent\":{\"echo\":\"hi\"},\"_meta\":{";

    (void)state;
    assert_int_equal(call("echo", "{\"text\":\"hi\"}", ""), 200);
    assert_true(says(expected));
    assert_int_equal(call("slow_echo", "{\"text\":\"hi\"}", ""), 200);
    assert_true(says(expected));
    assert_int_equal(call("miss", "{\"text\":\"hi\"}", ""), 200);
    assert_true(says(expected)); /* what fast left behind is not seen */
}

static void a_chunked_request_and_expect_continue_work(void **state)
{
    char body[2048], *start;
    int fd = live_connect(&live);

    (void)state;
    live_call(request, sizeof(request), 1, "echo", "{}", "");
    start = strstr(request, "\r\n\r\n") + 4;
    snprintf(body, sizeof(body), "5\r\n%.5s\r\n%zx\r\n%s\r\n0\r\n\r\n", start, strlen(start) - 5,
             start + 5);
    live_send(fd, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\n"
                  "Mcp-Name:   echo  \r\nExpect: 100-continue\r\n"
                  "Transfer-Encoding: chunked\r\n\r\n");
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 100);
    live_send(fd, body);
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 200);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    int fd = live_connect(&live);
    char id[32];

    (void)state;
    for (int i = 0; i < 6; i++) {
        live_call(request, sizeof(request), 100 + i, i % 2 == 0 ? "wait" : "echo",
                  i % 2 == 0 ? "{\"n\":20}" : "{}", "");
        live_send(fd, request);
    }
    for (int i = 0; i < 6; i++) {
        assert_int_equal(live_receive(fd, answer, sizeof(answer)), 200);
        snprintf(id, sizeof(id), "\"id\":%d", 100 + i);
        assert_true(says(id));
    }
    close(fd);
}

static void progress_makes_the_answer_a_stream(void **state)
{
    (void)state;
    assert_int_equal(call("progress", "{\"n\":3}", ",\"progressToken\":\"t\""), 200);
    assert_true(says("Content-Type: text/event-stream"));
    assert_true(
        says("event: message\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
             "\"notifications/progress\",\"params\":{\"progressToken\":\"t\",\"progress\":0,"
             "\"total\":3,\"message\":\"step\"}}\n\n"));
    assert_true(says("data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":"));
    assert_int_equal(call("progress", "{\"n\":2}", ""), 200); /* nobody asked */
    assert_true(says("Content-Type: application/json"));
}

static void the_loop_answers_for_a_deaf_handler_and_counts_it(void **state)
{
    uint64_t late = atomic_load(&live.serve.counters.late_answers);

    (void)state;
    assert_int_equal(call("deaf", "{\"n\":1500}", ""), 200);
    assert_true(says("error deadline_exceeded"));
    assert_true(live_wait(&live.serve.counters.late_answers, late + 1));
}

static void a_handler_that_stops_at_its_deadline_was_not_cancelled(void **state)
{
    (void)state;
    assert_int_equal(call("busy", "{}", ""), 200);
    assert_true(says("error deadline_exceeded: busy did not finish before its deadline. Next: "));
}

static void a_modern_disconnect_cancels(void **state)
{
    int before = atomic_load(&test_cancelled);
    uint64_t until = mcp_clock_mono_ms() + 3000;
    int runs = atomic_load(&test_runs);
    int fd = live_connect(&live);

    (void)state;
    live_call(request, sizeof(request), 1, "wait", "{\"n\":4000}", "");
    live_send(fd, request);
    while (atomic_load(&test_runs) == runs && mcp_clock_mono_ms() < until)
        sched_yield();
    close(fd);
    while (atomic_load(&test_cancelled) == before && mcp_clock_mono_ms() < until)
        sched_yield();
    assert_int_equal(atomic_load(&test_cancelled), before + 1);
}

static void open_session(const char *version, char id[33])
{
    char body[256];
    char *at;

    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
             "\"protocolVersion\":\"%s\",\"capabilities\":{}}}",
             version);
    assert_int_equal(post("", body), 200);
    at = strstr(answer, "Mcp-Session-Id: ");
    assert_non_null(at);
    memcpy(id, at + 16, 32);
    id[32] = '\0';
}

static void a_session_lives_until_it_is_deleted(void **state)
{
    static const char list[] = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}";
    char id[33], header[64];

    (void)state;
    open_session("2025-11-25", id);
    snprintf(header, sizeof(header), "Mcp-Session-Id: %s\r\n", id);
    assert_int_equal(post(header, list), 200);
    assert_true(says("\"result\":{\"tools\":["));
    assert_int_equal(post(header, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}"),
                     202);
    assert_int_equal(post("", list), 400);
    snprintf(request, sizeof(request), "DELETE /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n", header);
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 204);
    assert_int_equal(post(header, list), 404);
}

static void a_legacy_cancellation_ends_the_call_without_an_answer(void **state)
{
    char id[33], header[64], body[256];
    int fd = live_connect(&live), runs;

    (void)state;
    open_session("2025-06-18", id);
    snprintf(header, sizeof(header), "Mcp-Session-Id: %s\r\n", id);
    live_post(request, sizeof(request), header,
              "{\"jsonrpc\":\"2.0\",\"id\":\"w\",\"method\":\"tools/call\",\"params\":{\"name\":"
              "\"wait\",\"arguments\":{\"n\":4000}}}");
    runs = atomic_load(&test_runs);
    live_send(fd, request);
    while (atomic_load(&test_runs) == runs)
        sched_yield();
    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{"
             "\"requestId\":\"w\"}}");
    assert_int_equal(post(header, body), 202);
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 200);
    assert_true(says("text/event-stream"));
    assert_true(says("Content-Length: 0"));
    close(fd);
}

static void a_batch_is_answered_as_one_array(void **state)
{
    char id[33], header[64];

    (void)state;
    open_session("2025-03-26", id);
    snprintf(header, sizeof(header), "Mcp-Session-Id: %s\r\n", id);
    assert_int_equal(
        post(header, "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":"
                     "\"slow_echo\"}},{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"},"
                     "{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":"
                     "\"echo\"}},{\"id\":4}]"),
        200);
    assert_true(says("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},"));
    assert_true(says("\"id\":2,\"result\""));
    assert_true(says("\"id\":3,\"result\""));
    assert_true(says("\"id\":4,\"error\":{\"code\":-32600"));
    assert_int_equal(post(header, "[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}]"), 202);
    assert_int_equal(post(header, "[]"), 400);
}

static void a_large_answer_to_a_slow_reader_arrives_whole(void **state)
{
    int fd = live_connect(&live);

    (void)state;
    live_call(request, sizeof(request), 1, "huge", "{\"n\":1500000}", "");
    live_send(fd, request);
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 200);
    assert_true(strlen(answer) > 1500000);
    close(fd);
}

static void request_ids_come_back_and_cors_names_the_origin(void **state)
{
    (void)state;
    assert_int_equal(post("X-Request-ID: abc\r\nOrigin: http://127.0.0.1:5\r\n", "{"), 400);
    assert_true(says("X-Request-ID: abc\r\n"));
    assert_true(says("Access-Control-Allow-Origin: http://127.0.0.1:5\r\n"));
    assert_int_equal(post("X-Request-ID: a b\r\n", "{"), 400);
    assert_false(says("X-Request-ID"));
}

static int setup(void **state)
{
    (void)state;
    live_init(&live);
    live_start(&live);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    live_stop(&live);
    return live.status;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_before_the_body_is_decided_before_it),
        cmocka_unit_test(a_head_over_16_kib_is_431),
        cmocka_unit_test(a_chunked_body_over_the_limit_is_413),
        cmocka_unit_test(a_fast_tool_and_a_worker_give_the_same_answer),
        cmocka_unit_test(a_chunked_request_and_expect_continue_work),
        cmocka_unit_test(pipelined_requests_are_answered_in_order),
        cmocka_unit_test(progress_makes_the_answer_a_stream),
        cmocka_unit_test(a_handler_that_stops_at_its_deadline_was_not_cancelled),
        cmocka_unit_test(the_loop_answers_for_a_deaf_handler_and_counts_it),
        cmocka_unit_test(a_modern_disconnect_cancels),
        cmocka_unit_test(a_session_lives_until_it_is_deleted),
        cmocka_unit_test(a_legacy_cancellation_ends_the_call_without_an_answer),
        cmocka_unit_test(a_batch_is_answered_as_one_array),
        cmocka_unit_test(a_large_answer_to_a_slow_reader_arrives_whole),
        cmocka_unit_test(request_ids_come_back_and_cors_names_the_origin),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
