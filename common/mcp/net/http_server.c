/* The HTTP transport's sockets: listening, accepting, reading, and the end of each connection. */
#include "mcp/net/http.h"
#include "mcp/net/intake.h"
#include "mcp/net/outbox.h"

#include <mcp/clock.h>
#include <mcp/log.h>

#include <stdlib.h>

#define STALL_MS 30000 /* without a byte leaving */
#define LINGER_MS 2000 /* for the peer to read a last answer and close */
#define MAX_LISTENERS 4
#define BACKLOG 511
/* Answers that wait for each other at most, to wake their reader once. Whoever gets the last ones asks again
 * too late for the next poll and waits for the one behind it: the fewer, the shorter the tail. */
#define ROUND_MAX 4

struct server;

struct conn {
    uv_tcp_t tcp;
    uv_shutdown_t shutdown;
    struct server *server; /* borrowed */
    struct conn *prev, *next;
    struct mcp_outbox outbox;
    struct mcp_http_conn http;
    uint64_t linger_ms; /* when the goodbye began, 0: not yet */
    bool reading, full, paused, finishing;
    bool gone; /* the peer sends no more; it may still read */
};

struct server {
    struct mcp_loop loop;
    struct mcp_http http;
    uv_tcp_t listeners[MAX_LISTENERS];
    unsigned n_listeners;
    struct conn *conns;
    size_t n_conns;
    struct mcp_intake intake; /* of all connections: empty when the loop has polled */
    uv_check_t polled;
};

/* ---- reading --------------------------------------------------------------------------------- */

static void close_conn(struct conn *c);

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct conn *c = handle->data;

    (void)suggested;
    *buf = mcp__intake_room(&c->server->intake);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf);

/* Reads exactly while the parser has room and not too much waits to be sent. */
static void update_reading(struct conn *c)
{
    bool want = !c->full && !c->paused && !c->gone && !uv_is_closing((uv_handle_t *)&c->tcp);

    if (want == c->reading)
        return;
    c->reading = want;
    if (want)
        uv_read_start((uv_stream_t *)&c->tcp, on_alloc, on_read);
    else if (!uv_is_closing((uv_handle_t *)&c->tcp))
        uv_read_stop((uv_stream_t *)&c->tcp);
}

/* The peer has closed its side. What it still runs is taken back, as nobody can tell this from a
 * peer that went; an answer that is on its way arrives. */
static void half_closed(struct conn *c)
{
    c->gone = true;
    update_reading(c);
    mcp__http_conn_gone(&c->http);
}

/* The end of a round: what was read is answered, the answers go out. */
static void end_round(struct server *s)
{
    mcp__intake_work_off(&s->intake);
    mcp__outbox_round_end(&s->loop.round);
}

static void on_polled(uv_check_t *polled)
{
    end_round(polled->data);
}

