/* Tests of whole forecasts: refusals, odd series, and coverage on real daily series. */
#include <cost/forecast.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct mcp_arena *arena;
static struct cost_forecast_out out;
static struct mcp_error err;

static int run(const double *y, size_t n, size_t horizon, const char *method)
{
    struct cost_forecast_in in = {
        .y = y, .n = n, .horizon = horizon, .confidence = 0.8, .method = mcp_str_z(method)
    };
    mcp_arena_free(arena);
    arena = mcp_arena_new(0, 0);
    mcp_error_clear(&err);
    return cost_forecast(&in, arena, &out, &err);
}

static void check_sane(size_t horizon)
{
    for (size_t h = 0; h < horizon; h++) {
        assert_true(isfinite(out.mean[h]) && isfinite(out.sum_lower[h]));
        assert_true(out.lower[h] <= out.mean[h] && out.mean[h] <= out.upper[h]);
        assert_true(out.sum_lower[h] <= out.sum_upper[h]);
    }
    assert_true(isfinite(out.smape) && isfinite(out.mase) && isfinite(out.coverage));
}

static void thirteen_days_are_refused_with_what_is_needed(void **state)
{
    (void)state;
    double y[13] = { 1 };
    assert_int_equal(run(y, 13, 30, "auto"), MCP_EREFUSED);
    assert_string_equal(err.code, "insufficient_history");
    assert_non_null(strstr(err.message, "14"));
    assert_non_null(strstr(err.message, "13"));
    assert_true(strlen(err.next) > 0);
}

static void fourteen_days_are_enough(void **state)
{
    (void)state;
    double y[14];
    for (int i = 0; i < 14; i++)
        y[i] = 10 + i % 7;
    assert_int_equal(run(y, 14, 30, "auto"), 0);
    check_sane(30);
    assert_true(out.folds >= 4);
    assert_true(out.interval_extrapolated);
    assert_true(out.longest_backtest < 30);
}

static void an_unknown_method_names_the_known_ones(void **state)
{
    (void)state;
    double y[20] = { 1 };
    assert_int_equal(run(y, 20, 5, "prophet"), MCP_EINVAL);
    assert_non_null(strstr(err.message, "prophet"));
    for (size_t i = 0; cost_forecast_methods[i] != NULL; i++)
        assert_non_null(strstr(err.next, cost_forecast_methods[i]));
}

static void each_named_method_is_used_as_named(void **state)
{
    (void)state;
    double y[40];
    for (int i = 0; i < 40; i++)
        y[i] = 3 + i % 5;
    for (size_t i = 0; cost_forecast_methods[i] != NULL; i++) {
        assert_int_equal(run(y, 40, 20, cost_forecast_methods[i]), 0);
        assert_string_equal(out.method, cost_forecast_methods[i]);
        check_sane(20);
    }
}

static void wrong_numbers_are_refused(void **state)
{
    (void)state;
    double y[20] = { 1, 2, (double)NAN };
    struct cost_forecast_in in = { .y = y, .n = 20, .horizon = 5, .confidence = 0.8 };
    assert_int_equal(run(y, 20, 5, "auto"), MCP_EDATA);
    y[2] = 3;
    assert_int_equal(run(y, 20, 0, "auto"), MCP_EINVAL);
    assert_int_equal(run(y, 20, 401, "auto"), MCP_EINVAL);
    in.confidence = 1;
    assert_int_equal(cost_forecast(&in, arena, &out, NULL), MCP_EINVAL);
    in.confidence = (double)NAN;
    assert_int_equal(cost_forecast(&in, arena, &out, NULL), MCP_EINVAL);
}

static void odd_series_never_give_nan(void **state)
{
    (void)state;
    static double y[500];
    for (int kind = 0; kind < 7; kind++)
        for (size_t n = 14; n < 500; n += 97) {
            for (size_t i = 0; i < n; i++) {
                static const double base[] = { 0, 5, 1e12, -3, 0, 0, 1e-9 };
                y[i] = base[kind];
                if (kind == 4)
                    y[i] = i == n / 2 ? 1e9 : 0;
                if (kind == 5)
                    y[i] = i % 9 == 0 ? 7 : 0;
            }
            assert_int_equal(run(y, n, 400, "auto"), 0);
            check_sane(400);
            if (kind == 0 || kind == 1)
                assert_true(out.mean[399] == y[0] && out.upper[399] == y[0]);
        }
}

