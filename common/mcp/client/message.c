/* What a client writes and reads: requests in the envelope of their era, and what comes back. */
#include "mcp/client/message.h"

#include "mcp/proto/era.h"
#include "mcp/proto/jsonrpc.h"
#include "mcp/proto/trace.h"

#include <mcp/base64.h>
#include <mcp/json_writer.h>

static void put_implementation(struct mcp_jsonw *w, mcp_str name, mcp_str version)
{
    mcp_jsonw_kstr(w, "name", name);
    mcp_jsonw_kstr(w, "version", version);
    mcp_jsonw_end(w);
}

static void put_meta(struct mcp_jsonw *w, const struct mcp__request *r)
{
    mcp_str trace[MCP_N_TRACE];
    bool traced = false;

    for (int i = 0; i < MCP_N_TRACE; i++) {
        trace[i] =
            r->trace == NULL ? MCP_STR_NULL : mcp_call_trace(r->trace, (enum mcp_trace_field)i);
        traced = traced || !mcp_str_is_null(trace[i]);
    }
    if (!r->modern && !r->progress && !traced)
        return;
    mcp_jsonw_kobject(w, "_meta");
    if (r->modern) {
        mcp_jsonw_kstr(w, MCP__META_PREFIX "protocolVersion", mcp__revisions[MCP_REV_MODERN].name);
        mcp_jsonw_kraw(w, MCP__META_PREFIX "clientCapabilities", MCP_STR("{}"));
        mcp_jsonw_kobject(w, MCP__META_PREFIX "clientInfo");
        put_implementation(w, r->client_name, r->client_version);
    }
    if (r->progress)
        mcp_jsonw_kint(w, "progressToken", r->id);
    for (int i = 0; i < MCP_N_TRACE; i++) {
        if (!mcp_str_is_null(trace[i]))
            mcp_jsonw_kstr(w, mcp__trace_names[i].ptr, trace[i]);
    }
    mcp_jsonw_end(w);
}

static int put_params(struct mcp_jsonw *w, const struct mcp__request *r, struct mcp_arena *arena,
                      struct mcp_error *err)
{
    struct mcp_json params;
    struct mcp_json_iter it;

    if (mcp_str_is_null(r->params))
        return 0;
    if (mcp_json_parse(arena, r->params, NULL, &params, NULL) < 0)
        return mcp_error_set(err, MCP_EINVAL, "params are no JSON, or too large");
    if (mcp_json_type(params) != MCP_JSON_OBJECT ||
        mcp_json_exists(mcp_json_get(params, MCP_STR("_meta"))))
        return mcp_error_set(err, MCP_EINVAL, "params must be a JSON object without _meta");
    it = mcp_json_iter(params);
    while (mcp_json_next(&it)) {
        mcp_str name;

        if (mcp_json_str(it.key, arena, &name) != 0)
            return mcp_error_set(err, MCP_EINVAL, "a member of params has no readable name");
        mcp_jsonw_key(w, name);
        mcp_jsonw_raw(w, mcp_json_raw(it.value));
    }
    return 0;
}

int mcp__message_request(struct mcp_buf *out, const struct mcp__request *r, struct mcp_arena *arena,
                         struct mcp_error *err)
{
    struct mcp_jsonw w;
    int rc;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "jsonrpc", "2.0");
    mcp_jsonw_kint(&w, "id", r->id);
    mcp_jsonw_kstr(&w, "method", r->method);
    mcp_jsonw_kobject(&w, "params");
    rc = put_params(&w, r, arena, err);
    if (rc < 0)
        return rc;
    put_meta(&w, r);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    rc = mcp_buf_error(out);
    return rc < 0 ? mcp_error_set(err, rc, "the request is larger than what may be sent") : 0;
}

void mcp__message_notification(struct mcp_buf *out, mcp_str method, mcp_str params)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "jsonrpc", "2.0");
    mcp_jsonw_kstr(&w, "method", method);
    if (!mcp_str_is_null(params))
        mcp_jsonw_kraw(&w, "params", params);
    mcp_jsonw_end(&w);
}

bool mcp__message_reply(struct mcp_buf *out, const struct mcp__message *request)
{
    if (request->raw_id.len > MCP_RPC_ID_MAX)
        return false;
    if (mcp_json_str_eq(request->method, MCP_STR("ping")))
        mcp__rpc_result(out, request->raw_id, MCP_STR("{}"));
    else
        mcp__rpc_error(out, request->raw_id, mcp_err_rpc(MCP_EMETHOD),
                       MCP_STR("this client offers no such method"), MCP_STR_NULL);
    return mcp_buf_error(out) == 0;
}

void mcp__message_cancelled(struct mcp_buf *out, int64_t id, bool late)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kz(&w, "jsonrpc", "2.0");
    mcp_jsonw_kz(&w, "method", "notifications/cancelled");
    mcp_jsonw_kobject(&w, "params");
    mcp_jsonw_kint(&w, "requestId", id);
    mcp_jsonw_kz(&w, "reason", late ? "deadline" : "cancelled");
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
}

