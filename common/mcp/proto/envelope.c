/* From what a handler left in its call to the bytes of the answer, as each revision wants them. */
#include "mcp/proto/envelope.h"

#include "mcp/proto/jsonrpc.h"

#include <mcp/json_writer.h>

#include <stdio.h>

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

static void finish_error(struct mcp_call *call, const struct mcp_error *err)
{
    struct mcp_buf text;

    mcp_buf_clear(&call->content);
    mcp_buf_clear(&call->structured);
    mcp_buf_init(&text, sizeof(err->message) + sizeof(err->next) + 256);
    put_error_text(&text, err);
    mcp_result_text(call, mcp_buf_view(&text));
    mcp_buf_release(&text);
    call->is_error = true;
    call->other_blocks = false;
    print_error_meta(call->error_meta, err);
}

static void structured_to_text(struct mcp_call *call)
{
    bool has = mcp__revision_has(call->rev, MCP_HAS_STRUCTURED);
    bool replace = call->text_json || !has;

    if (call->structured.len == 0)
        return;
    if (replace && !call->other_blocks)
        mcp_buf_clear(&call->content);
    if (replace || ((call->tool->flags & MCP_TOOL_TEXT_JSON) != 0 && call->content.len == 0))
        mcp_result_text(call, mcp_buf_view(&call->structured));
    if (!has)
        mcp_buf_clear(&call->structured);
}

void mcp__envelope_finish(struct mcp_call *call, int code, const struct mcp_error *err)
{
    struct mcp_error own = { 0 };

    if (code < 0) {
        if (err == NULL || err->err == MCP_OK) {
            mcp_error_set(&own, (enum mcp_err)code, "%s failed", call->tool->name);
            err = &own;
        }
        finish_error(call, err);
        return;
    }
    one_line(&call->structured);
    one_line(&call->content);
    if (call->is_error)
        mcp_buf_clear(&call->structured);
    structured_to_text(call);
    if (call->content.failed || call->structured.failed) {
        mcp_error_set(&own, MCP_ETOOBIG, "the result of %s is larger than %zu MiB",
                      call->tool->name, MCP_CALL_RESULT_MAX >> 20);
        mcp_error_next(&own, "ask for less: a shorter period, a filter or a limit");
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
    parts[n++] = modern ? MCP_STR(",\"result\":{\"resultType\":\"complete\",\"content\":[")
                        : MCP_STR(",\"result\":{\"content\":[");
    parts[n++] = mcp_buf_view(&call->content);
    if (call->structured.len > 0) {
        parts[n++] = MCP_STR("],\"structuredContent\":");
        parts[n++] = mcp_buf_view(&call->structured);
        parts[n++] = call->is_error ? MCP_STR(",\"isError\":true") : MCP_STR("");
    } else {
        parts[n++] = call->is_error ? MCP_STR("],\"isError\":true") : MCP_STR("]");
    }
    if (modern || meta.len > 0) {
        parts[n++] = MCP_STR(",\"_meta\":{");
        if (modern)
            parts[n++] = registry->server_info;
        if (modern && meta.len > 0)
            parts[n++] = MCP_STR(",");
        if (meta.len > 0)
            parts[n++] = meta;
        parts[n++] = MCP_STR("}}}");
    } else {
        parts[n++] = MCP_STR("}}");
    }
    MCP_BUG_ON(n > MCP_ENVELOPE_PARTS);
    return n;
}

void mcp__envelope_error(struct mcp_buf *out, const struct mcp_registry *registry,
                         enum mcp_revision rev, mcp_str id, const struct mcp_error *err)
{
    bool modern = mcp__revision_has(rev, MCP_HAS_RESULT_TYPE);
    char meta[96];
    struct mcp_buf text;

    mcp_buf_init(&text, sizeof(err->message) + sizeof(err->next) + 256);
    put_error_text(&text, err);
    print_error_meta(meta, err);
    mcp_buf_z(out, "{\"jsonrpc\":\"2.0\",\"id\":");
    mcp_buf_str(out, id);
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
