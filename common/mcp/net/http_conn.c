/* One HTTP/1.1 connection as bytes in and bytes out: parsing, pipelining, timeouts. */
#include "mcp/net/http.h"
#include "mcp/net/outbox.h"

#include <stddef.h>

/* More than that behind a request that is being worked on: the peer is not read from. */
#define PENDING_HIGH ((size_t)64 << 10)
/* A peer that sends on after that is not read from anyway. */
#define PENDING_MAX ((size_t)1 << 20)
#define PRINCIPAL_MAX 1024
#define QUIET_MS 15000 /* of an event stream, before proxies take it for dead */
#define LINGER_MS 2000 /* of a call, before its client is told how to come back */
#define RPC_HTTP (-32000)

/* ---- the parser's callbacks ------------------------------------------------------------------ */

static struct mcp_http_conn *conn_of(llhttp_t *parser)
{
    return parser->data;
}

static int on_message_begin(llhttp_t *parser)
{
    struct mcp_http_conn *conn = conn_of(parser);

    mcp__fields_clear(&conn->fields);
    mcp_buf_clear(&conn->principal);
    conn->body_slice = MCP_STR_NULL;
    if (conn->body.size > PENDING_HIGH)
        mcp_buf_release(&conn->body);
    else
        mcp_buf_clear(&conn->body);
    conn->answered = conn->too_big = conn->streaming = false;
    conn->keep_alive = true;
    conn->phase = MCP_HTTP_READING;
    conn->since_ms = mcp__loop_now(conn->http->loop);
    return 0;
}

/* Counts line ends from the last name or value on, up to `end` or to the end of the head. The parser
 * joins folded lines (RFC 9112, 5.2) and takes a bare LF for the empty line; whoever stands in front
 * of us may read both differently. */
static void scan_gap(struct mcp_http_conn *conn, const char *end)
{
    const char *p = conn->gap.from;
    unsigned cr = conn->gap.cr, lf = conn->gap.lf;

    for (; p < end && lf < 2; p++) {
        cr += *p == '\r';
        lf += *p == '\n';
    }
    conn->gap.from = p;
    conn->gap.cr = cr;
    conn->gap.lf = lf;
}

static void begin_gap(struct mcp_http_conn *conn, const char *from)
{
    conn->gap.from = from;
    conn->gap.cr = conn->gap.lf = 0;
}

static int on_url(llhttp_t *parser, const char *at, size_t n)
{
    struct mcp_http_conn *conn = conn_of(parser);

    begin_gap(conn, at + n);
    return mcp__fields_url(&conn->fields, at, n);
}

static int on_header_field(llhttp_t *parser, const char *at, size_t n)
{
    struct mcp_http_conn *conn = conn_of(parser);

    begin_gap(conn, at + n);
    return mcp__fields_name(&conn->fields, at, n);
}

static int on_header_value(llhttp_t *parser, const char *at, size_t n)
{
    struct mcp_http_conn *conn = conn_of(parser);

    if (n == 0)
        return 0;
    scan_gap(conn, at);
    if (conn->gap.lf > 0)
        return -1;
    begin_gap(conn, at + n);
    return mcp__fields_value(&conn->fields, at, n);
}

static int on_header_field_complete(llhttp_t *parser)
{
    struct mcp_http_conn *conn = conn_of(parser);

    if (conn->fields.name_len == 0)
        return -1;
    mcp__fields_name_end(&conn->fields);
    return conn->fields.too_long ? -1 : 0;
}

