/* Sessions of legacy clients over HTTP: how they open, are found, are listened to, and end. */
#include "mcp/net/http.h"

#include <mcp/clock.h>
#include <mcp/random.h>

#include <stdlib.h>

/* Codes of the range that legacy peers use for sessions. */
#define RPC_BAD (-32000)
#define RPC_NOT_FOUND (-32001)

static void count_sessions(struct mcp_http *http)
{
    atomic_store_explicit(&http->loop->serve->counters.sessions_open,
                          mcp__sessions_count(http->sessions), memory_order_relaxed);
}

struct mcp_session *mcp__http_session(struct mcp_http_conn *conn, struct mcp_inbound *in)
{
    mcp_str id = mcp__fields_get(&conn->fields, MCP_FIELD_SESSION);
    struct mcp_session *session;

    in->session = MCP_SESSION_ABSENT;
    in->rev = MCP_REV_ASSUMED;
    if (mcp_str_is_null(id))
        return NULL;
    session =
        mcp__session_find(conn->http->sessions, id, mcp_buf_view(&conn->principal), in->now_ms);
    in->session = session == NULL ? MCP_SESSION_UNKNOWN : MCP_SESSION_OPEN;
    if (session != NULL) {
        in->rev = session->rev;
        in->log_level = &session->log_level;
        in->client_caps = session->client_caps;
        in->watch = &session->watch;
    }
    return session;
}

void mcp__http_initialize(struct mcp_http_conn *conn, const struct mcp_outcome *out, mcp_str body)
{
    struct mcp_http *http = conn->http;
    struct mcp_http_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .parts = &body,
        .n_parts = 1,
    };
    struct mcp_session *session;
    unsigned char random[16];

    mcp_random_bytes(random, sizeof(random));
    if (mcp__session_open(http->sessions, random, out->rev, mcp_buf_view(&conn->principal),
                          mcp__loop_now(http->loop), &session) != 0) {
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_EBUSY), "too many sessions",
                         "Retry-After: 60\r\n", false);
        return;
    }
    session->client_caps = out->client_caps;
    session->watch.changes = http->loop->serve->registry->spec.changes;
    count_sessions(http);
    answer.session_id = mcp_str_n(session->id, MCP_SESSION_ID_LEN);
    mcp__http_answer(conn, &answer);
}

/* What GET and DELETE need: an open session. NULL: refused. */
static struct mcp_session *require_session(struct mcp_http_conn *conn)
{
    struct mcp_inbound in = { .now_ms = mcp__loop_now(conn->http->loop) };
    mcp_str version = mcp__fields_get(&conn->fields, MCP_FIELD_MCP_VERSION);
    struct mcp_session *session = mcp__http_session(conn, &in);
    enum mcp_revision rev;

    if (mcp__era_is_modern_name(version)) {
        mcp__http_refuse(conn, 405, RPC_BAD, "Method Not Allowed", "Allow: POST, OPTIONS\r\n",
                         false);
        return NULL;
    }
    if (!mcp_str_is_null(version) && mcp__revision_parse(version, &rev) != 0)
        mcp__http_refuse(conn, 400, RPC_BAD, "Bad Request: unsupported MCP-Protocol-Version", NULL,
                         false);
    else if (in.session == MCP_SESSION_ABSENT)
        mcp__http_refuse(conn, 400, RPC_BAD, "Bad Request: no Mcp-Session-Id header", NULL, false);
    else if (in.session == MCP_SESSION_UNKNOWN)
        mcp__http_refuse(conn, 404, RPC_NOT_FOUND, "Session not found", NULL, false);
    else
        return session;
    return NULL;
}

/* ---- streams --------------------------------------------------------------------------------- */

void mcp__http_hold(struct mcp_post *post, struct mcp_session *session)
{
    post->session = session;
    session->running++;
}

void mcp__http_release_session(struct mcp_post *post)
{
    if (post->session == NULL)
        return;
    post->session->running--;
    post->session->used_ms = mcp__loop_now(post->http->loop);
    post->session = NULL;
}

static void on_let_go(struct mcp_post *post)
{
    mcp__http_release_session(post);
    free(post);
}

static void on_gone(struct mcp_post *post)
{
    post->stream->reader = NULL;
    on_let_go(post);
}

/* The stream that the request means, free to be read from `seq` on; NULL: refused. */
static struct mcp_stream *choose_stream(struct mcp_http_conn *conn, struct mcp_session *session,
                                        uint64_t *seq)
{
    mcp_str last = mcp__fields_get(&conn->fields, MCP_FIELD_LAST_EVENT_ID);
    struct mcp_stream *stream;

    if (!mcp_str_is_null(last)) {
        stream = mcp__stream_find(session, last, seq);
        if (stream == NULL)
            mcp__http_refuse(conn, 400, RPC_BAD, "Bad Request: this Last-Event-ID is not known",
                             NULL, false);
        else
            mcp__stream_hang_up(stream); /* the client says that it lost that connection */
        return stream;
    }
    stream = mcp__stream_standalone(conn->http, session);
    if (stream == NULL) {
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_EBUSY), "too many clients listen",
                         "Retry-After: 60\r\n", false);
    } else if (stream->reader != NULL) {
        mcp__http_refuse(conn, 409, RPC_BAD, "Conflict: the session has its stream already", NULL,
                         false);
        stream = NULL;
    } else {
        *seq = stream->seq;
    }
    return stream;
}

void mcp__http_get(struct mcp_http_conn *conn)
{
    struct mcp_session *session = require_session(conn);
    struct mcp_stream *stream;
    struct mcp_post *post;
    uint64_t seq;

    if (session == NULL)
        return;
    if (!mcp__accepts(mcp__fields_get(&conn->fields, MCP_FIELD_ACCEPT),
                      MCP_STR("text/event-stream"))) {
        mcp__http_refuse(conn, 406, RPC_BAD, "Not Acceptable: accept text/event-stream", NULL,
                         false);
        return;
    }
    stream = choose_stream(conn, session, &seq);
    if (stream == NULL)
        return;
    post = mcp__http_post_new(conn, session);
    if (post == NULL) {
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_ENOMEM), "out of memory", NULL, false);
        return;
    }
    post->stream = stream;
    post->gone = on_gone;
    post->let_go = on_let_go;
    conn->post = post;
    mcp__stream_read(stream, post, seq);
}

void mcp__http_delete(struct mcp_http_conn *conn)
{
    struct mcp_http *http = conn->http;
    const struct mcp_http_answer gone = { .status = 204 };
    struct mcp_session *session = require_session(conn);

    if (session == NULL)
        return;
    mcp__http_answer(conn, &gone);
    mcp__flights_cancel(http->loop, session, MCP_STR_NULL);
    mcp__streams_hang_up(session);
    mcp__session_close(http->sessions, session);
    count_sessions(http);
}
