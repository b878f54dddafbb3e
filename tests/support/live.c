/* A server on loopback in a thread, and a client of blocking sockets: for the tests of net. */
#include "live.h"

#include "tools.h"

#include "mcp/proto/registry.h"

#include <mcp/clock.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void on_listening(void *ctx, const char *address, int port)
{
    struct live *live = ctx;

    (void)address;
    pthread_mutex_lock(&live->lock);
    if (!live->listening) /* ::1 follows with the same port */
        live->port = port;
    live->listening = true;
    pthread_cond_signal(&live->ready);
    pthread_mutex_unlock(&live->lock);
}

static void *run(void *arg)
{
    struct live *live = arg;

    live->status = mcp__serve_http(&live->serve, &live->err);
    pthread_mutex_lock(&live->lock);
    live->listening = true; /* or never: nobody shall wait for it */
    pthread_cond_signal(&live->ready);
    pthread_mutex_unlock(&live->lock);
    return NULL;
}

void live_init(struct live *live)
{
    memset(live, 0, sizeof(*live));
    pthread_mutex_init(&live->lock, NULL);
    pthread_cond_init(&live->ready, NULL);
    live->serve.registry = test_registry();
    live->serve.ctx = live;
    live->serve.on_listening = on_listening;
}

void live_start(struct live *live)
{
    if (pthread_create(&live->thread, NULL, run, live) != 0)
        abort();
    pthread_mutex_lock(&live->lock);
    while (!live->listening)
        pthread_cond_wait(&live->ready, &live->lock);
    pthread_mutex_unlock(&live->lock);
}

void live_stop(struct live *live)
{
    union {
        const struct mcp_registry *borrowed;
        struct mcp_registry *owned;
    } registry = { .borrowed = live->serve.registry };

    mcp__serve_stop(&live->serve);
    pthread_join(live->thread, NULL);
    mcp__registry_free(registry.owned);
    pthread_cond_destroy(&live->ready);
    pthread_mutex_destroy(&live->lock);
}

int live_connect(const struct live *live)
{
    struct sockaddr_in addr = { .sin_family = AF_INET };
    struct timeval limit = { .tv_sec = 10 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    addr.sin_port = htons((uint16_t)live->port);
    addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
        perror("connect");
        abort();
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    return fd;
}

void live_send(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = send(fd, text, left, MSG_NOSIGNAL);

        if (n <= 0)
            return;
        text += n;
        left -= (size_t)n;
    }
}

/* The head byte by byte, the body by its length or chunks: bytes behind stay in the socket. */
static bool receive_line(int fd, char *out, size_t size, size_t *len)
{
    while (*len + 1 < size) {
        if (recv(fd, out + *len, 1, 0) != 1)
            return false;
        out[++*len] = '\0';
        if (out[*len - 1] == '\n')
            return true;
    }
    return false;
}

static bool receive_n(int fd, char *out, size_t size, size_t *len, size_t n)
{
    while (n > 0 && *len + n < size) {
        ssize_t got = recv(fd, out + *len, n, 0);

        if (got <= 0)
            return false;
        *len += (size_t)got;
        n -= (size_t)got;
        out[*len] = '\0';
    }
    return n == 0;
}

int live_receive(int fd, char *out, size_t size)
{
    size_t len = 0, line = 0, n = 0;
    bool chunked;
    char *at;

    out[0] = '\0';
    do {
        line = len;
        if (!receive_line(fd, out, size, &len))
            return -1;
    } while (len - line > 2);
    at = strstr(out, "Content-Length: ");
    chunked = strstr(out, "chunked") != NULL;
    if (at != NULL)
        n = strtoul(at + 16, NULL, 10);
    if (!chunked && !receive_n(fd, out, size, &len, n))
        return -1;
    while (chunked) {
        line = len;
        if (!receive_line(fd, out, size, &len))
            return -1;
        n = strtoul(out + line, NULL, 16);
        if (!receive_n(fd, out, size, &len, n + 2))
            return -1;
        chunked = n > 0;
    }
    return (int)strtol(out + 9, NULL, 10);
}

size_t live_receive_all(int fd, char *out, size_t size)
{
    size_t len = 0;

    while (len + 1 < size) {
        ssize_t n = recv(fd, out + len, size - 1 - len, 0);

        if (n <= 0)
            break;
        len += (size_t)n;
    }
    out[len] = '\0';
    return len;
}

int live_once(const struct live *live, const char *request, char *out, size_t size)
{
    int fd = live_connect(live);
    int status;

    live_send(fd, request);
    status = live_receive(fd, out, size);
    close(fd);
    return status;
}

void live_post(char *out, size_t size, const char *headers, const char *body)
{
    snprintf(out, size,
             "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n%s\r\n%s",
             strlen(body), headers, body);
}

void live_call(char *out, size_t size, int id, const char *tool, const char *args,
               const char *extra)
{
    char headers[256], body[4096];

    snprintf(headers, sizeof(headers),
             "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: %s\r\n",
             tool);
    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":%d,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\","
             "\"arguments\":%s,\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"
             "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}%s}}}",
             id, tool, args, extra);
    live_post(out, size, headers, body);
}

bool live_wait(atomic_uint_fast64_t *counter, uint64_t value)
{
    uint64_t until = mcp_clock_mono_ms() + 10000;

    while (atomic_load(counter) < value) {
        if (mcp_clock_mono_ms() > until)
            return false;
        sched_yield();
    }
    return true;
}
