/* The result of a list method: printed once when it is one page, else cut into pages. */
#include "mcp/proto/listing.h"

#include <mcp/arena.h>
#include <mcp/error.h>

const char *const mcp__list_keys[MCP_N_LISTS] = {
    [MCP_LIST_TOOLS] = "tools",
    [MCP_LIST_RESOURCES] = "resources",
    [MCP_LIST_TEMPLATES] = "resourceTemplates",
    [MCP_LIST_PROMPTS] = "prompts",
};

/* A schema may have line breaks between its tokens; an answer has none. */
static void one_line(struct mcp_buf *buf)
{
    for (size_t i = 0; i < buf->len; i++) {
        if (buf->ptr[i] == '\n' || buf->ptr[i] == '\r')
            buf->ptr[i] = ' ';
    }
}

void mcp__listing_page(const struct mcp_listing *listing, size_t from, size_t to,
                       mcp_str next_cursor, struct mcp_buf *out)
{
    size_t begin = from == 0 ? 0 : listing->ends[from - 1] + 1;

    mcp_buf_char(out, '{');
    if (mcp__revision_has(listing->rev, MCP_HAS_RESULT_TYPE))
        mcp_buf_z(out, "\"resultType\":\"complete\",");
    mcp_buf_char(out, '"');
    mcp_buf_z(out, mcp__list_keys[listing->list]);
    mcp_buf_z(out, "\":[");
    if (to > from)
        mcp_buf_put(out, listing->items.ptr + begin, listing->ends[to - 1] - begin);
    mcp_buf_char(out, ']');
    if (!mcp_str_is_null(next_cursor)) {
        mcp_buf_z(out, ",\"nextCursor\":");
        mcp_json_quote(out, next_cursor);
    }
    mcp_buf_str(out, listing->tail);
    mcp_buf_char(out, '}');
}

int mcp__listing_make(struct mcp_arena *arena, struct mcp_listing *out, mcp_str tail,
                      size_t page_size, size_t limit, size_t n,
                      void (*put)(void *ctx, struct mcp_jsonw *w, size_t i), void *ctx)
{
    size_t *ends = mcp_arena_alloc(arena, (n + 1) * sizeof(*ends));
    struct mcp_buf items, whole;
    int rc;

    mcp_buf_init(&items, limit);
    mcp_buf_init(&whole, limit + 64);
    for (size_t i = 0; i < n; i++) {
        struct mcp_jsonw w;

        if (i > 0)
            mcp_buf_char(&items, ',');
        mcp_jsonw_init(&w, &items);
        put(ctx, &w, i);
        ends[i] = items.len;
    }
    rc = mcp_buf_error(&items);
    if (rc != 0)
        goto out;
    one_line(&items);
    out->items = mcp_arena_str(arena, n == 0 ? MCP_STR("") : mcp_buf_view(&items));
    out->ends = ends;
    out->n = n;
    out->tail = tail;
    out->whole = MCP_STR_NULL;
    if (n <= page_size) {
        mcp__listing_page(out, 0, n, MCP_STR_NULL, &whole);
        rc = mcp_buf_error(&whole);
        if (rc == 0)
            out->whole = mcp_arena_str(arena, mcp_buf_view(&whole));
    }
out:
    mcp_buf_release(&items);
    mcp_buf_release(&whole);
    return rc;
}
