/* Freshness: complete, closed, and slices in order. */
#include "cost/dataset/freshness.h"

#include "ask_help.h"
#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

static void closed_is_told_by_the_export_or_by_the_grace_days(void **state)
{
    static const struct {
        const char *provider;
        int closed, through, delivered, want; /* through, delivered: days past the period's end */
    } rows[] = {
        { "aws", 1, -5, -5, 1 },  { "aws", -1, -1, 30, 0 }, { "aws", -1, 0, 14, 0 },
        { "aws", -1, 0, 15, -1 }, { "gcp", -1, 0, 5, 0 },   { "gcp", -1, 0, 6, -1 },
        { "gcp", 0, 0, 60, 0 },
    };
    int32_t end = mcp_date_from_civil((struct mcp_civil){ 2026, 9, 30 });

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_slice s = { .provider = mcp_str_z(rows[i].provider),
                                .closed = rows[i].closed,
                                .period_end = end,
                                .data_through = end + rows[i].through,
                                .delivered_at = ((int64_t)end + rows[i].delivered) * 86400 };

        if (cost__freshness_closed(&s) != rows[i].want)
            fail_msg("row %zu: %d", i, cost__freshness_closed(&s));
    }
}

/* Seven bills; October is incomplete. */
static void five_slices_are_listed_incomplete_ones_first(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-04-30", .billed = "1" }, { .day = "2026-05-31", .billed = "1" },
        { .day = "2026-06-30", .billed = "1" }, { .day = "2026-07-31", .billed = "1" },
        { .day = "2026-08-31", .billed = "1" }, { .day = "2026-09-30", .billed = "1" },
        { .day = "2026-10-02", .billed = "1" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026'}");
    assert_int_equal(r->slices_total, 7);
    assert_int_equal(r->n_slices, 5);
    assert_false(r->slices[0].complete);
    assert_int_equal(r->slices[0].closed, 0);
    assert_true(r->slices[1].complete);
    assert_true(r->slices[1].period_start > r->slices[2].period_start);
    r = test_costs(&d, "{'period': '2026-05'}");
    assert_int_equal(r->slices_total, 1);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_is_told_by_the_export_or_by_the_grace_days),
        cmocka_unit_test(five_slices_are_listed_incomplete_ones_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
