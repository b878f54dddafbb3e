/* Signals: the first asks for the end, what was ignored stays ignored, all comes back after. */
#include "mcp/server/signals.h"

#include "mcp/net/serve.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void first_signal_stops_the_server(void **state)
{
    static struct mcp_serve serve;

    (void)state;
    mcp__signals_begin(&serve);
    assert_false(mcp__signals_seen());
    assert_int_equal(raise(SIGTERM), 0);
    assert_true(mcp__signals_seen());
    assert_true(atomic_load(&serve.stopping));
    mcp__signals_end();
}

static void begin_forgets_what_was_seen(void **state)
{
    (void)state;
    mcp__signals_begin(NULL);
    assert_int_equal(raise(SIGINT), 0);
    assert_true(mcp__signals_seen());
    mcp__signals_end();
    mcp__signals_begin(NULL);
    assert_false(mcp__signals_seen());
    mcp__signals_end();
}

static void dispositions_come_back_and_ignored_ones_stay(void **state)
{
    struct sigaction now;

    (void)state;
    signal(SIGHUP, SIG_IGN);
    mcp__signals_begin(NULL);
    assert_int_equal(raise(SIGHUP), 0);
    assert_false(mcp__signals_seen());
    mcp__signals_end();
    assert_int_equal(sigaction(SIGHUP, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_IGN);
    assert_int_equal(sigaction(SIGTERM, NULL, &now), 0);
    assert_true(now.sa_handler == SIG_DFL);
    signal(SIGHUP, SIG_DFL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_signal_stops_the_server),
        cmocka_unit_test(begin_forgets_what_was_seen),
        cmocka_unit_test(dispositions_come_back_and_ignored_ones_stay),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
