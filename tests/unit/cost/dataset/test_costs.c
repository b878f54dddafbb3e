/* get_costs over small datasets whose sums are worked out by hand in the comments. */
#include "ask_help.h"

#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

/* September 2026, USD: EC2 10.1 + 5.05 = 15.15, S3 2, credit -1 on EC2, tax 0.5 without service.
 * Total 16.65. By project: p1 12.1, p2 5.05, none -0.5. */
static const struct test_row bill[] = {
    { .day = "2026-09-01",
      .billed = "10.1",
      .service = "EC2",
      .project = "p1",
      .region = "us-east-1",
      .quantity = "24",
      .unit = "Hours" },
    { .day = "2026-09-02",
      .billed = "5.05",
      .service = "EC2",
      .project = "p2",
      .region = "eu-west-1",
      .quantity = "12",
      .unit = "Hours" },
    { .day = "2026-09-02",
      .billed = "2",
      .service = "S3",
      .project = "p1",
      .quantity = "100",
      .unit = "GB" },
    { .day = "2026-09-03",
      .billed = "-1",
      .service = "EC2",
      .charge = "Credit",
      .quantity = "7",
      .unit = "Hours" },
    { .day = "2026-09-03", .billed = "0.5", .service = "", .charge = "Tax" },
    { .day = "2026-09-30", .billed = "0", .service = "S3", .project = "p1" },
};

static void groups_are_ranked_and_sum_to_the_total(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_int_equal(r->n_blocks, 1);
    assert_string_equal(test_money(r->blocks[0].total.sum), "16.65");
    assert_string_equal(test_groups(&r->blocks[0]), "EC2=14.15 S3=2 -=0.5");
    assert_string_equal(test_money(r->blocks[0].none_cost), "0.5");
    assert_string_equal(test_money(r->blocks[0].tax), "0.5");
    assert_string_equal(test_money(r->blocks[0].credits), "-1");
    assert_string_equal(r->blocks[0].check_path, "ledger");
    assert_int_equal(r->blocks[0].n_buckets, 30);
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['project']}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "p1=12.1 p2=5.05 -=-0.5");
    test_data_close(&d);
}

static void quantities_are_of_usage_rows_by_unit(void **state)
{
    const struct cost_block_result *b;
    struct test_data d;

    (void)state;
    OPEN(bill);
    b = &test_costs(&d, "{'period': '2026-09'}")->blocks[0];
    assert_int_equal(b->groups[0].n_quantities, 1); /* the credit's 7 hours are no usage */
    assert_string_equal(test_money(b->groups[0].quantities[0].sum), "36");
    assert_int_equal(b->n_quantities, 2);
    assert_true(mcp_str_eq(b->quantities[0].unit, MCP_STR("GB")));
    test_data_close(&d);
}

static void a_page_keeps_what_is_before_and_after_it(void **state)
{
    const struct cost_block_result *b;
    const struct cost_result *r;
    struct cost_query q;
    struct cost_result out;
    struct mcp_error err = { 0 };
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['project'], 'limit': 1}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "p1=12.1");
    assert_int_equal(r->blocks[0].other_groups, 2);
    assert_string_equal(test_money(r->blocks[0].other_cost), "4.55");
    assert_string_equal(test_money(r->blocks[0].other_positive), "5.05");
    assert_string_equal(test_money(r->blocks[0].other_negative), "-0.5");
    q = r->query;
    q.offset = 1;
    assert_int_equal(cost_dataset_costs(d.snap, &d.scope, &q, d.arena, &out, &err), 0);
    test_holds(&out);
    b = &out.blocks[0];
    assert_string_equal(test_groups(b), "p2=5.05");
    assert_string_equal(test_money(b->before_cost), "12.1");
    assert_int_equal(b->before_groups, 1);
    test_data_close(&d);
}

static void the_total_comes_from_a_path_of_its_own(void **state)
{
    struct test_data d;

    (void)state;
    OPEN(bill);
    assert_string_equal(test_costs(&d, "{'start_date': '2026-09-01', 'end_date': '2026-09-02'}")
                            ->blocks[0]
                            .check_path,
                        "day_totals");
    assert_string_equal(test_costs(&d, "{'period': '2026-09', 'filters': {'project': ['p1']}}")
                            ->blocks[0]
                            .check_path,
                        "facts");
    assert_string_equal(test_costs(&d, "{'period': '2026-09', 'filters': {'provider': ['aws']}}")
                            ->blocks[0]
                            .check_path,
                        "ledger");
    test_data_close(&d);
}

