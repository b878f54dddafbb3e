/* Health answers: status only, and not ready while ending. */
#include "mcp/server/health.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void ask(void (*route)(void *, const struct mcp_http_head *, struct mcp_http_reply *),
                struct mcp_serve *serve, int status, const char *body)
{
    const struct mcp_http_head head = { .method = MCP_STR("GET") };
    struct mcp_http_reply reply = { .status = 0 };

    mcp_buf_init(&reply.headers, 256);
    mcp_buf_init(&reply.body, 256);
    route(serve, &head, &reply);
    assert_int_equal(reply.status, status);
    assert_true(mcp_str_eq(mcp_buf_view(&reply.body), mcp_str_z(body)));
    assert_string_equal(reply.content_type, "application/json");
    mcp_buf_release(&reply.headers);
    mcp_buf_release(&reply.body);
}

static void ready_ends_before_live_does(void **state)
{
    static struct mcp_serve serve;

    (void)state;
    ask(mcp__health_live, &serve, 200, "{\"status\":\"ok\"}\n");
    ask(mcp__health_ready, &serve, 200, "{\"status\":\"ok\"}\n");
    atomic_store(&serve.stopping, true);
    ask(mcp__health_live, &serve, 200, "{\"status\":\"ok\"}\n");
    ask(mcp__health_ready, &serve, 503, "{\"status\":\"ending\"}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ready_ends_before_live_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
