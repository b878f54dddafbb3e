/* The page of get_recommendations: what is wanted, in which order, and each saving once. */
#include <cost/recommendation.h>

#include <setjmp.h>
#include <stdarg.h>

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

static struct cost_money money(const char *text)
{
    struct cost_money m;

    assert_int_equal(cost_money_parse(mcp_str_z(text), &m, NULL), 0);
    return m;
}

static struct cost_recommendation item(const char *id, const char *currency, const char *savings)
{
    struct cost_recommendation r = { .id = mcp_str_z(id),
                                     .category = MCP_STR("idle"),
                                     .currency = mcp_str_z(currency),
                                     .has_savings = savings != NULL };

    if (savings != NULL)
        r.monthly_savings = money(savings);
    return r;
}

static void page(struct cost_recommendations *out, struct cost_query *q,
                 struct cost_recommendation *items, size_t n)
{
    *out = (struct cost_recommendations){ 0 };
    cost_result_init(&out->base, arena, q);
    assert_int_equal(cost_recommendations_page(out, items, n, NULL), 0);
}

static bool is(struct cost_money m, const char *text)
{
    return cost_money_cmp(m, money(text)) == 0;
}

static void larger_savings_come_first_and_the_unknown_last(void **state)
{
    struct cost_recommendation items[] = { item("b", "USD", "1"), item("u", "USD", NULL),
                                           item("c", "USD", "9.5"), item("a", "USD", "1"),
                                           item("e", "EUR", "100") };
    struct cost_query q = { .tool = COST_GET_RECOMMENDATIONS };
    struct cost_recommendations out;
    const char *order = "cabue";

    (void)state;
    page(&out, &q, items, 5);
    assert_int_equal(out.n_items, 5);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(out.items[i].id.ptr[0], order[i]);
    assert_int_equal(out.n_totals, 2);
    assert_true(is(out.totals[0].savings, "11.5"));
    assert_int_equal(out.totals[0].without_estimate, 1);
    assert_true(is(out.totals[1].savings, "100"));
}

static void of_overlapping_items_the_largest_counts(void **state)
{
    static const mcp_str to_a[] = { { "a", 1 } }, to_b[] = { { "b", 1 } };
    struct cost_recommendation items[] = { item("a", "USD", "2"), item("b", "USD", "3"),
                                           item("c", "USD", "1") };
    struct cost_query q = { .tool = COST_GET_RECOMMENDATIONS };
    struct cost_recommendations out;

    (void)state;
    items[0].overlaps_with = to_b;
    items[1].overlaps_with = to_a;
    items[0].n_overlaps = items[1].n_overlaps = 1;
    page(&out, &q, items, 3);
    assert_true(is(out.totals[0].savings, "4"));
}

static void what_is_not_wanted_goes_and_pages_follow_each_other(void **state)
{
    struct cost_recommendation items[] = { item("a", "USD", "5"), item("b", "USD", "4"),
                                           item("c", "USD", "3"), item("d", "USD", NULL) };
    struct cost_query q = { .tool = COST_GET_RECOMMENDATIONS,
                            .category = MCP_STR("IDLE"),
                            .has_min_savings = true,
                            .min_savings = money("3"),
                            .limit = 2,
                            .offset = 2 };
    struct cost_recommendations out;

    (void)state;
    page(&out, &q, items, 4);
    assert_int_equal(out.items_total, 3);
    assert_int_equal(out.n_items, 1);
    assert_int_equal(out.offset, 2);
    assert_int_equal(out.items[0].id.ptr[0], 'c');
    assert_true(is(out.totals[0].savings, "12"));
    q.category = MCP_STR("network");
    page(&out, &q, items, 4);
    assert_int_equal(out.items_total, 0);
    assert_int_equal(out.n_totals, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(larger_savings_come_first_and_the_unknown_last),
        cmocka_unit_test(of_overlapping_items_the_largest_counts),
        cmocka_unit_test(what_is_not_wanted_goes_and_pages_follow_each_other),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