static void filters_pick_by_id_without_case_by_not_and_by_null(void **state)
{
    static const struct {
        const char *args, *total;
    } rows[] = {
        { "{'period': '2026-09', 'filters': {'service': ['EC2']}}", "14.15" },
        { "{'period': '2026-09', 'filters': {'service': ['ec2']}}", "14.15" },
        { "{'period': '2026-09', 'filters': {'service': ['ec2', 's3']}}", "16.15" },
        { "{'period': '2026-09', 'filters': {'service': {'not': ['EC2']}}}", "2.5" },
        { "{'period': '2026-09', 'filters': {'service': {'not': ['EC2', null]}}}", "2" },
        { "{'period': '2026-09', 'filters': {'project': [null]}}", "-0.5" },
        { "{'period': '2026-09', 'filters': {'project': ['p1', '(none)']}}", "11.6" },
        { "{'period': '2026-09', 'filters': {'service': ['EC2'], 'project': ['p1']}}", "10.1" },
        { "{'period': '2026-09', 'filters': {'charge_category': ['usage']}}", "17.15" },
        { "{'period': '2026-09', 'filters': {'provider': ['AWS']}}", "16.65" },
        { "{'start_date': '2026-09-02', 'end_date': '2026-09-02'}", "7.05" },
    };
    struct test_data d;

    (void)state;
    OPEN(bill);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cost_result *r = test_costs(&d, rows[i].args);

        test_holds(r);
        assert_int_equal(r->n_blocks, 1);
        if (strcmp(test_money(r->blocks[0].total.sum), rows[i].total) != 0)
            fail_msg("%s: %s", rows[i].args, test_money(r->blocks[0].total.sum));
    }
    test_data_close(&d);
}

static void an_unknown_value_gives_no_rows_and_the_nearest_names(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09', 'filters': {'service': ['EC3']}}");
    assert_true(r->no_data);
    assert_int_equal(r->n_blocks, 0);
    assert_true(test_warned(r, "unknown_value"));
    assert_true(test_warned(r, "no_data"));
    assert_true(r->has_available);
    assert_non_null(strstr(r->warnings[0].next.ptr, "EC2"));
    test_data_close(&d);
}

/* Two regions share one name; two services differ by case. */
static void an_ambiguous_value_is_an_error_naming_both(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01",
          .billed = "1",
          .service = "Kafka",
          .region = "r1",
          .region_name = "External" },
        { .day = "2026-09-01",
          .billed = "2",
          .service = "KAFKA",
          .region = "r2",
          .region_name = "External" },
    };
    const struct mcp_error *err;
    struct test_data d;

    (void)state;
    OPEN(rows);
    err = test_costs_refused(&d, "{'period': '2026-09', 'filters': {'region': ['External']}}");
    assert_non_null(strstr(err->message, "r1"));
    assert_non_null(strstr(err->message, "r2"));
    err = test_costs_refused(&d, "{'period': '2026-09', 'filters': {'service': ['kafka']}}");
    assert_non_null(strstr(err->message, "Kafka"));
    assert_non_null(strstr(err->message, "KAFKA"));
    assert_string_equal(
        test_money(test_costs(&d, "{'period': '2026-09', 'filters': {'service': ['KAFKA']}}")
                       ->blocks[0]
                       .total.sum),
        "2");
    test_data_close(&d);
}

/* The same service name at two providers is two services; both currencies have their own block. */
static void providers_and_currencies_never_meet(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "1", .service = "Storage" },
        { .day = "2026-09-01",
          .billed = "2",
          .service = "Storage",
          .issuer = "Microsoft",
          .account = "m" },
        { .day = "2026-09-01",
          .billed = "4",
          .service = "Storage",
          .issuer = "Microsoft",
          .account = "m",
          .currency = "EUR" },
        { .day = "2026-09-02",
          .billed = "8",
          .service = "Storage",
          .issuer = "Microsoft",
          .account = "m" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_int_equal(r->n_blocks, 2);
    assert_string_equal(test_groups(&r->blocks[0]), "Storage=10 Storage=1");
    assert_true(mcp_str_eq(r->blocks[0].groups[0].keys[0].provider, MCP_STR("azure")));
    assert_true(mcp_str_eq(r->blocks[1].currency, MCP_STR("EUR")));
    assert_true(mcp_str_eq(r->provider, MCP_STR("multiple")));
    r = test_costs(&d, "{'period': '2026-09', 'currency': 'EUR'}");
    test_holds(r);
    assert_int_equal(r->n_blocks, 1);
    assert_string_equal(test_money(r->blocks[0].total.sum), "4");
    test_data_close(&d);
}

