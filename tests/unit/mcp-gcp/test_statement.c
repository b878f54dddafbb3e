/* Statements over an export: bounds, filters, the allow-list, what is refused. */
#include "mcp-gcp/statement.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct gcp_column columns[] = {
    { { "usage_start_time", 16 }, { "TIMESTAMP", 9 }, false },
    { { "cost", 4 }, { "FLOAT", 5 }, false },
    { { "credits.amount", 14 }, { "NUMERIC", 7 }, false },
    { { "labels.key", 10 }, { "STRING", 6 }, false },
    { { "project.number", 14 }, { "STRING", 6 }, false },
    { { "service.id", 10 }, { "STRING", 6 }, false },
};

static struct gcp_table table = { .project = { "p-host", 6 },
                                  .dataset = { "billing", 7 },
                                  .name = { "export", 6 },
                                  .partition = GCP_PARTITION_INGESTION,
                                  .columns = columns,
                                  .n_columns = sizeof(columns) / sizeof(columns[0]) };

static struct cost_query question(void)
{
    return (struct cost_query){ .tool = COST_GET_COSTS,
                                .range = { 20000, 20010 },
                                .granularity = COST_DAILY,
                                .keys = { { .dim = COST_DIM_SERVICE } },
                                .n_keys = 1 };
}

static bool holds(mcp_str text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.len; i++) {
        if (memcmp(text.ptr + i, part, n) == 0)
            return true;
    }
    return false;
}

static struct gcp_sql build(const struct gcp_config *config, const struct cost_query *q,
                            struct mcp_arena *arena)
{
    struct mcp_error err = { 0 };
    struct gcp_statement st;

    gcp_statement_init(&st, config, &table, q, arena);
    assert_int_equal(gcp_statement_costs(&st, 0, 10, &err), 0);
    return st.sql;
}

#define ASSERT_HOLDS(sql, part) assert_true(holds(mcp_buf_view((sql).text), part))
#define ASSERT_LACKS(sql, part) assert_false(holds(mcp_buf_view((sql).text), part))

static void partitions_are_bounded_from_below_only(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_config config = { 0 };
    struct cost_query q = question();
    struct gcp_sql sql = build(&config, &q, arena);

    (void)state;
    ASSERT_HOLDS(sql, "FROM `p-host.billing.export` AS t");
    ASSERT_HOLDS(sql,
                 "_PARTITIONTIME >= TIMESTAMP_SUB(TIMESTAMP(@from_date, @tz), INTERVAL 1 DAY)");
    ASSERT_LACKS(sql, "_PARTITIONTIME <");
    ASSERT_LACKS(sql, "w = 1 AND");
    q.compare = COST_COMPARE_DATES;
    q.compared = (struct cost_range){ 19000, 19010 };
    sql = build(&config, &q, arena);
    ASSERT_HOLDS(sql, "CROSS JOIN UNNEST([0, 1]) AS w");
    /* From the earlier of both ranges on. */
    assert_true(holds(mcp_buf_view(sql.params),
                      "{\"name\":\"from_date\",\"parameterType\":{\"type\":\"DATE\"},"
                      "\"parameterValue\":{\"value\":\"2022-01-08\"}}"));
    mcp_arena_free(arena);
}

static void every_way_of_cutting_a_table_is_made_use_of(void **state)
{
    static const struct {
        enum gcp_table_kind kind;
        enum gcp_partition partition;
        mcp_str column;
        enum cost_basis basis;
        bool required;
        const char *bound; /* NULL: none */
    } rows[] = {
        { GCP_TABLE_STANDARD, GCP_PARTITION_COLUMN, MCP_STR("usage_start_time"), COST_USAGE, false,
          "AND t.usage_start_time >= TIMESTAMP(@from_date, @tz)" },
        { GCP_TABLE_STANDARD, GCP_PARTITION_COLUMN, MCP_STR("export_time"), COST_USAGE, false,
          "AND t.export_time >= TIMESTAMP(@from_date, @tz)" },
        { GCP_TABLE_STANDARD, GCP_PARTITION_INGESTION, MCP_STR(""), COST_INVOICE, false,
          "AND _PARTITIONTIME >= " },
        { GCP_TABLE_FOCUS, GCP_PARTITION_COLUMN, MCP_STR("ChargePeriodStart"), COST_USAGE, false,
          "AND t.ChargePeriodStart >= TIMESTAMP(@from_date, @tz)" },
        { GCP_TABLE_FOCUS, GCP_PARTITION_COLUMN, MCP_STR("BillingPeriodStart"), COST_USAGE, false,
          "AND t.BillingPeriodStart >= TIMESTAMP_SUB(TIMESTAMP(@from_date, @tz), INTERVAL 40 "
          "DAY)" },
        /* An invoice may correct usage of any age. */
        { GCP_TABLE_STANDARD, GCP_PARTITION_COLUMN, MCP_STR("usage_start_time"), COST_INVOICE,
          false, NULL },
        { GCP_TABLE_STANDARD, GCP_PARTITION_COLUMN, MCP_STR("usage_start_time"), COST_INVOICE, true,
          "AND t.usage_start_time >= TIMESTAMP '2010-01-01 00:00:00+00'" },
        { GCP_TABLE_STANDARD, GCP_PARTITION_NONE, MCP_STR(""), COST_USAGE, false, NULL },
    };
    struct gcp_table kept = table;
    struct gcp_config config = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct cost_query q = question();
        struct gcp_statement st;

        table.kind = rows[i].kind;
        table.partition = rows[i].partition;
        table.partition_column = rows[i].column;
        table.filter_required = rows[i].required;
        q.basis = rows[i].basis;
        gcp_statement_init(&st, &config, &table, &q, arena);
        gcp_statement_prune(&st, 20000);
        if (rows[i].bound == NULL)
            assert_int_equal(st.sql.text->len, 0);
        else
            ASSERT_HOLDS(st.sql, rows[i].bound);
        /* A parameter is sent where it is named, else BigQuery refuses the query. */
        assert_int_equal(holds(mcp_buf_view(st.sql.params), "from_date"),
                         holds(mcp_buf_view(st.sql.text), "@from_date"));
        mcp_arena_free(arena);
    }
    table = kept;
}

