/* The result that a handler builds: content blocks, messages, contents of resources, proposals. */
#include "mcp/proto/call_internal.h"
#include "mcp/proto/uri_template.h"

#include <mcp/json_writer.h>

/* Begins a content block of that type; in a prompt, the message around it. */
static void open_block(struct mcp_call *call, const char *type)
{
    if (call->content.len > 0)
        mcp_buf_char(&call->content, ',');
    if (call->kind == MCP_CALL_PROMPT)
        mcp_buf_z(&call->content, call->role == MCP_ROLE_USER
                                      ? "{\"role\":\"user\",\"content\":"
                                      : "{\"role\":\"assistant\",\"content\":");
    mcp_buf_str(&call->content, MCP_STR("{\"type\":\""));
    mcp_buf_z(&call->content, type);
    mcp_buf_char(&call->content, '"');
}

static void put_member(struct mcp_call *call, const char *name, mcp_str value)
{
    if (mcp_str_is_null(value))
        return;
    mcp_buf_str(&call->content, MCP_STR(",\""));
    mcp_buf_z(&call->content, name);
    mcp_buf_str(&call->content, MCP_STR("\":"));
    mcp_json_quote(&call->content, value);
}

static void close_block(struct mcp_call *call)
{
    mcp_buf_str(&call->content, call->kind == MCP_CALL_PROMPT ? MCP_STR("}}") : MCP_STR("}"));
}

static void put_data(struct mcp_call *call, mcp_str base64, mcp_str mime_type)
{
    put_member(call, "data", base64);
    put_member(call, "mimeType", mime_type);
    close_block(call);
    call->other_blocks = true;
}

void mcp_result_text(struct mcp_call *call, mcp_str text)
{
    open_block(call, "text");
    put_member(call, "text", mcp_str_is_null(text) ? MCP_STR("") : text);
    close_block(call);
}

void mcp_result_printf(struct mcp_call *call, const char *fmt, ...)
{
    struct mcp_buf text;
    va_list ap;

    mcp_buf_init(&text, MCP_CALL_RESULT_MAX);
    va_start(ap, fmt);
    mcp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    mcp_result_text(call, mcp_buf_view(&text));
    /* What did not fit must not look like an empty text. */
    call->content.failed = call->content.failed || text.failed;
    call->content.no_memory = call->content.no_memory || text.no_memory;
    mcp_buf_release(&text);
}

void mcp_result_image(struct mcp_call *call, mcp_str base64, mcp_str mime_type)
{
    open_block(call, "image");
    put_data(call, base64, mime_type);
}

void mcp_result_audio(struct mcp_call *call, mcp_str base64, mcp_str mime_type)
{
    if (!mcp__revision_has(call->rev, MCP_HAS_AUDIO)) {
        mcp_result_text(call, mcp_arena_printf(call->arena, "[audio, %.*s, %zu bytes of base64]",
                                               MCP_STR_ARG(mime_type), base64.len));
        return;
    }
    open_block(call, "audio");
    put_data(call, base64, mime_type);
}

void mcp_result_resource(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str text,
                         mcp_str blob)
{
    open_block(call, "resource");
    mcp_buf_str(&call->content, MCP_STR(",\"resource\":{\"uri\":"));
    mcp_json_quote(&call->content, uri);
    put_member(call, "mimeType", mime_type);
    put_member(call, "text", text);
    put_member(call, "blob", blob);
    mcp_buf_char(&call->content, '}');
    close_block(call);
    call->other_blocks = true;
}

void mcp_result_link(struct mcp_call *call, mcp_str uri, mcp_str name, mcp_str mime_type)
{
    if (!mcp__revision_has(call->rev, MCP_HAS_RESOURCE_LINK)) {
        mcp_result_text(
            call, mcp_arena_printf(call->arena, "%.*s: %.*s", MCP_STR_ARG(name), MCP_STR_ARG(uri)));
        return;
    }
    open_block(call, "resource_link");
    put_member(call, "uri", uri);
    put_member(call, "name", name);
    put_member(call, "mimeType", mime_type);
    close_block(call);
    call->other_blocks = true;
}

