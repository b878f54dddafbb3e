/* What a model reads when its call was wrong: the argument, the rule, a good value. */
#include <mcp/buf.h>
#include <mcp/schema.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char get_costs[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
    "\"start_date\":{\"type\":\"string\",\"format\":\"date\",\"examples\":[\"2026-01-31\"]},"
    "\"end_date\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"granularity\":{\"type\":\"string\",\"enum\":[\"TOTAL\",\"DAILY\",\"MONTHLY\",\"HOURLY\"]},"
    "\"group_by\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":3,\"uniqueItems\":true,\"items\":"
    "{\"anyOf\":["
    "{\"enum\":[\"service\",\"region\",\"project\"]},{\"type\":\"string\",\"pattern\":\"^tag:.+$\"}"
    "]}},"
    "\"filters\":{\"type\":\"object\",\"maxProperties\":2,\"additionalProperties\":{\"oneOf\":["
    "{\"type\":\"array\",\"items\":{\"type\":[\"string\",\"null\"]}},"
    "{\"type\":\"object\",\"required\":[\"not\"],\"properties\":{\"not\":{\"type\":\"array\"}},"
    "\"additionalProperties\":false}]}},"
    "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":10},"
    "\"share\":{\"type\":\"number\",\"exclusiveMinimum\":0,\"exclusiveMaximum\":1,\"multipleOf\":0."
    "01},"
    "\"name\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":4},"
    "\"kind\":{\"const\":\"group\"},\"gone\":false,\"flag\":{\"type\":[\"boolean\",\"null\","
    "\"number\"]}}}";

static const struct {
    const char *arguments, *message;
} rows[] = {
    { "{\"granularity\":\"WEEKLY\"}",
      "granularity must be one of TOTAL, DAILY, MONTHLY, HOURLY, not \"WEEKLY\"" },
    { "{\"granularity\":\"dayly\"}", "granularity must be one of TOTAL, DAILY, MONTHLY, HOURLY, "
                                     "not \"dayly\" (did you mean DAILY?)" },
    { "{\"granularty\":\"DAILY\"}",
      "unknown argument \"granularty\"; did you mean \"granularity\"? Known: start_date, end_date, "
      "at, "
      "granularity, group_by, filters, limit, share, name, kind, gone, flag" },
    { "{\"filters\":{\"service\":{\"nt\":[]}}}",
      "unknown name \"nt\" in filters.service; did you mean \"not\"? Known: not" },
    { "{\"filters\":{\"service\":{\"xyzzy\":[]}}}",
      "unknown name \"xyzzy\" in filters.service. Known: not" },
    { "{\"filters\":{\"service\":{}}}", "missing \"not\" in filters.service" },
    { "{\"filters\":{\"service\":[\"a\",5]}}",
      "filters.service[1] must be a string or null, not 5" },
    { "{\"filters\":{\"service\":\"EC2\"}}",
      "filters.service must be an array or an object with not, not \"EC2\"" },
    { "{\"filters\":{\"a\":[],\"b\":[],\"c\":[]}}",
      "filters must have at most 2 members (3 given)" },
    { "{\"group_by\":[\"service\",\"servce\"]}",
      "group_by[1] must be one of service, region, project or a string that matches ^tag:.+$, not "
      "\"servce\" (did you mean service?)" },
    { "{\"group_by\":[]}", "group_by must have at least 1 item (0 given)" },
    { "{\"group_by\":[\"tag:a\",\"tag:b\",\"tag:c\",\"tag:d\"]}",
      "group_by must have at most 3 items (4 given)" },
    { "{\"group_by\":[\"service\",\"\\u0073ervice\"]}",
      "group_by must name each item once (\"\\u0073ervice\" stands there twice)" },
    { "{\"start_date\":\"2026-02-30\"}",
      "start_date must be a day that exists, written YYYY-MM-DD, not \"2026-02-30\"; for example "
      "\"2026-01-31\"" },
    { "{\"at\":\"2026-02-03\"}",
      "at must be a date and time of RFC 3339, as 2026-01-31T12:00:00Z, not \"2026-02-03\"" },
    { "{\"limit\":0}", "limit must be at least 1, not 0; for example 10" },
    { "{\"limit\":1001}", "limit must be at most 1000, not 1001; for example 10" },
    { "{\"limit\":\"5\"}", "limit must be a whole number, not \"5\"; for example 10" },
    { "{\"limit\":1.5}", "limit must be a whole number, not 1.5; for example 10" },
    { "{\"limit\":{}}", "limit must be a whole number, not an object; for example 10" },
    { "{\"limit\":1,\"limit\":2}", "limit must not be given twice" },
    { "{\"share\":0}", "share must be above 0, not 0" },
    { "{\"share\":1}", "share must be below 1, not 1" },
    { "{\"share\":0.125}", "share must be a multiple of 0.01, not 0.125" },
    { "{\"name\":\"\xC3\xA4\"}", "name must have at least 2 characters, not \"\xC3\xA4\"" },
    { "{\"name\":\"abcde\"}", "name must have at most 4 characters (5 given), not \"abcde\"" },
    { "{\"kind\":\"none\"}", "kind must be \"group\", not \"none\"" },
    { "{\"gone\":1}", "gone must not be given" },
    { "{\"flag\":\"x\"}", "flag must be a number, true or false or null, not \"x\"" },
    { "[]", "the value must be an object, not an empty array" },
    { "\"x\"", "the value must be an object, not \"x\"" },
};

