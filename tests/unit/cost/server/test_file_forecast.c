/* get_forecast over imported rows: what is known, what is scheduled, which dates, what is refused. */
#include "cost/server/files.h"
#include "server_help.h"

#include "../dataset/ask_help.h"
#include "../model/query_help.h"
#include "../model/result_help.h"

#include <cost/forecast.h>
#include <mcp/clock.h>

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct test_data data;

static const char *on(int month, int d)
{
    static char texts[512][12];
    static unsigned at;

    snprintf(texts[at % 512], sizeof(texts[0]), "2026-%02d-%02d", month, d);
    return texts[at++ % 512];
}

/* From 1 August to the given day of September: usage of 1 a day, in two services by turns; a monthly
 * fee of 20 on the 25th of August; tax of 7 on the 10th of August and 3 on the 2nd of September. */
static void open_bill(int september)
{
    struct test_row rows[128];
    size_t n = 0;

    for (int i = 0; i < 31 + september; i++)
        rows[n++] = (struct test_row){ .day = i < 31 ? on(8, i + 1) : on(9, i - 30),
                                       .billed = "1",
                                       .service = i % 2 == 0 ? "A" : "B" };
    rows[n++] = (struct test_row){ .day = on(8, 25),
                                   .billed = "20",
                                   .service = "A",
                                   .charge = "Purchase",
                                   .frequency = "Recurring",
                                   .sku = "plan",
                                   .hours = 24 * 31 };
    rows[n++] =
        (struct test_row){ .day = on(8, 10), .billed = "7", .service = "A", .charge = "Tax" };
    rows[n++] =
        (struct test_row){ .day = on(9, 2), .billed = "3", .service = "A", .charge = "Tax" };
    test_data_open(&data, rows, n);
}

static int teardown(void **state)
{
    (void)state;
    if (data.arena != NULL)
        test_data_close(&data);
    return 0;
}

static int ask(const char *args, struct cost_forecast_result *out, struct mcp_error *err)
{
    struct cost_query q;
    int rc = test_query(COST_GET_FORECAST, args, data.arena, &q, err);

    return rc < 0 ? rc : cost__files_forecast(data.snap, &data.scope, &q, data.arena, out, err);
}

static struct cost_forecast_result forecast(const char *args)
{
    struct cost_forecast_result out;
    struct mcp_error err = { 0 };

    if (ask(args, &out, &err) < 0)
        fail_msg("%s: %s %s", args, err.message, err.next);
    return out;
}

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-6)
        fail_msg("%.9f is not %.9f", a, b);
}

static void assert_range(const struct cost_forecast_result *f, const char *want)
{
    char text[24];

    assert_string_equal(test_range(f->base.query.range, text), want);
}

static void the_default_is_the_whole_running_month(void **state)
{
    struct cost_forecast_result f;

    (void)state;
    open_bill(10);
    f = forecast("{}");
    assert_range(&f, "2026-09-01..2026-09-30");
    assert_true(f.base.query.period_defaulted);
    assert_int_equal(f.base.query.granularity, COST_MONTHLY);
    assert_int_equal(f.n_series, 1);
    assert_int_equal(f.series[0].n_periods, 1);
    assert_false(f.series[0].periods[0].actual);
}

static void of_a_complete_month_the_default_is_the_next(void **state)
{
    struct cost_forecast_result f;

    (void)state;
    open_bill(30);
    f = forecast("{}");
    assert_range(&f, "2026-10-01..2026-10-31");
    assert_string_equal(test_money(f.series[0].actual_to_date), "0");
    assert_near(f.series[0].remaining, 31);
}

