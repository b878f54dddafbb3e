/* An HTTP server on loopback that misbehaves on demand: one thread per connection, plain sockets. */
#include "http_double.h"

#include <mcp/error.h>

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define CONNECTIONS_MAX 512
#define WAIT_S 10

struct http_double {
    int listener;
    int port;
    int stop[2]; /* readable at the end: every thread polls it */
    pthread_t acceptor;
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t changed;
    pthread_t threads[CONNECTIONS_MAX];
    unsigned n_threads;
    unsigned requests, hangups, at_once, most_at_once;
    unsigned flaky, later, reset_once;
    bool gate;
};

struct peer {
    struct http_double *d; /* borrowed */
    int fd; /* owned */
};

static void change(struct http_double *d, unsigned *counter, int by)
{
    pthread_mutex_lock(&d->lock);
    *counter = (unsigned)((int)*counter + by);
    if (d->at_once > d->most_at_once)
        d->most_at_once = d->at_once;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

/* Waits for bytes: 1, 0 at the end of the double or of the peer, after ms at the latest (-1). */
static int readable(const struct peer *p, int ms)
{
    struct pollfd fds[] = { { p->fd, POLLIN, 0 }, { p->d->stop[0], POLLIN, 0 } };
    int n = poll(fds, 2, ms);

    if (n < 0 || fds[1].revents != 0)
        return 0;
    return n == 0 ? -1 : 1;
}

static bool send_all(const struct peer *p, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(p->fd, bytes, n, MSG_NOSIGNAL);

        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool answer(const struct peer *p, const char *status, const char *headers, const char *body,
                   size_t n)
{
    char head[1024];
    int len = snprintf(head, sizeof(head), "HTTP/1.1 %s\r\nContent-Length: %zu\r\n%s\r\n", status,
                       n, headers);

    return send_all(p, head, (size_t)len) && send_all(p, body, n);
}

static void reset_peer(const struct peer *p)
{
    struct linger hard = { 1, 0 };

    setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
}

/* Until the peer hangs up or the double ends. */
static void hold(const struct peer *p)
{
    char byte;

    while (readable(p, -1) == 1 && recv(p->fd, &byte, 1, 0) > 0)
        ;
}

static bool first_ones(struct http_double *d, unsigned *counter, unsigned n)
{
    bool yes;

    pthread_mutex_lock(&d->lock);
    yes = (*counter)++ < n;
    pthread_mutex_unlock(&d->lock);
    return yes;
}

static bool send_zeros(const struct peer *p, size_t n, bool packed)
{
    size_t room = n + n / 100 + 4096;
    char *plain = calloc(1, n + 1);
    unsigned char *gz = malloc(room);
    z_stream z = { .next_in = (unsigned char *)plain, .avail_in = (unsigned)n };
    bool ok;

    MCP_BUG_ON(plain == NULL || gz == NULL);
    if (!packed) {
        ok = answer(p, "200 OK", "", plain, n);
    } else {
        z.next_out = gz;
        z.avail_out = (unsigned)room;
        MCP_BUG_ON(deflateInit2(&z, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
                   deflate(&z, Z_FINISH) != Z_STREAM_END);
        ok = answer(p, "200 OK", "Content-Encoding: gzip\r\n", (char *)gz, z.total_out);
        deflateEnd(&z);
    }
    free(plain);
    free(gz);
    return ok;
}

static bool send_heads(const struct peer *p, unsigned n)
{
    char line[128];
    bool ok = send_all(p, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", 36);

    for (unsigned sent = 0; ok && sent < n; sent += 100) {
        int len = snprintf(line, sizeof(line), "X-%u: ", sent);

        memset(line + len, 'x', (size_t)(98 - len));
        memcpy(line + 98, "\r\n", 2);
        ok = send_all(p, line, 100);
    }
    return ok && send_all(p, "\r\n", 2);
}

static bool wait_gate(struct http_double *d)
{
    struct timespec until;
    bool open;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&d->lock);
    while (!d->gate && pthread_cond_timedwait(&d->changed, &d->lock, &until) == 0)
        ;
    open = d->gate;
    pthread_mutex_unlock(&d->lock);
    return open;
}

#define EVENTS "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"

/* Bad manners: true when path was one of them; the connection ends then. */
static bool misbehave(const struct peer *p, const char *path, unsigned n)
{
    struct http_double *d = p->d;

    if (strcmp(path, "/silent") == 0) {
        hold(p);
    } else if (strcmp(path, "/stall") == 0) {
        char head[128];
        int len =
            snprintf(head, sizeof(head), "HTTP/1.1 200 OK\r\nContent-Length: %u\r\n\r\n", n + 1);
        char *body = calloc(1, n + 1);

        MCP_BUG_ON(body == NULL);
        if (send_all(p, head, (size_t)len) && send_all(p, body, n))
            hold(p);
        free(body);
    } else if (strcmp(path, "/events") == 0) {
        if (send_all(p, EVENTS "\r\nfirst", strlen(EVENTS) + 7) && wait_gate(d) &&
            send_all(p, "second", 6))
            hold(p);
    } else if (strcmp(path, "/events-cut") == 0) {
        send_all(p, EVENTS "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n", strlen(EVENTS) + 40);
    } else if (strcmp(path, "/drip") == 0) {
        bool ok = send_all(p, "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", 44);

        while (ok && readable(p, (int)n) == -1)
            ok = send_all(p, "x", 1);
    } else if (strcmp(path, "/reset") == 0 ||
               (strcmp(path, "/reset-once") == 0 && first_ones(d, &d->reset_once, 1))) {
        reset_peer(p);
    } else if (strcmp(path, "/cut") == 0) {
        send_all(p, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", 51);
    } else if (strcmp(path, "/long") == 0) {
        /* Apart or not: the client knows the length before it reads on, or does not. */
        send_all(p, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 38);
        if (n > 0)
            readable(p, (int)n);
        send_all(p, "hello, and forty-five bytes that nobody asked for.", 50);
    } else if (strcmp(path, "/garbage") == 0) {
        send_all(p, "\x16\x03\x01 this is no HTTP\r\n\r\n", 24);
    } else {
        return false;
    }
    return true;
}

static bool behave(const struct peer *p, const char *path, unsigned n, const char *request,
                   size_t len)
{
    struct http_double *d = p->d;
    char status[64], extra[128];

    snprintf(status, sizeof(status), "%u Status", n);
    if (strcmp(path, "/echo") == 0)
        return answer(p, "200 OK", "X-Double: yes\r\n", request, len);
    if (strcmp(path, "/big") == 0 || strcmp(path, "/gzip") == 0)
        return send_zeros(p, n, path[1] == 'g');
    if (strcmp(path, "/status") == 0)
        return answer(p, status, "", "", 0);
    if (strcmp(path, "/flaky") == 0 && first_ones(d, &d->flaky, n))
        return answer(p, "503 Busy", "Retry-After: 0\r\n", "busy", 4);
    if (strcmp(path, "/flaky") == 0)
        return answer(p, "200 OK", "", "at last", 7);
    snprintf(extra, sizeof(extra), "Retry-After: %u\r\n", n);
    if (strcmp(path, "/later") == 0 && first_ones(d, &d->later, 1))
        return answer(p, "429 Slow down", extra, "", 0);
    if (strcmp(path, "/later") == 0)
        return answer(p, "200 OK", "", "later", 5);
    if (strcmp(path, "/slow") == 0)
        return readable(p, (int)n) == -1 && answer(p, "200 OK", "", "slow", 4);
    if (strcmp(path, "/gate") == 0)
        return wait_gate(d) && answer(p, "200 OK", "", "gate", 4);
    if (strcmp(path, "/heads") == 0)
        return send_heads(p, n);
    if (strcmp(path, "/hop") == 0) {
        if (n == 0)
            snprintf(extra, sizeof(extra), "Location: echo\r\n");
        else
            snprintf(extra, sizeof(extra), "Location: /hop?%u\r\n", n - 1);
        return answer(p, "302 Found", extra, "", 0);
    }
    if (strcmp(path, "/away") == 0 || strcmp(path, "/away307") == 0) {
        snprintf(extra, sizeof(extra), "Location: http://127.0.0.1:%u/echo\r\n", n);
        return answer(p, path[5] == '3' ? "307 Away" : "302 Away", extra, "", 0);
    }
    if (strcmp(path, "/scheme") == 0)
        return answer(p, "302 Found", "Location: https://127.0.0.1/echo\r\n", "", 0);
    return answer(p, "200 OK", "", "hello", 5);
}

/* One request with its body; 0 at the end of the connection. */
static size_t read_request(const struct peer *p, char *buf, size_t size)
{
    size_t len = 0, want = 0;

    for (;;) {
        const char *end, *length;
        ssize_t n;

        if (readable(p, -1) != 1)
            return 0;
        n = recv(p->fd, buf + len, size - 1 - len, 0);
        if (n <= 0)
            return 0;
        len += (size_t)n;
        buf[len] = '\0';
        end = strstr(buf, "\r\n\r\n");
        if (end == NULL)
            continue;
        length = strcasestr(buf, "\r\ncontent-length:");
        want = (size_t)(end + 4 - buf) +
               (length == NULL || length > end ? 0 : strtoul(length + 17, NULL, 10));
        if (len >= want)
            return len;
    }
}

static void *serve_peer(void *arg)
{
    struct peer *p = arg;
    struct http_double *d = p->d;
    static __thread char buf[65536];
    bool go_on = true;

    while (go_on) {
        char method[16], target[512], *query;
        size_t len = read_request(p, buf, sizeof(buf));
        unsigned n;

        if (len == 0 || sscanf(buf, "%15s %511s", method, target) != 2)
            break;
        query = strchr(target, '?');
        n = query == NULL ? 0 : (unsigned)strtoul(query + 1, NULL, 10);
        if (query != NULL)
            *query = '\0';
        change(d, &d->at_once, 1);
        change(d, &d->requests, 1);
        go_on = !misbehave(p, target, n) && behave(p, target, n, buf, len);
        change(d, &d->at_once, -1);
    }
    close(p->fd);
    change(d, &d->hangups, 1);
    free(p);
    return NULL;
}

static void *accept_peers(void *arg)
{
    struct http_double *d = arg;
    struct peer self = { d, d->listener };

    while (readable(&self, -1) == 1) {
        struct peer *p = malloc(sizeof(*p));

        MCP_BUG_ON(p == NULL);
        p->d = d;
        p->fd = accept4(d->listener, NULL, NULL, SOCK_CLOEXEC);
        MCP_BUG_ON(p->fd < 0);
        pthread_mutex_lock(&d->lock);
        MCP_BUG_ON(d->n_threads == CONNECTIONS_MAX ||
                   pthread_create(&d->threads[d->n_threads++], NULL, serve_peer, p) != 0);
        pthread_mutex_unlock(&d->lock);
    }
    return NULL;
}

struct http_double *http_double_new(void)
{
    struct http_double *d = calloc(1, sizeof(*d));
    struct sockaddr_in at = { .sin_family = AF_INET };
    socklen_t len = sizeof(at);

    MCP_BUG_ON(d == NULL);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    d->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    MCP_BUG_ON(d->listener < 0 || bind(d->listener, (struct sockaddr *)&at, sizeof(at)) != 0 ||
               listen(d->listener, 256) != 0 ||
               getsockname(d->listener, (struct sockaddr *)&at, &len) != 0 || pipe(d->stop) != 0);
    d->port = ntohs(at.sin_port);
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->changed, NULL);
    MCP_BUG_ON(pthread_create(&d->acceptor, NULL, accept_peers, d) != 0);
    return d;
}

void http_double_free(struct http_double *d)
{
    if (d == NULL)
        return;
    http_double_open_gate(d);
    MCP_BUG_ON(write(d->stop[1], "x", 1) != 1);
    pthread_join(d->acceptor, NULL);
    for (unsigned i = 0; i < d->n_threads; i++)
        pthread_join(d->threads[i], NULL);
    close(d->listener);
    close(d->stop[0]);
    close(d->stop[1]);
    pthread_cond_destroy(&d->changed);
    pthread_mutex_destroy(&d->lock);
    free(d);
}

int http_double_port(const struct http_double *d)
{
    return d->port;
}

const char *http_double_url(const struct http_double *d, const char *path)
{
    static char urls[8][256];
    static unsigned at;
    char *url = urls[at++ % 8];

    snprintf(url, sizeof(urls[0]), "http://127.0.0.1:%d%s", d->port, path);
    return url;
}

static unsigned read_counter(struct http_double *d, const unsigned *counter)
{
    unsigned value;

    pthread_mutex_lock(&d->lock);
    value = *counter;
    pthread_mutex_unlock(&d->lock);
    return value;
}

unsigned http_double_requests(struct http_double *d)
{
    return read_counter(d, &d->requests);
}

unsigned http_double_connections(struct http_double *d)
{
    return read_counter(d, &d->n_threads);
}

unsigned http_double_most_at_once(struct http_double *d)
{
    return read_counter(d, &d->most_at_once);
}

void http_double_open_gate(struct http_double *d)
{
    pthread_mutex_lock(&d->lock);
    d->gate = true;
    pthread_cond_broadcast(&d->changed);
    pthread_mutex_unlock(&d->lock);
}

static bool wait_counter(struct http_double *d, const unsigned *counter, unsigned n)
{
    struct timespec until;
    bool there;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&d->lock);
    while (*counter < n && pthread_cond_timedwait(&d->changed, &d->lock, &until) == 0)
        ;
    there = *counter >= n;
    pthread_mutex_unlock(&d->lock);
    return there;
}

bool http_double_wait_requests(struct http_double *d, unsigned n)
{
    return wait_counter(d, &d->requests, n);
}

bool http_double_wait_hangups(struct http_double *d, unsigned n)
{
    return wait_counter(d, &d->hangups, n);
}
