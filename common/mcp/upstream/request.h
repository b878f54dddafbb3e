/* What may be requested: the rules for URLs, headers and redirects, and a transfer made of them. */
#ifndef MCP_UPSTREAM_REQUEST_H
#define MCP_UPSTREAM_REQUEST_H

#include "mcp/upstream/transfer.h"

/* A request as it stands now: a redirect changes url, method, and what may be sent along. */
struct mcp__target {
    mcp_str url; /* borrowed from the request, or in arena */
    mcp_str host; /* in arena: "host" or "host:port", for people and for comparing */
    enum mcp_http_method method;
    bool plain_http;
    bool elsewhere; /* another host than the caller named: no credentials */
    bool no_body;
};

/* Fills target from req (all pure rules). MCP_EINVAL with what is wrong: the scheme, plain http
 * beyond loopback, a user name in the URL, a header with a line end. Secrets are not repeated. */
int mcp__request_check(const struct mcp_http_req *req, struct mcp_arena *arena,
                       struct mcp__target *target, struct mcp_error *err);
/* The target after a redirect to location. False when it is not to be followed: another scheme,
 * no URL, or a body that would have to go to another host. */
bool mcp__request_redirect(const struct mcp_http_req *req, struct mcp_arena *arena, int status,
                           mcp_str location, struct mcp__target *target);
/* A transfer with copies of everything; NULL without memory. */
struct mcp__transfer *mcp__request_transfer(const struct mcp_http_req *req,
                                            const struct mcp__target *target,
                                            struct mcp__group *group);

#endif
