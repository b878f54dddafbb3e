/* Values of options: units, paths, places to listen at, and what is wrong in words. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void path_expands_home_and_variables(void **state)
{
    struct fixture *f = *state;

    setenv("HOME", "/home/x", 1);
    setenv("T_DIR", "d", 1);
    assert_int_equal(LOAD(f, NULL, "--path", "~/a/${T_DIR}"), 0);
    assert_str(f->sample.path, "/home/x/a/d");
    assert_int_equal(LOAD(f, NULL, "--path", "~"), 0);
    assert_str(f->sample.path, "/home/x");
    assert_int_equal(LOAD(f, NULL, "--path", "a~/b"), 0);
    assert_str(f->sample.path, "a~/b");
}

static void wrong_values_say_what_is_wanted(void **state)
{
    static const struct {
        const char *flag, *value, *says;
    } cases[] = {
        { "--count", "0", "from 1 to 9" },
        { "--count", "10", "from 1 to 9" },
        { "--count", "four", "whole number" },
        { "--count", "99999999999999999999", "whole number" },
        { "--wait", "20", "needs a unit" },
        { "--wait", "20x", "20s" },
        { "--wait", "9223372036854775807d", "too large" },
        { "--max-size", "4XB", "4MiB" },
        { "--max-size", "", "4MiB" },
        { "--kind", "pink", "red|green|blue" },
        { "--http=nonsense", NULL, "HOST:PORT" },
        { "--http=1:2:3", NULL, "[IPV6]:PORT" },
        { "--http=:80", NULL, "HOST:PORT" },
        { "--http=h:65536", NULL, "HOST:PORT" },
        { "--http=h:-1", NULL, "HOST:PORT" },
        { "--demo=maybe", NULL, "true or false" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(load(f, NULL, (const char *[]){ cases[i].flag, cases[i].value, NULL }),
                         MCP_EINVAL);
        assert_says(f, cases[i].says);
    }
}

static void units_are_understood(void **state)
{
    static const struct {
        const char *size;
        int64_t bytes;
    } sizes[] = { { "0", 0 },           { "17", 17 },    { "4k", 4096 },   { "4K", 4096 },
                  { "1 MiB", 1048576 }, { "2kB", 2000 }, { "1G", 1 << 30 } };
    static const struct {
        const char *time;
        int64_t ms;
    } times[] = { { "0", 0 }, { "5ms", 5 }, { "20s", 20000 }, { "5m", 300000 }, { "1h", 3600000 } };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(LOAD(f, NULL, "--max-size", sizes[i].size), 0);
        assert_int_equal(f->sample.size, sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_int_equal(LOAD(f, NULL, "--wait", times[i].time), 0);
        assert_int_equal(f->sample.wait, times[i].ms);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, options_setup, options_teardown)
    const struct CMUnitTest tests[] = {
        T(path_expands_home_and_variables),
        T(wrong_values_say_what_is_wanted),
        T(units_are_understood),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
