/* A scripted HTTP server on loopback: one request a connection, each answered by a function. */
#include "web.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void send_all(int fd, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return;
        bytes += sent;
        n -= (size_t)sent;
    }
}

static size_t fill_in(const struct web *web, const char *body, char *text, size_t size)
{
    size_t n = 0;

    for (const char *p = body; *p != '\0' && n + 64 < size;) {
        if (strncmp(p, "%ID%", 4) == 0) {
            n += (size_t)snprintf(text + n, size - n, "%s", web->id);
            p += 4;
        } else {
            text[n++] = *p++;
        }
    }
    return n;
}

void web_send(struct web *web, const char *text)
{
    char filled[4096];

    send_all(web->peer, filled, fill_in(web, text, filled, sizeof(filled)));
}

void web_answer(struct web *web, const char *status, const char *headers, const char *body)
{
    static char text[65536];
    size_t n = fill_in(web, body, text, sizeof(text));
    char head[1024];
    int len;

    len = snprintf(head, sizeof(head),
                   "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n%s\r\n", status, n,
                   headers);
    send_all(web->peer, head, (size_t)len);
    send_all(web->peer, text, n);
    web->answered = true;
}

static bool read_request(struct web *web)
{
    size_t len = 0;

    for (;;) {
        ssize_t n = recv(web->peer, web->last + len, sizeof(web->last) - 1 - len, 0);
        const char *end, *length;

        if (n <= 0)
            return false;
        len += (size_t)n;
        web->last[len] = '\0';
        end = strstr(web->last, "\r\n\r\n");
        if (end == NULL)
            continue;
        length = strcasestr(web->last, "\r\ncontent-length:");
        if (length == NULL || length > end ||
            len >= (size_t)(end + 4 - web->last) + strtoul(length + 17, NULL, 10))
            return true;
    }
}

/* False when there will be no more. */
static bool serve(struct web *web)
{
    char byte;

    web->peer = accept(web->listener, NULL, NULL);
    if (web->peer < 0)
        return false;
    if (read_request(web)) {
        const char *id = strstr(web->last, "\"id\":");

        snprintf(web->id, sizeof(web->id), "null");
        if (id != NULL)
            snprintf(web->id, sizeof(web->id), "%ld", strtol(id + 5, NULL, 10));
        web->answered = false;
        web->fn(web, web->last, atomic_fetch_add(&web->requests, 1) + 1);
        if (!web->answered) {
            while (recv(web->peer, &byte, 1, 0) > 0)
                continue;
            atomic_fetch_add(&web->hangups, 1);
        }
    }
    shutdown(web->peer, SHUT_WR);
    close(web->peer);
    return true;
}

void web_serve_next(struct web *web)
{
    int peer = web->peer;
    char id[sizeof(web->id)];

    memcpy(id, web->id, sizeof(id));
    serve(web);
    web->peer = peer;
    memcpy(web->id, id, sizeof(id));
    web->answered = false;
}

static void *run(void *arg)
{
    while (serve(arg))
        continue;
    return NULL;
}

void web_start(struct web *web, web_fn fn)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    socklen_t len = sizeof(addr);

    memset(web, 0, sizeof(*web));
    web->fn = fn;
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    web->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (web->listener < 0 || bind(web->listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
        listen(web->listener, 64) != 0 ||
        getsockname(web->listener, (struct sockaddr *)&addr, &len) != 0)
        abort();
    snprintf(web->url, sizeof(web->url), "http://127.0.0.1:%d/mcp", ntohs(addr.sin_port));
    if (pthread_create(&web->thread, NULL, run, web) != 0)
        abort();
}

void web_stop(struct web *web)
{
    shutdown(web->listener, SHUT_RDWR);
    pthread_join(web->thread, NULL);
    close(web->listener);
}
