/* The event streams of legacy sessions: numbered events, kept for a client that comes back. */
#include "mcp/net/stream.h"

#include "mcp/net/http.h"

#include <stdio.h>
#include <stdlib.h>

/* How long a client waits before it comes back. */
#define RETRY_MS 1000
#define ID_MAX 48

/* One message that went out, or would have. */
struct mcp_kept {
    struct mcp_stream *stream;
    struct mcp_kept *next; /* of all */
    struct mcp_kept *next_here; /* of the stream */
    uint64_t seq;
    size_t len;
    char text[];
};

static mcp_str id_of(const struct mcp_stream *stream, uint64_t seq, char out[ID_MAX])
{
    int n = snprintf(out, ID_MAX, "%llu-%llu", (unsigned long long)stream->number,
                     (unsigned long long)seq);

    return mcp_str_n(out, (size_t)n);
}

/* ---- life ------------------------------------------------------------------------------------ */

static struct mcp_stream *new_stream(struct mcp_http *http, struct mcp_session *session,
                                     uint64_t number)
{
    struct mcp_stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL)
        return NULL;
    stream->http = http;
    stream->session = session;
    stream->number = number;
    stream->next = session->transport;
    session->transport = stream;
    return stream;
}

static void drop_oldest(struct mcp_kept_events *all);

/* Frees a stream that is of no use any more. */
static void settle(struct mcp_stream *stream)
{
    struct mcp_session *session = stream->session;
    struct mcp_stream *before = session->transport;

    if (!stream->over || stream->reader != NULL || stream->first != NULL)
        return;
    if (before == stream) {
        session->transport = stream->next;
    } else {
        while (before->next != stream)
            before = before->next;
        before->next = stream->next;
    }
    free(stream);
}

static void drop_oldest(struct mcp_kept_events *all)
{
    struct mcp_kept *kept = all->first;
    struct mcp_stream *stream = kept->stream;

    all->first = kept->next;
    if (all->first == NULL)
        all->last = NULL;
    all->bytes -= sizeof(*kept) + kept->len;
    stream->lost = kept->seq;
    stream->first = kept->next_here; /* the oldest of all is the oldest of its stream */
    if (stream->first == NULL)
        stream->last = NULL;
    free(kept);
    settle(stream);
}

void mcp__streams_free(struct mcp_session *session)
{
    struct mcp_stream *streams = session->transport, *next;
    struct mcp_kept **at;

    if (streams == NULL)
        return;
    at = &streams->http->kept.first;
    streams->http->kept.last = NULL;
    while (*at != NULL) {
        struct mcp_kept *kept = *at;

        if (kept->stream->session == session) {
            *at = kept->next;
            streams->http->kept.bytes -= sizeof(*kept) + kept->len;
            free(kept);
        } else {
            streams->http->kept.last = kept;
            at = &kept->next;
        }
    }
    for (; streams != NULL; streams = next) {
        next = streams->next;
        if (streams->number == 0)
            mcp__watcher_remove(streams->http->loop, &streams->watcher);
        free(streams);
    }
    session->transport = NULL;
}

/* ---- events ---------------------------------------------------------------------------------- */

static void keep(struct mcp_stream *stream, const mcp_str *parts, size_t n)
{
    struct mcp_kept_events *all = &stream->http->kept;
    struct mcp_kept *kept = NULL;
    size_t len = 0;

    for (size_t i = 0; i < n; i++)
        len += parts[i].len;
    if (len <= all->max / 2)
        kept = malloc(sizeof(*kept) + len);
    if (kept == NULL) {
        stream->lost = stream->seq; /* what cannot be told whole is not told again */
        return;
    }
    *kept = (struct mcp_kept){ .stream = stream, .seq = stream->seq };
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len > 0)
            memcpy(kept->text + kept->len, parts[i].ptr, parts[i].len);
        kept->len += parts[i].len;
    }
    if (all->last != NULL)
        all->last->next = kept;
    else
        all->first = kept;
    all->last = kept;
    if (stream->last != NULL)
        stream->last->next_here = kept;
    else
        stream->first = kept;
    stream->last = kept;
    all->bytes += sizeof(*kept) + len;
    while (all->bytes > all->max)
        drop_oldest(all);
}