void mcp_result_content_raw(struct mcp_call *call, mcp_str blocks)
{
    if (blocks.len == 0)
        return;
    if (call->content.len > 0)
        mcp_buf_char(&call->content, ',');
    mcp_buf_str(&call->content, blocks);
}

struct mcp_buf *mcp_result_structured(struct mcp_call *call)
{
    return &call->structured;
}

void mcp_result_kept(struct mcp_call *call, mcp_str blocks, const mcp_str *structured, size_t n)
{
    MCP_BUG_ON(n > MCP_RESULT_PIECES);
    call->is_kept = true;
    call->kept_blocks = blocks;
    for (size_t i = 0; i < n; i++)
        call->kept[i] = structured[i];
    call->n_kept = n;
}

void mcp__call_copy_kept(struct mcp_call *call)
{
    if (!call->is_kept)
        return;
    call->is_kept = false;
    mcp_buf_clear(&call->content);
    mcp_buf_clear(&call->structured);
    mcp_buf_str(&call->content, call->kept_blocks);
    for (size_t i = 0; i < call->n_kept; i++)
        mcp_buf_str(&call->structured, call->kept[i]);
}

void mcp_result_set_error(struct mcp_call *call)
{
    call->is_error = true;
}

/* ---- prompts --------------------------------------------------------------------------------- */

mcp_str mcp_prompt_arg(struct mcp_call *call, const char *name)
{
    return mcp_arg_str(call, name);
}

void mcp_prompt_role(struct mcp_call *call, enum mcp_role role)
{
    call->role = role;
}

/* ---- resources ------------------------------------------------------------------------------- */

mcp_str mcp_call_uri(const struct mcp_call *call)
{
    return call->uri;
}

mcp_str mcp_call_var(const struct mcp_call *call, const char *name)
{
    for (size_t i = 0; call->vars != NULL && i < call->uri_template->n_vars; i++) {
        if (mcp_str_eq(call->uri_template->vars[i], mcp_str_z(name)))
            return call->vars[i];
    }
    return MCP_STR_NULL;
}

static void put_contents(struct mcp_call *call, mcp_str uri, mcp_str mime_type, const char *key,
                         mcp_str bytes)
{
    if (call->content.len > 0)
        mcp_buf_char(&call->content, ',');
    mcp_buf_str(&call->content, MCP_STR("{\"uri\":"));
    mcp_json_quote(&call->content, mcp_str_is_null(uri) ? call->uri : uri);
    put_member(call, "mimeType",
               mcp_str_is_null(mime_type) ? mcp_str_z(call->resource->mime_type) : mime_type);
    put_member(call, key, mcp_str_is_null(bytes) ? MCP_STR("") : bytes);
    if (call->resource->meta != NULL && mcp__revision_has(call->rev, MCP_HAS_TITLE)) {
        mcp_buf_str(&call->content, MCP_STR(",\"_meta\":"));
        mcp_buf_z(&call->content, call->resource->meta);
    }
    mcp_buf_char(&call->content, '}');
}

void mcp_contents_text(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str text)
{
    put_contents(call, uri, mime_type, "text", text);
}

void mcp_contents_blob(struct mcp_call *call, mcp_str uri, mcp_str mime_type, mcp_str base64)
{
    put_contents(call, uri, mime_type, "blob", base64);
}

/* ---- completion ------------------------------------------------------------------------------ */

void mcp_completion_add(struct mcp_call *call, mcp_str value)
{
    if (call->n_values++ >= MCP_COMPLETION_VALUES)
        return;
    if (call->content.len > 0)
        mcp_buf_char(&call->content, ',');
    mcp_json_quote(&call->content, value);
}
