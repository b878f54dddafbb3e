/* Deliveries: what replaces what, what is refused, what changes nothing (contract.md section 5). */
#include "import_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

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

static const struct cost_import_options with_replace = { .replace = true };
static const struct cost_import_options with_partial = { .partial = true };
static const struct cost_import_options with_append = { .append = true };
static const struct cost_import_options with_latest = { .latest = true };

static void a_growing_bill_replaces_the_one_before(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    assert_string_equal(t->report.slices[0].what, "new");
    assert_int_equal(
        import_one(t, import_file(t, "b.csv",
                                  import_rows(t, "2026-01", "2026-01-05,p1,1.5 2026-01-06,p2,2"))),
        0);
    assert_string_equal(import_total(t), "3.5/2");
    assert_int_equal(t->report.n_slices, 1);
    assert_string_equal(t->report.slices[0].what, "replaced");
    assert_int_equal(t->report.slices[0].rows_before, 1);
    assert_int_equal(t->report.slices[0].rows_after, 2);
}

static void another_month_is_added(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-02", "2026-02-05,p1,2"))), 0);
    assert_string_equal(import_total(t), "3/2");
}

static void a_bill_that_lost_a_sub_account_is_refused(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv",
                                  import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-05,p2,2"))),
        0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-05,p1,9"))),
        MCP_EREFUSED);
    assert_string_equal(t->err.code, "would_vanish");
    assert_non_null(strstr(t->err.message, "sub-account p2"));
    assert_non_null(strstr(t->err.next, "--replace"));
    assert_non_null(strstr(t->err.next, "--partial"));
    assert_non_null(strstr(t->err.next, "--append"));
    assert_string_equal(import_total(t), "3/2");
}

static void a_bill_that_lost_a_day_is_refused(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv",
                                  import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2"))),
        0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-05,p1,9"))),
        MCP_EREFUSED);
    assert_non_null(strstr(t->err.message, "usage of 2026-01-06"));
}

static void replace_takes_the_smaller_bill_as_it_is(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv",
                                  import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p2,2"))),
        0);
    assert_int_equal(
        import_paths(t, &with_replace, 1,
                     import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-05,p1,9"))),
        0);
    assert_string_equal(import_total(t), "9/1");
}

static void partial_replaces_only_its_cells(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv",
                                  import_rows(t, "2026-01",
                                              "2026-01-05,p1,1 2026-01-05,p2,2 2026-01-06,p1,4"))),
        0);
    assert_int_equal(
        import_paths(t, &with_partial, 1,
                     import_file(t, "b.csv",
                                 import_rows(t, "2026-01", "2026-01-05,p1,10 2026-01-07,p1,20"))),
        0);
    assert_string_equal(t->report.slices[0].what, "partly replaced");
    assert_string_equal(import_total(t), "36/4");
}

static void append_adds_and_knows_its_files(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));
    mcp_str b = import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-06,p1,2"));
    mcp_str before;

    assert_int_equal(import_one(t, a), 0);
    assert_int_equal(import_paths(t, &with_append, 1, b), 0);
    assert_string_equal(t->report.slices[0].what, "appended");
    assert_string_equal(import_total(t), "3/2");
    before = import_generation(t);
    assert_int_equal(import_paths(t, &with_append, 1, b), 0);
    assert_string_equal(t->report.slices[0].what, "unchanged");
    assert_int_equal(t->report.n_skipped, 1);
    assert_true(mcp_str_eq(before, import_generation(t)));
    assert_string_equal(import_total(t), "3/2");
}

static void appending_another_snapshot_is_refused(void **state)
{
    struct import_test *t = *state;

    assert_int_equal(
        import_one(t, import_file(t, "a.csv",
                                  import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2"))),
        0);
    assert_int_equal(
        import_paths(t, &with_append, 1,
                     import_file(t, "b.csv",
                                 import_rows(t, "2026-01",
                                             "2026-01-05,p1,1 2026-01-06,p1,2 2026-01-07,p1,3"))),
        MCP_EREFUSED);
    assert_string_equal(t->err.code, "two_snapshots");
    assert_string_equal(import_total(t), "3/2");
}

static void the_same_delivery_again_changes_nothing(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));
    mcp_str before;

    assert_int_equal(import_one(t, a), 0);
    before = import_generation(t);
    assert_int_equal(import_one(t, a), 0);
    assert_true(mcp_str_eq(before, import_generation(t)));
    assert_string_equal(t->report.slices[0].what, "unchanged");
    assert_int_equal(t->report.slices[0].rows_after, 1);
}

