/* What is remembered of an export, how fresh it is, and the limits on what is read of it. */
#include "mcp-gcp/billing.h"

#include "bq_help.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DAY 86400
#define TODAY 20412

static struct bq bq;
static uint64_t requests;
static struct gcp_query_stats stats;

static void begin(struct gcp_script *rows)
{
    bq_begin(&bq, rows);
    requests = 0;
    stats = (struct gcp_query_stats){ 0 };
}

static int ignore_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    (void)ctx;
    (void)cells;
    (void)err;
    return 0;
}

/* SELECT 1 AS one, within the limits. */
static int run_one(const struct gcp_table *table)
{
    static const char *const columns[] = { "one" };
    struct gcp_query q = { .columns = columns, .n_columns = 1, .row = ignore_row };
    struct gcp_sql sql;

    gcp_sql_init(&sql, bq.arena);
    gcp_sql_put(&sql, "SELECT 1 AS one");
    q.sql = &sql;
    mcp_error_clear(&bq.err);
    return gcp_billing_run(&bq.gcp, bq.call, table, &q, &stats, &bq.err);
}

static const char *one(const char *more)
{
    static const char *const columns[] = { "one" };

    return bq_answer(columns, 1, "1|", more);
}

/* ---- tables ---- */

static void a_table_is_described_once(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_TABLE, 200, NULL, bq_table(bq_standard, ""), 0 },
                                 { NULL } };
    const struct gcp_table *a, *b;
    struct gcp_extent extent;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_billing_known(&bq.gcp, false, bq.arena, &a, &extent), MCP_MISS);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &a, &requests, &bq.err), 0);
    assert_int_equal(requests, 2);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &b, &requests, &bq.err), 0);
    assert_ptr_equal(a, b);
    assert_int_equal(requests, 2);
    assert_int_equal(gcp_server_count(bq.server, BQ_TABLE), 1);
    /* The standard export names no resources: who asks for those is told so without an error. */
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, true, &b, &requests, &bq.err), MCP_MISS);
    assert_int_equal(bq.err.err, 0);
    bq_end(&bq);
}

static void a_detailed_table_serves_all_questions(void **state)
{
    const char *const columns[] = { bq_detailed, bq_focus };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gcp_script rows[] = { BQ_USUAL,
                                     { BQ_TABLE, 200, NULL, bq_table(columns[i], ""), 0 },
                                     { NULL } };
        const struct gcp_table *a, *b;

        begin(rows);
        assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &a, &requests, &bq.err), 0);
        assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, true, &b, &requests, &bq.err), 0);
        assert_ptr_equal(a, b);
        bq_end(&bq);
    }
}

static void what_could_not_be_read_is_asked_for_again(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_TABLE, 403, NULL, "{}", 1 },
                                 { BQ_TABLE, 200, NULL, bq_table(bq_standard, ""), 0 },
                                 { NULL } };
    const struct gcp_table *t;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err),
                     MCP_EDENIED);
    mcp_error_clear(&bq.err);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err), 0);
    bq_end(&bq);
}

/* ---- freshness ---- */

static void freshness_is_of_the_last_weeks_and_remembered(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_TABLE, 200, NULL,
          bq_table(bq_standard, ",\"numBytes\":\"1\",\"timePartitioning\":{\"type\":\"DAY\"}"), 0 },
        { BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, -1), 1 },
        { BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, 20000), 0 },
        { NULL }
    };
    const struct gcp_table *t, *known;
    struct gcp_extent e;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err), 0);
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, false, &e, &stats, &bq.err), 0);
    assert_true(!e.empty && e.usage_end == BQ_NOON && e.exported == BQ_NOON + 3600 && !e.has_first);
    assert_true(bq_holds(gcp_server_last(bq.server), "_PARTITIONTIME >="));
    assert_true(bq_holds(gcp_server_last(bq.server), "2025-10-06")); /* 45 days ago */
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, false, &e, &stats, &bq.err), 0);
    assert_int_equal(stats.requests, 1);
    assert_int_equal(gcp_billing_known(&bq.gcp, false, bq.arena, &known, &e), 0);
    assert_ptr_equal(known, t);
    /* The first day is another question, over everything. */
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, true, &e, &stats, &bq.err), 0);
    assert_true(e.has_first && e.first == 20000);
    assert_false(bq_holds(gcp_server_last(bq.server), "_PARTITIONTIME"));
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, true, &e, &stats, &bq.err), 0);
    assert_int_equal(stats.requests, 2);
    bq_end(&bq);
}

static void an_old_export_is_looked_for_in_all_of_it(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_TABLE, 200, NULL, bq_table(bq_standard, ",\"numBytes\":\"1\""), 0 },
        { BQ_QUERY, 200, NULL, bq_no_extent(), 1 },
        { BQ_QUERY, 200, NULL, bq_extent(BQ_NOON - 400 * (long long)DAY, 19000), 0 },
        { NULL }
    };
    const struct gcp_table *t;
    struct gcp_extent e;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err), 0);
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, false, &e, &stats, &bq.err), 0);
    assert_true(!e.empty && e.first == 19000);
    assert_int_equal(stats.requests, 2);
    bq_end(&bq);
}

