/* A tool is a row of a static table: its name, its schemas and the function that runs it. */
#ifndef MCP_TOOL_H
#define MCP_TOOL_H

#include <mcp/call.h>
#include <mcp/error.h>

/* One JSON Schema (or another JSON document). */
struct mcp_schema_text {
    const char *name; /* "get_costs.in", or NULL */
    const char *text; /* NUL-terminated */
    size_t len;
};

/* A schema as it is written, without quotes around it, for a row's in and out:
 * .in = MCP_SCHEMA({ "type": "object" }). It may hold no #if and the like. */
#define MCP_SCHEMA(...)                                                                            \
    (&(const struct mcp_schema_text){ .text = #__VA_ARGS__, .len = sizeof(#__VA_ARGS__) - 1 })

enum mcp_tool_flags {
    MCP_TOOL_READONLY = 1 << 0,
    MCP_TOOL_DESTRUCTIVE = 1 << 1, /* annotations.destructiveHint; read-only tools leave it out */
    MCP_TOOL_IDEMPOTENT = 1 << 2,
    MCP_TOOL_OPEN_WORLD = 1 << 3,
    /* structuredContent repeats as JSON in the text block: for tools without text of their own. */
    MCP_TOOL_TEXT_JSON = 1 << 4,
    /* A call may become a task where the client knows them: after a while, or by mcp_call_task. */
    MCP_TOOL_TASK = 1 << 5,
    MCP_TOOL_TASK_ONLY = 1 << 6, /* and is refused to modern clients that do not; implies it */
    MCP_TOOL_UI_ONLY = 1 << 7, /* for the view that ui names, hidden from the model */
};

/* Rows are static const and sorted by name; the table, the schemas and tools/list come from here. */
struct mcp_tool {
    const char *name; /* 1 to 64 of [A-Za-z0-9_.-] */
    const char *title;
    const char *description;
    const struct mcp_schema_text *in; /* required; root type object */
    const struct mcp_schema_text *out; /* NULL: no structuredContent */
    unsigned flags;
    unsigned deadline_ms; /* 0: the app's default */
    /* MCP Apps: the uri ("ui://...") of the resource that shows the structured content in a host
     * that has views; NULL: none. The text stays what other hosts show. */
    const char *ui;
    /* On a worker; may wait in mcp_fetch and its family. The arguments have passed `in`. Returns 0
     * with the result in the call, MCP_EINPUT after mcp_need (asked again later from the top), or
     * a negative code with err: a result with isError. */
    int (*run)(struct mcp_call *call, struct mcp_error *err);
    /* Optional, on the loop thread: never waits, under 100 us. MCP_MISS: go to a worker. */
    int (*fast)(struct mcp_call *call, struct mcp_error *err);
};

#endif
