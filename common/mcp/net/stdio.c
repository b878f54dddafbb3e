/* The stdio transport: one JSON message per line, both eras, until the input ends. */
#include "mcp/net/batch.h"
#include "mcp/net/flight.h"
#include "mcp/net/outbox.h"
#include "mcp/net/task.h"
#include "mcp/net/watcher.h"
#include "mcp/proto/envelope.h"

#include <mcp/clock.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)64 << 10)
#define EOF_GRACE_MS 2000

union stream {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_pipe_t pipe;
    uv_tcp_t tcp;
    uv_tty_t tty;
};

struct stdio;

/* One subscriptions/listen. */
struct listening {
    struct stdio *io; /* borrowed */
    struct mcp_watcher watcher;
    struct mcp_watch watch; /* owned */
    struct listening *next;
};

struct stdio {
    struct mcp_loop loop;
    union stream in, out;
    int in_fd, out_fd; /* our own duplicates; those of streams are closed by libuv */
    int in_flags, out_flags; /* as they were, shared with whoever gave them to us */
    bool in_is_file, out_is_file, in_open, out_open;
    uv_idle_t file_reader;
    struct mcp_outbox outbox;
    struct mcp_buf input; /* what was read and not yet handled */
    bool skipping; /* the rest of a line that was too long */
    bool reading, eof, gone;
    uint64_t eof_ms;
    struct mcp_era_pin pin;
    enum mcp_revision rev; /* negotiated */
    unsigned client_caps; /* of initialize */
    int log_level; /* as logging/setLevel had it */
    struct mcp_watch watch; /* of a legacy client; told from initialize on */
    struct mcp_watcher watcher;
    struct listening *listenings; /* owned */
    char *chunk; /* owned; CHUNK_BYTES */
};

static void process(struct stdio *io);
static void resume(struct stdio *io);

/* ---- out ------------------------------------------------------------------------------------- */

static void write_parts(struct stdio *io, const mcp_str *parts, size_t n)
{
    uv_buf_t bufs[MCP_ENVELOPE_PARTS + 1];
    char newline[] = "\n";
    unsigned used = 0;

    for (size_t i = 0; i < n; i++) {
        if (parts[i].len == 0)
            continue;
        bufs[used].len = parts[i].len;
        memcpy(&bufs[used].base, &parts[i].ptr, sizeof(bufs[used].base)); /* written, not changed */
        used++;
    }
    bufs[used++] = uv_buf_init(newline, 1);
    mcp__outbox_write(&io->outbox, bufs, used);
}

static void write_line(struct stdio *io, mcp_str text)
{
    write_parts(io, &text, 1);
}

static void write_call(struct stdio *io, const struct mcp_call *call)
{
    mcp_str parts[MCP_ENVELOPE_PARTS];

    write_parts(io, parts, mcp__envelope_parts(io->loop.serve->registry, call, parts));
}

static void write_error(struct stdio *io, const struct mcp_call *call, const struct mcp_error *err)
{
    mcp_buf_clear(&io->loop.scratch);
    mcp__envelope_error(&io->loop.scratch, io->loop.serve->registry, call, err);
    write_line(io, mcp_buf_view(&io->loop.scratch));
}

/* The end, when nothing is left to be answered and to be written. */
static void check_end(struct stdio *io)
{
    bool read = io->eof && (io->input.len == 0 || io->gone);

    if (io->gone || ((read || io->loop.stopping) && mcp__flights_pending(&io->loop) == 0 &&
                     mcp__outbox_unsent(&io->outbox) == 0))
        mcp__loop_end(&io->loop);
}

static void on_flight_done(struct mcp_flight *f, struct mcp_call *call, const struct mcp_error *err)
{
    struct stdio *io = f->owner;

    if (call != NULL)
        write_call(io, call);
    else
        write_error(io, f->call, err);
    check_end(io);
}

