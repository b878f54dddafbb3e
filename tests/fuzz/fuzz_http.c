/* Fuzzes an HTTP connection: bytes in any pieces, no socket; the first byte says how they are cut. */
#include "mcp/net/http.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int echo(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, mcp_json_raw(mcp_call_args(call)));
    return 0;
}

#define SCHEMA "{\"type\":\"object\"}"
static const struct mcp_schema_text in_text = { "t.in", SCHEMA, sizeof(SCHEMA) - 1 };
static const struct mcp_tool tool = {
    .name = "t", .description = "t", .in = &in_text, .run = echo, .fast = echo
};
static const struct mcp_registry_spec spec = {
    .name = "f", .version = "1", .tools = &tool, .n_tools = 1
};

struct peer {
    size_t sent;
    bool finished;
};

static void io_write(void *ctx, const uv_buf_t *bufs, unsigned n)
{
    struct peer *peer = ctx;

    for (unsigned i = 0; i < n; i++) {
        /* Each answer begins with its status line; nothing follows the last one. */
        MCP_BUG_ON(bufs[i].len > 0 && bufs[i].base == NULL);
        peer->sent += bufs[i].len;
    }
    MCP_BUG_ON(peer->finished);
}

static size_t io_unsent(void *ctx)
{
    (void)ctx;
    return 0;
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct mcp_registry *registry;
    static struct mcp_serve serve;
    static struct mcp_loop loop;
    static struct mcp_http http;
    struct mcp_http_conn conn;
    struct peer peer = { 0 };
    size_t step, at = 1;

    if (registry == NULL) {
        MCP_BUG_ON(mcp__registry_new(&spec, &registry, NULL) != 0);
        serve.registry = registry;
        serve.config.max_sessions = 8;
        MCP_BUG_ON(mcp__loop_init(&loop, &serve, NULL) != 0);
        MCP_BUG_ON(mcp__http_init(&http, &loop) != 0);
        http.loopback = true;
    }
    if (size < 1)
        return 0;
    step = data[0] == 0 ? size : data[0];
    mcp__http_conn_init(&conn, &http, &io, &peer);
    for (; at < size; at += step) {
        size_t n = size - at < step ? size - at : step;
        char *piece = malloc(n);

        /* A copy of its own, so that a view that outlives its bytes is found. */
        memcpy(piece, data + at, n);
        mcp__http_conn_feed(&conn, piece, n);
        free(piece);
        mcp__mailbox_drain(&loop.mailbox);
    }
    mcp__http_conn_gone(&conn);
    mcp__http_conn_release(&conn);
    return 0;
}
