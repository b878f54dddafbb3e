/* A billing export as BigQuery describes it: which kind it is, how it is cut, which one is meant. */
#include "mcp-gcp/table.h"

#include "bq_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct bq bq;
static uint64_t requests;

/* The table "export" with these columns and more members; the caller unrefs. */
static int read_table(const char *columns, const char *more, struct gcp_table **out)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_TABLE, 200, NULL, bq_table(columns, more), 0 },
                                 { NULL } };
    int rc;

    bq_begin(&bq, rows);
    requests = 0;
    rc = gcp_table_read(&bq.gcp, bq.call, MCP_STR("export"), out, &requests, &bq.err);
    bq_end(&bq);
    return rc;
}

static void its_columns_tell_its_kind(void **state)
{
    static const struct {
        const char *columns;
        enum gcp_table_kind kind;
    } rows[] = { { bq_standard, GCP_TABLE_STANDARD },
                 { bq_detailed, GCP_TABLE_DETAILED },
                 { bq_focus, GCP_TABLE_FOCUS } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gcp_table *t;

        assert_int_equal(read_table(rows[i].columns, "", &t), 0);
        assert_int_equal(t->kind, rows[i].kind);
        gcp_table_unref(t);
    }
}

static void columns_have_paths_and_the_older_words(void **state)
{
    struct gcp_table *t;

    (void)state;
    assert_int_equal(read_table(bq_detailed, "", &t), 0);
    assert_true(gcp_table_has(t, "project.labels.key"));
    assert_true(gcp_table_column(t, "credits")->repeated);
    assert_false(gcp_table_column(t, "credits.amount")->repeated);
    assert_true(mcp_str_eq(gcp_table_column(t, "cost")->type, MCP_STR("NUMERIC")));
    assert_true(mcp_str_eq(gcp_table_column(t, "cost_at_list")->type, MCP_STR("FLOAT")));
    assert_null(gcp_table_column(t, "labels.ke"));
    gcp_table_unref(t);
}

static void partitions_are_of_ingestion_of_a_column_or_none(void **state)
{
    static const struct {
        const char *more;
        enum gcp_partition partition;
        const char *column;
        bool required;
    } rows[] = {
        { "", GCP_PARTITION_NONE, NULL, false },
        { ",\"timePartitioning\":{\"type\":\"DAY\"}", GCP_PARTITION_INGESTION, NULL, false },
        { ",\"timePartitioning\":{\"type\":\"DAY\",\"field\":\"export_time\"}",
          GCP_PARTITION_COLUMN, "export_time", false },
        { ",\"timePartitioning\":{\"type\":\"DAY\"},\"requirePartitionFilter\":true",
          GCP_PARTITION_INGESTION, NULL, true },
        { ",\"timePartitioning\":{\"type\":\"DAY\",\"requirePartitionFilter\":true}",
          GCP_PARTITION_INGESTION, NULL, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gcp_table *t;

        assert_int_equal(read_table(bq_standard, rows[i].more, &t), 0);
        assert_int_equal(t->partition, rows[i].partition);
        assert_int_equal(t->filter_required, rows[i].required);
        assert_true(mcp_str_eq(t->partition_column, mcp_str_z(rows[i].column)));
        gcp_table_unref(t);
    }
}

static void size_location_and_age_are_read(void **state)
{
    struct gcp_table *t;

    (void)state;
    assert_int_equal(
        read_table(bq_standard, ",\"numBytes\":\"123\",\"lastModifiedTime\":\"1763600000000\"", &t),
        0);
    assert_true(t->bytes == 123 && t->modified_ms == 1763600000000);
    assert_true(mcp_str_eq(t->location, MCP_STR("EU")));
    assert_int_equal(requests, 2);
    gcp_table_unref(t);
    /* What is told is not a number: not told. */
    assert_int_equal(read_table(bq_standard, ",\"numBytes\":\"-5\"", &t), 0);
    assert_true(t->bytes == 0);
    gcp_table_unref(t);
}

static void a_location_that_is_set_is_not_asked_for(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_TABLE, 200, NULL, bq_table(bq_standard, ""), 0 },
                                 { NULL } };
    struct gcp_table *t;

    (void)state;
    bq_begin(&bq, rows);
    bq.config.location = MCP_STR("europe-west3");
    requests = 0;
    assert_int_equal(gcp_table_read(&bq.gcp, bq.call, MCP_STR("export"), &t, &requests, &bq.err),
                     0);
    assert_int_equal(requests, 1);
    assert_true(mcp_str_eq(t->location, MCP_STR("europe-west3")));
    /* It lives as long as somebody holds it. */
    assert_ptr_equal(gcp_table_ref(t), t);
    gcp_table_unref(t);
    assert_true(mcp_str_eq(t->name, MCP_STR("export")));
    gcp_table_unref(t);
    gcp_table_unref(NULL);
    bq_end(&bq);
}

static void a_table_that_is_no_export_is_refused_by_the_column_it_lacks(void **state)
{
    static const struct {
        const char *columns, *lacks;
    } rows[] = {
        { "name STRING, amount FLOAT", "usage_start_time" },
        { "BilledCost NUMERIC, EffectiveCost NUMERIC", "BillingCurrency" },
        { "usage_start_time TIMESTAMP, usage_end_time TIMESTAMP, cost FLOAT", "currency" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gcp_table *t;

        assert_int_equal(read_table(rows[i].columns, "", &t), MCP_ECONFIG);
        assert_true(bq_holds(bq.err.message, rows[i].lacks));
        assert_true(bq_holds(bq.err.next, "gcp.billing.table"));
    }
}

static void a_table_or_dataset_that_is_not_there_says_what_to_check(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, { NULL } };
    struct gcp_table *t;

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(gcp_table_read(&bq.gcp, bq.call, MCP_STR("export"), &t, &requests, &bq.err),
                     MCP_ENOTFOUND);
    assert_true(bq_holds(bq.err.next, "gcp.billing.project"));
    bq_end(&bq);
}