static void who_may_see_nothing_asks_nothing(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL, { BQ_TABLE, 200, NULL, bq_table(bq_standard, ",\"numBytes\":\"1\""), 0 }, { NULL }
    };
    const struct gcp_table *t;
    struct gcp_extent e;

    (void)state;
    begin(rows);
    bq.config.restricted = true;
    assert_true(gcp_billing_sees_nothing(&bq.config));
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err), 0);
    assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, true, &e, &stats, &bq.err), 0);
    assert_true(e.empty);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 0);
    bq_end(&bq);
}

static void a_time_that_is_none_is_no_freshness(void **state)
{
    static const char *const columns[] = { "usage_end", "exported", "first_day" };
    static const char *const cells[] = { "soon||", "1|x|", "1|1|monday" };

    (void)state;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct gcp_script rows[] = {
            BQ_USUAL,
            { BQ_TABLE, 200, NULL, bq_table(bq_standard, ",\"numBytes\":\"1\""), 0 },
            { BQ_QUERY, 200, NULL, bq_answer(columns, 3, cells[i], ""), 0 },
            { NULL }
        };
        const struct gcp_table *t;
        struct gcp_extent e;

        begin(rows);
        assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &t, &requests, &bq.err), 0);
        assert_int_equal(gcp_billing_extent(&bq.gcp, bq.call, t, true, &e, &stats, &bq.err),
                         MCP_EUPSTREAM);
        bq_end(&bq);
    }
}

static void data_reaches_to_the_last_day_that_has_ended(void **state)
{
    static const struct {
        int64_t usage_end; /* -1: empty */
        int32_t through, first;
    } rows[] = {
        { BQ_NOON, TODAY - 1, TODAY - 1 }, /* in the middle of today */
        { BQ_NOON - 12 * 3600, TODAY - 1, TODAY - 1 }, /* midnight: yesterday is whole */
        { BQ_NOON - 12 * 3600 - 1, TODAY - 2, TODAY - 2 },
        { BQ_NOON + 10 * (int64_t)DAY, TODAY, TODAY }, /* never beyond today */
        { -1, TODAY, TODAY },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gcp_extent e = { .empty = rows[i].usage_end < 0, .usage_end = rows[i].usage_end };
        struct cost_extent dates;

        gcp_extent_dates(&e, GCP_ZONE_PACIFIC, &dates);
        assert_true(dates.live && dates.has_days && dates.empty == e.empty);
        assert_int_equal(dates.today, TODAY);
        assert_int_equal(dates.data_through, rows[i].through);
        assert_int_equal(dates.first, rows[i].first);
    }
}

/* ---- limits ---- */

static void bytes_are_asked_for_only_where_the_table_is_large(void **state)
{
    struct gcp_table small = { .bytes = 1000, .location = MCP_STR("EU") },
                     large = { .bytes = UINT64_C(11) << 30, .location = MCP_STR("EU") },
                     unknown = { .bytes = 0 };
    struct gcp_script rows[] = { BQ_USUAL, { BQ_QUERY, 200, NULL, one(""), 0 }, { NULL } };

    (void)state;
    begin(rows);
    assert_int_equal(run_one(&small), 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 1);
    assert_int_equal(run_one(&large), 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 3);
    assert_int_equal(run_one(&unknown), 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 5);
    bq_end(&bq);
}

static void too_much_is_refused_before_it_runs(void **state)
{
    struct gcp_table large = { .bytes = UINT64_C(1) << 50, .location = MCP_STR("EU") };
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL, "{\"jobComplete\":true,\"totalBytesProcessed\":\"1099511627776\"}",
          0 },
        { NULL }
    };

    (void)state;
    begin(rows);
    assert_int_equal(run_one(&large), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "too_expensive");
    assert_true(bq_holds(bq.err.message, "1.0 TiB") && bq_holds(bq.err.message, "10.0 GiB"));
    assert_true(bq_holds(bq.err.next, "start_date"));
    assert_true(bq_holds(gcp_server_last(bq.server), "\"dryRun\":true"));
    bq_end(&bq);
}

static void the_bytes_of_a_day_run_out(void **state)
{
    struct gcp_table table = { .bytes = 600, .location = MCP_STR("EU") };
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 200, NULL, one(",\"totalBytesBilled\":\"500\""), 0 },
                                 { NULL } };

    (void)state;
    bq_begin(&bq, rows);
    gcp_billing_free(bq.gcp.billing);
    bq.config.max_bytes_day = 1200;
    bq.gcp.billing = gcp_billing_new(&bq.config);
    stats = (struct gcp_query_stats){ 0 };
    assert_int_equal(run_one(&table), 0); /* 500 of 1200 are billed */
    assert_int_equal(run_one(&table), 0); /* 1000 */
    /* 200 are left: a dry run tells 1000, the answer's totalBytesProcessed. */
    assert_int_equal(run_one(&table), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "daily_bytes");
    assert_true(bq_holds(bq.err.message, "200 bytes"));
    assert_true(bq_holds(bq.err.next, "max_bytes_day"));
    bq_end(&bq);
}

