/* Tests of metered usage: price order, commitments that add up, the anomaly, idle meters. */
#include "cost/demo/bill.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cost_demo *demo_of(const char *last, int months)
{
    struct cost_demo_options options = { .months = months };
    assert_int_equal(mcp_date_parse(mcp_str_z(last), &options.last_day), 0);
    struct cost_demo *demo = cost_demo_new(&options);
    assert_non_null(demo);
    return demo;
}

static void list_is_above_contracted_is_above_billed(void **state)
{
    (void)state;
    struct cost_demo *demo = demo_of("2026-11-20", 13);
    int discounted = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        const struct demo_template *t = &demo->templates[i];
        struct cost_row row;
        if (t->commitment != NULL || !cost__demo_usage(demo, t, demo->options.last_day - 40, &row))
            continue;
        assert_true(row.num[COST_NUM_BILLED].units > 0);
        assert_true(cost_money_cmp(row.num[COST_NUM_LIST], row.num[COST_NUM_BILLED]) >= 0);
        if (!row.null_num[COST_NUM_CONTRACTED]) {
            assert_true(cost_money_cmp(row.num[COST_NUM_LIST], row.num[COST_NUM_CONTRACTED]) >= 0);
            assert_true(cost_money_cmp(row.num[COST_NUM_CONTRACTED], row.num[COST_NUM_BILLED]) >=
                        0);
        }
        discounted += cost_money_cmp(row.num[COST_NUM_LIST], row.num[COST_NUM_CONTRACTED]) > 0;
    }
    assert_true(discounted > 50);
    cost_demo_free(demo);
}

/* contract.md section 3: what a commitment costs is what its usage and its unused part take. */
static void a_commitment_is_used_and_unused_to_the_last_digit(void **state)
{
    (void)state;
    struct cost_demo *demo = demo_of("2026-11-30", 13);
    for (size_t c = 0; c < cost__demo_n_commitments; c++) {
        const struct demo_commitment *com = &cost__demo_commitments[c];
        int32_t end = com->upfront ? mcp_date_add_months(demo->first_day, com->term_months) - 1
                                   : demo->options.last_day;
        struct cost_money effective = COST_MONEY_ZERO, billed = COST_MONEY_ZERO;
        struct cost_row row;
        for (int32_t day = demo->first_day; day <= end; day++)
            for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++)
                if (demo->templates[i].commitment == com &&
                    cost__demo_usage(demo, &demo->templates[i], day, &row)) {
                    assert_int_equal(row.num[COST_NUM_BILLED].units, 0);
                    assert_int_equal(cost_money_add(&effective, row.num[COST_NUM_EFFECTIVE]), 0);
                }
        demo->account = com->account;
        for (demo->month = 0; demo->month < demo->options.months; demo->month++) {
            demo->month_start = mcp_date_add_months(demo->first_day, demo->month);
            demo->month_end = mcp_date_month_end(demo->month_start);
            if (cost__demo_charge(demo, c, &row)) {
                assert_int_equal(row.num[COST_NUM_EFFECTIVE].units, 0);
                assert_int_equal(cost_money_add(&billed, row.num[COST_NUM_BILLED]), 0);
            }
        }
        assert_true(billed.units > 0);
        assert_int_equal(cost_money_cmp(billed, effective), 0);
    }
    cost_demo_free(demo);
}

static void the_anomaly_is_four_days_of_one_service(void **state)
{
    (void)state;
    struct cost_demo *demo = demo_of("2026-11-20", 13);
    const struct demo_template *t = demo->templates;
    struct cost_row row, before;
    int spikes = 0;
    while ((t->meter->flags & DEMO_ANOMALY) == 0 || t->instance != 0)
        t++;
    for (int ago = 0; ago < 28; ago++) {
        assert_true(cost__demo_usage(demo, t, demo->options.last_day - ago, &row));
        assert_true(cost__demo_usage(demo, t, demo->options.last_day - ago - 28, &before));
        spikes += row.num[COST_NUM_BILLED].units > 5 * before.num[COST_NUM_BILLED].units;
    }
    assert_int_equal(spikes, 4);
    cost_demo_free(demo);
}

static void idle_meters_run_every_day(void **state)
{
    (void)state;
    struct cost_demo *demo = demo_of("2026-11-20", 13);
    struct cost_row row;
    int idle = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        if ((demo->templates[i].meter->flags & DEMO_IDLE) == 0)
            continue;
        for (int ago = 0; ago < 30; ago++) {
            assert_true(
                cost__demo_usage(demo, &demo->templates[i], demo->options.last_day - ago, &row));
            assert_true(row.text[COST_COL_IDLE_METER].len > 0);
        }
        idle++;
    }
    assert_int_equal(idle, 3);
    cost_demo_free(demo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_is_above_contracted_is_above_billed),
        cmocka_unit_test(a_commitment_is_used_and_unused_to_the_last_digit),
        cmocka_unit_test(the_anomaly_is_four_days_of_one_service),
        cmocka_unit_test(idle_meters_run_every_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
