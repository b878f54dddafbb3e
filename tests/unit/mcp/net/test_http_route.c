/* Routes, hosts, origins and callers, as a server's configuration and hooks decide them. */
#include "live.h"
#include "tools.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static struct live live;
static char request[8192], answer[1 << 16];

static int authorize(void *ctx, const struct mcp_http_head *head, struct mcp_buf *principal,
                     struct mcp_http_reply *reply)
{
    mcp_str token = head->authorization;

    (void)ctx;
    if (!mcp_str_cut_prefix(&token, MCP_STR("Bearer "))) {
        mcp_buf_z(&reply->headers, "WWW-Authenticate: Bearer\r\n");
        return MCP_EAUTH;
    }
    if (mcp_str_eq(token, MCP_STR("eve")))
        return MCP_EDENIED;
    mcp_buf_str(principal, token);
    return 0;
}

static void health(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    (void)ctx;
    reply->status = mcp_str_eq(head->query, MCP_STR("down")) ? 503 : 200;
    mcp_buf_z(&reply->body, "{\"status\":\"ok\"}");
}

static void metrics(void *ctx, const struct mcp_http_head *head, struct mcp_http_reply *reply)
{
    (void)ctx;
    (void)head;
    reply->content_type = "text/plain; version=0.0.4";
    mcp_buf_z(&reply->headers, "X-Test: yes\r\n");
    mcp_buf_z(&reply->body, "up 1\n");
}

static const struct mcp_route routes[] = {
    { "/health", true, health },
    { "/metrics", false, metrics },
};

static int get(const char *method, const char *path, const char *lines)
{
    snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\n%s\r\n", method, path, lines);
    return live_once(&live, request, answer, sizeof(answer));
}

static void open_routes_ask_for_nothing_and_others_for_everything(void **state)
{
    (void)state;
    assert_int_equal(get("GET", "/health", "Host: anything\r\nOrigin: http://evil\r\n"), 200);
    assert_non_null(strstr(answer, "{\"status\":\"ok\"}"));
    assert_null(strstr(answer, "Access-Control"));
    assert_int_equal(get("GET", "/health?down", "Host: x\r\n"), 503);
    assert_int_equal(get("POST", "/health", "Host: x\r\n"), 405);
    assert_int_equal(get("GET", "/metrics", "Host: evil\r\n"), 403);
    assert_int_equal(get("GET", "/metrics", "Host: localhost\r\n"), 401);
    assert_int_equal(get("GET", "/metrics", "Host: localhost\r\nAuthorization: Bearer a\r\n"), 200);
    assert_non_null(strstr(answer, "X-Test: yes\r\n"));
    assert_non_null(strstr(answer, "up 1\n"));
    assert_int_equal(get("GET", "/nothing", "Host: localhost\r\n"), 404);
}

static void a_listed_host_and_origin_are_welcome(void **state)
{
    static const char token[] = "Authorization: Bearer a\r\n";
    char lines[256];

    (void)state;
    snprintf(lines, sizeof(lines), "%sHost: mcp.example.com:8443\r\n", token);
    assert_int_equal(get("GET", "/metrics", lines), 200);
    snprintf(lines, sizeof(lines), "%sHost: mcp.example.com\r\nOrigin: https://app.example\r\n",
             token);
    assert_int_equal(get("GET", "/metrics", lines), 200);
    assert_non_null(strstr(answer, "Access-Control-Allow-Origin: https://app.example\r\n"));
    snprintf(lines, sizeof(lines), "%sHost: other.example.com\r\n", token);
    assert_int_equal(get("GET", "/metrics", lines), 403);
    snprintf(lines, sizeof(lines),
             "%sHost: mcp.example.com\r\nOrigin: https://app.example.evil\r\n", token);
    assert_int_equal(get("GET", "/metrics", lines), 403);
}

static void the_caller_is_asked_before_the_body_is_read(void **state)
{
    int fd = live_connect(&live);

    (void)state;
    live_send(fd, "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                  "Content-Length: 1000\r\n\r\n");
    assert_int_equal(live_receive(fd, answer, sizeof(answer)), 401);
    assert_non_null(strstr(answer, "WWW-Authenticate: Bearer\r\n"));
    assert_non_null(strstr(answer, "Connection: close\r\n"));
    close(fd);
    live_post(request, sizeof(request), "Authorization: Bearer eve\r\n", "{}");
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 403);
    live_post(request, sizeof(request), "Authorization: Bearer a\r\nauthorization: Bearer b\r\n",
              "{}");
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 400);
}

static void a_session_is_no_use_to_another_caller(void **state)
{
    static const char list[] = "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/list\"}";
    char lines[256], id[33] = "";
    char *at;

    (void)state;
    live_post(request, sizeof(request), "Authorization: Bearer alice\r\n",
              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{"
              "\"protocolVersion\":\"2025-11-25\"}}");
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 200);
    at = strstr(answer, "Mcp-Session-Id: ");
    assert_non_null(at);
    memcpy(id, at + 16, 32);
    snprintf(lines, sizeof(lines), "Authorization: Bearer bob\r\nMcp-Session-Id: %s\r\n", id);
    live_post(request, sizeof(request), lines, list);
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 404);
    snprintf(lines, sizeof(lines), "Authorization: Bearer alice\r\nMcp-Session-Id: %s\r\n", id);
    live_post(request, sizeof(request), lines, list);
    assert_int_equal(live_once(&live, request, answer, sizeof(answer)), 200);
}

static void a_request_that_does_not_end_is_408_and_idle_ones_close(void **state)
{
    int slow = live_connect(&live), idle = live_connect(&live);
    uint64_t begin = mcp_clock_mono_ms();

    (void)state;
    live_send(slow, "POST /mcp HTTP/1.1\r\nHost: lo");
    assert_int_equal(live_receive(slow, answer, sizeof(answer)), 408);
    assert_int_equal(live_receive_all(idle, answer, sizeof(answer)), 0);
    assert_true(mcp_clock_mono_ms() - begin < 8000);
    close(slow);
    close(idle);
}

static void one_connection_too_many_is_closed(void **state)
{
    int fds[9];

    (void)state;
    for (int i = 0; i < 9; i++)
        fds[i] = live_connect(&live);
    assert_int_equal(live_receive_all(fds[8], answer, sizeof(answer)), 0);
    assert_true(live_wait(&live.serve.counters.connections_refused, 1));
    for (int i = 0; i < 9; i++)
        close(fds[i]);
}

static int setup(void **state)
{
    static const mcp_str hosts[] = { { "mcp.example.com", 15 } };
    static const mcp_str origins[] = { { "https://app.example", 19 } };

    (void)state;
    live_init(&live);
    live.serve.authorize = authorize;
    live.serve.routes = routes;
    live.serve.n_routes = sizeof(routes) / sizeof(routes[0]);
    live.serve.config.allowed_hosts = hosts;
    live.serve.config.n_allowed_hosts = 1;
    live.serve.config.allowed_origins = origins;
    live.serve.config.n_allowed_origins = 1;
    live.serve.config.header_timeout_ms = 500;
    live.serve.config.idle_timeout_ms = 500;
    live.serve.config.max_connections = 8;
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
        cmocka_unit_test(open_routes_ask_for_nothing_and_others_for_everything),
        cmocka_unit_test(a_listed_host_and_origin_are_welcome),
        cmocka_unit_test(the_caller_is_asked_before_the_body_is_read),
        cmocka_unit_test(a_session_is_no_use_to_another_caller),
        cmocka_unit_test(a_request_that_does_not_end_is_408_and_idle_ones_close),
        cmocka_unit_test(one_connection_too_many_is_closed),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
