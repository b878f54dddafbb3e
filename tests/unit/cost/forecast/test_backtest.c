/* Tests of rolling-origin backtests. */
#include "cost/forecast/backtest.h"

#include <mcp/error.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void each_length_and_horizon_fits_into_the_series(void **state)
{
    (void)state;
    for (size_t n = 14; n < 900; n++)
        for (size_t horizon = 1; horizon <= 400; horizon += 7) {
            size_t folds, steps;
            cost__backtest_size(n, horizon, &folds, &steps);
            assert_true(folds >= 4 && folds <= COST__MAX_FOLDS);
            assert_true(steps >= 1 && steps <= horizon);
            assert_true(n - steps - (folds - 1) >= COST__SEASON); /* the first origin's training */
        }
}

static void errors_are_those_of_the_method_at_each_origin(void **state)
{
    (void)state;
    double y[20], scratch[5];
    struct cost__series s;
    struct cost__backtest b;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    for (int i = 0; i < 20; i++)
        y[i] = i + 1;
    cost__series_init(&s, y, 20, 14);
    assert_int_equal(cost__backtest_init(&b, s.n, 5, arena), 0);
    assert_int_equal(b.steps, 5);
    cost__backtest_run(&b, &s, &cost__methods[0], scratch); /* naive on a line of slope 1 */
    for (size_t i = 0; i < b.folds; i++)
        for (size_t h = 0; h < b.steps; h++) {
            assert_true(b.error[i * b.steps + h] == (double)h + 1);
            assert_true(b.sum_error[i * b.steps + h] == (double)((h + 1) * (h + 2) / 2));
        }
    assert_true(fabs(b.mase - 3.0 / 7.0) < 1e-12); /* mean |e| = 3; a week changes by 7 */
    assert_true(b.smape > 0 && b.smape < 200);
    mcp_arena_free(arena);
}

static void zeros_have_no_error_and_no_nan(void **state)
{
    (void)state;
    double y[30] = { 0 }, scratch[10];
    struct cost__series s;
    struct cost__backtest b;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    cost__series_init(&s, y, 30, 14);
    assert_int_equal(cost__backtest_init(&b, s.n, 10, arena), 0);
    cost__backtest_run(&b, &s, &cost__methods[1], scratch);
    assert_true(b.mase == 0 && b.smape == 0);
    mcp_arena_free(arena);
}

static void too_little_memory_is_an_error(void **state)
{
    (void)state;
    struct cost__backtest b;
    struct mcp_arena *arena = mcp_arena_new(512, 1024);
    assert_int_equal(cost__backtest_init(&b, 400, 100, arena), MCP_ENOMEM);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_length_and_horizon_fits_into_the_series),
        cmocka_unit_test(errors_are_those_of_the_method_at_each_origin),
        cmocka_unit_test(zeros_have_no_error_and_no_nan),
        cmocka_unit_test(too_little_memory_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
