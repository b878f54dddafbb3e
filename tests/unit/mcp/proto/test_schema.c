/* A schema from compile to free, and a check that finds no memory. */
#include <mcp/schema.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_schema_lives_without_the_text_it_was_made_of(void **state)
{
    char text[] =
        "{\"type\":\"object\",\"required\":[\"a\"],\"properties\":{\"a\":{\"const\":\"x\"}}}";
    struct mcp_schema *schema = mcp_schema_compile(mcp_str_z(text), NULL);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct mcp_json v;

    (void)state;
    assert_non_null(schema);
    memset(text, '!', sizeof(text));
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{\"a\":\"x\"}"), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, arena, &err), 0);
    assert_int_equal(err.err, 0);
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{}"), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, arena, &err), MCP_EINVAL);
    assert_string_equal(err.message, "missing argument \"a\"");
    mcp_arena_free(arena);
    mcp_schema_free(schema);
}

static void a_check_without_memory_for_an_escape_is_refused(void **state)
{
    struct mcp_schema *schema = mcp_schema_compile(MCP_STR("{\"minLength\":1}"), NULL);
    struct mcp_arena *arena = mcp_arena_new(0, 0), *small = mcp_arena_new(64, 64);
    struct mcp_error err = { 0 };
    char text[300] = "\"\\n";
    struct mcp_json v;

    (void)state;
    memset(text + 3, 'x', sizeof(text) - 3);
    text[sizeof(text) - 1] = '"';
    assert_int_equal(mcp_json_parse(arena, mcp_str_n(text, sizeof(text)), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(schema, v, small, &err), MCP_ETOOBIG);
    assert_int_equal(err.err, MCP_ETOOBIG);
    assert_int_equal(mcp_schema_check(schema, v, arena, NULL), 0);
    mcp_arena_free(small);
    mcp_arena_free(arena);
    mcp_schema_free(schema);
}

static void boolean_schemas_take_all_or_nothing(void **state)
{
    struct mcp_schema *yes = mcp_schema_compile(MCP_STR("true"), NULL);
    struct mcp_schema *no = mcp_schema_compile(MCP_STR(" false "), NULL);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json v;

    (void)state;
    assert_int_equal(mcp_json_parse(arena, MCP_STR("{}"), NULL, &v, NULL), 0);
    assert_int_equal(mcp_schema_check(yes, v, arena, NULL), 0);
    assert_int_equal(mcp_schema_check(no, v, arena, NULL), MCP_EINVAL);
    mcp_arena_free(arena);
    mcp_schema_free(yes);
    mcp_schema_free(no);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_lives_without_the_text_it_was_made_of),
        cmocka_unit_test(a_check_without_memory_for_an_escape_is_refused),
        cmocka_unit_test(boolean_schemas_take_all_or_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
