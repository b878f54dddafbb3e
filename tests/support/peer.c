/* An HTTP server without sockets: connections that are fed bytes and keep what is written. */
#include "peer.h"
#include "tools.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct mcp_serve peer_serve;
struct mcp_loop peer_loop;
struct mcp_http peer_http;
static struct mcp_registry *registry;

static void io_write(void *ctx, const uv_buf_t *bufs, unsigned n)
{
    struct peer *p = ctx;

    for (unsigned i = 0; i < n; i++) {
        assert_true(p->len + bufs[i].len < sizeof(p->out));
        memcpy(p->out + p->len, bufs[i].base, bufs[i].len);
        p->len += bufs[i].len;
        p->out[p->len] = '\0';
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

static int read_xy(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, MCP_STR("xy"));
    return 0;
}

int peer_setup(size_t max_replay_bytes)
{
    static const struct mcp_resource xy = { .uri = "x:y", .name = "xy", .read = read_xy };
    const struct mcp_registry_spec spec = {
        .name = "peer",
        .version = "1",
        .tools = test_pure_tools,
        .n_tools = n_test_pure_tools,
        .resources = &xy,
        .n_resources = 1,
        .changes =
            MCP_CHANGE_TOOLS | MCP_CHANGE_PROMPTS | MCP_CHANGE_RESOURCES | MCP_CHANGE_RESOURCE,
    };

    memset(&peer_serve, 0, sizeof(peer_serve));
    if (mcp__registry_new(&spec, &registry, NULL) != 0)
        return -1;
    peer_serve.registry = registry;
    peer_serve.config.max_replay_bytes = max_replay_bytes;
    if (mcp__loop_init(&peer_loop, &peer_serve, NULL) != 0 ||
        mcp__http_init(&peer_http, &peer_loop) != 0)
        return -1;
    peer_http.loopback = true;
    return 0;
}

int peer_teardown(void **state)
{
    (void)state;
    mcp__loop_release(&peer_loop, mcp_clock_mono_ms() + 5000);
    mcp__http_release(&peer_http);
    mcp__registry_free(registry);
    return 0;
}

void peer_open(struct peer *peer)
{
    memset(peer, 0, sizeof(*peer));
    mcp__http_conn_init(&peer->conn, &peer_http, &io, peer);
}

void peer_close(struct peer *peer)
{
    mcp__http_conn_gone(&peer->conn);
    mcp__http_conn_release(&peer->conn);
}

void peer_feed(struct peer *peer, const char *text)
{
    peer->len = 0;
    peer->out[0] = '\0';
    mcp__http_conn_feed(&peer->conn, text, strlen(text));
}

void peer_post(struct peer *peer, const char *headers, const char *body)
{
    static char text[1 << 16];

    snprintf(text, sizeof(text),
             "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n%s\r\n%s",
             strlen(body), headers, body);
    peer_feed(peer, text);
}

struct mcp_session *peer_session(struct peer *peer, const char *revision)
{
    char body[512];
    const char *id;
    struct mcp_session *session;

    snprintf(body, sizeof(body),
             "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{"
             "\"protocolVersion\":\"%s\",\"capabilities\":{},\"clientInfo\":{\"name\":\"t\","
             "\"version\":\"1\"}}}",
             revision);
    peer_post(peer, "", body);
    id = strstr(peer->out, "Mcp-Session-Id: ");
    assert_non_null(id);
    session = mcp__session_find(peer_http.sessions, mcp_str_n(id + 16, MCP_SESSION_ID_LEN),
                                MCP_STR(""), mcp__loop_now(&peer_loop));
    assert_non_null(session);
    return session;
}

void peer_turn(void)
{
    mcp__mailbox_drain(&peer_loop.mailbox);
}
