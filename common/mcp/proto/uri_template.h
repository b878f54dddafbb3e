/* URI templates of RFC 6570, level 1: literals and {variables}, matched against whole URIs. */
#ifndef MCP_PROTO_URI_TEMPLATE_H
#define MCP_PROTO_URI_TEMPLATE_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define MCP_URI_VARS_MAX 16

struct mcp_uri_template {
    size_t n_vars;
    mcp_str vars[MCP_URI_VARS_MAX]; /* names */
    mcp_str
        literals[MCP_URI_VARS_MAX + 1]; /* before, between and behind them; the ends may be empty */
};

/* Slices of text, which outlives *out. MCP_EINVAL: operators and modifiers of higher levels, two
 * variables without a literal between, a name twice, none at all, or more than MCP_URI_VARS_MAX. */
int mcp__uri_template_parse(mcp_str text, struct mcp_uri_template *out, struct mcp_error *err);
/* 0 with the decoded values in arena, one for each variable; -1: the URI is none of these. */
int mcp__uri_template_match(const struct mcp_uri_template *t, mcp_str uri, struct mcp_arena *arena,
                            mcp_str values[MCP_URI_VARS_MAX]);

#endif
