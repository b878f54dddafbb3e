/* The group table: the same exact sums from rollups and from facts. */
#include "cost/dataset/group.h"

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct cost_preds everything;
static const struct cost_range both = { 0, 1 << 20 };

/* The same sums by rollup, by facts, by the ledger and by a scan without groups. */
static void all_paths_give_the_same_sums(void **state)
{
    struct cost_cube_key keys[] = { { .col = COST_COL_CURRENCY } };
    struct cost_frame frame = { COST_USAGE, COST_TOTAL, both };
    struct mcp_error err = { 0 };
    struct test_data d;

    (void)state;
    test_data_open_many(&d);
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
        assert_int_equal(rows, TEST_MANY_ROWS);
        cost__cube_release(&cube);
    }
    test_data_close(&d);
}

/* Effective is null in two of three rows, billed 3 and 5. */
static void unknown_rows_are_counted_with_what_they_billed(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "2" },
        { .day = "2026-09-01", .billed = "3", .effective = "" },
        { .day = "2026-09-02", .billed = "5", .effective = "" },
    };
    struct cost_cube_key keys[] = { { .col = COST_COL_CURRENCY } };
    struct cost_frame frame = { COST_USAGE, COST_TOTAL, both };
    uint64_t unknown = 0, n_rows = 0;
    struct mcp_error err = { 0 };
    struct cost_cube cube;
    struct test_data d;
    struct cost_scan scan = { .preds = &everything, .range = both };
    __int128 lacking = 0, sum = 0;

    (void)state;
    test_data_open(&d, rows, 3);
    scan.snap = d.snap;
    scan.scope = &d.scope;
    assert_int_equal(cost__cube_init(&cube, d.snap, d.arena, keys, 1, &frame, &err), 0);
    scan.cols = cost__cube_cols(&cube);
    assert_int_equal(cost__cube_scan(&cube, &scan, &err), 0);
    for (size_t i = 0; i < cube.n_cells; i++) {
        const struct cost_cell *cell = &cube.cells[i];

        n_rows += cell->rows;
        sum += cell->sum[COST_EFFECTIVE];
        if (cell->ext == 0)
            continue;
        unknown += cube.ext[cell->ext - 1].unknown[COST_EFFECTIVE];
        lacking += cube.ext[cell->ext - 1].lacking[COST_EFFECTIVE];
    }
    assert_int_equal(n_rows, 3);
    assert_int_equal(unknown, 2);
    assert_string_equal(test_money((struct cost_money){ lacking }), "8");
    assert_string_equal(test_money((struct cost_money){ sum }), "2");
    cost__cube_release(&cube);
    test_data_close(&d);
}

/* Keys are packed into two words and read back. */
static void keys_are_told_apart_by_every_column(void **state)
{
    struct cost_cube_key keys[] = { { .col = COST_COL_SERVICE },
                                    { .col = COST_COL_PROVIDER },
                                    { .col = COST_COL_CURRENCY } };
    struct cost_frame frame = { COST_USAGE, COST_TOTAL, both };
    struct mcp_error err = { 0 };
    unsigned seen = 0;
    struct cost_cube cube;
    struct test_data d;
    struct cost_scan scan = { .preds = &everything, .range = both };

    (void)state;
    test_data_open_many(&d);
    scan.snap = d.snap;
    scan.scope = &d.scope;
    assert_int_equal(cost__cube_init(&cube, d.snap, d.arena, keys, 3, &frame, &err), 0);
    scan.cols = cost__cube_cols(&cube);
    assert_int_equal(cost__cube_scan(&cube, &scan, &err), 0);
    assert_int_equal(cube.n_cells, 3);
    for (size_t i = 0; i < cube.n_cells; i++) {
        seen |= 1u << cost__cube_id(&cube, &cube.cells[i].key, 0);
        assert_int_equal(cost__cube_id(&cube, &cube.cells[i].key, 1), 1);
        assert_int_equal(cost__profile_charge(cost__cube_profile(&cube, &cube.cells[i].key)),
                         COST_CHARGE_USAGE);
    }
    assert_int_equal(seen, 1u << 1 | 1u << 2 | 1u << 3);
    cost__cube_release(&cube);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_paths_give_the_same_sums),
        cmocka_unit_test(unknown_rows_are_counted_with_what_they_billed),
        cmocka_unit_test(keys_are_told_apart_by_every_column),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
