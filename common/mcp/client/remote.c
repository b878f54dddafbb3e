/* A server behind HTTP: one POST per message, answers as JSON or as an event stream. */
#include "mcp/client/remote.h"

#include "mcp/client/message.h"
#include "mcp/client/sse_parser.h"

#include <mcp/clock.h>

#include <stdlib.h>

#define HEADERS_MAX 80
#define CANCEL_MS 1000
#define REPLY_MS 1000
#define DELETE_MS 1000
#define RESUMES_MAX 20 /* of one request */
#define RETRY_MS 1000 /* before a resume, when the server names no time */
#define RETRY_MAX_MS 30000
#define TOKENS_MAX ((size_t)1 << 20)

int mcp__remote_init(struct mcp__remote *remote, mcp_str url, const struct mcp_secret *token,
                     struct mcp_error *err)
{
    mcp_str value = token == NULL ? MCP_STR_NULL : mcp_secret_view(token);
    struct mcp_buf line;
    int rc;

    memset(remote, 0, sizeof(*remote));
    remote->url = url;
    if (value.len == 0)
        return 0;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] <= ' ' || value.ptr[i] > '~')
            return mcp_error_set(err, MCP_EINVAL, "the token holds bytes that no header can carry");
    }
    mcp_buf_init(&line, value.len + 16);
    mcp_buf_z(&line, "Bearer ");
    mcp_buf_str(&line, value);
    rc = mcp_buf_error(&line);
    if (rc == 0)
        rc = mcp_secret_set(&remote->authorization, mcp_buf_view(&line));
    if (line.ptr != NULL)
        mcp_secret_wipe(line.ptr, line.size);
    mcp_buf_release(&line);
    return rc < 0 ? mcp_error_set(err, rc, "out of memory") : 0;
}

void mcp__remote_release(struct mcp__remote *remote)
{
    mcp_secret_release(&remote->authorization);
}

/* ---- headers ------------------------------------------------------------------------------------- */

struct headers {
    struct mcp_http_header items[HEADERS_MAX];
    size_t n;
};

static void add(struct headers *h, mcp_str name, mcp_str value)
{
    if (mcp_str_is_null(value) || h->n == HEADERS_MAX)
        return;
    h->items[h->n].name = name;
    h->items[h->n++].value = value;
}

static void add_all(struct headers *h, const struct mcp__remote *remote,
                    const struct mcp__remote_head *head, const char *accept, bool body)
{
    h->n = 0;
    add(h, MCP_STR("Accept"), mcp_str_z(accept));
    if (body)
        add(h, MCP_STR("Content-Type"), MCP_STR("application/json"));
    add(h, MCP_STR("Authorization"), mcp_secret_view(&remote->authorization));
    add(h, MCP_STR("MCP-Protocol-Version"), head->revision);
    add(h, MCP_STR("Mcp-Session-Id"), head->session);
    add(h, MCP_STR("Mcp-Method"), head->method);
    add(h, MCP_STR("Mcp-Name"), head->name);
    for (size_t i = 0; i < head->n_mirrors; i++)
        add(h, head->mirrors[i].name, head->mirrors[i].value);
}

/* ---- one exchange ---------------------------------------------------------------------------------- */

/* What is read of one request's answers. */
struct reading {
    struct mcp_call *call; /* borrowed */
    const struct mcp__remote *remote; /* borrowed */
    const struct mcp__remote_ask *ask; /* borrowed */
    struct mcp__remote_answer *answer; /* borrowed */
    struct mcp_arena *arena; /* owned; one event at a time */
    struct mcp_sse_parser parser; /* goes on where the last stream ended */
};

static int keep_text(struct reading *r, mcp_str text)
{
    char *copy = malloc(text.len + 1);

    if (copy == NULL)
        return MCP_ENOMEM;
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    mcp_arena_defer(mcp_call_arena(r->call), free, copy);
    r->answer->text = mcp_str_n(copy, text.len);
    return 0;
}

static void report(struct reading *r, const struct mcp__message *m)
{
    double done, total;
    mcp_str message;

    if (r->ask->on_progress != NULL && m->id == r->ask->id &&
        mcp__message_progress(m->params, r->arena, &done, &total, &message) == 0)
        r->ask->on_progress(r->ask->ctx, done, total, message);
}

