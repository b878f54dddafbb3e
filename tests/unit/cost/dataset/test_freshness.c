/* Freshness: complete, closed, and slices in order. */
#include "cost/dataset/freshness.h"
#include "cost/dataset/snapshot_open.h"

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
        int status, through, delivered; /* through, delivered: days past the period's end */
        struct cost_grace grace;
        int want;
    } rows[] = {
        { "aws", 1, -5, -5, { 14, 5 }, 1 },  { "aws", -1, -1, 30, { 14, 5 }, 0 },
        { "aws", -1, 0, 14, { 14, 5 }, 0 },  { "aws", -1, 0, 15, { 14, 5 }, -1 },
        { "gcp", -1, 0, 5, { 14, 5 }, 0 },   { "gcp", -1, 0, 6, { 14, 5 }, -1 },
        { "gcp", 0, 0, 60, { 14, 5 }, 0 },   { "aws", -1, 0, 15, { 20, 5 }, 0 },
        { "azure", -1, 0, 6, { 14, 9 }, 0 }, { "azure", -1, 0, 1, { 14, 0 }, -1 },
    };
    int32_t end = mcp_date_from_civil((struct mcp_civil){ 2026, 9, 30 });

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_slice s = { .provider = mcp_str_z(rows[i].provider),
                                .period_end = end,
                                .data_through = end + rows[i].through,
                                .delivered_at = ((int64_t)end + rows[i].delivered) * 86400 };
        int closed = cost__snapshot_closed(&s, rows[i].status, &rows[i].grace);

        if (closed != rows[i].want)
            fail_msg("row %zu: %d", i, closed);
    }
}

/* The bill of September 2026 was delivered (by the test's clock) long after its grace or not. */
static void the_grace_days_of_a_dataset_decide_its_slices(void **state)
{
    static const struct test_row rows[] = { { .day = "2026-09-30", .billed = "1" } };
    const struct cost_grace never = { INT32_MAX, INT32_MAX };
    struct cost_dataset_info info;
    struct cost_snapshot *snap;
    struct mcp_error err = { 0 };
    struct cost_dataset *ds;
    struct test_data d;

    (void)state;
    OPEN(rows);
    ds = cost_dataset_new(mcp_str_z(d.path), "focus-files");
    assert_non_null(ds);
    cost_dataset_set_grace(ds, &never);
    assert_int_equal(cost_dataset_acquire(ds, &snap, &err), 0);
    cost_snapshot_release(d.snap);
    d.snap = snap;
    assert_int_equal(test_costs(&d, "{'period': '2026-09'}")->slices[0].closed, 0);
    assert_int_equal(cost_snapshot_info(snap, d.arena, &info, &err), 0);
    assert_int_equal(info.slices[0].closed, 0);
    cost_dataset_free(ds);
    test_data_close(&d);
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
        cmocka_unit_test(the_grace_days_of_a_dataset_decide_its_slices),
        cmocka_unit_test(five_slices_are_listed_incomplete_ones_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
