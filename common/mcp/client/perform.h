/* One request as the public functions make it: its settings, a lost session, and what a result is. */
#ifndef MCP_CLIENT_PERFORM_H
#define MCP_CLIENT_PERFORM_H

#include "mcp/client/connection.h"

/* The connection's settings and the caller's (may be NULL) into x. */
void mcp__prepare(const struct mcp_client *client, const struct mcp_client_ask *ask,
                  struct mcp__exchange *x);
/* As mcp__exchange; a session the server has lost is opened again first. */
int mcp__send(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
              struct mcp__reply *reply, struct mcp_error *err);
/* The result of a reply, or why there is none: MCP_EUPSTREAM and its like, MCP_EINPUT, MCP_EDATA. */
int mcp__finish(struct mcp_call *call, struct mcp_client *client, const struct mcp__reply *reply,
                const struct mcp_client_ask *ask, struct mcp_json *result, struct mcp_error *err);
/* Both in one. */
int mcp__perform(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
                 const struct mcp_client_ask *ask, struct mcp_json *result, struct mcp_error *err);

#endif