static void actual_to_date_is_what_get_costs_says(void **state)
{
    static const struct {
        const char *args, *costs;
    } cases[] = {
        { "{}", "{'start_date': '2026-09-01', 'end_date': '2026-09-10'}" },
        { "{'granularity': 'DAILY'}", "{'start_date': '2026-09-01', 'end_date': '2026-09-10'}" },
        { "{'granularity': 'TOTAL'}", "{'start_date': '2026-09-01', 'end_date': '2026-09-10'}" },
        { "{'start_date': '2026-08-05', 'end_date': '2026-10-31'}",
          "{'start_date': '2026-08-05', 'end_date': '2026-09-10'}" },
        { "{'start_date': '2026-09-10', 'end_date': '2026-09-11', 'granularity': 'TOTAL'}",
          "{'start_date': '2026-09-10', 'end_date': '2026-09-10'}" },
        { "{'filters': {'service': ['A']}}",
          "{'start_date': '2026-09-01', 'end_date': '2026-09-10', 'filters': {'service': ['A']}}" },
        { "{'metric': 'effective'}",
          "{'start_date': '2026-09-01', 'end_date': '2026-09-10', 'metric': 'effective'}" },
    };

    (void)state;
    open_bill(10);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost_forecast_result f = forecast(cases[i].args);
        const struct cost_result *r = test_costs(&data, cases[i].costs);

        assert_int_equal(f.n_series, 1);
        if (cost_money_cmp(f.series[0].actual_to_date, r->blocks[0].total.sum) != 0)
            fail_msg("%s: %s, not %s", cases[i].args, test_money(f.series[0].actual_to_date),
                     test_money(r->blocks[0].total.sum));
    }
}

static void the_parts_of_a_forecast_are_its_total(void **state)
{
    static const char *const cases[] = { "{}", "{'granularity': 'DAILY'}",
                                         "{'granularity': 'TOTAL'}",
                                         "{'end_date': '2026-12-31', 'start_date': '2026-08-20'}" };

    (void)state;
    open_bill(10);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost_forecast_result f = forecast(cases[i]);
        const struct cost_forecast_series *s = &f.series[0];
        double sum = 0;

        for (size_t p = 0; p < s->n_periods; p++) {
            sum += s->periods[p].mean;
            assert_true(s->periods[p].lower <= s->periods[p].mean);
            assert_true(s->periods[p].upper >= s->periods[p].mean);
        }
        assert_near(sum, s->mean);
        assert_near(cost_money_double(s->actual_to_date) + cost_money_double(s->scheduled) +
                        s->remaining,
                    s->mean);
    }
}

static void a_monthly_charge_lands_on_its_day(void **state)
{
    struct cost_forecast_result f;

    (void)state;
    open_bill(10);
    f = forecast("{'granularity': 'DAILY'}");
    assert_int_equal(f.series[0].n_periods, 30);
    for (size_t i = 0; i < 30; i++) {
        const struct cost_forecast_period *p = &f.series[0].periods[i];
        double want = i + 1 == 25 ? 21 : i + 1 == 2 ? 4 : 1; /* 2 September had tax */

        assert_int_equal(p->start, test_day("2026-09-01") + (int32_t)i);
        assert_int_equal(p->start, p->end);
        assert_true(p->actual == (i < 10));
        assert_near(p->mean, want);
    }
    assert_string_equal(test_money(f.series[0].scheduled), "20");
    assert_near(f.series[0].remaining, 20);
    assert_near(f.series[0].mean, 13 + 20 + 20);
}

static void a_charge_of_the_31st_falls_on_a_months_last_day(void **state)
{
    struct test_row rows[64];
    struct cost_forecast_result f;
    size_t n = 0;

    (void)state;
    for (int d = 1; d <= 31; d++)
        rows[n++] = (struct test_row){ .day = on(8, d), .billed = "1" };
    rows[n++] = (struct test_row){ .day = on(8, 31),
                                   .billed = "20",
                                   .charge = "Purchase",
                                   .frequency = "Recurring",
                                   .sku = "plan",
                                   .hours = 24 * 31 };
    test_data_open(&data, rows, n);
    f = forecast("{'start_date': '2026-09-29', 'end_date': '2026-10-31', 'granularity': 'DAILY'}");
    assert_near(f.series[0].periods[0].mean, 1);
    assert_near(f.series[0].periods[1].mean, 21);
    assert_near(f.series[0].periods[2].mean, 1);
    assert_near(f.series[0].periods[32].mean, 21);
    assert_string_equal(test_money(f.series[0].scheduled), "40");
}

