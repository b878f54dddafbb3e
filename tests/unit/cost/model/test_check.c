/* Each way in which a total can differ from its parts is found. */
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

static struct cost_result *good(void)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);
    struct cost_block_result *b = model_block(r, "USD");

    model_group(r, b, "a", "31", "30");
    b->points = model_points(r, b, 31, "1");
    b->bridge.classes[COST_CLASS_OTHER].rows = 1;
    b->bridge.classes[COST_CLASS_OTHER].m[COST_BILLED] = model_money("31");
    b->bridge.classes[COST_CLASS_OTHER].m[COST_EFFECTIVE] = model_money("30");
    return r;
}

static void what_adds_up_passes(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(cost_result_check(good(), &err), 0);
}

static void assert_fails(const struct cost_result *r, const char *why)
{
    struct mcp_error err = { 0 };

    assert_int_equal(cost_result_check(r, &err), MCP_EDATA);
    assert_string_equal(err.code, "check_failed");
    assert_non_null(strstr(err.message, why));
    assert_non_null(strstr(err.next, "doctor"));
}

static void each_difference_is_found(void **state)
{
    struct cost_money unit = { 1 };
    struct cost_result *r;

    (void)state;
    r = good();
    r->blocks[0].parts_total = unit;
    assert_fails(r, "its parts");
    r = good();
    r->blocks[0].before_cost = unit;
    assert_fails(r, "its pages");
    r = good();
    r->blocks[0].other_positive = unit;
    assert_fails(r, "halves of other");
    r = good();
    r->blocks[0].bridge.classes[COST_CLASS_TAX].m[COST_EFFECTIVE] = unit;
    assert_fails(r, "classes");
    r = good();
    r->blocks[0].n_buckets--;
    assert_fails(r, "series");
}

static void an_overflow_is_no_number_either(void **state)
{
    struct cost_result *r = good();
    struct mcp_error err = { 0 };

    (void)state;
    r->blocks[0].before_cost = model_money("169999999999999999999");
    r->blocks[0].other_cost = model_money("169999999999999999999");
    assert_int_equal(cost_result_check(r, &err), MCP_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_adds_up_passes),
        cmocka_unit_test(each_difference_is_found),
        cmocka_unit_test(an_overflow_is_no_number_either),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