static void names_that_google_would_not_allow_are_never_sent(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, { NULL } };
    struct gcp_table *t;
    mcp_str a, b;

    (void)state;
    bq_begin(&bq, rows);
    bq.config.project = MCP_STR("P`; DROP");
    assert_int_equal(gcp_table_read(&bq.gcp, bq.call, MCP_STR("x"), &t, &requests, &bq.err),
                     MCP_ECONFIG);
    mcp_error_clear(&bq.err);
    assert_int_equal(gcp_table_discover(&bq.gcp, bq.call, &a, &b, &requests, &bq.err), MCP_ECONFIG);
    bq.config.project = MCP_STR("p-host");
    bq.config.dataset = MCP_STR("a.b");
    mcp_error_clear(&bq.err);
    assert_int_equal(gcp_table_read(&bq.gcp, bq.call, MCP_STR("x"), &t, &requests, &bq.err),
                     MCP_ECONFIG);
    assert_int_equal(gcp_server_count(bq.server, "/"), 0);
    bq_end(&bq);
}

/* ---- discovery ---- */

#define T(name) "{\"tableReference\":{\"tableId\":\"" name "\"}}"
#define LIST(tables, more) "{\"tables\":[" tables "]" more "}"
#define STANDARD "gcp_billing_export_v1_01ABCD_234567_89EF01"
#define DETAILED "gcp_billing_export_resource_v1_01ABCD_234567_89EF01"
#define FOCUS "gcp_billing_export_focus_01ABCD_234567_89EF01"

/* The caller ends with bq_end: names live in the call's arena. */
static int discover(const char *first, const char *second, mcp_str *plain, mcp_str *detailed)
{
    static struct gcp_script rows[6];
    const struct gcp_script script[] = {
        BQ_USUAL,
        { BQ_DATASET "/tables?maxResults=1000&pageToken=p%202", 200, NULL, second, 0 },
        { BQ_DATASET "/tables?maxResults=1000", 200, NULL, first, 0 },
        { NULL }
    };

    memcpy(rows, script, sizeof(rows));
    bq_begin(&bq, rows);
    return gcp_table_discover(&bq.gcp, bq.call, plain, detailed, &requests, &bq.err);
}

static void the_exports_of_a_dataset_are_found(void **state)
{
    static const struct {
        const char *first, *second, *plain, *detailed;
    } rows[] = {
        { LIST(T("other"), ",\"nextPageToken\":\"p 2\""), LIST(T(STANDARD) "," T(DETAILED), ""),
          STANDARD, DETAILED },
        { LIST(T(STANDARD), ""), "{}", STANDARD, NULL },
        { LIST(T(DETAILED) "," T(FOCUS), ""), "{}", NULL, DETAILED },
        { LIST(T(FOCUS) "," T("cloud_pricing_export"), ""), "{}", FOCUS, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_str plain, detailed;

        assert_int_equal(discover(rows[i].first, rows[i].second, &plain, &detailed), 0);
        assert_true(mcp_str_eq(plain, mcp_str_z(rows[i].plain)));
        assert_true(mcp_str_eq(detailed, mcp_str_z(rows[i].detailed)));
        bq_end(&bq);
    }
}

static void nothing_and_too_much_in_a_dataset_are_told(void **state)
{
    static const struct {
        const char *list;
        int rc;
        const char *says;
    } rows[] = {
        { LIST(T("notes"), ""), MCP_ECONFIG, "holds no billing export" },
        { "{}", MCP_ECONFIG, "holds no billing export" },
        { LIST(T(STANDARD) "," T("gcp_billing_export_v1_0A_0B_0C"), ""), MCP_ECONFIG,
          "several billing accounts" },
        /* A list that goes on for ever is none. */
        { LIST(T("a"), ",\"nextPageToken\":\"p 2\""), MCP_EUPSTREAM, "does not end" },
    };
    mcp_str plain, detailed;

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(discover(rows[i].list, rows[i].list, &plain, &detailed), rows[i].rc);
        assert_true(bq_holds(bq.err.message, rows[i].says));
        if (rows[i].rc == MCP_ECONFIG)
            assert_true(bq_holds(bq.err.next, "gcp.billing.table"));
        bq_end(&bq);
    }
}

static int teardown(void **state)
{
    (void)state;
    gcp_files_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_columns_tell_its_kind),
        cmocka_unit_test(columns_have_paths_and_the_older_words),
        cmocka_unit_test(partitions_are_of_ingestion_of_a_column_or_none),
        cmocka_unit_test(size_location_and_age_are_read),
        cmocka_unit_test(a_location_that_is_set_is_not_asked_for),
        cmocka_unit_test(a_table_that_is_no_export_is_refused_by_the_column_it_lacks),
        cmocka_unit_test(a_table_or_dataset_that_is_not_there_says_what_to_check),
        cmocka_unit_test(names_that_google_would_not_allow_are_never_sent),
        cmocka_unit_test(the_exports_of_a_dataset_are_found),
        cmocka_unit_test(nothing_and_too_much_in_a_dataset_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
