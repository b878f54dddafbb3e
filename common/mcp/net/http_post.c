/* A POST to the MCP endpoint: from its body to the answer, now or when a worker is done. */
#include "mcp/net/http.h"
#include "mcp/proto/envelope.h"

#include <mcp/clock.h>
#include <mcp/random.h>

#include <stdlib.h>

/* Bodies up to this size are copied into the call's arena; larger ones keep their own memory. */
#define COPY_MAX ((size_t)64 << 10)
/* A peer with more than this unread loses progress, never the result. */
#define PROGRESS_UNSENT_MAX ((size_t)64 << 10)

static void count_sessions(struct mcp_http *http)
{
    atomic_store_explicit(&http->loop->serve->counters.sessions_open,
                          mcp__sessions_count(http->sessions), memory_order_relaxed);
}

/* ---- answers --------------------------------------------------------------------------------- */

static void answer_call(struct mcp_http_conn *conn, const struct mcp_call *call)
{
    mcp_str parts[MCP_ENVELOPE_PARTS];
    const struct mcp_http_answer answer = {
        .status = call->http_status != 0 ? call->http_status : 200,
        .content_type = "application/json",
        .parts = parts,
        .n_parts = mcp__envelope_parts(conn->http->loop->serve->registry, call, parts),
    };

    mcp__http_answer(conn, &answer);
}

/* The queue is full: a client that may ask again is told when. */
static void answer_busy(struct mcp_http_conn *conn, const struct mcp_call *call)
{
    struct mcp_buf *text = &conn->http->loop->scratch;
    mcp_str body;
    const struct mcp_http_answer answer = {
        .status = 503,
        .content_type = "application/json",
        .parts = &body,
        .n_parts = 1,
        .headers = MCP_STR("Retry-After: 1\r\n"),
    };

    mcp_buf_clear(text);
    mcp__rpc_error(text, call->id, mcp_err_rpc(MCP_EBUSY), MCP_STR("the server is busy"),
                   MCP_STR("{\"retry_after_ms\":1000}"));
    body = mcp_buf_view(text);
    mcp__http_answer(conn, &answer);
}

/* ---- posts that wait ------------------------------------------------------------------------- */

static struct mcp_post *new_post(struct mcp_http_conn *conn, struct mcp_session *session,
                                 bool modern)
{
    struct mcp_post *post = calloc(1, sizeof(*post));

    if (post == NULL)
        return NULL;
    post->http = conn->http;
    post->conn = conn;
    post->session = session;
    post->modern = modern;
    return post;
}

/* The post has given its answer, or never will. Its connection, if it is there, goes on. */
static void end_post(struct mcp_post *post)
{
    struct mcp_http_conn *conn = post->conn;

    free(post);
    if (conn == NULL)
        return;
    conn->post = NULL;
    mcp__http_conn_next(conn);
}

static void release_session(struct mcp_post *post)
{
    if (post->session == NULL)
        return;
    post->session->running--;
    post->session->used_ms = mcp_clock_mono_ms();
    post->session = NULL;
}

static void on_done(struct mcp_flight *f, struct mcp_call *call, const struct mcp_error *err)
{
    struct mcp_post *post = f->owner;
    struct mcp_http_conn *conn = post->conn;
    struct mcp_buf *text = &post->http->loop->scratch;
    mcp_str parts[MCP_ENVELOPE_PARTS];
    size_t n = 1;

    release_session(post);
    if (conn != NULL) {
        if (call != NULL) {
            n = mcp__envelope_parts(post->http->loop->serve->registry, call, parts);
        } else {
            mcp_buf_clear(text);
            mcp__envelope_error(text, post->http->loop->serve->registry, f->call, err);
            parts[0] = mcp_buf_view(text);
        }
        if (post->streaming) {
            mcp__sse_send(conn, parts, n);
            mcp__sse_end(conn);
        } else {
            const struct mcp_http_answer answer = {
                .status = call != NULL && call->http_status != 0 ? call->http_status : 200,
                .content_type = "application/json",
                .parts = parts,
                .n_parts = n,
            };

            mcp__http_answer(conn, &answer);
        }
    }
    end_post(post);
}

