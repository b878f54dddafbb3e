/* What clients want to be told of: the filter, what of it is honoured, the messages, the limits. */
#include "mcp/proto/watch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct mcp_arena *arena;
static struct mcp_buf text;
static struct mcp_watch watch;
static struct mcp_error err;

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    mcp_buf_init(&text, 1 << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp__watch_release(&watch);
    mcp_buf_release(&text);
    mcp_arena_free(arena);
    return 0;
}

static int read_filter(const char *filter, unsigned served, const char *id)
{
    struct mcp_json json;

    assert_int_equal(mcp_json_parse(arena, mcp_str_z(filter), NULL, &json, &err), 0);
    return mcp__watch_read(&watch, json, served, mcp_str_z(id), arena, &err);
}

static const char *printed(void)
{
    mcp_buf_char(&text, '\0');
    return text.ptr;
}

static void what_is_not_served_is_not_honoured(void **state)
{
    (void)state;
    assert_int_equal(
        read_filter("{\"toolsListChanged\":true,\"promptsListChanged\":true,"
                    "\"resourcesListChanged\":false,\"resourceSubscriptions\":[\"a:b\"]}",
                    MCP_CHANGE_TOOLS | MCP_CHANGE_RESOURCES | MCP_CHANGE_RESOURCE, "\"x\""),
        0);
    assert_int_equal(watch.changes, MCP_CHANGE_TOOLS);
    assert_true(mcp__watch_wants(&watch, MCP_CHANGE_TOOLS, MCP_STR_NULL));
    assert_false(mcp__watch_wants(&watch, MCP_CHANGE_PROMPTS, MCP_STR_NULL));
    assert_true(mcp__watch_wants(&watch, MCP_CHANGE_RESOURCE, MCP_STR("a:b")));
    assert_false(mcp__watch_wants(&watch, MCP_CHANGE_RESOURCE, MCP_STR("a:bc")));
    mcp__watch_ack(&watch, &text);
    assert_string_equal(
        printed(), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/subscriptions/acknowledged\","
                   "\"params\":{\"notifications\":{\"toolsListChanged\":true,"
                   "\"resourceSubscriptions\":[\"a:b\"]},\"_meta\":{"
                   "\"io.modelcontextprotocol/subscriptionId\":\"x\"}}}");
}

static void the_tag_is_the_id_with_its_type(void **state)
{
    (void)state;
    assert_int_equal(read_filter("{}", 0, "9007199254740993"), 0);
    mcp__watch_end(&watch, &text);
    assert_string_equal(printed(),
                        "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"result\":{\"resultType\":"
                        "\"complete\",\"_meta\":{\"io.modelcontextprotocol/subscriptionId\":"
                        "9007199254740993}}}");
    mcp_buf_clear(&text);
    mcp__watch_cancelled(&watch, &text);
    assert_non_null(strstr(printed(), "\"requestId\":9007199254740993"));
}

static void a_legacy_note_has_no_tag(void **state)
{
    (void)state;
    mcp__watch_note(&watch, MCP_CHANGE_RESOURCE, MCP_STR("a:\"b"), &text);
    assert_string_equal(printed(), "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/resources/"
                                   "updated\",\"params\":{\"uri\":\"a:\\\"b\"}}");
}

static void a_filter_of_another_shape_is_refused(void **state)
{
    static const char *const rows[] = { "[]", "null", "1", "{\"resourceSubscriptions\":[null]}" };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(read_filter(rows[i], MCP_CHANGE_RESOURCE, "1"), MCP_EINVAL);
    assert_null(watch.id);
}

static void a_uri_is_kept_once_and_can_be_taken_back(void **state)
{
    (void)state;
    assert_int_equal(mcp__watch_add(&watch, MCP_STR("a:b")), 0);
    assert_int_equal(mcp__watch_add(&watch, MCP_STR("a:b")), 0);
    assert_int_equal(watch.uris.n, 1);
    mcp__watch_remove(&watch, MCP_STR("c:d"));
    mcp__watch_remove(&watch, MCP_STR("a:b"));
    assert_int_equal(watch.uris.n, 0);
    assert_false(mcp__watch_wants(&watch, MCP_CHANGE_RESOURCE, MCP_STR("a:b")));
}

static void the_number_and_length_of_uris_is_limited(void **state)
{
    static char longest[MCP_WATCH_URI_BYTES + 1];
    char uri[32];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    assert_int_equal(mcp__watch_add(&watch, mcp_str_n(longest, sizeof(longest))), MCP_ETOOBIG);
    assert_int_equal(mcp__watch_add(&watch, mcp_str_n("a\0b", 3)), MCP_ETOOBIG);
    for (int i = 0; i < MCP_WATCH_URIS_MAX; i++) {
        snprintf(uri, sizeof(uri), "a:%d", i);
        assert_int_equal(mcp__watch_add(&watch, mcp_str_z(uri)), 0);
    }
    assert_int_equal(mcp__watch_add(&watch, MCP_STR("one:more")), MCP_ETOOBIG);
}

static bool is_first(void *ctx, mcp_str id)
{
    (void)ctx;
    return mcp_str_eq(id, MCP_STR("t1"));
}

static void only_tasks_that_are_known_are_watched(void **state)
{
    static const char filter[] = "{\"taskIds\":[\"t2\",\"t1\",\"t3\",\"t1\"]}";

    (void)state;
    assert_int_equal(read_filter(filter, MCP_CHANGE_TOOLS, "1"), 0);
    assert_true(mcp__watch_is_empty(&watch));
    mcp__watch_release(&watch);
    assert_int_equal(read_filter(filter, MCP_WATCH_TASKS, "1"), 0);
    assert_int_equal(watch.tasks.n, 3);
    mcp__watch_keep_tasks(&watch, is_first, NULL);
    assert_int_equal(watch.tasks.n, 1);
    assert_true(mcp__watch_wants_task(&watch, MCP_STR("t1")));
    assert_false(mcp__watch_wants_task(&watch, MCP_STR("t2")));
    assert_false(mcp__watch_is_empty(&watch));
    mcp__watch_ack(&watch, &text);
    assert_non_null(strstr(printed(), "\"notifications\":{\"taskIds\":[\"t1\"]}"));
    mcp__watch_release(&watch);
    assert_int_equal(read_filter("{\"taskIds\":[1]}", MCP_WATCH_TASKS, "1"), MCP_EINVAL);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(what_is_not_served_is_not_honoured),
        ROW(the_tag_is_the_id_with_its_type),
        ROW(a_legacy_note_has_no_tag),
        ROW(a_filter_of_another_shape_is_refused),
        ROW(a_uri_is_kept_once_and_can_be_taken_back),
        ROW(the_number_and_length_of_uris_is_limited),
        ROW(only_tasks_that_are_known_are_watched),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