static void invoices_are_months_of_the_bill(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_config config = { .timezone = GCP_ZONE_PACIFIC };
    struct cost_query q = question();
    struct gcp_sql sql;

    (void)state;
    q.basis = COST_INVOICE;
    q.granularity = COST_MONTHLY;
    sql = build(&config, &q, arena);
    ASSERT_HOLDS(sql, "t.invoice.month BETWEEN FORMAT_DATE('%Y%m', @start_date) AND "
                      "FORMAT_DATE('%Y%m', @end_date)");
    ASSERT_HOLDS(sql, "CAST(t.invoice.month AS INT64) AS bucket");
    ASSERT_LACKS(sql, "t.usage_start_time < ");
    table.partition = GCP_PARTITION_NONE;
    sql = build(&config, &q, arena);
    table.partition = GCP_PARTITION_INGESTION;
    ASSERT_LACKS(sql, "@tz");
    assert_false(holds(mcp_buf_view(sql.params), "\"tz\"")); /* only what the text names is sent */
    q.basis = COST_USAGE;
    sql = build(&config, &q, arena);
    ASSERT_HOLDS(sql, "t.usage_start_time < TIMESTAMP(DATE_ADD(@end_date, INTERVAL 1 DAY), @tz)");
    ASSERT_HOLDS(sql,
                 "t.invoice.month > FORMAT_DATE('%Y%m', DATE(t.usage_start_time, @tz)) AS later");
    mcp_arena_free(arena);
}

static void days_are_cut_by_the_clock_of_the_bill(void **state)
{
    static const struct {
        enum gcp_table_kind kind;
        int timezone;
        const char *zone;
    } rows[] = { { GCP_TABLE_STANDARD, GCP_ZONE_PACIFIC, "\"America/Los_Angeles\"" },
                 { GCP_TABLE_STANDARD, GCP_ZONE_UTC, "\"UTC\"" },
                 { GCP_TABLE_FOCUS, GCP_ZONE_PACIFIC, "\"UTC\"" } };
    enum gcp_table_kind kept = table.kind;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct gcp_config config = { .timezone = rows[i].timezone };
        struct cost_query q = question();
        struct gcp_sql sql;

        table.kind = rows[i].kind;
        sql = build(&config, &q, arena);
        assert_true(holds(mcp_buf_view(sql.params), rows[i].zone));
        ASSERT_HOLDS(sql, "@tz)) AS bucket");
        mcp_arena_free(arena);
    }
    table.kind = kept;
}

static void only_floats_are_cast(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_config config = { 0 };
    struct cost_query q = question();
    struct gcp_sql sql = build(&config, &q, arena);

    (void)state;
    ASSERT_HOLDS(sql, "CAST(t.cost AS NUMERIC)");
    ASSERT_LACKS(sql, "CAST(c.amount AS NUMERIC)");
    ASSERT_HOLDS(sql,
                 "CAST(NULL AS NUMERIC)"); /* cost_at_list was not seen, so it is not selected */
    ASSERT_LACKS(sql, "t.cost_at_list");
    mcp_arena_free(arena);
}

static void the_allow_list_is_there_even_when_it_is_empty(void **state)
{
    static const mcp_str projects[] = { { "p-a", 3 } };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_config config = { 0 };
    struct cost_query q = question();
    struct gcp_sql sql = build(&config, &q, arena);

    (void)state;
    ASSERT_LACKS(sql, "authorized_projects");
    config.restricted = true;
    sql = build(&config, &q, arena);
    ASSERT_HOLDS(sql, "AND (t.project.id IN UNNEST(@authorized_projects))");
    assert_true(holds(mcp_buf_view(sql.params), "\"arrayValues\":[]"));
    config.authorized_projects = (struct mcp_opt_list){ projects, 1 };
    config.unattributed = true;
    sql = build(&config, &q, arena);
    ASSERT_HOLDS(sql, "AND (t.project.id IN UNNEST(@authorized_projects) OR t.project.id IS NULL)");
    mcp_arena_free(arena);
}

