/* A connection as bytes in and bytes out: framing, keep-alive, pieces, the end; no socket. */
#include "tools.h"

#include "mcp/net/http.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

struct peer {
    char out[1 << 16];
    size_t len;
    size_t unsent; /* what it has not read */
    bool finished, paused;
};

static struct mcp_serve serve;
static struct mcp_loop loop;
static struct mcp_http http;
static struct mcp_http_conn conn;
static struct peer peer;

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
    ((struct peer *)ctx)->paused = paused;
}

static const struct mcp_http_io io = { io_write, io_unsent, io_finish, io_pause };

static void begin(void)
{
    memset(&peer, 0, sizeof(peer));
    mcp__http_conn_init(&conn, &http, &io, &peer);
}

static void end(void)
{
    mcp__http_conn_gone(&conn);
    mcp__http_conn_release(&conn);
}

static void feed(const char *text)
{
    mcp__http_conn_feed(&conn, text, strlen(text));
}

#define META                                                                                       \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

/* A modern tools/call in that HTTP version. */
static const char *call_of(const char *tool, const char *http_version, const char *lines)
{
    static char text[4096];
    char body[1024];

    snprintf(
        body, sizeof(body),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"%s\"," META
        "}}",
        tool);
    snprintf(text, sizeof(text),
             "POST /mcp HTTP/%s\r\nHost: localhost\r\nContent-Type: application/json\r\n"
             "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: %s\r\n"
             "Content-Length: %zu\r\n%s\r\n%s",
             http_version, tool, strlen(body), lines, body);
    return text;
}

static void the_length_is_that_of_the_body(void **state)
{
    char *body;

    (void)state;
    begin();
    feed(call_of("echo", "1.1", ""));
    body = strstr(peer.out, "\r\n\r\n");
    assert_non_null(body);
    assert_int_equal(strtoul(strstr(peer.out, "Content-Length: ") + 16, NULL, 10),
                     strlen(body + 4));
    assert_false(peer.finished);
    end();
}

static void pieces_of_one_byte_make_the_same_answer(void **state)
{
    static char whole[sizeof(peer.out)];

    (void)state;
    begin();
    feed(call_of("echo", "1.1", ""));
    memcpy(whole, peer.out, sizeof(whole));
    end();
    begin();
    for (const char *p = call_of("echo", "1.1", ""); *p != '\0'; p++)
        mcp__http_conn_feed(&conn, p, 1);
    assert_string_equal(peer.out, whole);
    end();
}

