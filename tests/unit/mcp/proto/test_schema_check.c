/* Checking: bounded work and depth, no memory on success, many threads at once. */
#include <mcp/buf.h>
#include <mcp/clock.h>
#include <mcp/schema.h>

#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mcp_schema *compile(const char *text)
{
    struct mcp_error err = { 0 };
    struct mcp_schema *schema = mcp_schema_compile(mcp_str_z(text), &err);

    if (schema == NULL)
        fail_msg("%s", err.message);
    return schema;
}

static int check(const char *text, mcp_str value)
{
    struct mcp_schema *schema = compile(text);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct mcp_json v;
    int rc;

    assert_int_equal(mcp_json_parse(arena, value, NULL, &v, NULL), 0);
    rc = mcp_schema_check(schema, v, arena, &err);
    assert_int_equal(err.err, rc);
    mcp_arena_free(arena);
    mcp_schema_free(schema);
    return rc;
}

static void a_schema_that_leads_to_itself_ends(void **state)
{
    (void)state;
    assert_int_equal(check("{\"$ref\":\"#\"}", MCP_STR("1")), MCP_ETOOBIG);
    assert_int_equal(check("{\"allOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}", MCP_STR("1")),
                     MCP_ETOOBIG);
    assert_int_equal(check("{\"not\":{\"$ref\":\"#\"}}", MCP_STR("1")), MCP_ETOOBIG);
    assert_int_equal(check("{\"anyOf\":[{\"$ref\":\"#\"},true]}", MCP_STR("1")), MCP_ETOOBIG);
    /* Recursion that eats the value is what recursion is for. */
    assert_int_equal(check("{\"items\":{\"$ref\":\"#\"},\"type\":\"array\"}", MCP_STR("[[],[[]]]")),
                     0);
}

static void work_is_bounded_whatever_schema_and_value_are(void **state)
{
    static const char *const schemas[] = {
        "{\"uniqueItems\":true}",
        "{\"items\":{\"anyOf\":[{\"anyOf\":[{\"const\":1},{\"const\":2}]},{\"enum\":[3,4,5]},{"
        "\"pattern\":\"(a+)+$\"}]}}",
        "{\"items\":{\"type\":\"string\",\"pattern\":\"^(a+)+b$\"}}",
        "{\"items\":{\"type\":\"string\",\"pattern\":\"^(.*)*x$\"}}",
    };
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 4 << 20);
    mcp_buf_z(&buf, "[");
    for (int i = 0; i < 100000; i++)
        mcp_buf_printf(&buf, "%s\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa%d\"", i == 0 ? "" : ",", i);
    mcp_buf_z(&buf, "]");
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        uint64_t begin = mcp_clock_mono_ms();

        assert_true(check(schemas[i], mcp_buf_view(&buf)) < 0);
        assert_true(mcp_clock_mono_ms() - begin < 2000); /* sanitizers included */
    }
    mcp_buf_release(&buf);
}

static const char small_schema[] =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"a\"],\"properties\":{"
    "\"a\":{\"type\":\"string\",\"pattern\":\"^[a-z]+$\",\"maxLength\":9},\"b\":{\"type\":"
    "\"integer\",\"minimum\":0},"
    "\"c\":{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"enum\":[\"x\",\"y\",1.0]}},"
    "\"d\":{\"type\":\"string\",\"format\":\"date\"}}}";
static const char small_value[] =
    "{\"a\":\"abc\",\"b\":5,\"c\":[\"x\",1,\"y\"],\"d\":\"2026-01-31\"}";

static void success_takes_nothing_from_the_arena(void **state)
{
    struct mcp_schema *schema = compile(small_schema);
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json v;
    size_t used;

    (void)state;
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(small_value), NULL, &v, NULL), 0);
    used = mcp_arena_used(arena);
    for (int i = 0; i < 100; i++)
        assert_int_equal(mcp_schema_check(schema, v, arena, NULL), 0);
    assert_int_equal(mcp_arena_used(arena), used);
    mcp_arena_free(arena);
    mcp_schema_free(schema);
}

static void *check_often(void *ptr)
{
    const struct mcp_schema *schema = ptr;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json good, bad;
    intptr_t wrong = 0;

    if (mcp_json_parse(arena, mcp_str_z(small_value), NULL, &good, NULL) < 0 ||
        mcp_json_parse(arena, MCP_STR("{\"a\":\"ABC\"}"), NULL, &bad, NULL) < 0)
        wrong = 1;
    for (int i = 0; wrong == 0 && i < 2000; i++) {
        wrong += mcp_schema_check(schema, good, arena, NULL) != 0;
        wrong += mcp_schema_check(schema, bad, arena, NULL) != MCP_EINVAL;
    }
    mcp_arena_free(arena);
    return (void *)wrong;
}

static void one_schema_serves_many_threads(void **state)
{
    struct mcp_schema *schema = compile(small_schema);
    pthread_t threads[4];
    void *wrong;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, check_often, schema), 0);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    mcp_schema_free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schema_that_leads_to_itself_ends),
        cmocka_unit_test(work_is_bounded_whatever_schema_and_value_are),
        cmocka_unit_test(success_takes_nothing_from_the_arena),
        cmocka_unit_test(one_schema_serves_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
