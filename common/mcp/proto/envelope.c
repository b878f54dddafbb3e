/* From what a handler left in its call to the bytes of the answer, as each revision wants them. */
#include "mcp/proto/envelope.h"

#include "mcp/proto/jsonrpc.h"

#include <mcp/json_writer.h>

#include <stdio.h>

/* Of a resource, in the legacy revisions. */
#define RPC_LEGACY_NOT_FOUND (-32002)

/* A raw line break in valid JSON stands between tokens only, where a blank means the same. */
static void one_line(struct mcp_buf *buf)
{
    char *end;

    if (buf->len == 0)
        return;
    end = buf->ptr + buf->len;
    for (char *p = buf->ptr; (p = memchr(p, '\n', (size_t)(end - p))) != NULL; p++)
        *p = ' ';
    for (char *p = buf->ptr; (p = memchr(p, '\r', (size_t)(end - p))) != NULL; p++)
        *p = ' ';
}

static mcp_str code_of(const struct mcp_error *err)
{
    return mcp_str_z(err->code != NULL ? err->code : mcp_err_name(err->err));
}

static void put_error_text(struct mcp_buf *text, const struct mcp_error *err)
{
    mcp_str message = mcp_str_z(err->message);

    while (message.len > 0 && message.ptr[message.len - 1] == '.')
        message.len--;
    mcp_buf_z(text, "error ");
    mcp_buf_str(text, code_of(err));
    mcp_buf_z(text, ": ");
    mcp_buf_str(text, message);
    mcp_buf_char(text, '.');
    if (err->next[0] != '\0') {
        mcp_buf_z(text, " Next: ");
        mcp_buf_z(text, err->next);
    }
}

static void print_error_meta(char out[96], const struct mcp_error *err)
{
    mcp_str code = code_of(err);

    if (code.len > 40)
        code.len = 40; /* our own words are shorter */
    if (err->retry_after_ms > 0)
        snprintf(out, 96, "\"error\":{\"code\":\"%.*s\",\"retry_after_ms\":%d}", MCP_STR_ARG(code),
                 err->retry_after_ms);
    else
        snprintf(out, 96, "\"error\":{\"code\":\"%.*s\"}", MCP_STR_ARG(code));
}

int mcp__envelope_not_found(enum mcp_revision rev)
{
    return mcp__revision_has(rev, MCP_HAS_RESULT_TYPE) ? mcp_err_rpc(MCP_ENOTFOUND)
                                                       : RPC_LEGACY_NOT_FOUND;
}