static void a_weekly_pattern_is_repeated_exactly(void **state)
{
    (void)state;
    double y[70];
    for (int i = 0; i < 70; i++)
        y[i] = 100 + (i % 7) * 10;
    assert_int_equal(run(y, 70, 14, "auto"), 0);
    assert_string_equal(out.method, "seasonal_naive_7");
    for (int h = 0; h < 14; h++)
        assert_true(fabs(out.mean[h] - (100 + h % 7 * 10)) < 1e-9);
    assert_true(out.mase == 0);
    assert_false(out.interval_extrapolated);
}

static void what_was_never_negative_is_not_forecast_below_zero(void **state)
{
    (void)state;
    double y[60];
    for (int i = 0; i < 60; i++)
        y[i] = i * 7919 % 13 == 0 ? 50 : 0.1;
    assert_int_equal(run(y, 60, 60, "auto"), 0);
    for (int h = 0; h < 60; h++)
        assert_true(out.lower[h] >= 0 && out.sum_lower[h] >= 0);
}

static void independent_noise_makes_a_months_sum_surer_than_its_days(void **state)
{
    (void)state;
    static double y[300];
    uint64_t x = 42;
    double days = 0, sum = 0;
    for (int i = 0; i < 300; i++) {
        x = x * 6364136223846793005ULL + 1442695040888963407ULL;
        y[i] = 100 + (double)(x >> 40) / (double)(1 << 24) * 20;
    }
    assert_int_equal(run(y, 300, 28, "seasonal_mean_56"), 0);
    for (int h = 0; h < 28; h++) {
        days += out.upper[h] - out.lower[h];
        sum += out.mean[h];
    }
    assert_true(out.sum_upper[27] - out.sum_lower[27] < days / 2);
    assert_true(out.sum_lower[27] < sum && sum < out.sum_upper[27]);
}

/* ---- real series, where they are ---- */

static size_t read_series(FILE *f, double *y, size_t max)
{
    static char line[1 << 18];
    size_t n = 0;
    char *save = NULL;
    if (fgets(line, sizeof(line), f) == NULL)
        return 0;
    for (char *p = strtok_r(line, ",\r\n", &save); p != NULL && n <= max;
         p = strtok_r(NULL, ",\r\n", &save)) {
        if (n > 0)
            y[n - 1] = strtod(p, NULL);
        n++;
    }
    return n == 0 ? 0 : n - 1;
}

static FILE *open_set(const char *set, const char *part)
{
    const char *shared = getenv("MCP_SHARED");
    char path[512];
    snprintf(path, sizeof(path), "%s/data/series/%s-%s.csv", shared != NULL ? shared : "../shared",
             set, part);
    return fopen(path, "r");
}

static void coverage_of(const char *set)
{
    static double y[20000], test[1000];
    FILE *train = open_set(set, "train"), *after = open_set(set, "test");
    size_t n, h, inside = 0, points = 0;
    if (train == NULL || after == NULL) {
        fprintf(stderr, "SKIP coverage on %s: no ../shared/data/series (MCP_SHARED)\n", set);
        if (train != NULL)
            fclose(train);
        if (after != NULL)
            fclose(after);
        skip();
        return;
    }
    while ((n = read_series(train, y, 20000)) > 0 && (h = read_series(after, test, 1000)) > 0) {
        assert_int_equal(run(y, n, h, "auto"), 0);
        for (size_t i = 0; i < h; i++)
            inside += test[i] >= out.lower[i] && test[i] <= out.upper[i];
        points += h;
    }
    fclose(train);
    fclose(after);
    double covered = (double)inside / (double)points;
    fprintf(stderr, "%s: the 80 %% interval holds %.3f of %zu days\n", set, covered, points);
    assert_true(covered >= 0.70 && covered <= 0.92);
}

static void coverage_on_cloud_demand_is_near_eighty_percent(void **state)
{
    (void)state;
    coverage_of("shavedice");
}

static void coverage_on_cash_withdrawals_is_near_eighty_percent(void **state)
{
    (void)state;
    coverage_of("nn5daily");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thirteen_days_are_refused_with_what_is_needed),
        cmocka_unit_test(fourteen_days_are_enough),
        cmocka_unit_test(an_unknown_method_names_the_known_ones),
        cmocka_unit_test(each_named_method_is_used_as_named),
        cmocka_unit_test(wrong_numbers_are_refused),
        cmocka_unit_test(odd_series_never_give_nan),
        cmocka_unit_test(a_weekly_pattern_is_repeated_exactly),
        cmocka_unit_test(what_was_never_negative_is_not_forecast_below_zero),
        cmocka_unit_test(independent_noise_makes_a_months_sum_surer_than_its_days),
        cmocka_unit_test(coverage_on_cloud_demand_is_near_eighty_percent),
        cmocka_unit_test(coverage_on_cash_withdrawals_is_near_eighty_percent),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    mcp_arena_free(arena);
    return rc;
}
