/* How a client and a server agree: discover first, initialize when that says nothing. */
#ifndef MCP_CLIENT_HANDSHAKE_H
#define MCP_CLIENT_HANDSHAKE_H

#include "mcp/client/connection.h"

/* Settles the era and fills client->server. Errors as mcp_client_connect. */
int mcp__handshake(struct mcp_call *call, struct mcp_client *client, struct mcp_error *err);
/* The session of that generation is lost: opens another one, unless another thread has. */
int mcp__handshake_renew(struct mcp_call *call, struct mcp_client *client, unsigned generation,
                         struct mcp_error *err);

#endif