static int on_header_value_complete(llhttp_t *parser)
{
    mcp__fields_value_end(&conn_of(parser)->fields);
    return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
    struct mcp_http_conn *conn = conn_of(parser);
    bool has_body = (parser->flags & F_CHUNKED) != 0 ||
                    ((parser->flags & F_CONTENT_LENGTH) != 0 && parser->content_length > 0);

    conn->keep_alive = llhttp_should_keep_alive(parser) != 0;
    /* Upgrade is not for us: the request is an ordinary one (RFC 9110, 7.8). */
    parser->upgrade = 0;
    scan_gap(conn, conn->bytes_end);
    if (conn->fields.bytes.failed || parser->http_major != 1 || conn->gap.cr != 2)
        return -1;
    mcp__fields_close(&conn->fields);
    mcp__http_route(conn, has_body);
    return conn->phase == MCP_HTTP_CLOSING ? -1 : 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t n)
{
    struct mcp_http_conn *conn = conn_of(parser);
    size_t have = conn->body.len + conn->body_slice.len;

    if (conn->answered)
        return 0;
    if (n > conn->http->loop->config.max_body_bytes - have) {
        conn->too_big = true;
        return -1;
    }
    if (have == 0) {
        conn->body_slice = mcp_str_n(at, n); /* mostly the whole body: no copy */
        return 0;
    }
    mcp_buf_str(&conn->body, conn->body_slice);
    conn->body_slice = MCP_STR_NULL;
    mcp_buf_put(&conn->body, at, n);
    return conn->body.failed ? -1 : 0;
}

/* What a chunk announces need not be waited for when it is too much. */
static int on_chunk_header(llhttp_t *parser)
{
    struct mcp_http_conn *conn = conn_of(parser);
    size_t have = conn->body.len + conn->body_slice.len;

    conn->too_big = parser->content_length > conn->http->loop->config.max_body_bytes - have;
    return conn->too_big ? -1 : 0;
}

/* The request is handled outside of the parser, which stops here. */
static int on_message_complete(llhttp_t *parser)
{
    (void)parser;
    return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
    .on_message_begin = on_message_begin,
    .on_url = on_url,
    .on_header_field = on_header_field,
    .on_header_value = on_header_value,
    .on_headers_complete = on_headers_complete,
    .on_body = on_body,
    .on_chunk_header = on_chunk_header,
    .on_message_complete = on_message_complete,
    .on_header_field_complete = on_header_field_complete,
    .on_header_value_complete = on_header_value_complete,
};

/* ---- requests -------------------------------------------------------------------------------- */

static void idle(struct mcp_http_conn *conn)
{
    conn->phase = MCP_HTTP_IDLE;
    conn->since_ms = mcp__loop_now(conn->http->loop);
}

static void close_now(struct mcp_http_conn *conn)
{
    conn->phase = MCP_HTTP_CLOSING;
    conn->since_ms = mcp__loop_now(conn->http->loop);
    conn->io->finish(conn->io_ctx);
}

static void set_paused(struct mcp_http_conn *conn, bool paused)
{
    if (conn->paused == paused)
        return;
    conn->paused = paused;
    conn->io->pause(conn->io_ctx, paused);
}

/* The answer is out: the next request, or the end. */
static void after_answer(struct mcp_http_conn *conn)
{
    if (conn->phase == MCP_HTTP_CLOSING)
        return;
    if (!conn->keep_alive || conn->http->loop->stopping)
        close_now(conn);
    else
        idle(conn);
}

/* A whole request is there. */
static void handle_request(struct mcp_http_conn *conn)
{
    if (!conn->answered) {
        conn->phase = MCP_HTTP_WORKING;
        conn->since_ms = mcp__loop_now(conn->http->loop);
        if (conn->body.len > 0)
            conn->body_slice = mcp_buf_view(&conn->body);
        if (conn->parser.method == HTTP_DELETE)
            mcp__http_delete(conn);
        else if (conn->parser.method == HTTP_GET)
            mcp__http_get(conn);
        else
            mcp__http_post(conn, conn->body_slice);
        conn->body_slice = MCP_STR_NULL;
    }
    if (conn->post == NULL)
        after_answer(conn);
}

