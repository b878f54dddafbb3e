/* The shape of JSON-RPC messages. */
#include "mcp/proto/jsonrpc.h"

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void shapes_are_told_apart(void **state)
{
    static const struct {
        const char *text;
        int rc;
        enum mcp_rpc_kind kind;
        const char *id;
    } rows[] = {
        { "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"m\"}", 0, MCP_RPC_REQUEST, "0" },
        { "{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"method\":\"m\"}", 0, MCP_RPC_REQUEST, "\"1\"" },
        { "{\"jsonrpc\":\"2.0\",\"id\":-9007199254740993,\"method\":\"m\"}", 0, MCP_RPC_REQUEST,
          "-9007199254740993" },
        { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"params\":[]}", 0, MCP_RPC_NOTIFICATION, NULL },
        { "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", 0, MCP_RPC_RESPONSE, "1" },
        { "{\"jsonrpc\":\"2.0\",\"error\":{}}", 0, MCP_RPC_RESPONSE, NULL },
        { "{\"jsonrpc\":\"2.0\",\"id\":1e3,\"method\":\"m\"}", MCP_EREQUEST, 0, NULL },
        { "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"m\"}", MCP_EREQUEST, 0, NULL },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":7}", MCP_EREQUEST, 0, "5" },
        { "{\"jsonrpc\":\"2.0\",\"id\":5}", MCP_EREQUEST, 0, "5" },
        { "{\"id\":5,\"method\":\"m\"}", MCP_EREQUEST, 0, "5" },
        { "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"method\":\"n\"}", MCP_EREQUEST, 0, NULL },
        { "7", MCP_EREQUEST, 0, NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_arena *arena = mcp_arena_new(0, 0);
        struct mcp_json root;
        struct mcp_rpc rpc;

        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].text), NULL, &root, NULL), 0);
        if (mcp__rpc_read(root, &rpc, NULL) != rows[i].rc)
            fail_msg("%s", rows[i].text);
        if (rows[i].rc == 0)
            assert_int_equal(rpc.kind, rows[i].kind);
        assert_true(mcp_str_eq(rpc.id, mcp_str_z(rows[i].id)));
        mcp_arena_free(arena);
    }
}

static void an_id_has_a_longest_length(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char text[2 * MCP_RPC_ID_MAX];
    struct mcp_json root;
    struct mcp_rpc rpc;

    (void)state;
    snprintf(text, sizeof(text), "{\"jsonrpc\":\"2.0\",\"method\":\"m\",\"id\":\"%01100d\"}", 7);
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(text), NULL, &root, NULL), 0);
    assert_int_equal(mcp__rpc_read(root, &rpc, NULL), MCP_EREQUEST);
    assert_true(mcp_str_is_null(rpc.id));
    mcp_arena_free(arena);
}

static void an_error_without_id_leaves_it_out(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1000);
    mcp__rpc_error(&buf, MCP_STR_NULL, -32700, MCP_STR("a\"b"), MCP_STR("{}"));
    assert_true(mcp_str_eq(mcp_buf_view(&buf),
                           MCP_STR("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700,\"message\":"
                                   "\"a\\\"b\",\"data\":{}}}")));
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_are_told_apart),
        cmocka_unit_test(an_id_has_a_longest_length),
        cmocka_unit_test(an_error_without_id_leaves_it_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
