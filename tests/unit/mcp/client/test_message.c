/* What a client writes, byte for byte, and what it makes of what it reads. */
#include "mcp/client/message.h"

#include "mcp/proto/call_internal.h"
#include "mcp/proto/jsonrpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void check_request(const struct mcp__request *r, const char *text)
{
    struct mcp_buf out;

    mcp_buf_init(&out, 4096);
    assert_int_equal(mcp__message_request(&out, r, arena, NULL), 0);
    if (!mcp_str_eq(mcp_buf_view(&out), mcp_str_z(text)))
        print_message("%.*s\n", MCP_STR_ARG(mcp_buf_view(&out)));
    assert_true(mcp_str_eq(mcp_buf_view(&out), mcp_str_z(text)));
    mcp_buf_release(&out);
}

static void a_request_stands_in_the_envelope_of_its_era(void **state)
{
    struct mcp__request r = { .id = 7, .method = MCP_STR("ping") };
    struct mcp_call *call;

    (void)state;
    check_request(&r, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{}}");
    r.params = MCP_STR("{ \"a\" : 1.50 , \"b\\n\":[ ] }");
    r.progress = true;
    check_request(&r, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{\"a\":1.50,"
                      "\"b\\n\":[ ],\"_meta\":{\"progressToken\":7}}}");
    r.params = MCP_STR_NULL;
    r.modern = true;
    r.client_name = MCP_STR("n");
    r.client_version = MCP_STR("v");
    call = mcp__call_new(mcp_arena_new(0, 0));
    assert_non_null(call);
    call->trace[MCP_TRACEPARENT] = MCP_STR("00-x");
    call->trace[MCP_BAGGAGE] = MCP_STR("a=b");
    r.trace = call;
    check_request(&r, "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\",\"params\":{\"_meta\":{"
                      "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","
                      "\"io.modelcontextprotocol/clientCapabilities\":{},"
                      "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"n\",\"version\":\"v\"},"
                      "\"progressToken\":7,\"traceparent\":\"00-x\",\"baggage\":\"a=b\"}}}");
    mcp__call_unref(call);
}

static void a_request_beyond_the_cap_is_refused(void **state)
{
    const struct mcp__request r = { .id = 7, .method = MCP_STR("ping") };
    struct mcp_buf out;

    (void)state;
    mcp_buf_init(&out, 16);
    assert_int_equal(mcp__message_request(&out, &r, arena, NULL), MCP_ETOOBIG);
    mcp_buf_release(&out);
}

static void each_message_is_told_from_the_others(void **state)
{
    static const struct {
        const char *text;
        int rc;
        enum mcp__message_kind kind;
        bool has_id;
        int64_t id;
    } rows[] = {
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{}}", 0, MCP__MSG_RESPONSE, true, 5 },
        { "{\"jsonrpc\":\"2.0\",\"id\":-5,\"error\":{\"code\":1}}", 0, MCP__MSG_RESPONSE, true,
          -5 },
        { "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":1}}", 0, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":1}}", 0, MCP__MSG_RESPONSE, false,
          0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":\"5\",\"result\":{}}", 0, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5.0,\"result\":{}}", 0, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":99999999999999999999,\"result\":{}}", 0, MCP__MSG_RESPONSE,
          false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":[]}", MCP_EDATA, MCP__MSG_RESPONSE, true, 5 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{},\"error\":{\"code\":1}}", MCP_EDATA,
          MCP__MSG_RESPONSE, true, 5 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"error\":{\"code\":\"1\"}}", MCP_EDATA, MCP__MSG_RESPONSE,
          true, 5 },
        { "{\"jsonrpc\":\"1.0\",\"id\":5,\"result\":{}}", MCP_EDATA, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"id\":6,\"result\":{}}", MCP_EDATA, MCP__MSG_RESPONSE,
          false, 0 },
        { "[]", MCP_EDATA, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":5,\"method\":7}", MCP_EDATA, MCP__MSG_RESPONSE, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"id\":\"x\",\"method\":\"ping\"}", 0, MCP__MSG_REQUEST, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"method\":\"x\"}", 0, MCP__MSG_NOTIFICATION, false, 0 },
        { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
          "\"progressToken\":9,\"progress\":1}}",
          0, MCP__MSG_PROGRESS, true, 9 },
        { "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":{"
          "\"progressToken\":\"9\",\"progress\":1}}",
          0, MCP__MSG_NOTIFICATION, false, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp__message m;
        struct mcp_json root;

        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].text), NULL, &root, NULL), 0);
        assert_int_equal(mcp__message_read(root, &m, NULL), rows[i].rc);
        assert_int_equal(m.kind, rows[i].kind);
        assert_int_equal(m.has_id, rows[i].has_id);
        if (m.has_id)
            assert_int_equal(m.id, rows[i].id);
    }
}