/* What the parser could not take. The position in the stream is lost: the connection ends. */
static void refuse_bytes(struct mcp_http_conn *conn, llhttp_errno_t code)
{
    if (conn->phase == MCP_HTTP_CLOSING)
        return;
    if (conn->answered || code == HPE_CLOSED_CONNECTION) {
        close_now(conn);
        return;
    }
    if (conn->phase == MCP_HTTP_IDLE) {
        mcp__fields_clear(&conn->fields);
        conn->parser.method = HTTP_POST;
    }
    if (conn->fields.too_long || conn->fields.bytes.failed)
        mcp__http_refuse(conn, 431, RPC_HTTP, "the request head is larger than allowed", NULL,
                         true);
    else if (mcp_buf_error(&conn->body) == MCP_ENOMEM)
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_ENOMEM), "out of memory", NULL, true);
    else if (conn->too_big || conn->body.failed)
        mcp__http_refuse(conn, 413, mcp_err_rpc(MCP_ETOOBIG), "the body is larger than allowed",
                         NULL, true);
    else
        mcp__http_refuse(conn, 400, RPC_HTTP, "Bad Request: malformed HTTP", NULL, true);
    close_now(conn);
}

/* One request at a time, and none while the peer does not read its answers. */
static bool has_room(const struct mcp_http_conn *conn)
{
    return conn->post == NULL && conn->phase != MCP_HTTP_CLOSING &&
           conn->io->unsent(conn->io_ctx) <= MCP_OUTBOX_HIGH;
}

/* Parses until the bytes end or no further request may begin; returns how many were taken. */
static size_t parse(struct mcp_http_conn *conn, const char *bytes, size_t n)
{
    size_t at = 0;

    conn->gap.from = bytes;
    conn->bytes_end = bytes + n;
    while (at < n && has_room(conn)) {
        llhttp_errno_t code = llhttp_execute(&conn->parser, bytes + at, n - at);

        if (code == HPE_OK) {
            at = n;
        } else if (code == HPE_PAUSED) {
            at = (size_t)(llhttp_get_error_pos(&conn->parser) - bytes);
            llhttp_resume(&conn->parser);
            handle_request(conn);
        } else {
            refuse_bytes(conn, code);
            return n;
        }
    }
    if (conn->phase == MCP_HTTP_CLOSING)
        return n;
    if (conn->phase == MCP_HTTP_READING)
        scan_gap(conn, bytes + at);
    if (conn->body_slice.len > 0) {
        mcp_buf_str(&conn->body, conn->body_slice); /* the bytes go, the body comes on */
        conn->body_slice = MCP_STR_NULL;
        if (conn->body.failed) {
            refuse_bytes(conn, HPE_USER);
            return n;
        }
    }
    return at;
}

void mcp__http_conn_feed(struct mcp_http_conn *conn, const char *bytes, size_t n)
{
    size_t done = 0;

    mcp__count(&conn->http->loop->serve->counters.bytes_in, n);
    if (conn->phase == MCP_HTTP_CLOSING)
        return;
    if (conn->pending.len == 0)
        done = parse(conn, bytes, n);
    if (done == n)
        return;
    mcp_buf_put(&conn->pending, bytes + done, n - done);
    if (conn->pending.failed)
        refuse_bytes(conn, HPE_CLOSED_CONNECTION);
    else if (conn->pending.len > PENDING_HIGH)
        set_paused(conn, true);
}

static void go_on(struct mcp_mail *mail)
{
    struct mcp_http_conn *conn =
        (struct mcp_http_conn *)(void *)((char *)mail - offsetof(struct mcp_http_conn, next_mail));
    size_t done;

    if (!has_room(conn))
        return;
    done = parse(conn, conn->pending.ptr, conn->pending.len);
    if (done >= conn->pending.len) {
        mcp_buf_clear(&conn->pending);
    } else {
        memmove(conn->pending.ptr, conn->pending.ptr + done, conn->pending.len - done);
        conn->pending.len -= done;
    }
    if (conn->pending.len <= PENDING_HIGH)
        set_paused(conn, false);
}

