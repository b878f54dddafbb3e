/* `health [URL]`: asks a running HTTP server whether it is ready, for container health checks. */
#include "cli.h"
#include "say.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define TIMEOUT_S 3
#define STATUS_LEN 12

/* Plain HTTP/1.0 by hand: a health check must not load a TLS library to ask its own container. */
static int ask(int fd, mcp_str host, mcp_str path)
{
    char text[1024];
    ssize_t n;

    n = snprintf(text, sizeof(text), "GET %.*s HTTP/1.0\r\nHost: %.*s\r\n\r\n", MCP_STR_ARG(path),
                 MCP_STR_ARG(host));
    if (n >= (ssize_t)sizeof(text) || send(fd, text, (size_t)n, MSG_NOSIGNAL) != n)
        return -1;
    /* "HTTP/1.1 200", in as many pieces as it comes. */
    n = recv(fd, text, STATUS_LEN, MSG_WAITALL);
    if (n < STATUS_LEN)
        return -1;
    text[n] = '\0';
    return strncmp(text, "HTTP/1.", 7) == 0 ? (int)strtol(text + 9, NULL, 10) : -1;
}

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    const struct timeval timeout = { .tv_sec = TIMEOUT_S };
    struct addrinfo *list = NULL;
    int fd = -1;

    if (getaddrinfo(host, port, &hints, &list) != 0)
        return -1;
    for (struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
            setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
        }
        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) < 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    return fd;
}

/* "host", "host:port" or "[v6]:port". */
static void split_authority(mcp_str authority, mcp_str *host, mcp_str *port)
{
    mcp_str rest = authority;

    *port = MCP_STR("80");
    if (mcp_str_cut_prefix(&rest, MCP_STR("[")) && mcp_str_cut(&rest, ']', host)) {
        if (mcp_str_cut_prefix(&rest, MCP_STR(":")))
            *port = rest;
        return;
    }
    rest = authority;
    if (mcp_str_cut(&rest, ':', host))
        *port = rest;
}

int cost__cli_health(struct cost__program *p)
{
    const struct cost__settings *s = p->settings;
    const char *port = getenv("PORT");
    mcp_str url, authority, path, host, number;
    struct mcp_error err = { 0 };
    int fd, status;

    url = s->options.n_rest > 0 ? s->options.rest[0]
                                : mcp_arena_printf(p->arena, "http://127.0.0.1:%s/health/ready",
                                                   port != NULL && port[0] != '\0' ? port : "8080");
    path = url;
    if (!mcp_str_cut_prefix(&path, MCP_STR("http://")) || s->options.n_rest > 1) {
        mcp_error_set(&err, MCP_EINVAL, "health takes one http:// URL, not \"%.*s\"",
                      MCP_STR_ARG(url));
        mcp_error_next(&err, "%s health http://127.0.0.1:8080/health/ready", p->spec->name);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    path = mcp_str_cut(&path, '/', &authority)
               ? mcp_arena_printf(p->arena, "/%.*s", MCP_STR_ARG(path))
               : MCP_STR("/health/ready");
    split_authority(authority, &host, &number);
    fd = connect_to(mcp_arena_str(p->arena, host).ptr, mcp_arena_str(p->arena, number).ptr);
    status = fd < 0 ? -1 : ask(fd, authority, path);
    if (fd >= 0)
        close(fd);
    if (status == 200) {
        puts("healthy");
        return COST__EXIT_OK;
    }
    if (status < 0)
        mcp_error_set(&err, MCP_EUNAVAILABLE, "%.*s does not answer", MCP_STR_ARG(url));
    else
        mcp_error_set(&err, MCP_EUNAVAILABLE, "%.*s answers %d", MCP_STR_ARG(url), status);
    return cost__cli_fail(p->spec, COST__EXIT_ERROR, &err);
}