void mcp__message_initialize_params(struct mcp_buf *out, mcp_str revision, mcp_str name,
                                    mcp_str version)
{
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "protocolVersion", revision);
    mcp_jsonw_kraw(&w, "capabilities", MCP_STR("{}"));
    mcp_jsonw_kobject(&w, "clientInfo");
    put_implementation(&w, name, version);
    mcp_jsonw_end(&w);
}

/* ---- what comes back --------------------------------------------------------------------------- */

static void read_number(struct mcp_json v, struct mcp__message *out)
{
    /* By its text: a string "1", or 1.0, is not the id we sent. */
    out->has_id =
        mcp_json_type(v) == MCP_JSON_NUMBER && mcp_str_int64(mcp_json_raw(v), &out->id) == 0;
}

static int read_response(struct mcp_json root, struct mcp__message *out, struct mcp_error *err)
{
    struct mcp_json result = mcp_json_get(root, MCP_STR("result"));
    struct mcp_json error = mcp_json_get(root, MCP_STR("error"));
    int64_t code;

    out->kind = MCP__MSG_RESPONSE;
    read_number(mcp_json_get(root, MCP_STR("id")), out);
    if (mcp_json_type(error) == MCP_JSON_OBJECT && !mcp_json_exists(result) &&
        mcp_json_int64(mcp_json_get(error, MCP_STR("code")), &code) == 0) {
        out->error = error;
        return 0;
    }
    if (mcp_json_type(result) == MCP_JSON_OBJECT && !mcp_json_exists(error)) {
        out->result = result;
        return 0;
    }
    return mcp_error_set(err, MCP_EDATA, "the answer holds neither a result nor an error");
}

int mcp__message_read(struct mcp_json root, struct mcp__message *out, struct mcp_error *err)
{
    struct mcp_json id;

    memset(out, 0, sizeof(*out));
    if (mcp_json_type(root) != MCP_JSON_OBJECT ||
        !mcp_json_str_eq(mcp_json_get(root, MCP_STR("jsonrpc")), MCP_STR("2.0")) ||
        mcp_json_exists(mcp_json_duplicate(root)))
        return mcp_error_set(err, MCP_EDATA, "the answer is no JSON-RPC message");
    out->method = mcp_json_get(root, MCP_STR("method"));
    out->params = mcp_json_get(root, MCP_STR("params"));
    if (!mcp_json_exists(out->method))
        return read_response(root, out, err);
    if (mcp_json_type(out->method) != MCP_JSON_STRING)
        return mcp_error_set(err, MCP_EDATA, "the answer is no JSON-RPC message");
    id = mcp_json_get(root, MCP_STR("id"));
    out->kind = mcp_json_exists(id) ? MCP__MSG_REQUEST : MCP__MSG_NOTIFICATION;
    out->raw_id = mcp_json_raw(id);
    if (out->kind == MCP__MSG_NOTIFICATION &&
        mcp_json_str_eq(out->method, MCP_STR("notifications/progress"))) {
        read_number(mcp_json_get(out->params, MCP_STR("progressToken")), out);
        out->kind = out->has_id ? MCP__MSG_PROGRESS : MCP__MSG_NOTIFICATION;
    }
    return 0;
}

int mcp__message_progress(struct mcp_json params, struct mcp_arena *arena, double *done,
                          double *total, mcp_str *message)
{
    if (mcp_json_double(mcp_json_get(params, MCP_STR("progress")), done) != 0)
        return -1;
    if (mcp_json_double(mcp_json_get(params, MCP_STR("total")), total) != 0)
        *total = 0;
    *message = mcp_json_get_str(params, MCP_STR("message"), arena);
    return 0;
}

mcp_str mcp__message_header_value(struct mcp_arena *arena, mcp_str text)
{
    bool plain = text.len > 0 && text.ptr[0] != ' ' && text.ptr[text.len - 1] != ' ';
    struct mcp_buf out;
    mcp_str value = MCP_STR_NULL;
    char *copy;

    for (size_t i = 0; plain && i < text.len; i++)
        plain = text.ptr[i] >= ' ' && text.ptr[i] <= '~';
    if (plain && !(mcp_str_starts(text, MCP_STR("=?base64?")) && mcp_str_ends(text, MCP_STR("?="))))
        return text;
    if (text.len == 0)
        return MCP_STR("");
    mcp_buf_init(&out, text.len * 2 + 64);
    mcp_buf_z(&out, "=?base64?");
    mcp_base64_encode(&out, MCP_BASE64_STD, text.ptr, text.len);
    mcp_buf_z(&out, "?=");
    copy = mcp_buf_error(&out) == 0 ? mcp_arena_try(arena, out.len + 1) : NULL;
    if (copy != NULL) {
        memcpy(copy, out.ptr, out.len);
        value = mcp_str_n(copy, out.len);
    }
    mcp_buf_release(&out);
    return value;
}
