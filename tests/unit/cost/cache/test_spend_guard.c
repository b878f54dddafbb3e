/* The spend guard: what a day may cost, set aside before and settled after. */
#include <cost/spend_guard.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_day_is_not_overspent_even_by_calls_side_by_side(void **state)
{
    struct cost_spend_guard *g = cost_spend_guard_new(100);

    (void)state;
    assert_true(cost_spend_guard_take(g, 1, 60));
    assert_false(cost_spend_guard_take(g, 1, 60)); /* while the first is under way */
    assert_int_equal(cost_spend_guard_left(g, 1), 40);
    cost_spend_guard_settle(g, 1, 60, 10);
    assert_int_equal(cost_spend_guard_left(g, 1), 90);
    assert_true(cost_spend_guard_take(g, 1, 90));
    cost_spend_guard_settle(g, 1, 90, 90);
    assert_int_equal(cost_spend_guard_left(g, 1), 0);
    assert_true(cost_spend_guard_take(g, 1, 0));
    assert_false(cost_spend_guard_take(g, 1, 1));
    cost_spend_guard_free(g);
}

static void a_new_day_begins_with_nothing_spent(void **state)
{
    struct cost_spend_guard *g = cost_spend_guard_new(100);

    (void)state;
    assert_true(cost_spend_guard_take(g, 1, 100));
    assert_true(cost_spend_guard_take(g, 2, 70)); /* the first is still under way */
    cost_spend_guard_settle(g, 2, 100, 20); /* and ends on the new day */
    assert_int_equal(cost_spend_guard_left(g, 2), 80);
    cost_spend_guard_free(g);
}

static void more_than_was_expected_is_counted_without_wrapping(void **state)
{
    struct cost_spend_guard *g = cost_spend_guard_new(100);

    (void)state;
    assert_true(cost_spend_guard_take(g, 1, 10));
    cost_spend_guard_settle(g, 1, 10, UINT64_MAX);
    cost_spend_guard_settle(g, 1, 0, 5);
    assert_int_equal(cost_spend_guard_left(g, 1), 0);
    assert_false(cost_spend_guard_take(g, 1, 1));
    cost_spend_guard_free(g);
}

static void without_a_limit_nothing_is_refused(void **state)
{
    struct cost_spend_guard *g = cost_spend_guard_new(0);

    (void)state;
    assert_true(cost_spend_guard_take(g, 1, UINT64_MAX));
    cost_spend_guard_settle(g, 1, UINT64_MAX, UINT64_MAX);
    assert_true(cost_spend_guard_left(g, 1) == UINT64_MAX);
    cost_spend_guard_free(g);
    cost_spend_guard_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_day_is_not_overspent_even_by_calls_side_by_side),
        cmocka_unit_test(a_new_day_begins_with_nothing_spent),
        cmocka_unit_test(more_than_was_expected_is_counted_without_wrapping),
        cmocka_unit_test(without_a_limit_nothing_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
