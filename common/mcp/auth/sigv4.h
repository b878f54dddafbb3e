/* mcp_sigv4_sign as the companion library has it. */
#ifndef MCP_AUTH_SIGV4_H
#define MCP_AUTH_SIGV4_H

#include <mcp/sigv4.h>

int mcp__sigv4_sign(const struct mcp_sigv4 *request, struct mcp_arena *arena,
                    struct mcp_sigv4_signed *out, struct mcp_error *err);

#endif