static void a_bill_that_was_replaced_since_is_read_again(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));

    assert_int_equal(import_one(t, a), 0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-05,p1,7"))), 0);
    assert_int_equal(import_one(t, a), 0);
    assert_string_equal(import_total(t), "1/1");
}

static void two_snapshots_of_one_bill_are_refused_and_latest_takes_the_newer(void **state)
{
    struct import_test *t = *state;
    mcp_str a =
        import_file(t, "old.csv", import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2"));
    mcp_str b = import_file(
        t, "new.csv", import_rows(t, "2026-01", "2026-01-05,p1,1 2026-01-06,p1,2 2026-01-07,p1,4"));

    assert_int_equal(import_paths(t, NULL, 2, b, a), MCP_EREFUSED);
    assert_string_equal(t->err.code, "two_snapshots");
    assert_non_null(strstr(t->err.message, "old.csv"));
    assert_non_null(strstr(t->err.message, "new.csv"));
    assert_int_equal(import_paths(t, &with_latest, 2, b, a), 0);
    assert_string_equal(import_total(t), "7/3");
    assert_int_equal(t->report.n_skipped, 1);
    assert_non_null(strstr(t->report.skipped_files[0].ptr, "old.csv"));
}

static void parts_of_one_bill_add_up(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "p/1.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));

    (void)a;
    import_file(t, "p/2.csv", import_rows(t, "2026-01", "2026-01-06,p1,2"));
    import_file(t, "p/notes.txt", "not read");
    assert_int_equal(import_one(t, mcp_arena_printf(t->arena, "%s/p", t->dir)), 0);
    assert_string_equal(import_total(t), "3/2");
}

static void a_second_source_is_refused_unless_sub_accounts_are_disjoint(void **state)
{
    struct import_test *t = *state;
    struct cost_import_options other = { .source = MCP_STR("other") };

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    assert_int_equal(
        import_paths(t, &other, 1,
                     import_file(t, "b.csv", import_rows(t, "2026-01", "2026-01-05,p1,7"))),
        MCP_EREFUSED);
    assert_string_equal(t->err.code, "second_source");
    assert_int_equal(
        import_paths(t, &other, 1,
                     import_file(t, "c.csv", import_rows(t, "2026-01", "2026-01-05,p2,7"))),
        0);
    assert_string_equal(import_total(t), "8/2");
}

static void accounts_are_compared_without_case(void **state)
{
    struct import_test *t = *state;
    const char *rows = import_rows(t, "2026-01", "2026-01-05,p1,5");
    mcp_str upper = mcp_arena_str(t->arena, mcp_str_z(rows));
    char *at = strstr(upper.ptr, ",acct,");

    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    memcpy(at, ",ACCT,", 6);
    assert_int_equal(import_one(t, import_file(t, "b.csv", upper.ptr)), 0);
    assert_string_equal(import_total(t), "5/1");
}

static void closed_periods_come_from_the_billing_period_dataset(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));
    mcp_str p = import_file(
        t, "p.csv",
        "BillingPeriodStart,BillingPeriodEnd,BillingPeriodStatus,InvoiceIssuerName\n"
        "2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,Closed,\"Amazon Web Services, Inc.\"\n");
    struct cost_dataset *ds;
    struct cost_snapshot *snap;
    struct cost_dataset_info info;

    assert_int_equal(import_paths(t, NULL, 2, a, p), 0);
    ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    assert_int_equal(cost_dataset_acquire(ds, &snap, NULL), 0);
    assert_int_equal(cost_snapshot_info(snap, t->arena, &info, NULL), 0);
    assert_int_equal(info.n_slices, 1);
    assert_int_equal(info.slices[0].closed, 1);
    assert_false(info.slices[0].complete);
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(a_growing_bill_replaces_the_one_before),
        T(another_month_is_added),
        T(a_bill_that_lost_a_sub_account_is_refused),
        T(a_bill_that_lost_a_day_is_refused),
        T(replace_takes_the_smaller_bill_as_it_is),
        T(partial_replaces_only_its_cells),
        T(append_adds_and_knows_its_files),
        T(appending_another_snapshot_is_refused),
        T(the_same_delivery_again_changes_nothing),
        T(a_bill_that_was_replaced_since_is_read_again),
        T(two_snapshots_of_one_bill_are_refused_and_latest_takes_the_newer),
        T(parts_of_one_bill_add_up),
        T(a_second_source_is_refused_unless_sub_accounts_are_disjoint),
        T(accounts_are_compared_without_case),
        T(closed_periods_come_from_the_billing_period_dataset),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
