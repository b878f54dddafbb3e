/* The line of progress: when it is drawn, and what it says at the limits. */
#include "cli_help.h"

#include "cost/cli/bar.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* A bar that began `ago` ms ago and was last drawn then. */
static struct cost__bar begun(uint64_t ago)
{
    uint64_t now = mcp_clock_mono_ms();

    assert_true(now > ago);
    return (struct cost__bar){ .started_ms = now - ago, .drawn_ms = now - ago };
}

static const char *drawn(struct cost__bar *bar, uint64_t rows, uint64_t done, uint64_t total)
{
    cli_capture();
    cost__bar_draw(bar, "importing", rows, done, total);
    cli_release();
    return cli_err();
}

static void short_work_draws_nothing(void **state)
{
    struct cost__bar bar = { 0 };

    (void)state;
    assert_string_equal(drawn(&bar, 1, 1, 2), "");
    assert_true(bar.started_ms > 0);
    bar = begun(4000);
    assert_string_equal(drawn(&bar, 1, 1, 2), "");
}

static void elsewhere_than_on_a_terminal_lines_are_plain_and_rare(void **state)
{
    struct cost__bar bar = begun(10000);
    const char *line = drawn(&bar, 1234, 1000000000, 3000000000u);

    (void)state;
    cli_says(line, "importing: 1234 rows, 100 MB/s, 2");
    cli_says(line, " s left\n");
    assert_null(strchr(line, '\r'));
    assert_null(strchr(line, 0x1b));
    assert_string_equal(drawn(&bar, 1235, 1000000001, 3000000000u), "");
    cli_capture();
    cost__bar_end(&bar);
    cli_release();
    assert_string_equal(cli_err(), "");
    assert_int_equal(bar.started_ms, 0);
}

static void unknown_and_reached_totals_promise_no_time(void **state)
{
    static const struct {
        uint64_t rows, done, total;
    } cases[] = { { 5, 1000, 0 }, { 5, 1000, 1000 }, { 5, 2000, 1000 }, { 0, 0, 1000 } };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost__bar bar = begun(6000);
        const char *line = drawn(&bar, cases[i].rows, cases[i].done, cases[i].total);

        cli_says(line, cases[i].rows > 0 ? "0 MB/s\n" : "importing: 6 s\n");
        assert_null(strstr(line, "left"));
        assert_true((strstr(line, "rows") != NULL) == (cases[i].rows > 0));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(short_work_draws_nothing),
        cmocka_unit_test(elsewhere_than_on_a_terminal_lines_are_plain_and_rare),
        cmocka_unit_test(unknown_and_reached_totals_promise_no_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