static void dates_in_the_past_answer_actuals(void **state)
{
    static const char *const granularities[] = { "DAILY", "MONTHLY", "TOTAL" };

    (void)state;
    open_bill(10);
    for (size_t i = 0; i < 3; i++) {
        struct cost_forecast_result f;
        char args[200];

        snprintf(args, sizeof(args),
                 "{'start_date': '2026-08-20', 'end_date': '2026-09-10', 'granularity': '%s'}",
                 granularities[i]);
        f = forecast(args);
        assert_true(cost_forecast_is_actual(&f.series[0]));
        assert_true(mcp_str_eq(f.series[0].method, MCP_STR("actual")));
        assert_string_equal(test_money(f.series[0].actual_to_date), "45");
        assert_near(f.series[0].mean, 45);
        assert_near(f.series[0].lower, 45);
        assert_near(f.series[0].upper, 45);
        assert_near(f.series[0].remaining, 0);
        assert_string_equal(test_money(f.series[0].scheduled), "0");
    }
}

static void a_forecast_reaches_400_days_and_no_further(void **state)
{
    struct cost_forecast_result f;
    struct mcp_error err = { 0 };

    (void)state;
    open_bill(10); /* 400 days on: 2027-10-15 */
    f = forecast("{'start_date': '2026-09-01', 'end_date': '2027-10-15'}");
    assert_int_equal(f.series[0].n_periods, 14);
    assert_true(f.series[0].interval_extrapolated);
    assert_int_equal(ask("{'start_date': '2026-09-01', 'end_date': '2027-10-16'}", &f, &err),
                     MCP_EINVAL);
    assert_non_null(strstr(err.next, "2027-10-15"));
    mcp_error_clear(&err);
    assert_int_equal(ask("{'start_date': '2030-01-01', 'end_date': '2030-01-02'}", &f, &err),
                     MCP_EINVAL);
}

static void a_range_that_is_wholly_ahead_has_no_actuals(void **state)
{
    struct cost_forecast_result f;

    (void)state;
    open_bill(10);
    f = forecast("{'start_date': '2026-11-01', 'end_date': '2026-11-30'}");
    assert_range(&f, "2026-11-01..2026-11-30");
    assert_string_equal(test_money(f.series[0].actual_to_date), "0");
    assert_near(f.series[0].mean, 50);
    assert_true(f.base.has_data_through);
}

static void an_hourly_forecast_is_refused(void **state)
{
    struct cost_forecast_result f;
    struct mcp_error err = { 0 };
    struct cost_query q = { .tool = COST_GET_FORECAST,
                            .has_granularity = true,
                            .granularity = COST_HOURLY,
                            .confidence_pct = 800,
                            .method = MCP_STR("auto") };

    (void)state;
    open_bill(10);
    assert_int_equal(cost__files_forecast(data.snap, &data.scope, &q, data.arena, &f, &err),
                     MCP_EINVAL);
    assert_non_null(strstr(err.next, "DAILY"));
}

static void too_little_history_says_how_much_is_needed(void **state)
{
    struct test_row rows[COST_FORECAST_MIN_DAYS];
    struct cost_forecast_result f;
    struct mcp_error err = { 0 };

    (void)state;
    for (int d = 1; d < COST_FORECAST_MIN_DAYS; d++)
        rows[d - 1] = (struct test_row){ .day = on(8, d), .billed = "1" };
    test_data_open(&data, rows, COST_FORECAST_MIN_DAYS - 1);
    assert_int_equal(ask("{}", &f, &err), MCP_EREFUSED);
    assert_string_equal(err.code, "insufficient_history");
    assert_non_null(strstr(err.message, "13"));
    assert_non_null(strstr(err.message, "14"));
    /* What is known needs no history. */
    f = forecast("{'start_date': '2026-08-01', 'end_date': '2026-08-05'}");
    assert_string_equal(test_money(f.series[0].actual_to_date), "5");
}

static void nothing_in_scope_says_how_much_is_needed(void **state)
{
    struct cost_forecast_result f;
    struct mcp_error err = { 0 };

    (void)state;
    open_bill(10);
    data.scope.family = MCP_STR("gcp");
    assert_int_equal(ask("{}", &f, &err), MCP_EREFUSED);
    assert_string_equal(err.code, "insufficient_history");
    assert_non_null(strstr(err.message, "14 days"));
}

