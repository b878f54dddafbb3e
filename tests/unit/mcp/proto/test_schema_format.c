/* What the formats that are asserted take and refuse, beside the public suite. */
#include "mcp/proto/schema_node.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct {
    const char *format, *text;
    bool ok;
} rows[] = {
    { "date", "2024-02-29", true },
    { "date", "2025-02-29", false },
    { "date-time", "2026-01-31T12:00:00Z", true },
    { "date-time", "2026-01-31t12:00:00.5+02:00", true },
    { "date-time", "2026-01-31 12:00:00Z", false },
    { "date-time", "2026-01-31T12:00:00", false },
    { "date-time", "2026-01-31T24:00:00Z", false },
    { "date-time", "2016-12-31T23:59:60Z", true },
    { "date-time", "2016-12-31T23:58:60Z", false },
    { "date-time", "", false },
    { "uri", "https://user:pw@example.com:8080/a/b?c=d#e", true },
    { "uri", "urn:a:b", true },
    { "uri", "a:", true },
    { "uri", "", false },
    { "uri", ":", false },
    { "uri", "a", false },
    { "uri", "a:b#c#d", false },
    { "uri", "http://[::1]:80/", true },
    { "uri", "http://[::1]x/", false },
    { "uri", "http://[::1", false },
    { "uri", "http://[v1.a:b]/", true },
    { "uri", "http://[v.a]/", false },
    { "uri", "http://[v1%20.a]/", false },
    { "uri", "http://a@b@c/", false },
    { "uri", "http://[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]/", false },
    { "uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d16380", true },
    { "uuid", "2eb8aa08-aa98-11ea-b4aa-73b441d1638", false },
};

static void each_row_is_judged_as_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_json name;
        const struct schema_format *format;

        assert_int_equal(mcp_json_parse(arena, mcp_arena_printf(arena, "\"%s\"", rows[i].format),
                                        NULL, &name, NULL),
                         0);
        format = mcp__schema_format(name);
        assert_non_null(format);
        if (format->ok(mcp_str_z(rows[i].text)) != rows[i].ok)
            fail_msg("%s: %s", rows[i].format, rows[i].text);
        mcp_arena_free(arena);
    }
}

static void an_unknown_format_is_an_annotation(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json name;

    (void)state;
    assert_int_equal(mcp_json_parse(arena, MCP_STR("[\"color\",5]"), NULL, &name, NULL), 0);
    for (struct mcp_json_iter it = mcp_json_iter(name); mcp_json_next(&it);)
        assert_null(mcp__schema_format(it.value));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_judged_as_it_says),
        cmocka_unit_test(an_unknown_format_is_an_annotation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