/* ---- what is said of an answer ---- */

static void older_days_are_kept_longer(void **state)
{
    static const struct {
        int32_t age;
        uint64_t minutes;
    } rows[] = { { 0, 15 }, { 3, 15 }, { 4, 360 }, { 45, 360 }, { 46, 1440 }, { 400, 1440 } };
    struct gcp_table table = { .dataset = MCP_STR("d"), .name = MCP_STR("t"), .modified_ms = 7 };
    struct gcp_extent extent = { .usage_end = BQ_NOON, .exported = 9 };
    struct gcp_script none[] = { { NULL } };
    uint64_t last = 0;

    (void)state;
    begin(none);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_query q = { .today = TODAY,
                                .range = { TODAY - rows[i].age - 5, TODAY - rows[i].age } };
        struct cost_result out;

        cost_result_init(&out, bq.arena, &q);
        gcp_billing_describe(&bq.gcp, &table, &extent, &stats, &out);
        assert_int_equal(out.ttl_ms, rows[i].minutes * 60000);
        assert_true(out.ttl_ms >= last);
        last = out.ttl_ms;
        assert_true(mcp_str_eq(out.generation, MCP_STR("d.t@7.9")));
        assert_true(out.has_data_through && out.data_through == TODAY - 1);
    }
    bq_end(&bq);
}

static void an_answer_says_what_it_read_and_cost(void **state)
{
    static const struct {
        uint64_t billed;
        const char *per_tib, *price;
    } rows[] = {
        { UINT64_C(1) << 40, "6.25", "6.25" },  { 10485760, "6.25", "0.00006" },
        { UINT64_C(3) << 39, "6.25", "9.375" }, { 0, "6.25", "0" },
        { UINT64_C(1) << 40, "free", NULL },    { UINT64_C(1) << 40, "-1", NULL },
    };
    struct gcp_table table = { .kind = GCP_TABLE_STANDARD };
    struct gcp_extent extent = { .empty = true };
    struct cost_query q = { .today = TODAY, .range = { 20520, 20520 } };
    struct cost_result out;
    struct gcp_script none[] = { { NULL } };

    (void)state;
    begin(none);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        stats = (struct gcp_query_stats){ .requests = 3,
                                          .bytes_processed = 11,
                                          .bytes_billed = rows[i].billed };
        bq.config.price_per_tib_usd = mcp_str_z(rows[i].per_tib);
        cost_result_init(&out, bq.arena, &q);
        extent.exported = BQ_NOON - 60;
        gcp_billing_describe(&bq.gcp, &table, &extent, &stats, &out);
        assert_int_equal(out.exported_at, BQ_NOON - 60);
        assert_true(out.requests == 3 && out.bytes_scanned == 11);
        if (!mcp_str_eq(out.price_usd, mcp_str_z(rows[i].price)))
            fail_msg("%llu bytes: %.*s", (unsigned long long)rows[i].billed,
                     MCP_STR_ARG(out.price_usd));
        assert_false(out.has_data_through);
        /* 2026-03-08 has 23 hours in California. */
        assert_int_equal(out.time_end - out.time_start, 23 * 3600);
    }
    table.kind = GCP_TABLE_FOCUS; /* does not tell when its rows came */
    gcp_billing_describe(&bq.gcp, &table, &extent, &stats, &out);
    assert_int_equal(out.exported_at, 0);
    bq_end(&bq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_table_is_described_once),
        cmocka_unit_test(a_detailed_table_serves_all_questions),
        cmocka_unit_test(what_could_not_be_read_is_asked_for_again),
        cmocka_unit_test(freshness_is_of_the_last_weeks_and_remembered),
        cmocka_unit_test(an_old_export_is_looked_for_in_all_of_it),
        cmocka_unit_test(who_may_see_nothing_asks_nothing),
        cmocka_unit_test(a_time_that_is_none_is_no_freshness),
        cmocka_unit_test(data_reaches_to_the_last_day_that_has_ended),
        cmocka_unit_test(bytes_are_asked_for_only_where_the_table_is_large),
        cmocka_unit_test(too_much_is_refused_before_it_runs),
        cmocka_unit_test(the_bytes_of_a_day_run_out),
        cmocka_unit_test(older_days_are_kept_longer),
        cmocka_unit_test(an_answer_says_what_it_read_and_cost),
    };

    return cmocka_run_group_tests(tests, bq_at_noon, bq_group_end);
}
