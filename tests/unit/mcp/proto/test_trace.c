/* Trace context: what is taken, from where, and what is left out without failing the call. */
#include "mcp/proto/modern.h"
#include "mcp/proto/trace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define PARENT "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
#define OTHER "00-00000000000000000000000000000001-0000000000000002-00"

static struct mcp_arena *arena;
static mcp_str trace[MCP_N_TRACE];

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void read_trace(const char *meta, const char *header)
{
    struct mcp_json json = { 0 };
    struct mcp_meta known;

    if (meta != NULL)
        assert_int_equal(mcp_json_parse(arena, mcp_str_z(meta), NULL, &json, NULL), 0);
    mcp__meta_read(json, &known);
    mcp__trace_read(trace, known.trace, header == NULL ? MCP_STR_NULL : mcp_str_z(header), arena);
}

static bool is(enum mcp_trace_field field, const char *value)
{
    return value == NULL ? mcp_str_is_null(trace[field])
                         : mcp_str_eq(trace[field], mcp_str_z(value));
}

static void meta_wins_over_the_header(void **state)
{
    (void)state;
    read_trace("{\"traceparent\":\"" PARENT "\",\"tracestate\":\"a=1,b=2\",\"baggage\":\"k=v\"}",
               OTHER);
    assert_true(is(MCP_TRACEPARENT, PARENT));
    assert_true(is(MCP_TRACESTATE, "a=1,b=2"));
    assert_true(is(MCP_BAGGAGE, "k=v"));
}

static void a_state_belongs_to_the_parent_beside_it(void **state)
{
    (void)state;
    read_trace("{\"tracestate\":\"a=1\"}", OTHER);
    assert_true(is(MCP_TRACEPARENT, OTHER));
    assert_true(is(MCP_TRACESTATE, NULL));
    read_trace("{\"traceparent\":\"nonsense\",\"tracestate\":\"a=1\"}", NULL);
    assert_true(is(MCP_TRACEPARENT, NULL));
    assert_true(is(MCP_TRACESTATE, NULL));
    read_trace(NULL, NULL);
    assert_true(is(MCP_TRACEPARENT, NULL));
}

static void a_parent_of_another_form_is_left_out(void **state)
{
    static const char *const wrong[] = {
        "",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
        "00_4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        read_trace(NULL, wrong[i]);
        if (!is(MCP_TRACEPARENT, NULL))
            fail_msg("%s is taken", wrong[i]);
    }
}

/* Each of them would break out of its header line, or fill it. */
static void what_cannot_stand_in_a_header_is_left_out(void **state)
{
    static const char *const wrong[] = { "a=1\\r\\nX-Evil: 1", "a=\\u0000", "a=\xc3\xa9", "novalue",
                                         "" };
    char meta[BUFSIZ];

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        snprintf(meta, sizeof(meta),
                 "{\"traceparent\":\"" PARENT "\",\"tracestate\":\"%s\",\"baggage\":\"%s\"}",
                 wrong[i], wrong[i]);
        read_trace(meta, NULL);
        assert_true(is(MCP_TRACEPARENT, PARENT));
        if (!is(MCP_TRACESTATE, NULL) || !is(MCP_BAGGAGE, NULL))
            fail_msg("%s is taken", wrong[i]);
    }
    snprintf(meta, sizeof(meta), "{\"traceparent\":\"" PARENT "\",\"tracestate\":\"a=%0600d\"}", 0);
    read_trace(meta, NULL);
    assert_true(is(MCP_TRACESTATE, NULL));
    read_trace("{\"baggage\":5,\"traceparent\":[]}", NULL);
    assert_true(is(MCP_BAGGAGE, NULL));
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(meta_wins_over_the_header),
        ROW(a_state_belongs_to_the_parent_beside_it),
        ROW(a_parent_of_another_form_is_left_out),
        ROW(what_cannot_stand_in_a_header_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