static void on_flight_progress(struct mcp_flight *f, int64_t done, int64_t total, mcp_str message)
{
    struct stdio *io = f->owner;

    /* A slow reader loses progress, never the result. */
    if (mcp__outbox_unsent(&io->outbox) > CHUNK_BYTES)
        return;
    mcp_buf_clear(&io->loop.scratch);
    mcp__envelope_progress(&io->loop.scratch, f->call->rev, f->call->progress_token, done, total,
                           message);
    write_line(io, mcp_buf_view(&io->loop.scratch));
    mcp__count(&io->loop.serve->counters.progress_sent, 1);
}

static void on_flight_log(struct mcp_flight *f, mcp_str text)
{
    struct stdio *io = f->owner;

    if (mcp__outbox_unsent(&io->outbox) <= CHUNK_BYTES)
        write_line(io, text);
}

static bool on_flight_ask(struct mcp_flight *f, mcp_str text)
{
    write_line(f->owner, text);
    return true;
}

static void on_flight_task(struct mcp_flight *f, mcp_str response)
{
    write_line(f->owner, response);
}

static void on_flight_ignored(struct mcp_flight *f)
{
    (void)f;
}

static const struct mcp_flight_ops flight_ops = { on_flight_done,   on_flight_progress,
                                                  on_flight_log,    on_flight_ask,
                                                  on_flight_task,   on_flight_ignored,
                                                  on_flight_ignored };

static void on_batch_done(struct mcp_batch *batch)
{
    struct stdio *io = batch->owner;

    if (batch->out.len > 0)
        write_line(io, mcp_buf_view(&batch->out));
    check_end(io);
}

static void on_out_drained(void *ctx)
{
    resume(ctx);
}

static void on_out_error(void *ctx)
{
    struct stdio *io = ctx;

    io->gone = true;
    mcp__loop_end(&io->loop);
}

/* ---- changes --------------------------------------------------------------------------------- */

static void on_session_change(struct mcp_watcher *watcher, mcp_str text)
{
    write_line(watcher->owner, text);
}

static void on_session_stop(struct mcp_watcher *watcher)
{
    (void)watcher; /* a legacy client has no word for it */
}

static void on_change(struct mcp_watcher *watcher, mcp_str text)
{
    write_line(((struct listening *)watcher->owner)->io, text);
}

static void end_listening(struct listening *l)
{
    struct listening **at = &l->io->listenings;

    while (*at != l)
        at = &(*at)->next;
    *at = l->next;
    mcp__watcher_remove(&l->io->loop, &l->watcher);
    mcp__watch_release(&l->watch);
    free(l);
}

/* The result, and what the cancellation page wants besides: nothing may come for it any more. */
static void on_stop_listening(struct mcp_watcher *watcher)
{
    struct listening *l = watcher->owner;
    struct mcp_buf *text = &l->io->loop.scratch;

    mcp_buf_clear(text);
    mcp__watch_end(&l->watch, text);
    write_line(l->io, mcp_buf_view(text));
    mcp_buf_clear(text);
    mcp__watch_cancelled(&l->watch, text);
    write_line(l->io, mcp_buf_view(text));
    end_listening(l);
}

/* The client takes a listening back: not a word about it. */
static void cancel_listening(struct stdio *io, mcp_str id)
{
    for (struct listening *l = io->listenings; l != NULL; l = l->next) {
        if (mcp_str_eq(mcp_str_z(l->watch.id), id)) {
            end_listening(l);
            return;
        }
    }
}

static void listen_to(struct stdio *io, struct mcp_watch *watch)
{
    struct listening *l = calloc(1, sizeof(*l));
    struct mcp_buf *text = &io->loop.scratch;

    if (l != NULL)
        l->watcher = (struct mcp_watcher){
            .watch = &l->watch, .owner = l, .send = on_change, .stop = on_stop_listening
        };
    mcp_buf_clear(text);
    if (l == NULL || mcp__watcher_add(&io->loop, &l->watcher) != 0) {
        free(l);
        mcp__rpc_error(text, mcp_str_z(watch->id), mcp_err_rpc(MCP_EBUSY),
                       MCP_STR("this client listens too often"), MCP_STR_NULL);
        write_line(io, mcp_buf_view(text));
        mcp__watch_release(watch);
        return;
    }
    l->io = io;
    mcp__tasks_own(&io->loop, watch, MCP_STR(""));
    l->watch = *watch;
    memset(watch, 0, sizeof(*watch));
    l->next = io->listenings;
    io->listenings = l;
    mcp__watch_ack(&l->watch, text);
    write_line(io, mcp_buf_view(text));
    mcp__tasks_greet(&io->loop, &l->watcher);
    if (mcp__watch_is_empty(&l->watch)) {
        mcp_buf_clear(text);
        mcp__watch_end(&l->watch, text);
        write_line(io, mcp_buf_view(text));
        end_listening(l);
    }
}