static void feed(void *owner, mcp_str bytes)
{
    struct conn *c = owner;

    if (c->linger_ms == 0 && !uv_is_closing((uv_handle_t *)&c->tcp))
        mcp__http_conn_feed(&c->http, bytes.ptr, bytes.len);
    if (c->server->loop.round.count >= ROUND_MAX)
        mcp__outbox_round_end(&c->server->loop.round);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct conn *c = stream->data;

    (void)buf;
    if (n > 0 && mcp__intake_add(&c->server->intake, c, (size_t)n))
        end_round(c->server);
    if (n >= 0)
        return;
    end_round(c->server); /* what it has read comes before its end */
    if (n == UV_EOF && c->linger_ms == 0 && mcp__outbox_unsent(&c->outbox) > 0)
        half_closed(c);
    else
        close_conn(c);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void on_shutdown(uv_shutdown_t *req, int status)
{
    (void)req;
    (void)status;
}

/* The last answer is out. What the peer still sends is read and dropped for a while, because a
 * close with unread bytes would reset the connection and take the answer with it. */
static void say_goodbye(struct conn *c)
{
    if (c->linger_ms != 0 || uv_is_closing((uv_handle_t *)&c->tcp))
        return;
    c->linger_ms = mcp__loop_now(&c->server->loop);
    c->full = c->paused = false;
    update_reading(c);
    if (uv_shutdown(&c->shutdown, (uv_stream_t *)&c->tcp, on_shutdown) != 0)
        close_conn(c);
}

static void on_drained(void *ctx)
{
    struct conn *c = ctx;

    c->full = false;
    if (c->gone)
        close_conn(c);
    else if (c->finishing)
        say_goodbye(c);
    else
        update_reading(c);
    if (!c->gone)
        mcp__http_conn_drained(&c->http);
}

static void on_error(void *ctx)
{
    close_conn(ctx);
}

static void io_write(void *ctx, const uv_buf_t *bufs, unsigned n)
{
    struct conn *c = ctx;

    mcp__outbox_write(&c->outbox, bufs, n);
    for (unsigned i = 0; i < n; i++)
        mcp__count(&c->server->loop.serve->counters.bytes_out, bufs[i].len);
    if (mcp__outbox_unsent(&c->outbox) > MCP_OUTBOX_HIGH) {
        c->full = true;
        update_reading(c);
    }
}

static size_t io_unsent(void *ctx)
{
    return mcp__outbox_unsent(&((struct conn *)ctx)->outbox);
}

static void io_finish(void *ctx)
{
    struct conn *c = ctx;

    c->finishing = true;
    if (mcp__outbox_unsent(&c->outbox) == 0)
        say_goodbye(c);
}

static void io_pause(void *ctx, bool paused)
{
    struct conn *c = ctx;

    c->paused = paused;
    update_reading(c);
}

static const struct mcp_http_io io = { io_write, io_unsent, io_finish, io_pause };

/* ---- connections ----------------------------------------------------------------------------- */

static void check_end(struct server *s)
{
    if (s->loop.stopping && s->n_conns == 0 && mcp__flights_pending(&s->loop) == 0)
        mcp__loop_end(&s->loop);
}

/* Everything that may still point to the connection is told here, never from inside a write. */
static void on_closed(uv_handle_t *handle)
{
    struct conn *c = handle->data;
    struct server *s = c->server;

    mcp__http_conn_gone(&c->http);
    mcp__http_conn_release(&c->http);
    mcp__outbox_release(&c->outbox);
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        s->conns = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    s->n_conns--;
    mcp__uncount(&s->loop.serve->counters.connections_open);
    free(c);
    check_end(s);
}

static void close_conn(struct conn *c)
{
    if (!uv_is_closing((uv_handle_t *)&c->tcp))
        uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static bool is_loopback(const struct sockaddr_storage *addr)
{
    if (addr->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)addr;

        return (ntohl(in->sin_addr.s_addr) >> 24) == 127;
    }
    return addr->ss_family == AF_INET6 &&
           IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr);
}

static void on_refused_closed(uv_handle_t *handle)
{
    free(handle);
}

/* Over max_connections: taken from the backlog and closed, so that nobody waits for nothing. */
static void refuse(struct server *s, uv_stream_t *listener)
{
    uv_tcp_t *tcp = malloc(sizeof(*tcp));

    mcp__count(&s->loop.serve->counters.connections_refused, 1);
    if (tcp == NULL || uv_tcp_init(&s->loop.uv, tcp) != 0) {
        free(tcp);
        return;
    }
    (void)uv_accept(listener, (uv_stream_t *)tcp);
    uv_close((uv_handle_t *)tcp, on_refused_closed);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *s = listener->data;
    struct sockaddr_storage peer;
    int len = sizeof(peer);
    struct conn *c;

    if (status != 0)
        return;
    c = s->n_conns >= s->loop.config.max_connections ? NULL : calloc(1, sizeof(*c));
    if (c == NULL || uv_tcp_init(&s->loop.uv, &c->tcp) != 0) {
        free(c);
        refuse(s, listener);
        return;
    }
    c->server = s;
    c->tcp.data = c;
    c->next = s->conns;
    if (c->next != NULL)
        c->next->prev = c;
    s->conns = c;
    s->n_conns++;
    mcp__count(&s->loop.serve->counters.connections, 1);
    mcp__count(&s->loop.serve->counters.connections_open, 1);
    mcp__outbox_init(&c->outbox, (uv_stream_t *)&c->tcp, -1);
    c->outbox.ctx = c;
    c->outbox.round = &s->loop.round;
    c->outbox.on_drained = on_drained;
    c->outbox.on_error = on_error;
    mcp__http_conn_init(&c->http, &s->http, &io, c);
    if (uv_accept(listener, (uv_stream_t *)&c->tcp) != 0) {
        close_conn(c);
        return;
    }
    uv_tcp_nodelay(&c->tcp, 1);
    if (uv_tcp_getpeername(&c->tcp, (struct sockaddr *)&peer, &len) == 0)
        c->http.peer_loopback = is_loopback(&peer);
    update_reading(c);
    mcp__loop_wake_ticks(&s->loop);
}