/* True when a notification may go out now; begins the stream. */
static bool open_stream(struct mcp_post *post)
{
    struct mcp_http_conn *conn = post->conn;

    if (conn == NULL ||
        !mcp__accepts(mcp__fields_get(&conn->fields, MCP_FIELD_ACCEPT),
                      MCP_STR("text/event-stream")) ||
        conn->io->unsent(conn->io_ctx) > PROGRESS_UNSENT_MAX)
        return false;
    if (!post->streaming) {
        post->streaming = true;
        mcp__sse_begin(conn);
    }
    return true;
}

static void on_progress(struct mcp_flight *f, int64_t done, int64_t total, mcp_str message)
{
    struct mcp_post *post = f->owner;
    struct mcp_buf *text = &post->http->loop->scratch;
    mcp_str part;

    if (!open_stream(post))
        return;
    mcp_buf_clear(text);
    mcp__envelope_progress(text, f->call->rev, f->call->progress_token, done, total, message);
    part = mcp_buf_view(text);
    mcp__sse_send(post->conn, &part, 1);
    mcp__count(&post->http->loop->serve->counters.progress_sent, 1);
}

static void on_log(struct mcp_flight *f, mcp_str text)
{
    struct mcp_post *post = f->owner;

    if (open_stream(post))
        mcp__sse_send(post->conn, &text, 1);
}

static bool on_ask(struct mcp_flight *f, mcp_str text)
{
    struct mcp_post *post = f->owner;

    if (!open_stream(post))
        return false;
    mcp__sse_send(post->conn, &text, 1);
    return true;
}

/* A call that was taken back has no answer: its stream ends without one. */
static void on_cancelled(struct mcp_flight *f)
{
    struct mcp_post *post = f->owner;
    const struct mcp_http_answer empty = { .status = 200, .content_type = "text/event-stream" };

    release_session(post);
    if (post->conn != NULL && post->streaming)
        mcp__sse_end(post->conn);
    else if (post->conn != NULL)
        mcp__http_answer(post->conn, &empty);
    end_post(post);
}

static const struct mcp_flight_ops ops = { on_done, on_progress, on_log, on_ask, on_cancelled };

void mcp__http_post_gone(struct mcp_post *post)
{
    post->conn = NULL;
    if (!post->modern)
        return; /* a legacy call goes on; its answer has nowhere to go */
    mcp__flight_abandon(post->flight);
    free(post);
}

static void start_call(struct mcp_http_conn *conn, struct mcp_call *call,
                       struct mcp_session *session, bool modern)
{
    struct mcp_http *http = conn->http;
    struct mcp_post *post = new_post(conn, session, modern);
    /* Only within a session can a message name another one's call. */
    const struct mcp_flight_owner owner = { .ops = &ops, .ptr = post, .scope = session };

    if (post == NULL) {
        answer_busy(conn, call);
        return;
    }
    switch (mcp__flight_start(http->loop, call, &owner, &post->flight)) {
    case MCP_START_DONE:
        free(post);
        answer_call(conn, call);
        break;
    case MCP_START_BUSY:
        free(post);
        answer_busy(conn, call);
        break;
    case MCP_START_FLYING:
        if (session != NULL)
            session->running++;
        conn->post = post;
        break;
    }
}

/* ---- batches --------------------------------------------------------------------------------- */

static void on_batch_done(struct mcp_batch *batch)
{
    struct mcp_post *post = batch->owner;
    const struct mcp_http_answer accepted = { .status = 202 };

    if (post->conn != NULL && batch->out.len == 0)
        mcp__http_answer(post->conn, &accepted);
    else if (post->conn != NULL)
        mcp__http_answer_json(post->conn, 200, mcp_buf_view(&batch->out));
    if (post->batch != NULL)
        end_post(post); /* else mcp__batch_start has not returned: its caller ends the post */
}

