/* Queries under construction: parameters as BigQuery takes them, names that may stand in a text. */
#include "mcp-gcp/sql.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void parameters_are_typed_texts(void **state)
{
    static const mcp_str list[] = { { "a\"b", 3 }, { "", 0 } };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct gcp_sql sql;

    (void)state;
    gcp_sql_init(&sql, arena);
    gcp_sql_put(&sql, "SELECT @d, %d", 7);
    gcp_sql_date(&sql, "d", mcp_date_from_civil((struct mcp_civil){ 2026, 3, 8 }));
    gcp_sql_int(&sql, "i", -5);
    gcp_sql_string(&sql, "s", MCP_STR("'; --"));
    gcp_sql_string(&sql, "n", MCP_STR_NULL);
    gcp_sql_strings(&sql, "l", list, 2);
    gcp_sql_strings(&sql, "e", NULL, 0);
    assert_int_equal(gcp_sql_error(&sql, &err), 0);
    assert_true(mcp_str_eq(mcp_buf_view(sql.text), MCP_STR("SELECT @d, 7")));
    assert_true(mcp_str_eq(
        mcp_buf_view(sql.params),
        MCP_STR("{\"name\":\"d\",\"parameterType\":{\"type\":\"DATE\"},\"parameterValue\":{"
                "\"value\":\"2026-03-08\"}},"
                "{\"name\":\"i\",\"parameterType\":{\"type\":\"INT64\"},\"parameterValue\":{"
                "\"value\":\"-5\"}},"
                "{\"name\":\"s\",\"parameterType\":{\"type\":\"STRING\"},\"parameterValue\":{"
                "\"value\":\"'; --\"}},"
                "{\"name\":\"n\",\"parameterType\":{\"type\":\"STRING\"},\"parameterValue\":{}},"
                "{\"name\":\"l\",\"parameterType\":{\"type\":\"ARRAY\",\"arrayType\":{\"type\":"
                "\"STRING\"}},"
                "\"parameterValue\":{\"arrayValues\":[{\"value\":\"a\\\"b\"},{\"value\":\"\"}]}},"
                "{\"name\":\"e\",\"parameterType\":{\"type\":\"ARRAY\",\"arrayType\":{\"type\":"
                "\"STRING\"}},"
                "\"parameterValue\":{\"arrayValues\":[]}}")));
    mcp_arena_free(arena);
}

static void a_text_beyond_the_limit_is_an_error_not_a_cut_query(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    struct gcp_sql sql;

    (void)state;
    gcp_sql_init(&sql, arena);
    for (size_t i = 0; i <= GCP_SQL_MAX_BYTES / 100; i++)
        gcp_sql_put(&sql, "%0100d", 0);
    assert_int_equal(gcp_sql_error(&sql, &err), MCP_ETOOBIG);
    mcp_arena_free(arena);
}

static void names_that_could_end_a_quotation_are_refused(void **state)
{
    static const struct {
        const char *name;
        bool project, dataset, table;
    } rows[] = {
        { "billing-host", true, false, true },
        { "example.com:my-project", true, false, false },
        { "gcp_billing_export_v1_01ABCD_234567_89EF01", false, true, true },
        { "Abc", false, true, true },
        { "", false, false, false },
        { "a`b", false, false, false },
        { "a b", false, false, false },
        { "a.b", false, false, false },
        { "a;b", false, false, false },
        { "ends-", false, false, true },
        { "9lead-digit", false, false, true },
        { "über", false, false, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(gcp_is_project(mcp_str_z(rows[i].name)), rows[i].project);
        assert_int_equal(gcp_is_dataset(mcp_str_z(rows[i].name)), rows[i].dataset);
        assert_int_equal(gcp_is_table(mcp_str_z(rows[i].name)), rows[i].table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_are_typed_texts),
        cmocka_unit_test(a_text_beyond_the_limit_is_an_error_not_a_cut_query),
        cmocka_unit_test(names_that_could_end_a_quotation_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
