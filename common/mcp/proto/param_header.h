/* Headers that mirror arguments (x-mcp-header, Mcp-Param-NAME), and the sentinel of their values. */
#ifndef MCP_PROTO_PARAM_HEADER_H
#define MCP_PROTO_PARAM_HEADER_H

#include <mcp/error.h>
#include <mcp/json.h>

/* One declaration; everything lives in the arena it was compiled into. */
struct mcp_param_header {
    mcp_str name; /* without Mcp-Param- */
    const mcp_str *path; /* member names from arguments to the value */
    size_t n_path;
    enum mcp_json_type type; /* STRING, BOOL, or NUMBER for an integer */
};

struct mcp_param_headers {
    struct mcp_param_header *items;
    size_t count;
};

/* Collects the declarations of an input schema; *out is NULL when there is none. MCP_EINVAL for what
 * a conforming client would drop the tool for: empty or foreign characters, a name twice, a type
 * other than string, integer or boolean, a place that is not reached through `properties` alone. */
int mcp__param_headers_compile(struct mcp_arena *arena, struct mcp_json schema,
                               const struct mcp_param_headers **out, struct mcp_error *err);

/* The value of the header Mcp-Param-NAME without surrounding blanks, or missing. */
typedef mcp_str (*mcp_param_lookup_fn)(void *ctx, mcp_str name);

/* Each argument that is there must have its header, and an equal one: 0 or MCP_EHEADER. */
int mcp__param_headers_check(const struct mcp_param_headers *headers, struct mcp_json args,
                             struct mcp_arena *arena, mcp_param_lookup_fn lookup, void *ctx,
                             struct mcp_error *err);

/* A header value as text: itself, or what stands in =?base64?...?=. 0, or -1 for bytes that are not
 * printable ASCII, base64 that is not canonical, or text that is no UTF-8. */
int mcp__header_value_decode(struct mcp_arena *arena, mcp_str value, mcp_str *out);

#endif
