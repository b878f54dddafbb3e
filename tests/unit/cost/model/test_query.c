/* Arguments become a query, or an error that says what to write instead. */
#include "query_help.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void an_empty_call_is_billed_cost_by_service(void **state)
{
    struct cost_query q;
    struct mcp_error err;

    (void)state;
    assert_int_equal(test_query(COST_GET_COSTS, "{}", arena, &q, &err), 0);
    assert_int_equal(q.n_keys, 1);
    assert_int_equal(q.keys[0].dim, COST_DIM_SERVICE);
    assert_int_equal(q.metric, COST_BILLED);
    assert_int_equal(q.basis, COST_USAGE);
    assert_int_equal(q.n_filters, 0);
    assert_false(q.has_start || q.has_end || q.has_granularity || q.has_metric || q.bridge);
    assert_int_equal(test_query(COST_GET_RESOURCES, "{}", arena, &q, &err), 0);
    assert_int_equal(q.metric, COST_EFFECTIVE);
    assert_int_equal(test_query(COST_GET_FORECAST, "{}", arena, &q, &err), 0);
    assert_int_equal(q.confidence_pct, 800);
    assert_int_equal(q.n_keys, 0);
}

static void all_arguments_of_get_costs_arrive(void **state)
{
    struct cost_query q;
    struct mcp_error err;
    const struct cost_filter *f;

    (void)state;
    assert_int_equal(
        test_query(COST_GET_COSTS,
                   "{'start_date':'2026-10-01','end_date':'2026-10-31','granularity':'MONTHLY',"
                   "'group_by':['account','tag:org'],'metric':'amortized','basis':'invoice',"
                   "'filters':{'region':{'not':['us-east-1',null]},'service':'EC2',"
                   "'tag:team':['(none)'],'provider':['Amazon Web Services','acme']},"
                   "'compare':{'start_date':'2025-10-01','end_date':'2025-10-31'},"
                   "'currency':'EUR','bridge':true,'limit':25,'cursor':'abc'}",
                   arena, &q, &err),
        0);
    assert_int_equal(q.end - q.start, 30);
    assert_int_equal(q.granularity, COST_MONTHLY);
    assert_int_equal(q.n_keys, 2);
    assert_int_equal(q.keys[0].dim, COST_DIM_PROJECT);
    assert_true(mcp_str_eq(q.keys[1].tag_key, MCP_STR("org")));
    assert_int_equal(q.metric, COST_EFFECTIVE);
    assert_int_equal(q.basis, COST_INVOICE);
    assert_int_equal(q.n_filters, 5);
    f = cost_query_filter(&q, COST_DIM_REGION, MCP_STR_NULL);
    assert_non_null(f);
    assert_true(f->negate && f->null_listed);
    assert_int_equal(f->n_values, 1);
    f = cost_query_filter(&q, COST_DIM_SERVICE, MCP_STR_NULL);
    assert_non_null(f);
    assert_true(mcp_str_eq(f->values[0], MCP_STR("EC2")));
    f = cost_query_filter(&q, COST_DIM_TAG, MCP_STR("team"));
    assert_non_null(f);
    assert_true(f->null_listed);
    assert_int_equal(f->n_values, 0);
    f = cost_query_filter(&q, COST_DIM_PROVIDER, MCP_STR_NULL);
    assert_non_null(f);
    assert_true(mcp_str_eq(f->values[0], MCP_STR("aws")));
    assert_true(mcp_str_eq(f->values[1], MCP_STR("acme")));
    f = cost_query_filter(&q, COST_DIM_CURRENCY, MCP_STR_NULL);
    assert_non_null(f);
    assert_true(mcp_str_eq(f->values[0], MCP_STR("EUR")));
    assert_null(cost_query_filter(&q, COST_DIM_SKU, MCP_STR_NULL));
    assert_int_equal(q.compare, COST_COMPARE_DATES);
    assert_true(q.bridge);
    assert_int_equal(q.limit, 25);
}

