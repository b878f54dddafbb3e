/* Reading an event stream (text/event-stream): bytes in any portions in, whole events out. */
#ifndef MCP_CLIENT_SSE_PARSER_H
#define MCP_CLIENT_SSE_PARSER_H

#include <mcp/buf.h>
#include <mcp/error.h>

#include <stdint.h>

/* Borrowed until the callback returns. */
struct mcp_sse_event {
    mcp_str type; /* "message" when the stream names none */
    mcp_str data; /* its data lines, a newline between; may be empty */
};

struct mcp_sse_parser {
    struct mcp_buf line; /* the one that is not whole yet */
    struct mcp_buf data, type; /* of the event that is not whole yet */
    bool has_data;
    bool begun; /* the byte order mark, if any, is behind */
    bool after_cr; /* the line ended in CR: an LF right behind belongs to it */
    struct mcp_buf last_id; /* the last one seen, or empty */
    uint64_t retry_ms; /* the last one seen, else UINT64_MAX */
    int (*on_event)(void *ctx, const struct mcp_sse_event *event);
    void *ctx;
    int rc; /* sticky */
};

/* max_bytes: of one event, and of one line. */
void mcp__sse_parser_init(struct mcp_sse_parser *p, size_t max_bytes,
                          int (*on_event)(void *ctx, const struct mcp_sse_event *event), void *ctx);
void mcp__sse_parser_release(struct mcp_sse_parser *p);
/* 0, MCP_ETOOBIG, MCP_ENOMEM, or what on_event returned when that was not 0; sticky. An event is
 * whole at its empty line: what the end of the stream leaves is dropped, as the standard says. */
int mcp__sse_parser_feed(struct mcp_sse_parser *p, mcp_str bytes);

#endif
