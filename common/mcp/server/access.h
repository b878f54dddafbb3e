/* Who may call over HTTP: what is refused at the start, and the check of every request. */
#ifndef MCP_SERVER_ACCESS_H
#define MCP_SERVER_ACCESS_H

#include "mcp/net/serve.h"

#include <mcp/options.h>

#define MCP__HTTP_TOKEN_MIN 32

/* True for a missing host, localhost, 127.0.0.0/8 and ::1. */
bool mcp__access_is_loopback(mcp_str host);
/* The rules of the start: any other bind than loopback needs auth and allowed_hosts; a token has
 * MCP__HTTP_TOKEN_MIN bytes. MCP_ECONFIG with what to set. */
int mcp__access_check(const struct mcp_app_config *config, struct mcp_error *err);
/* What the hook of struct mcp_serve answers: 0 with the principal, or MCP_EAUTH, asking for the
 * token. */
int mcp__access_authorize(const struct mcp_app_config *config, const struct mcp_http_head *head,
                          struct mcp_buf *principal, struct mcp_http_reply *reply);

#endif
