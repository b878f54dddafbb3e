/* Arguments in headers: what is declared is sent, and nothing else. */
#include "mcp/client/mirror.h"

#include <mcp/arena.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define SCHEMA                                                                                     \
    "{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":"       \
    "\"Region\"},"                                                                                 \
    "\"dry\":{\"type\":\"boolean\",\"x-mcp-header\":\"Dry\"},\"in\":{\"type\":\"object\","         \
    "\"properties\":{\"n\":{\"type\":\"integer\",\"x-mcp-header\":\"Count\"}}},\"free\":{}}}"

static struct mcp_arena *arena;
static struct mcp__mirrors mirrors;

static bool learn(const char *tool, const char *schema)
{
    struct mcp_json root;

    assert_int_equal(mcp_json_parse(arena, mcp_str_z(schema), NULL, &root, NULL), 0);
    return mcp__mirrors_learn(&mirrors, mcp_str_z(tool), root);
}

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    mcp__mirrors_init(&mirrors);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp__mirrors_release(&mirrors);
    mcp_arena_free(arena);
    return 0;
}

static void arguments_become_the_headers_they_are_declared_as(void **state)
{
    static const struct {
        const char *args, *headers;
    } rows[] = {
        { "{}", "" },
        { "{\"region\":\"eu\",\"free\":\"x\"}", "Mcp-Param-Region=eu;" },
        { "{\"region\":\"s\\u00fcd\"}", "Mcp-Param-Region==?base64?c8O8ZA==?=;" },
        { "{\"dry\":false,\"in\":{\"n\":4.2e1}}", "Mcp-Param-Dry=false;Mcp-Param-Count=42;" },
        { "{\"region\":null,\"dry\":\"yes\",\"in\":{\"n\":1.5}}", "" },
        { "{\"n\":1,\"in\":7}", "" },
    };

    (void)state;
    learn("t", SCHEMA);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct mcp_http_header *headers;
        char text[256] = "";
        size_t n;

        assert_int_equal(mcp__mirrors_headers(&mirrors, arena, MCP_STR("t"),
                                              mcp_str_z(rows[i].args), &headers, &n, NULL),
                         0);
        for (size_t k = 0; k < n; k++)
            snprintf(text + strlen(text), sizeof(text) - strlen(text), "%.*s=%.*s;",
                     MCP_STR_ARG(headers[k].name), MCP_STR_ARG(headers[k].value));
        assert_string_equal(text, rows[i].headers);
    }
}

static void a_tool_that_is_not_known_or_declares_badly_has_none(void **state)
{
    const struct mcp_http_header *headers;
    size_t n = 7;

    (void)state;
    assert_true(
        learn("plain", "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"string\"}}}"));
    assert_false(
        learn("bad", "{\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}"));
    assert_int_equal(mirrors.count, 0);
    assert_int_equal(mcp__mirrors_headers(&mirrors, arena, MCP_STR("bad"), MCP_STR("{\"a\":1}"),
                                          &headers, &n, NULL),
                     0);
    assert_int_equal(n, 0);
}

static void the_latest_declaration_counts_and_the_same_one_is_kept_once(void **state)
{
    const struct mcp_http_header *headers;
    size_t n;

    (void)state;
    learn("t", SCHEMA);
    learn("t", SCHEMA);
    assert_int_equal(mirrors.count, 1);
    learn("t", "{\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Place\"}}}");
    assert_int_equal(mcp__mirrors_headers(&mirrors, arena, MCP_STR("t"),
                                          MCP_STR("{\"region\":\"eu\"}"), &headers, &n, NULL),
                     0);
    assert_int_equal(n, 1);
    assert_true(mcp_str_eq(headers[0].name, MCP_STR("Mcp-Param-Place")));
    assert_int_equal(
        mcp__mirrors_headers(&mirrors, arena, MCP_STR("t"), MCP_STR("{"), &headers, &n, NULL),
        MCP_EINVAL);
    learn("t", "{\"properties\":{\"region\":{\"type\":\"string\"}}}");
    assert_int_equal(mcp__mirrors_headers(&mirrors, arena, MCP_STR("t"),
                                          MCP_STR("{\"region\":\"eu\"}"), &headers, &n, NULL),
                     0);
    assert_int_equal(n, 0);
}

static void more_tools_than_the_cap_are_not_remembered(void **state)
{
    char name[16];

    (void)state;
    for (int i = 0; i < 600; i++) {
        snprintf(name, sizeof(name), "t%d", i);
        learn(name, SCHEMA);
    }
    assert_int_equal(mirrors.count, 512);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(arguments_become_the_headers_they_are_declared_as),
        TEST(a_tool_that_is_not_known_or_declares_badly_has_none),
        TEST(the_latest_declaration_counts_and_the_same_one_is_kept_once),
        TEST(more_tools_than_the_cap_are_not_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