static void each_group_has_its_own_forecast_and_actuals(void **state)
{
    struct cost_forecast_result f;
    struct cost_money sum = COST_MONEY_ZERO;

    (void)state;
    open_bill(10);
    f = forecast("{'group_by': ['service']}");
    assert_int_equal(f.n_series, 2);
    assert_true(mcp_str_eq(f.series[0].key.value, MCP_STR("A")));
    assert_string_equal(test_money(f.series[0].actual_to_date), "8"); /* 5 days and the tax */
    assert_string_equal(test_money(f.series[1].actual_to_date), "5");
    assert_string_equal(test_money(f.series[0].scheduled), "20");
    assert_string_equal(test_money(f.series[1].scheduled), "0");
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cost_money_add(&sum, f.series[i].actual_to_date), 0);
    assert_string_equal(test_money(sum), "13");
}

static void currencies_never_meet(void **state)
{
    struct test_row rows[80];
    struct cost_forecast_result f;
    size_t n = 0;

    (void)state;
    for (int i = 0; i < 40; i++) {
        const char *day = i < 31 ? on(8, i + 1) : on(9, i - 30);

        rows[n++] = (struct test_row){ .day = day, .billed = "1" };
        rows[n++] = (struct test_row){ .day = day, .billed = "5", .currency = "EUR" };
    }
    test_data_open(&data, rows, n);
    f = forecast("{}");
    assert_int_equal(f.n_series, 2);
    for (size_t i = 0; i < 2; i++) {
        bool euro = mcp_str_eq(f.series[i].currency, MCP_STR("EUR"));

        assert_string_equal(test_money(f.series[i].actual_to_date), euro ? "45" : "9");
        assert_near(f.series[i].mean, euro ? 150 : 30);
    }
}

static void old_data_warns(void **state)
{
    static const struct {
        const char *today;
        bool warns;
    } cases[] = { { "2026-09-10", false }, { "2026-09-13", false }, { "2026-09-14", true } };

    (void)state;
    open_bill(10);
    for (size_t i = 0; i < 3; i++) {
        struct cost_forecast_result f;

        mcp_clock_set((int64_t)test_day(cases[i].today) * 86400);
        f = forecast("{}");
        assert_true(test_warned(&f.base, "stale_data") == cases[i].warns);
    }
}

static void what_is_left_out_is_listed_not_forecast(void **state)
{
    struct cost_forecast_result f;

    (void)state;
    open_bill(10);
    f = forecast("{}");
    assert_int_equal(f.series[0].n_excluded, 1);
    assert_true(mcp_str_eq(f.series[0].excluded[0].what, MCP_STR("tax")));
    assert_string_equal(test_money(f.series[0].excluded[0].last_month), "7");
    assert_int_equal(f.series[0].history_points, 41);
    assert_int_equal(f.series[0].history_end, test_day("2026-09-10"));
}

static void an_unknown_method_names_the_known_ones(void **state)
{
    struct cost_forecast_result f;
    struct mcp_error err = { 0 };

    (void)state;
    open_bill(10);
    assert_int_equal(ask("{'method': 'magic'}", &f, &err), MCP_EINVAL);
    assert_true(strstr(err.message, "seasonal_naive") != NULL ||
                strstr(err.next, "seasonal_naive") != NULL);
}

static int setup(void **state)
{
    (void)state;
    mcp_clock_set((int64_t)test_day("2026-09-12") * 86400);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_default_is_the_whole_running_month),
        TEST(of_a_complete_month_the_default_is_the_next),
        TEST(actual_to_date_is_what_get_costs_says),
        TEST(the_parts_of_a_forecast_are_its_total),
        TEST(a_monthly_charge_lands_on_its_day),
        TEST(a_charge_of_the_31st_falls_on_a_months_last_day),
        TEST(dates_in_the_past_answer_actuals),
        TEST(a_forecast_reaches_400_days_and_no_further),
        TEST(a_range_that_is_wholly_ahead_has_no_actuals),
        TEST(an_hourly_forecast_is_refused),
        TEST(too_little_history_says_how_much_is_needed),
        TEST(nothing_in_scope_says_how_much_is_needed),
        TEST(each_group_has_its_own_forecast_and_actuals),
        TEST(currencies_never_meet),
        TEST(old_data_warns),
        TEST(what_is_left_out_is_listed_not_forecast),
        TEST(an_unknown_method_names_the_known_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
