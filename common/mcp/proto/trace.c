/* The trace context of a request: read from its _meta or its header, checked, passed on. */
#include "mcp/proto/trace.h"

/* What everybody must be able to pass on; more is left out. */
#define STATE_MAX 512
#define BAGGAGE_MAX 8192

const mcp_str mcp__trace_names[MCP_N_TRACE] = {
    [MCP_TRACEPARENT] = { "traceparent", 11 },
    [MCP_TRACESTATE] = { "tracestate", 10 },
    [MCP_BAGGAGE] = { "baggage", 7 },
};

/* version-traceid-parentid-flags, lower-case hexadecimal. */
static bool is_traceparent(mcp_str s)
{
    static const char form[] = "hh-hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh-hhhhhhhhhhhhhhhh-hh";

    if (s.len != sizeof(form) - 1 || memcmp(s.ptr, "ff", 2) == 0)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (form[i] == '-' ? c != '-' : (c < '0' || c > '9') && (c < 'a' || c > 'f'))
            return false;
    }
    return memcmp(s.ptr + 3, "00000000000000000000000000000000", 32) != 0 &&
           memcmp(s.ptr + 36, "0000000000000000", 16) != 0;
}

/* A list of key=value that can stand in a header line. What the pairs say is for those who made
 * them. */
static bool is_list(mcp_str s, size_t max)
{
    if (s.len == 0 || s.len > max || memchr(s.ptr, '=', s.len) == NULL)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~')
            return false;
    }
    return true;
}

void mcp__trace_read(mcp_str trace[MCP_N_TRACE], const struct mcp_json members[MCP_N_TRACE],
                     mcp_str header, struct mcp_arena *arena)
{
    mcp_str given[MCP_N_TRACE];

    for (int i = 0; i < MCP_N_TRACE; i++) {
        if (mcp_json_str(members[i], arena, &given[i]) != 0)
            given[i] = MCP_STR_NULL;
        trace[i] = MCP_STR_NULL;
    }
    if (is_traceparent(given[MCP_TRACEPARENT])) {
        trace[MCP_TRACEPARENT] = mcp_arena_str(arena, given[MCP_TRACEPARENT]);
        if (is_list(given[MCP_TRACESTATE], STATE_MAX))
            trace[MCP_TRACESTATE] = mcp_arena_str(arena, given[MCP_TRACESTATE]);
    } else if (is_traceparent(header)) {
        trace[MCP_TRACEPARENT] = mcp_arena_str(arena, header);
    }
    if (is_list(given[MCP_BAGGAGE], BAGGAGE_MAX))
        trace[MCP_BAGGAGE] = mcp_arena_str(arena, given[MCP_BAGGAGE]);
}
