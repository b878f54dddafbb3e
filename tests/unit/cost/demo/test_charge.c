/* Tests of the charges that are not metered. */
#include "cost/demo/bill.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cost_demo *demo;

static void go(int month, enum demo_account_id account)
{
    demo->month = month;
    demo->account = account;
    demo->month_start = mcp_date_add_months(demo->first_day, month);
    demo->month_end = mcp_date_month_end(demo->month_start);
}

static int make(void **state)
{
    (void)state;
    struct cost_demo_options options = { .last_day = 0 };
    if (mcp_date_parse(MCP_STR("2026-11-08"), &options.last_day) != 0)
        return -1;
    demo = cost_demo_new(&options);
    return demo == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    (void)state;
    cost_demo_free(demo);
    return 0;
}

static size_t n_charges(void)
{
    return cost__demo_n_commitments + cost__demo_n_fees;
}

static bool is(const struct cost_row *row, enum cost_col col, const char *z)
{
    return mcp_str_eq(row->text[col], mcp_str_z(z));
}

static void corrections_belong_to_the_month_before(void **state)
{
    (void)state;
    struct cost_row row;
    int corrections = 0;
    go(5, DEMO_AWS);
    for (size_t i = 0; i < n_charges(); i++)
        if (cost__demo_charge(demo, i, &row) && is(&row, COST_COL_CHARGE_CLASS, "Correction")) {
            int32_t day = mcp_instant_date(row.charge_start);
            assert_int_equal(mcp_date_month_start(day), mcp_date_add_months(demo->month_start, -1));
            corrections++;
        }
    assert_int_equal(corrections, 1);
}

static void the_open_month_has_no_charges_from_days_to_come(void **state)
{
    (void)state;
    struct cost_row row;
    for (int a = 0; a < DEMO_N_ACCOUNTS; a++) {
        go(demo->options.months - 1, (enum demo_account_id)a);
        for (size_t i = 0; i < n_charges(); i++)
            if (cost__demo_charge(demo, i, &row))
                assert_true(mcp_instant_date(row.charge_start) <= demo->options.last_day);
    }
}

static void credits_are_negative_and_refunds_take_usage_back(void **state)
{
    (void)state;
    struct cost_row row;
    int credits = 0, refunds = 0;
    for (int month = 0; month < 12; month++)
        for (int a = 0; a < DEMO_N_ACCOUNTS; a++) {
            go(month, (enum demo_account_id)a);
            for (size_t i = 0; i < n_charges(); i++) {
                if (!cost__demo_charge(demo, i, &row))
                    continue;
                if (is(&row, COST_COL_CHARGE_CATEGORY, "Credit")) {
                    assert_true(row.num[COST_NUM_BILLED].units < 0);
                    credits++;
                }
                if (is(&row, COST_COL_CHARGE_CATEGORY, "Usage") &&
                    row.num[COST_NUM_BILLED].units < 0) {
                    assert_true(row.num[COST_NUM_QUANTITY].units < 0);
                    assert_true(row.text[COST_COL_UNIT].len > 0);
                    refunds++;
                }
            }
        }
    assert_true(credits > 30 && refunds > 10);
}

static void tax_is_in_whole_cents_and_has_no_project(void **state)
{
    (void)state;
    struct cost_row row;
    go(3, DEMO_AWS);
    demo->billed = (struct cost_money){ DEMO_UNITS_PER_NANO * 1000000000 * 1234 };
    assert_true(cost__demo_tax(demo, &row));
    assert_true(row.num[COST_NUM_BILLED].units == DEMO_UNITS_PER_NANO * 10000000 * 8638);
    assert_int_equal(row.text[COST_COL_PROJECT].len, 0);
    go(3, DEMO_AZURE);
    assert_false(cost__demo_tax(demo, &row));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(corrections_belong_to_the_month_before),
        cmocka_unit_test(the_open_month_has_no_charges_from_days_to_come),
        cmocka_unit_test(credits_are_negative_and_refunds_take_usage_back),
        cmocka_unit_test(tax_is_in_whole_cents_and_has_no_project),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
