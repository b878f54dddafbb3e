/* What goes out on one stream: written at once when it takes it, else kept in order and counted. */
#ifndef MCP_NET_OUTBOX_H
#define MCP_NET_OUTBOX_H

#include <mcp/buf.h>

#include <uv.h>

/* Above this a peer is not read from. */
#define MCP_OUTBOX_HIGH ((size_t)1 << 20)

struct mcp_outbox {
    uv_stream_t *stream; /* borrowed; NULL: fd is a regular file, written at once */
    int fd;
    struct mcp_buf writing, waiting; /* what libuv has, what comes behind it */
    uv_write_t req;
    bool busy;
    size_t left; /* of `writing`, when it was last looked at */
    uint64_t moved_ms; /* when bytes last left */
    uint64_t written; /* bytes handed over in all */
    void *ctx; /* of both hooks; borrowed */
    void (*on_drained)(void *ctx); /* everything is out */
    void (*on_error)(void *ctx); /* the peer is gone; nothing is taken any more */
    bool broken;
};

void mcp__outbox_init(struct mcp_outbox *box, uv_stream_t *stream, int fd);
/* Only after the stream's close callback. */
void mcp__outbox_release(struct mcp_outbox *box);
/* In one system call where the stream takes it. The bytes may go when it returns. on_error comes
 * from here too. */
void mcp__outbox_write(struct mcp_outbox *box, const uv_buf_t *bufs, unsigned n);
size_t mcp__outbox_unsent(const struct mcp_outbox *box);
/* Something waits and not one byte has left for ms. */
bool mcp__outbox_stalled(struct mcp_outbox *box, uint64_t now_ms, uint64_t ms);

#endif