static void tick_conn(struct conn *c, uint64_t now)
{
    if (c->linger_ms != 0 && now - c->linger_ms >= LINGER_MS)
        close_conn(c);
    else if (mcp__outbox_stalled(&c->outbox, now, STALL_MS))
        close_conn(c);
    else if (c->linger_ms == 0 && mcp__http_conn_tick(&c->http, now))
        close_conn(c);
}

static void on_second(struct mcp_loop *loop)
{
    struct server *s = loop->transport;
    uint64_t now = mcp__loop_now(loop);

    for (struct conn *c = s->conns; c != NULL; c = c->next)
        tick_conn(c, now);
    mcp__sessions_sweep(s->http.sessions, now);
    atomic_store_explicit(&loop->serve->counters.sessions_open,
                          mcp__sessions_count(s->http.sessions), memory_order_relaxed);
    check_end(s);
}

static bool is_busy(struct mcp_loop *loop)
{
    struct server *s = loop->transport;

    return s->n_conns > 0 || mcp__sessions_count(s->http.sessions) > 0;
}

static void on_stop(struct mcp_loop *loop)
{
    struct server *s = loop->transport;

    for (unsigned i = 0; i < s->n_listeners; i++) {
        if (!uv_is_closing((uv_handle_t *)&s->listeners[i]))
            uv_close((uv_handle_t *)&s->listeners[i], NULL);
    }
    end_round(s); /* a connection with a request that was read is not idle */
    mcp__watchers_stop(loop);
    for (struct conn *c = s->conns; c != NULL; c = c->next) {
        if (mcp__http_conn_may_end(&c->http) && mcp__outbox_unsent(&c->outbox) == 0)
            close_conn(c);
    }
    check_end(s);
}

/* ---- listening ------------------------------------------------------------------------------- */

/* 0 with the port in *port, or a uv error. */
static int listen_on(struct server *s, const struct sockaddr *addr, int *port)
{
    uv_tcp_t *tcp = &s->listeners[s->n_listeners];
    struct sockaddr_storage bound;
    int len = sizeof(bound);
    char name[64] = "";
    unsigned flags = addr->sa_family == AF_INET6 ? UV_TCP_IPV6ONLY : 0;
    int rc = uv_tcp_init(&s->loop.uv, tcp);

    if (rc != 0)
        return rc;
    s->n_listeners++; /* initialised: it is closed with the others */
    tcp->data = s;
    rc = uv_tcp_bind(tcp, addr, flags);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)tcp, BACKLOG, on_connection);
    if (rc == 0)
        rc = uv_tcp_getsockname(tcp, (struct sockaddr *)&bound, &len);
    if (rc != 0)
        return rc;
    if (bound.ss_family == AF_INET6) {
        *port = ntohs(((struct sockaddr_in6 *)(void *)&bound)->sin6_port);
        uv_ip6_name((struct sockaddr_in6 *)(void *)&bound, name, sizeof(name));
    } else {
        *port = ntohs(((struct sockaddr_in *)(void *)&bound)->sin_port);
        uv_ip4_name((struct sockaddr_in *)(void *)&bound, name, sizeof(name));
    }
    if (!is_loopback(&bound))
        s->http.loopback = false;
    if (s->loop.serve->on_listening != NULL)
        s->loop.serve->on_listening(s->loop.serve->ctx, name, *port);
    return 0;
}

