/* Headers that mirror arguments, and their base64 form. */
#include "mcp/proto/param_header.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_json parse(struct mcp_arena *arena, const char *text)
{
    struct mcp_json v;

    assert_int_equal(mcp_json_parse(arena, mcp_str_z(text), NULL, &v, NULL), 0);
    return v;
}

static void declarations_a_client_would_refuse_are_refused(void **state)
{
    static const struct {
        const char *schema;
        int rc;
        size_t count;
    } rows[] = {
        { "{\"properties\":{\"a\":{\"type\":\"string\"}}}", 0, 0 },
        { "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}", 0, 1 },
        { "{\"properties\":{\"o\":{\"properties\":{\"a\":{\"type\":\"boolean\",\"x-mcp-header\":"
          "\"A-b\"}}}}}",
          0, 1 },
        { "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"\"}}}", MCP_EINVAL, 0 },
        { "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"a b\"}}}", MCP_EINVAL,
          0 },
        { "{\"properties\":{\"a\":{\"type\":\"number\",\"x-mcp-header\":\"A\"}}}", MCP_EINVAL, 0 },
        { "{\"properties\":{\"a\":{\"type\":\"string\",\"x-mcp-header\":\"A\"},\"b\":{\"type\":"
          "\"string\",\"x-mcp-header\":\"a\"}}}",
          MCP_EINVAL, 0 },
        { "{\"properties\":{\"a\":{\"items\":{\"type\":\"string\",\"x-mcp-header\":\"A\"}}}}",
          MCP_EINVAL, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        const struct mcp_param_headers *headers = NULL;

        if (mcp__param_headers_compile(arena, parse(arena, rows[i].schema), &headers, NULL) !=
            rows[i].rc)
            fail_msg("%s", rows[i].schema);
        if (rows[i].rc == 0)
            assert_int_equal(headers == NULL ? 0 : headers->count, rows[i].count);
        mcp_arena_free(arena);
    }
}

static mcp_str lookup(void *ctx, mcp_str name)
{
    (void)name;
    return mcp_str_z(ctx);
}

static void a_value_must_have_its_equal_header(void **state)
{
    static const struct {
        const char *type, *args, *header;
        int rc;
    } rows[] = {
        { "string", "{\"a\":\"x\"}", "x", 0 },
        { "string", "{\"a\":\"x\"}", "X", MCP_EHEADER },
        { "string", "{\"a\":\"x\"}", NULL, MCP_EHEADER },
        { "string", "{}", NULL, 0 },
        { "string", "{}", "stray", 0 },
        { "string", "{\"a\":null}", NULL, 0 },
        { "string", "{\"a\":\"\\u00e4\"}", "=?base64?w6Q=?=", 0 },
        { "string", "{\"a\":\"x\"}", "=?base64?eA?=", MCP_EHEADER },
        { "string", "{\"a\":\"=?base64?x\"}", "=?base64?x", 0 },
        { "boolean", "{\"a\":true}", "true", 0 },
        { "boolean", "{\"a\":true}", "TRUE", MCP_EHEADER },
        { "integer", "{\"a\":42}", "42", 0 },
        { "integer", "{\"a\":42}", "42.0", 0 },
        { "integer", "{\"a\":42}", "4.2e1", MCP_EHEADER },
        { "integer", "{\"a\":42}", "43", MCP_EHEADER },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        const struct mcp_param_headers *headers;
        char schema[200], header[64] = "";

        snprintf(schema, sizeof(schema),
                 "{\"properties\":{\"a\":{\"type\":\"%s\",\"x-mcp-header\":\"A\"}}}", rows[i].type);
        if (rows[i].header != NULL)
            snprintf(header, sizeof(header), "%s", rows[i].header);
        assert_int_equal(mcp__param_headers_compile(arena, parse(arena, schema), &headers, NULL),
                         0);
        if (mcp__param_headers_check(headers, parse(arena, rows[i].args), arena, lookup,
                                     rows[i].header == NULL ? NULL : header, NULL) != rows[i].rc)
            fail_msg("row %zu: %s %s", i, rows[i].args, header);
        mcp_arena_free(arena);
    }
}

static void raw_bytes_outside_ascii_are_refused(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str out;

    (void)state;
    assert_int_equal(mcp__header_value_decode(arena, MCP_STR("a\xc3\xa4"), &out), -1);
    assert_int_equal(mcp__header_value_decode(arena, MCP_STR("=?base64?/w==?="), &out), -1);
    assert_int_equal(mcp__header_value_decode(arena, MCP_STR("plain"), &out), 0);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(declarations_a_client_would_refuse_are_refused),
        cmocka_unit_test(a_value_must_have_its_equal_header),
        cmocka_unit_test(raw_bytes_outside_ascii_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
