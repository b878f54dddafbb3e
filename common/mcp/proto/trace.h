/* The trace context of a request: read from its _meta or its header, checked, passed on. */
#ifndef MCP_PROTO_TRACE_H
#define MCP_PROTO_TRACE_H

#include <mcp/call.h>

/* The name in _meta and of the header, by enum mcp_trace_field. */
extern const mcp_str mcp__trace_names[MCP_N_TRACE];

/* Fills all fields, in arena, from the members of _meta, which may be missing. A value that breaks its form is left out and never fails the call;
 * without a traceparent there is no tracestate. header: traceparent from HTTP, or missing; _meta
 * wins. https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/ */
void mcp__trace_read(mcp_str trace[MCP_N_TRACE], const struct mcp_json members[MCP_N_TRACE],
                     mcp_str header, struct mcp_arena *arena);

#endif