static void reply(struct reading *r, const struct mcp__message *m)
{
    struct mcp__remote_head head = { .revision = r->ask->head.revision,
                                     .session = r->ask->head.session };
    struct mcp_buf text;

    mcp_buf_init(&text, 4096);
    if (mcp__message_reply(&text, m))
        (void)mcp__remote_tell(r->call, r->remote, &head, mcp_buf_view(&text), REPLY_MS, false,
                               NULL);
    mcp_buf_release(&text);
}

/* The first response that is ours counts, and ends the reading; what is no message, or another's, is
 * passed over. */
static int on_event(void *ctx, const struct mcp_sse_event *event)
{
    struct reading *r = ctx;
    const struct mcp_json_limits limits = { .max_bytes = r->remote->max_answer_bytes,
                                            .max_tokens = TOKENS_MAX };
    struct mcp__message m;
    struct mcp_json root;
    int rc;

    if (event->data.len == 0 || !mcp_str_eq(event->type, MCP_STR("message")))
        return 0;
    mcp_arena_reset(r->arena);
    if (mcp_json_parse(r->arena, event->data, &limits, &root, NULL) < 0 ||
        mcp__message_read(root, &m, NULL) < 0)
        return 0;
    if (m.kind == MCP__MSG_PROGRESS)
        report(r, &m);
    else if (m.kind == MCP__MSG_RESPONSE &&
             (m.has_id ? m.id == r->ask->id : mcp_json_exists(m.error))) {
        rc = keep_text(r, event->data);
        return rc < 0 ? rc : 1;
    } else if (m.kind == MCP__MSG_REQUEST && r->ask->legacy)
        reply(r, &m);
    return 0;
}

static int on_piece(void *ctx, mcp_str bytes)
{
    struct reading *r = ctx;

    return mcp__sse_parser_feed(&r->parser, bytes);
}

static bool is_type(const struct mcp_http_res *res, mcp_str type)
{
    mcp_str value = mcp_http_header_get(res, MCP_STR("content-type"));

    return mcp_str_cut_prefix_nocase(&value, type) &&
           (value.len == 0 || value.ptr[0] == ';' || value.ptr[0] == ' ');
}

/* Visible ASCII, as the protocol has it; anything else is no session. */
static mcp_str session_of(const struct mcp_http_res *res)
{
    mcp_str id = mcp_http_header_get(res, MCP_STR("mcp-session-id"));

    for (size_t i = 0; i < id.len; i++) {
        if (id.ptr[i] < 0x21 || id.ptr[i] > 0x7e)
            return MCP_STR_NULL;
    }
    return id.len == 0 || id.len > MCP__SESSION_ID_MAX ? MCP_STR_NULL : id;
}

static int retry_after(const struct mcp_http_res *res)
{
    int64_t seconds;

    if (mcp_str_int64(mcp_http_header_get(res, MCP_STR("retry-after")), &seconds) != 0 ||
        seconds < 0 || seconds > 86400)
        return 0;
    return (int)seconds * 1000;
}

static unsigned left_ms(uint64_t until_ms)
{
    uint64_t now = mcp_clock_mono_ms();

    if (now >= until_ms)
        return 1;
    return until_ms - now > UINT32_MAX ? UINT32_MAX : (unsigned)(until_ms - now);
}

/* One HTTP exchange, its answer read into r. */
static int exchange(struct reading *r, struct mcp_http_req *req, struct mcp_error *err)
{
    struct mcp_http_res res;
    int rc;

    req->url = r->remote->url;
    req->allow_http = r->remote->allow_http;
    req->timeout_ms = left_ms(r->ask->until_ms);
    req->max_body_bytes = r->remote->max_answer_bytes;
    req->stream_type = MCP_STR("text/event-stream");
    req->on_piece = on_piece;
    req->ctx = r;
    rc = mcp_fetch(r->call, req, &res, err);
    if (r->parser.rc == MCP_ETOOBIG)
        return mcp_error_set(err, MCP_ETOOBIG, "the server sent an event of more than %zu bytes",
                             r->remote->max_answer_bytes);
    if (r->parser.rc < 0)
        return mcp_error_set(err, r->parser.rc, "out of memory");
    if (rc < 0)
        return rc;
    r->answer->status = res.status;
    r->answer->retry_after_ms = retry_after(&res);
    if (mcp_str_is_null(r->answer->session))
        r->answer->session = session_of(&res);
    if (is_type(&res, MCP_STR("application/json")) && mcp_str_trim(res.body).len > 0)
        r->answer->text = res.body;
    return 0;
}

