/* The scanner: the smallest blocks that do, and only the rows that pass. */
#include "ask_help.h"
#include "cost/dataset/scan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
    test_data_open_many(&d);
    c = count(&d, &both, COST_COL_BIT(COST_COL_SERVICE), false);
    assert_int_equal(c.rollups, 2);
    assert_int_equal(c.rows, 180); /* 60 days of 3 services */
    c = count(&d, &both, COST_COL_BIT(COST_COL_RESOURCE), false);
    assert_int_equal(c.rollups, 0);
    assert_int_equal(c.rows, TEST_MANY_ROWS);
    c = count(&d, &both, COST_COL_BIT(COST_COL_SERVICE), true);
    assert_int_equal(c.rows, TEST_MANY_ROWS);
    test_data_close(&d);
}

static void days_outside_the_range_are_left_out(void **state)
{
    const struct cost_slice *slices;
    struct cost_range range;
    struct test_data d;

    (void)state;
    test_data_open_many(&d);
    assert_int_equal(cost__snapshot_slices(d.snap, &slices), 2);
    range = (struct cost_range){ slices[0].day_min, slices[0].day_min };
    assert_int_equal(count(&d, &range, 0, true).rows, 100);
    assert_int_equal(count(&d, &range, 0, false).rows, 3);
    range = (struct cost_range){ slices[0].day_min - 10, slices[0].day_min - 1 };
    assert_int_equal(count(&d, &range, 0, true).blocks, 0);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_smallest_blocks_that_hold_the_columns_are_read),
        cmocka_unit_test(days_outside_the_range_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
