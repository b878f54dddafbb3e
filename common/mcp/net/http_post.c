/* A POST to the MCP endpoint: from its body to the answer, now or when a worker is done. */
#include "mcp/net/http.h"
#include "mcp/net/task.h"
#include "mcp/proto/envelope.h"

#include <mcp/clock.h>

#include <stdlib.h>

/* Bodies up to this size are copied into the call's arena; larger ones keep their own memory. */
#define COPY_MAX ((size_t)64 << 10)
/* A peer with more than this unread loses progress, never the result. */
#define PROGRESS_UNSENT_MAX ((size_t)64 << 10)

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

struct mcp_post *mcp__http_post_new(struct mcp_http_conn *conn, struct mcp_session *session)
{
    struct mcp_post *post = calloc(1, sizeof(*post));

    if (post == NULL)
        return NULL;
    post->http = conn->http;
    post->conn = conn;
    if (session != NULL)
        mcp__http_hold(post, session);
    return post;
}

void mcp__http_post_let_go(struct mcp_post *post)
{
    struct mcp_http_conn *conn = post->conn;

    post->conn = NULL;
    conn->post = NULL;
    mcp__sse_end(conn);
    if (post->let_go != NULL)
        post->let_go(post);
    mcp__http_conn_next(conn);
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

static void on_done(struct mcp_flight *f, struct mcp_call *call, const struct mcp_error *err)
{
    struct mcp_post *post = f->owner;
    struct mcp_http_conn *conn = post->conn;
    struct mcp_buf *text = &post->http->loop->scratch;
    mcp_str parts[MCP_ENVELOPE_PARTS];
    size_t n = 1;

    if (conn != NULL || post->stream != NULL) {
        if (call != NULL) {
            n = mcp__envelope_parts(post->http->loop->serve->registry, call, parts);
        } else {
            mcp_buf_clear(text);
            mcp__envelope_error(text, post->http->loop->serve->registry, f->call, err);
            parts[0] = mcp_buf_view(text);
        }
        if (post->stream != NULL) {
            mcp__stream_send(post->stream, parts, n);
            mcp__stream_end(post->stream);
        } else if (conn->streaming) {
            mcp__sse_send(conn, MCP_STR_NULL, parts, n);
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
    mcp__http_release_session(post);
    end_post(post);
}

/* Begins the stream, if there is none and the client takes one. */
static bool open_stream(struct mcp_post *post)
{
    struct mcp_http_conn *conn = post->conn;

    if (post->stream != NULL)
        return true;
    if (conn == NULL || !mcp__accepts(mcp__fields_get(&conn->fields, MCP_FIELD_ACCEPT),
                                      MCP_STR("text/event-stream")))
        return false;
    if (post->session != NULL)
        post->stream = mcp__stream_open(post, post->session);
    else if (!conn->streaming)
        mcp__sse_begin(conn);
    return post->session == NULL || post->stream != NULL;
}

/* What is no answer goes only to a peer that reads. */
static bool has_room(const struct mcp_post *post)
{
    const struct mcp_post *reader = post->stream != NULL ? post->stream->reader : post;

    return reader != NULL && reader->conn != NULL &&
           reader->conn->io->unsent(reader->conn->io_ctx) <= PROGRESS_UNSENT_MAX;
}

static void send_part(struct mcp_post *post, mcp_str part)
{
    if (post->stream != NULL)
        mcp__stream_send(post->stream, &part, 1);
    else
        mcp__sse_send(post->conn, MCP_STR_NULL, &part, 1);
}

static void on_progress(struct mcp_flight *f, int64_t done, int64_t total, mcp_str message)
{
    struct mcp_post *post = f->owner;
    struct mcp_buf *text = &post->http->loop->scratch;

    if (!open_stream(post) || !has_room(post))
        return;
    mcp_buf_clear(text);
    mcp__envelope_progress(text, f->call->rev, f->call->progress_token, done, total, message);
    send_part(post, mcp_buf_view(text));
    mcp__count(&post->http->loop->serve->counters.progress_sent, 1);
}

static void on_log(struct mcp_flight *f, mcp_str text)
{
    struct mcp_post *post = f->owner;

    if (open_stream(post) && has_room(post))
        send_part(post, text);
}

static bool on_ask(struct mcp_flight *f, mcp_str text)
{
    struct mcp_post *post = f->owner;

    if (!open_stream(post))
        return false;
    send_part(post, text);
    return true;
}

static void on_task(struct mcp_flight *f, mcp_str response)
{
    struct mcp_post *post = f->owner;

    if (post->conn != NULL && post->conn->streaming) {
        mcp__sse_send(post->conn, MCP_STR_NULL, &response, 1);
        mcp__sse_end(post->conn);
    } else if (post->conn != NULL) {
        mcp__http_answer_json(post->conn, 200, response);
    }
    end_post(post);
}

/* The client comes back for the answer, where its revision knows how. */
static void on_hang_up(struct mcp_flight *f)
{
    struct mcp_post *post = f->owner;

    if (post->session != NULL && mcp__revision_has(post->session->rev, MCP_HAS_PRIMING) &&
        open_stream(post))
        mcp__stream_hang_up(post->stream);
}

void mcp__http_post_linger(struct mcp_post *post)
{
    if (post->flight != NULL && post->session != NULL && post->stream == NULL &&
        mcp__revision_has(post->session->rev, MCP_HAS_PRIMING))
        open_stream(post);
}

/* A call that was taken back has no answer: its stream ends without one. */
static void on_cancelled(struct mcp_flight *f)
{
    struct mcp_post *post = f->owner;
    const struct mcp_http_answer empty = { .status = 200, .content_type = "text/event-stream" };

    if (post->stream != NULL)
        mcp__stream_end(post->stream);
    else if (post->conn != NULL && post->conn->streaming)
        mcp__sse_end(post->conn);
    else if (post->conn != NULL)
        mcp__http_answer(post->conn, &empty);
    mcp__http_release_session(post);
    end_post(post);
}

static const struct mcp_flight_ops ops = { on_done, on_progress, on_log,      on_ask,
                                           on_task, on_hang_up,  on_cancelled };

/* A modern call ends with its connection. */
static void on_modern_gone(struct mcp_post *post)
{
    mcp__flight_abandon(post->flight);
    free(post);
}

/* A legacy one goes on: who has seen its stream may come back for the answer. */
static void on_legacy_gone(struct mcp_post *post)
{
    if (post->stream != NULL && post->stream->reader == post)
        post->stream->reader = NULL;
}

static void start_call(struct mcp_http_conn *conn, struct mcp_call *call,
                       struct mcp_session *session)
{
    struct mcp_flight_owner owner = { .ops = &ops };
    struct mcp_post *post;

    if (mcp__flight_fast(conn->http->loop, call)) {
        answer_call(conn, call);
        return;
    }
    post = mcp__http_post_new(conn, session);
    if (post == NULL) {
        answer_busy(conn, call);
        return;
    }
    post->gone = session == NULL ? on_modern_gone : on_legacy_gone;
    owner.ptr = post;
    owner.scope = session; /* only within it can a message name another one's call */
    if (mcp__flight_launch(conn->http->loop, call, &owner, &post->flight) == MCP_START_FLYING) {
        conn->post = post;
        return;
    }
    mcp__http_release_session(post);
    free(post);
    answer_busy(conn, call);
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

/* Its messages go on; nobody hears the answers. */
static void on_batch_gone(struct mcp_post *post)
{
    (void)post;
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
    post = mcp__http_post_new(conn, NULL);
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
        post->gone = on_batch_gone;
        conn->post = post;
    }
}

/* ---- one message ----------------------------------------------------------------------------- */

static void handle_outcome(struct mcp_http_conn *conn, struct mcp_call *call,
                           struct mcp_outcome *out, struct mcp_session *session)
{
    struct mcp_loop *loop = conn->http->loop;
    struct mcp_counters *counters = &loop->serve->counters;
    const struct mcp_http_answer accepted = { .status = out->status };

    mcp__count(&counters->methods[out->method], 1);
    switch (out->kind) {
    case MCP_OUT_REPLY:
        mcp__count(&counters->rpc_errors, out->is_error);
        if (out->initialized)
            mcp__http_initialize(conn, out, mcp_buf_view(&loop->scratch));
        else
            mcp__http_answer_json(conn, out->status, mcp_buf_view(&loop->scratch));
        break;
    case MCP_OUT_DONE:
        mcp__flight_count(counters, call, 0);
        answer_call(conn, call);
        break;
    case MCP_OUT_CALL:
        start_call(conn, call, out->era == MCP_LEGACY ? session : NULL);
        break;
    case MCP_OUT_CANCEL:
        mcp__http_answer(conn, &accepted);
        mcp__flights_cancel(loop, session, out->id);
        break;
    case MCP_OUT_ANSWER:
        mcp__http_answer(conn, &accepted);
        mcp__flights_answer(loop, session, out->id, out->answer);
        break;
    case MCP_OUT_TASK:
        mcp__count(&counters->rpc_errors,
                   mcp__task_answer(loop, out, mcp_buf_view(&conn->principal), &loop->scratch));
        mcp__http_answer_json(conn, 200, mcp_buf_view(&loop->scratch));
        break;
    case MCP_OUT_LISTEN:
        mcp__http_listen(conn, &out->watch);
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
        .now_ms = mcp__loop_now(loop),
        .wall_s = mcp_clock_now(),
    };
    struct mcp_session *session = mcp__http_session(conn, &in);
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

    if (!mcp_str_eq(accept,
                    MCP_STR("application/json, text/event-stream")) && /* as asked of clients */
        !mcp__accepts(accept, MCP_STR("application/json")) &&
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
