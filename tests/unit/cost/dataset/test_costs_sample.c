/* The figures of the public FOCUS sample (contract.md section 13). */
#include "ask_help.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct test_data sample;

static int open_sample(void **state)
{
    const char *path = test_sample();

    (void)state;
    if (path == NULL) {
        fprintf(stderr, "SKIPPED: the public FOCUS sample is not there (../shared/data/focus or "
                        "MCP_SHARED); its figures were NOT checked\n");
        return 0;
    }
    test_data_open_file(&sample, path);
    return 0;
}

static int close_sample(void **state)
{
    (void)state;
    if (sample.arena != NULL)
        test_data_close(&sample);
    return 0;
}

#define NEEDS_SAMPLE()                                                                             \
    do {                                                                                           \
        (void)state;                                                                               \
        if (sample.arena == NULL)                                                                  \
            skip();                                                                                \
    } while (0)

/* Usage 22.86192672899 + Credit -2.6137 + Adjustment 0.272. */
static void the_total_is_exact(void **state)
{
    const struct cost_block_result *b;
    const struct cost_result *r;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                            "'group_by': ['charge_category']}");
    test_holds(r);
    b = &r->blocks[0];
    assert_string_equal(test_money(b->total.sum), "20.52022672899");
    assert_string_equal(test_groups(b), "Usage=22.86192672899 Credit=-2.6137 Adjustment=0.272");
    assert_string_equal(test_money(b->totals[COST_EFFECTIVE].sum), "14.97651418586");
}

static void providers_have_their_own_sums(void **state)
{
    const struct cost_result *r;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                            "'group_by': ['provider']}");
    assert_string_equal(test_groups(&r->blocks[0]),
                        "aws=18.0066386184 azure=1.97651418586 oracle=0.53707392473");
    assert_string_equal(test_money(r->blocks[0].groups[0].effective.sum), "13");
}

static void every_grouping_sums_to_the_total(void **state)
{
    static const char *const dims[] = {
        "provider",
        "service_provider",
        "publisher",
        "invoice_issuer",
        "billing_account",
        "invoice",
        "project",
        "region",
        "service",
        "service_category",
        "service_subcategory",
        "sku",
        "resource",
        "resource_type",
        "resource_group",
        "charge_category",
        "charge_class",
        "charge_frequency",
        "pricing_category",
        "commitment",
        "commitment_status",
        "currency",
        "cluster",
        "namespace",
        "tag:org",
        "tag:environment",
        "tag:no such key",
    };

    NEEDS_SAMPLE();
    for (size_t i = 0; i < sizeof(dims) / sizeof(dims[0]); i++) {
        for (size_t k = 0; k < sizeof(dims) / sizeof(dims[0]); k += 5) {
            const struct cost_result *r;
            char args[256];

            snprintf(args, sizeof(args),
                     i == k ? "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                              "'limit': 7, 'group_by': ['%s']}"
                            : "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                              "'limit': 7, 'group_by': ['%s', '%s']}",
                     dims[i], dims[k]);
            r = test_costs(&sample, args);
            test_holds(r);
            assert_string_equal(test_money(r->blocks[0].total.sum), "20.52022672899");
        }
    }
}

static void the_invoices_are_two(void **state)
{
    NEEDS_SAMPLE();
    assert_string_equal(
        test_money(
            test_costs(&sample, "{'period': '2024-09', 'basis': 'invoice'}")->blocks[0].total.sum),
        "20.28022672899");
    assert_string_equal(
        test_money(
            test_costs(&sample, "{'period': '2024-10', 'basis': 'invoice'}")->blocks[0].total.sum),
        "0.24");
}

static void nothing_asked_is_september(void **state)
{
    const struct cost_result *r;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{}");
    assert_true(r->query.period_defaulted);
    assert_int_equal(mcp_date_civil(r->query.range.start).month, 9);
    assert_int_equal(mcp_date_civil(r->query.range.end).month, 9);
}

static void effective_is_known_to_be_unreliable(void **state)
{
    const struct cost_result *r;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31'}");
    assert_int_equal(r->blocks[0].bridge.usage_rows_zero_effective, 608);
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                            "'filters': {'provider': ['oracle']}}");
    assert_int_equal(r->blocks[0].bridge.usage_rows_zero_effective, 4);
    assert_int_equal(r->blocks[0].totals[COST_CONTRACTED].rows_unknown, 7);
}

/* Last Usage ends: AWS 2024-10-01, Oracle 2024-09-30 23:00, Microsoft 2024-09-20. */
static void freshness_is_told_per_provider(void **state)
{
    const struct cost_result *r;
    char through[3][MCP_DATE_LEN + 1];

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{}");
    assert_int_equal(r->n_freshness, 3);
    for (size_t i = 0; i < 3; i++)
        mcp_date_format(r->freshness[i].data_through, through[i]);
    assert_string_equal(through[0], "2024-09-30"); /* aws */
    assert_string_equal(through[1], "2024-09-19"); /* azure */
    assert_string_equal(through[2], "2024-09-29"); /* oracle */
    assert_true(test_warned(r, "uneven_freshness"));
}

static void tag_variants_are_listed_and_never_merged(void **state)
{
    const struct cost_result *r;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{'period': '2024-09', 'group_by': ['tag:org']}");
    assert_int_equal(r->n_tag_variants, 2);
    assert_true(r->blocks[0].has_tag_split);
}

static void one_region_of_several_names_is_one_group(void **state)
{
    const struct cost_result *r;
    size_t found = 0;

    NEEDS_SAMPLE();
    r = test_costs(&sample, "{'period': '2024-09', 'group_by': ['region'], 'limit': 100}");
    for (size_t i = 0; i < r->blocks[0].n_groups; i++)
        found += mcp_str_eq(r->blocks[0].groups[i].keys[0].value, MCP_STR("us-east-1"));
    assert_int_equal(found, 1);
    assert_string_equal(
        test_costs_refused(&sample, "{'period': '2024-09', 'filters': {'region': ['External']}}")
            ->code,
        "ambiguous_value");
}

static void red_hat_is_billed_by_aws(void **state)
{
    const struct cost_result *r;

    NEEDS_SAMPLE();
    sample.scope.family = MCP_STR("aws");
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31'}");
    assert_string_equal(test_money(r->blocks[0].total.sum), "18.0066386184");
    r = test_costs(&sample, "{'start_date': '2024-08-01', 'end_date': '2024-10-31', "
                            "'filters': {'publisher': ['Red Hat Inc.']}}");
    assert_string_equal(test_money(r->blocks[0].total.sum), "0.342");
    sample.scope.family = MCP_STR_NULL;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_total_is_exact),
        cmocka_unit_test(providers_have_their_own_sums),
        cmocka_unit_test(every_grouping_sums_to_the_total),
        cmocka_unit_test(the_invoices_are_two),
        cmocka_unit_test(nothing_asked_is_september),
        cmocka_unit_test(effective_is_known_to_be_unreliable),
        cmocka_unit_test(freshness_is_told_per_provider),
        cmocka_unit_test(tag_variants_are_listed_and_never_merged),
        cmocka_unit_test(one_region_of_several_names_is_one_group),
        cmocka_unit_test(red_hat_is_billed_by_aws),
    };

    return cmocka_run_group_tests(tests, open_sample, close_sample);
}
