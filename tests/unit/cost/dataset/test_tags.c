/* Tag keys, filters on tags, and the split of the missing bucket. */
#include "ask_help.h"
#include "cost/dataset/tags.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

/* team=a 4, team=b 3, Team=a 2 (another key), untagged usage 10, a credit and usage without a
 * resource are untaggable: -1 + 5. */
static const struct test_row bill[] = {
    { .day = "2026-09-01", .billed = "4", .resource = "r1", .tags = "{'team': 'a'}" },
    { .day = "2026-09-01",
      .billed = "3",
      .resource = "r2",
      .tags = "{'team': 'b', 'user:env': 'prod'}" },
    { .day = "2026-09-01", .billed = "2", .resource = "r3", .tags = "{'Team': 'a'}" },
    { .day = "2026-09-01", .billed = "10", .resource = "r4" },
    { .day = "2026-09-01", .billed = "-1", .charge = "Credit" },
    { .day = "2026-09-30", .billed = "5" },
};

static void the_core_of_a_key_has_no_scheme_and_no_spaces(void **state)
{
    static const struct {
        const char *key, *core;
    } rows[] = {
        { "org", "org" },
        { " org", "org" },
        { "user:org", "org" },
        { "User:org", "org" },
        { "resourceTags/user:org", "org" },
        { "labels/org", "org" },
        { "aws:org", "aws:org" },
        { "goog-k8s", "goog-k8s" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(mcp_str_eq(cost__tags_core(mcp_str_z(rows[i].key)), mcp_str_z(rows[i].core)));
}

static void the_exact_key_wins_and_variants_are_listed(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['tag:team']}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "-=16 a=4 b=3");
    assert_int_equal(r->n_tag_variants, 2);
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(test_money(r->tag_variants[i].cost),
                            mcp_str_eq(r->tag_variants[i].key, MCP_STR("team")) ? "7" : "2");
    assert_string_equal(test_money(r->blocks[0].tagged), "7");
    assert_string_equal(test_money(r->blocks[0].untagged), "12");
    assert_string_equal(test_money(r->blocks[0].untaggable), "4");
    test_data_close(&d);
}

static void the_only_variant_is_taken_and_two_are_ambiguous(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['tag:ENV']}");
    assert_string_equal(test_groups(&r->blocks[0]), "-=20 prod=3");
    assert_string_equal(
        test_costs_refused(&d, "{'period': '2026-09', 'group_by': ['tag:TEAM']}")->code,
        "ambiguous_value");
    test_data_close(&d);
}

static void an_unknown_key_leaves_every_row_without_value(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_costs(&d, "{'period': '2026-09', 'group_by': ['tag:teem']}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "-=23");
    assert_true(test_warned(r, "unknown_value"));
    assert_non_null(strstr(r->warnings[0].next.ptr, "team"));
    test_data_close(&d);
}

static void tags_filter_by_value_by_not_and_by_null(void **state)
{
    static const struct {
        const char *args, *total;
    } rows[] = {
        { "{'period': '2026-09', 'filters': {'tag:team': ['a']}}", "4" },
        { "{'period': '2026-09', 'filters': {'tag:team': ['A', 'b']}}", "7" },
        { "{'period': '2026-09', 'filters': {'tag:team': {'not': ['a']}}}", "19" },
        { "{'period': '2026-09', 'filters': {'tag:team': {'not': ['a', null]}}}", "3" },
        { "{'period': '2026-09', 'filters': {'tag:team': [null]}}", "16" },
        { "{'period': '2026-09', 'filters': {'tag:nosuch': [null]}}", "23" },
    };
    struct test_data d;

    (void)state;
    OPEN(bill);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct cost_result *r = test_costs(&d, rows[i].args);

        test_holds(r);
        assert_string_equal(test_money(r->blocks[0].total.sum), rows[i].total);
    }
    assert_true(test_warned(
        test_costs(&d, "{'period': '2026-09', 'filters': {'tag:team': ['zz']}}"), "unknown_value"));
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_core_of_a_key_has_no_scheme_and_no_spaces),
        cmocka_unit_test(the_exact_key_wins_and_variants_are_listed),
        cmocka_unit_test(the_only_variant_is_taken_and_two_are_ambiguous),
        cmocka_unit_test(an_unknown_key_leaves_every_row_without_value),
        cmocka_unit_test(tags_filter_by_value_by_not_and_by_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
