/* Tests of the forecasting methods. */
#include "cost/forecast/seasonal_naive.h"

#include <cost/forecast.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct cost__method *named(const char *name)
{
    for (size_t i = 0; i < cost__n_methods; i++)
        if (strcmp(cost__methods[i].name, name) == 0)
            return &cost__methods[i];
    fail_msg("no method %s", name);
    return NULL;
}

static void every_public_name_is_a_method_in_the_same_order(void **state)
{
    (void)state;
    size_t n = 0;
    for (; cost_forecast_methods[n] != NULL; n++) {
        assert_true(n < cost__n_methods);
        assert_string_equal(cost_forecast_methods[n], cost__methods[n].name);
    }
    assert_int_equal(n, cost__n_methods);
}

static void naive_repeats_the_last_day(void **state)
{
    (void)state;
    double y[] = { 1, 2, 9 }, mean[2];
    named("naive")->run(y, 3, 2, mean);
    assert_true(mean[0] == 9 && mean[1] == 9);
}

static void seasonal_naive_repeats_the_last_week(void **state)
{
    (void)state;
    double y[14], mean[9];
    for (int i = 0; i < 14; i++)
        y[i] = i;
    named("seasonal_naive_7")->run(y, 14, 9, mean);
    for (int h = 0; h < 9; h++)
        assert_true(mean[h] == 7 + h % 7);
}

static void seasonal_mean_averages_each_weekday(void **state)
{
    (void)state;
    double y[35], mean[7];
    for (int i = 0; i < 35; i++)
        y[i] = i % 7 * 10 + (i / 7); /* weeks 0..4: the last four average 2.5 */
    named("seasonal_mean_28")->run(y, 35, 7, mean);
    for (int h = 0; h < 7; h++)
        assert_true(fabs(mean[h] - (h * 10 + 2.5)) < 1e-12);
}

static void seasonal_level_puts_the_pattern_on_the_last_weeks_level(void **state)
{
    (void)state;
    double y[63], mean[7];
    for (int i = 0; i < 63; i++)
        y[i] = i % 7 + (i >= 56 ? 100 : 0);
    named("seasonal_level_7")->run(y, 63, 7, mean);
    for (int h = 0; h < 7; h++)
        assert_true(fabs(mean[h] - (100 + h)) < 1e-9);
}

static void less_than_a_week_repeats_its_mean(void **state)
{
    (void)state;
    double y[] = { 1, 2, 3 }, mean[3];
    for (size_t i = 1; i < cost__n_methods; i++) {
        cost__methods[i].run(y, 3, 3, mean);
        assert_true(mean[2] == 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_public_name_is_a_method_in_the_same_order),
        cmocka_unit_test(naive_repeats_the_last_day),
        cmocka_unit_test(seasonal_naive_repeats_the_last_week),
        cmocka_unit_test(seasonal_mean_averages_each_weekday),
        cmocka_unit_test(seasonal_level_puts_the_pattern_on_the_last_weeks_level),
        cmocka_unit_test(less_than_a_week_repeats_its_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
