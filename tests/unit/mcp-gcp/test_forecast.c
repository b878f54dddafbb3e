/* get_forecast over an export: what is modelled, what comes again on its day, what is left out. */
#include "mcp-gcp/live.h"

#include "bq_help.h"

#include <cost/forecast_result.h>
#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TODAY 20412 /* data reaches to 2025-11-19 */
#define FIRST_OF_MONTH 20393 /* 2025-11-01 */
#define TABLE(columns)                                                                             \
    {                                                                                              \
        BQ_TABLE, 200, NULL, bq_table(columns, ",\"numBytes\":\"1\""), 0                           \
    }
#define FRESH                                                                                      \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, TODAY - 100), 1                                    \
    }

static const char *const columns[] = { "currency", "name",  "label", "position",
                                       "kind",     "thing", "day",   "cost" };
static struct bq bq;
static struct cost_forecast_result out;
static char cells[16384];
static size_t n_cells;

static void row(const char *currency, int kind, const char *thing, int day, const char *cost)
{
    n_cells += (size_t)snprintf(cells + n_cells, sizeof(cells) - n_cells, "%s%s|||1|%d|%s|%d|%s",
                                n_cells == 0 ? "" : "\n", currency, kind, thing, day, cost);
}

/* Ten dollars of usage on each of 100 days; in this month 19 of them. */
static void usage(const char *currency)
{
    for (int day = TODAY - 100; day < TODAY; day++)
        row(currency, 0, "", day, "10");
}

/* The script: get_costs of the month so far, then the history in cells. */
static int forecast(const char *spent)
{
    struct cost_query q = { .tool = COST_GET_FORECAST,
                            .confidence_pct = 800,
                            .method = MCP_STR("auto") };
    char costs[256];
    struct gcp_script rows[] = { BQ_USUAL,
                                 TABLE(bq_standard),
                                 FRESH,
                                 { BQ_QUERY, 200, NULL, NULL, 1 },
                                 { BQ_QUERY, 200, NULL, NULL, 1 },
                                 { NULL } };
    int rc;

    /* A forecast has one group: all. */
    snprintf(costs, sizeof(costs), "t|0|USD||||||0|1|1|%s\np|0|USD||202511|0|3||1|1|1|%s", spent,
             spent);
    rows[5].body = bq_costs(costs, 0);
    rows[6].body = bq_answer(columns, 8, cells, "");
    bq_begin(&bq, rows);
    rc = gcp_forecast(&bq.gcp, bq.call, &q, &out, &bq.err);
    return rc;
}

static bool is(struct cost_money m, const char *text)
{
    char buf[COST_MONEY_TEXT];
    size_t n = cost_money_format(m, buf);

    return mcp_str_eq(mcp_str_n(buf, n), mcp_str_z(text));
}

static void steady_usage_goes_on(void **state)
{
    (void)state;
    n_cells = 0;
    usage("USD");
    assert_int_equal(forecast("190"), 0);
    assert_int_equal(out.n_series, 1);
    assert_true(is(out.series[0].actual_to_date, "190"));
    /* Eleven days of November are left. */
    assert_true(out.series[0].remaining > 109.99 && out.series[0].remaining < 110.01);
    assert_true(mcp_str_eq(out.base.backend, MCP_STR("bigquery")));
    /* What both questions read is counted once: dataset, table, freshness, costs, history. */
    assert_int_equal(out.base.requests, 5);
    bq_end(&bq);
}

static void what_does_not_repeat_is_left_out_and_told(void **state)
{
    static const char *const whats[] = { "tax", "credit", "adjustment", "one_time_purchase" };
    static const char *const amounts[] = { "7", "-3", "-2", "500" };
    size_t found = 0;

    (void)state;
    n_cells = 0;
    usage("USD");
    for (int k = 0; k < 3; k++)
        row("USD", 2 + k, "", FIRST_OF_MONTH - 5, amounts[k]); /* October */
    row("USD", 5, "SKU-1", FIRST_OF_MONTH - 5, amounts[3]);
    assert_int_equal(forecast("190"), 0);
    assert_true(out.series[0].remaining < 110.01);
    for (size_t i = 0; i < out.series[0].n_excluded; i++) {
        for (int k = 0; k < 4; k++) {
            if (mcp_str_eq(out.series[0].excluded[i].what, mcp_str_z(whats[k]))) {
                assert_true(is(out.series[0].excluded[i].last_month, amounts[k]));
                found++;
            }
        }
    }
    assert_int_equal(found, 4);
    bq_end(&bq);
}

static void a_daily_purchase_is_modelled(void **state)
{
    (void)state;
    n_cells = 0;
    usage("USD");
    for (int day = TODAY - 60; day < TODAY; day++)
        row("USD", 5, "FEE", day, "5");
    assert_int_equal(forecast("285"), 0);
    assert_int_equal(out.series[0].n_excluded, 0);
    assert_true(out.series[0].remaining > 150 && out.series[0].remaining < 166);
    bq_end(&bq);
}

static void a_charge_of_a_month_comes_again_on_its_day(void **state)
{
    (void)state;
    n_cells = 0;
    usage("USD");
    row("USD", 1, "", FIRST_OF_MONTH - 31 + 24, "100"); /* 25 October: due on 25 November */
    assert_int_equal(forecast("190"), 0);
    assert_true(is(out.series[0].scheduled, "100"));
    bq_end(&bq);
}

static void rows_that_cannot_be_are_refused(void **state)
{
    static const struct {
        int kind, day;
        const char *cost;
    } rows[] = { { 9, TODAY - 1, "1" },
                 { -1, TODAY - 1, "1" },
                 { 0, TODAY + 5, "1" },
                 { 0, 100, "1" },
                 { 0, TODAY - 1, "x" } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        n_cells = 0;
        row("USD", rows[i].kind, "", rows[i].day, rows[i].cost);
        assert_int_equal(forecast("190"), MCP_EUPSTREAM);
        bq_end(&bq);
    }
}

static void too_little_history_is_refused(void **state)
{
    (void)state;
    n_cells = 0;
    row("USD", 0, "", TODAY - 1, "1");
    assert_int_equal(forecast("1"), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "insufficient_history");
    bq_end(&bq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steady_usage_goes_on),
        cmocka_unit_test(what_does_not_repeat_is_left_out_and_told),
        cmocka_unit_test(a_daily_purchase_is_modelled),
        cmocka_unit_test(a_charge_of_a_month_comes_again_on_its_day),
        cmocka_unit_test(rows_that_cannot_be_are_refused),
        cmocka_unit_test(too_little_history_is_refused),
    };

    return cmocka_run_group_tests(tests, bq_at_noon, bq_group_end);
}
