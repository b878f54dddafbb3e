/* The watched file: swapped under readers, shared by threads, damaged or missing. */
#include "import_help.h"

#include "cost/dataset/snapshot.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

static int begin(void **state)
{
    static struct import_test t;

    import_test_begin(&t);
    *state = &t;
    return 0;
}

static int end(void **state)
{
    import_test_end(*state);
    return 0;
}

static void a_missing_file_says_what_to_do(void **state)
{
    struct import_test *t = *state;
    struct cost_dataset *ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    struct cost_snapshot *snap;
    struct mcp_error err = { 0 };

    assert_null(cost_dataset_peek(ds));
    assert_int_equal(cost_dataset_acquire(ds, &snap, &err), MCP_ENOTFOUND);
    assert_non_null(strstr(err.next, "import"));
    assert_string_equal(cost_dataset_backend(ds), "focus-files");
    cost_dataset_free(ds);
}

static void files_that_are_no_dataset_are_refused(void **state)
{
    struct import_test *t = *state;
    char junk[5000];
    struct cost_dataset *ds;
    struct cost_snapshot *snap;

    memset(junk, 'x', sizeof(junk));
    import_bytes(t, "dataset.db", junk, sizeof(junk));
    ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), MCP_EDATA);
    cost_dataset_free(ds);
    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))),
        MCP_EDATA);
}

static void an_old_state_is_read_to_its_end(void **state)
{
    struct import_test *t = *state;
    struct cost_dataset *ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    struct cost_dataset *later;
    struct cost_snapshot *old, *again, *new;
    struct cost_dataset_info info;
    mcp_str text;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    assert_int_equal(cost_dataset_acquire(ds, &old, NULL), 0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-02", "2026-02-05,p2,1"))), 0);
    /* Within the second the path is not looked at; a new watcher sees the new file. */
    again = cost_dataset_peek(ds);
    assert_ptr_equal(again, old);
    later = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(later, &new, NULL), 0);
    assert_false(mcp_str_eq(cost_snapshot_generation(old), cost_snapshot_generation(new)));
    /* The old file has no name any more; a first question opens new connections to it. */
    assert_int_equal(cost__dict_text(old, COST_COL_PROJECT, 1, &text, NULL), 0);
    assert_true(mcp_str_eq(text, MCP_STR("p1")));
    assert_int_equal(cost__dict_count(old, COST_COL_PROJECT), 1);
    assert_int_equal(cost__dict_count(new, COST_COL_PROJECT), 2);
    assert_int_equal(cost_snapshot_info(old, t->arena, &info, NULL), 0);
    assert_int_equal(info.n_slices, 1);
    assert_int_equal(cost_snapshot_info(new, t->arena, &info, NULL), 0);
    assert_int_equal(info.n_slices, 2);
    cost_snapshot_release(again);
    cost_dataset_free(ds);
    cost_snapshot_release(old);
    cost_snapshot_release(new);
    cost_dataset_free(later);
}

struct reader {
    struct cost_dataset *ds;
    atomic_bool *stop;
    atomic_uint reads, wrong;
};

static int sum_block(void *ctx, struct cost_block *b, struct mcp_error *err)
{
    __int128 *sum = ctx;
    struct cost_nums n;
    struct cost_ids ids;

    (void)err;
    if (cost__block_nums(b, COST_NUM_BILLED, &n) != 0 ||
        cost__block_ids(b, COST_COL_PROJECT, &ids) != 0)
        return MCP_EDATA;
    for (uint32_t i = 0; i < cost__block_rows(b); i++) {
        __int128 v = n.constant ? n.value : n.v64 != NULL ? n.v64[i] : n.v128[i];

        for (int s = 0; s < n.shift; s++)
            v *= 10;
        *sum += v;
    }
    return 0;
}

/* Every state's facts add up to its ledger. */
static bool consistent(struct cost_snapshot *snap)
{
    const struct cost_slice *slices;
    const struct cost_ledger_row *ledger;
    size_t n = cost__snapshot_slices(snap, &slices),
           n_ledger = cost__snapshot_ledger(snap, &ledger);
    __int128 sum = 0, want = 0;
    mcp_str text;

    for (size_t i = 0; i < n; i++) {
        if (cost__snapshot_blocks(snap, slices[i].id, COST_FACTS, NULL, sum_block, &sum, NULL) != 0)
            return false;
    }
    for (size_t i = 0; i < n_ledger; i++)
        want += ledger[i].sum[COST_BILLED].units;
    return sum == want && cost__dict_text(snap, COST_COL_PROJECT, 1, &text, NULL) == 0 &&
           mcp_str_eq(text, MCP_STR("p1"));
}

static void *read_on(void *ctx)
{
    struct reader *r = ctx;

    while (!atomic_load(r->stop)) {
        struct cost_snapshot *snap;

        if (cost_dataset_acquire(r->ds, &snap, NULL) != 0) {
            atomic_fetch_add(&r->wrong, 1);
            continue;
        }
        if (!consistent(snap))
            atomic_fetch_add(&r->wrong, 1);
        atomic_fetch_add(&r->reads, 1);
        cost_snapshot_release(snap);
    }
    return NULL;
}

static void threads_read_while_imports_swap_the_file(void **state)
{
    enum { THREADS = 4, IMPORTS = 6 };
    struct import_test *t = *state;
    pthread_t threads[THREADS];
    atomic_bool stop = false;
    struct reader r = { .stop = &stop };

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    r.ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, read_on, &r), 0);
    for (int i = 0; i < IMPORTS; i++) {
        char month[16], cells[64];

        snprintf(month, sizeof(month), "2026-%02d", i + 2);
        snprintf(cells, sizeof(cells), "%s-05,p%d,1.%d %s-06,p1,2", month, i, i, month);
        assert_int_equal(import_one(t, import_file(t, month, import_rows(t, month, cells))), 0);
    }
    atomic_store(&stop, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    cost_dataset_free(r.ds);
    assert_int_equal(atomic_load(&r.wrong), 0);
    assert_true(atomic_load(&r.reads) > 0);
}

static bool always(void *ctx)
{
    (void)ctx;
    return true;
}

static void a_cancelled_thread_stops_waiting(void **state)
{
    struct import_test *t = *state;
    struct mcp_buf cells;
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    const mcp_str *texts;
    size_t n;

    mcp_buf_init(&cells, 1 << 20);
    for (int i = 0; i < 3000; i++)
        mcp_buf_printf(&cells, "%s2026-01-05,p%d,1", i == 0 ? "" : " ", i);
    mcp_buf_char(&cells, '\0');
    assert_int_equal(import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", cells.ptr))),
                     0);
    mcp_buf_release(&cells);
    ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), 0);
    cost__snapshot_watch(always, NULL);
    assert_int_equal(cost__dict_all(snap, COST_COL_PROJECT, t->arena, &texts, &n, NULL),
                     MCP_ECANCELLED);
    cost__snapshot_watch(NULL, NULL);
    assert_int_equal(cost__dict_all(snap, COST_COL_PROJECT, t->arena, &texts, &n, NULL), 0);
    assert_int_equal(n, 3000);
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_missing_file_says_what_to_do),   T(files_that_are_no_dataset_are_refused),
        T(an_old_state_is_read_to_its_end),  T(threads_read_while_imports_swap_the_file),
        T(a_cancelled_thread_stops_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
