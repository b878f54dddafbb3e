/* The rows of libmcp: each works from every source, and the limits are the designed ones. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* A value of the row's type that is not its default, as text. */
static const char *other_value(const struct mcp_opt *opt)
{
    static char text[64];
    const char *unit = opt->type == MCP_OPT_MS ? "ms" : "";

    switch (opt->type) {
    case MCP_OPT_BOOL:
        return "true";
    case MCP_OPT_INT:
    case MCP_OPT_BYTES:
    case MCP_OPT_MS:
        snprintf(text, sizeof(text), "%lld%s", (long long)opt->max - 1, unit);
        return text;
    case MCP_OPT_ENUM:
        return strrchr(opt->words, '|') + 1;
    case MCP_OPT_HTTP:
        return "10.0.0.1:1234";
    default:
        return "some,thing";
    }
}

static void each_row_of_libmcp_round_trips_from_every_source(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_config config;
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &config };

    for (size_t i = 0; i < mcp_n_app_opts; i++) {
        const struct mcp_opt *opt = &mcp_app_opts[i];
        char flag[256], name[MCP__OPT_NAME_MAX];
        char *argv[] = { flag };
        struct mcp_options options;
        struct mcp_error err = { 0 };

        assert_non_null(opt->env);
        assert_non_null(opt->help);
        assert_non_null(opt->group);
        mcp__opt_flag_name(opt, name);
        snprintf(flag, sizeof(flag), "--%s=%s", name, other_value(opt));
        if ((opt->flags & MCP_OPT_SECRET) == 0)
            round_trip(f->arena, &table, sizeof(config), argv, 1);
        memset(&config, 0, sizeof(config));
        setenv(opt->env, other_value(opt), 1);
        assert_int_equal(
            mcp_options_load(&options, &table, 1, MCP_STR_NULL, 0, NULL, f->arena, &err), 0);
        assert_int_equal(mcp_options_source(&options, opt->name), MCP_OPT_ENV);
        unsetenv(opt->env);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(opt->name, mcp_app_opts[k].name);
            assert_string_not_equal(opt->env, mcp_app_opts[k].env);
        }
    }
}

static void limits_of_libmcp_are_the_designed_ones(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_config c = { 0 };
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &c };
    struct mcp_options options;

    assert_int_equal(mcp_options_load(&options, &table, 1, MCP_STR_NULL, 0, NULL, f->arena, NULL),
                     0);
    assert_int_equal(c.max_body_bytes, 4 << 20);
    assert_int_equal(c.max_header_bytes, 16 << 10);
    assert_int_equal(c.max_connections, 1000);
    assert_int_equal(c.max_sessions, 1000);
    assert_int_equal(c.max_queue, 256);
    assert_int_equal(c.max_upstream_bytes_total, 64 << 20);
    assert_int_equal(c.max_json_tokens, 262144);
    assert_int_equal(c.header_timeout_ms, 10000);
    assert_int_equal(c.idle_timeout_ms, 75000);
    assert_int_equal(c.session_idle_ms, 1800000);
    assert_int_equal(c.workers, 80);
    assert_int_equal(c.deadline_ms, 20000);
    assert_int_equal(c.auth, MCP_AUTH_NONE);
    assert_int_equal(c.log_level, 2);
    assert_false(c.http.set);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, options_setup, options_teardown)
    const struct CMUnitTest tests[] = {
        T(each_row_of_libmcp_round_trips_from_every_source),
        T(limits_of_libmcp_are_the_designed_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