static void a_header_value_is_plain_or_in_its_sentinel(void **state)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        { "get_costs", "get_costs" },
        { "", "" },
        { "a b", "a b" },
        { " a", "=?base64?IGE=?=" },
        { "a ", "=?base64?YSA=?=" },
        { "s\xc3\xbc"
          "d",
          "=?base64?c8O8ZA==?=" },
        { "a\r\nb", "=?base64?YQ0KYg==?=" },
        { "=?base64?YQ==?=", "=?base64?PT9iYXNlNjQ/WVE9PT89?=" },
        { "=?base64?YQ==", "=?base64?YQ==" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_true(mcp_str_eq(mcp__message_header_value(arena, mcp_str_z(rows[i].text)),
                               mcp_str_z(rows[i].value)));
}

static void a_cancellation_names_the_request(void **state)
{
    struct mcp_buf out;

    (void)state;
    mcp_buf_init(&out, 512);
    mcp__message_cancelled(&out, 12, true);
    assert_true(mcp_str_eq(mcp_buf_view(&out),
                           MCP_STR("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                   "\"params\":{\"requestId\":12,\"reason\":\"deadline\"}}")));
    mcp_buf_release(&out);
}

static void a_ping_is_answered_and_other_questions_are_refused(void **state)
{
    static const struct {
        const char *request, *reply;
    } rows[] = {
        { "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"method\":\"ping\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":\"a\",\"result\":{}}" },
        { "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"method\":\"roots/list\"}",
          "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"error\":{\"code\":-32601,\"message\":"
          "\"this client offers no such method\"}}" },
    };
    char longest[MCP_RPC_ID_MAX + 128];
    struct mcp__message m;
    struct mcp_json root;
    struct mcp_buf out;

    (void)state;
    mcp_buf_init(&out, 4096);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_buf_clear(&out);
        assert_int_equal(mcp_json_parse(arena, mcp_str_z(rows[i].request), NULL, &root, NULL), 0);
        assert_int_equal(mcp__message_read(root, &m, NULL), 0);
        assert_true(mcp__message_reply(&out, &m));
        assert_true(mcp_str_eq(mcp_buf_view(&out), mcp_str_z(rows[i].reply)));
    }
    snprintf(longest, sizeof(longest), "{\"jsonrpc\":\"2.0\",\"method\":\"ping\",\"id\":\"%0*d\"}",
             MCP_RPC_ID_MAX, 1);
    mcp_buf_clear(&out);
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(longest), NULL, &root, NULL), 0);
    assert_int_equal(mcp__message_read(root, &m, NULL), 0);
    assert_false(mcp__message_reply(&out, &m));
    assert_int_equal(out.len, 0);
    mcp_buf_release(&out);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_stands_in_the_envelope_of_its_era),
        TEST(a_request_beyond_the_cap_is_refused),
        TEST(each_message_is_told_from_the_others),
        TEST(a_header_value_is_plain_or_in_its_sentinel),
        TEST(a_cancellation_names_the_request),
        TEST(a_ping_is_answered_and_other_questions_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
