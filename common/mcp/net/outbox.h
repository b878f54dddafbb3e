/* What goes out on one stream: written at once or at the end of a round, else kept in order, counted. */
#ifndef MCP_NET_OUTBOX_H
#define MCP_NET_OUTBOX_H

#include <mcp/buf.h>

#include <uv.h>

/* Above this a peer is not read from. */
#define MCP_OUTBOX_HIGH ((size_t)1 << 20)

struct mcp_outbox;

/* Boxes whose small writes wait for the end of the loop's round. Writes that follow each other closely
 * find their reader awake; one at a time, each has to wake it. */
struct mcp_outbox_round {
    struct mcp_outbox *first; /* borrowed, oldest first */
    struct mcp_outbox **end; /* where the next is linked; NULL while there is none */
    unsigned count;
};

struct mcp_outbox {
    uv_stream_t *stream; /* borrowed; NULL: fd is a regular file, written at once */
    int fd;
    struct mcp_buf writing, waiting; /* what libuv has, what comes behind it */
    struct mcp_outbox_round *round; /* borrowed; NULL: written at once */
    struct mcp_outbox *next_in_round;
    bool in_round;
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
/* In one system call where the stream takes it, now or at the end of the round. The bytes may go when
 * it returns. on_error comes from here too. */
void mcp__outbox_write(struct mcp_outbox *box, const uv_buf_t *bufs, unsigned n);
/* Ends the round: what waits goes out. Not from inside of a box's user. */
void mcp__outbox_round_end(struct mcp_outbox_round *round);
size_t mcp__outbox_unsent(const struct mcp_outbox *box);
/* Something waits and not one byte has left for ms. */
bool mcp__outbox_stalled(struct mcp_outbox *box, uint64_t now_ms, uint64_t ms);

#endif
