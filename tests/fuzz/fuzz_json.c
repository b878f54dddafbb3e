/* Fuzzes the JSON scan, reader, array walk and writer: each string reads back as it was written. */
#include <mcp/json.h>
#include <mcp/json_writer.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int visit(void *ctx, struct mcp_json v, struct mcp_error *err)
{
    mcp_str s;

    (void)(mcp_json_int64(v, &(int64_t){ 0 }) + mcp_json_double(v, &(double){ 0 }));
    (void)mcp_json_duplicate(v);
    if (mcp_json_str(v, ctx, &s) == 0) {
        struct mcp_buf buf;

        mcp_buf_init(&buf, 64 << 20);
        mcp_json_quote(&buf, s);
        MCP_BUG_ON(!mcp_json_str_eq(v, s) ||
                   mcp_json_scan(mcp_buf_view(&buf), NULL, NULL, err) < 0);
        mcp_buf_release(&buf);
    }
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);)
        (void)(visit(ctx, it.value, err) + visit(ctx, it.key, err));
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_arena *arena;
    mcp_str text = mcp_str_n((const char *)data, size);
    struct mcp_json root;

    if (arena == NULL)
        arena = mcp_arena_new(0, 256 << 20);
    if (mcp_json_parse(arena, text, NULL, &root, NULL) == 0) {
        (void)visit(arena, root, NULL);
        (void)mcp_json_each(text, mcp_json_type(root) == MCP_JSON_ARRAY ? "" : "a.b", visit, arena,
                            NULL);
    }
    mcp_arena_reset(arena);
    return 0;
}
