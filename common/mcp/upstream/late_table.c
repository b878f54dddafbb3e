/* The companion's one exported symbol: the functions that libmcp calls in it. */
#include "mcp/upstream/late.h"

#include "mcp/auth/jwt.h"
#include "mcp/auth/seal.h"
#include "mcp/auth/sigv4.h"
#include "mcp/upstream/fetch.h"
#include "mcp/upstream/once.h"
#include "mcp/upstream/room.h"
#include "mcp/upstream/transfer.h"

__attribute__((visibility("default"))) const struct mcp_late_api mcp_late_table = {
    .version = MCP_LATE_VERSION,
    .fetch = mcp__fetch,
    .fetch_all = mcp__fetch_all,
    .once = mcp__once,
    .upstream_configure = mcp__room_configure,
    .upstream_stop = mcp__transfer_stop,
    .seal = mcp__seal,
    .unseal = mcp__unseal,
    .jwt_sign = mcp__jwt_sign,
    .sigv4_sign = mcp__sigv4_sign,
};
