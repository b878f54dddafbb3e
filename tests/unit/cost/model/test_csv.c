/* get_costs as CSV. */
#include "result_help.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static mcp_str csv(const struct cost_result *r)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str text;

    mcp_buf_init(&buf, 1 << 20);
    assert_int_equal(cost_csv_costs(r, &buf, &err), 0);
    text = mcp_arena_str(arena, mcp_buf_view(&buf));
    mcp_buf_release(&buf);
    return text;
}

static void the_breakdown_is_exact_and_quoted_where_needed(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','compare':'previous_period'}", arena);
    struct cost_block_result *b = model_block(r, "USD");

    (void)state;
    model_group(r, b, "a,\"b\"", "1.000000000000000001", "2");
    model_group(r, b, NULL, "-1", NULL);
    assert_string_equal(
        csv(r).ptr,
        "service,label,cost,currency,effective,usage_quantity,usage_unit,previous,change\r\n"
        "\"a,\"\"b\"\"\",\"a,\"\"b\"\"\",1.000000000000000001,USD,2,,,0,1.000000000000000001\r\n"
        ",(none),-1,USD,,,,0,-1\r\n");
}

static void a_series_has_a_line_for_each_period_and_group(void **state)
{
    struct cost_result *r =
        model_result(COST_GET_COSTS, "{'period':'2026-10','granularity':'DAILY'}", arena);
    struct cost_block_result *b = model_block(r, "USD");
    struct cost_group *g = model_group(r, b, "a", "3", "3");

    (void)state;
    g->points = model_points(r, b, 2, "1.5");
    assert_string_equal(csv(r).ptr, "period,service,cost,currency\r\n"
                                    "2026-10-01,a,1.5,USD\r\n2026-10-02,a,1.5,USD\r\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_breakdown_is_exact_and_quoted_where_needed),
        cmocka_unit_test(a_series_has_a_line_for_each_period_and_group),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