static void keep_alive_follows_version_and_wish(void **state)
{
    static const struct {
        const char *version, *lines;
        bool closes;
    } rows[] = {
        { "1.1", "", false },
        { "1.1", "Connection: close\r\n", true },
        { "1.0", "", true },
        { "1.0", "Connection: keep-alive\r\n", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        begin();
        feed(call_of("echo", rows[i].version, rows[i].lines));
        if (peer.finished != rows[i].closes ||
            (strstr(peer.out, "Connection: close\r\n") != NULL) != rows[i].closes)
            fail_msg("row %zu: %s", i, peer.out);
        end();
    }
}

static void an_event_is_one_chunk_with_one_data_line(void **state)
{
    const mcp_str parts[] = { { "{\"a\":", 5 }, { "", 0 }, { "1}", 2 } };

    (void)state;
    begin();
    feed("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Content-Length: 9\r\n\r\n");
    mcp__sse_begin(&conn);
    peer.len = 0;
    mcp__sse_send(&conn, MCP_STR_NULL, parts, 3);
    mcp__sse_end(&conn);
    assert_string_equal(peer.out, "1e\r\nevent: message\ndata: {\"a\":1}\n\n\r\n0\r\n\r\n");
    end();
}

static void a_peer_that_sends_on_behind_a_call_is_paused(void **state)
{
    static char more[80000];

    (void)state;
    begin();
    feed(call_of("wait", "1.1", "")); /* lacks n: answered at once */
    assert_non_null(strstr(peer.out, "\"isError\":true"));
    feed(call_of("slow_echo", "1.1", ""));
    memset(more, '\n', sizeof(more));
    mcp__http_conn_feed(&conn, more, sizeof(more));
    assert_true(peer.paused);
    end();
}

/* Heads that the parser takes and others may read differently, whole and in single bytes. */
static void heads_with_two_readings_are_refused(void **state)
{
    static const char *const lines[] = {
        "X-A: b\r\n c\r\n",
        "X-A:\r\n\tb\r\n",
        "Transfer-Encoding:\r\n chunked\r\n",
        ": b\r\n",
        "\n", /* the empty line without its CR; what follows is the body */
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding:\r\n",
    };

    (void)state;
    for (size_t i = 0; i < 2 * (sizeof(lines) / sizeof(lines[0])); i++) {
        char text[512];
        int n = snprintf(text, sizeof(text),
                         "POST /mcp HTTP/1.1\r\nHost: localhost\r\n%s\r\n0\r\n\r\n", lines[i / 2]);
        size_t step = i % 2 == 0 ? (size_t)n : 1;

        begin();
        for (size_t at = 0; at < (size_t)n; at += step)
            mcp__http_conn_feed(&conn, text + at, step);
        if (!peer.finished || (strncmp(peer.out, "HTTP/1.1 400 ", 13) != 0 &&
                               strncmp(peer.out, "HTTP/1.1 501 ", 13) != 0))
            fail_msg("%s: %s", lines[i / 2], peer.out);
        end();
    }
}

static void trailers_change_nothing(void **state)
{
    (void)state;
    begin();
    feed("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n"
         "28\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\r\n0\r\n"
         "Mcp-Session-Id: nobody\r\nHost: evil.example\r\n\r\n");
    assert_non_null(strstr(peer.out, "no Mcp-Session-Id header"));
    assert_true(mcp_str_is_null(mcp__fields_get(&conn.fields, MCP_FIELD_SESSION)));
    end();
}

static void a_chunk_too_large_is_refused_when_announced(void **state)
{
    (void)state;
    begin();
    feed("POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
         "Transfer-Encoding: chunked\r\n\r\n4\r\n    \r\nffffffffffffff0\r\n");
    assert_non_null(strstr(peer.out, "HTTP/1.1 413 "));
    assert_true(peer.finished);
    end();
}

static void a_peer_that_does_not_read_waits_with_its_requests(void **state)
{
    size_t one;

    (void)state;
    begin();
    feed(call_of("echo", "1.1", ""));
    one = peer.len;
    peer.unsent = (size_t)2 << 20;
    feed(call_of("echo", "1.1", ""));
    feed(call_of("echo", "1.1", ""));
    mcp__mailbox_drain(&loop.mailbox);
    assert_int_equal(peer.len, one);
    peer.unsent = 0;
    mcp__http_conn_drained(&conn);
    mcp__mailbox_drain(&loop.mailbox);
    assert_int_equal(peer.len, 3 * one);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_length_is_that_of_the_body),
        cmocka_unit_test(pieces_of_one_byte_make_the_same_answer),
        cmocka_unit_test(keep_alive_follows_version_and_wish),
        cmocka_unit_test(an_event_is_one_chunk_with_one_data_line),
        cmocka_unit_test(a_peer_that_sends_on_behind_a_call_is_paused),
        cmocka_unit_test(heads_with_two_readings_are_refused),
        cmocka_unit_test(trailers_change_nothing),
        cmocka_unit_test(a_chunk_too_large_is_refused_when_announced),
        cmocka_unit_test(a_peer_that_does_not_read_waits_with_its_requests),
    };
    struct mcp_registry *registry = test_registry();
    int failed;

    serve.registry = registry;
    if (mcp__loop_init(&loop, &serve, NULL) != 0 || mcp__http_init(&http, &loop) != 0)
        return 1;
    http.loopback = true;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__loop_release(&loop, mcp_clock_mono_ms() + 5000);
    mcp__http_release(&http);
    mcp__registry_free(registry);
    return failed;
}
