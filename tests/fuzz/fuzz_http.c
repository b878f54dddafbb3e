/* Fuzzes an HTTP connection without a socket or a thread: bytes in any pieces, answers that parse.
 * The first byte says how the bytes are cut, the second when handlers run and what the peer does. */
#include "mcp/net/http.h"
#include "mcp/net/task.h"
#include "served.h"

#include <mcp/clock.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    RUN_AT_ONCE = 1, /* handlers run after each piece, else when all has been fed */
    PEER_GOES = 2, /* before the handlers have run */
    UNREAD = 4, /* the peer does not read before the handlers run */
    STOPPING = 8, /* the server ends */
    FOREIGN = 16, /* not bound to loopback */
};

/* ---- workers that are this thread: their names here win over the library's --------------------- */

struct mcp_workers {
    struct mcp_job *first;
};
static struct mcp_workers workers;

struct mcp_workers *mcp__workers_new(unsigned max, unsigned max_queue)
{
    (void)max;
    (void)max_queue;
    return &workers;
}

int mcp__workers_submit(struct mcp_workers *w, struct mcp_job *job)
{
    struct mcp_job **at = &w->first;
    unsigned n = 0;

    for (; *at != NULL; at = &(*at)->next)
        n++;
    if (n >= 3)
        return MCP_EBUSY;
    job->next = NULL;
    *at = job;
    return 0;
}

unsigned mcp__workers_threads(struct mcp_workers *w)
{
    (void)w;
    return 0;
}

bool mcp__workers_withdraw(struct mcp_workers *w, struct mcp_job *job)
{
    for (struct mcp_job **at = &w->first; *at != NULL; at = &(*at)->next) {
        if (*at == job) {
            *at = job->next;
            return true;
        }
    }
    return false;
}

unsigned mcp__workers_stop(struct mcp_workers *w, uint64_t until_ms)
{
    (void)w;
    (void)until_ms;
    return 0;
}

/* ---- the peer ---------------------------------------------------------------------------------- */

struct peer {
    llhttp_t parser; /* of what it gets */
    unsigned flags;
    size_t unsent;
    bool check, finished;
};

static void io_write(void *ctx, const uv_buf_t *bufs, unsigned n)
{
    struct peer *peer = ctx;

    MCP_BUG_ON(peer->finished); /* nothing follows the last answer */
    for (unsigned i = 0; i < n; i++) {
        MCP_BUG_ON(bufs[i].len > 0 && bufs[i].base == NULL);
        peer->unsent += (peer->flags & UNREAD) != 0 ? bufs[i].len << 12 : 0;
        MCP_BUG_ON(peer->check &&
                   llhttp_execute(&peer->parser, bufs[i].base, bufs[i].len) != HPE_OK);
    }
}

static size_t io_unsent(void *ctx)
{
    return ((struct peer *)ctx)->unsent;
}

static void io_finish(void *ctx)
{
    ((struct peer *)ctx)->finished = true;
}

static void io_pause(void *ctx, bool paused)
{
    (void)ctx;
    (void)paused;
}

static const struct mcp_http_io io = { io_write, io_unsent, io_finish, io_pause };
static const llhttp_settings_t quiet;

/* ---- one input --------------------------------------------------------------------------------- */

static struct mcp_loop loop;
static struct mcp_http http;
static struct mcp_session *session; /* always there at the beginning: 32 zeros */

/* Nobody is left to answer what was asked; a session that was deleted has no calls. */
static void give_up(void)
{
    mcp__flights_cancel(&loop, session, MCP_STR_NULL);
    mcp__tasks_stop(&loop);
    mcp__mailbox_drain(&loop.mailbox);
}

static void begin(unsigned flags)
{
    static struct mcp_serve serve;
    static const unsigned char id[16] = { 0 };

    if (serve.registry == NULL) {
        serve.registry = test_served();
        serve.sealer = &test_no_seal;
        serve.config.max_sessions = 4;
        serve.config.max_body_bytes = 2048;
        serve.config.max_header_bytes = 1024;
        MCP_BUG_ON(mcp__loop_init(&loop, &serve, NULL) != 0);
    } else {
        mcp__http_release(&http);
    }
    MCP_BUG_ON(mcp__http_init(&http, &loop) != 0);
    http.loopback = (flags & FOREIGN) == 0;
    loop.stopping = (flags & STOPPING) != 0;
    MCP_BUG_ON(mcp__session_open(http.sessions, id, MCP_REV_LATEST_LEGACY, MCP_STR(""),
                                 mcp__loop_now(&loop), &session) != 0);
    session->client_caps = MCP_CLIENT_FORM | MCP_CLIENT_ROOTS;
    session->watch.changes = MCP_CHANGE_TOOLS;
}

/* Until nothing is left to do: handlers run, the peer reads. */
static void work(struct mcp_http_conn *conn, struct peer *peer)
{
    do {
        struct mcp_job *job = workers.first;

        if (job != NULL) {
            workers.first = job->next;
            job->run(job);
        }
        peer->unsent = 0;
        mcp__http_conn_drained(conn);
        mcp__mailbox_drain(&loop.mailbox);
    } while (workers.first != NULL || peer->unsent > 0);
}

static bool mentions_head(const uint8_t *data, size_t size)
{
    return size > 0 && memmem(data, size, "HEAD", 4) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_http_conn conn;
    struct peer peer = { 0 };
    size_t step;

    if (size < 2)
        return 0;
    peer.flags = data[1];
    begin(peer.flags);
    /* An answer to HEAD has a length and no body, which only who asked can know. */
    peer.check = !mentions_head(data, size);
    llhttp_init(&peer.parser, HTTP_RESPONSE, &quiet);
    step = data[0] == 0 ? size : data[0];
    memset(&conn, 0, sizeof(conn));
    mcp__http_conn_init(&conn, &http, &io, &peer);
    for (size_t at = 2; at < size; at += step) {
        size_t n = size - at < step ? size - at : step;
        char *piece = malloc(n);

        /* A copy of its own, so that a view that outlives its bytes is found. */
        memcpy(piece, data + at, n);
        mcp__http_conn_feed(&conn, piece, n);
        free(piece);
        if ((peer.flags & RUN_AT_ONCE) != 0)
            work(&conn, &peer);
        else
            mcp__mailbox_drain(&loop.mailbox);
        mcp__serve_changed(loop.serve, MCP_CHANGE_TOOLS, MCP_STR_NULL);
    }
    if ((peer.flags & PEER_GOES) != 0)
        mcp__http_conn_gone(&conn);
    work(&conn, &peer);
    mcp__http_conn_tick(&conn, mcp__loop_now(&loop) + 1000000);
    mcp__http_conn_gone(&conn);
    work(&conn, &peer);
    mcp__http_conn_release(&conn);
    give_up();
    MCP_BUG_ON(loop.n_flights != 0);
    return 0;
}
