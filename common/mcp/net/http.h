/* One HTTP/1.1 connection as bytes in and bytes out, and what all connections of a server share. */
#ifndef MCP_NET_HTTP_H
#define MCP_NET_HTTP_H

#include "mcp/net/batch.h"
#include "mcp/net/flight.h"
#include "mcp/net/http_fields.h"
#include "mcp/net/stream.h"
#include "mcp/proto/session.h"

#include <llhttp.h>

/* What the owner of the socket does for a connection; the fuzzer is such an owner too. */
struct mcp_http_io {
    void (*write)(void *ctx, const uv_buf_t *bufs, unsigned n); /* the bytes may go afterwards */
    size_t (*unsent)(void *ctx);
    /* Everything has been written: flush, say goodbye, close. */
    void (*finish)(void *ctx);
    /* No more than this fits: do not read until told otherwise. */
    void (*pause)(void *ctx, bool paused);
};

/* Shared by the connections of one server; the loop thread's. */
struct mcp_http {
    struct mcp_loop *loop; /* borrowed */
    struct mcp_sessions *sessions; /* owned */
    struct mcp_kept_events kept; /* of legacy event streams */
    struct mcp_buf head; /* of the answer that is going out, and its small pieces */
    bool loopback; /* bound to loopback addresses only */
};

enum mcp_http_phase {
    MCP_HTTP_IDLE, /* between requests */
    MCP_HTTP_READING, /* a request has begun */
    MCP_HTTP_WORKING, /* it is being answered by a worker */
    MCP_HTTP_CLOSING, /* answered for the last time; what comes in is dropped */
};

struct mcp_http_conn;

/* A request whose answer comes later: a call, a batch, a stream. A legacy call outlives its
 * connection. */
struct mcp_post {
    struct mcp_http *http; /* borrowed */
    struct mcp_http_conn *conn; /* NULL: gone; borrowed */
    struct mcp_session *session; /* legacy: its running counter holds this post; else NULL */
    struct mcp_stream *stream; /* legacy: the one it writes, or reads; borrowed */
    void (*gone)(struct mcp_post *post); /* the peer has left: conn is NULL; may free the post */
    void (*let_go)(struct mcp_post *post); /* the stream has ended, conn is NULL; likewise */
    struct mcp_flight *flight; /* one of the two, or neither; NULL once it has answered */
    struct mcp_batch *batch;
};

struct mcp_http_conn {
    struct mcp_http *http; /* borrowed */
    const struct mcp_http_io *io; /* borrowed, static */
    void *io_ctx;
    llhttp_t parser;
    struct mcp_http_fields fields;
    enum mcp_http_phase phase;
    uint64_t since_ms; /* when the phase began */
    bool peer_loopback;
    /* What lies between two names or values of the head: more than one line's end is an attack. */
    struct {
        const char *from; /* in the bytes being parsed */
        unsigned cr, lf;
    } gap;
    const char *bytes_end; /* of the bytes being parsed */
    /* The request. */
    bool keep_alive, answered, too_big;
    bool streaming; /* the head of an event stream is out, its end is not */
    uint64_t sent_ms; /* when the last event went out */
    mcp_str body_slice; /* the body as far as it lies in the bytes just read */
    struct mcp_buf body; /* else copied here */
    struct mcp_buf principal;
    struct mcp_post *post; /* while WORKING */
    struct mcp_buf pending; /* bytes that came behind the request being worked on */
    struct mcp_mail next_mail; /* to go on with them from the loop, not from inside of a callback */
    bool paused;
};

/* 0 or MCP_ENOMEM. */
int mcp__http_init(struct mcp_http *http, struct mcp_loop *loop);
void mcp__http_release(struct mcp_http *http);

void mcp__http_conn_init(struct mcp_http_conn *conn, struct mcp_http *http,
                         const struct mcp_http_io *io, void *io_ctx);