/* The next stream continues this one: what was half an event is dropped, the last id is kept. */
static void rewind_parser(struct reading *r)
{
    struct mcp_sse_parser next;

    mcp__sse_parser_init(&next, r->remote->max_answer_bytes, on_event, r);
    mcp_buf_str(&next.last_id, mcp_buf_view(&r->parser.last_id));
    next.retry_ms = r->parser.retry_ms;
    mcp__sse_parser_release(&r->parser);
    r->parser = next;
}

/* A stream that ended before its answer, in order or not, after an event that can be named. */
static bool can_resume(const struct reading *r, int rc)
{
    return r->ask->legacy && mcp_str_is_null(r->answer->text) && r->parser.last_id.len > 0 &&
           (rc == MCP_EUNAVAILABLE || (rc == 0 && r->answer->status == 200));
}

/* Asks for the rest of a stream, by the id of the last event, for as long as there is time. */
static int resume(struct reading *r, int rc, struct mcp_error *err)
{
    struct headers headers;

    for (unsigned i = 0; i < RESUMES_MAX && can_resume(r, rc); i++) {
        uint64_t wait = r->parser.retry_ms == UINT64_MAX ? RETRY_MS : r->parser.retry_ms;
        struct mcp_http_req req = { .method = MCP_GET };
        mcp_str last = mcp_arena_str(mcp_call_arena(r->call), mcp_buf_view(&r->parser.last_id));

        mcp_error_clear(err);
        if (wait > RETRY_MAX_MS)
            wait = RETRY_MAX_MS;
        if (left_ms(r->ask->until_ms) <= wait)
            return mcp_error_set(err, MCP_EDEADLINE,
                                 "the server ended its event stream before its answer");
        rc = mcp_sleep(r->call, (unsigned)wait, err);
        if (rc < 0)
            return rc;
        rewind_parser(r);
        add_all(&headers, r->remote, &r->ask->head, "text/event-stream", false);
        add(&headers, MCP_STR("Last-Event-ID"), last);
        req.headers = headers.items;
        req.n_headers = headers.n;
        rc = exchange(r, &req, err);
        /* One that cannot be reached, or sends nothing new, is not asked for ever. */
        if (rc == MCP_EUNAVAILABLE && mcp_str_eq(mcp_buf_view(&r->parser.last_id), last))
            break;
    }
    return rc;
}

static void cancel(struct mcp_call *call, const struct mcp__remote *remote,
                   const struct mcp__remote_ask *ask, bool late)
{
    struct mcp__remote_head head = { .revision = ask->head.revision, .session = ask->head.session };
    struct mcp_buf text;

    mcp_buf_init(&text, 512);
    mcp__message_cancelled(&text, ask->id, late);
    if (mcp_buf_error(&text) == 0)
        (void)mcp__remote_tell(call, remote, &head, mcp_buf_view(&text), CANCEL_MS, true, NULL);
    mcp_buf_release(&text);
}

int mcp__remote_ask(struct mcp_call *call, const struct mcp__remote *remote,
                    const struct mcp__remote_ask *ask, struct mcp__remote_answer *answer,
                    struct mcp_error *err)
{
    struct mcp__remote_answer got = { .status = 0 };
    struct reading r = { .call = call, .remote = remote, .ask = ask, .answer = &got };
    struct mcp_http_req req = { .method = MCP_POST, .body = ask->text };
    struct headers headers;
    int rc;

