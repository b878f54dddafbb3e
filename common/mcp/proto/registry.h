/* What a server offers, compiled once: schemas, templates, lists and the identity, per revision. */
#ifndef MCP_PROTO_REGISTRY_H
#define MCP_PROTO_REGISTRY_H

#include "mcp/proto/listing.h"
#include "mcp/proto/uri_template.h"

#include <mcp/change.h>
#include <mcp/error.h>
#include <mcp/prompt.h>
#include <mcp/resource.h>
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
    const struct mcp_resource *resources;
    size_t n_resources;
    const struct mcp_prompt *prompts;
    size_t n_prompts;
    bool logging; /* handlers write log messages to the client */
    unsigned changes; /* enum mcp_change: what clients may be told of */
    size_t limit_bytes; /* of all definitions of one kind in their largest form [1 MiB] */
    size_t page_size; /* items on one page of a list [100] */
};

struct mcp_registry_tool {
    const struct mcp_tool *tool; /* borrowed, static */
    const struct mcp_schema *in; /* freed with the registry's arena */
    const struct mcp_schema *out; /* likewise; NULL: none */
    const struct mcp_param_headers *headers; /* x-mcp-header declarations, NULL: none */
};

struct mcp_registry_resource {
    const struct mcp_resource *row; /* borrowed, static */
    const struct mcp_uri_template *uri_template; /* in arena; NULL: one resource */
};

/* Immutable after mcp__registry_new; any thread. */
struct mcp_registry {
    struct mcp_arena *arena; /* owned */
    struct mcp_registry_spec spec;
    struct mcp_registry_tool *tools; /* in arena, in the order of the spec, as the next one */
    size_t n_tools;
    struct mcp_registry_resource *resources;
    bool completes; /* some row completes its arguments */
    bool tasks; /* some tool may become a task */
    bool views; /* some tool has an MCP Apps view */
    struct mcp_listing lists[MCP_N_LISTS][MCP_N_REVISIONS];
    /* Whole JSON values, in arena. */
    mcp_str initialize[MCP_N_REVISIONS]; /* the result of initialize (legacy revisions) */
    mcp_str discover; /* the result of server/discover */
    mcp_str server_info; /* modern _meta member: "io.modelcontextprotocol/serverInfo":{...} */
    mcp_str
        result_end; /* of a modern response: the _meta that has nothing but it, and the braces */
};

/* MCP_EINVAL with the name of the row and its fault: bad or double name, unsorted tools, a schema
 * that does not compile or whose root is no object, a bad x-mcp-header, a bad URI template, no
 * function to run. */
int mcp__registry_new(const struct mcp_registry_spec *spec, struct mcp_registry **out,
                      struct mcp_error *err);
void mcp__registry_free(struct mcp_registry *registry);
/* NULL when there is no such tool. */
const struct mcp_registry_tool *mcp__registry_find(const struct mcp_registry *registry,
                                                   mcp_str name);
/* The row that uri is read by, with the values of its variables; NULL when there is none. */
const struct mcp_registry_resource *mcp__registry_find_resource(const struct mcp_registry *registry,
                                                                mcp_str uri,
                                                                struct mcp_arena *arena,
                                                                mcp_str values[MCP_URI_VARS_MAX]);
/* The row with exactly this uri or template; NULL when there is none. */
const struct mcp_registry_resource *mcp__registry_find_template(const struct mcp_registry *registry,
                                                                mcp_str text);
const struct mcp_prompt *mcp__registry_find_prompt(const struct mcp_registry *registry,
                                                   mcp_str name);

#endif
