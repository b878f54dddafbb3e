/* A resource, or a template of many, is a row of a static table: what it is and how it is read. */
#ifndef MCP_RESOURCE_H
#define MCP_RESOURCE_H

#include <mcp/call.h>

#define MCP_UI_MIME_TYPE "text/html;profile=mcp-app"

enum mcp_resource_flags {
    /* Everybody may be given the same bytes; else they are cached for this caller alone. */
    MCP_RESOURCE_PUBLIC = 1 << 0,
};

/* Rows are static const, in the order in which they are listed. */
struct mcp_resource {
    const char *uri; /* of one resource, or NULL */
    /* RFC 6570 level 1, "report://{month}/{team}"; a variable is not empty and holds no reserved
     * character that was not percent-encoded. Exactly one of the two. Earlier rows match first. */
    const char *uri_template;
    const char *name;
    const char *title; /* may be NULL, as the next two */
    const char *description;
    /* Of its contents, unless they say otherwise; a uri "ui://..." is an MCP Apps view and has
     * MCP_UI_MIME_TYPE. */
    const char *mime_type;
    /* _meta of its contents, a JSON object; NULL: none. What a view may load and do:
     * {"ui":{"csp":{"connectDomains":[]},"permissions":{},"prefersBorder":true}}. */
    const char *meta;
    unsigned flags; /* enum mcp_resource_flags */
    unsigned ttl_ms; /* how long a client may keep what it read; 0: not at all */
    /* On a worker; may wait. 0 with at least one mcp_contents_*, MCP_ENOTFOUND for a variable that
     * names nothing, MCP_EINPUT after mcp_need, or another negative code with err. */
    int (*read)(struct mcp_call *call, struct mcp_error *err);
    /* Optional, templates only: proposes values of a variable by mcp_completion_add. `given` is
     * what was typed so far; mcp_call_args holds variables that are already known. */
    int (*complete)(struct mcp_call *call, mcp_str variable, mcp_str given, struct mcp_error *err);
};

/* The URI that is being read. */
mcp_str mcp_call_uri(const struct mcp_call *call);
/* A variable of the template, percent-decoded; missing for a name that it does not have. */
mcp_str mcp_call_var(const struct mcp_call *call, const char *name);

/* What was read. uri missing: the one asked for. mime_type missing: the row's. Bytes are copied. */
void mcp_contents_text(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str text);
void mcp_contents_blob(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str base64);

/* Proposes one value, in resources as in prompts. The first 100 are sent, the others counted. */
void mcp_completion_add(struct mcp_call *call, mcp_str value);

#endif
