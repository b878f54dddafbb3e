/* The second path: from the ledger, the sums by day, or the facts. */
#include "cost/dataset/check.h"

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_second_path_is_named(void **state)
{
    static const struct {
        int from, to; /* days from the first */
        bool filtered;
        const char *path, *total;
    } rows[] = {
        { 0, 59, false, "ledger", "17998500" },
        { 0, 29, false, "ledger", "4499250" },
        { 0, 35, false, "day_totals", NULL },
        { 0, 59, true, "facts", "17998500" },
    };
    struct test_data d;

    (void)state;
    test_data_open_many(&d);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_preds preds = { 0 };
        struct cost_result result;
        struct cost_query q = { 0 };
        struct cost_view view;
        const struct cost_check_total *totals;
        const struct cost_slice *slices;
        struct mcp_error err = { 0 };
        struct cost_range range;
        const char *path;
        static const uint64_t all = UINT64_MAX;

        cost_result_init(&result, d.arena, &q);
        assert_int_equal(cost__view_init(&view, d.snap, &d.scope, &result, &err), 0);
        cost__snapshot_slices(d.snap, &slices);
        range =
            (struct cost_range){ slices[0].day_min + rows[i].from, slices[0].day_min + rows[i].to };
        if (rows[i].filtered)
            assert_int_equal(cost__preds_add(&preds, COST_COL_SERVICE, &all, 64, &err), 0);
        assert_int_equal(
            cost__check_totals(&view, &preds, COST_USAGE, &range, &totals, &path, &err), 0);
        assert_string_equal(path, rows[i].path);
        if (rows[i].total != NULL)
            assert_string_equal(test_money((struct cost_money){ totals[1].sum[COST_BILLED] }),
                                rows[i].total);
    }
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_second_path_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
