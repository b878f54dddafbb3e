/* The loop thread of a child program: lines out, and what each line that comes in is. */
#include "mcp/client/child_lines.h"

#include "mcp/client/message.h"
#include "mcp/proto/call_internal.h"

#include <mcp/log.h>

#include <stdio.h>
#include <stdlib.h>

#define UNSENT_MAX ((size_t)16 << 20) /* beyond it a child that does not read gets no more */
#define TOKENS_MAX ((size_t)1 << 20)

/* ---- answers to those who wait (loop thread) ---------------------------------------------------- */

void mcp__child_finish(struct mcp__child *c, struct mcp__pending *p, int rc, char *body, size_t len)
{
    struct mcp_call *call = p->call;

    for (struct mcp__pending **at = &c->pendings; *at != NULL; at = &(*at)->next) {
        if (*at != p)
            continue;
        *at = p->next;
        break;
    }
    pthread_mutex_lock(&call->lock);
    p->done = p->changed = true;
    p->rc = rc;
    p->body = body;
    p->len = len;
    pthread_cond_broadcast(&call->wake);
    pthread_mutex_unlock(&call->lock);
}

/* Lock held. */
static struct mcp__pending *find(struct mcp__child *c, int64_t id)
{
    for (struct mcp__pending *p = c->pendings; p != NULL; p = p->next) {
        if (p->id == id)
            return p;
    }
    return NULL;
}

void mcp__child_fail_all(struct mcp__child *c, int rc)
{
    pthread_mutex_lock(&c->lock);
    while (c->pendings != NULL)
        mcp__child_finish(c, c->pendings, rc, NULL, 0);
    pthread_mutex_unlock(&c->lock);
}

/* ---- out (loop thread) -------------------------------------------------------------------------- */

static void write_line(struct mcp__child *c, const char *text, size_t len)
{
    char newline[] = "\n";
    uv_buf_t bufs[2];

    bufs[0].len = len;
    memcpy(&bufs[0].base, &text, sizeof(bufs[0].base)); /* written, never changed */
    bufs[1] = uv_buf_init(newline, 1);
    mcp__outbox_write(&c->outbox, bufs, 2);
}

void mcp__child_deliver(struct mcp_mail *mail)
{
    struct mcp__letter *letter = (struct mcp__letter *)mail; /* its first member */
    struct mcp__child *c = letter->child;
    struct mcp__pending *p;

    if (mcp__outbox_unsent(&c->outbox) <= UNSENT_MAX) {
        write_line(c, letter->text, letter->len);
    } else if (letter->id >= 0) {
        pthread_mutex_lock(&c->lock);
        p = find(c, letter->id);
        if (p != NULL)
            mcp__child_finish(c, p, MCP_EBUSY, NULL, 0);
        pthread_mutex_unlock(&c->lock);
    }
    free(letter);
}

/* ---- in (loop thread) --------------------------------------------------------------------------- */

/* rc: of reading it. An error that names no request belongs to the only one there is. */
static void take_response(struct mcp__child *c, const struct mcp__message *m, int rc, mcp_str line)
{
    struct mcp__pending *p = NULL;
    char *body = NULL;

    pthread_mutex_lock(&c->lock);
    if (m->has_id)
        p = find(c, m->id);
    else if (mcp_json_exists(m->error) && c->pendings != NULL && c->pendings->next == NULL)
        p = c->pendings;
    if (p != NULL) {
        if (rc == 0 && (body = mcp_str_dup(line)) == NULL)
            rc = MCP_ENOMEM;
        mcp__child_finish(c, p, rc, body, line.len);
    }
    pthread_mutex_unlock(&c->lock);
}

static void take_progress(struct mcp__child *c, const struct mcp__message *m)
{
    double done, total;
    struct mcp__pending *p;
    mcp_str message;

    if (mcp__message_progress(m->params, c->arena, &done, &total, &message) != 0)
        return;
    pthread_mutex_lock(&c->lock);
    p = find(c, m->id);
    if (p != NULL) {
        pthread_mutex_lock(&p->call->lock);
        p->reported = p->changed = true;
        p->progress = done;
        p->total = total;
        p->has_message = !mcp_str_is_null(message);
        snprintf(p->message, sizeof(p->message), "%.*s",
                 MCP_STR_ARG(mcp_str_head(message, sizeof(p->message) - 1)));
        pthread_cond_broadcast(&p->call->wake);
        pthread_mutex_unlock(&p->call->lock);
    }
    pthread_mutex_unlock(&c->lock);
}

/* A child that asks without reading the answers gets no more of them. */
static void take_request(struct mcp__child *c, const struct mcp__message *m)
{
    struct mcp_buf out;

    if (mcp__outbox_unsent(&c->outbox) > MCP__CHILD_CHUNK)
        return;
    mcp_buf_init(&out, MCP__CHILD_CHUNK);
    if (mcp__message_reply(&out, m))
        write_line(c, out.ptr, out.len);
    mcp_buf_release(&out);
}

static void take_line(struct mcp__child *c, mcp_str line)
{
    struct mcp_json_limits limits = { .max_bytes = c->max_message_bytes, .max_tokens = TOKENS_MAX };
    struct mcp__message m;
    struct mcp_json root;
    int rc;

    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    if (mcp_str_trim(line).len == 0)
        return;
    mcp_arena_reset(c->arena);
    if (mcp_json_parse(c->arena, line, &limits, &root, NULL) < 0) {
        mcp_debug("a server wrote a line that is no message",
                  MCP_KV_INT("bytes", (int64_t)line.len), );
        return;
    }
    rc = mcp__message_read(root, &m, NULL);
    if (m.kind == MCP__MSG_RESPONSE)
        take_response(c, &m, rc, line);
    else if (rc == 0 && m.kind == MCP__MSG_PROGRESS)
        take_progress(c, &m);
    else if (rc == 0 && m.kind == MCP__MSG_REQUEST)
        take_request(c, &m);
}

/* Keeps the beginning of a line. Which request a line that is too long answers cannot be known: all
 * that wait learn of it, and the rest of the line is skipped. */
static void keep(struct mcp__child *c, mcp_str piece)
{
    if (c->skipping)
        return;
    mcp_buf_str(&c->input, piece);
    if (mcp_buf_error(&c->input) == 0)
        return;
    c->skipping = true;
    mcp_buf_release(&c->input);
    mcp__child_fail_all(c, MCP_ETOOBIG);
}

void mcp__child_take(struct mcp__child *c, mcp_str bytes)
{
    while (bytes.len > 0) {
        size_t at = mcp_str_find(bytes, '\n');
        mcp_str piece = mcp_str_n(bytes.ptr, at);

        if (at == bytes.len) {
            keep(c, piece);
            return;
        }
        if (!c->skipping && c->input.len == 0) {
            take_line(c, piece);
        } else {
            keep(c, piece);
            if (!c->skipping)
                take_line(c, mcp_buf_view(&c->input));
        }
        c->skipping = false;
        mcp_buf_clear(&c->input);
        bytes = mcp_str_n(bytes.ptr + at + 1, bytes.len - at - 1);
    }
}
