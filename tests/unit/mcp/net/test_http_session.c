/* GET and DELETE of a session: who gets a stream, who is refused, and what silence is filled with. */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct peer peer, second;
static struct mcp_session *session;

static int setup(void **state)
{
    (void)state;
    if (peer_setup(0) != 0)
        return -1;
    peer_open(&peer);
    peer_open(&second);
    session = peer_session(&peer, "2025-11-25");
    return 0;
}

static int teardown(void **state)
{
    peer_close(&peer);
    peer_close(&second);
    return peer_teardown(state);
}

static void send_to(struct peer *to, const char *method, const char *id, const char *lines)
{
    char text[1024];

    snprintf(text, sizeof(text),
             "%s /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
             "Mcp-Session-Id: %s\r\n%s\r\n",
             method, id, lines);
    peer_feed(to, text);
}

static int status_of(const struct peer *of)
{
    return (int)strtol(of->out + sizeof("HTTP/1.1 ") - 1, NULL, 10);
}

static void a_get_holds_its_session_until_it_is_gone(void **state)
{
    (void)state;
    send_to(&peer, "GET", session->id, "");
    assert_int_equal(status_of(&peer), 200);
    assert_int_equal(session->running, 1);
    send_to(&second, "GET", session->id, "");
    assert_int_equal(status_of(&second), 409);
    peer_close(&peer);
    peer_open(&peer);
    assert_int_equal(session->running, 0);
    send_to(&second, "GET", session->id, "");
    assert_int_equal(status_of(&second), 200);
}

static void a_change_is_an_event_and_waits_for_who_is_away(void **state)
{
    (void)state;
    send_to(&peer, "GET", session->id, "");
    peer.len = 0;
    mcp__serve_changed(&peer_serve, MCP_CHANGE_TOOLS, MCP_STR_NULL);
    peer_turn();
    assert_non_null(strstr(peer.out, "id: 0-2\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
                                     "\"notifications/tools/list_changed\""));
    peer_close(&peer);
    peer_open(&peer);
    mcp__serve_changed(&peer_serve, MCP_CHANGE_PROMPTS, MCP_STR_NULL);
    peer_turn();
    send_to(&peer, "GET", session->id, "Last-Event-ID: 0-2\r\n");
    assert_null(strstr(peer.out, "tools/list_changed"));
    assert_non_null(strstr(peer.out, "id: 0-3\ndata: {\"jsonrpc\":\"2.0\",\"method\":"
                                     "\"notifications/prompts/list_changed\""));
}

static void delete_ends_the_stream_and_the_session(void **state)
{
    char id[MCP_SESSION_ID_LEN + 1];

    (void)state;
    memcpy(id, session->id, sizeof(id));
    send_to(&peer, "GET", id, "");
    send_to(&second, "DELETE", id, "");
    assert_int_equal(status_of(&second), 204);
    assert_non_null(strstr(peer.out, "\r\n0\r\n\r\n"));
    assert_int_equal(peer.conn.phase, MCP_HTTP_IDLE);
    send_to(&second, "DELETE", id, "");
    assert_int_equal(status_of(&second), 404);
}

static void a_quiet_stream_is_kept_alive(void **state)
{
    (void)state;
    send_to(&peer, "GET", session->id, "");
    peer.len = 0;
    peer.out[0] = '\0';
    assert_false(mcp__http_conn_tick(&peer.conn, peer.conn.sent_ms + 14999));
    assert_string_equal(peer.out, "");
    assert_false(mcp__http_conn_tick(&peer.conn, peer.conn.sent_ms + 15000));
    assert_string_equal(peer.out, "d\r\n: keepalive\n\n\r\n");
}

static void a_server_that_ends_lets_everybody_go(void **state)
{
    (void)state;
    send_to(&peer, "GET", session->id, "");
    peer_loop.stopping = true;
    mcp__watchers_stop(&peer_loop);
    assert_non_null(strstr(peer.out, "\r\n0\r\n\r\n"));
    assert_true(peer.finished);
    peer_loop.stopping = false;
}

static void a_modern_version_has_neither_get_nor_delete(void **state)
{
    (void)state;
    send_to(&peer, "GET", session->id, "MCP-Protocol-Version: 2026-07-28\r\n");
    assert_int_equal(status_of(&peer), 405);
    send_to(&peer, "DELETE", session->id, "MCP-Protocol-Version: 2026-07-28\r\n");
    assert_int_equal(status_of(&peer), 405);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(a_get_holds_its_session_until_it_is_gone),
        ROW(a_change_is_an_event_and_waits_for_who_is_away),
        ROW(delete_ends_the_stream_and_the_session),
        ROW(a_quiet_stream_is_kept_alive),
        ROW(a_server_that_ends_lets_everybody_go),
        ROW(a_modern_version_has_neither_get_nor_delete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
