/* The event streams of legacy sessions: numbered events, kept for a client that comes back. */
#ifndef MCP_NET_STREAM_H
#define MCP_NET_STREAM_H

#include "mcp/net/watcher.h"
#include "mcp/proto/session.h"

struct mcp_http;
struct mcp_post;
struct mcp_kept;

/* What is kept of all streams of a server, oldest first. All zero but max. */
struct mcp_kept_events {
    struct mcp_kept *first, *last;
    size_t bytes, max;
};

/* Belongs to its session and goes with it, or when it is over and nothing of it is kept. */
struct mcp_stream {
    struct mcp_http *http; /* borrowed, as the next one */
    struct mcp_session *session;
    struct mcp_post *reader; /* whose connection it goes to; NULL: nobody's; borrowed */
    uint64_t number; /* in its session; 0: the one that no request opened */
    uint64_t seq; /* of the last event */
    uint64_t lost; /* events up to that one are not kept any more */
    struct mcp_kept *first, *last;
    bool over; /* nothing more will come */
    struct mcp_watcher watcher; /* number 0: the changes that are told on it */
    struct mcp_stream *next; /* of the session */
};

/* A new stream, read by reader: its head and, where the revision has it, a first event without data
 * by which it can be asked for again. NULL without memory. */
struct mcp_stream *mcp__stream_open(struct mcp_post *reader, struct mcp_session *session);
/* The stream of a session that no request opened, new or as it was; without a reader. NULL without
 * memory, or there are too many. */
struct mcp_stream *mcp__stream_standalone(struct mcp_http *http, struct mcp_session *session);
/* One message: to the reader, and kept. */
void mcp__stream_send(struct mcp_stream *stream, const mcp_str *parts, size_t n);
/* Lets the reader go; it may come back. */
void mcp__stream_hang_up(struct mcp_stream *stream);
/* Nothing more will come. stream is not to be used any more. */
void mcp__stream_end(struct mcp_stream *stream);
/* The stream of an event id and the number of the event; NULL: unknown, or too old. */
struct mcp_stream *mcp__stream_find(const struct mcp_session *session, mcp_str event_id,
                                    uint64_t *seq);
/* Gives a stream without reader to a new one, whose answer begins here: what came after `seq` and,
 * when it is over, its end. */
void mcp__stream_read(struct mcp_stream *stream, struct mcp_post *reader, uint64_t seq);
/* The session ends: lets every reader go. */
void mcp__streams_hang_up(struct mcp_session *session);
/* on_close of the sessions: frees its streams, which nobody reads. */
void mcp__streams_free(struct mcp_session *session);

#endif
