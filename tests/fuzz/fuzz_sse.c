/* Fuzzes the event stream parser: any portions give the same events as all bytes at once. */
#include "mcp/client/sse_parser.h"

#include <mcp/error.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int on_event(void *ctx, const struct mcp_sse_event *event)
{
    mcp_buf_str(ctx, event->type);
    mcp_buf_char(ctx, '|');
    mcp_buf_str(ctx, event->data);
    mcp_buf_char(ctx, '|');
    return 0;
}

/* The first byte says how large the portions are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    mcp_str all = mcp_str_n((const char *)data + 1, size == 0 ? 0 : size - 1);
    struct mcp_sse_parser whole, parts;
    size_t portion = size == 0 ? 1 : (size_t)data[0] % 16 + 1;
    struct mcp_buf a, b;
    int rc = 0, again = 0;

    if (size == 0)
        return 0;
    mcp_buf_init(&a, 1 << 20);
    mcp_buf_init(&b, 1 << 20);
    mcp__sse_parser_init(&whole, 256, on_event, &a);
    mcp__sse_parser_init(&parts, 256, on_event, &b);
    rc = mcp__sse_parser_feed(&whole, all);
    for (size_t at = 0; at < all.len && again == 0; at += portion) {
        size_t n = all.len - at < portion ? all.len - at : portion;

        again = mcp__sse_parser_feed(&parts, mcp_str_n(all.ptr + at, n));
    }
    MCP_BUG_ON(rc != again || !mcp_str_eq(mcp_buf_view(&a), mcp_buf_view(&b)));
    MCP_BUG_ON(rc == 0 &&
               (whole.retry_ms != parts.retry_ms ||
                !mcp_str_eq(mcp_buf_view(&whole.last_id), mcp_buf_view(&parts.last_id))));
    mcp__sse_parser_release(&whole);
    mcp__sse_parser_release(&parts);
    mcp_buf_release(&a);
    mcp_buf_release(&b);
    return 0;
}