void mcp__stream_send(struct mcp_stream *stream, const mcp_str *parts, size_t n)
{
    char id[ID_MAX];

    stream->seq++;
    keep(stream, parts, n);
    if (stream->reader != NULL)
        mcp__sse_send(stream->reader->conn, id_of(stream, stream->seq, id), parts, n);
}

/* The first event of a stream: older clients take an event without data for a broken message. */
static void prime(struct mcp_stream *stream)
{
    char text[128], id[ID_MAX];
    int n;

    if (!mcp__revision_has(stream->session->rev, MCP_HAS_PRIMING))
        return;
    stream->seq++;
    n = snprintf(text, sizeof(text), "id: %.*s\nretry: %d\ndata: \n\n",
                 MCP_STR_ARG(id_of(stream, stream->seq, id)), RETRY_MS);
    mcp__sse_raw(stream->reader->conn, mcp_str_n(text, (size_t)n));
}

/* ---- readers --------------------------------------------------------------------------------- */

struct mcp_stream *mcp__stream_open(struct mcp_post *reader, struct mcp_session *session)
{
    struct mcp_stream *stream = new_stream(reader->http, session, ++session->streams);

    if (stream == NULL)
        return NULL;
    stream->reader = reader;
    mcp__sse_begin(reader->conn);
    prime(stream);
    return stream;
}

static void on_change(struct mcp_watcher *watcher, mcp_str text)
{
    mcp__stream_send(watcher->owner, &text, 1);
}

static void on_stop(struct mcp_watcher *watcher)
{
    mcp__stream_hang_up(watcher->owner);
}

struct mcp_stream *mcp__stream_standalone(struct mcp_http *http, struct mcp_session *session)
{
    struct mcp_stream *stream = session->transport;

    while (stream != NULL && stream->number != 0)
        stream = stream->next;
    if (stream != NULL || http->loop->n_watchers >= MCP_WATCHERS_MAX)
        return stream;
    stream = new_stream(http, session, 0);
    if (stream == NULL)
        return NULL;
    stream->watcher = (struct mcp_watcher){
        .watch = &session->watch, .owner = stream, .send = on_change, .stop = on_stop
    };
    mcp__watcher_add(http->loop, &stream->watcher);
    return stream;
}

void mcp__stream_hang_up(struct mcp_stream *stream)
{
    struct mcp_post *reader = stream->reader;

    if (reader == NULL)
        return;
    stream->reader = NULL;
    mcp__http_post_let_go(reader);
}

void mcp__stream_end(struct mcp_stream *stream)
{
    mcp__stream_hang_up(stream);
    stream->over = true;
    settle(stream);
}

struct mcp_stream *mcp__stream_find(const struct mcp_session *session, mcp_str event_id,
                                    uint64_t *seq)
{
    struct mcp_stream *stream = session->transport;
    mcp_str number;
    int64_t n, at;

    if (!mcp_str_cut(&event_id, '-', &number) || mcp_str_int64(number, &n) != 0 ||
        mcp_str_int64(event_id, &at) != 0 || n < 0 || at < 0)
        return NULL;
    while (stream != NULL && stream->number != (uint64_t)n)
        stream = stream->next;
    if (stream == NULL || (uint64_t)at > stream->seq)
        return NULL;
    /* Of changes, the ones that are left are better than none. */
    if ((uint64_t)at < stream->lost && stream->number != 0)
        return NULL;
    *seq = (uint64_t)at;
    return stream;
}

void mcp__stream_read(struct mcp_stream *stream, struct mcp_post *reader, uint64_t seq)
{
    char id[ID_MAX];

    stream->reader = reader;
    mcp__sse_begin(reader->conn);
    for (const struct mcp_kept *kept = stream->first; kept != NULL; kept = kept->next_here) {
        mcp_str text = mcp_str_n(kept->text, kept->len);

        if (kept->seq > seq)
            mcp__sse_send(reader->conn, id_of(stream, kept->seq, id), &text, 1);
    }
    if (stream->over)
        mcp__stream_hang_up(stream);
    else if (stream->number == 0)
        prime(stream);
}

void mcp__streams_hang_up(struct mcp_session *session)
{
    struct mcp_stream *stream = session->transport;

    for (; stream != NULL; stream = stream->next)
        mcp__stream_hang_up(stream);
}
