/* Tests of the preparation of a daily series. */
#include "cost/forecast/series.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void days_before_the_first_charge_are_dropped(void **state)
{
    (void)state;
    double y[40] = { 0 };
    struct cost__series s;
    for (int i = 10; i < 40; i++)
        y[i] = 5;
    cost__series_init(&s, y, 40, 14);
    assert_ptr_equal(s.y, y + 10);
    assert_int_equal(s.n, 30);
}

static void as_many_days_stay_as_a_forecast_needs(void **state)
{
    (void)state;
    double y[40] = { 0 };
    struct cost__series s;
    y[38] = y[39] = 3;
    cost__series_init(&s, y, 40, 14);
    assert_int_equal(s.n, 14);
}

static void very_old_days_are_dropped(void **state)
{
    (void)state;
    static double y[COST__MAX_HISTORY + 100];
    struct cost__series s;
    for (size_t i = 0; i < COST__MAX_HISTORY + 100; i++)
        y[i] = (double)i + 1;
    cost__series_init(&s, y, COST__MAX_HISTORY + 100, 14);
    assert_int_equal(s.n, COST__MAX_HISTORY);
    assert_true(s.y[0] == 101);
}

static void the_scale_is_the_mean_change_of_a_week(void **state)
{
    (void)state;
    double y[21];
    struct cost__series s;
    for (int i = 0; i < 21; i++)
        y[i] = i % 7 + i / 7 * 2 + 1;
    cost__series_init(&s, y, 21, 14);
    assert_true(s.scale == 2);
    assert_true(s.non_negative);
}

static void the_scale_is_never_zero(void **state)
{
    (void)state;
    double constant[20], zero[20] = { 0 }, weekly[21];
    struct cost__series s;
    for (int i = 0; i < 20; i++)
        constant[i] = 4;
    for (int i = 0; i < 21; i++)
        weekly[i] = i % 7;
    cost__series_init(&s, constant, 20, 14);
    assert_true(s.scale == 4);
    cost__series_init(&s, zero, 20, 14);
    assert_true(s.scale == 1);
    cost__series_init(&s, weekly, 21, 21);
    assert_true(s.scale > 0);
}

static void a_credit_makes_a_series_that_may_be_negative(void **state)
{
    (void)state;
    double y[14] = { 1, 2, 3, -1 };
    struct cost__series s;
    cost__series_init(&s, y, 14, 14);
    assert_false(s.non_negative);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_before_the_first_charge_are_dropped),
        cmocka_unit_test(as_many_days_stay_as_a_forecast_needs),
        cmocka_unit_test(very_old_days_are_dropped),
        cmocka_unit_test(the_scale_is_the_mean_change_of_a_week),
        cmocka_unit_test(the_scale_is_never_zero),
        cmocka_unit_test(a_credit_makes_a_series_that_may_be_negative),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