/* ---- one line -------------------------------------------------------------------------------- */

static void start_call(struct stdio *io, struct mcp_call *call)
{
    const struct mcp_flight_owner owner = { .ops = &flight_ops, .ptr = io, .scope = io };
    struct mcp_error err = { 0 };
    struct mcp_flight *f;

    switch (mcp__flight_start(&io->loop, call, &owner, &f)) {
    case MCP_START_DONE:
        write_call(io, call);
        break;
    case MCP_START_FLYING:
        break;
    case MCP_START_BUSY:
        mcp__flight_busy_error(&err);
        write_error(io, call, &err);
        break;
    }
}

static void set_session(struct stdio *io, const struct mcp_outcome *out)
{
    io->rev = out->rev;
    io->client_caps = out->client_caps;
    if (io->watcher.owner != NULL)
        return;
    io->watch.changes = io->loop.serve->registry->spec.changes;
    io->watcher = (struct mcp_watcher){
        .watch = &io->watch, .owner = io, .send = on_session_change, .stop = on_session_stop
    };
    mcp__watcher_add(&io->loop, &io->watcher); /* the first one: there is room */
}

static void handle_outcome(struct stdio *io, struct mcp_call *call, struct mcp_outcome *out)
{
    struct mcp_counters *counters = &io->loop.serve->counters;

    mcp__count(&counters->methods[out->method], 1);
    switch (out->kind) {
    case MCP_OUT_REPLY:
        mcp__count(&counters->rpc_errors, out->is_error);
        if (out->initialized)
            set_session(io, out);
        write_line(io, mcp_buf_view(&io->loop.scratch));
        break;
    case MCP_OUT_DONE:
        mcp__flight_count(counters, call, 0);
        write_call(io, call);
        break;
    case MCP_OUT_CALL:
        start_call(io, call);
        break;
    case MCP_OUT_CANCEL:
        mcp__flights_cancel(&io->loop, io, out->id);
        cancel_listening(io, out->id);
        break;
    case MCP_OUT_TASK:
        mcp__count(&counters->rpc_errors,
                   mcp__task_answer(&io->loop, out, MCP_STR(""), &io->loop.scratch));
        write_line(io, mcp_buf_view(&io->loop.scratch));
        break;
    case MCP_OUT_LISTEN:
        listen_to(io, &out->watch);
        break;
    case MCP_OUT_ANSWER:
        mcp__flights_answer(&io->loop, io, out->id, out->answer);
        break;
    case MCP_OUT_NONE:
        break;
    }
}

static void handle_batch(struct stdio *io, struct mcp_call *call, struct mcp_inbound *in,
                         struct mcp_json root)
{
    struct mcp_batch_spec spec = {
        .holder = call,
        .root = root,
        .scope = io,
        .owner = io,
        .done = on_batch_done,
    };
    struct mcp_batch *batch;
    struct mcp_outcome out;

    if (mcp__dispatch_batch(&io->loop.dispatch, in, root, &io->loop.scratch, &out) != 0) {
        handle_outcome(io, call, &out);
        return;
    }
    in->in_batch = true;
    spec.in = *in;
    mcp__batch_start(&io->loop, &spec, &batch);
}

