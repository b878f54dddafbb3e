/* Lists over pages, and results of every shape, from a server that scripts them. */
#include "actor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_call *scope;
static struct mcp_client *client;
static struct mcp_error err;

static void connect_to(const char *act, unsigned max_tools)
{
    struct mcp_client_options o = actor_options(act);

    o.max_tools = max_tools;
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), 0);
}

static int setup(void **state)
{
    (void)state;
    scope = mcp_client_scope_new(20000);
    return scope == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_client_close(client);
    client = NULL;
    mcp_client_scope_free(scope);
    return 0;
}

static void an_empty_cursor_is_a_cursor_and_tools_without_schema_are_left_out(void **state)
{
    const struct mcp_client_tool *tools = NULL;
    size_t n = 0;

    (void)state;
    connect_to("legacy", 0);
    assert_int_equal(mcp_client_list_tools(scope, client, NULL, &tools, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_true(mcp_str_eq(tools[0].name, MCP_STR("a")));
    assert_true(mcp_str_eq(tools[1].name, MCP_STR("b")));
    assert_true(mcp_str_is_null(tools[1].title));
    assert_int_equal(mcp_json_type(tools[1].input_schema), MCP_JSON_OBJECT);
}

static void a_list_that_turns_in_a_circle_ends(void **state)
{
    const struct mcp_client_tool *tools = NULL;
    size_t n = 0;

    (void)state;
    connect_to("mixed", 0);
    assert_int_equal(mcp_client_list_tools(scope, client, NULL, &tools, &n, &err), MCP_EDATA);
    assert_string_equal(err.message, "the server's list of tools turns in a circle");
}

static void a_list_beyond_the_cap_is_refused(void **state)
{
    const struct mcp_client_tool *tools = NULL;
    size_t n = 0;

    (void)state;
    connect_to("legacy", 1);
    assert_int_equal(mcp_client_list_tools(scope, client, NULL, &tools, &n, &err), MCP_ETOOBIG);
    assert_string_equal(err.message, "the server lists more than 1 tools");
    assert_null(tools);
}

static void texts_are_joined_and_other_blocks_left_to_the_caller(void **state)
{
    struct mcp_client_result result;

    (void)state;
    connect_to("serve", 0);
    assert_int_equal(
        mcp_client_call_tool(scope, client, MCP_STR("blocks"), MCP_STR_NULL, NULL, &result, &err),
        0);
    assert_int_equal(mcp_json_count(result.content), 5);
    assert_true(mcp_str_eq(result.text, MCP_STR("a\nb")));
    assert_false(mcp_json_exists(result.structured));
}

static void a_call_without_a_tool_is_refused(void **state)
{
    struct mcp_client_result result;

    (void)state;
    connect_to("serve", 0);
    assert_int_equal(
        mcp_client_call_tool(scope, client, MCP_STR_NULL, MCP_STR_NULL, NULL, &result, &err),
        MCP_EINVAL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(an_empty_cursor_is_a_cursor_and_tools_without_schema_are_left_out),
        TEST(a_list_that_turns_in_a_circle_ends),
        TEST(a_list_beyond_the_cap_is_refused),
        TEST(texts_are_joined_and_other_blocks_left_to_the_caller),
        TEST(a_call_without_a_tool_is_refused),
    };
    int act = actor_main(argc, argv);

    return act >= 0 ? act : cmocka_run_group_tests(tests, NULL, NULL);
}