static int listen_loopback(struct server *s, int port)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    int rc = uv_ip4_addr("127.0.0.1", port, &v4);

    if (rc == 0)
        rc = listen_on(s, (const struct sockaddr *)&v4, &port);
    /* A host without IPv6, or with the port taken there, still serves. */
    if (rc == 0 && uv_ip6_addr("::1", port, &v6) == 0)
        (void)listen_on(s, (const struct sockaddr *)&v6, &port);
    return rc;
}

static int listen_host(struct server *s, mcp_str host, int port)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
    char name[64];

    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']')
        host = mcp_str_n(host.ptr + 1, host.len - 2);
    if (host.len >= sizeof(name))
        return UV_EINVAL;
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    if (uv_ip4_addr(name, port, &v4) == 0)
        return listen_on(s, (const struct sockaddr *)&v4, &port);
    if (uv_ip6_addr(name, port, &v6) == 0)
        return listen_on(s, (const struct sockaddr *)&v6, &port);
    return UV_EINVAL;
}

static int listen_all(struct server *s, struct mcp_error *err)
{
    mcp_str host = s->loop.config.host;
    int port = s->loop.config.port;
    int rc;

    s->http.loopback = true;
    if (host.len == 0 || mcp_str_eq_nocase(host, MCP_STR("localhost")))
        rc = listen_loopback(s, port);
    else
        rc = listen_host(s, host, port);
    if (rc == 0)
        return 0;
    mcp_error_set(err, MCP_EIO, "cannot listen on %.*s port %d: %s",
                  MCP_STR_ARG(host.len == 0 ? MCP_STR("127.0.0.1") : host), port, uv_strerror(rc));
    if (rc == UV_EADDRINUSE)
        mcp_error_next(err, "Choose another port, or stop the program that has it");
    else if (rc == UV_EINVAL)
        mcp_error_next(err, "Give the address to bind as a number: 0.0.0.0, 127.0.0.1, ::1");
    return MCP_EIO;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void close_all(struct server *s)
{
    for (struct conn *c = s->conns; c != NULL; c = c->next)
        close_conn(c);
    for (unsigned i = 0; i < s->n_listeners; i++) {
        if (!uv_is_closing((uv_handle_t *)&s->listeners[i]))
            uv_close((uv_handle_t *)&s->listeners[i], NULL);
    }
    while (s->n_conns > 0)
        uv_run(&s->loop.uv, UV_RUN_ONCE);
}

int mcp__serve_http(struct mcp_serve *serve, struct mcp_error *err)
{
    struct server *s = calloc(1, sizeof(*s));
    uint64_t until;
    int rc;

    if (s == NULL || mcp__intake_init(&s->intake, feed) != 0 ||
        mcp__loop_init(&s->loop, serve, err) != 0) {
        mcp_error_set(err, MCP_ENOMEM, "no memory for the transport");
        if (s != NULL)
            mcp__intake_release(&s->intake);
        free(s);
        return 1;
    }
    s->loop.transport = s;
    s->loop.busy = is_busy;
    s->loop.on_second = on_second;
    s->loop.on_stop = on_stop;
    uv_check_init(&s->loop.uv, &s->polled);
    s->polled.data = s;
    uv_check_start(&s->polled, on_polled);
    rc = mcp__http_init(&s->http, &s->loop);
    if (rc == 0)
        rc = listen_all(s, err);
    if (rc == 0)
        mcp__loop_run(&s->loop);
    close_all(s);
    until = s->loop.stopping ? s->loop.stop_ms + MCP_STOP_EXIT_MS : mcp_clock_mono_ms();
    mcp__loop_release(&s->loop, until);
    if (!serve->stuck) {
        mcp__http_release(&s->http);
        mcp__intake_release(&s->intake);
        free(s);
    }
    return rc == 0 ? 0 : 1;
}
