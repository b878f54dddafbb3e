/* The tools of a server, compiled once: schemas, tools/list and the identity, per revision. */
#ifndef MCP_PROTO_REGISTRY_H
#define MCP_PROTO_REGISTRY_H

#include "mcp/proto/era.h"

#include <mcp/buf.h>
#include <mcp/error.h>
#include <mcp/tool.h>

struct mcp_schema;
struct mcp_param_headers;

/* Borrowed for the life of the registry. */
struct mcp_registry_spec {
    const char *name; /* "mcp-aws" */
    const char *title; /* may be NULL, as the next two */
    const char *version;
    const char *description;
    const char *instructions;
    const struct mcp_tool *tools; /* sorted by name, no name twice */
    size_t n_tools;
    size_t limit_bytes; /* of all definitions in their largest form [1 MiB] */
};

struct mcp_registry_tool {
    const struct mcp_tool *tool; /* borrowed, static */
    const struct mcp_schema *in; /* freed with the registry's arena */
    const struct mcp_schema *out; /* likewise; NULL: none */
    const struct mcp_param_headers *headers; /* x-mcp-header declarations, NULL: none */
};

/* Immutable after mcp__registry_new; any thread. */
struct mcp_registry {
    struct mcp_arena *arena; /* owned */
    struct mcp_registry_spec spec;
    struct mcp_registry_tool *tools; /* in arena, in the order of the spec */
    size_t n_tools;
    /* Whole JSON values, in arena. */
    mcp_str tools_list[MCP_N_REVISIONS]; /* the result of tools/list */
    mcp_str initialize[MCP_N_REVISIONS]; /* the result of initialize (legacy revisions) */
    mcp_str discover; /* the result of server/discover */
    mcp_str server_info; /* modern _meta member: "io.modelcontextprotocol/serverInfo":{...} */
};

/* MCP_EINVAL with the name of the tool and its fault: bad or double name, unsorted rows, a schema
 * that does not compile or whose root is no object, a bad x-mcp-header, no function to run. */
int mcp__registry_new(const struct mcp_registry_spec *spec, struct mcp_registry **out,
                      struct mcp_error *err);
void mcp__registry_free(struct mcp_registry *registry);
/* NULL when there is no such tool. */
const struct mcp_registry_tool *mcp__registry_find(const struct mcp_registry *registry,
                                                   mcp_str name);

#endif
