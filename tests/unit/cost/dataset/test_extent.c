/* Dates that a caller may know: by family, by project, by Kubernetes; what doctor is told. */
#include "import_help.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct import_test t;
static struct cost_dataset *ds;
static struct cost_snapshot *snap;

/* Whole days: data_through is the day itself. */
static const char data[] = "BillingPeriodStart,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
                           "BillingCurrency,BillingAccountId,"
                           "SubAccountId,InvoiceIssuerName,ChargeCategory,Tags\n"
                           "2026-01-01,2026-01-02,2026-01-03,1,USD,a,p1,AWS,Usage,\n"
                           "2026-01-01,2026-01-05,2026-01-06,1,USD,a,p2,AWS,Usage,\"{\"\"aws:eks:"
                           "cluster-name\"\":\"\"c\"\"}\"\n"
                           "2026-01-01,2026-01-08,2026-01-09,1,USD,a,,AWS,Usage,\n"
                           "2026-01-01,2026-01-01,2027-01-01,1,USD,a,p1,AWS,Purchase,\n"
                           "2026-01-01,2026-01-03,2026-01-04,1,EUR,b,q,Acme Cloud Ltd,Usage,\n";

static int begin(void **state)
{
    (void)state;
    import_test_begin(&t);
    if (import_one(&t, import_file(&t, "a.csv", data)) != 0)
        return -1;
    ds = cost_dataset_new(mcp_str_z(t.dataset), "focus-files");
    return cost_dataset_acquire(ds, &snap, NULL);
}

static int end(void **state)
{
    (void)state;
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    import_test_end(&t);
    return 0;
}

/* "FIRST..THROUGH", or "empty". */
static const char *extent(const struct cost_scope *scope)
{
    static char text[32];
    struct cost_extent e;
    char first[MCP_DATE_LEN + 1], through[MCP_DATE_LEN + 1];

    assert_int_equal(cost_snapshot_extent(snap, scope, &e, NULL), 0);
    if (e.empty)
        return "empty";
    mcp_date_format(e.first, first);
    mcp_date_format(e.data_through, through);
    snprintf(text, sizeof(text), "%s..%s", first, through);
    return text;
}

static void purchases_that_end_later_do_not_count(void **state)
{
    struct cost_scope all = { .family = MCP_STR_NULL };
    struct cost_scope aws = { .family = MCP_STR("aws") };
    struct cost_scope none = { .family = MCP_STR("gcp") };

    (void)state;
    assert_string_equal(extent(&all), "2026-01-01..2026-01-08");
    assert_string_equal(extent(&aws), "2026-01-01..2026-01-08");
    assert_string_equal(extent(&none), "empty");
}

static void a_restricted_caller_knows_only_its_projects_dates(void **state)
{
    const mcp_str p2[] = { MCP_STR("p2") }, other[] = { MCP_STR("P2") };
    struct cost_scope scope = { .restricted = true, .projects = p2, .n_projects = 1 };

    (void)state;
    assert_string_equal(extent(&scope), "2026-01-05..2026-01-05");
    scope.unattributed = true;
    assert_string_equal(extent(&scope), "2026-01-05..2026-01-08");
    scope.unattributed = false;
    scope.projects = other;
    assert_string_equal(extent(&scope), "empty");
    scope.n_projects = 0;
    assert_string_equal(extent(&scope), "empty");
}

static void kubernetes_has_its_own_dates(void **state)
{
    struct cost_scope scope = { .kubernetes = true };

    (void)state;
    assert_string_equal(extent(&scope), "2026-01-05..2026-01-05");
}

static void doctor_is_told_what_is_there_and_what_is_wrong(void **state)
{
    struct cost_dataset_info info;

    (void)state;
    assert_int_equal(cost_snapshot_info(snap, t.arena, &info, NULL), 0);
    assert_int_equal(info.rows, 5);
    assert_int_equal(info.n_slices, 2);
    assert_int_equal(info.n_currencies, 2);
    assert_int_equal(info.n_gaps, 2); /* 3 and 4, 6 and 7 January */
    assert_int_equal(info.gaps[0].days.end - info.gaps[0].days.start, 1);
    assert_int_equal(info.n_unmapped, 1);
    assert_true(mcp_str_eq(info.unmapped[0], MCP_STR("acme-cloud-ltd")));
    assert_int_equal(info.n_missing, 2);
    assert_non_null(strstr(info.missing_columns[1].ptr, "aws: "));
    assert_non_null(strstr(info.missing_columns[1].ptr, "ListCost"));
    assert_true(info.file_bytes > 0);
    assert_int_equal(info.facts_blocks, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(purchases_that_end_later_do_not_count),
        cmocka_unit_test(a_restricted_caller_knows_only_its_projects_dates),
        cmocka_unit_test(kubernetes_has_its_own_dates),
        cmocka_unit_test(doctor_is_told_what_is_there_and_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
