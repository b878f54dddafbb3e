/* Arguments that must stand in headers too (x-mcp-header): what each tool of a server declares. */
#ifndef MCP_CLIENT_MIRROR_H
#define MCP_CLIENT_MIRROR_H

#include <mcp/fetch.h>
#include <mcp/json.h>

#include <pthread.h>

struct mcp__mirror;

/* The caller's storage. Entries are only added, so that readers need no lock behind the lookup. */
struct mcp__mirrors {
    pthread_mutex_t lock;
    struct mcp__mirror *first; /* owned; under lock; newest first */
    size_t count; /* under lock */
};

void mcp__mirrors_init(struct mcp__mirrors *mirrors);
void mcp__mirrors_release(struct mcp__mirrors *mirrors);
/* Remembers what the tool's input schema declares; one too many is not remembered. False when it
 * declares something that may not be: such a tool is not to be used over HTTP. */
bool mcp__mirrors_learn(struct mcp__mirrors *mirrors, mcp_str tool, struct mcp_json input_schema);
/* The headers for a call of that tool, in arena; none for a tool that is not known. args: a JSON
 * object, or missing. 0, or MCP_EINVAL (no object), MCP_ENOMEM. */
int mcp__mirrors_headers(struct mcp__mirrors *mirrors, struct mcp_arena *arena, mcp_str tool,
                         mcp_str args, const struct mcp_http_header **headers, size_t *n,
                         struct mcp_error *err);

#endif
