/* Rollups: exact sums of the facts they stand for, only where they are worth it. */
#include "import_help.h"

#include "cost/dataset/rollup.h"
#include "cost/dataset/snapshot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static const __int128 one = 1000000000000000000;

struct sums {
    __int128 num[COST_N_NUMS];
    uint64_t rows;
    unsigned blocks;
};

static __int128 value(const struct cost_nums *n, uint32_t i)
{
    __int128 v = n->constant ? n->value : n->v64 != NULL ? n->v64[i] : n->v128[i];

    for (int s = 0; s < n->shift; s++)
        v *= 10;
    return v;
}

static int add(void *ctx, struct cost_block *b, struct mcp_error *err)
{
    struct sums *s = ctx;

    (void)err;
    s->blocks++;
    s->rows += cost__block_rows(b);
    for (int m = 0; m < COST_N_NUMS; m++) {
        struct cost_nums n;

        assert_int_equal(cost__block_nums(b, (enum cost_num)m, &n), 0);
        for (uint32_t i = 0; n.present && i < cost__block_rows(b); i++)
            s->num[m] += value(&n, i);
    }
    return 0;
}

static void rollups_add_up_to_their_facts(void **state)
{
    struct import_test t;
    struct mcp_buf text;
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    const struct cost_slice *slices;

    (void)state;
    import_test_begin(&t);
    mcp_buf_init(&text, (size_t)16 << 20);
    mcp_buf_z(&text, import_header);
    /* EffectiveCost is null in every third row. */
    for (int i = 0; i < 6000; i++)
        mcp_buf_printf(
            &text,
            "2026-01-01,2026-02-01,2026-01-%02dT%02d:00:00Z,2026-01-%02dT%02d:30:00Z,%d.%03d,"
            "%s,1,1,USD,acct,p%d,AWS,%s\n",
            i % 28 + 1, i % 23, i % 28 + 1, i % 23, i % 7, i % 1000, i % 3 == 0 ? "" : "2.5",
            i % 10, i % 50 == 0 ? "Credit" : "Usage");
    mcp_buf_char(&text, '\0');
    assert_int_equal(import_one(&t, import_file(&t, "a.csv", text.ptr)), 0);
    ds = cost_dataset_new(mcp_str_z(t.dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), 0);
    assert_int_equal(cost__snapshot_slices(snap, &slices), 1);
    for (int k = COST_FACTS + 1; k < COST_N_BLOCK_KINDS; k++) {
        struct sums facts = { .rows = 0 }, rollup = { .rows = 0 };

        assert_true(slices[0].has_rollup[k]);
        assert_int_equal(
            cost__snapshot_blocks(snap, slices[0].id, COST_FACTS, NULL, add, &facts, NULL), 0);
        assert_int_equal(cost__snapshot_blocks(snap, slices[0].id, (enum cost_block_kind)k, NULL,
                                               add, &rollup, NULL),
                         0);
        assert_true(rollup.rows * 4 <= facts.rows);
        for (int m = 0; m < COST_NUM_QUANTITY; m++)
            assert_true(facts.num[m] == rollup.num[m]);
        assert_true(rollup.num[COST_NUM_ROWS] == 6000 * one);
        assert_true(rollup.num[COST_NUM_UNKNOWN_EFFECTIVE] == 2000 * one);
        assert_true(rollup.num[COST_NUM_UNKNOWN_BILLED] == 0);
        assert_true(rollup.num[COST_NUM_LACKING_EFFECTIVE] > 0);
        assert_true(rollup.num[COST_NUM_LACKING_LIST] == 0);
    }
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    mcp_buf_release(&text);
    import_test_end(&t);
}

static void a_rollup_as_large_as_its_facts_is_not_kept(void **state)
{
    struct import_test t;
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    const struct cost_slice *slices;

    (void)state;
    import_test_begin(&t);
    assert_int_equal(
        import_one(&t, import_file(&t, "a.csv",
                                   import_rows(&t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2"))),
        0);
    ds = cost_dataset_new(mcp_str_z(t.dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), 0);
    assert_int_equal(cost__snapshot_slices(snap, &slices), 1);
    assert_true(slices[0].has_rollup[COST_FACTS]);
    assert_false(slices[0].has_rollup[COST_ROLLUP_SERVICE]);
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    import_test_end(&t);
}

static void each_kind_has_its_columns(void **state)
{
    (void)state;
    assert_true(cost__rollup_has(COST_ROLLUP_SERVICE, COST_COL_SERVICE));
    assert_false(cost__rollup_has(COST_ROLLUP_SERVICE, COST_COL_PROJECT));
    assert_true(cost__rollup_has(COST_ROLLUP_ACCOUNT, COST_COL_PROJECT));
    assert_true(cost__rollup_has(COST_ROLLUP_REGION, COST_COL_REGION));
    assert_false(cost__rollup_has(COST_ROLLUP_REGION, COST_COL_TAGS));
    for (int c = 0; c < COST_N_COLS; c++)
        assert_true(cost__rollup_has(COST_FACTS, (enum cost_col)c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rollups_add_up_to_their_facts),
        cmocka_unit_test(a_rollup_as_large_as_its_facts_is_not_kept),
        cmocka_unit_test(each_kind_has_its_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
