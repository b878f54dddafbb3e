/* Warnings that follow from the numbers: each is raised when it must be, once, and not otherwise. */
#include "result_help.h"

#include "query_help.h"

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

static size_t count(const struct cost_result *r, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < r->n_warnings; i++)
        n += strcmp(r->warnings[i].code, code) == 0;
    return n;
}

static void a_plain_answer_has_no_warning(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);

    (void)state;
    model_group(r, model_block(r, "USD"), "a", "1", "1");
    cost_result_judge(r);
    assert_int_equal(r->n_warnings, 0);
}

static void questions_alone_raise_some(void **state)
{
    static const struct {
        const char *args, *code;
    } rows[] = {
        { "{'period':'mtd'}", "past_data_through" },
        { "{'start_date':'2026-10-05','end_date':'2026-10-31','basis':'invoice'}",
          "range_widened" },
        { "{'period':'2026-04','compare':'previous_month'}", "compare_not_whole" },
        { "{'period':'2025-10','compare':'previous_period'}", "compare_partial" },
        { "{'period':'2026-10','metric':'contracted'}", "not_for_savings" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_result *r = model_result(COST_GET_COSTS, rows[i].args, arena);

        model_group(r, model_block(r, "USD"), "a", "1", "1");
        r->has_available = true;
        r->available = (struct cost_range){ test_day("2025-10-05"), test_day("2026-11-19") };
        cost_result_judge(r);
        assert_int_equal(count(r, rows[i].code), 1);
        assert_int_equal(r->n_warnings, 1);
        cost_result_judge(r);
        assert_int_equal(r->n_warnings, 1);
    }
}

static void billed_costs_by_resource_point_to_effective(void **state)
{
    static const struct {
        const char *args, *effective;
        size_t n;
    } rows[] = {
        { "{'period':'2026-10','group_by':['resource']}", "98", 1 },
        { "{'period':'2026-10','group_by':['tag:team']}", "102", 1 },
        { "{'period':'2026-10','group_by':['service','project']}", "0", 1 },
        { "{'period':'2026-10','group_by':['resource']}", "99.5", 0 },
        { "{'period':'2026-10','group_by':['service']}", "50", 0 },
        { "{'period':'2026-10','group_by':['resource'],'metric':'effective'}", "50", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_result *r = model_result(COST_GET_COSTS, rows[i].args, arena);

        model_group(r, model_block(r, "USD"), "a", "100", rows[i].effective);
        cost_result_judge(r);
        assert_int_equal(count(r, "use_effective_for_allocation"), rows[i].n);
    }
}

static void unreliable_effective_costs_are_always_told(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','group_by':['resource']}", arena);
    struct cost_block_result *b = model_block(r, "USD");

    (void)state;
    model_group(r, b, "a", "100", "0");
    b->bridge.usage_rows_zero_effective = 608;
    b->bridge.usage_zero_effective_billed = b->bridge.usage_ordinary_billed = model_money("100");
    cost_result_judge(r);
    assert_int_equal(count(r, "effective_unreliable"), 1);
    assert_true(mcp_str_starts(r->warnings[0].next, MCP_STR("But effective is not")));
    b->bridge.usage_zero_effective_billed = model_money("1");
    r->n_warnings = 0;
    cost_result_judge(r);
    assert_int_equal(count(r, "effective_unreliable"), 0);
}

static void a_provider_that_lags_is_named(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_provider_freshness f[] = { { MCP_STR("aws"), test_day("2026-11-19") },
                                           { MCP_STR("azure"), test_day("2026-11-16") } };

    (void)state;
    model_group(r, model_block(r, "USD"), "a", "1", "1");
    r->freshness = f;
    r->n_freshness = 2;
    cost_result_judge(r);
    assert_int_equal(count(r, "uneven_freshness"), 1);
    f[1].data_through++;
    r->n_warnings = 0;
    cost_result_judge(r);
    assert_int_equal(count(r, "uneven_freshness"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plain_answer_has_no_warning),
        cmocka_unit_test(questions_alone_raise_some),
        cmocka_unit_test(billed_costs_by_resource_point_to_effective),
        cmocka_unit_test(unreliable_effective_costs_are_always_told),
        cmocka_unit_test(a_provider_that_lags_is_named),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
