/* get_costs as a table: the headline first, the rest with its sum, nothing wider than the terminal. */
#include "result_help.h"

#include "cost/model/text.h"
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

static struct cost_result *sample(const char *args)
{
    struct cost_result *r = model_result(COST_GET_COSTS, args, arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g = model_group(r, b, "AmazonEC2", "1234567.891", "1234567.891");
    static struct cost_quantity hours;

    hours = (struct cost_quantity){ MCP_STR("Hrs"), model_money("744.5") };
    g->keys[0].label = MCP_STR("Elastic Compute Cloud");
    g->quantities = &hours;
    g->n_quantities = 1;
    model_group(r, b, "Tiny", "0.0004", "0");
    model_group(r, b, NULL, "-0.0001", "-0.0001");
    assert_int_equal(cost_money_add(&b->total.sum, model_money("12.5")), 0);
    b->parts_total = b->total.sum;
    b->other_cost = b->other_positive = model_money("12.5");
    b->other_groups = 7;
    b->tax = model_money("3");
    return r;
}

static void a_model_reads_the_total_first_and_bars_between_cells(void **state)
{
    struct cost_result *r = sample("{'period':'2026-10','granularity':'TOTAL','limit':3}");

    (void)state;
    cost_result_warn(r, "demo", MCP_STR("Do this."), "Beware of %s.", "that");
    r->next_cursor = MCP_STR("abc");
    model_same(
        model_costs_text(r, 0),
        "Total 1,234,580.39 USD billed, 2026-10-01 to 2026-10-31, AWS, data through 2026-11-19\n"
        "service | USD | share | effective | usage\n"
        "Elastic Compute Cloud (AmazonEC2) | 1,234,567.89 | 100.0% |  | 744.50 Hrs\n"
        "Tiny | <0.01 | 0.0% | 0.00 | \n"
        "(none) | >-0.01 | 0.0% |  | \n"
        "(7 more) | 12.50 | 0.0% |  | \n"
        "billed 1,234,567.89, effective 1,234,567.89, tax 3.00, credits 0.00, "
        "adjustments 0.00\n"
        "demo: Beware of that. Do this.\n"
        "More: repeat the call with cursor abc\n");
}

static void a_terminal_gets_aligned_columns_within_its_width(void **state)
{
    struct cost_result *r = sample("{'period':'2026-10','granularity':'TOTAL'}");
    mcp_str text, line, rest;

    (void)state;
    rest = text = model_costs_text(r, 60);
    assert_non_null(strstr(text.ptr, "service"));
    assert_non_null(strstr(text.ptr, "\xe2\x80\xa6"));
    mcp_str_cut(&rest, '\n', &line); /* the headline is a sentence */
    for (int i = 0; i < 5 && mcp_str_cut(&rest, '\n', &line); i++)
        assert_true(cost__text_width(line) <= 60);
}

static void a_series_that_was_asked_for_is_in_the_text(void **state)
{
    struct cost_result *r = model_result(
        COST_GET_COSTS, "{'start_date':'2026-10-01','end_date':'2026-10-03','granularity':'DAILY'}",
        arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g = model_group(r, b, "a", "4", "4");

    (void)state;
    g->points = model_points(r, b, 2, "2");
    g = model_group(r, b, "b", "1", "1");
    g->points = model_points(r, b, 1, "1");
    assert_non_null(strstr(model_costs_text(r, 0).ptr,
                           "period | a | b\n2026-10-01 | 2.00 | 1.00\n2026-10-02 | 2.00 | \n"));
    assert_non_null(strstr(model_costs_text(r, 80).ptr, "2026-10-02  a"));
}

static void a_comparison_shows_both_ranges_and_the_change(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','compare':'previous_period'}", arena);
    struct cost_block_result *b = model_block(r, "JPY");
    struct cost_group *g = model_group(r, b, "a", "1500.4", "1500.4");

    (void)state;
    g->previous = b->previous_total = model_money("1000");
    assert_non_null(strstr(model_costs_text(r, 0).ptr,
                           "Previous 1,000 (2026-09-01 to 2026-09-30), change +500 (+50.04%)\n"));
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "a | 1,500 | 1,000 | +500\n"));
}

static void several_currencies_are_each_told(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);

    (void)state;
    model_group(r, model_block(r, "USD"), "a", "1", "1");
    model_group(r, model_block(r, "EUR"), "a", "2", "2");
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "Total 1.00 USD and 2.00 EUR billed"));
}

static void the_bridge_that_was_asked_for_is_in_the_text(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','bridge':true}", arena);

    (void)state;
    model_group(r, model_block(r, "USD"), "a", "1", "1");
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "\nfrom list price to bill: list "));
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "\nfrom bill to effective: billed "));
    r->query.bridge = false;
    assert_null(strstr(model_costs_text(r, 0).ptr, "from list price"));
}

static void no_data_is_said_in_words(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2030'}", arena);

    (void)state;
    r->no_data = true;
    cost_result_judge(r);
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "No data billed, 2030-01-01 to 2030-12-31"));
    assert_non_null(strstr(model_costs_text(r, 0).ptr, "no finding of zero spend"));
}

static void names_cannot_steer_the_terminal(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    mcp_str text;

    (void)state;
    model_group(r, b,
                "a\x1b[31mred\n\xc2\x9b"
                "b",
                "1", "1");
    text = model_costs_text(r, 80);
    assert_null(strchr(text.ptr, '\x1b'));
    assert_null(strstr(text.ptr, "\xc2\x9b"));
    assert_non_null(strstr(text.ptr, "a [31mred"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_model_reads_the_total_first_and_bars_between_cells),
        cmocka_unit_test(a_terminal_gets_aligned_columns_within_its_width),
        cmocka_unit_test(a_series_that_was_asked_for_is_in_the_text),
        cmocka_unit_test(a_comparison_shows_both_ranges_and_the_change),
        cmocka_unit_test(several_currencies_are_each_told),
        cmocka_unit_test(the_bridge_that_was_asked_for_is_in_the_text),
        cmocka_unit_test(no_data_is_said_in_words),
        cmocka_unit_test(names_cannot_steer_the_terminal),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
