/* Budgets: what a file may say, what it is told when it is wrong, and which period a day is in. */
#include <cost/budget.h>

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static int parse(const char *yaml, struct cost_budgets *out, struct mcp_error *err)
{
    *err = (struct mcp_error){ 0 };
    return cost_budgets_parse(mcp_str_z(yaml), MCP_STR("budgets.yaml"), arena, out, err);
}

static void a_whole_budget_is_read(void **state)
{
    static const char yaml[] = "budgets:\n"
                               "  - name: Platform\n"
                               "    amount: 12000.50\n"
                               "    currency: USD\n"
                               "    period: quarterly\n"
                               "    fiscal_start: 2\n"
                               "    filters: {service: [AmazonEC2], project: {not: [sandbox]}}\n"
                               "    metric: effective\n"
                               "    exclude: [Tax, Credit]\n"
                               "    rollover: unspent\n"
                               "    thresholds:\n"
                               "      - {type: actual, at: 0.8}\n"
                               "      - {type: forecasted, at: 1, probability: 0.25}\n";
    struct cost_budgets out;
    struct mcp_error err;
    const struct cost_budget *b;
    char text[COST_MONEY_TEXT];

    (void)state;
    assert_int_equal(parse(yaml, &out, &err), 0);
    assert_int_equal(out.count, 1);
    b = &out.items[0];
    cost_money_format(b->amount, text);
    assert_string_equal(text, "12000.5");
    assert_int_equal(b->period, COST_BUDGET_QUARTERLY);
    assert_int_equal(b->fiscal_start, 2);
    assert_int_equal(b->metric, COST_EFFECTIVE);
    assert_true(b->rollover_unspent);
    assert_int_equal(b->n_filters, 3);
    assert_int_equal(b->filters[2].key.dim, COST_DIM_CHARGE_CATEGORY);
    assert_true(b->filters[2].negate);
    assert_int_equal(b->filters[2].n_values, 2);
    assert_int_equal(b->n_thresholds, 2);
    assert_true(b->thresholds[1].forecasted);
    assert_true(b->thresholds[1].has_probability);
}

static void a_wrong_file_says_what_is_wrong(void **state)
{
    static const struct {
        const char *yaml, *says;
    } cases[] = {
        { "budgets: [{name: a}]", "amount" },
        { "budget: []", "budget" },
        { "budgets: [{name: a, amount: -1, currency: USD, period: monthly}]", "amount" },
        { "budgets: [{name: a, amount: 1, currency: USD, period: weekly}]", "period" },
        { "budgets: [{name: a, amount: 1, currency: USD, period: monthly, filters: {colour: [x]}}]",
          "colour" },
        { "budgets: [{name: a, amount: 1, currency: USD, period: {start: 2026-02-01, end: "
          "2026-01-01}}]",
          "ends before" },
        { "budgets:\n- {name: a, amount: 1, currency: USD, period: monthly}\n"
          "- {name: a, amount: 2, currency: USD, period: monthly}\n",
          "two budgets" },
        { "budgets: [{name: a, amount: 1, currency: USD, period: monthly, thresholds: [{type: "
          "actual, at: 1, probability: 0.5}]}]",
          "forecasted" },
        { "budgets:\n  - {name: a\n", "budgets.yaml:" },
        { "a: *b\n", "alias" },
        { "a: 1\n---\nb: 1\n", "more than one document" },
        { "", "budgets.yaml" },
    };
    struct cost_budgets out;
    struct mcp_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(parse(cases[i].yaml, &out, &err) < 0);
        if (strstr(err.message, cases[i].says) == NULL)
            fail_msg("case %zu: \"%s\" does not say \"%s\"", i, err.message, cases[i].says);
    }
}

static int32_t day(const char *text)
{
    int32_t out = 0;

    assert_int_equal(mcp_date_parse(mcp_str_z(text), &out), 0);
    return out;
}

static void a_day_lies_in_one_period(void **state)
{
    static const struct {
        enum cost_budget_period period;
        int fiscal_start;
        const char *day, *start, *end;
    } cases[] = {
        { COST_BUDGET_MONTHLY, 1, "2026-02-28", "2026-02-01", "2026-02-28" },
        { COST_BUDGET_MONTHLY, 7, "2026-02-01", "2026-02-01", "2026-02-28" },
        { COST_BUDGET_QUARTERLY, 1, "2026-05-31", "2026-04-01", "2026-06-30" },
        { COST_BUDGET_QUARTERLY, 2, "2026-01-15", "2025-11-01", "2026-01-31" },
        { COST_BUDGET_YEARLY, 1, "2026-12-31", "2026-01-01", "2026-12-31" },
        { COST_BUDGET_YEARLY, 4, "2026-03-31", "2025-04-01", "2026-03-31" },
        { COST_BUDGET_YEARLY, 4, "2026-04-01", "2026-04-01", "2027-03-31" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost_budget b = { .period = cases[i].period, .fiscal_start = cases[i].fiscal_start };
        struct cost_range range;

        assert_true(cost_budget_range(&b, day(cases[i].day), &range));
        assert_int_equal(range.start, day(cases[i].start));
        assert_int_equal(range.end, day(cases[i].end));
    }
}

static void a_custom_period_holds_its_days_only(void **state)
{
    struct cost_budget b = { .period = COST_BUDGET_CUSTOM,
                             .custom = { day("2026-03-10"), day("2026-04-20") } };
    struct cost_range range;

    (void)state;
    assert_true(cost_budget_range(&b, day("2026-04-20"), &range));
    assert_int_equal(range.start, day("2026-03-10"));
    assert_false(cost_budget_range(&b, day("2026-04-21"), &range));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_budget_is_read),
        cmocka_unit_test(a_wrong_file_says_what_is_wrong),
        cmocka_unit_test(a_day_lies_in_one_period),
        cmocka_unit_test(a_custom_period_holds_its_days_only),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