static void handle_batch(struct mcp_http_conn *conn, struct mcp_call *holder,
                         struct mcp_inbound *in, struct mcp_json root, struct mcp_session *session)
{
    struct mcp_loop *loop = conn->http->loop;
    struct mcp_post *post;
    struct mcp_batch_spec spec = { .holder = holder, .root = root };
    struct mcp_outcome out;

    mcp_buf_clear(&loop->scratch);
    if (mcp__dispatch_batch(&loop->dispatch, in, root, &loop->scratch, &out) != 0) {
        mcp__http_answer_json(conn, out.status, mcp_buf_view(&loop->scratch));
        return;
    }
    post = new_post(conn, NULL, false);
    in->in_batch = true;
    spec.in = *in;
    spec.scope = session;
    spec.running = &session->running;
    spec.owner = post;
    spec.done = on_batch_done;
    if (post == NULL || mcp__batch_start(loop, &spec, &post->batch) != 0) {
        free(post);
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_ENOMEM), "out of memory", NULL, false);
    } else if (post->batch == NULL) {
        free(post); /* answered on the spot */
    } else {
        conn->post = post;
    }
}

/* ---- one message ----------------------------------------------------------------------------- */

/* The answer to initialize carries the id of the session that it opened. */
static void answer_initialize(struct mcp_http_conn *conn, const struct mcp_outcome *out)
{
    struct mcp_http *http = conn->http;
    mcp_str body = mcp_buf_view(&http->loop->scratch);
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
                          mcp_clock_mono_ms(), &session) != 0) {
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_EBUSY), "too many sessions",
                         "Retry-After: 60\r\n", false);
        return;
    }
    session->client_caps = out->client_caps;
    count_sessions(http);
    answer.session_id = mcp_str_n(session->id, MCP_SESSION_ID_LEN);
    mcp__http_answer(conn, &answer);
}

static void handle_outcome(struct mcp_http_conn *conn, struct mcp_call *call,
                           const struct mcp_outcome *out, struct mcp_session *session)
{
    struct mcp_loop *loop = conn->http->loop;
    struct mcp_counters *counters = &loop->serve->counters;
    const struct mcp_http_answer accepted = { .status = out->status };

    mcp__count(&counters->methods[out->method], 1);
    switch (out->kind) {
    case MCP_OUT_REPLY:
        mcp__count(&counters->rpc_errors, out->is_error);
        if (out->initialized)
            answer_initialize(conn, out);
        else
            mcp__http_answer_json(conn, out->status, mcp_buf_view(&loop->scratch));
        break;
    case MCP_OUT_DONE:
        mcp__flight_count(counters, call, 0);
        answer_call(conn, call);
        break;
    case MCP_OUT_CALL:
        start_call(conn, call, out->era == MCP_LEGACY ? session : NULL, out->era == MCP_MODERN);
        break;
    case MCP_OUT_CANCEL:
        mcp__http_answer(conn, &accepted);
        mcp__flights_cancel(loop, session, out->id);
        break;
    case MCP_OUT_ANSWER:
        mcp__http_answer(conn, &accepted);
        mcp__flights_answer(loop, session, out->id, out->answer);
        break;
    case MCP_OUT_NONE:
        mcp__http_answer(conn, &accepted);
        break;
    }
}

static mcp_str param_of(void *ctx, mcp_str name)
{
    return mcp__fields_param(ctx, name);
}