/* Bytes from the peer. */
void mcp__http_conn_feed(struct mcp_http_conn *conn, const char *bytes, size_t n);
/* What was written is out: a request that waited for it goes on, from the loop. */
void mcp__http_conn_drained(struct mcp_http_conn *conn);
/* The peer is gone: a modern call is cancelled, a legacy one goes on. */
void mcp__http_conn_gone(struct mcp_http_conn *conn);
void mcp__http_conn_release(struct mcp_http_conn *conn);
/* Timeouts, from the owner's tick: true when the connection has to be closed without a word. */
bool mcp__http_conn_tick(struct mcp_http_conn *conn, uint64_t now_ms);
/* The server is ending: true when nothing is being answered here, so that it may be closed. */
bool mcp__http_conn_may_end(const struct mcp_http_conn *conn);

/* ---- http_reply.c ---------------------------------------------------------------------------- */

struct mcp_http_answer {
    int status;
    const char *content_type; /* NULL: no body */
    const mcp_str *parts; /* of the body */
    size_t n_parts;
    mcp_str headers; /* more lines, each with its CRLF */
    mcp_str session_id;
    bool stream; /* an event stream follows */
    bool close; /* the connection ends with this */
};

/* Writes one answer, in one go where the peer takes it. Ends the connection's part when
 * it is asked to; does not begin the next request. */
void mcp__http_answer(struct mcp_http_conn *conn, const struct mcp_http_answer *answer);
/* The same with one JSON text. */
void mcp__http_answer_json(struct mcp_http_conn *conn, int status, mcp_str json);
/* A refusal with an id-less JSON-RPC error as its body. close: its request has not been read. */
void mcp__http_refuse(struct mcp_http_conn *conn, int status, int code, const char *message,
                      const char *headers, bool close) __attribute__((cold));

/* ---- sse.c ----------------------------------------------------------------------------------- */

/* Begins the event stream of conn's request. */
void mcp__sse_begin(struct mcp_http_conn *conn);
/* One message, as its parts, on one data line. id: of the event, or missing. */
void mcp__sse_send(struct mcp_http_conn *conn, mcp_str id, const mcp_str *parts, size_t n);
/* Whole events or comments, as they stand. */
void mcp__sse_raw(struct mcp_http_conn *conn, mcp_str text);
void mcp__sse_end(struct mcp_http_conn *conn);

/* ---- http_post.c ----------------------------------------------------------------------------- */

/* Answers the POST of conn, or makes conn->post. body dies with the call. */
void mcp__http_post(struct mcp_http_conn *conn, mcp_str body);
/* NULL without memory. */
struct mcp_post *mcp__http_post_new(struct mcp_http_conn *conn, struct mcp_session *session);
/* Its connection ends its stream and goes on without it. */
void mcp__http_post_let_go(struct mcp_post *post);
/* Its answer takes long: a legacy client gets what it needs to come back for it. */
void mcp__http_post_linger(struct mcp_post *post);
/* The post has answered: conn goes on with what was sent behind. */
void mcp__http_conn_next(struct mcp_http_conn *conn);

/* ---- http_session.c -------------------------------------------------------------------------- */

/* The session that the request names and the caller may use; in is filled with what it knows. */
struct mcp_session *mcp__http_session(struct mcp_http_conn *conn, struct mcp_inbound *in);
/* The answer to initialize, body, carries the id of the session that it opens. */
void mcp__http_initialize(struct mcp_http_conn *conn, const struct mcp_outcome *out, mcp_str body);
/* The session's stream for what no request asked for, or one that is taken up again. */
void mcp__http_get(struct mcp_http_conn *conn);
void mcp__http_delete(struct mcp_http_conn *conn);
/* The session's counters: a post of it begins, ends. */
void mcp__http_hold(struct mcp_post *post, struct mcp_session *session);
void mcp__http_release_session(struct mcp_post *post);

/* ---- http_listen.c --------------------------------------------------------------------------- */

/* Answers subscriptions/listen: the stream stays open. Takes watch over. */
void mcp__http_listen(struct mcp_http_conn *conn, struct mcp_watch *watch);

/* ---- http_route.c ---------------------------------------------------------------------------- */

/* Everything that is decided before the body: Host, Origin, route, method, auth, media type, size.
 * 0: go on to the body; 1: answered. has_body: a body follows. */
int mcp__http_route(struct mcp_http_conn *conn, bool has_body);
/* The CORS lines for this request, or empty. */
void mcp__http_put_cors(struct mcp_http_conn *conn, struct mcp_buf *out);

#endif
