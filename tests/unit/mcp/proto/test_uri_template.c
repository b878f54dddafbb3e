/* URI templates: which are refused, and which URIs they match with which values. */
#include "mcp/proto/uri_template.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void templates_of_higher_levels_are_refused(void **state)
{
    static const char *const bad[] = {
        "a://b",      "a://{}",      "a://{+x}", "a://{x*}", "a://{x,y}",
        "a://{x}{y}", "a://{x}/{x}", "a://{x",   "a://x}",   ""
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mcp_uri_template t;
        struct mcp_error err = { 0 };

        if (mcp__uri_template_parse(mcp_str_z(bad[i]), &t, &err) != MCP_EINVAL)
            fail_msg("%s was taken", bad[i]);
        assert_true(err.message[0] != '\0');
    }
}

static void a_uri_matches_whole_or_not_at_all(void **state)
{
    static const struct {
        const char *text, *uri, *first, *second; /* first NULL: no match */
    } rows[] = {
        { "t://{id}/data", "t://123/data", "123", NULL },
        { "t://{id}/data", "t:///data", NULL, NULL },
        { "t://{id}/data", "t://1/2/data", NULL, NULL },
        { "t://{id}/data", "t://1/data/x", NULL, NULL },
        { "t://{id}", "t://a%20b%2Fc", "a b/c", NULL },
        { "t://{id}", "t://a%2", NULL, NULL },
        { "t://{id}", "t://a%zz", NULL, NULL },
        { "t://{id}", "t://a%00", NULL, NULL },
        { "t://{id}", "t://%ff", NULL, NULL },
        { "t://{id}", "t://a?b", NULL, NULL },
        { "t://{a}-{b}", "t://x-y-z", "x", "y-z" },
        { "t://{a}/{b}", "t://x/y", "x", "y" },
        { "t://{a}/{b}", "t://x/", NULL, NULL },
        { "t://{a}/{b}", "t://x", NULL, NULL },
        { "{a}:{b}", "k:v", "k", "v" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        mcp_str values[MCP_URI_VARS_MAX] = { { 0 } };
        struct mcp_uri_template t;
        int rc;

        assert_int_equal(mcp__uri_template_parse(mcp_str_z(rows[i].text), &t, NULL), 0);
        rc = mcp__uri_template_match(&t, mcp_str_z(rows[i].uri), arena, values);
        if ((rc == 0) != (rows[i].first != NULL))
            fail_msg("%s against %s: %d", rows[i].uri, rows[i].text, rc);
        if (rc == 0)
            assert_true(mcp_str_eq(values[0], mcp_str_z(rows[i].first)));
        if (rows[i].second != NULL)
            assert_true(mcp_str_eq(values[1], mcp_str_z(rows[i].second)));
        mcp_arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(templates_of_higher_levels_are_refused),
        cmocka_unit_test(a_uri_matches_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