static void handle_line(struct stdio *io, mcp_str line)
{
    struct mcp_inbound in = {
        .rev = io->rev,
        .pin = &io->pin,
        .log_level = &io->log_level,
        .principal = MCP_STR(""),
        .client_caps = io->client_caps,
        .watch = &io->watch,
        .now_ms = mcp_clock_mono_ms(),
        .wall_s = mcp_clock_now(),
    };
    struct mcp_call *call;
    struct mcp_outcome out;
    struct mcp_json root;
    char *copy;

    line = mcp_str_trim(line);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (line.len == 0)
        return;
    call = mcp__call_pool_take(io->loop.calls);
    copy = call == NULL ? NULL : mcp_arena_try(call->arena, line.len);
    mcp_buf_clear(&io->loop.scratch);
    if (copy == NULL) {
        mcp__rpc_error(&io->loop.scratch, MCP_STR_NULL, mcp_err_rpc(MCP_ENOMEM),
                       MCP_STR("out of memory"), MCP_STR_NULL);
        write_line(io, mcp_buf_view(&io->loop.scratch));
        mcp__call_unref(call);
        return;
    }
    memcpy(copy, line.ptr, line.len);
    if (mcp__dispatch_parse(&io->loop.dispatch, call, mcp_str_n(copy, line.len), &root,
                            &io->loop.scratch, &out) != 0) {
        handle_outcome(io, call, &out);
    } else if (mcp_json_type(root) == MCP_JSON_ARRAY) {
        handle_batch(io, call, &in, root);
    } else {
        mcp__dispatch(&io->loop.dispatch, &in, root, call, &io->loop.scratch, &out);
        handle_outcome(io, call, &out);
    }
    mcp__call_unref(call);
}

/* ---- in -------------------------------------------------------------------------------------- */

static void refuse_long_line(struct stdio *io)
{
    mcp_buf_clear(&io->loop.scratch);
    mcp__rpc_error(&io->loop.scratch, MCP_STR_NULL, mcp_err_rpc(MCP_ETOOBIG),
                   MCP_STR("a message is longer than max_body_bytes"), MCP_STR_NULL);
    write_line(io, mcp_buf_view(&io->loop.scratch));
}

/* Handles the whole lines of `text`; returns how many bytes are through. Stops when too much waits
 * to be written. */
static size_t handle_lines(struct stdio *io, mcp_str text)
{
    size_t at = 0;

    while (at < text.len && !io->gone && mcp__outbox_unsent(&io->outbox) <= MCP_OUTBOX_HIGH) {
        const char *start = text.ptr + at;
        const char *end = memchr(start, '\n', text.len - at);
        size_t len = end == NULL ? text.len - at : (size_t)(end - start);

        if (end == NULL && !io->eof) {
            if (!io->skipping && len > io->loop.config.max_body_bytes) {
                refuse_long_line(io);
                io->skipping = true;
            }
            return io->skipping ? text.len : at;
        }
        if (!io->skipping && len > io->loop.config.max_body_bytes)
            refuse_long_line(io);
        else if (!io->skipping)
            handle_line(io, mcp_str_n(start, len));
        io->skipping = false;
        at += len + (end != NULL);
    }
    return at;
}

/* What is kept from before, as far as it can be handled now. */
static void process(struct stdio *io)
{
    size_t done = handle_lines(io, mcp_buf_view(&io->input));

    if (done == io->input.len) {
        if (io->input.size > CHUNK_BYTES)
            mcp_buf_release(&io->input);
        else
            mcp_buf_clear(&io->input);
    } else if (done > 0) {
        memmove(io->input.ptr, io->input.ptr + done, io->input.len - done);
        io->input.len -= done;
    }
}

/* No memory for what came in. open: its last line goes on. */
static void lose_input(struct stdio *io, bool open)
{
    mcp_buf_release(&io->input);
    io->skipping = open;
    mcp_buf_clear(&io->loop.scratch);
    mcp__rpc_error(&io->loop.scratch, MCP_STR_NULL, mcp_err_rpc(MCP_ENOMEM),
                   MCP_STR("out of memory"), MCP_STR_NULL);
    write_line(io, mcp_buf_view(&io->loop.scratch));
}

