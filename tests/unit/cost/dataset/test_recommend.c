/* get_recommendations: what a bill itself proves, with evidence. */

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* Days of September by number, texts kept until the next call. */
static const char *on(int d)
{
    static char texts[256][12];
    static unsigned at;

    snprintf(texts[at % 256], sizeof(texts[0]), "2026-09-%02d", d);
    return texts[at++ % 256];
}

/* 30 days of September. The commitment c1 is used 5 and unused 1 a day: 30 unused. The address ip
 * is idle on 20 days at 0.5: 10 saved. The disk is idle on 13 days only: nothing. On demand EC2 2 a
 * day (3 on the 7th): smallest 2. The vm of project p2 costs 1 a day untagged, tagged 2 a day. */
static size_t month(struct test_row *rows)
{
    size_t n = 0;

    for (int d = 1; d <= 30; d++) {
        rows[n++] = (struct test_row){ on(d),
                                       "0",
                                       .effective = "5",
                                       .commitment = "c1",
                                       .status = "Used",
                                       .pricing = "Committed" };
        rows[n++] = (struct test_row){ on(d),
                                       "0",
                                       .effective = "1",
                                       .commitment = "c1",
                                       .status = "Unused",
                                       .pricing = "Committed" };
        rows[n++] = (struct test_row){
            on(d),           d == 7 ? "3" : "2", .service = "EC2",       .region = "r1",
            .project = "p1", .resource = "i1",   .tags = "{'team': 'a'}"
        };
        rows[n++] = (struct test_row){
            on(d),           "1", .service = "Net", .category = "Networking", .project = "p2",
            .resource = "vm"
        };
        if (d <= 20)
            rows[n++] = (struct test_row){ on(d),
                                           "0.5",
                                           .service = "VPC",
                                           .category = "Networking",
                                           .project = "p1",
                                           .resource = "ip",
                                           .tags = "{'team': 'a'}",
                                           .sku = "PublicIPv4:IdleAddress",
                                           .description = "$0.005 per Idle public IPv4 address" };
        if (d <= 13)
            rows[n++] = (struct test_row){ on(d),
                                           "9",
                                           .service = "VPC",
                                           .category = "Networking",
                                           .project = "p1",
                                           .resource = "disk",
                                           .tags = "{'team': 'a'}",
                                           .sku = "PublicIPv4:IdleAddress",
                                           .description = "$0.005 per Idle public IPv4 address" };
    }
    return n;
}

static const struct cost_recommendation *find(const struct cost_recommendations *r,
                                              const char *prefix)
{
    for (size_t i = 0; i < r->n_items; i++) {
        if (mcp_str_starts(r->items[i].id, mcp_str_z(prefix)))
            return &r->items[i];
    }
    return NULL;
}

static void open_month(struct test_data *d)
{
    static struct test_row rows[256];

    test_data_open(d, rows, month(rows));
}

static void unused_commitments_are_at_stake_and_sunk(void **state)
{
    const struct cost_recommendation *item;
    struct test_data d;

    (void)state;
    open_month(&d);
    item = find(test_recommendations(&d, "{}"), "bill-unused-");
    assert_non_null(item);
    assert_true(mcp_str_eq(item->resource, MCP_STR("c1")));
    assert_string_equal(test_money(item->cost_at_stake), "30");
    assert_false(item->has_savings);
    assert_int_equal(item->n_overlaps, 1);
    test_data_close(&d);
}

static void idle_takes_fourteen_days_of_the_providers_own_words(void **state)
{
    const struct cost_recommendations *r;
    struct test_data d;

    (void)state;
    open_month(&d);
    r = test_recommendations(&d, "{'category': 'idle'}");
    assert_int_equal(r->items_total, 1);
    assert_true(mcp_str_eq(r->items[0].resource, MCP_STR("ip")));
    assert_string_equal(test_money(r->items[0].monthly_savings), "10");
    assert_int_equal(r->n_totals, 1);
    assert_string_equal(test_money(r->totals[0].savings), "10");
    assert_int_equal(r->totals[0].without_estimate, 0);
    assert_true(r->items[0].n_evidence >= 2);
    test_data_close(&d);
}

static void a_commitment_is_proposed_for_the_smallest_day(void **state)
{
    const struct cost_recommendation *item;
    struct test_data d;

    (void)state;
    open_month(&d);
    item = find(test_recommendations(&d, "{}"), "bill-candidate-");
    assert_non_null(item);
    assert_true(mcp_str_eq(item->service, MCP_STR("EC2")));
    assert_false(item->has_savings);
    assert_true(mcp_str_eq(item->evidence[0].value, MCP_STR("2")));
    test_data_close(&d);
}

static void untagged_spend_is_governance_and_no_saving(void **state)
{
    const struct cost_recommendations *r;
    struct test_data d;

    (void)state;
    open_month(&d);
    r = test_recommendations(&d, "{'category': 'governance'}");
    assert_int_equal(r->items_total, 1);
    assert_true(mcp_str_eq(r->items[0].project, MCP_STR("p2")));
    assert_string_equal(test_money(r->items[0].cost_at_stake), "30");
    assert_false(r->items[0].has_savings);
    assert_int_equal(r->totals[0].without_estimate, 1);
    test_data_close(&d);
}

static void ids_are_stable_and_small_savings_can_be_left_out(void **state)
{
    const struct cost_recommendations *a, *b;
    struct test_data d;

    (void)state;
    open_month(&d);
    a = test_recommendations(&d, "{}");
    b = test_recommendations(&d, "{}");
    assert_int_equal(a->items_total, 4);
    for (size_t i = 0; i < a->n_items; i++)
        assert_true(mcp_str_eq(a->items[i].id, b->items[i].id));
    assert_int_equal(test_recommendations(&d, "{'min_monthly_savings': 10}")->items_total, 1);
    assert_int_equal(test_recommendations(&d, "{'min_monthly_savings': 11}")->items_total, 0);
    assert_int_equal(test_recommendations(&d, "{'filters': {'project': ['p2']}}")->items_total, 1);
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unused_commitments_are_at_stake_and_sunk),
        cmocka_unit_test(idle_takes_fourteen_days_of_the_providers_own_words),
        cmocka_unit_test(a_commitment_is_proposed_for_the_smallest_day),
        cmocka_unit_test(untagged_spend_is_governance_and_no_saving),
        cmocka_unit_test(ids_are_stable_and_small_savings_can_be_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
