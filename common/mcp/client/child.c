/* A server as a child program: its start, the requests it is asked, and its end. */
#include "mcp/client/child_lines.h"

#include "mcp/client/message.h"
#include "mcp/proto/call_internal.h"

#include <mcp/clock.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define STACK_BYTES ((size_t)512 << 10)
#define GRACE_MS 500 /* from the exit or a broken pipe to the last output */
#define EXIT_MS 2000 /* from the end of its input to its exit */
#define TERM_MS 500 /* from SIGTERM to SIGKILL, and from there to giving up */

static void become_gone(struct mcp__child *c)
{
    pthread_mutex_lock(&c->lock);
    if (!c->gone) {
        c->gone = true;
        if (c->exited && c->exit_signal != 0)
            snprintf(c->why, sizeof(c->why), "it was ended by signal %d", c->exit_signal);
        else if (c->exited)
            snprintf(c->why, sizeof(c->why), "it exited with status %lld",
                     (long long)c->exit_status);
        else
            snprintf(c->why, sizeof(c->why), "it closed its %s", c->eof ? "output" : "input");
    }
    pthread_mutex_unlock(&c->lock);
    mcp__child_fail_all(c, MCP_EUNAVAILABLE);
}

/* ---- the end (loop thread) ---------------------------------------------------------------------- */

static void check_over(struct mcp__child *c)
{
    if (c->stopping && (c->exited || !c->started)) {
        c->over = true;
        uv_stop(&c->loop);
    }
}

static void close_input(struct mcp__child *c)
{
    if (!uv_is_closing((uv_handle_t *)&c->in))
        uv_close((uv_handle_t *)&c->in, NULL);
}

static void on_grace_over(uv_timer_t *timer)
{
    become_gone(timer->data);
}

/* The program is going, or its pipes are: the rest of its output is still taken. */
static void begin_grace(struct mcp__child *c)
{
    if (c->eof && c->exited)
        become_gone(c);
    else if (!c->stopping && !uv_is_active((uv_handle_t *)&c->timer))
        uv_timer_start(&c->timer, on_grace_over, GRACE_MS, 0);
}

static void on_exit_cb(uv_process_t *process, int64_t status, int sig)
{
    struct mcp__child *c = process->data;

    c->exited = true;
    c->exit_status = status;
    c->exit_signal = sig;
    begin_grace(c);
    check_over(c);
}

static void on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct mcp__child *c = handle->data;

    (void)suggested;
    *buf = uv_buf_init(c->chunk, MCP__CHILD_CHUNK);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct mcp__child *c = stream->data;

    if (n > 0)
        mcp__child_take(c, mcp_str_n(buf->base, (size_t)n));
    if (n >= 0)
        return;
    uv_read_stop(stream);
    c->eof = true;
    begin_grace(c);
}

static void on_write_error(void *ctx)
{
    begin_grace(ctx);
}

static void on_drained(void *ctx)
{
    struct mcp__child *c = ctx;

    if (c->stopping)
        close_input(c);
}

static void on_end_timer(uv_timer_t *timer)
{
    struct mcp__child *c = timer->data;

    c->steps++;
    if (c->steps > 2) { /* not even SIGKILL: it hangs in the kernel */
        c->over = true;
        uv_stop(&c->loop);
        return;
    }
    close_input(c);
    uv_process_kill(&c->process, c->steps == 1 ? SIGTERM : SIGKILL);
    uv_timer_start(timer, on_end_timer, TERM_MS, 0);
}

static void deliver_stop(struct mcp_mail *mail)
{
    struct mcp__child *c =
        (struct mcp__child *)(void *)((char *)mail - offsetof(struct mcp__child, stop_mail));

    c->stopping = true;
    if (mcp__outbox_unsent(&c->outbox) == 0 || c->outbox.broken)
        close_input(c);
    uv_timer_start(&c->timer, on_end_timer, EXIT_MS, 0);
    check_over(c);
}

/* ---- start and stop ------------------------------------------------------------------------------ */

