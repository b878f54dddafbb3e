/* What of a server may change while it runs, as clients are told. */
#ifndef MCP_CHANGE_H
#define MCP_CHANGE_H

enum mcp_change {
    MCP_CHANGE_TOOLS = 1 << 0, /* the list, as the next two */
    MCP_CHANGE_PROMPTS = 1 << 1,
    MCP_CHANGE_RESOURCES = 1 << 2,
    MCP_CHANGE_RESOURCE = 1 << 3, /* what one resource holds */
};

#endif
