/* Values as schemas compare them: by what they stand for, not by how they are spelled. */
#include "mcp/proto/schema_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void equality_is_by_what_values_stand_for(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        { "1", "1.0", true },
        { "100", "1e2", true },
        { "9007199254740993", "9007199254740992", false },
        { "\"a\"", "\"\\u0061\"", true },
        { "\"a\"", "\"b\"", false },
        { "1", "true", false },
        { "0", "false", false },
        { "0", "\"\"", false },
        { "null", "null", true },
        { "true", "false", false },
        { "[1,2]", "[1.0,2]", true },
        { "[1,2]", "[2,1]", false },
        { "[1]", "[1,1]", false },
        { "{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"\\u0061\":1}", true },
        { "{\"a\":1}", "{\"b\":1}", false },
        { "{\"a\":1}", "{\"a\":1,\"b\":1}", false },
        { "{\"a\":{\"b\":null}}", "{\"a\":{\"b\":null}}", true },
        { "{}", "[]", false },
    };
    struct mcp_arena *arena = mcp_arena_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct schema_check c = { .scratch = arena, .work = 1000 };
        struct mcp_json a, b;
        bool equal;

        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].a), NULL, &a, NULL), 0);
        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].b), NULL, &b, NULL), 0);
        assert_int_equal(mcp__schema_equal(&c, a, b, &equal), 0);
        assert_int_equal(equal, rows[i].equal);
        assert_int_equal(mcp__schema_equal(&c, b, a, &equal), 0);
        assert_int_equal(equal, rows[i].equal);
        c.work = 0;
        assert_int_equal(mcp__schema_equal(&c, a, b, &equal), MCP_ETOOBIG);
    }
    mcp_arena_free(arena);
}

static void what_stands_twice_is_found(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct schema_check c = { .scratch = arena, .work = 1000 };
    struct mcp_json v, twice;

    (void)state;
    assert_int_equal(mcp_json_parse(arena, MCP_STR("[1,[2],\"1\",true,[2.0]]"), NULL, &v, NULL), 0);
    assert_int_equal(mcp__schema_find_twice(&c, v, &twice), 0);
    assert_true(mcp_str_eq(mcp_json_raw(twice), MCP_STR("[2.0]")));
    assert_int_equal(mcp_json_parse(arena, MCP_STR("[1,\"1\",true]"), NULL, &v, NULL), 0);
    assert_int_equal(mcp__schema_find_twice(&c, v, &twice), 0);
    assert_false(mcp_json_exists(twice));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equality_is_by_what_values_stand_for),
        cmocka_unit_test(what_stands_twice_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