static void *run(void *arg)
{
    struct mcp__child *c = arg;

    while (!c->over)
        uv_run(&c->loop, UV_RUN_ONCE);
    return NULL;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

static void release(struct mcp__child *c)
{
    uv_walk(&c->loop, close_handle, NULL);
    while (uv_run(&c->loop, UV_RUN_DEFAULT) != 0)
        continue;
    uv_loop_close(&c->loop);
    mcp__mailbox_release(&c->mailbox);
    mcp__outbox_release(&c->outbox);
    mcp_buf_release(&c->input);
    mcp_arena_free(c->arena);
    free(c->chunk);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static int spawn(struct mcp__child *c, const struct mcp__child_spec *spec)
{
    uv_stdio_container_t stdio[3] = {
        { .flags = UV_CREATE_PIPE | UV_READABLE_PIPE, .data.stream = (uv_stream_t *)&c->in },
        { .flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&c->out },
        { .flags = spec->quiet ? UV_IGNORE : UV_INHERIT_FD, .data.fd = 2 },
    };
    uv_process_options_t options = {
        .exit_cb = on_exit_cb,
        .file = spec->argv[0],
        .cwd = spec->cwd,
        .stdio = stdio,
        .stdio_count = 3,
    };
    int rc;

    /* libuv's own declaration takes them without const; it changes nothing. */
    memcpy(&options.args, &spec->argv, sizeof(options.args));
    memcpy(&options.env, &spec->env, sizeof(options.env));
    rc = uv_spawn(&c->loop, &c->process, &options);
    if (rc != 0)
        return rc;
    c->started = true;
    return uv_read_start((uv_stream_t *)&c->out, on_alloc, on_read);
}

static int start_thread(struct mcp__child *c)
{
    pthread_attr_t attr;
    int rc;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, STACK_BYTES);
    rc = pthread_create(&c->thread, &attr, run, c);
    pthread_attr_destroy(&attr);
    return rc;
}

int mcp__child_start(const struct mcp__child_spec *spec, struct mcp__child **out,
                     struct mcp_error *err)
{
    struct mcp__child *c = calloc(1, sizeof(*c));
    int rc;

    if (c == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    signal(SIGPIPE, SIG_IGN);
    c->arena = mcp_arena_new(0, spec->max_message_bytes + ((size_t)64 << 20));
    c->chunk = malloc(MCP__CHILD_CHUNK);
    if (c->arena == NULL || c->chunk == NULL || uv_loop_init(&c->loop) != 0) {
        mcp_arena_free(c->arena);
        free(c->chunk);
        free(c);
        return mcp_error_set(err, MCP_ENOMEM, "no memory for a child program");
    }
    if (mcp__mailbox_init(&c->mailbox, &c->loop) != 0) {
        uv_loop_close(&c->loop);
        mcp_arena_free(c->arena);
        free(c->chunk);
        free(c);
        return mcp_error_set(err, MCP_EUNAVAILABLE, "no event loop for a child program");
    }
    pthread_mutex_init(&c->lock, NULL);
    uv_pipe_init(&c->loop, &c->in, 0);
    uv_pipe_init(&c->loop, &c->out, 0);
    uv_timer_init(&c->loop, &c->timer);
    c->out.data = c->timer.data = c->process.data = c;
    c->max_message_bytes = spec->max_message_bytes;
    mcp_buf_init(&c->input, spec->max_message_bytes);
    mcp__outbox_init(&c->outbox, (uv_stream_t *)&c->in, -1);
    c->outbox.ctx = c;
    c->outbox.on_error = on_write_error;
    c->outbox.on_drained = on_drained;
    c->stop_mail.deliver = deliver_stop;

    rc = spawn(c, spec);
    if (rc != 0) {
        mcp_error_set(err, MCP_EUNAVAILABLE, "cannot start %.200s%s%.200s: %s", spec->argv[0],
                      spec->cwd == NULL ? "" : " in ", spec->cwd == NULL ? "" : spec->cwd,
                      uv_strerror(rc));
        release(c);
        return MCP_EUNAVAILABLE;
    }
    if (start_thread(c) != 0) {
        uv_process_kill(&c->process, SIGKILL);
        release(c);
        return mcp_error_set(err, MCP_EUNAVAILABLE, "no thread for a child program");
    }
    *out = c;
    return 0;
}

void mcp__child_stop(struct mcp__child *c)
{
    if (c == NULL)
        return;
    mcp__mailbox_post(&c->mailbox, &c->stop_mail);
    pthread_join(c->thread, NULL);
    mcp__mailbox_drain(&c->mailbox); /* letters that came too late are freed */
    release(c);
}

/* ---- asking (any thread) ------------------------------------------------------------------------- */

static struct mcp__letter *letter_new(struct mcp__child *c, int64_t id, mcp_str text)
{
    struct mcp__letter *letter = malloc(sizeof(*letter) + text.len);

    if (letter == NULL)
        return NULL;
    memset(letter, 0, sizeof(*letter));
    letter->mail.deliver = mcp__child_deliver;
    letter->child = c;
    letter->id = id;
    letter->len = text.len;
    memcpy(letter->text, text.ptr, text.len);
    return letter;
}

void mcp__child_tell(struct mcp__child *c, mcp_str text)
{
    struct mcp__letter *letter = letter_new(c, -1, text);

    if (letter != NULL)
        mcp__mailbox_post(&c->mailbox, &letter->mail);
}

bool mcp__child_gone(struct mcp__child *c)
{
    bool gone;

    pthread_mutex_lock(&c->lock);
    gone = c->gone;
    pthread_mutex_unlock(&c->lock);
    return gone;
}

static int explain_gone(struct mcp__child *c, struct mcp_error *err)
{
    char why[sizeof(c->why)];

    pthread_mutex_lock(&c->lock);
    memcpy(why, c->why, sizeof(why));
    pthread_mutex_unlock(&c->lock);
    return mcp_error_set(err, MCP_EUNAVAILABLE, "the server program has ended: %s", why);
}

static int explain(struct mcp__child *c, int rc, struct mcp_error *err)
{
    switch (rc) {
    case MCP_EUNAVAILABLE:
        return explain_gone(c, err);
    case MCP_EBUSY:
        return mcp_error_set(err, rc, "the server program does not read its input");
    case MCP_ETOOBIG:
        return mcp_error_set(err, rc, "the server program wrote a message of more than %zu bytes",
                             c->max_message_bytes);
    case MCP_EDATA:
        return mcp_error_set(err, rc, "the server's answer holds neither a result nor an error");
    case MCP_EDEADLINE:
        return mcp_error_set(err, rc, "the server program did not answer in time");
    case MCP_ECANCELLED:
        return mcp_error_set(err, rc, "the call was cancelled");
    default:
        return mcp_error_set(err, rc, "out of memory");
    }
}

/* Until done; reports go to the caller without a lock held. */
static int wait_for(struct mcp__pending *p, const struct mcp__child_ask *ask)
{
    struct mcp_call *call = p->call;
    int rc = 0;

    pthread_mutex_lock(&call->lock);
    while (!p->done) {
        char message[sizeof(p->message)];
        double progress, total;
        bool has_message;

        rc = mcp__call_wait_until(call, &p->changed, ask->until_ms);
        if (rc == 0 && !p->changed)
            rc = MCP_EDEADLINE;
        if (rc < 0)
            break;
        p->changed = p->done;
        if (!p->reported)
            continue;
        p->reported = false;
        progress = p->progress;
        total = p->total;
        has_message = p->has_message;
        memcpy(message, p->message, sizeof(message));
        pthread_mutex_unlock(&call->lock);
        if (ask->on_progress != NULL)
            ask->on_progress(ask->ctx, progress, total,
                             has_message ? mcp_str_z(message) : MCP_STR_NULL);
        pthread_mutex_lock(&call->lock);
    }
    pthread_mutex_unlock(&call->lock);
    return rc;
}

/* Tells the server that nobody waits any longer. */
static void cancel(struct mcp__child *c, int64_t id, bool late)
{
    struct mcp_buf out;

    mcp_buf_init(&out, MCP__CHILD_CHUNK);
    mcp__message_cancelled(&out, id, late);
    if (mcp_buf_error(&out) == 0)
        mcp__child_tell(c, mcp_buf_view(&out));
    mcp_buf_release(&out);
}

int mcp__child_ask(struct mcp_call *call, struct mcp__child *c, const struct mcp__child_ask *ask,
                   mcp_str *answer, struct mcp_error *err)
{
    struct mcp__pending p = { .id = ask->id, .call = call };
    struct mcp__letter *letter;
    bool gone;
    int rc;

    if (mcp_call_cancelled(call))
        return explain(c, mcp_call_remaining_ms(call) == 0 ? MCP_EDEADLINE : MCP_ECANCELLED, err);
    letter = letter_new(c, ask->id, ask->text);
    if (letter == NULL)
        return explain(c, MCP_ENOMEM, err);
    pthread_mutex_lock(&c->lock);
    gone = c->gone;
    if (!gone) {
        p.next = c->pendings;
        c->pendings = &p;
    }
    pthread_mutex_unlock(&c->lock);
    if (gone) {
        free(letter);
        return explain_gone(c, err);
    }
    mcp__mailbox_post(&c->mailbox, &letter->mail);
    rc = wait_for(&p, ask);

    pthread_mutex_lock(&c->lock);
    if (!p.done)
        mcp__child_finish(c, &p, rc, NULL, 0);
    pthread_mutex_unlock(&c->lock);
    if (p.body != NULL) {
        mcp_arena_defer(call->arena, free, p.body);
        *answer = mcp_str_n(p.body, p.len);
    }
    /* An answer that came in the last moment counts. */
    if (p.rc == 0)
        return 0;
    if (!ask->keep && (p.rc == MCP_ECANCELLED || p.rc == MCP_EDEADLINE || p.rc == MCP_ETOOBIG))
        cancel(c, ask->id, p.rc == MCP_EDEADLINE);
    return explain(c, p.rc, err);
}