static void take_input(struct stdio *io, const char *bytes, size_t n)
{
    size_t done = 0;

    mcp__count(&io->loop.serve->counters.bytes_in, n);
    /* Whole lines of this chunk are handled where they lie. */
    if (io->input.len == 0)
        done = handle_lines(io, mcp_str_n(bytes, n));
    if (done < n) {
        bool fresh = io->input.len == 0;

        mcp_buf_put(&io->input, bytes + done, n - done);
        if (io->input.failed)
            lose_input(io, bytes[n - 1] != '\n');
        else if (!fresh)
            process(io);
    }
}

static void stop_reading(struct stdio *io)
{
    if (!io->reading)
        return;
    io->reading = false;
    if (io->in_is_file)
        uv_idle_stop(&io->file_reader);
    else
        uv_read_stop(&io->in.stream);
}

static void on_eof(struct stdio *io)
{
    stop_reading(io);
    io->eof = true;
    io->eof_ms = mcp_clock_mono_ms();
    process(io); /* a last line may lack its newline */
    mcp__watchers_stop(&io->loop);
    mcp__tasks_stop(&io->loop);
    mcp__loop_wake_ticks(&io->loop);
    check_end(io);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct stdio *io = handle->data;

    (void)suggested;
    *buf = uv_buf_init(io->chunk, (unsigned)CHUNK_BYTES);
}

static void after_input(struct stdio *io)
{
    if (mcp__outbox_unsent(&io->outbox) > MCP_OUTBOX_HIGH)
        stop_reading(io);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct stdio *io = stream->data;

    if (n > 0) {
        take_input(io, buf->base, (size_t)n);
        after_input(io);
    } else if (n < 0) {
        on_eof(io);
    }
}

static void on_file_turn(uv_idle_t *idle)
{
    struct stdio *io = idle->data;
    ssize_t n = read(io->in_fd, io->chunk, CHUNK_BYTES);

    if (n > 0) {
        take_input(io, io->chunk, (size_t)n);
        after_input(io);
    } else if (n == 0 || errno != EINTR) {
        on_eof(io);
    }
}

