/* YAML to JSON: values keep their digits, and what JSON cannot say is refused with its line. */
#include "cost/server/yaml_json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void values_become_json(void **state)
{
    static const struct {
        const char *yaml, *json;
    } cases[] = {
        { "a: 1\nb: 1.50\n", "{\"a\":1,\"b\":1.50}" },
        { "a: 9007199254740993\n", "{\"a\":9007199254740993}" },
        { "a: '1'\nb: yes\nc: true\n", "{\"a\":\"1\",\"b\":\"yes\",\"c\":true}" },
        { "a:\nb: ~\nc: null\n", "{\"a\":null,\"b\":null,\"c\":null}" },
        { "- a\n- [b, {c: d}]\n", "[\"a\",[\"b\",{\"c\":\"d\"}]]" },
        { "a: 2026-01-01\n", "{\"a\":\"2026-01-01\"}" },
        { "a: \"x\\ny\"\n", "{\"a\":\"x\\ny\"}" },
        { "a: 0x10\nb: .5\nc: +1\n", "{\"a\":\"0x10\",\"b\":\".5\",\"c\":\"+1\"}" },
        { "", "null" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err = { 0 };
        struct mcp_buf json;

        mcp_buf_init(&json, 4096);
        assert_int_equal(cost__yaml_json(mcp_str_z(cases[i].yaml), MCP_STR("f"), &json, &err), 0);
        mcp_buf_char(&json, '\0');
        assert_string_equal(json.ptr, cases[i].json);
        mcp_buf_release(&json);
    }
}

static void what_json_cannot_say_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *yaml, *says;
    } cases[] = {
        { "a: 1\nb: *x\n", "f:2: an alias" },
        { "a: !!str 1\n", "f:1: a tag" },
        { "a: 1\n---\nb: 2\n", "f:2: more than one document" },
        { "? [a]\n: b\n", "f:1: a key must be plain text" },
        { "a: [1\n", "f:2:" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err = { 0 };
        struct mcp_buf json;

        mcp_buf_init(&json, 4096);
        assert_true(cost__yaml_json(mcp_str_z(cases[i].yaml), MCP_STR("f"), &json, &err) < 0);
        if (strncmp(err.message, cases[i].says, strlen(cases[i].says)) != 0)
            fail_msg("\"%s\" does not begin with \"%s\"", err.message, cases[i].says);
        mcp_buf_release(&json);
    }
}

static void a_document_beyond_the_limits_is_refused(void **state)
{
    struct mcp_error err = { 0 };
    struct mcp_buf json;
    char deep[200];

    (void)state;
    memset(deep, '[', sizeof(deep));
    mcp_buf_init(&json, 4096);
    assert_true(cost__yaml_json(mcp_str_n(deep, sizeof(deep)), MCP_STR("f"), &json, &err) < 0);
    mcp_buf_release(&json);
    err = (struct mcp_error){ 0 };
    mcp_buf_init(&json, 8);
    assert_int_equal(cost__yaml_json(MCP_STR("a: 1234567890\n"), MCP_STR("f"), &json, &err),
                     MCP_ETOOBIG);
    mcp_buf_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_become_json),
        cmocka_unit_test(what_json_cannot_say_is_refused_with_its_line),
        cmocka_unit_test(a_document_beyond_the_limits_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