void mcp__envelope_rpc_error(struct mcp_buf *out, int code, const struct mcp_error *err,
                             mcp_str uri)
{
    struct mcp_buf text;
    struct mcp_jsonw w;

    mcp_buf_init(&text, sizeof(err->message) + sizeof(err->next) + 16);
    mcp_buf_z(&text, err->message);
    if (err->next[0] != '\0')
        mcp_buf_printf(&text, ". Next: %s", err->next);
    mcp_jsonw_init(&w, out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kint(&w, "code", code);
    mcp_jsonw_kstr(&w, "message", mcp_buf_view(&text));
    mcp_jsonw_kobject(&w, "data");
    mcp_jsonw_kstr(&w, "code", code_of(err));
    if (!mcp_str_is_null(uri))
        mcp_jsonw_kstr(&w, "uri", uri);
    if (err->retry_after_ms > 0)
        mcp_jsonw_kint(&w, "retry_after_ms", err->retry_after_ms);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    mcp_buf_release(&text);
}

static int rpc_code(const struct mcp_call *call, const struct mcp_error *err)
{
    if (call->kind == MCP_CALL_RESOURCE && err->err == MCP_ENOTFOUND)
        return mcp__envelope_not_found(call->rev);
    return mcp_err_rpc(err->err);
}

static void finish_error(struct mcp_call *call, const struct mcp_error *err)
{
    struct mcp_buf text;

    mcp__call_clear(call);
    call->is_error = true;
    if (err->err == MCP_ECAPABILITY && mcp__revision_has(call->rev, MCP_HAS_RESULT_TYPE) &&
        !mcp_str_is_null(call->id)) {
        call->rpc_error = true;
        call->http_status = mcp_err_http(MCP_ECAPABILITY);
        mcp__ask_refusal(call, mcp_str_z(err->message));
        return;
    }
    if (call->kind != MCP_CALL_TOOL || call->as_rpc_error) {
        call->rpc_error = true;
        mcp__envelope_rpc_error(&call->content, rpc_code(call, err), err, call->uri);
        return;
    }
    mcp_buf_init(&text, sizeof(err->message) + sizeof(err->next) + 256);
    put_error_text(&text, err);
    mcp_result_text(call, mcp_buf_view(&text));
    mcp_buf_release(&text);
    print_error_meta(call->error_meta, err);
}

/* A kept answer stands as this client wants it, and with the line breaks that it wants: none. */
static bool stays_kept(const struct mcp_call *call)
{
    return call->is_kept && call->kind == MCP_CALL_TOOL && !call->is_error && !call->text_json &&
           mcp__revision_has(call->rev, MCP_HAS_STRUCTURED) &&
           ((call->tool->flags & MCP_TOOL_TEXT_JSON) == 0 || call->kept_blocks.len > 0);
}

static void structured_to_text(struct mcp_call *call)
{
    bool has = mcp__revision_has(call->rev, MCP_HAS_STRUCTURED);
    bool replace = call->text_json || !has;

    if (call->structured.len == 0 || call->kind != MCP_CALL_TOOL)
        return;
    if (replace && !call->other_blocks)
        mcp_buf_clear(&call->content);
    if (replace || ((call->tool->flags & MCP_TOOL_TEXT_JSON) != 0 && call->content.len == 0))
        mcp_result_text(call, mcp_buf_view(&call->structured));
    if (!has)
        mcp_buf_clear(&call->structured);
}

/* What stands behind the content of a tools/call. */
static size_t put_tool_end(const struct mcp_call *call, mcp_str *parts)
{
    size_t n = 0;

    if (call->is_error) {
        parts[n++] = MCP_STR("],\"isError\":true"); /* an error has no structured content */
    } else if (call->is_kept ? call->n_kept == 0 : call->structured.len == 0) {
        parts[n++] = MCP_STR("]");
    } else {
        parts[n++] = MCP_STR("],\"structuredContent\":");
        if (!call->is_kept)
            parts[n++] = mcp_buf_view(&call->structured);
        for (size_t i = 0; call->is_kept && i < call->n_kept; i++)
            parts[n++] = call->kept[i];
    }
    return n;
}

/* Up to the content: the legacy form, the modern one. */
#define OPENING(member)                                                                            \
    {                                                                                              \
        { ",\"result\":{" member, sizeof(",\"result\":{" member) - 1 },                            \
        {                                                                                          \
            ",\"result\":{\"resultType\":\"complete\"," member,                                    \
                sizeof(",\"result\":{\"resultType\":\"complete\"," member) - 1                     \
        }                                                                                          \
    }
static const mcp_str openings[][2] = {
    [MCP_CALL_TOOL] = OPENING("\"content\":["),
    [MCP_CALL_RESOURCE] = OPENING("\"contents\":["),
    [MCP_CALL_PROMPT] = OPENING("\"messages\":["),
    [MCP_CALL_COMPLETE] = OPENING("\"completion\":{\"values\":["),
};

/* What finish has put into `structured` for the kinds that have none: members behind the array. */
static size_t put_end(const struct mcp_call *call, mcp_str *parts)
{
    if (call->kind == MCP_CALL_TOOL)
        return put_tool_end(call, parts);
    parts[0] = MCP_STR("]");
    parts[1] = mcp_buf_view(&call->structured);
    return 2;
}

/* The members that are not content, once the handler of another kind than a tool is through. */
static void put_members(struct mcp_call *call)
{
    struct mcp_buf *out = &call->structured;

    mcp_buf_clear(out);
    if (call->kind == MCP_CALL_PROMPT && call->prompt->description != NULL) {
        mcp_buf_z(out, ",\"description\":");
        mcp_json_quote(out, mcp_str_z(call->prompt->description));
    } else if (call->kind == MCP_CALL_COMPLETE) {
        mcp_buf_printf(out, ",\"total\":%zu,\"hasMore\":%s}", call->n_values,
                       call->n_values > MCP_COMPLETION_VALUES ? "true" : "false");
    } else if (call->kind == MCP_CALL_RESOURCE &&
               mcp__revision_has(call->rev, MCP_HAS_RESULT_TYPE)) {
        mcp_buf_printf(out, ",\"ttlMs\":%u,\"cacheScope\":\"%s\"", call->resource->ttl_ms,
                       (call->resource->flags & MCP_RESOURCE_PUBLIC) != 0 ? "public" : "private");
    }
}

void mcp__envelope_finish(struct mcp_call *call, int code, const struct mcp_error *err)
{
    struct mcp_error own;

    mcp_error_clear(&own);
    if (code == MCP_EINPUT) {
        code = mcp__ask_close(call, &own);
        if (code == 0)
            return;
        err = &own;
    }
    if (code < 0) {
        if (err == NULL || err->err == MCP_OK) {
            mcp_error_set(&own, (enum mcp_err)code, "%s failed", call->name);
            err = &own;
        }
        finish_error(call, err);
        return;
    }
    if (stays_kept(call))
        return;
    mcp__call_copy_kept(call);
    if (call->kind == MCP_CALL_RESOURCE && call->content.len == 0 && !call->content.failed) {
        /* An empty list would say that it is there. */
        mcp_error_set(&own, MCP_ENOTFOUND, "Resource not found");
        finish_error(call, &own);
        return;
    }
    if (call->kind != MCP_CALL_TOOL)
        put_members(call);
    one_line(&call->structured);
    one_line(&call->content);
    if (call->is_error && call->kind == MCP_CALL_TOOL)
        mcp_buf_clear(&call->structured);
    structured_to_text(call);
    if (mcp_buf_error(&call->content) == MCP_ENOMEM ||
        mcp_buf_error(&call->structured) == MCP_ENOMEM) {
        mcp_error_set(&own, MCP_ENOMEM, "out of memory for the result of %s", call->name);
        finish_error(call, &own);
    } else if (call->content.failed || call->structured.failed) {
        mcp_error_set(&own, MCP_ETOOBIG, "the result of %s is larger than %zu MiB", call->name,
                      MCP_CALL_RESULT_MAX >> 20);
        mcp_error_next(&own, "Ask for less: a shorter period, a filter or a limit");
        finish_error(call, &own);
    }
}

size_t mcp__envelope_parts(const struct mcp_registry *registry, const struct mcp_call *call,
                           mcp_str parts[MCP_ENVELOPE_PARTS])
{
    bool modern = mcp__revision_has(call->rev, MCP_HAS_RESULT_TYPE);
    mcp_str meta = mcp_str_z(call->error_meta);
    size_t n = 0;

    parts[n++] = MCP_STR("{\"jsonrpc\":\"2.0\",\"id\":");
    parts[n++] = call->id;
    if (call->rpc_error) {
        parts[n++] = MCP_STR(",\"error\":");
        parts[n++] = mcp_buf_view(&call->content);
        parts[n++] = MCP_STR("}");
        return n;
    }
    if (call->input_required) {
        parts[n++] = MCP_STR(",\"result\":");
        parts[n++] = mcp_buf_view(&call->content);
        parts[n++] = registry->result_end;
        return n;
    }
    parts[n++] = openings[call->kind][modern];
    parts[n++] = call->is_kept ? call->kept_blocks : mcp_buf_view(&call->content);
    n += put_end(call, parts + n);
    if (modern && meta.len == 0) {
        parts[n++] = registry->result_end;
    } else if (meta.len > 0) {
        parts[n++] = MCP_STR(",\"_meta\":{");
        if (modern) {
            parts[n++] = registry->server_info;
            parts[n++] = MCP_STR(",");
        }
        parts[n++] = meta;
        parts[n++] = MCP_STR("}}}");
    } else {
        parts[n++] = MCP_STR("}}");
    }
    MCP_BUG_ON(n > MCP_ENVELOPE_PARTS);
    return n;
}

static void put_tool_error(struct mcp_buf *out, const struct mcp_registry *registry,
                           enum mcp_revision rev, const struct mcp_error *err)
{
    bool modern = mcp__revision_has(rev, MCP_HAS_RESULT_TYPE);
    char meta[96];
    struct mcp_buf text;

    mcp_buf_init(&text, sizeof(err->message) + sizeof(err->next) + 256);
    put_error_text(&text, err);
    print_error_meta(meta, err);
    mcp_buf_z(out, ",\"result\":{");
    if (modern)
        mcp_buf_z(out, "\"resultType\":\"complete\",");
    mcp_buf_z(out, "\"content\":[{\"type\":\"text\",\"text\":");
    mcp_json_quote(out, mcp_buf_view(&text));
    mcp_buf_z(out, "}],\"isError\":true,\"_meta\":{");
    if (modern) {
        mcp_buf_str(out, registry->server_info);
        mcp_buf_char(out, ',');
    }
    mcp_buf_z(out, meta);
    mcp_buf_z(out, "}}}");
    mcp_buf_release(&text);
}

void mcp__envelope_error(struct mcp_buf *out, const struct mcp_registry *registry,
                         const struct mcp_call *call, const struct mcp_error *err)
{
    mcp_buf_z(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    mcp_buf_str(out, call->id);
    if (call->kind == MCP_CALL_TOOL) {
        put_tool_error(out, registry, call->rev, err);
        return;
    }
    mcp_buf_z(out, ",\"error\":");
    mcp__envelope_rpc_error(out, rpc_code(call, err), err, MCP_STR_NULL);
    mcp_buf_char(out, '}');
}

void mcp__envelope_progress(struct mcp_buf *out, enum mcp_revision rev, mcp_str token, int64_t done,
                            int64_t total, mcp_str message)
{
    mcp_buf_z(out, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
                   "\"progressToken\":");
    mcp_buf_str(out, token);
    mcp_buf_z(out, ",\"progress\":");
    mcp_buf_int(out, done);
    if (total > 0) {
        mcp_buf_z(out, ",\"total\":");
        mcp_buf_int(out, total);
    }
    if (message.len > 0 && mcp__revision_has(rev, MCP_HAS_PROGRESS_MESSAGE)) {
        mcp_buf_z(out, ",\"message\":");
        mcp_json_quote(out, message);
    }
    mcp_buf_z(out, "}}");
}

/* ---- logging --------------------------------------------------------------------------------- */

static const char *const severities[] = {
    [MCP_LOG_SEV_DEBUG] = "debug",   [MCP_LOG_SEV_INFO] = "info",
    [MCP_LOG_SEV_NOTICE] = "notice", [MCP_LOG_SEV_WARNING] = "warning",
    [MCP_LOG_SEV_ERROR] = "error",   [MCP_LOG_SEV_CRITICAL] = "critical",
    [MCP_LOG_SEV_ALERT] = "alert",   [MCP_LOG_SEV_EMERGENCY] = "emergency",
};

int mcp__severity_parse(struct mcp_json name)
{
    for (int i = 0; i < (int)(sizeof(severities) / sizeof(severities[0])); i++) {
        if (mcp_json_str_eq(name, mcp_str_z(severities[i])))
            return i;
    }
    return -1;
}

void mcp__envelope_log(struct mcp_buf *out, enum mcp_log_severity severity, mcp_str logger,
                       mcp_str json)
{
    mcp_buf_z(out, "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{"
                   "\"level\":\"");
    mcp_buf_z(out, severities[severity]);
    mcp_buf_char(out, '"');
    if (!mcp_str_is_null(logger)) {
        mcp_buf_z(out, ",\"logger\":");
        mcp_json_quote(out, logger);
    }
    mcp_buf_z(out, ",\"data\":");
    mcp_buf_str(out, json);
    mcp_buf_z(out, "}}");
}

/* One line of its own for each, so that the loop may tell them apart. */
void mcp_call_log(struct mcp_call *call, enum mcp_log_severity severity, mcp_str logger,
                  mcp_str json)
{
    struct mcp_buf text;
    bool news = false;

    if (call->on_log == NULL || (int)severity < call->log_level)
        return;
    mcp_buf_init(&text, MCP_CALL_LOGS_MAX);
    mcp__envelope_log(&text, severity, logger, json);
    one_line(&text);
    mcp_buf_char(&text, '\n');
    pthread_mutex_lock(&call->lock);
    if (!text.failed && text.len <= call->logs.cap - call->logs.len) {
        mcp_buf_str(&call->logs, mcp_buf_view(&text));
        news = !call->logs.failed;
    }
    pthread_mutex_unlock(&call->lock);
    mcp_buf_release(&text);
    if (news)
        call->on_log(call);
}
