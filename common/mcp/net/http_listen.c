/* subscriptions/listen over HTTP: an event stream that stays open for the changes a client chose. */
#include "mcp/net/http.h"
#include "mcp/net/task.h"

#include <stdlib.h>

/* Above this a reader loses changes: it looks at everything anew when it comes back. */
#define UNSENT_MAX ((size_t)1 << 20)

struct listening {
    struct mcp_post post; /* first: the connection knows no more of it */
    struct mcp_watcher watcher;
    struct mcp_watch watch; /* owned */
};

static void free_listening(struct listening *l)
{
    mcp__watcher_remove(l->post.http->loop, &l->watcher);
    mcp__watch_release(&l->watch);
    free(l);
}

static void on_gone(struct mcp_post *post)
{
    free_listening((struct listening *)(void *)post);
}

static void send_text(struct listening *l, mcp_str text)
{
    struct mcp_http_conn *conn = l->post.conn;

    if (conn->io->unsent(conn->io_ctx) <= UNSENT_MAX)
        mcp__sse_send(conn, MCP_STR_NULL, &text, 1);
}

static void on_change(struct mcp_watcher *watcher, mcp_str text)
{
    send_text(watcher->owner, text);
}

static void on_stop(struct mcp_watcher *watcher)
{
    struct listening *l = watcher->owner;
    struct mcp_buf *text = &l->post.http->loop->scratch;

    mcp_buf_clear(text);
    mcp__watch_end(&l->watch, text);
    send_text(l, mcp_buf_view(text));
    mcp__http_post_let_go(&l->post);
}

void mcp__http_listen(struct mcp_http_conn *conn, struct mcp_watch *watch)
{
    struct mcp_loop *loop = conn->http->loop;
    struct listening *l = calloc(1, sizeof(*l));

    if (l != NULL)
        l->watcher = (struct mcp_watcher){
            .watch = &l->watch, .owner = l, .send = on_change, .stop = on_stop
        };
    if (l == NULL || mcp__watcher_add(loop, &l->watcher) != 0) {
        free(l);
        mcp_buf_clear(&loop->scratch);
        mcp__rpc_error(&loop->scratch, mcp_str_z(watch->id), mcp_err_rpc(MCP_EBUSY),
                       MCP_STR("too many clients listen"), MCP_STR_NULL);
        mcp__http_answer_json(conn, 503, mcp_buf_view(&loop->scratch));
        mcp__watch_release(watch);
        return;
    }
    l->post =
        (struct mcp_post){ .http = conn->http, .conn = conn, .gone = on_gone, .let_go = on_gone };
    mcp__tasks_own(loop, watch, mcp_buf_view(&conn->principal));
    l->watch = *watch;
    memset(watch, 0, sizeof(*watch));
    conn->post = &l->post;
    mcp__sse_begin(conn);
    mcp_buf_clear(&loop->scratch);
    mcp__watch_ack(&l->watch, &loop->scratch);
    send_text(l, mcp_buf_view(&loop->scratch));
    mcp__tasks_greet(loop, &l->watcher);
    /* Nothing of what it wants can come: it need not wait for that. */
    if (mcp__watch_is_empty(&l->watch))
        on_stop(&l->watcher);
}
