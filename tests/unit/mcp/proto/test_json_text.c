/* The text of JSON strings: unescaping, comparing without memory, names that stand twice. */
#include "mcp/proto/json_doc.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int make(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL ? -1 : 0;
}

static int drop(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static struct mcp_json parse(mcp_str text)
{
    struct mcp_json root = { NULL, 0 };

    assert_int_equal(mcp_json_parse(arena, text, NULL, &root, NULL), 0);
    return root;
}

static void strings_are_unescaped_and_compare_unescaped(void **state)
{
    static const struct {
        const char *json;
        mcp_str text;
    } rows[] = {
        { "\"\"", { "", 0 } },
        { "\"plain\"", { "plain", 5 } },
        { "\"\\\"\\\\\\/\"", { "\"\\/", 3 } },
        { "\"\\b\\f\\n\\r\\t\"", { "\b\f\n\r\t", 5 } },
        { "\"\\u0041\\u00e4\\u20AC\"", { "A\xC3\xA4\xE2\x82\xAC", 6 } },
        { "\"\\uD834\\uDD1E!\"", { "\xF0\x9D\x84\x9E!", 5 } },
        { "\"a\\u0000b\"", { "a\0b", 3 } },
        { "\"\xC3\xA4\"", { "\xC3\xA4", 2 } },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_json v = parse(mcp_str_z(rows[i].json));
        mcp_str out;

        assert_int_equal(mcp_json_str(v, arena, &out), 0);
        assert_true(mcp_str_eq(out, rows[i].text));
        assert_false(mcp_str_is_null(out));
        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++)
            assert_int_equal(mcp_json_str_eq(v, rows[j].text), i == j);
    }
    /* The spelling itself is not what it stands for. */
    assert_false(mcp_json_str_eq(parse(MCP_STR("\"\\n\"")), MCP_STR("\\n")));
}

static void names_are_found_by_what_they_stand_for(void **state)
{
    struct mcp_json v = parse(MCP_STR("{\"\\u0061b\":1,\"ab\":2,\"c\\\\\":3}"));

    (void)state;
    assert_int_equal(mcp_json_get_int64(v, MCP_STR("ab"), 0), 1);
    assert_int_equal(mcp_json_get_int64(v, MCP_STR("c\\"), 0), 3);
    assert_int_equal(mcp_json_get_int64(v, MCP_STR("\\u0061b"), 0), 0);
    assert_true(
        mcp_str_eq(mcp_json_get_str(parse(MCP_STR("{\"a\":\"x\\ty\"}")), MCP_STR("a"), arena),
                   MCP_STR("x\ty")));
    assert_true(mcp_str_is_null(mcp_json_get_str(v, MCP_STR("ab"), arena)));
    assert_true(mcp_json_get_bool(parse(MCP_STR("{\"a\":true}")), MCP_STR("a"), false));
}

static void a_string_that_finds_no_memory_is_refused(void **state)
{
    struct mcp_arena *small = mcp_arena_new(64, 64);
    char text[300] = "\"\\n";
    mcp_str out;

    (void)state;
    memset(text + 3, 'x', sizeof(text) - 3);
    text[sizeof(text) - 1] = '"';
    assert_int_equal(mcp_json_str(parse(mcp_str_n(text, sizeof(text))), small, &out), -1);
    mcp_arena_free(small);
}

static void names_that_stand_twice_are_found_in_small_and_large_objects(void **state)
{
    static const struct {
        const char *json;
        bool twice;
    } rows[] = {
        { "{}", false },
        { "{\"a\":1}", false },
        { "{\"a\":1,\"b\":2}", false },
        { "{\"a\":1,\"b\":2,\"a\":3}", true },
        { "{\"a\":1,\"\\u0061\":2}", true },
        { "{\"a\":1,\"\\\\u0061\":2}", false },
        { "{\"a\":{\"x\":1,\"x\":2},\"b\":1}", false },
        { "{\"\":1,\"\":1}", true },
        { "[1,1]", false },
    };
    char text[4000];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(mcp_json_exists(mcp_json_duplicate(parse(mcp_str_z(rows[i].json)))),
                         rows[i].twice);
    for (int twice = 0; twice < 2; twice++) {
        size_t len = (size_t)snprintf(text, sizeof(text), "{");

        for (int i = 0; i < 200; i++)
            len += (size_t)snprintf(text + len, sizeof(text) - len, "\"k%d\":%d,", i, i);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "\"\\u006b%d\":0}",
                                twice == 1 ? 77 : 200);
        assert_int_equal(mcp_json_exists(mcp_json_duplicate(parse(mcp_str_n(text, len)))), twice);
    }
}

static void a_name_that_stands_twice_is_found_at_any_depth_below_a_value(void **state)
{
    static const struct {
        const char *json;
        const char *twice; /* as it stands in the text, or NULL */
    } rows[] = {
        { "{\"a\":1,\"a\":2}", "\"a\"" },
        { "{\"a\":{\"b\":[0,{\"c\":1,\"d\":2,\"\\u0063\":3}]}}", "\"\\u0063\"" },
        { "{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}}", NULL },
        { "[{\"x\":1},{\"x\":1}]", NULL },
        { "7", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_json found = mcp__json_duplicate_below(parse(mcp_str_z(rows[i].json)));

        assert_int_equal(mcp_json_exists(found), rows[i].twice != NULL);
        assert_true(mcp_str_eq(mcp_json_raw(found), mcp_str_z(rows[i].twice)));
    }
    /* What stands behind the value does not count. */
    assert_false(mcp_json_exists(mcp__json_duplicate_below(
        mcp_json_get(parse(MCP_STR("{\"v\":{},\"w\":1,\"w\":2}")), MCP_STR("v")))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_are_unescaped_and_compare_unescaped),
        cmocka_unit_test(names_are_found_by_what_they_stand_for),
        cmocka_unit_test(a_string_that_finds_no_memory_is_refused),
        cmocka_unit_test(names_that_stand_twice_are_found_in_small_and_large_objects),
        cmocka_unit_test(a_name_that_stands_twice_is_found_at_any_depth_below_a_value),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
