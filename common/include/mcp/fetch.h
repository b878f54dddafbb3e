/* Upstream HTTP for handlers: linear, bounded, cancelled with its call. */
#ifndef MCP_FETCH_H
#define MCP_FETCH_H

#include <mcp/call.h>

enum mcp_http_method { MCP_GET, MCP_POST, MCP_PUT, MCP_DELETE, MCP_HEAD };

struct mcp_http_header {
    mcp_str name;
    mcp_str value; /* borrowed; no CR, LF or NUL */
};

/* All pointers are borrowed until mcp_fetch returns. Zero fields mean their default. */
struct mcp_http_req {
    enum mcp_http_method method;
    mcp_str url; /* https, or http to loopback only unless allow_http */
    const struct mcp_http_header *headers;
    size_t n_headers;
    mcp_str body;
    unsigned timeout_ms; /* of one attempt [60 s]; the call's deadline always holds too */
    unsigned connect_timeout_ms; /* [10 s] */
    size_t max_body_bytes; /* of the answer, unpacked [16 MiB] */
    /* Further attempts, with backoff or Retry-After within the deadline: after connect errors, and
     * of what is safe to repeat after a broken or silent connection, 429, 502, 503, 504. */
    unsigned retries;
    /* This POST is safe to repeat (a query, a token). One that is not gets a connection of its own,
     * because libcurl repeats by itself what broke on a reused one: mark all that can be. */
    bool retry_post;
    bool allow_http; /* plain http beyond loopback (metadata servers) */
    /* Redirects, at most 5, of the same scheme; another host gets only Accept*, Content-Type and
     * User-Agent of the headers, and no body. A redirect that is not followed is the answer. */
    bool follow;
    bool
        after_cancel; /* starts even if the call is cancelled; survives it for 3 s, answer ignored */
    /* An answer with status 200 and this media type is given in pieces as it comes, on the waiting
     * thread, and res->body stays empty. 0: go on. Above 0: that was enough, the rest is not waited
     * for. Below 0: mcp_fetch returns it. Once a piece was given nothing is tried again. */
    mcp_str stream_type;
    int (*on_piece)(void *ctx, mcp_str bytes);
    void *ctx; /* on_piece's */
};

/* Lives in the call's arena. */
struct mcp_http_res {
    int status;
    mcp_str body;
    const struct mcp_http_header *headers;
    size_t n_headers;
    unsigned attempts;
    uint64_t elapsed_ms;
};

/* Waits for the answer. 0 with any HTTP status in *res; else MCP_ECANCELLED, MCP_EDEADLINE (err
 * names the host that was silent), MCP_EUNAVAILABLE (connect, TLS, reset), MCP_ETOOBIG, MCP_EINVAL
 * (refused URL). */
int mcp_fetch(struct mcp_call *call, const struct mcp_http_req *req, struct mcp_http_res *res,
              struct mcp_error *err);

/* n requests, at most `parallel` at once; each(ctx, i, res, code, err) is called on this thread as
 * they finish, in any order; a negative answer of it cancels the rest and is returned. */
int mcp_fetch_all(struct mcp_call *call, const struct mcp_http_req *reqs, size_t n,
                  unsigned parallel,
                  int (*each)(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                              struct mcp_error *err),
                  void *ctx, struct mcp_error *err);

/* Of several calls that need the same thing (a token), one runs fn, the others wait for its value
 * under their own deadlines. When the leader is cancelled the next one takes over; when fn fails
 * all waiting get its error. key names the thing in this process; the value is copied into each
 * call's arena. Nothing is kept after the last waiter left: caching is the caller's. */
int mcp_once(struct mcp_call *call, mcp_str key,
             int (*fn)(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err),
             void *ctx, mcp_str *value, struct mcp_error *err);

/* The value of a header without regard to case, or missing. */
mcp_str mcp_http_header_get(const struct mcp_http_res *res, mcp_str name);

#endif
