/* What goes out on one stream: written at once when it takes it, else kept in order and counted. */
#include "mcp/net/outbox.h"

#include <mcp/log.h>

#include <errno.h>
#include <unistd.h>

/* Answers are capped one by one; a peer that asks on is not read from. This is the end of all. */
#define WAITING_MAX ((size_t)256 << 20)

void mcp__outbox_init(struct mcp_outbox *box, uv_stream_t *stream, int fd)
{
    memset(box, 0, sizeof(*box));
    box->stream = stream;
    box->fd = fd;
    mcp_buf_init(&box->writing, WAITING_MAX);
    mcp_buf_init(&box->waiting, WAITING_MAX);
}

void mcp__outbox_release(struct mcp_outbox *box)
{
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

static void flush(struct mcp_outbox *box);

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
    flush(box);
    if (!box->busy && !box->broken && box->on_drained != NULL)
        box->on_drained(box->ctx);
}

/* Hands what waits to libuv, when that is done with the last lot. */
static void flush(struct mcp_outbox *box)
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
    box->left = box->writing.len;
    buf = uv_buf_init(box->writing.ptr, (unsigned)box->writing.len);
    box->req.data = box;
    box->busy = true;
    if (uv_write(&box->req, box->stream, &buf, 1, on_written) != 0) {
        box->busy = false;
        fail(box);
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
    if (!box->busy) {
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
        flush(box);
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
