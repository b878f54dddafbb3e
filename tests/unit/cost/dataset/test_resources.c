/* get_resources: each cost once, with first and last day. */

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

/* vm: 1 + 2; node split into pods 4 and 3, of its own 0.5; 10 without resource. Total 20.5. */
static const struct test_row bill[] = {
    { .day = "2026-09-01",
      .billed = "1",
      .resource = "vm",
      .resource_type = "VM",
      .region = "r1",
      .project = "p1",
      .tags = "{'team': 'a'}" },
    { .day = "2026-09-05",
      .billed = "2",
      .resource = "vm",
      .resource_type = "VM",
      .region = "r2",
      .project = "p1",
      .tags = "{'team': 'b'}" },
    { .day = "2026-09-02", .billed = "4", .resource = "node", .allocated = "pod-a" },
    { .day = "2026-09-03", .billed = "3", .resource = "node", .allocated = "pod-b" },
    { .day = "2026-09-03", .billed = "0.5", .resource = "node" },
    { .day = "2026-09-30", .billed = "10" },
};

static const struct cost_resource *item(const struct cost_resources *r, const char *id)
{
    for (size_t i = 0; i < r->n_items; i++) {
        if (mcp_str_eq(r->items[i].id, mcp_str_z(id)))
            return &r->items[i];
    }
    fail_msg("no resource %s", id);
    return NULL;
}

static void children_hold_their_cost_and_name_their_parent(void **state)
{
    const struct cost_resources *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_resources(&d, "{'period': '2026-09'}");
    assert_int_equal(r->items_total, 4);
    assert_true(mcp_str_eq(r->items[0].id, MCP_STR("pod-a")));
    assert_true(mcp_str_eq(r->items[0].parent, MCP_STR("node")));
    assert_string_equal(test_money(item(r, "pod-b")->cost), "3");
    assert_string_equal(test_money(item(r, "node")->cost), "0.5");
    assert_true(mcp_str_is_null(item(r, "node")->parent));
    assert_int_equal(r->n_totals, 1);
    assert_string_equal(test_money(r->totals[0].cost), "20.5");
    assert_string_equal(test_money(r->totals[0].without_resource), "10");
    test_data_close(&d);
}

static void the_latest_row_describes_a_resource(void **state)
{
    const struct cost_resource *vm;
    struct test_data d;

    (void)state;
    OPEN(bill);
    vm = item(test_resources(&d, "{'period': '2026-09'}"), "vm");
    assert_string_equal(test_money(vm->cost), "3");
    assert_true(mcp_str_eq(vm->region, MCP_STR("r2")));
    assert_int_equal(vm->n_tags, 1);
    assert_true(mcp_str_eq(vm->tags[0].value, MCP_STR("b")));
    assert_int_equal(vm->last_seen - vm->first_seen, 4);
    test_data_close(&d);
}

static void a_page_and_a_type_pick_resources(void **state)
{
    const struct cost_resources *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    r = test_resources(&d, "{'period': '2026-09', 'limit': 2}");
    assert_int_equal(r->n_items, 2);
    assert_int_equal(r->items_total, 4);
    r = test_resources(&d, "{'period': '2026-09', 'resource_type': 'vm'}");
    assert_int_equal(r->items_total, 1);
    r = test_resources(&d, "{'period': '2026-09', 'resource_type': 'disk'}");
    assert_int_equal(r->items_total, 0);
    assert_true(test_warned(&r->base, "unknown_value"));
    assert_true(r->base.no_data);
    test_data_close(&d);
}

/* Effective is unknown in both of its rows: null, not 0. */
static void an_unknown_cost_is_null(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "1", .contracted = "", .resource = "a" },
        { .day = "2026-09-30", .billed = "2", .contracted = "", .resource = "a" },
    };
    struct test_data d;

    (void)state;
    OPEN(rows);
    assert_false(
        item(test_resources(&d, "{'period': '2026-09', 'metric': 'contracted'}"), "a")->has_cost);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(children_hold_their_cost_and_name_their_parent),
        cmocka_unit_test(the_latest_row_describes_a_resource),
        cmocka_unit_test(a_page_and_a_type_pick_resources),
        cmocka_unit_test(an_unknown_cost_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