static void filters_say_what_they_make_of_missing_values(void **state)
{
    static const mcp_str values[] = { { "v", 1 } };
    static const struct {
        bool negate, null_listed;
        size_t n;
        const char *sql;
    } rows[] = {
        { false, false, 1,
          "(t.service.description IN UNNEST(@filter_0) AND t.service.description IS NOT NULL)" },
        { false, true, 1,
          "(t.service.description IN UNNEST(@filter_0) OR t.service.description IS NULL)" },
        { true, false, 1,
          "(t.service.description NOT IN UNNEST(@filter_0) OR t.service.description IS NULL)" },
        { true, true, 1,
          "(t.service.description NOT IN UNNEST(@filter_0) AND t.service.description IS NOT "
          "NULL)" },
        { false, true, 0, "AND t.service.description IS NULL" },
        { true, true, 0, "AND t.service.description IS NOT NULL" },
    };
    struct gcp_config config = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct cost_query q = question();
        struct gcp_sql sql;

        q.n_filters = 1;
        q.filters[0] = (struct cost_filter){ .key = { .dim = COST_DIM_SERVICE },
                                             .negate = rows[i].negate,
                                             .null_listed = rows[i].null_listed,
                                             .values = values,
                                             .n_values = rows[i].n };
        sql = build(&config, &q, arena);
        ASSERT_HOLDS(sql, rows[i].sql);
        mcp_arena_free(arena);
    }
}

static void a_resource_is_found_by_its_display_name_too(void **state)
{
    static struct gcp_column more[8];
    static const mcp_str values[] = { { "vm-1", 4 } };
    struct gcp_table kept = table;
    struct gcp_config config = { 0 };

    (void)state;
    memcpy(more, columns, sizeof(columns));
    more[6] = (struct gcp_column){ MCP_STR("resource.global_name"), MCP_STR("STRING"), false };
    table.kind = GCP_TABLE_DETAILED;
    table.columns = more;
    table.n_columns = 7;
    for (int negate = 0; negate < 2; negate++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct cost_query q = question();
        struct gcp_sql sql;

        q.n_filters = 1;
        q.filters[0] = (struct cost_filter){
            .key = { .dim = COST_DIM_RESOURCE }, .negate = negate, .values = values, .n_values = 1
        };
        sql = build(&config, &q, arena);
        ASSERT_HOLDS(sql, "IFNULL(t.resource.name, IFNULL(t.resource.global_name, "
                          "t.resource.name)) IN UNNEST(@filter_0))");
        assert_int_equal(holds(mcp_buf_view(sql.text), "AND (NOT (IFNULL("), negate);
        mcp_arena_free(arena);
    }
    table = kept;
}

static void what_the_table_does_not_tell_is_refused(void **state)
{
    static const enum cost_dim dims[] = { COST_DIM_RESOURCE, COST_DIM_SERVICE_CATEGORY,
                                          COST_DIM_COMMITMENT_STATUS, COST_DIM_SKU };
    struct gcp_config config = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof(dims) / sizeof(dims[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct cost_query q = question();
        struct mcp_error err = { 0 };
        struct gcp_statement st;

        q.keys[0].dim = dims[i];
        gcp_statement_init(&st, &config, &table, &q, arena);
        assert_int_equal(gcp_statement_costs(&st, 0, 10, &err), MCP_EREFUSED);
        assert_string_equal(err.code, "dimension_not_exported");
        assert_true(err.next[0] != '\0');
        mcp_arena_free(arena);
    }
}

static void a_tag_is_a_parameter(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct gcp_config config = { 0 };
    struct cost_query q = question();
    struct gcp_sql sql;

    (void)state;
    q.keys[0] = (struct cost_key_spec){ .dim = COST_DIM_TAG, .tag_key = MCP_STR("labels/it's") };
    sql = build(&config, &q, arena);
    ASSERT_LACKS(sql, "it's");
    ASSERT_HOLDS(sql, "l.key IN (@tag_0, LOWER(@tag_0))");
    assert_true(holds(mcp_buf_view(sql.params), "\"value\":\"it's\""));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(partitions_are_bounded_from_below_only),
        cmocka_unit_test(every_way_of_cutting_a_table_is_made_use_of),
        cmocka_unit_test(invoices_are_months_of_the_bill),
        cmocka_unit_test(days_are_cut_by_the_clock_of_the_bill),
        cmocka_unit_test(only_floats_are_cast),
        cmocka_unit_test(the_allow_list_is_there_even_when_it_is_empty),
        cmocka_unit_test(filters_say_what_they_make_of_missing_values),
        cmocka_unit_test(a_resource_is_found_by_its_display_name_too),
        cmocka_unit_test(what_the_table_does_not_tell_is_refused),
        cmocka_unit_test(a_tag_is_a_parameter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
