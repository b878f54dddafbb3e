/* mcp_jwt_sign as the companion library has it. */
#ifndef MCP_AUTH_JWT_H
#define MCP_AUTH_JWT_H

#include <mcp/jwt.h>

#define MCP__JWT_CLAIMS_MAX (64 * 1024) /* bytes */

int mcp__jwt_sign(struct mcp_arena *arena, mcp_str key_pem, mcp_str kid, mcp_str claims,
                  mcp_str *jwt, struct mcp_error *err);

#endif