/* August: EC2 4, S3 3. September as above. Changes: EC2 +10.15, S3 -1, none +0.5; total +9.65. */
static void compare_ranks_by_change_and_sums_to_the_total_change(void **state)
{
    struct test_row rows[8];
    const struct cost_block_result *b;
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    memcpy(rows, bill, sizeof(bill));
    rows[6] = (struct test_row){ .day = "2026-08-05", .billed = "4", .service = "EC2" };
    rows[7] = (struct test_row){ .day = "2026-08-31", .billed = "3", .service = "S3" };
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09', 'compare': 'previous_period'}");
    test_holds(r);
    b = &r->blocks[0];
    assert_string_equal(test_groups(b), "EC2=14.15 S3=2 -=0.5");
    assert_string_equal(test_money(b->groups[0].previous), "4");
    assert_string_equal(test_money(b->groups[1].previous), "3");
    assert_string_equal(test_money(b->previous_total), "7");
    test_data_close(&d);
}

static void a_group_that_ended_is_compared_too(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-08-05", .billed = "4", .service = "Gone" },
        { .day = "2026-09-05", .billed = "1", .service = "Here" },
        { .day = "2026-09-30", .billed = "1", .service = "Here" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09', 'compare': 'previous_period'}");
    assert_string_equal(test_groups(&r->blocks[0]), "Gone=0 Here=2");
    assert_string_equal(test_money(r->blocks[0].groups[0].previous), "4");
    test_data_close(&d);
}

/* A correction of September on October's bill: usage basis has it in September and says so, invoice
 * basis has it in October. */
static void late_rows_count_by_their_day_or_by_their_bill(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-05", .billed = "10" },
        { .day = "2026-09-30", .billed = "1" },
        { .day = "2026-09-20", .billed = "-2", .period = "2026-10-01", .charge = "Adjustment" },
        { .day = "2026-10-01", .billed = "5" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_string_equal(test_money(r->blocks[0].total.sum), "9");
    assert_string_equal(r->blocks[0].check_path, "day_totals");
    assert_int_equal(r->blocks[0].later_rows, 1);
    assert_string_equal(test_money(r->blocks[0].later_cost), "-2");
    r = test_costs(&d, "{'period': '2026-09', 'basis': 'invoice'}");
    test_holds(r);
    assert_string_equal(test_money(r->blocks[0].total.sum), "11");
    assert_string_equal(r->blocks[0].check_path, "ledger");
    r = test_costs(&d, "{'period': '2026-10', 'basis': 'invoice'}");
    assert_string_equal(test_money(r->blocks[0].total.sum), "3");
    r = test_costs(&d,
                   "{'start_date': '2026-09-10', 'end_date': '2026-09-12', 'basis': 'invoice'}");
    assert_string_equal(test_money(r->blocks[0].total.sum), "11");
    assert_true(r->query.widened);
    assert_int_equal(test_costs_refused(&d, "{'basis': 'invoice', 'granularity': 'DAILY'}")->err,
                     MCP_EINVAL);
    test_data_close(&d);
}

/* Daily 1 + 1, and 100 in rows of a whole month: days are over half guessed. */
static void a_granularity_finer_than_the_data_is_refused(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "1" },
        { .day = "2026-09-30", .billed = "1" },
        { .day = "2026-09-01", .billed = "100", .hours = 720 },
    };
    const struct mcp_error *err;
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    err = test_costs_refused(&d, "{'period': '2026-09', 'granularity': 'DAILY'}");
    assert_non_null(strstr(err->next, "MONTHLY"));
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_int_equal(r->query.granularity, COST_MONTHLY);
    assert_int_equal(r->blocks[0].spanning_rows, 0);
    test_data_close(&d);
}

