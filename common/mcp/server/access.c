/* Who may call over HTTP: what is refused at the start, and the check of every request. */
#include "mcp/server/access.h"

#include <mcp/arena.h>
#include <mcp/secret.h>

#include <arpa/inet.h>

bool mcp__access_is_loopback(mcp_str host)
{
    struct in6_addr v6;
    struct in_addr v4;
    char text[64];

    if (host.len == 0 || mcp_str_eq_nocase(host, MCP_STR("localhost")))
        return true;
    if (host.len >= sizeof(text))
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = '\0';
    if (inet_pton(AF_INET, text, &v4) == 1)
        return (ntohl(v4.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

int mcp__access_check(const struct mcp_app_config *config, struct mcp_error *err)
{
    bool loopback = mcp__access_is_loopback(config->http.host);

    if (config->auth == MCP_AUTH_TOKEN && config->http_token.len < MCP__HTTP_TOKEN_MIN) {
        mcp_error_set(err, MCP_ECONFIG, "auth: token needs http_token with %d bytes or more, %s",
                      MCP__HTTP_TOKEN_MIN,
                      config->http_token.len == 0 ? "and it is not set" : "and it is shorter");
        mcp_error_next(err, "Set MCP_HTTP_TOKEN, for instance to the output of: openssl "
                            "rand -hex 32");
        return MCP_ECONFIG;
    }
    if (loopback)
        return 0;
    if (config->auth == MCP_AUTH_NONE) {
        mcp_error_set(err, MCP_ECONFIG,
                      "serving at %.*s would let everybody call who reaches that address",
                      MCP_STR_ARG(config->http.host));
        mcp_error_next(err, "Set auth: token with MCP_HTTP_TOKEN (32 bytes or more), or "
                            "auth: platform when the platform in front checks callers, and "
                            "allowed_hosts; or serve at 127.0.0.1");
        return MCP_ECONFIG;
    }
    if (config->allowed_hosts.count == 0) {
        mcp_error_set(err, MCP_ECONFIG, "serving at %.*s needs the Host names it is called by",
                      MCP_STR_ARG(config->http.host));
        mcp_error_next(err, "Set allowed_hosts (MCP_ALLOWED_HOSTS), like "
                            "costs.example.com");
        return MCP_ECONFIG;
    }
    return 0;
}

int mcp__access_authorize(const struct mcp_app_config *config, const struct mcp_http_head *head,
                          struct mcp_buf *principal, struct mcp_http_reply *reply)
{
    mcp_str token = head->authorization;

    if (config->auth == MCP_AUTH_NONE)
        return 0;
    if (config->auth == MCP_AUTH_PLATFORM) {
        mcp_buf_z(principal, "platform");
        return 0;
    }
    /* RFC 6750 2.1: the scheme has any case, the token none of its own. */
    if (mcp_str_cut_prefix_nocase(&token, MCP_STR("Bearer ")) &&
        mcp_secret_same(mcp_str_trim(token), config->http_token)) {
        mcp_buf_z(principal, "token");
        return 0;
    }
    mcp_buf_z(&reply->headers, "WWW-Authenticate: Bearer realm=\"mcp\"");
    if (!mcp_str_is_null(head->authorization))
        mcp_buf_z(&reply->headers, ", error=\"invalid_token\"");
    mcp_buf_z(&reply->headers, "\r\n");
    return MCP_EAUTH;
}