/* Where the document may live as long as its call; missing without memory. */
static mcp_str keep_body(struct mcp_http_conn *conn, struct mcp_call *call, mcp_str body)
{
    char *copy;
    size_t len;

    if (body.len > COPY_MAX && body.ptr == conn->body.ptr) {
        copy = mcp_buf_steal(&conn->body, &len);
        mcp_arena_defer(call->arena, free, copy);
        return mcp_str_n(copy, len);
    }
    copy = mcp_arena_try(call->arena, body.len);
    if (copy == NULL)
        return MCP_STR_NULL;
    if (body.len > 0)
        memcpy(copy, body.ptr, body.len);
    return mcp_str_n(copy, body.len);
}

static struct mcp_session *session_of(struct mcp_http_conn *conn, struct mcp_inbound *in)
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
    }
    return session;
}

static void dispatch_body(struct mcp_http_conn *conn, struct mcp_call *call, mcp_str text)
{
    struct mcp_loop *loop = conn->http->loop;
    const struct mcp_http_fields *f = &conn->fields;
    struct mcp_inbound in = {
        .http = true,
        .version_header = mcp__fields_get(f, MCP_FIELD_MCP_VERSION),
        .method_header = mcp__fields_get(f, MCP_FIELD_MCP_METHOD),
        .name_header = mcp__fields_get(f, MCP_FIELD_MCP_NAME),
        .param_header = param_of,
        .param_ctx = &conn->fields,
        .traceparent = mcp__fields_get(f, MCP_FIELD_TRACEPARENT),
        .principal = mcp_buf_view(&conn->principal),
        .now_ms = mcp_clock_mono_ms(),
        .wall_s = mcp_clock_now(),
    };
    struct mcp_session *session = session_of(conn, &in);
    struct mcp_outcome out;
    struct mcp_json root;

    mcp_buf_clear(&loop->scratch);
    if (mcp__dispatch_parse(&loop->dispatch, call, text, &root, &loop->scratch, &out) != 0) {
        handle_outcome(conn, call, &out, session);
    } else if (mcp_json_type(root) == MCP_JSON_ARRAY) {
        handle_batch(conn, call, &in, root, session);
    } else {
        mcp__dispatch(&loop->dispatch, &in, root, call, &loop->scratch, &out);
        handle_outcome(conn, call, &out, session);
    }
}

void mcp__http_post(struct mcp_http_conn *conn, mcp_str body)
{
    mcp_str accept = mcp__fields_get(&conn->fields, MCP_FIELD_ACCEPT);
    struct mcp_call *call;
    mcp_str text = MCP_STR_NULL;

    if (!mcp__accepts(accept, MCP_STR("application/json")) &&
        !mcp__accepts(accept, MCP_STR("text/event-stream"))) {
        mcp__http_refuse(conn, 406, -32000,
                         "Not Acceptable: accept application/json and text/event-stream", NULL,
                         false);
        return;
    }
    call = mcp__call_pool_take(conn->http->loop->calls);
    if (call != NULL)
        text = keep_body(conn, call, body);
    if (mcp_str_is_null(text))
        mcp__http_refuse(conn, 503, mcp_err_rpc(MCP_ENOMEM), "out of memory", NULL, false);
    else
        dispatch_body(conn, call, text);
    mcp__call_unref(call);
}

void mcp__http_delete(struct mcp_http_conn *conn)
{
    struct mcp_http *http = conn->http;
    mcp_str id = mcp__fields_get(&conn->fields, MCP_FIELD_SESSION);
    const struct mcp_http_answer gone = { .status = 204 };
    struct mcp_session *session;

    if (mcp_str_is_null(id)) {
        mcp__http_refuse(conn, 400, -32000, "Bad Request: no Mcp-Session-Id header", NULL, false);
        return;
    }
    session =
        mcp__session_find(http->sessions, id, mcp_buf_view(&conn->principal), mcp_clock_mono_ms());
    if (session == NULL) {
        mcp__http_refuse(conn, 404, -32001, "Session not found", NULL, false);
        return;
    }
    mcp__http_answer(conn, &gone);
    mcp__flights_cancel(http->loop, session, MCP_STR_NULL);
    mcp__session_close(http->sessions, session);
    count_sessions(http);
}
