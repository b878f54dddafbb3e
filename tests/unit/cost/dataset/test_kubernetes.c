/* The Kubernetes share of a bill. */

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

/* In scope: 4 + 3 in namespaces, 2 of the cluster alone, 1 control plane; not: 100. */
static const struct test_row bill[] = {
    { .day = "2026-09-01",
      .billed = "4",
      .resource = "node",
      .allocated = "pod-a",
      .tags = "{'aws:eks:cluster-name': 'c1', 'aws:eks:namespace': 'shop'}" },
    { .day = "2026-09-01",
      .billed = "3",
      .resource = "node",
      .allocated = "pod-b",
      .tags = "{'aws:eks:cluster-name': 'c1', 'aws:eks:namespace': 'ads'}" },
    { .day = "2026-09-01",
      .billed = "2",
      .resource = "disk",
      .tags = "{'aws:eks:cluster-name': 'c1'}" },
    { .day = "2026-09-01", .billed = "1", .service = "Amazon Elastic Kubernetes Service" },
    { .day = "2026-09-30", .billed = "100", .service = "S3" },
};

static void rows_of_clusters_and_control_planes_are_in_scope(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    d.scope.kubernetes = true;
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['namespace']}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "shop=4 -=3 ads=3");
    assert_true(mcp_str_eq(r->provider, MCP_STR("opencost")));
    assert_false(test_warned(r, "split_double_count"));
    test_data_close(&d);
}

static void without_a_namespace_the_export_setting_is_named(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-30", .billed = "1", .service = "Amazon Elastic Kubernetes Service" },
    };
    const struct mcp_error *err;
    struct test_data d;

    (void)state;
    OPEN(rows);
    d.scope.kubernetes = true;
    err = test_costs_refused(&d, "{'period': '2026-09', 'group_by': ['namespace']}");
    assert_int_equal(err->err, MCP_EREFUSED);
    assert_non_null(strstr(err->next, "split cost allocation"));
    assert_string_equal(test_money(test_costs(&d, "{'period': '2026-09'}")->blocks[0].total.sum),
                        "1");
    test_data_close(&d);
}

/* The unsplit node (7) and its split rows (4 + 3) in one slice. */
static void split_rows_beside_their_origin_are_told(void **state)
{
    struct test_row rows[6];
    const struct cost_result *r;
    struct test_data d;
    bool found = false;

    (void)state;
    memcpy(rows, bill, sizeof(bill));
    rows[5] = (struct test_row){ .day = "2026-09-01",
                                 .billed = "7",
                                 .resource = "node",
                                 .tags = "{'aws:eks:cluster-name': 'c1'}" };
    OPEN(rows);
    d.scope.kubernetes = true;
    r = test_costs(&d, "{'period': '2026-09'}");
    for (size_t i = 0; i < r->n_warnings; i++)
        found |= strcmp(r->warnings[i].code, "split_double_count") == 0 &&
                 strstr(r->warnings[i].text.ptr, "7 USD") != NULL;
    assert_true(found);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_of_clusters_and_control_planes_are_in_scope),
        cmocka_unit_test(without_a_namespace_the_export_setting_is_named),
        cmocka_unit_test(split_rows_beside_their_origin_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
