/* AWS Signature Version 4: the headers that prove who sends a request. */
#ifndef MCP_SIGV4_H
#define MCP_SIGV4_H

#include <mcp/arena.h>
#include <mcp/error.h>

struct mcp_sigv4_header {
    mcp_str name, value;
};

/* All borrowed. The request is signed as it will be sent: host, path and query in their
 * percent-encoded form. */
struct mcp_sigv4 {
    mcp_str method; /* "POST" */
    mcp_str host; /* with the port when it is not the scheme's */
    mcp_str path; /* "/" when empty */
    mcp_str query; /* without '?', or missing */
    /* Signed besides host, x-amz-date and x-amz-security-token, which are made here. Values of one
     * name are joined in their order. */
    const struct mcp_sigv4_header *headers;
    size_t n_headers;
    mcp_str body;
    mcp_str region, service;
    mcp_str access_key, secret_key;
    mcp_str session_token; /* or missing */
    int64_t at; /* instant of signing */
    bool keep_path; /* S3: the path is neither normalised nor encoded again */
};

/* Lives in the arena. */
struct mcp_sigv4_signed {
    mcp_str authorization; /* value of the header Authorization */
    mcp_str date; /* value of x-amz-date */
    /* For tests and for comparing with what a server expected: */
    mcp_str canonical_request, string_to_sign;
};

/* 0; MCP_EINVAL for a header name or value that cannot be sent; MCP_ETOOBIG, MCP_ENOMEM. Opens the
 * companion library. */
int mcp_sigv4_sign(const struct mcp_sigv4 *request, struct mcp_arena *arena,
                   struct mcp_sigv4_signed *out, struct mcp_error *err);

#endif
