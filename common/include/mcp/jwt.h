/* Signing JSON Web Tokens (RFC 7519) with a private key of ours. */
#ifndef MCP_JWT_H
#define MCP_JWT_H

#include <mcp/arena.h>
#include <mcp/error.h>

/* A compact JWS (RFC 7515) with {"alg":"RS256","typ":"JWT","kid":kid}. key_pem: an RSA private key
 * of 2048 bits or more, PKCS#8 or PKCS#1, not encrypted; the caller wipes it. kid may be missing.
 * claims: one JSON object, taken as it stands. jwt lives in arena. 0; MCP_ECONFIG when the key
 * cannot be used (err never shows it); MCP_ETOOBIG; MCP_ENOMEM. Opens the companion library. */
int mcp_jwt_sign(struct mcp_arena *arena, mcp_str key_pem, mcp_str kid, mcp_str claims,
                 mcp_str *jwt, struct mcp_error *err);

#endif