/* 1 hour rows on 09-01 at 00:00; a day's row; a month's row that crosses the range's end. */
static void hours_come_from_the_facts_and_spanning_rows_are_told(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "3", .hours = 1 },
        { .day = "2026-09-02", .billed = "3", .hours = 1 },
        { .day = "2026-09-02", .billed = "1" },
        { .day = "2026-09-10", .billed = "0.5", .hours = 24 * 30 },
        { .day = "2026-09-30", .billed = "1", .hours = 1 },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'start_date': '2026-09-01', 'end_date': '2026-09-02', "
                       "'granularity': 'HOURLY'}");
    test_holds(r);
    assert_int_equal(r->blocks[0].n_buckets, 48);
    assert_string_equal(test_money(r->blocks[0].points[0].cost), "3");
    assert_string_equal(test_money(r->blocks[0].points[24].cost), "4");
    assert_int_equal(r->blocks[0].spanning_rows, 1);
    r = test_costs(&d, "{'start_date': '2026-09-01', 'end_date': '2026-09-20', "
                       "'granularity': 'TOTAL'}");
    assert_int_equal(r->blocks[0].spanning_rows, 1);
    assert_string_equal(test_money(r->blocks[0].spanning_cost), "0.5");
    r = test_costs(&d, "{'start_date': '2026-09-01', 'end_date': '2026-10-15', "
                       "'granularity': 'TOTAL'}");
    assert_int_equal(r->blocks[0].spanning_rows, 1); /* it ends on 10-09, the data on 09-30 */
    test_data_close(&d);
}

static void groups_have_series_when_a_granularity_is_given(void **state)
{
    const struct cost_block_result *b;
    struct test_data d;

    (void)state;
    OPEN(bill);
    b = &test_costs(&d, "{'period': '2026-09', 'granularity': 'DAILY'}")->blocks[0];
    assert_non_null(b->groups[0].points);
    assert_string_equal(test_money(b->groups[0].points[0].cost), "10.1");
    assert_string_equal(test_money(b->groups[0].points[1].cost), "5.05");
    assert_string_equal(test_money(b->groups[0].points[2].cost), "-1");
    assert_false(b->groups[0].points[3].any);
    b = &test_costs(&d, "{'period': '2026-09'}")->blocks[0];
    assert_null(b->groups[0].points);
    test_data_close(&d);
}

/* Contracted is null in one of two rows: 2 is known, the other row's billed sum is 3. */
static void a_metric_that_is_null_in_some_rows_says_how_much_is_unknown(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "2", .service = "A" },
        { .day = "2026-09-01", .billed = "3", .service = "B", .contracted = "" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09', 'metric': 'contracted'}");
    test_holds(r);
    assert_string_equal(test_money(r->blocks[0].total.sum), "2");
    assert_int_equal(r->blocks[0].total.rows_unknown, 1);
    assert_string_equal(test_money(r->blocks[0].total.unknown_billed), "3");
    for (size_t i = 0; i < 2; i++) {
        bool is_b = mcp_str_eq(r->blocks[0].groups[i].keys[0].value, MCP_STR("B"));

        assert_true(cost_measure_is_null(&r->blocks[0].groups[i].cost) == is_b);
    }
    test_data_close(&d);
}

/* A purchase of 100 covers: used 60, unused 40 by effective; 5 on demand; tax 1. */
static void classes_hold_every_row_once(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01",
          .billed = "100",
          .effective = "0",
          .charge = "Purchase",
          .commitment = "c1",
          .frequency = "Recurring",
          .pricing = "Committed" },
        { .day = "2026-09-01",
          .billed = "0",
          .effective = "60",
          .commitment = "c1",
          .status = "Used",
          .pricing = "Committed" },
        { .day = "2026-09-01",
          .billed = "0",
          .effective = "40",
          .commitment = "c1",
          .status = "Unused",
          .pricing = "Committed" },
        { .day = "2026-09-01", .billed = "5" },
        { .day = "2026-09-01", .billed = "-0.5" },
        { .day = "2026-09-01", .billed = "1", .charge = "Tax" },
    };
    const struct cost_bridge_in *in;
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    in = &r->blocks[0].bridge;
    assert_string_equal(test_money(in->classes[COST_CLASS_COVERING].m[COST_BILLED]), "100");
    assert_string_equal(test_money(in->classes[COST_CLASS_COVERED].m[COST_EFFECTIVE]), "60");
    assert_string_equal(test_money(in->classes[COST_CLASS_UNUSED].m[COST_EFFECTIVE]), "40");
    assert_string_equal(test_money(in->classes[COST_CLASS_OTHER].m[COST_BILLED]), "4.5");
    assert_string_equal(test_money(in->classes[COST_CLASS_TAX].m[COST_BILLED]), "1");
    assert_string_equal(test_money(in->refunds_billed), "-0.5");
    assert_string_equal(test_money(r->blocks[0].totals[COST_EFFECTIVE].sum), "105.5");
    assert_string_equal(test_money(in->eligible.m[COST_EFFECTIVE]), "4.5");
    test_data_close(&d);
}

