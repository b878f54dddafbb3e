/* Tag texts in the shapes that providers emit. */
#include "cost/dataset/tag_parse.h"

#include <mcp/buf.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text, *want; /* key=value; or NULL: refused */
} cases[] = {
    { "", "" },
    { "  ", "" },
    { "{}", "" },
    { "[]", "" },
    { "null", "" },
    { "{\"a\": \"1\", \"b\": \"\"}", "a=1;b=;" },
    { "{\"valueless\": true, \"n\": 12.50, \"none\": null}", "valueless=true;n=12.50;none=;" },
    { "[{\"key\":\"a\",\"value\":\"1\"},{\"key\":\"b\",\"value\":true}]", "a=1;b=true;" },
    { "[{\"Key\":\"a\",\"Value\":\"1\"}]", "a=1;" },
    { "[{\"TagKey\":\"a\",\"TagValue\":\"1\"}]", "a=1;" },
    { "[{\"team\":\"web\"},{\"env\":\"prod\"}]", "team=web;env=prod;" },
    { "\"a\": \"1\",\"b\": \"2\"", "a=1;b=2;" },
    { "\"a\": \"1\",", "a=1;" },
    { "{\" org\":\"x\",\"org\":\"y\"}", " org=x;org=y;" },
    { "{\"q\":\"a \\\"b\\\" \\u00e9\"}", "q=a \"b\" \xc3\xa9;" },
    { "{\"deep\":{\"x\":[1]}}", "deep={\"x\":[1]};" },
    { "{", NULL },
    { "a=b", NULL },
    { "12", NULL },
    { "[1]", NULL },
};

static void every_shape_gives_its_pairs(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    static struct cost__tag_list list;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 4096);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *reason = NULL;
        int rc;

        list.n = 0;
        mcp_buf_clear(&buf);
        rc = cost__tag_parse(mcp_str_z(cases[i].text), arena, &list, &reason);
        if (cases[i].want == NULL) {
            assert_int_equal(rc, MCP_EDATA);
            assert_non_null(reason);
            continue;
        }
        assert_int_equal(rc, 0);
        for (size_t k = 0; k < list.n; k++)
            mcp_buf_printf(&buf, "%.*s=%.*s;", MCP_STR_ARG(list.pairs[k].key),
                           MCP_STR_ARG(list.pairs[k].value));
        mcp_buf_char(&buf, '\0');
        assert_string_equal(buf.ptr, cases[i].want);
    }
    mcp_buf_release(&buf);
    mcp_arena_free(arena);
}

static void more_tags_than_the_cap_are_refused(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    static struct cost__tag_list list;
    const char *reason;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 65536);
    for (int i = 0; i <= COST__MAX_TAGS; i++)
        mcp_buf_printf(&buf, "%s\"k%d\":\"v\"", i == 0 ? "{" : ",", i);
    mcp_buf_char(&buf, '}');
    assert_int_equal(cost__tag_parse(mcp_buf_view(&buf), arena, &list, &reason), MCP_ETOOBIG);
    mcp_buf_release(&buf);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_gives_its_pairs),
        cmocka_unit_test(more_tags_than_the_cap_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
