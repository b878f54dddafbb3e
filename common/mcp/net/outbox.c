/* What goes out on one stream: written at once or at the end of a round, else kept in order, counted. */
#include "mcp/net/outbox.h"

#include "mcp/base/copy.h"

#include <mcp/log.h>

#include <errno.h>
#include <unistd.h>

/* Answers are capped one by one; a peer that asks on is not read from. This is the end of all. */
#define WAITING_MAX ((size_t)256 << 20)
/* Of one box in one round; more goes out at once, without a copy. */
#define ROUND_BYTES_MAX ((size_t)16 << 10)

void mcp__outbox_init(struct mcp_outbox *box, uv_stream_t *stream, int fd)
{
    memset(box, 0, sizeof(*box));
    box->stream = stream;
    box->fd = fd;
    mcp_buf_init(&box->writing, WAITING_MAX);
    mcp_buf_init(&box->waiting, WAITING_MAX);
}

/* Out of the round, with whatever waits. */
static void leave_round(struct mcp_outbox *box)
{
    struct mcp_outbox_round *round = box->round;
    struct mcp_outbox **link;

    if (!box->in_round)
        return;
    for (link = &round->first; *link != box;)
        link = &(*link)->next_in_round;
    *link = box->next_in_round;
    if (box->next_in_round == NULL)
        round->end = round->first == NULL ? NULL : link;
    round->count--;
    box->in_round = false;
}

void mcp__outbox_release(struct mcp_outbox *box)
{
    leave_round(box);
    mcp_buf_release(&box->writing);
    mcp_buf_release(&box->waiting);
}

static void fail(struct mcp_outbox *box)
{
    if (box->broken)
        return;
    box->broken = true;
    if (box->on_error != NULL)
        box->on_error(box->ctx);
}

static void write_file(struct mcp_outbox *box, const uv_buf_t *bufs, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        size_t at = 0;

        while (at < bufs[i].len) {
            ssize_t put = write(box->fd, bufs[i].base + at, bufs[i].len - at);

            if (put < 0 && errno == EINTR)
                continue;
            if (put <= 0) {
                fail(box);
                return;
            }
            at += (size_t)put;
        }
    }
}

static void flush(struct mcp_outbox *box, size_t sent);

static void on_written(uv_write_t *req, int status)
{
    struct mcp_outbox *box = req->data;

    box->busy = false;
    mcp_buf_clear(&box->writing);
    box->moved_ms = uv_now(req->handle->loop);
    if (status < 0) {
        if (status != UV_ECANCELED)
            fail(box);
        return;
    }
    flush(box, 0);
    if (!box->busy && !box->broken && box->on_drained != NULL)
        box->on_drained(box->ctx);
}

/* Hands what waits to libuv, when that is done with the last lot; sent: bytes of it are out already. */
static void flush(struct mcp_outbox *box, size_t sent)
{
    struct mcp_buf swap;
    uv_buf_t buf;

    if (box->busy || box->broken || box->waiting.len == 0)
        return;
    swap = box->writing;
    box->writing = box->waiting;
    box->waiting = swap;
    if (box->waiting.size > MCP_OUTBOX_HIGH)
        mcp_buf_release(&box->waiting);
    box->left = box->writing.len - sent;
    buf = uv_buf_init(box->writing.ptr + sent, (unsigned)box->left);
    box->req.data = box;
    box->busy = true;
    if (uv_write(&box->req, box->stream, &buf, 1, on_written) != 0) {
        box->busy = false;
        fail(box);
    }
}

/* True: the bytes wait for the end of the round. */
static bool join_round(struct mcp_outbox *box, const uv_buf_t *bufs, unsigned n)
{
    struct mcp_outbox_round *round = box->round;
    size_t len = box->waiting.len;

    for (unsigned i = 0; i < n; i++)
        len += bufs[i].len;
    if (round == NULL || box->busy || box->broken || len > ROUND_BYTES_MAX)
        return false;
    if (mcp_buf_reserve(&box->waiting, len - box->waiting.len) == NULL) {
        if (box->waiting.len == 0)
            mcp_buf_clear(&box->waiting); /* without a copy it may still go */
        return false;
    }
    for (unsigned i = 0; i < n; i++) {
        mcp__copy(box->waiting.ptr + box->waiting.len, bufs[i].base, bufs[i].len);
        box->waiting.len += bufs[i].len;
    }
    if (!box->in_round) {
        box->in_round = true;
        box->next_in_round = NULL;
        *(round->end == NULL ? &round->first : round->end) = box;
        round->end = &box->next_in_round;
        round->count++;
    }
    return true;
}

/* As much of what waits as the stream takes now; libuv has the rest. */
static void send_waiting(struct mcp_outbox *box)
{
    uv_buf_t buf = uv_buf_init(box->waiting.ptr, (unsigned)box->waiting.len);
    int put;

    if (box->busy || box->broken || buf.len == 0)
        return;
    put = uv_try_write(box->stream, &buf, 1);
    if (put < 0 && put != UV_EAGAIN) {
        fail(box);
        return;
    }
    box->moved_ms = uv_now(box->stream->loop);
    if (put < 0 || (size_t)put < buf.len) {
        flush(box, put < 0 ? 0 : (size_t)put);
        return;
    }
    mcp_buf_clear(&box->waiting);
    if (box->on_drained != NULL)
        box->on_drained(box->ctx);
}

void mcp__outbox_round_end(struct mcp_outbox_round *round)
{
    while (round->first != NULL) {
        struct mcp_outbox *box = round->first;

        round->first = box->next_in_round;
        if (round->first == NULL)
            round->end = NULL;
        round->count--;
        box->in_round = false;
        send_waiting(box);
    }
}

void mcp__outbox_write(struct mcp_outbox *box, const uv_buf_t *bufs, unsigned n)
{
    size_t sent = 0;

    if (box->broken)
        return;
    for (unsigned i = 0; i < n; i++)
        box->written += bufs[i].len;
    if (box->stream == NULL) {
        write_file(box, bufs, n);
        return;
    }
    if (join_round(box, bufs, n))
        return;
    leave_round(box);
    if (!box->busy && box->waiting.len == 0) {
        int put = uv_try_write(box->stream, bufs, n);

        if (put < 0 && put != UV_EAGAIN) {
            fail(box);
            return;
        }
        sent = put < 0 ? 0 : (size_t)put;
        box->moved_ms = uv_now(box->stream->loop);
    }
    for (unsigned i = 0; i < n; i++) {
        if (sent >= bufs[i].len) {
            sent -= bufs[i].len;
            continue;
        }
        mcp_buf_put(&box->waiting, bufs[i].base + sent, bufs[i].len - sent);
        sent = 0;
    }
    if (box->waiting.failed) {
        mcp_error_log("no memory for what waits to be sent",
                      MCP_KV_INT("bytes", (int64_t)box->waiting.len), );
        fail(box);
    } else
        flush(box, 0);
}

size_t mcp__outbox_unsent(const struct mcp_outbox *box)
{
    size_t queued = box->busy ? uv_stream_get_write_queue_size(box->stream) : 0;

    return queued + box->waiting.len;
}

bool mcp__outbox_stalled(struct mcp_outbox *box, uint64_t now_ms, uint64_t ms)
{
    size_t left;

    if (!box->busy)
        return false;
    left = uv_stream_get_write_queue_size(box->stream);
    if (left != box->left) {
        box->left = left;
        box->moved_ms = now_ms;
    }
    return now_ms - box->moved_ms >= ms;
}
