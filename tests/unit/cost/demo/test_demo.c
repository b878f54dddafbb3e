/* Tests of the synthetic bills as a whole. */
#include <cost/demo.h>
#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sums {
    uint64_t rows, late, corrections, refunds, null_contracted, idle, unused;
    struct cost_money billed[2], effective[2]; /* USD, EUR */
    int64_t last_end; /* of usage rows */
    uint64_t hash;
    bool families[4];
    uint64_t hour[24];
};

static mcp_str col(const struct cost_row *row, enum cost_col c)
{
    return row->text[c];
}

static bool is(const struct cost_row *row, enum cost_col c, const char *z)
{
    return mcp_str_eq(col(row, c), mcp_str_z(z));
}

static void count(const struct cost_row *row, struct sums *s)
{
    static const char *const families[] = { "aws", "azure", "gcp", "oracle" };
    int currency = is(row, COST_COL_CURRENCY, "EUR");
    s->rows++;
    s->late += row->charge_start < row->billing_start;
    s->corrections += is(row, COST_COL_CHARGE_CLASS, "Correction");
    s->refunds += is(row, COST_COL_CHARGE_CATEGORY, "Usage") && row->num[COST_NUM_BILLED].units < 0;
    s->null_contracted += row->null_num[COST_NUM_CONTRACTED];
    s->idle += col(row, COST_COL_IDLE_METER).len > 0;
    s->unused += is(row, COST_COL_COMMITMENT_STATUS, "Unused");
    assert_int_equal(cost_money_add(&s->billed[currency], row->num[COST_NUM_BILLED]), 0);
    assert_int_equal(cost_money_add(&s->effective[currency], row->num[COST_NUM_EFFECTIVE]), 0);
    if (is(row, COST_COL_CHARGE_CATEGORY, "Usage") && row->charge_end > s->last_end)
        s->last_end = row->charge_end;
    for (int i = 0; i < 4; i++)
        s->families[i] |= is(row, COST_COL_PROVIDER, families[i]);
    s->hash = s->hash * 31 + mcp_str_hash(col(row, COST_COL_RESOURCE)) +
              (uint64_t)row->num[COST_NUM_LIST].units + (uint64_t)row->charge_start;
    s->hour[row->charge_start / 3600 % 24]++;
}

static void read_all(uint64_t seed, const char *last, int months, uint64_t rows, struct sums *s)
{
    struct cost_demo_options options = { .seed = seed, .months = months, .rows = rows };
    struct cost_row row;
    struct mcp_error err = { 0 };
    int rc;
    *s = (struct sums){ 0 };
    assert_int_equal(mcp_date_parse(mcp_str_z(last), &options.last_day), 0);
    struct cost_demo *demo = cost_demo_new(&options);
    assert_non_null(demo);
    while ((rc = cost_demo_next(demo, &row, &err)) == 1)
        count(&row, s);
    assert_int_equal(rc, 0);
    assert_int_equal(cost_demo_next(demo, &row, &err), 0); /* the end stays the end */
    cost_demo_free(demo);
}

static void it_shows_everything_a_bill_can_hold(void **state)
{
    (void)state;
    struct sums s;
    read_all(0, "2026-11-20", 0, 0, &s);
    assert_in_range(s.rows, 60000, 100000);
    for (int i = 0; i < 4; i++)
        assert_true(s.families[i]);
    assert_true(s.late > 20 && s.corrections >= 24 && s.refunds > 10);
    assert_true(s.null_contracted > 100 && s.idle > 1000 && s.unused > 100);
    assert_true(s.billed[0].units > 0 && s.billed[1].units > 0);
    assert_true(cost_money_cmp(s.billed[0], s.effective[0]) != 0);
}

static void the_same_options_give_the_same_rows(void **state)
{
    (void)state;
    struct sums a, b, c, d;
    read_all(7, "2026-11-20", 3, 0, &a);
    read_all(7, "2026-11-20", 3, 0, &b);
    read_all(8, "2026-11-20", 3, 0, &c);
    read_all(7, "2026-11-21", 3, 0, &d);
    assert_memory_equal(&a, &b, sizeof(a));
    assert_true(a.hash != c.hash && a.hash != d.hash);
}

static void usage_reaches_the_end_of_the_last_day(void **state)
{
    (void)state;
    static const char *const days[] = { "2026-11-20", "2024-02-29", "2026-12-31", "2026-01-01" };
    for (int i = 0; i < 4; i++)
        for (uint64_t rows = 0; rows <= 400000; rows += 100000) {
            struct sums s;
            int32_t day;
            read_all(1, days[i], 2, rows, &s);
            assert_int_equal(mcp_date_parse(mcp_str_z(days[i]), &day), 0);
            assert_int_equal(s.last_end, ((int64_t)day + 1) * 86400);
        }
}

static void more_rows_are_the_same_money_by_the_hour(void **state)
{
    (void)state;
    struct sums one, many;
    read_all(3, "2026-11-20", 2, 0, &one);
    read_all(3, "2026-11-20", 2, 300000, &many);
    assert_in_range(many.rows, 290000, 310000);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cost_money_cmp(one.billed[i], many.billed[i]), 0);
        assert_int_equal(cost_money_cmp(one.effective[i], many.effective[i]), 0);
    }
    for (int h = 0; h < 24; h++)
        assert_true(many.hour[h] > 0);
}

static void fewer_rows_thin_out_the_plain_usage(void **state)
{
    (void)state;
    struct sums s;
    read_all(3, "2026-11-20", 4, 4000, &s);
    assert_in_range(s.rows, 3000, 5000);
    assert_true(s.unused > 0 && s.idle > 0 && s.corrections > 0);
}

static void billing_periods_are_months_and_rows_have_their_texts(void **state)
{
    (void)state;
    struct cost_demo_options options = { .months = 2 };
    struct cost_row row;
    assert_int_equal(mcp_date_parse(MCP_STR("2026-11-20"), &options.last_day), 0);
    struct cost_demo *demo = cost_demo_new(&options);
    while (cost_demo_next(demo, &row, NULL) == 1) {
        int32_t start = mcp_instant_date(row.billing_start);
        assert_int_equal(start, mcp_date_month_start(start));
        assert_int_equal(row.billing_end, ((int64_t)mcp_date_month_end(start) + 1) * 86400);
        assert_true(row.charge_start < row.charge_end);
        assert_true(col(&row, COST_COL_SERVICE).len > 0 && col(&row, COST_COL_CURRENCY).len == 3);
        assert_true(col(&row, COST_COL_SERVICE_CATEGORY).len > 0);
        assert_true(col(&row, COST_COL_BILLING_ACCOUNT).len > 0);
        if (is(&row, COST_COL_SERVICE_PROVIDER, "Example Observability"))
            assert_true(is(&row, COST_COL_INVOICE_ISSUER, "Amazon Web Services, Inc."));
    }
    cost_demo_free(demo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_shows_everything_a_bill_can_hold),
        cmocka_unit_test(the_same_options_give_the_same_rows),
        cmocka_unit_test(usage_reaches_the_end_of_the_last_day),
        cmocka_unit_test(more_rows_are_the_same_money_by_the_hour),
        cmocka_unit_test(fewer_rows_thin_out_the_plain_usage),
        cmocka_unit_test(billing_periods_are_months_and_rows_have_their_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
