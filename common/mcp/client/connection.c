/* The inside of struct mcp_client, and one request with its answer over either transport. */
#include "mcp/client/connection.h"

#include "mcp/client/message.h"

#include <mcp/clock.h>

#include <limits.h>

#define TOKENS_MAX ((size_t)1 << 20)
#define NOTIFY_MS 10000
/* Of what a server says, as much as an error can show. */
#define WORDS_MAX 700

void mcp__connection_head(struct mcp_client *client, struct mcp_arena *arena,
                          struct mcp__remote_head *head, unsigned *generation)
{
    pthread_mutex_lock(&client->lock);
    head->revision = mcp__revisions[client->rev].name;
    if (client->session_len > 0)
        head->session = mcp_arena_str(arena, mcp_str_n(client->session, client->session_len));
    *generation = client->generation;
    pthread_mutex_unlock(&client->lock);
}

static void fill_head(struct mcp_call *call, struct mcp_client *client,
                      const struct mcp__exchange *x, struct mcp__remote_head *head,
                      struct mcp__reply *reply)
{
    if (x->modern) {
        head->revision = mcp__revisions[MCP_REV_MODERN].name;
        head->method = x->method;
        head->name = x->name;
        head->mirrors = x->mirrors;
        head->n_mirrors = x->n_mirrors;
    } else if (!x->opening) {
        mcp__connection_head(client, mcp_call_arena(call), head, &reply->generation);
        reply->in_session = head->session.len > 0;
    }
}

static int send_remote(struct mcp_call *call, struct mcp_client *client,
                       const struct mcp__exchange *x, int64_t id, mcp_str text, uint64_t until_ms,
                       struct mcp__reply *reply, struct mcp_error *err)
{
    struct mcp__remote_ask ask = {
        .id = id,
        .text = text,
        .until_ms = until_ms,
        .repeatable = x->repeatable,
        .cancel = !x->modern && !x->opening,
        .legacy = !x->modern,
        .on_progress = x->on_progress,
        .ctx = x->ctx,
    };

    fill_head(call, client, x, &ask.head, reply);
    return mcp__remote_ask(call, &client->remote, &ask, &reply->answer, err);
}

/* The text of an answer as a result or an error of this request. */
static int read_reply(struct mcp_call *call, const struct mcp_client *client, int64_t id,
                      mcp_str text, struct mcp__reply *reply, struct mcp_error *err)
{
    const struct mcp_json_limits limits = { .max_bytes = client->max_answer_bytes,
                                            .max_tokens = TOKENS_MAX };
    struct mcp__message m;
    struct mcp_json root;
    int rc = mcp_json_parse(mcp_call_arena(call), text, &limits, &root, NULL);

    if (rc == MCP_ETOOBIG || rc == MCP_ENOMEM)
        return mcp_error_set(err, rc, "the server's answer of %zu bytes is too large to be read",
                             text.len);
    if (rc < 0)
        return mcp_error_set(err, MCP_EDATA, "the server's answer is no JSON");
    rc = mcp__message_read(root, &m, err);
    if (rc < 0)
        return rc;
    if (m.kind != MCP__MSG_RESPONSE || (m.has_id ? m.id != id : !mcp_json_exists(m.error)))
        return mcp_error_set(err, MCP_EDATA, "the server answered another request");
    reply->result = m.result;
    reply->error = m.error;
    return 0;
}

static int send_child(struct mcp_call *call, struct mcp_client *client,
                      const struct mcp__exchange *x, int64_t id, mcp_str text, uint64_t until_ms,
                      mcp_str *answer, struct mcp_error *err)
{
    const struct mcp__child_ask ask = {
        .id = id,
        .text = text,
        .until_ms = until_ms,
        .keep = x->opening,
        .on_progress = x->on_progress,
        .ctx = x->ctx,
    };

    return mcp__child_ask(call, client->child, &ask, answer, err);
}

int mcp__exchange(struct mcp_call *call, struct mcp_client *client, const struct mcp__exchange *x,
                  struct mcp__reply *reply, struct mcp_error *err)
{
    const struct mcp__request request = {
        .id = atomic_fetch_add(&client->next_id, 1),
        .method = x->method,
        .params = x->params,
        .modern = x->modern,
        .progress = x->on_progress != NULL,
        .client_name = client->name,
        .client_version = client->version,
        .trace = call,
    };
    uint64_t until_ms = mcp_clock_mono_ms() + x->timeout_ms;
    struct mcp__reply got = { .in_session = false };
    mcp_str answer = MCP_STR_NULL;
    struct mcp_buf text;
    int rc;

    mcp_buf_init(&text, client->max_answer_bytes);
    rc = mcp__message_request(&text, &request, mcp_call_arena(call), err);
    if (rc < 0)
        goto out;
    if (client->child != NULL) {
        rc = send_child(call, client, x, request.id, mcp_buf_view(&text), until_ms, &answer, err);
    } else {
        rc = send_remote(call, client, x, request.id, mcp_buf_view(&text), until_ms, &got, err);
        answer = got.answer.text;
    }
    if (rc == 0 && !mcp_str_is_null(answer)) {
        rc = read_reply(call, client, request.id, answer, &got, err);
        /* The body of an HTTP error may be anything. */
        if (rc == MCP_EDATA && got.answer.status >= 300) {
            mcp_error_clear(err);
            rc = 0;
        }
    }
    if (rc == 0)
        *reply = got;
out:
    mcp_buf_release(&text);
    return rc;
}

int mcp__reply_code(const struct mcp__reply *reply)
{
    int64_t code = mcp_json_get_int64(reply->error, MCP_STR("code"), 0);

    return code < INT_MIN || code > INT_MAX ? 0 : (int)code;
}

int mcp__reply_refuse(struct mcp_call *call, const struct mcp_client *client,
                      const struct mcp__reply *reply, struct mcp_client_fault *fault,
                      struct mcp_error *err)
{
    mcp_str words = mcp_json_get_str(reply->error, MCP_STR("message"), mcp_call_arena(call));
    int status = reply->answer.status, code = mcp__reply_code(reply);

    if (fault != NULL) {
        fault->code = code;
        fault->http_status = status;
        fault->message = words;
        fault->data = mcp_json_get(reply->error, MCP_STR("data"));
    }
    if (!mcp_json_exists(reply->error) || status == 401 || status == 403 || status == 429 ||
        status == 503)
        return mcp__remote_explain(&client->remote, &reply->answer, err);
    return mcp_error_set(err, MCP_EUPSTREAM, "the server answered %d: %.*s", code,
                         MCP_STR_ARG(mcp_str_head(words, WORDS_MAX)));
}

int mcp__notify(struct mcp_call *call, struct mcp_client *client, mcp_str method,
                struct mcp_error *err)
{
    struct mcp__remote_head head = { .revision = MCP_STR_NULL };
    unsigned generation;
    struct mcp_buf text;
    int rc;

    mcp_buf_init(&text, 4096);
    mcp__message_notification(&text, method, MCP_STR_NULL);
    rc = mcp_buf_error(&text);
    if (rc < 0) {
        mcp_error_set(err, rc, "out of memory");
    } else if (client->child != NULL) {
        mcp__child_tell(client->child, mcp_buf_view(&text));
    } else {
        mcp__connection_head(client, mcp_call_arena(call), &head, &generation);
        rc = mcp__remote_tell(call, &client->remote, &head, mcp_buf_view(&text), NOTIFY_MS, false,
                              err);
    }
    mcp_buf_release(&text);
    return rc;
}
