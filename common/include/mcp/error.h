/* Error codes, and the text that travels with a failure. */
#ifndef MCP_ERROR_H
#define MCP_ERROR_H

#include <mcp/str.h>

/* X(enum value, name on the wire, JSON-RPC code, HTTP status, a retry can help)
 * The only mapping between the four; mcp_err_* read it. */
#define MCP_ERR_MAP(X)                                                                             \
    X(MCP_EINVAL, -1, "invalid_argument", -32602, 400, false)                                      \
    X(MCP_EPARSE, -2, "parse_error", -32700, 400, false)                                           \
    X(MCP_EREQUEST, -3, "invalid_request", -32600, 400, false)                                     \
    X(MCP_EMETHOD, -4, "method_not_found", -32601, 404, false)                                     \
    X(MCP_EHEADER, -5, "header_mismatch", -32020, 400, false)                                      \
    X(MCP_ECAPABILITY, -6, "missing_capability", -32021, 400, false)                               \
    X(MCP_EVERSION, -7, "unsupported_version", -32022, 400, false)                                 \
    X(MCP_EINTERNAL, -8, "internal_error", -32603, 500, false)                                     \
    X(MCP_ENOMEM, -9, "out_of_memory", -32603, 503, true)                                          \
    X(MCP_ETOOBIG, -10, "too_big", -32600, 413, false)                                             \
    X(MCP_ECANCELLED, -11, "cancelled", -32603, 499, false)                                        \
    X(MCP_EDEADLINE, -12, "deadline_exceeded", -32603, 504, true)                                  \
    X(MCP_EBUSY, -13, "busy", -32603, 503, true)                                                   \
    X(MCP_EAUTH, -14, "unauthenticated", -32603, 401, false)                                       \
    X(MCP_EDENIED, -15, "permission_denied", -32603, 403, false)                                   \
    X(MCP_ENOTFOUND, -16, "not_found", -32602, 404, false)                                         \
    X(MCP_ECONFIG, -17, "not_configured", -32603, 500, false)                                      \
    X(MCP_EUPSTREAM, -18, "upstream_error", -32603, 502, false)                                    \
    X(MCP_EUNAVAILABLE, -19, "upstream_unavailable", -32603, 502, true)                            \
    X(MCP_EIO, -20, "io_error", -32603, 500, false)                                                \
    X(MCP_ERANGE, -21, "out_of_range", -32602, 400, false)                                         \
    X(MCP_EINPUT, -22, "input_required", -32603, 200, false)                                       \
    X(MCP_MISS, -23, "miss", -32603, 500, false)                                                   \
    X(MCP_EBUILDING, -24, "building", -32603, 503, true)                                           \
    X(MCP_EDATA, -25, "bad_data", -32603, 500, false)                                              \
    X(MCP_ESTALE, -26, "stale_cursor", -32602, 400, false)                                         \
    X(MCP_EREFUSED, -27, "refused", -32603, 400, false)

enum mcp_err {
    MCP_OK = 0,
#define MCP_ERR_ENUM(sym, num, name, rpc, http, retry) sym = (num),
    MCP_ERR_MAP(MCP_ERR_ENUM)
#undef MCP_ERR_ENUM
};

/* What a person or a model will read. code is the name on the wire of the failure, and may be a
 * finer word than the enum's (static storage). message says what is wrong; next says what to do
 * next, complete enough to be typed, or is empty. Both are cut at their size on a UTF-8 border. */
struct mcp_error {
    enum mcp_err err;
    const char *code; /* borrowed, static storage */
    int retry_after_ms; /* > 0: a hint; only where a retry can help */
    char message[1024];
    char next[512];
};

/* All set err (which may be NULL) and return code, so that "return mcp_error_set(...)" reads as one
 * sentence. The first reason stays: a set err is not overwritten. cold: the compiler lays the way to them
 * aside. */
int mcp_error_set(struct mcp_error *err, enum mcp_err code, const char *fmt, ...)
    __attribute__((cold, format(printf, 3, 4)));
/* As mcp_error_set, with a finer word for the wire. word: static storage. */
int mcp_error_word(struct mcp_error *err, enum mcp_err code, const char *word, const char *fmt, ...)
    __attribute__((cold, format(printf, 4, 5)));
/* Adds the next step to what was set (the first one stays too); returns err's code, for chaining.
 * With err NULL, or not set before, nothing is added and it returns MCP_EINTERNAL. */
int mcp_error_next(struct mcp_error *err, const char *fmt, ...)
    __attribute__((cold, format(printf, 2, 3)));
void mcp_error_clear(struct mcp_error *err);

const char *mcp_err_name(enum mcp_err code);
int mcp_err_rpc(enum mcp_err code);
int mcp_err_http(enum mcp_err code);
bool mcp_err_retryable(enum mcp_err code);

/* Our own mistake: prints file, line and condition to stderr and aborts, in release builds too. */
#define MCP_BUG_ON(cond)                                                                           \
    do {                                                                                           \
        if (__builtin_expect(!!(cond), 0))                                                         \
            mcp_bug(__FILE__, __LINE__, #cond);                                                    \
    } while (0)
_Noreturn void mcp_bug(const char *file, int line, const char *cond);

#endif
