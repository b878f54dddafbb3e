/* /metrics: every counter once, in a form that Prometheus reads. */
#include "mcp/server/metrics.h"

#include <mcp/clock.h>

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_serve serve;

static struct mcp_buf text_of(const char *name)
{
    struct mcp__metrics m = { &serve, name, "1.2.3", mcp_clock_mono_ms() };
    struct mcp_buf out;

    mcp_buf_init(&out, 1 << 16);
    mcp__metrics_write(&m, &out);
    assert_int_equal(mcp_buf_error(&out), 0);
    mcp_buf_char(&out, '\0');
    return out;
}

static void counters_appear_with_their_values(void **state)
{
    struct mcp_buf out;

    (void)state;
    atomic_store(&serve.counters.calls_ok, 7);
    atomic_store(&serve.counters.calls_ms, 12034);
    atomic_store(&serve.counters.http_status[4], 3);
    atomic_store(&serve.counters.methods[MCP_COUNT_TOOLS_CALL], 9);
    atomic_store(&serve.counters.late_answers, 1);
    out = text_of("mcp-\"x\\");
    assert_non_null(strstr(out.ptr, "mcp_calls_total{outcome=\"ok\"} 7\n"));
    assert_non_null(strstr(out.ptr, "mcp_calls_seconds_total 12.034\n"));
    assert_non_null(strstr(out.ptr, "mcp_http_responses_total{code=\"4xx\"} 3\n"));
    assert_non_null(strstr(out.ptr, "mcp_messages_total{method=\"tools/call\"} 9\n"));
    assert_non_null(strstr(out.ptr, "\nmcp_late_answers_total 1\n"));
    assert_non_null(
        strstr(out.ptr, "mcp_build_info{name=\"mcp-\\\"x\\\\\",version=\"1.2.3\"} 1\n"));
    assert_non_null(strstr(out.ptr, "\nprocess_resident_memory_bytes "));
    mcp_buf_release(&out);
}

/* Each sample's family was announced right before it, once, and each value is a number. */
static void every_line_is_well_formed(void **state)
{
    struct mcp_buf out = text_of("mcp-x");
    mcp_str rest = mcp_str_z(out.ptr), line, family = MCP_STR_NULL;
    const char *seen[64];
    size_t n = 0;

    (void)state;
    while (rest.len > 0) {
        mcp_str name;

        mcp_str_cut(&rest, '\n', &line);
        if (mcp_str_cut_prefix(&line, MCP_STR("# HELP "))) {
            mcp_str_cut(&line, ' ', &family);
            for (size_t i = 0; i < n; i++)
                assert_false(mcp_str_starts(mcp_str_z(seen[i]), family) &&
                             seen[i][family.len] == ' ');
            assert_true(n < 64);
            seen[n++] = family.ptr;
            assert_true(line.len > 3);
            continue;
        }
        if (mcp_str_cut_prefix(&line, MCP_STR("# TYPE "))) {
            mcp_str_cut(&line, ' ', &name);
            assert_true(mcp_str_eq(name, family));
            assert_true(mcp_str_eq(line, MCP_STR("counter")) || mcp_str_eq(line, MCP_STR("gauge")));
            /* By convention counters, and only they, end in _total. */
            assert_int_equal(mcp_str_ends(name, MCP_STR("_total")),
                             mcp_str_eq(line, MCP_STR("counter")));
            continue;
        }
        assert_true(mcp_str_starts(line, family));
        name = line;
        while (name.len > 0 && name.ptr[name.len - 1] != ' ')
            name.len--;
        assert_true(name.len > 0 && isdigit((unsigned char)line.ptr[name.len]));
    }
    assert_true(n > 15);
    mcp_buf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_appear_with_their_values),
        cmocka_unit_test(every_line_is_well_formed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
