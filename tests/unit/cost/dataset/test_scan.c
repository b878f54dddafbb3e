/* The scanner, the group table and the second path over a dataset with rollups. */
#include "ask_help.h"
#include "cost/dataset/check.h"
#include "cost/dataset/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ROWS 6000

/* Two months of 3000 rows each in 3 services, so that every rollup is worth keeping. The i-th row
 * bills i + 0.25: months sum to 3000 * 2999 / 2 + 750 = 4499250 and 3000 * 8999 / 2 + 750 = 13499250. */
static void open_many(struct test_data *d)
{
    static struct test_row rows[ROWS];
    static const char *const services[] = { "A", "B", "C" };
    static char amounts[ROWS][12], days[62][12];

    for (int i = 0; i < 30; i++) {
        snprintf(days[i], sizeof(days[i]), "2026-09-%02d", i + 1);
        snprintf(days[30 + i], sizeof(days[i]), "2026-10-%02d", i + 1);
    }
    for (int i = 0; i < ROWS; i++) {
        snprintf(amounts[i], sizeof(amounts[i]), "%d.25", i);
        rows[i] = (struct test_row){ .day = days[i / 3000 * 30 + i % 30],
                                     .billed = amounts[i],
                                     .service = services[i / 30 % 3],
                                     .unit = "Hours",
                                     .quantity = "1.5" };
    }
    test_data_open(d, rows, ROWS);
}

static const struct cost_preds everything;
static const struct cost_range both = { 0, 1 << 20 };

struct counts {
    unsigned blocks, rollups, batches;
    size_t rows;
};

static int count_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                       struct cost_block *block, struct mcp_error *err)
{
    struct counts *c = ctx;

    (void)slice;
    (void)block;
    (void)err;
    c->blocks++;
    c->rollups += kind != COST_FACTS;
    return 0;
}

static int count_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct counts *c = ctx;

    (void)err;
    assert_in_range(n, 1, COST_SCAN_BATCH);
    for (size_t i = 1; i < n; i++)
        assert_true(rows[i] > rows[i - 1]);
    c->batches++;
    c->rows += n;
    return 0;
}

static struct counts count(struct test_data *d, const struct cost_range *range, uint32_t cols,
                           bool facts)
{
    struct counts c = { 0 };
    struct cost_scan_sink sink = { count_block, count_rows, &c };
    struct cost_scan scan = { .snap = d->snap,
                              .scope = &d->scope,
                              .preds = &everything,
                              .range = *range,
                              .cols = cols,
                              .facts = facts };
    struct mcp_error err = { 0 };

    assert_int_equal(cost__scan_run(&scan, &sink, &err), 0);
    return c;
}

static void the_smallest_blocks_that_hold_the_columns_are_read(void **state)
{
    struct test_data d;
    struct counts c;

    (void)state;
    open_many(&d);
    c = count(&d, &both, COST_COL_BIT(COST_COL_SERVICE), false);
    assert_int_equal(c.rollups, 2);
    assert_int_equal(c.rows, 180); /* 60 days of 3 services */
    c = count(&d, &both, COST_COL_BIT(COST_COL_RESOURCE), false);
    assert_int_equal(c.rollups, 0);
    assert_int_equal(c.rows, ROWS);
    c = count(&d, &both, COST_COL_BIT(COST_COL_SERVICE), true);
    assert_int_equal(c.rows, ROWS);
    test_data_close(&d);
}

static void days_outside_the_range_are_left_out(void **state)
{
    const struct cost_slice *slices;
    struct cost_range range;
    struct test_data d;

    (void)state;
    open_many(&d);
    assert_int_equal(cost__snapshot_slices(d.snap, &slices), 2);
    range = (struct cost_range){ slices[0].day_min, slices[0].day_min };
    assert_int_equal(count(&d, &range, 0, true).rows, 100);
    assert_int_equal(count(&d, &range, 0, false).rows, 3);
    range = (struct cost_range){ slices[0].day_min - 10, slices[0].day_min - 1 };
    assert_int_equal(count(&d, &range, 0, true).blocks, 0);
    test_data_close(&d);
}

/* The same sums by rollup, by facts, by the ledger and by a scan without groups. */
static void all_paths_give_the_same_sums(void **state)
{
    struct cost_cube_key keys[] = { { .col = COST_COL_CURRENCY } };
    struct cost_frame frame = { COST_USAGE, COST_TOTAL, both };
    struct mcp_error err = { 0 };
    struct test_data d;

    (void)state;
    open_many(&d);
    for (int facts = 0; facts < 2; facts++) {
        struct cost_cube cube;
        struct cost_scan scan = {
            .snap = d.snap, .scope = &d.scope, .preds = &everything, .range = both, .facts = facts
        };
        __int128 sum = 0, quantity = 0;
        uint64_t rows = 0;

        assert_int_equal(cost__cube_init(&cube, d.snap, d.arena, keys, 1, &frame, &err), 0);
        scan.cols = cost__cube_cols(&cube);
        assert_int_equal(cost__cube_scan(&cube, &scan, &err), 0);
        for (size_t i = 0; i < cube.n_cells; i++) {
            sum += cube.cells[i].sum[COST_BILLED];
            quantity += cube.cells[i].quantity;
            rows += cube.cells[i].rows;
        }
        assert_string_equal(test_money((struct cost_money){ sum }), "17998500");
        assert_string_equal(test_money((struct cost_money){ quantity }), "9000");
        assert_int_equal(rows, ROWS);
        cost__cube_release(&cube);
    }
    test_data_close(&d);
}

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
    open_many(&d);
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
        cmocka_unit_test(the_smallest_blocks_that_hold_the_columns_are_read),
        cmocka_unit_test(days_outside_the_range_are_left_out),
        cmocka_unit_test(all_paths_give_the_same_sums),
        cmocka_unit_test(the_second_path_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