static void no_rows_is_an_answer_that_names_the_range_there_is(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-11'}");
    assert_true(r->no_data);
    assert_true(r->has_available);
    assert_int_equal(r->n_blocks, 0);
    assert_int_equal(r->available.end - r->available.start, 29);
    test_data_close(&d);
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

static void a_cancelled_call_ends_at_the_next_block(void **state)
{
    const struct mcp_error *err;
    struct test_data d;

    (void)state;
    OPEN(bill);
    d.scope.cancelled = always;
    err = test_costs_refused(&d, "{'period': '2026-09'}");
    assert_int_equal(err->err, MCP_ECANCELLED);
    test_data_close(&d);
}

/* 1.6e20 twice is past what an amount can hold: an error, never a number. */
static void a_sum_that_overflows_is_an_error(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "160000000000000000000", .account = "1" },
        { .day = "2026-09-02", .billed = "160000000000000000000", .account = "2" },
    };
    struct test_data d;

    (void)state;
    OPEN(rows);
    assert_int_equal(test_costs_refused(&d, "{'period': '2026-09'}")->err, MCP_ERANGE);
    test_data_close(&d);
}

struct asker {
    struct test_data d; /* the shared snapshot, an arena of its own */
    unsigned wrong;
};

static void *ask_often(void *ctx)
{
    static const char *const dims[] = { "service", "project", "region", "resource", "tag:none" };
    struct asker *a = ctx;

    for (unsigned i = 0; i < 40; i++) {
        struct cost_query q = { .tool = COST_GET_COSTS, .n_keys = 1 };
        struct cost_extent extent;
        struct cost_result r;
        struct mcp_error err = { 0 };

        q.keys[0].dim = cost_dim_parse(mcp_str_z(dims[i % 5]), &q.keys[0].tag_key);
        if (cost_snapshot_extent(a->d.snap, &a->d.scope, &extent, &err) < 0 ||
            cost_query_resolve(&q, &extent, &err) < 0 ||
            cost_dataset_costs(a->d.snap, &a->d.scope, &q, a->d.arena, &r, &err) < 0 ||
            r.n_blocks != 1 || r.blocks[0].total.sum.units / 10000000000000000 != 1665)
            a->wrong++;
        mcp_arena_reset(a->d.arena);
    }
    return NULL;
}

/* Run under TSan: what the threads share is the snapshot alone. */
static void many_threads_share_a_snapshot(void **state)
{
    pthread_t threads[8];
    struct asker askers[8];
    struct test_data d;

    (void)state;
    OPEN(bill);
    for (size_t i = 0; i < 8; i++) {
        askers[i] = (struct asker){ .d = d };
        askers[i].d.arena = mcp_arena_new(0, 0);
        assert_int_equal(pthread_create(&threads[i], NULL, ask_often, &askers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        mcp_arena_free(askers[i].d.arena);
        assert_int_equal(askers[i].wrong, 0);
    }
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_are_ranked_and_sum_to_the_total),
        cmocka_unit_test(quantities_are_of_usage_rows_by_unit),
        cmocka_unit_test(a_page_keeps_what_is_before_and_after_it),
        cmocka_unit_test(the_total_comes_from_a_path_of_its_own),
        cmocka_unit_test(filters_pick_by_id_without_case_by_not_and_by_null),
        cmocka_unit_test(an_unknown_value_gives_no_rows_and_the_nearest_names),
        cmocka_unit_test(an_ambiguous_value_is_an_error_naming_both),
        cmocka_unit_test(providers_and_currencies_never_meet),
        cmocka_unit_test(compare_ranks_by_change_and_sums_to_the_total_change),
        cmocka_unit_test(a_group_that_ended_is_compared_too),
        cmocka_unit_test(late_rows_count_by_their_day_or_by_their_bill),
        cmocka_unit_test(a_granularity_finer_than_the_data_is_refused),
        cmocka_unit_test(hours_come_from_the_facts_and_spanning_rows_are_told),
        cmocka_unit_test(groups_have_series_when_a_granularity_is_given),
        cmocka_unit_test(a_metric_that_is_null_in_some_rows_says_how_much_is_unknown),
        cmocka_unit_test(classes_hold_every_row_once),
        cmocka_unit_test(no_rows_is_an_answer_that_names_the_range_there_is),
        cmocka_unit_test(a_cancelled_call_ends_at_the_next_block),
        cmocka_unit_test(a_sum_that_overflows_is_an_error),
        cmocka_unit_test(many_threads_share_a_snapshot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
