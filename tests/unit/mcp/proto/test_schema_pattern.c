/* Patterns: ECMA-262's reading, searched anywhere, and an end to what takes too long. */
#include "mcp/proto/schema_node.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void patterns_are_read_as_ecma_262_does(void **state)
{
    static const struct {
        const char *pattern;
        mcp_str text;
        int rc;
    } rows[] = {
        { "a", { "xax", 3 }, 1 },
        { "^a$", { "a\n", 2 }, 0 }, /* no newline before the end */
        { "^\\u00e4$", { "\xC3\xA4", 2 }, 1 },
        { "^.$", { "\xF0\x9F\x98\x80", 4 }, 1 },
        { "^\\d$", { "\xDB\xB1", 2 }, 0 }, /* only ASCII digits */
        { "^$", { "", 0 }, 1 },
        { "^(a)?\\1b$", { "b", 1 }, 1 },
        { "", { NULL, 0 }, 1 },
        { "^(a+)+$", { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", 41 }, MCP_ETOOBIG },
    };
    struct mcp_arena *arena = mcp_arena_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp__pattern *p = mcp__pattern_new(arena, mcp_str_z(rows[i].pattern), NULL);

        assert_non_null(p);
        assert_true(mcp_str_eq(mcp__pattern_text(p), mcp_str_z(rows[i].pattern)));
        for (int again = 0; again < 3; again++)
            assert_int_equal(mcp__pattern_match(p, rows[i].text), rows[i].rc);
    }
    mcp_arena_free(arena);
}

static void a_pattern_that_cannot_be_read_says_where(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };

    (void)state;
    assert_null(mcp__pattern_new(arena, MCP_STR("a[b"), &err));
    assert_string_equal(err.message,
                        "pattern \"a[b\" at 3: missing terminating ] for character class");
    assert_null(mcp__pattern_new(arena, MCP_STR("\\C"), NULL));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patterns_are_read_as_ecma_262_does),
        cmocka_unit_test(a_pattern_that_cannot_be_read_says_where),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
