/* The interface through which proto seals cursors and states without knowing any cryptography. */
#ifndef MCP_PROTO_SEALER_H
#define MCP_PROTO_SEALER_H

#include <mcp/arena.h>
#include <mcp/error.h>

/* Filled by server/ from auth/seal.c. Both are thread-safe. bound: data the seal is tied to
 * (purpose, principal), not contained in it. Output lives in arena. */
struct mcp_sealer {
    int (*seal)(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err);
    int (*open)(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                struct mcp_error *err);
    void *ctx;
};

#endif
