/* subscriptions/listen over HTTP: acknowledged first, tagged, ended orderly, lost with its peer. */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define LISTEN(filter)                                                                             \
    "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"subscriptions/listen\",\"params\":{"               \
    "\"notifications\":" filter ",\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":"         \
    "\"2026-07-28\",\"io.modelcontextprotocol/clientCapabilities\":{}}}}"
#define HEADERS "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: subscriptions/listen\r\n"

static struct peer peer;

static int setup(void **state)
{
    (void)state;
    if (peer_setup(0) != 0)
        return -1;
    peer_open(&peer);
    return 0;
}

static int teardown(void **state)
{
    peer_close(&peer);
    return peer_teardown(state);
}

static void the_acknowledgement_comes_before_any_change(void **state)
{
    (void)state;
    peer_post(&peer, HEADERS, LISTEN("{\"resourceSubscriptions\":[\"x:y\"]}"));
    assert_non_null(strstr(peer.out, "Content-Type: text/event-stream\r\n"));
    assert_non_null(strstr(peer.out, "data: {\"jsonrpc\":\"2.0\",\"method\":"
                                     "\"notifications/subscriptions/acknowledged\""));
    assert_null(strstr(peer.out, "id: "));
    mcp__serve_changed(&peer_serve, MCP_CHANGE_RESOURCE, MCP_STR("x:y"));
    peer_turn();
    assert_non_null(strstr(peer.out, "resources/updated\",\"params\":{\"uri\":\"x:y\",\"_meta\":{"
                                     "\"io.modelcontextprotocol/subscriptionId\":7}"));
}

static void the_server_ends_with_a_result(void **state)
{
    (void)state;
    peer_post(&peer, HEADERS, LISTEN("{\"toolsListChanged\":true}"));
    peer_loop.stopping = true;
    mcp__watchers_stop(&peer_loop);
    assert_non_null(strstr(peer.out, "\"id\":7,\"result\":{\"resultType\":\"complete\""));
    assert_true(peer.finished);
    assert_int_equal(peer_loop.n_watchers, 0);
    peer_loop.stopping = false;
}

static void a_peer_that_leaves_is_forgotten(void **state)
{
    (void)state;
    peer_post(&peer, HEADERS, LISTEN("{\"toolsListChanged\":true}"));
    assert_int_equal(peer_loop.n_watchers, 1);
    peer_close(&peer);
    peer_open(&peer);
    assert_int_equal(peer_loop.n_watchers, 0);
}

static void a_peer_that_does_not_read_loses_changes(void **state)
{
    (void)state;
    peer_post(&peer, HEADERS, LISTEN("{\"toolsListChanged\":true}"));
    peer.unsent = (size_t)2 << 20;
    peer.len = 0;
    peer.out[0] = '\0';
    mcp__serve_changed(&peer_serve, MCP_CHANGE_TOOLS, MCP_STR_NULL);
    peer_turn();
    assert_string_equal(peer.out, "");
}

static void too_many_are_refused(void **state)
{
    (void)state;
    peer_loop.n_watchers = MCP_WATCHERS_MAX;
    peer_post(&peer, HEADERS, LISTEN("{\"toolsListChanged\":true}"));
    assert_non_null(strstr(peer.out, "HTTP/1.1 503 "));
    assert_non_null(strstr(peer.out, "\"id\":7,\"error\":{\"code\":-32603"));
    peer_loop.n_watchers = 0;
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(the_acknowledgement_comes_before_any_change),
        ROW(the_server_ends_with_a_result),
        ROW(a_peer_that_leaves_is_forgotten),
        ROW(a_peer_that_does_not_read_loses_changes),
        ROW(too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
