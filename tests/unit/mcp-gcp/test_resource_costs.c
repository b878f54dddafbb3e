/* What resources cost by the detailed export: named and unnamed, known and unknown, and where costs are. */
#include "mcp-gcp/live.h"

#include "bq_help.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TODAY 20412
#define TABLE(columns)                                                                             \
    {                                                                                              \
        BQ_TABLE, 200, NULL, bq_table(columns, ",\"numBytes\":\"1\""), 0                           \
    }
#define FRESH                                                                                      \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, -1), 1                                             \
    }
#define ANSWER(rows)                                                                               \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_answer(columns, 12, rows, ""), 1                                   \
    }
#define VM "//compute.googleapis.com/projects/1/zones/z/instances/7"

static const char *const columns[] = { "is_total", "currency",  "global_name", "name",
                                       "project",  "service",   "region",      "cost",
                                       "unnamed",  "first_day", "last_day",    "commitments" };
static struct bq bq;
static struct gcp_resource_costs costs;
static struct cost_result base;

static int ask(enum cost_metric metric)
{
    struct cost_query q = {
        .tool = COST_GET_RESOURCES, .metric = metric, .today = TODAY, .range = { 20400, 20410 }
    };

    cost_result_init(&base, bq.arena, &q);
    return gcp_billing_resources(&bq.gcp, bq.call, &q, &costs, &base, &bq.err);
}

static bool is(struct cost_money m, const char *text)
{
    char out[COST_MONEY_TEXT];
    size_t n = cost_money_format(m, out);

    return mcp_str_eq(mcp_str_n(out, n), mcp_str_z(text));
}

static void resources_and_totals_are_read(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 TABLE(bq_detailed),
                                 FRESH,
                                 ANSWER("1|USD||||||7.25|3|20400|20410|0\n"
                                        "0|USD|" VM
                                        "|vm-7|p-a|Compute Engine|us-west1|4.25||20401|20409|0\n"
                                        "0|USD||disk|p-b|Compute Engine||-0.5||20402|20402|0"),
                                 { NULL } };

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(COST_BILLED), 0);
    assert_int_equal(costs.n, 2);
    assert_false(costs.cut);
    assert_true(mcp_str_eq(costs.items[0].global_name, MCP_STR(VM)));
    assert_true(is(costs.items[0].cost, "4.25"));
    assert_int_equal(costs.items[0].first_seen, 20401);
    assert_int_equal(costs.items[0].last_seen, 20409);
    assert_true(mcp_str_is_null(costs.items[1].global_name));
    assert_true(is(costs.items[1].cost, "-0.5"));
    assert_int_equal(costs.n_totals, 1);
    assert_true(is(costs.totals[0].cost, "7.25"));
    assert_true(is(costs.totals[0].without_resource, "3"));
    assert_int_equal(base.requests, 4);
    /* What is unknown is not asked for: it would be taken for free. */
    assert_true(bq_holds(gcp_server_last(bq.server), "WHERE cost IS NOT NULL AND"));
    bq_end(&bq);
}

static void sums_that_are_none_are_refused(void **state)
{
    static const char *const cells[] = {
        "1|USD||||||x|3|1|2|0",    "1|USD||||||1|NaN|1|2|0", "1|USD||||||1|1|1|2|many",
        "0|USD||d|p|s||1e||1|2|0", "0|USD||d|p|s||1||x|2|0", "0|USD||d|p|s||1||1||0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
        struct gcp_script rows[] = {
            BQ_USUAL, TABLE(bq_detailed), FRESH, ANSWER(cells[i]), { NULL }
        };

        bq_begin(&bq, rows);
        if (ask(COST_BILLED) != MCP_EUPSTREAM)
            fail_msg("%s", cells[i]);
        bq_end(&bq);
    }
}

static void effective_with_commitments_is_what_is_billed_and_says_so(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL, TABLE(bq_detailed), FRESH, ANSWER("1|USD||||||7|3|1|2|5"), { NULL }
    };

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(COST_EFFECTIVE), 0);
    assert_int_equal(base.query.metric, COST_BILLED);
    assert_int_equal(base.n_warnings, 1);
    assert_string_equal(base.warnings[0].code, "effective_unknown");
    bq_end(&bq);
}

static void the_standard_export_has_none(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), { NULL } };

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(COST_BILLED), MCP_MISS);
    assert_int_equal(bq.err.err, 0);
    bq_end(&bq);
}

static void who_may_see_nothing_gets_no_resources(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_detailed), { NULL } };

    (void)state;
    bq_begin(&bq, rows);
    bq.config.restricted = true;
    assert_int_equal(ask(COST_BILLED), 0);
    assert_int_equal(costs.n, 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 0);
    bq_end(&bq);
}

static void places_are_projects_and_locations_with_cost(void **state)
{
    static const char *const names[] = { "kind", "place" };
    const mcp_str *projects, *locations;
    size_t n_projects, n_locations;
    const char *const tables[] = { bq_standard, bq_focus };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct gcp_script rows[] = { BQ_USUAL,
                                     TABLE(tables[i]),
                                     { BQ_QUERY, 200, NULL,
                                       bq_answer(
                                           names, 2,
                                           "location|us-west1\nlocation|us-west1-b\nproject|p-a\n"
                                           "project|\nfolder|9",
                                           ""),
                                       0 },
                                     { NULL } };

        bq_begin(&bq, rows);
        assert_int_equal(gcp_billing_places(&bq.gcp, bq.call, &projects, &n_projects, &locations,
                                            &n_locations, &bq.err),
                         0);
        assert_true(n_projects == 1 && n_locations == 2);
        assert_true(mcp_str_eq(projects[0], MCP_STR("p-a")));
        assert_true(mcp_str_eq(locations[1], MCP_STR("us-west1-b")));
        bq_end(&bq);
    }
}

static void dates_are_resolved_without_asking_anybody(void **state)
{
    struct gcp_script none[] = { { NULL } };
    struct cost_query q = { .tool = COST_GET_RESOURCES, .period = MCP_STR("last_7_days") };

    (void)state;
    bq_begin(&bq, none);
    assert_int_equal(gcp_billing_resolve(&bq.gcp, &q, &bq.err), 0);
    assert_int_equal(q.range.start, TODAY - 7);
    assert_int_equal(q.range.end, TODAY - 1);
    assert_int_equal(gcp_server_count(bq.server, "/"), 0);
    bq_end(&bq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(resources_and_totals_are_read),
        cmocka_unit_test(sums_that_are_none_are_refused),
        cmocka_unit_test(effective_with_commitments_is_what_is_billed_and_says_so),
        cmocka_unit_test(the_standard_export_has_none),
        cmocka_unit_test(who_may_see_nothing_gets_no_resources),
        cmocka_unit_test(places_are_projects_and_locations_with_cost),
        cmocka_unit_test(dates_are_resolved_without_asking_anybody),
    };

    return cmocka_run_group_tests(tests, bq_at_noon, bq_group_end);
}
