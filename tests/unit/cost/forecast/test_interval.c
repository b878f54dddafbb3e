/* Tests of prediction intervals. */
#include "cost/forecast/interval.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void no_errors_make_no_interval(void **state)
{
    (void)state;
    double values[10] = { 0 };
    struct cost__interval r = cost__interval_of(values, 10, 0.8);
    assert_true(r.below == 0 && r.above == 0);
}

static void limits_of_even_errors_are_near_their_quantiles(void **state)
{
    (void)state;
    double values[1001];
    for (int i = 0; i <= 1000; i++)
        values[i] = (i - 500) / 500.0;
    struct cost__interval r = cost__interval_of(values, 1001, 0.8);
    assert_true(fabs(r.above - r.below) < 0.01);
    assert_true(r.above > 0.72 && r.above < 0.82); /* quantile 0.8, normal 0.74 */
}

static void a_method_that_is_too_low_is_open_upwards(void **state)
{
    (void)state;
    double values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 };
    struct cost__interval r = cost__interval_of(values, 10, 0.8);
    assert_true(r.above > r.below);
    assert_true(r.below >= 0);
}

static void more_confidence_is_wider(void **state)
{
    (void)state;
    double values[40], last = 0;
    for (double confidence = 0.5; confidence < 0.995; confidence += 0.05) {
        for (int i = 0; i < 40; i++)
            values[i] = (i * 37 % 40) - 19.5;
        struct cost__interval r = cost__interval_of(values, 40, confidence);
        assert_true(r.above >= last);
        last = r.above;
    }
}

/* folds folds of steps steps: the errors alternate between +size and -size. */
static void alternate(struct cost__backtest *b, size_t folds, size_t steps, double *errors,
                      double *sums, double size)
{
    *b = (struct cost__backtest){
        .folds = folds, .steps = steps, .error = errors, .sum_error = sums
    };
    for (size_t i = 0; i < folds; i++) {
        double sum = 0;
        for (size_t h = 0; h < steps; h++) {
            errors[i * steps + h] = i % 2 == 0 ? size : -size;
            sum += errors[i * steps + h];
            sums[i * steps + h] = sum;
        }
    }
}

static void beyond_the_longest_backtest_the_width_grows_by_the_root(void **state)
{
    (void)state;
    static double errors[50 * 4], sums[50 * 4], scratch[COST__INTERVAL_SCRATCH(50)];
    struct cost__backtest b;
    alternate(&b, 50, 4, errors, sums, 2);
    struct cost__interval last = cost__interval_step(&b, 4, false, 0.8, scratch);
    struct cost__interval far = cost__interval_step(&b, 16, false, 0.8, scratch);
    assert_true(fabs(far.above / last.above - 2) < 1e-9);
    last = cost__interval_step(&b, 4, true, 0.8, scratch);
    far = cost__interval_step(&b, 16, true, 0.8, scratch);
    assert_true(fabs(far.above / last.above - 8) < 1e-9); /* four times as long, twice as wide */
}

static void coverage_counts_what_was_inside_at_the_time(void **state)
{
    (void)state;
    static double errors[60 * 2], sums[60 * 2], scratch[COST__INTERVAL_SCRATCH(60)];
    struct cost__backtest b;
    alternate(&b, 60, 2, errors, sums, 1);
    assert_true(cost__interval_coverage(&b, 0.8, scratch) == 1);
    for (size_t i = 30 * 2; i < 60 * 2; i++)
        errors[i] *= 1000; /* the errors explode: at first nothing known covers them */
    double covered = cost__interval_coverage(&b, 0.8, scratch);
    assert_true(covered > 0 && covered < 1);
}

static void too_few_folds_have_no_coverage(void **state)
{
    (void)state;
    static double errors[5 * 3], sums[5 * 3], scratch[COST__INTERVAL_SCRATCH(5)];
    struct cost__backtest b;
    alternate(&b, 5, 3, errors, sums, 1);
    assert_true(cost__interval_coverage(&b, 0.8, scratch) == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_errors_make_no_interval),
        cmocka_unit_test(limits_of_even_errors_are_near_their_quantiles),
        cmocka_unit_test(a_method_that_is_too_low_is_open_upwards),
        cmocka_unit_test(more_confidence_is_wider),
        cmocka_unit_test(beyond_the_longest_backtest_the_width_grows_by_the_root),
        cmocka_unit_test(coverage_counts_what_was_inside_at_the_time),
        cmocka_unit_test(too_few_folds_have_no_coverage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
