/* Reading an event stream (text/event-stream): bytes in any portions in, whole events out. */
#include "mcp/client/sse_parser.h"

#define ID_MAX 1024
#define RETRY_DIGITS 9

void mcp__sse_parser_init(struct mcp_sse_parser *p, size_t max_bytes,
                          int (*on_event)(void *ctx, const struct mcp_sse_event *event), void *ctx)
{
    memset(p, 0, sizeof(*p));
    mcp_buf_init(&p->line, max_bytes);
    mcp_buf_init(&p->data, max_bytes);
    mcp_buf_init(&p->type, max_bytes);
    mcp_buf_init(&p->last_id, ID_MAX);
    p->retry_ms = UINT64_MAX;
    p->on_event = on_event;
    p->ctx = ctx;
}

void mcp__sse_parser_release(struct mcp_sse_parser *p)
{
    mcp_buf_release(&p->line);
    mcp_buf_release(&p->data);
    mcp_buf_release(&p->type);
    mcp_buf_release(&p->last_id);
}

static int dispatch(struct mcp_sse_parser *p)
{
    struct mcp_sse_event event = { .type = MCP_STR("message"), .data = MCP_STR("") };
    int rc = 0;

    if (p->has_data) {
        if (p->type.len > 0)
            event.type = mcp_buf_view(&p->type);
        if (p->data.len > 0)
            event.data = mcp_buf_view(&p->data);
        rc = p->on_event(p->ctx, &event);
    }
    mcp_buf_clear(&p->data);
    mcp_buf_clear(&p->type);
    p->has_data = false;
    return rc;
}

/* Digits only; anything else is ignored, and so is what would be longer than a month. */
static void set_retry(struct mcp_sse_parser *p, mcp_str value)
{
    uint64_t ms = 0;

    if (value.len == 0 || value.len > RETRY_DIGITS)
        return;
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9')
            return;
        ms = ms * 10 + (uint64_t)(value.ptr[i] - '0');
    }
    p->retry_ms = ms;
}

/* An id with a NUL is none; one that is too long cannot be sent back and counts as none, too. */
static void set_id(struct mcp_sse_parser *p, mcp_str value)
{
    if (mcp_str_find(value, '\0') < value.len)
        return;
    mcp_buf_clear(&p->last_id);
    if (value.len <= ID_MAX)
        mcp_buf_str(&p->last_id, value);
}

static int take_line(struct mcp_sse_parser *p, mcp_str line)
{
    mcp_str name, value = line;

    if (line.len == 0)
        return dispatch(p);
    if (!mcp_str_cut(&value, ':', &name))
        value = MCP_STR("");
    mcp_str_cut_prefix(&value, MCP_STR(" "));
    if (mcp_str_eq(name, MCP_STR("data"))) {
        if (p->has_data)
            mcp_buf_char(&p->data, '\n');
        mcp_buf_str(&p->data, value);
        p->has_data = true;
        return mcp_buf_error(&p->data);
    }
    if (mcp_str_eq(name, MCP_STR("event"))) {
        mcp_buf_clear(&p->type);
        mcp_buf_str(&p->type, value);
        return mcp_buf_error(&p->type);
    }
    if (mcp_str_eq(name, MCP_STR("id")))
        set_id(p, value);
    else if (mcp_str_eq(name, MCP_STR("retry")))
        set_retry(p, value);
    return 0; /* a comment, or a field of another time */
}

/* The first line break in s, or s.len. */
static size_t find_break(mcp_str s)
{
    size_t lf = mcp_str_find(s, '\n');

    return mcp_str_find(mcp_str_n(s.ptr, lf), '\r');
}

/* The line that ends here: from the portion itself when all of it stands there. */
static int end_line(struct mcp_sse_parser *p, mcp_str tail)
{
    mcp_str line = tail;
    int rc;

    if (p->line.len > 0) {
        mcp_buf_str(&p->line, tail);
        rc = mcp_buf_error(&p->line);
        if (rc < 0)
            return rc;
        line = mcp_buf_view(&p->line);
    } else if (tail.len > p->line.cap) {
        return MCP_ETOOBIG;
    }
    if (!p->begun) {
        mcp_str_cut_prefix(&line, MCP_STR("\xef\xbb\xbf"));
        p->begun = true;
    }
    rc = take_line(p, line);
    mcp_buf_clear(&p->line);
    return rc;
}

int mcp__sse_parser_feed(struct mcp_sse_parser *p, mcp_str bytes)
{
    while (p->rc == 0 && bytes.len > 0) {
        size_t at;

        if (p->after_cr) {
            p->after_cr = false;
            if (mcp_str_cut_prefix(&bytes, MCP_STR("\n")))
                continue;
        }
        at = find_break(bytes);
        if (at == bytes.len) {
            mcp_buf_str(&p->line, bytes);
            p->rc = mcp_buf_error(&p->line);
            break;
        }
        p->after_cr = bytes.ptr[at] == '\r';
        p->rc = end_line(p, mcp_str_n(bytes.ptr, at));
        bytes = mcp_str_n(bytes.ptr + at + 1, bytes.len - at - 1);
    }
    return p->rc;
}