static void each_failure_names_argument_rule_and_a_good_value(void **state)
{
    struct mcp_schema *schema = mcp_schema_compile(mcp_str_z(get_costs), NULL);
    struct mcp_arena *arena = mcp_arena_new(0, 0);

    (void)state;
    assert_non_null(schema);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_error err = { 0 };
        struct mcp_json v;

        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].arguments), NULL, &v, NULL), 0);
        assert_int_equal(mcp_schema_check(schema, v, arena, &err), MCP_EINVAL);
        assert_string_equal(err.message, rows[i].message);
        assert_int_equal(err.err, MCP_EINVAL);
        assert_int_equal(mcp_schema_check(schema, v, arena, NULL), MCP_EINVAL);
    }
    mcp_arena_free(arena);
    mcp_schema_free(schema);
}

static void long_values_are_cut_and_long_lists_end_early(void **state)
{
    const mcp_str begin =
        MCP_STR("e must be one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ..., not \"");
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_buf buf;
    struct mcp_error err = { 0 };
    struct mcp_schema *schema;
    struct mcp_json v;

    (void)state;
    mcp_buf_init(&buf, 100000);
    mcp_buf_z(&buf, "{\"additionalProperties\":false,\"properties\":{\"e\":{\"enum\":[0");
    for (int i = 1; i < 500; i++)
        mcp_buf_printf(&buf, ",%d", i);
    mcp_buf_z(&buf, "]}");
    for (int i = 0; i < 500; i++)
        mcp_buf_printf(&buf, ",\"property_%d\":true", i);
    mcp_buf_z(&buf, "}}");
    schema = mcp_schema_compile(mcp_buf_view(&buf), &err);
    assert_non_null(schema);

    mcp_buf_clear(&buf);
    mcp_buf_z(&buf, "{\"e\":\"");
    for (int i = 0; i < 20000; i++)
        mcp_buf_z(&buf, "\xE2\x82\xAC");
    mcp_buf_z(&buf, "\"}");
    assert_int_equal(mcp_json_parse(arena, mcp_buf_view(&buf), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, arena, &err), MCP_EINVAL);
    assert_true(mcp_str_starts(mcp_str_z(err.message), begin));
    assert_int_equal(strlen(err.message), begin.len + 60 + strlen("...\""));
    assert_true(mcp_str_is_utf8(mcp_str_z(err.message)));

    mcp_error_clear(&err);
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{\"zzz\":1}"), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, arena, &err), MCP_EINVAL);
    assert_true(mcp_str_ends(mcp_str_z(err.message), MCP_STR("property_22, and others")));
    mcp_buf_release(&buf);
    mcp_schema_free(schema);
    mcp_arena_free(arena);
}

static void a_deep_path_does_not_overrun_the_message(void **state)
{
    struct mcp_schema *schema = mcp_schema_compile(
        MCP_STR("{\"additionalProperties\":{\"$ref\":\"#\"},\"type\":\"object\"}"), NULL);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct mcp_json v;
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 100000);
    for (int i = 0; i < 60; i++)
        mcp_buf_printf(&buf, "{\"%090d\":", i);
    mcp_buf_z(&buf, "1");
    for (int i = 0; i < 60; i++)
        mcp_buf_char(&buf, '}');
    assert_int_equal(mcp_json_parse(arena, mcp_buf_view(&buf), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, arena, &err), MCP_EINVAL);
    assert_int_equal(strlen(err.message), 1000);
    mcp_buf_release(&buf);
    mcp_schema_free(schema);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failure_names_argument_rule_and_a_good_value),
        cmocka_unit_test(long_values_are_cut_and_long_lists_end_early),
        cmocka_unit_test(a_deep_path_does_not_overrun_the_message),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