void mcp__http_conn_drained(struct mcp_http_conn *conn)
{
    if (has_room(conn) && conn->pending.len > 0)
        mcp__mailbox_post(&conn->http->loop->mailbox, &conn->next_mail);
}

void mcp__http_conn_next(struct mcp_http_conn *conn)
{
    after_answer(conn);
    mcp__http_conn_drained(conn);
}

/* ---- life ------------------------------------------------------------------------------------ */

int mcp__http_init(struct mcp_http *http, struct mcp_loop *loop)
{
    memset(http, 0, sizeof(*http));
    http->loop = loop;
    http->sessions = mcp__sessions_new(loop->config.max_sessions, loop->config.session_idle_ms,
                                       mcp__streams_free);
    http->kept.max = loop->config.max_replay_bytes;
    mcp_buf_init(&http->head, (size_t)256 << 10);
    return http->sessions == NULL ? MCP_ENOMEM : 0;
}

void mcp__http_release(struct mcp_http *http)
{
    mcp__sessions_free(http->sessions);
    mcp_buf_release(&http->head);
}

void mcp__http_conn_init(struct mcp_http_conn *conn, struct mcp_http *http,
                         const struct mcp_http_io *io, void *io_ctx)
{
    const struct mcp_serve_config *config = &http->loop->config;

    memset(conn, 0, sizeof(*conn));
    conn->http = http;
    conn->io = io;
    conn->io_ctx = io_ctx;
    conn->next_mail.deliver = go_on;
    llhttp_init(&conn->parser, HTTP_REQUEST, &settings);
    conn->parser.data = conn;
    mcp__fields_init(&conn->fields, config->max_header_bytes);
    mcp_buf_init(&conn->body, config->max_body_bytes);
    mcp_buf_init(&conn->principal, PRINCIPAL_MAX);
    mcp_buf_init(&conn->pending, PENDING_MAX);
    conn->keep_alive = true;
    idle(conn);
}

void mcp__http_conn_gone(struct mcp_http_conn *conn)
{
    conn->phase = MCP_HTTP_CLOSING;
    conn->answered = true;
    if (conn->post == NULL)
        return;
    conn->post->conn = NULL;
    conn->post->gone(conn->post);
    conn->post = NULL;
}

void mcp__http_conn_release(struct mcp_http_conn *conn)
{
    /* Mail to itself that was not delivered would find nobody. */
    mcp__mailbox_drain(&conn->http->loop->mailbox);
    mcp__fields_release(&conn->fields);
    mcp_buf_release(&conn->body);
    mcp_buf_release(&conn->principal);
    mcp_buf_release(&conn->pending);
}

bool mcp__http_conn_tick(struct mcp_http_conn *conn, uint64_t now_ms)
{
    const struct mcp_serve_config *config = &conn->http->loop->config;
    uint64_t age = now_ms - conn->since_ms;

    if (conn->phase == MCP_HTTP_IDLE)
        return age >= config->idle_timeout_ms;
    if (conn->phase == MCP_HTTP_WORKING && conn->streaming && now_ms - conn->sent_ms >= QUIET_MS)
        mcp__sse_raw(conn, MCP_STR(": keepalive\n\n"));
    else if (conn->phase == MCP_HTTP_WORKING && conn->post != NULL && age >= LINGER_MS)
        mcp__http_post_linger(conn->post);
    if (conn->phase == MCP_HTTP_READING && age >= config->header_timeout_ms) {
        mcp__http_refuse(conn, 408, RPC_HTTP, "Request Timeout", NULL, true);
        close_now(conn);
    }
    return false;
}

bool mcp__http_conn_may_end(const struct mcp_http_conn *conn)
{
    return conn->phase == MCP_HTTP_IDLE || conn->phase == MCP_HTTP_READING;
}
