/* The streams of one loop on which changes are told, and the way of a change to them. */
#include "mcp/net/watcher.h"

#include <stddef.h>
#include <stdlib.h>

/* A change on its way to the loop. */
struct change {
    struct mcp_mail mail;
    struct mcp_loop *loop;
    enum mcp_change change;
    size_t uri_len;
    char uri[];
};

int mcp__watcher_add(struct mcp_loop *loop, struct mcp_watcher *watcher)
{
    if (loop->n_watchers >= MCP_WATCHERS_MAX)
        return MCP_EBUSY;
    loop->n_watchers++;
    watcher->prev = NULL;
    watcher->next = loop->watchers;
    if (watcher->next != NULL)
        watcher->next->prev = watcher;
    loop->watchers = watcher;
    return 0;
}

void mcp__watcher_remove(struct mcp_loop *loop, struct mcp_watcher *watcher)
{
    if (watcher->prev != NULL)
        watcher->prev->next = watcher->next;
    else
        loop->watchers = watcher->next;
    if (watcher->next != NULL)
        watcher->next->prev = watcher->prev;
    loop->n_watchers--;
}

void mcp__watchers_stop(struct mcp_loop *loop)
{
    struct mcp_watcher *w = loop->watchers;

    while (w != NULL) {
        struct mcp_watcher *next = w->next;

        w->stop(w);
        w = next;
    }
}

static void deliver(struct mcp_mail *mail)
{
    struct change *c = (struct change *)(void *)((char *)mail - offsetof(struct change, mail));
    mcp_str uri = mcp_str_n(c->uri, c->uri_len);
    struct mcp_watcher *w = c->loop->watchers;

    while (w != NULL) {
        struct mcp_watcher *next = w->next;

        if (mcp__watch_wants(w->watch, c->change, uri)) {
            mcp_buf_clear(&c->loop->scratch);
            mcp__watch_note(w->watch, c->change, uri, &c->loop->scratch);
            w->send(w, mcp_buf_view(&c->loop->scratch));
        }
        w = next;
    }
    free(c);
}

void mcp__serve_changed(struct mcp_serve *serve, enum mcp_change change, mcp_str uri)
{
    struct change *c = malloc(sizeof(*c) + uri.len);
    struct mcp_loop *loop;

    if (c == NULL)
        return; /* a notification is a hint */
    memset(c, 0, sizeof(*c));
    c->mail.deliver = deliver;
    c->change = change;
    c->uri_len = uri.len;
    if (uri.len > 0)
        memcpy(c->uri, uri.ptr, uri.len);
    atomic_fetch_add(&serve->stoppers, 1);
    loop = atomic_load(&serve->loop);
    c->loop = loop;
    if (loop != NULL)
        mcp__mailbox_post(&loop->mailbox, &c->mail);
    else
        free(c);
    atomic_fetch_sub(&serve->stoppers, 1);
}