    r.arena = mcp_arena_new(0, remote->max_answer_bytes + ((size_t)64 << 20));
    if (r.arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    mcp__sse_parser_init(&r.parser, remote->max_answer_bytes, on_event, &r);
    add_all(&headers, remote, &ask->head, "application/json, text/event-stream", true);
    req.headers = headers.items;
    req.n_headers = headers.n;
    req.retry_post = ask->repeatable;
    req.retries = ask->repeatable ? 2 : 0;
    rc = exchange(&r, &req, err);
    rc = resume(&r, rc, err);
    if (ask->cancel && (rc == MCP_ECANCELLED || rc == MCP_EDEADLINE || rc == MCP_ETOOBIG))
        cancel(call, remote, ask, rc == MCP_EDEADLINE);
    if (rc == 0)
        *answer = got;
    mcp__sse_parser_release(&r.parser);
    mcp_arena_free(r.arena);
    return rc;
}

int mcp__remote_tell(struct mcp_call *call, const struct mcp__remote *remote,
                     const struct mcp__remote_head *head, mcp_str text, unsigned timeout_ms,
                     bool even_cancelled, struct mcp_error *err)
{
    struct mcp_http_req req = { .method = MCP_POST, .url = remote->url, .body = text };
    struct mcp_http_res res;
    struct headers headers;
    int rc;

    add_all(&headers, remote, head, "application/json, text/event-stream", true);
    req.headers = headers.items;
    req.n_headers = headers.n;
    req.allow_http = remote->allow_http;
    req.timeout_ms = timeout_ms;
    req.max_body_bytes = (size_t)64 << 10;
    req.retry_post = true;
    req.after_cancel = even_cancelled;
    rc = mcp_fetch(call, &req, &res, err);
    if (rc < 0)
        return rc;
    if (res.status < 200 || res.status > 299) {
        struct mcp__remote_answer answer = { .status = res.status };

        answer.retry_after_ms = retry_after(&res);
        return mcp__remote_explain(remote, &answer, err);
    }
    return 0;
}

void mcp__remote_end_session(struct mcp_call *call, const struct mcp__remote *remote,
                             const struct mcp__remote_head *head)
{
    struct mcp_http_req req = { .method = MCP_DELETE, .url = remote->url };
    struct mcp_http_res res;
    struct headers headers;

    add_all(&headers, remote, head, "application/json", false);
    req.headers = headers.items;
    req.n_headers = headers.n;
    req.allow_http = remote->allow_http;
    req.timeout_ms = DELETE_MS;
    req.max_body_bytes = (size_t)64 << 10;
    (void)mcp_fetch(call, &req, &res, NULL);
}

/* scheme://host:port of the URL: what a path or query holds may be nobody else's business. */
static mcp_str place_of(mcp_str url)
{
    mcp_str rest = url;
    mcp_str host;

    if (!mcp_str_cut_prefix(&rest, MCP_STR("https://")))
        mcp_str_cut_prefix(&rest, MCP_STR("http://"));
    mcp_str_cut(&rest, '/', &host);
    return mcp_str_head(mcp_str_n(host.ptr, mcp_str_find(host, '?')), 200);
}

int mcp__remote_explain(const struct mcp__remote *remote, const struct mcp__remote_answer *answer,
                        struct mcp_error *err)
{
    mcp_str place = place_of(remote->url);
    int rc = MCP_EUPSTREAM;

    switch (answer->status) {
    case 401:
        mcp_error_set(err, MCP_EAUTH, "%.*s wants %s token (401)", MCP_STR_ARG(place),
                      remote->authorization.len > 0 ? "another" : "a");
        return MCP_EAUTH;
    case 403:
        return mcp_error_set(err, MCP_EDENIED, "%.*s does not let us in (403)", MCP_STR_ARG(place));
    case 404:
        return mcp_error_set(err, MCP_EUPSTREAM, "%.*s has no MCP endpoint at this path (404)",
                             MCP_STR_ARG(place));
    case 429:
    case 503:
        rc = mcp_error_set(err, MCP_EBUSY, "%.*s is busy (%d)", MCP_STR_ARG(place), answer->status);
        break;
    default:
        if (answer->status >= 200 && answer->status <= 299)
            rc = mcp_error_set(err, MCP_EDATA, "%.*s gave no MCP answer (%d)", MCP_STR_ARG(place),
                               answer->status);
        else
            rc = mcp_error_set(err, MCP_EUPSTREAM, "%.*s answered HTTP status %d",
                               MCP_STR_ARG(place), answer->status);
    }
    if (err != NULL && answer->retry_after_ms > 0 && err->retry_after_ms == 0)
        err->retry_after_ms = answer->retry_after_ms;
    return rc;
}
