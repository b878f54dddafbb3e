/* The wall clock runs until it is frozen, the monotonic one always does. */
#include <mcp/clock.h>

#include <time.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_wall_clock_is_frozen_by_setting_it(void **state)
{
    time_t now = time(NULL);

    (void)state;
    assert_true(mcp_clock_now() >= now && mcp_clock_now() <= now + 60);
    assert_true(mcp_clock_now_ms() / 1000 >= now);
    mcp_clock_set(1725148800);
    assert_int_equal(mcp_clock_now(), 1725148800);
    assert_int_equal(mcp_clock_now_ms(), 1725148800000);
}

static void the_monotonic_clock_goes_on_when_the_wall_clock_is_frozen(void **state)
{
    uint64_t begin = mcp_clock_mono_ns();

    (void)state;
    while (mcp_clock_mono_ns() == begin)
        ;
    assert_true(mcp_clock_mono_ns() > begin);
    assert_true(mcp_clock_mono_ms() >= begin / 1000000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wall_clock_is_frozen_by_setting_it),
        cmocka_unit_test(the_monotonic_clock_goes_on_when_the_wall_clock_is_frozen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