static void resume(struct stdio *io)
{
    if (io->gone)
        return;
    process(io);
    if (!io->eof && !io->loop.stopping && !io->reading &&
        mcp__outbox_unsent(&io->outbox) <= MCP_OUTBOX_HIGH) {
        io->reading = true;
        if (io->in_is_file)
            uv_idle_start(&io->file_reader, on_file_turn);
        else
            uv_read_start(&io->in.stream, on_alloc, on_read);
    }
    check_end(io);
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool is_busy(struct mcp_loop *loop)
{
    struct stdio *io = loop->transport;

    return io->eof || mcp__outbox_unsent(&io->outbox) > 0;
}

static void on_second(struct mcp_loop *loop)
{
    struct stdio *io = loop->transport;

    if (io->eof && mcp_clock_mono_ms() - io->eof_ms >= EOF_GRACE_MS)
        mcp__loop_end(loop);
}

static void on_stop(struct mcp_loop *loop)
{
    struct stdio *io = loop->transport;

    stop_reading(io);
    mcp__watchers_stop(loop);
    check_end(io);
}

/* Opens fd, of whatever kind, as a stream, or says that it is a file. The stream owns fd then. */
static int open_stream(struct stdio *io, union stream *s, int fd, bool *is_file)
{
    uv_loop_t *loop = &io->loop.uv;
    int rc;

    *is_file = false;
    switch (uv_guess_handle(fd)) {
    case UV_FILE:
        *is_file = true;
        return 0;
    case UV_TTY:
        rc = uv_tty_init(loop, &s->tty, fd, 0);
        break;
    case UV_NAMED_PIPE:
        rc = uv_pipe_init(loop, &s->pipe, 0);
        if (rc == 0)
            rc = uv_pipe_open(&s->pipe, fd);
        break;
    case UV_TCP:
        rc = uv_tcp_init(loop, &s->tcp);
        if (rc == 0)
            rc = uv_tcp_open(&s->tcp, fd);
        if (rc == 0)
            uv_tcp_nodelay(&s->tcp, 1);
        break;
    default:
        return UV_EBADF;
    }
    s->handle.data = io;
    return rc;
}

static int open_both(struct stdio *io, int in, int out, struct mcp_error *err)
{
    int rc;

    io->in_fd = fcntl(in, F_DUPFD_CLOEXEC, 3);
    io->out_fd = fcntl(out, F_DUPFD_CLOEXEC, 3);
    if (io->in_fd < 0 || io->out_fd < 0)
        return mcp_error_set(err, MCP_EIO, "stdin or stdout is not open");
    io->in_flags = fcntl(in, F_GETFL);
    io->out_flags = fcntl(out, F_GETFL);
    rc = open_stream(io, &io->in, io->in_fd, &io->in_is_file);
    io->in_open = rc == 0 && !io->in_is_file;
    if (rc == 0) {
        rc = open_stream(io, &io->out, io->out_fd, &io->out_is_file);
        io->out_open = rc == 0 && !io->out_is_file;
    }
    if (rc != 0)
        return mcp_error_set(err, MCP_EIO, "stdin or stdout cannot be used: %s", uv_strerror(rc));
    mcp__outbox_init(&io->outbox, io->out_is_file ? NULL : &io->out.stream, io->out_fd);
    io->outbox.ctx = io;
    io->outbox.on_drained = on_out_drained;
    io->outbox.on_error = on_out_error;
    uv_idle_init(&io->loop.uv, &io->file_reader);
    io->file_reader.data = io;
    return 0;
}

/* Non-blocking is a property of the open file, which the parent may share: it gets its own back. */
static void close_both(struct stdio *io, int in, int out)
{
    if (io->in_fd >= 0 && !io->in_open)
        close(io->in_fd);
    if (io->out_fd >= 0 && !io->out_open)
        close(io->out_fd);
    if (io->in_flags >= 0)
        fcntl(in, F_SETFL, io->in_flags);
    if (io->out_flags >= 0)
        fcntl(out, F_SETFL, io->out_flags);
}

int mcp__serve_stdio_fds(struct mcp_serve *serve, int in, int out, struct mcp_error *err)
{
    struct stdio *io = calloc(1, sizeof(*io));
    char *chunk = malloc(CHUNK_BYTES);
    uint64_t until;
    int rc;

    if (io == NULL || chunk == NULL || mcp__loop_init(&io->loop, serve, err) != 0) {
        mcp_error_set(err, MCP_ENOMEM, "no memory for the transport");
        free(chunk);
        free(io);
        return 1;
    }
    io->chunk = chunk;
    io->in_fd = io->out_fd = io->in_flags = io->out_flags = -1;
    io->rev = MCP_REV_LATEST_LEGACY;
    io->log_level = MCP_LOG_SEV_INFO;
    io->loop.transport = io;
    io->loop.busy = is_busy;
    io->loop.on_second = on_second;
    io->loop.on_stop = on_stop;
    mcp_buf_init(&io->input, io->loop.config.max_body_bytes + 2 * CHUNK_BYTES);
    rc = open_both(io, in, out, err);
    if (rc == 0) {
        resume(io);
        mcp__loop_run(&io->loop);
    }
    until = io->loop.stopping ? io->loop.stop_ms + MCP_STOP_EXIT_MS
                              : mcp_clock_mono_ms() + EOF_GRACE_MS / 2;
    mcp__loop_release(&io->loop, until);
    close_both(io, in, out);
    if (!serve->stuck) {
        while (io->listenings != NULL)
            end_listening(io->listenings);
        mcp__watch_release(&io->watch);
        mcp__outbox_release(&io->outbox);
        mcp_buf_release(&io->input);
        free(io->chunk);
        free(io);
    }
    return rc == 0 ? 0 : 1;
}

int mcp__serve_stdio(struct mcp_serve *serve, struct mcp_error *err)
{
    return mcp__serve_stdio_fds(serve, STDIN_FILENO, STDOUT_FILENO, err);
}
