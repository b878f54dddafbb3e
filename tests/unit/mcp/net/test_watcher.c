/* Changes on their way from any thread to the streams that want them. */
#include "tools.h"

#include "mcp/net/watcher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_serve serve;
static struct mcp_loop loop;
static char told[4096];
static int stopped;

static void on_send(struct mcp_watcher *watcher, mcp_str text)
{
    size_t len = strlen(told);

    snprintf(told + len, sizeof(told) - len, "%s:%.*s\n", (const char *)watcher->owner,
             MCP_STR_ARG(text));
}

static void on_stop(struct mcp_watcher *watcher)
{
    stopped++;
    mcp__watcher_remove(&loop, watcher);
}

static int setup(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    memset(&serve, 0, sizeof(serve));
    serve.registry = test_registry();
    told[0] = '\0';
    stopped = 0;
    return mcp__loop_init(&loop, &serve, &err);
}

static int teardown(void **state)
{
    (void)state;
    mcp__loop_release(&loop, 0);
    mcp__registry_free((struct mcp_registry *)(uintptr_t)serve.registry);
    return 0;
}

static void a_change_reaches_those_that_want_it(void **state)
{
    struct mcp_watch tools = { .changes = MCP_CHANGE_TOOLS }, uris = { 0 };
    char a[] = "a", b[] = "b";
    struct mcp_watcher first = { .watch = &tools, .owner = a, .send = on_send, .stop = on_stop };
    struct mcp_watcher second = { .watch = &uris, .owner = b, .send = on_send, .stop = on_stop };

    (void)state;
    assert_int_equal(mcp__watch_add(&uris, MCP_STR("x:y")), 0);
    assert_int_equal(mcp__watcher_add(&loop, &first), 0);
    assert_int_equal(mcp__watcher_add(&loop, &second), 0);
    mcp__serve_changed(&serve, MCP_CHANGE_TOOLS, MCP_STR_NULL);
    mcp__serve_changed(&serve, MCP_CHANGE_PROMPTS, MCP_STR_NULL);
    mcp__serve_changed(&serve, MCP_CHANGE_RESOURCE, MCP_STR("x:z"));
    mcp__serve_changed(&serve, MCP_CHANGE_RESOURCE, MCP_STR("x:y"));
    assert_string_equal(told, "");
    mcp__mailbox_drain(&loop.mailbox);
    assert_string_equal(told,
                        "a:{\"jsonrpc\":\"2.0\",\"method\":\"notifications/tools/list_changed\","
                        "\"params\":{}}\n"
                        "b:{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/updated\","
                        "\"params\":{\"uri\":\"x:y\"}}\n");
    mcp__watchers_stop(&loop);
    assert_int_equal(stopped, 2);
    assert_null(loop.watchers);
    mcp__watch_release(&uris);
}

static void their_number_is_limited(void **state)
{
    struct mcp_watcher *all = calloc(MCP_WATCHERS_MAX + 1, sizeof(*all));

    (void)state;
    for (size_t i = 0; i < MCP_WATCHERS_MAX; i++) {
        all[i].stop = on_stop;
        assert_int_equal(mcp__watcher_add(&loop, &all[i]), 0);
    }
    assert_int_equal(mcp__watcher_add(&loop, &all[MCP_WATCHERS_MAX]), MCP_EBUSY);
    mcp__watcher_remove(&loop, &all[5]);
    assert_int_equal(mcp__watcher_add(&loop, &all[5]), 0);
    mcp__watchers_stop(&loop);
    assert_int_equal(loop.n_watchers, 0);
    free(all);
}

static void a_change_without_a_server_is_nothing(void **state)
{
    struct mcp_serve idle = { 0 };

    (void)state;
    mcp__serve_changed(&idle, MCP_CHANGE_TOOLS, MCP_STR_NULL);
}

static void a_change_that_nobody_took_is_freed_at_the_end(void **state)
{
    (void)state;
    mcp__serve_changed(&serve, MCP_CHANGE_TOOLS, MCP_STR_NULL);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_change_reaches_those_that_want_it),
        ROW(their_number_is_limited),
        ROW(a_change_without_a_server_is_nothing),
        ROW(a_change_that_nobody_took_is_freed_at_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
