/* The companion library that carries libcurl and libcrypto, opened at first need. */
#ifndef MCP_UPSTREAM_LATE_H
#define MCP_UPSTREAM_LATE_H

#include <mcp/fetch.h>
#include <mcp/jwt.h>
#include <mcp/sigv4.h>

/* Raised whenever a member changes, so that a companion of another build is refused. */
#define MCP_LATE_VERSION 2

struct mcp_late_api {
    unsigned version; /* MCP_LATE_VERSION */
    /* libcurl */
    int (*fetch)(struct mcp_call *call, const struct mcp_http_req *req, struct mcp_http_res *res,
                 struct mcp_error *err);
    int (*fetch_all)(struct mcp_call *call, const struct mcp_http_req *reqs, size_t n,
                     unsigned parallel,
                     int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                                 struct mcp_error *err),
                     void *ctx, struct mcp_error *err);
    /* No libcurl in it, but whoever needs a token fetches it. */
    int (*once)(struct mcp_call *call, mcp_str key,
                int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
                void *ctx, mcp_str *value, struct mcp_error *err);
    void (*upstream_configure)(size_t max_bytes_total);
    /* Ends the transfer thread; requests marked after_cancel get up to 1.5 s to end before it.
     * The next fetch starts another. */
    void (*upstream_stop)(void);
    /* libcrypto: AES-256-GCM with a key derived from state_key (HKDF-SHA256). key: 32 bytes or
     * more of any text. */
    int (*seal)(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err);
    int (*unseal)(mcp_str key, struct mcp_arena *arena, mcp_str bound, mcp_str sealed,
                  mcp_str *plain, struct mcp_error *err);
    int (*jwt_sign)(struct mcp_arena *arena, mcp_str key_pem, mcp_str kid, mcp_str claims,
                    mcp_str *jwt, struct mcp_error *err);
    int (*sigv4_sign)(const struct mcp_sigv4 *request, struct mcp_arena *arena,
                      struct mcp_sigv4_signed *out, struct mcp_error *err);
};

/* Opens the companion on first use, once; any thread. NULL with err when it cannot be had. */
const struct mcp_late_api *mcp__late(struct mcp_error *err);
/* What max_upstream_bytes_total is when the companion opens; opens nothing itself. 0: 64 MiB. */
void mcp__late_configure(size_t max_bytes_total);
/* upstream_stop when the companion was opened, else nothing. */
void mcp__late_stop(void);
/* The companion's one exported table; weak, so that a static link has it and a shared one opens
 * it. */
extern const struct mcp_late_api mcp_late_table __attribute__((weak));

#endif
