/* Sealing cursors and states that travel through a client: secret, tamper-proof, and tied to what
 * they were made for. */
#ifndef MCP_AUTH_SEAL_H
#define MCP_AUTH_SEAL_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define MCP__SEAL_KEY_MIN 32 /* bytes of key text */
#define MCP__SEAL_MAX (64 * 1024) /* bytes of plain text */

/* key: any text of MCP__SEAL_KEY_MIN bytes or more; the AES key is derived from it. bound is not
 * contained in the result and must be given again. sealed is base64url and lives in arena, with a
 * NUL behind it. 0, MCP_ECONFIG (key too short), MCP_ETOOBIG, MCP_ENOMEM, MCP_EINTERNAL. */
int mcp__seal(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
              struct mcp_error *err);
/* MCP_EINVAL, always with the same text, for whatever was not sealed with this key and bound. */
int mcp__unseal(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                struct mcp_error *err);

#endif
