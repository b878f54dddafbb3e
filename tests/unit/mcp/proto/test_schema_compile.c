/* Compiling schemas: what is refused and why, and where $ref may lead. */
#include <mcp/buf.h>
#include <mcp/schema.h>

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void what_would_be_checked_wrongly_is_refused_by_name(void **state)
{
    static const struct {
        const char *schema, *message;
    } rows[] = {
        { "{\"unevaluatedProperties\":false}",
          "schema: unevaluatedProperties at byte 25: this keyword constrains and is not supported, "
          "not false" },
        { "{\"properties\":{\"a\":{\"unevaluatedItems\":false}}}",
          "schema: unevaluatedItems at byte 39: this keyword constrains and is not supported, not "
          "false" },
        { "{\"$defs\":{\"a\":{\"$dynamicRef\":\"#x\"}}}",
          "schema: $dynamicRef at byte 29: this keyword constrains and is not supported, not "
          "\"#x\"" },
        { "{\"additionalItems\":false}", NULL },
        { "{\"dependencies\":{}}", NULL },
        { "{\"$recursiveRef\":\"#\"}", NULL },
        { "{\"$ref\":\"http://example.com/x\"}", "schema: $ref at byte 8: $ref must lead to a "
                                                 "place in this schema (\"#\" or \"#/...\"), not "
                                                 "\"http://example.com/x\"" },
        { "{\"$ref\":\"#name\"}", NULL },
        { "{\"$ref\":\"#/$defs/none\"}", NULL },
        { "{\"$ref\":\"#/a%2\",\"a\":{}}", NULL },
        { "{\"$ref\":\"#/a%zz\",\"a\":{}}", NULL },
        { "{\"$ref\":5}", NULL },
        { "{\"properties\":{\"a\":{\"$id\":\"x\"}}}", NULL },
        { "{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", NULL },
        { "{\"type\":\"text\"}", "schema: type at byte 8: type must be array, boolean, integer, "
                                 "null, number, object or string, not \"text\"" },
        { "{\"type\":[]}", NULL },
        { "{\"enum\":1}", NULL },
        { "{\"minimum\":\"1\"}",
          "schema: minimum at byte 11: a bound must be a number, not \"1\"" },
        { "{\"minLength\":-1}", NULL },
        { "{\"minLength\":1.5}", NULL },
        { "{\"multipleOf\":0}", NULL },
        { "{\"multipleOf\":-1}", NULL },
        { "{\"multipleOf\":0.1234567890123456789}", NULL },
        { "{\"pattern\":\"(\"}", "pattern \"(\" at 1: missing closing parenthesis" },
        { "{\"patternProperties\":{\"[\":{}}}", NULL },
        { "{\"patternProperties\":1}", NULL },
        { "{\"pattern\":1}", NULL },
        { "{\"properties\":[]}", NULL },
        { "{\"properties\":{\"a\":1}}",
          "schema: properties at byte 19: a schema must be an object, true or false, not 1" },
        { "{\"properties\":{\"a\":true,\"a\":false}}", NULL },
        { "{\"type\":\"object\",\"type\":\"array\"}", NULL },
        { "{\"required\":\"a\"}", NULL },
        { "{\"required\":[1]}", NULL },
        { "{\"allOf\":[]}", NULL },
        { "{\"anyOf\":{}}", NULL },
        { "{\"items\":[{}]}", NULL },
        { "{\"uniqueItems\":1}", NULL },
        { "{\"$defs\":[]}", NULL },
        { "{\"dependentRequired\":{\"a\":\"b\"}}", NULL },
        { "{\"dependentSchemas\":[]}", NULL },
        { "[]", "schema: the schema at byte 0: a schema must be an object, true or false, not []" },
        { "1", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_error err = { 0 };

        assert_null(mcp_schema_compile(mcp_str_z(rows[i].schema), &err));
        assert_int_equal(err.err, MCP_EINVAL);
        if (rows[i].message != NULL)
            assert_string_equal(err.message, rows[i].message);
        assert_null(mcp_schema_compile(mcp_str_z(rows[i].schema), NULL));
    }
}

static void text_that_is_no_json_is_a_parse_error(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    assert_null(mcp_schema_compile(MCP_STR("{\"type\":"), &err));
    assert_int_equal(err.err, MCP_EPARSE);
    assert_null(mcp_schema_compile(MCP_STR(""), NULL));
    mcp_schema_free(NULL);
}

static void annotations_and_unknown_keywords_are_passed_over(void **state)
{
    struct mcp_schema *schema = mcp_schema_compile(
        MCP_STR(
            "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"$id\":\"https://x/y\","
            "\"title\":1,\"description\":[],\"x-order\":{\"type\":\"nonsense\"},\"format\":\"uri\","
            "\"$comment\":\"c\",\"deprecated\":true,\"default\":{\"$ref\":5},\"properties\":{\"$"
            "ref\":{},\"$id\":{}}}"),
        NULL);

    (void)state;
    assert_non_null(schema);
    mcp_schema_free(schema);
}

static bool valid(const char *text, const char *value)
{
    struct mcp_error err = { 0 };
    struct mcp_schema *schema = mcp_schema_compile(mcp_str_z(text), &err);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json v;
    int rc;

    if (schema == NULL)
        fail_msg("%s: %s", text, err.message);
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(value), NULL, &v, NULL), 0);
    rc = mcp_schema_check(schema, v, arena, NULL);
    mcp_arena_free(arena);
    mcp_schema_free(schema);
    return rc == 0;
}

static void a_reference_leads_to_any_place_of_the_schema(void **state)
{
    static const char *const schemas[] = {
        "{\"$ref\":\"#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#/$defs/a~1b~0c\",\"$defs\":{\"a/b~c\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#/$defs/a%25b\",\"$defs\":{\"a%b\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#/anyOf/1\",\"anyOf\":[true,{\"type\":\"integer\"}]}",
        "{\"$ref\":\"#/$defs/\",\"$defs\":{\"\":{\"type\":\"integer\"}}}",
        "{\"$id\":\"urn:x\",\"$ref\":\"urn:x#/$defs/a\",\"$defs\":{\"a\":{\"type\":\"integer\"}}}",
        "{\"$ref\":\"#/$defs/b\",\"$defs\":{\"a\":{\"type\":\"integer\"},\"b\":{\"$ref\":\"#/$defs/"
        "a\"}}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        assert_true(valid(schemas[i], "1"));
        assert_false(valid(schemas[i], "\"1\""));
    }
}

static void a_schema_of_too_many_parts_is_refused(void **state)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1 << 20);
    mcp_buf_z(&buf, "{\"properties\":{\"a\":{}");
    for (int i = 0; i < 10000; i++)
        mcp_buf_printf(&buf, ",\"p%d\":{}", i);
    mcp_buf_z(&buf, "}}");
    assert_null(mcp_schema_compile(mcp_buf_view(&buf), &err));
    assert_int_equal(err.err, MCP_ETOOBIG);
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_would_be_checked_wrongly_is_refused_by_name),
        cmocka_unit_test(text_that_is_no_json_is_a_parse_error),
        cmocka_unit_test(annotations_and_unknown_keywords_are_passed_over),
        cmocka_unit_test(a_reference_leads_to_any_place_of_the_schema),
        cmocka_unit_test(a_schema_of_too_many_parts_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
