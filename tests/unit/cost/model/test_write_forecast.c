/* get_forecast as JSON and text: the sum and its parts, the interval, what is left out. */
#include "result_help.h"

#include "query_help.h"

#include <schemas.h>

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

static struct cost_forecast_result *sample(void)
{
    struct cost_forecast_result *r = MCP_ARENA_NEW(arena, struct cost_forecast_result);
    struct cost_forecast_series *s = MCP_ARENA_NEW(arena, struct cost_forecast_series);
    struct cost_forecast_period *p = mcp_arena_alloc(arena, 2 * sizeof(*p));
    struct cost_excluded *x = MCP_ARENA_NEW(arena, struct cost_excluded);

    r->base = *model_result(COST_GET_FORECAST, "{}", arena);
    r->confidence_pct = 800;
    *x = (struct cost_excluded){ MCP_STR("tax"), model_money("12.345") };
    p[0] = (struct cost_forecast_period){ .start = test_day("2026-11-01"),
                                          .end = test_day("2026-11-19"),
                                          .actual = true,
                                          .actual_cost = model_money("800.123456") };
    p[1] = (struct cost_forecast_period){ .start = test_day("2026-11-20"),
                                          .end = test_day("2026-11-30"),
                                          .mean = 400.005,
                                          .lower = 350,
                                          .upper = 450.999 };
    *s = (struct cost_forecast_series){ .currency = MCP_STR("USD"),
                                        .actual_to_date = model_money("800.123456"),
                                        .remaining = 400.004,
                                        .scheduled = model_money("34"),
                                        .mean = 1234.127456,
                                        .lower = 1184.1,
                                        .upper = 1285.126,
                                        .periods = p,
                                        .n_periods = 2,
                                        .excluded = x,
                                        .n_excluded = 1,
                                        .method = MCP_STR("seasonal_naive_7"),
                                        .smape = 4.25,
                                        .mase = 0.8,
                                        .coverage = 0.8125,
                                        .folds = 5,
                                        .history_start = test_day("2025-10-05"),
                                        .history_end = test_day("2026-11-19"),
                                        .history_points = 411 };
    r->series = s;
    r->n_series = 1;
    return r;
}

static mcp_str print(const struct cost_forecast_result *r, bool json)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str text;
    int rc;

    mcp_buf_init(&buf, 1 << 20);
    rc = json ? cost_write_forecast(r, &buf, NULL, &err) : cost_text_forecast(r, 0, &buf, &err);
    assert_int_equal(rc, 0);
    text = mcp_arena_str(arena, mcp_buf_view(&buf));
    if (json)
        model_accepts(&cost_schema_get_forecast_out, text);
    mcp_buf_release(&buf);
    return text;
}

static void the_sum_its_parts_and_its_periods_are_printed(void **state)
{
    const char *json = print(sample(), true).ptr;

    (void)state;
    assert_non_null(strstr(json, "\"total\":{\"mean\":1234.13,\"lower\":1184.1,\"upper\":1285.13,"
                                 "\"actual_to_date\":800.123456,\"remaining\":400,"
                                 "\"scheduled\":34}"));
    assert_non_null(strstr(json, "{\"start\":\"2026-11-01\",\"end\":\"2026-11-19\","
                                 "\"mean\":800.123456,\"lower\":null,\"upper\":null,"
                                 "\"actual\":true}"));
    assert_non_null(strstr(json, "\"backtest\":{\"smape\":4.25,\"mase\":0.8,\"coverage\":0.8125,"
                                 "\"folds\":5}"));
    assert_non_null(strstr(json, "\"excluded\":[{\"what\":\"tax\",\"last_month\":12.345}]"));
    assert_non_null(strstr(json, "\"confidence\":0.8,"));
}

static void the_text_says_the_same(void **state)
{
    (void)state;
    assert_string_equal(
        print(sample(), false).ptr,
        "Forecast billed, 2026-11-01 to 2026-11-30, AWS, data through 2026-11-19\n"
        "1,234.13 USD (1,184.10 to 1,285.13 at 80%)\n"
        "= 800.12 actual to date + 400.00 modelled + 34.00 scheduled\n"
        "period | USD | lower | upper\n"
        "2026-11-01..2026-11-19 | 800.12 | actual | \n"
        "2026-11-20..2026-11-30 | 400.00 | 350.00 | 451.00\n"
        "Not forecast: tax (last month 12.34)\n"
        "Method seasonal_naive_7, history of 411 days, backtest in 5 folds: sMAPE 4.25, MASE 0.80, "
        "coverage 0.81\n");
}

static void the_past_is_actual_and_never_fitted(void **state)
{
    struct cost_forecast_result *r = sample();
    struct cost_forecast_series s = r->series[0];

    (void)state;
    s.n_periods = 1;
    s.mean = 999;
    r->series = &s;
    assert_non_null(strstr(print(r, true).ptr,
                           "\"mean\":800.123456,\"lower\":800.123456,\"upper\":800.123456,"));
    assert_non_null(strstr(print(r, false).ptr, "800.12 USD, all of it actual cost\n"));
}

static void several_forecasts_have_no_total_and_no_backtest_is_null(void **state)
{
    struct cost_forecast_result *r = sample();
    struct cost_forecast_series s[2] = { r->series[0], r->series[0] };
    const char *json;

    (void)state;
    s[1].currency = MCP_STR("JPY");
    s[1].folds = 0;
    s[1].upper = __builtin_inf();
    r->series = s;
    r->n_series = 2;
    json = print(r, true).ptr;
    assert_non_null(strstr(json, "\"currency\":null,"));
    assert_non_null(strstr(json, "\"total\":null,"));
    assert_non_null(strstr(json, "\"currency\":\"JPY\",\"mean\":1234,\"lower\":1184,"
                                 "\"upper\":null"));
    assert_non_null(strstr(json, "\"backtest\":{\"smape\":null,\"mase\":null,\"coverage\":null,"));
}

static void more_periods_than_a_page_holds_are_refused(void **state)
{
    struct cost_forecast_result *r = sample();
    struct cost_forecast_series s = r->series[0];
    struct mcp_error err = { 0 };
    struct mcp_buf buf;

    (void)state;
    s.periods = mcp_arena_alloc(arena, 400 * sizeof(*s.periods));
    s.n_periods = 400;
    r->series = &s;
    r->base.query.granularity = COST_DAILY;
    mcp_buf_init(&buf, 1 << 20);
    assert_int_equal(cost_write_forecast(r, &buf, NULL, &err), MCP_EREFUSED);
    assert_non_null(strstr(err.next, "MONTHLY"));
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_its_parts_and_its_periods_are_printed),
        cmocka_unit_test(the_text_says_the_same),
        cmocka_unit_test(the_past_is_actual_and_never_fitted),
        cmocka_unit_test(several_forecasts_have_no_total_and_no_backtest_is_null),
        cmocka_unit_test(more_periods_than_a_page_holds_are_refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
