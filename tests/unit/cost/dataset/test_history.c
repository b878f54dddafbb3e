/* The history of a forecast: modelled days, scheduled charges, what is left out. */

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *on(int month, int d)
{
    static char texts[512][12];
    static unsigned at;

    snprintf(texts[at % 512], sizeof(texts[0]), "2026-%02d-%02d", month, d);
    return texts[at++ % 512];
}

/* August 2..31 and September 1..15: usage 1 a day, a commitment fee of 0.5 a day (recurring), on
 * the 10th a monthly fee of 20 (August) and 21 (September), on 9 August a one-time purchase of 300,
 * tax 7 on 31 August and 3 on 15 September, a credit of -2 in August. */
static size_t bill(struct test_row *rows)
{
    size_t n = 0;

    for (int i = 0; i < 45; i++) {
        const char *day = i < 30 ? on(8, i + 2) : on(9, i - 29);

        rows[n++] = (struct test_row){ .day = day, .billed = "1", .service = i % 2 ? "A" : "B" };
        rows[n++] = (struct test_row){
            day, "0.5", .service = "A", .charge = "Purchase", .frequency = "Recurring", .sku = "fee"
        };
    }
    rows[n++] = (struct test_row){ on(8, 10),
                                   "20",
                                   .service = "A",
                                   .charge = "Purchase",
                                   .frequency = "Recurring",
                                   .sku = "plan",
                                   .hours = 24 * 31 };
    rows[n++] = (struct test_row){ on(9, 10),
                                   "21",
                                   .service = "A",
                                   .charge = "Purchase",
                                   .frequency = "Recurring",
                                   .sku = "plan",
                                   .hours = 24 * 30 };
    rows[n++] = (struct test_row){ .day = on(8, 9),
                                   .billed = "300",
                                   .service = "A",
                                   .charge = "Purchase",
                                   .frequency = "One-Time" };
    rows[n++] =
        (struct test_row){ .day = on(8, 31), .billed = "7", .service = "A", .charge = "Tax" };
    rows[n++] =
        (struct test_row){ .day = on(9, 15), .billed = "3", .service = "A", .charge = "Tax" };
    rows[n++] =
        (struct test_row){ .day = on(8, 12), .billed = "-2", .service = "A", .charge = "Credit" };
    return n;
}

static void open_bill(struct test_data *d)
{
    static struct test_row rows[128];

    test_data_open(d, rows, bill(rows));
}

static void usage_and_daily_purchases_are_modelled(void **state)
{
    const struct cost_history *h;
    struct test_data d;

    (void)state;
    open_bill(&d);
    h = test_history(&d, "{}");
    assert_int_equal(h->n_series, 1);
    assert_int_equal(h->series[0].n, 45);
    for (size_t i = 0; i < 45; i++)
        assert_string_equal(test_money(h->series[0].days[i]), "1.5");
    test_data_close(&d);
}

static void monthly_charges_keep_their_day_and_the_latest_amount(void **state)
{
    const struct cost_history_series *s;
    struct test_data d;

    (void)state;
    open_bill(&d);
    s = &test_history(&d, "{}")->series[0];
    assert_int_equal(s->n_scheduled, 1);
    assert_int_equal(s->scheduled[0].day_of_month, 10);
    assert_string_equal(test_money(s->scheduled[0].amount), "21");
    test_data_close(&d);
}

static void the_rest_is_listed_with_last_months_amount(void **state)
{
    const struct cost_history_series *s;
    struct test_data d;
    static const char *const amounts[] = { "tax", "7", "credit", "-2", "one_time_purchase", "300" };

    (void)state;
    open_bill(&d);
    s = &test_history(&d, "{}")->series[0];
    assert_int_equal(s->n_excluded, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_true(mcp_str_eq(s->excluded[i].what, mcp_str_z(amounts[2 * i])));
        assert_string_equal(test_money(s->excluded[i].last_month), amounts[2 * i + 1]);
    }
    test_data_close(&d);
}

static void groups_have_series_of_their_own(void **state)
{
    const struct cost_history *h;
    struct test_data d;

    (void)state;
    open_bill(&d);
    h = test_history(&d, "{'group_by': ['service']}");
    assert_int_equal(h->n_series, 2);
    assert_true(mcp_str_eq(h->series[0].key.value, MCP_STR("A")));
    assert_true(mcp_str_eq(h->series[1].key.value, MCP_STR("B")));
    assert_int_equal(h->series[1].n_excluded, 0);
    assert_string_equal(test_money(h->series[1].total), "23"); /* 45 days, the even ones */
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(usage_and_daily_purchases_are_modelled),
        cmocka_unit_test(monthly_charges_keep_their_day_and_the_latest_amount),
        cmocka_unit_test(the_rest_is_listed_with_last_months_amount),
        cmocka_unit_test(groups_have_series_of_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
