/* Answers that become event streams: one message per event, one event per chunk. */
#include "mcp/net/http.h"

#include <stdio.h>

#define MAX_PARTS 16

void mcp__sse_begin(struct mcp_http_conn *conn)
{
    const struct mcp_http_answer answer = {
        .status = 200,
        .content_type = "text/event-stream",
        .stream = true,
    };

    mcp__http_answer(conn, &answer);
    conn->streaming = true;
    conn->sent_ms = mcp__loop_now(conn->http->loop);
}

static uv_buf_t buf_of(mcp_str s)
{
    uv_buf_t buf;

    buf.len = s.len;
    memcpy(&buf.base, &s.ptr, sizeof(buf.base)); /* written, never changed */
    return buf;
}

void mcp__sse_send(struct mcp_http_conn *conn, mcp_str id, const mcp_str *parts, size_t n)
{
    uv_buf_t bufs[MAX_PARTS + 2];
    char event[128], start[sizeof(event) + 24], end[8];
    bool chunked = conn->parser.http_minor == 1;
    unsigned used = 1;
    size_t len;
    int head;

    MCP_BUG_ON(n > MAX_PARTS);
    head =
        snprintf(event, sizeof(event), "event: message\n%s%.*s%sdata: ", id.len > 0 ? "id: " : "",
                 MCP_STR_ARG(id), id.len > 0 ? "\n" : "");
    len = (size_t)head + 2;
    for (size_t i = 0; i < n; i++) {
        len += parts[i].len;
        if (parts[i].len > 0)
            bufs[used++] = buf_of(parts[i]);
    }
    if (chunked)
        head = snprintf(start, sizeof(start), "%zx\r\n%s", len, event);
    else
        head = snprintf(start, sizeof(start), "%s", event);
    bufs[0] = uv_buf_init(start, (unsigned)head);
    memcpy(end, chunked ? "\n\n\r\n" : "\n\n", chunked ? 4 : 2);
    bufs[used++] = uv_buf_init(end, chunked ? 4 : 2);
    conn->io->write(conn->io_ctx, bufs, used);
    conn->sent_ms = mcp__loop_now(conn->http->loop);
}

void mcp__sse_raw(struct mcp_http_conn *conn, mcp_str text)
{
    bool chunked = conn->parser.http_minor == 1;
    char start[24], end[] = "\r\n";
    int head = snprintf(start, sizeof(start), "%zx\r\n", text.len);
    uv_buf_t bufs[3] = { uv_buf_init(start, (unsigned)head), buf_of(text), uv_buf_init(end, 2) };

    conn->io->write(conn->io_ctx, chunked ? bufs : bufs + 1, chunked ? 3 : 1);
    conn->sent_ms = mcp__loop_now(conn->http->loop);
}

void mcp__sse_end(struct mcp_http_conn *conn)
{
    char last[] = "0\r\n\r\n";
    uv_buf_t buf = uv_buf_init(last, sizeof(last) - 1);

    conn->streaming = false;
    if (conn->parser.http_minor == 1)
        conn->io->write(conn->io_ctx, &buf, 1);
}