static void arguments_of_the_other_tools_arrive(void **state)
{
    struct cost_query q;
    struct mcp_error err;

    (void)state;
    assert_int_equal(
        test_query(COST_GET_FORECAST,
                   "{'confidence':0.95,'method':'seasonal_naive','group_by':'service'}", arena, &q,
                   &err),
        0);
    assert_int_equal(q.confidence_pct, 950);
    assert_true(mcp_str_eq(q.method, MCP_STR("seasonal_naive")));
    assert_int_equal(q.n_keys, 1);
    assert_int_equal(test_query(COST_GET_RECOMMENDATIONS,
                                "{'category':'Idle','min_monthly_savings':12.5,'limit':5}", arena,
                                &q, &err),
                     0);
    assert_true(mcp_str_eq(q.category, MCP_STR("idle")));
    assert_true(q.has_min_savings);
    assert_int_equal(test_query(COST_GET_RESOURCES,
                                "{'resource_type':'VM','sort':'cost','period':'mtd'}", arena, &q,
                                &err),
                     0);
    assert_true(mcp_str_eq(q.resource_type, MCP_STR("VM")));
    assert_true(mcp_str_eq(q.period, MCP_STR("mtd")));
}

static void wrong_arguments_are_refused_with_the_next_step(void **state)
{
    static const struct {
        enum cost_tool tool;
        const char *args, *message, *next;
    } rows[] = {
        { COST_GET_COSTS, "{'start_date':'2026-02-30'}",
          "start_date 2026-02-30 does not exist: February 2026 has 28 days.",
          "Use 2026-02-28, the last day of that month." },
        { COST_GET_COSTS, "{'end_date':'2026-13-01'}",
          "end_date 2026-13-01 does not exist: months run from 01 to 12.", "YYYY-MM-DD" },
        { COST_GET_COSTS, "{'end_date':'2026-04-00'}", "April 2026 has 30 days",
          "Use 2026-04-01, the first day" },
        { COST_GET_COSTS, "{'start_date':'10/01/2026'}",
          "start_date \"10/01/2026\" is not a date in the form YYYY-MM-DD.",
          "Use 2026-10-01 for 1 October or 2026-01-10 for 10 January." },
        { COST_GET_COSTS, "{'start_date':'31.12.2026'}", "not a date", "Use 2026-12-31." },
        { COST_GET_COSTS, "{'start_date':'2026-10-01T00:00:00Z'}", "not a date", "Use 2026-10-01" },
        { COST_GET_COSTS, "{'start_date':'yesterday'}", "not a date", "period" },
        { COST_GET_COSTS, "{'start_date':''}", "not a date", "YYYY-MM-DD" },
        { COST_GET_COSTS, "{'start_date':'2026-10-31','end_date':'2026-10-01'}",
          "start_date 2026-10-31 is after end_date 2026-10-01; both days are inclusive.",
          "Call get_costs with start_date 2026-10-01 and end_date 2026-10-31; for the single day "
          "2026-10-31 pass it as both." },
        { COST_GET_COSTS, "{'period':'fortnight'}", "period \"fortnight\" is not known.",
          "last_month" },
        { COST_GET_COSTS, "{'period':'2026-13'}", "is not known", "2026-10" },
        { COST_GET_COSTS, "{'period':'mtd','start_date':'2026-10-01'}",
          "period and dates were both given.", "Use period" },
        { COST_GET_COSTS, "{'group_by':['servce']}", "\"servce\" is no dimension",
          "Did you mean service?" },
        { COST_GET_COSTS, "{'group_by':['zzzz']}", "\"zzzz\" is no dimension",
          "The dimensions are provider" },
        { COST_GET_COSTS, "{'group_by':['project','account']}", "group_by names project twice.",
          "once" },
        { COST_GET_COSTS, "{'group_by':['sku','region','service','project']}",
          "group_by takes at most 3.", "filters" },
        { COST_GET_FORECAST, "{'group_by':['sku','region']}", "group_by takes at most 1.",
          "filters" },
        { COST_GET_COSTS, "{'filters':{'servce':['x']}}", "\"servce\" is no dimension",
          "Did you mean service?" },
        { COST_GET_COSTS, "{'filters':{'service':[]}}", "filters.service lists no value.",
          "Leave it out" },
        { COST_GET_COSTS, "{'filters':{'service':[1]}}", "filters.service is not a list of texts.",
          "{\"service\": [\"A\", \"B\"]}" },
        { COST_GET_COSTS, "{'filters':{'service':{'nor':['x']}}}", "is not a list of texts",
          "not" },
        { COST_GET_COSTS, "{'filters':{'project':['a'],'account':['b']}}",
          "filters names the dimension project twice.", "one list" },
        { COST_GET_COSTS, "{'filters':{'currency':['USD']},'currency':'EUR'}",
          "currency and filters.currency were both given.", "one of them" },
        { COST_GET_COSTS, "{'metric':'blended'}", "metric \"blended\" is not known.", "effective" },
        { COST_GET_COSTS, "{'granularity':'WEEKLY'}", "not known", "DAILY" },
        { COST_GET_COSTS, "{'basis':'cash'}", "not known", "invoice" },
        { COST_GET_COSTS, "{'compare':'yesterday'}", "not known", "previous_period" },
        { COST_GET_COSTS, "{'compare':{'start_date':'2026-10-01'}}",
          "needs start_date and end_date", "Use" },
        { COST_GET_COSTS, "{'compare':{'start_date':'2026-10-02','end_date':'2026-10-01'}}",
          "compare.start_date 2026-10-02 is after compare.end_date 2026-10-01", "single day" },
        { COST_GET_COSTS, "{'limit':0}", "limit is not a whole number from 1 to 1000.", "10" },
        { COST_GET_COSTS, "{'limit':1e6}", "limit is not", "cursor" },
        { COST_GET_COSTS, "{'color':'red'}", "get_costs has no argument \"color\".", "" },
        { COST_GET_FORECAST, "{'confidence':1}", "between 0.5 and 0.99", "0.8" },
        { COST_GET_RECOMMENDATIONS, "{'category':'magic'}", "not known", "compute storage" },
        { COST_GET_RECOMMENDATIONS, "{'min_monthly_savings':-1}", "0 or more", "" },
        { COST_GET_RESOURCES, "{'sort':'name'}", "sort is not cost", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_query q = { .limit = 77 };
        struct mcp_error err;

        assert_int_equal(test_query(rows[i].tool, rows[i].args, arena, &q, &err), MCP_EINVAL);
        if (strstr(err.message, rows[i].message) == NULL || strstr(err.next, rows[i].next) == NULL)
            fail_msg("%s gives \"%s\" next \"%s\"", rows[i].args, err.message, err.next);
        assert_int_equal(q.limit, 77);
    }
}

static void hostile_lengths_are_shown_short(void **state)
{
    enum { LEN = 1000000 };
    char *args = mcp_arena_alloc(arena, LEN + 64);
    struct cost_query q;
    struct mcp_error err;
    size_t n = strlen("{'period':'");

    (void)state;
    memcpy(args, "{'period':'", n);
    memset(args + n, 'x', LEN);
    memcpy(args + n + LEN, "'}", 3);
    assert_int_equal(test_query(COST_GET_COSTS, args, arena, &q, &err), MCP_EINVAL);
    assert_true(strlen(err.message) < 150);
}

static void too_many_values_are_refused(void **state)
{
    struct mcp_buf args;
    struct cost_query q;
    struct mcp_error err;

    (void)state;
    mcp_buf_init(&args, 4096);
    mcp_buf_z(&args, "{'filters':{'sku':[");
    for (int i = 0; i < COST_MAX_VALUES; i++)
        mcp_buf_z(&args, "'x',");
    mcp_buf_put(&args, "'x']}}", 7);
    assert_int_equal(test_query(COST_GET_COSTS, args.ptr, arena, &q, &err), MCP_EINVAL);
    assert_non_null(strstr(err.message, "more than 200 values"));
    mcp_buf_release(&args);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_call_is_billed_cost_by_service),
        cmocka_unit_test(all_arguments_of_get_costs_arrive),
        cmocka_unit_test(arguments_of_the_other_tools_arrive),
        cmocka_unit_test(wrong_arguments_are_refused_with_the_next_step),
        cmocka_unit_test(hostile_lengths_are_shown_short),
        cmocka_unit_test(too_many_values_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
