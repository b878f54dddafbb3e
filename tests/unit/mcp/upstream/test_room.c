/* The shared room: never more than its limit, and whoever waits is told. */
#include "mcp/upstream/room.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static unsigned told;

static void tell(void)
{
    told++;
}

static int setup(void **state)
{
    (void)state;
    told = 0;
    mcp__room_configure(1000);
    mcp__room_on_free(tell);
    return 0;
}

static void taken_never_passes_the_limit(void **state)
{
    (void)state;
    assert_true(mcp__room_take(600));
    assert_false(mcp__room_take(401));
    assert_false(mcp__room_take(SIZE_MAX));
    assert_true(mcp__room_take(400));
    assert_true(mcp__room_take(0));
    assert_false(mcp__room_take(1));
    assert_int_equal(mcp__room_used(), 1000);
    mcp__room_give(1000);
    assert_int_equal(mcp__room_used(), 0);
}

static void giving_back_tells_once_whoever_was_refused(void **state)
{
    (void)state;
    assert_true(mcp__room_take(1000));
    mcp__room_give(100);
    assert_int_equal(told, 0);
    assert_false(mcp__room_take(500));
    mcp__room_give(0);
    assert_int_equal(told, 0);
    mcp__room_give(100);
    mcp__room_give(800);
    assert_int_equal(told, 1);
}

static void lower_limit_takes_nothing_back(void **state)
{
    (void)state;
    assert_true(mcp__room_take(900));
    mcp__room_configure(500);
    assert_int_equal(mcp__room_limit(), 500);
    assert_false(mcp__room_take(1));
    mcp__room_give(900);
    assert_true(mcp__room_take(500));
    mcp__room_give(500);
    mcp__room_configure(0);
    assert_true(mcp__room_limit() == MCP__ROOM_DEFAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(taken_never_passes_the_limit, setup),
        cmocka_unit_test_setup(giving_back_tells_once_whoever_was_refused, setup),
        cmocka_unit_test_setup(lower_limit_takes_nothing_back, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
