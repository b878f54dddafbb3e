/* The validation ladder, rung by rung: which message gets which answer, in both eras. */
#include "tools.h"

#include "mcp/proto/dispatch.h"
#include "mcp/proto/envelope.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CLAIM "\"io.modelcontextprotocol/protocolVersion\":"
#define CAPS "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define META "\"_meta\":{" CLAIM "\"2026-07-28\"," CAPS "}"
#define CALL(params)                                                                               \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{" params "}}"
#define V "2026-07-28"

static struct mcp_registry *registry;

struct row {
    const char *claim; /* what the row shows */
    const char *body;
    const char *version, *method, *name; /* headers */
    enum mcp_session_state session;
    int status;
    enum mcp_outcome_kind kind;
    const char *part; /* of the reply */
};

static mcp_str no_param(void *ctx, mcp_str name)
{
    return mcp_str_eq_nocase(name, MCP_STR("region")) ? mcp_str_z(ctx) : MCP_STR_NULL;
}

static struct mcp_dispatch make(void)
{
    return (struct mcp_dispatch){ .registry = registry, .deadline_ms = 20000, .max_batch = 4 };
}

static void run_row(const struct row *row, bool http, struct mcp_era_pin *pin)
{
    struct mcp_dispatch d = make();
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_inbound in = {
        .http = http,
        .version_header = mcp_str_z(row->version),
        .method_header = mcp_str_z(row->method),
        .name_header = mcp_str_z(row->name),
        .param_header = no_param,
        .session = row->session,
        .rev = MCP_REV_2025_11_25,
        .pin = pin,
        .principal = MCP_STR(""),
    };
    struct mcp_outcome out;
    struct mcp_json root;
    struct mcp_buf reply;

    mcp_buf_init(&reply, 1 << 20);
    if (mcp__dispatch_parse(&d, call, mcp_str_z(row->body), &root, &reply, &out) == 0)
        mcp__dispatch(&d, &in, root, call, &reply, &out);
    if (out.kind == MCP_OUT_DONE) {
        mcp_str parts[MCP_ENVELOPE_PARTS];
        size_t n = mcp__envelope_parts(registry, call, parts);

        for (size_t i = 0; i < n; i++)
            mcp_buf_str(&reply, parts[i]);
    }
    mcp_buf_char(&reply, '\0');
    if (out.status != row->status || out.kind != row->kind ||
        (row->part != NULL && strstr(reply.ptr, row->part) == NULL))
        fail_msg("%s: status %d, kind %d, %s", row->claim, out.status, (int)out.kind, reply.ptr);
    mcp_buf_release(&reply);
    mcp__call_unref(call);
}

static const struct row http_rows[] = {
    { "what is not JSON is a parse error without id", "{", V, NULL, NULL, 0, 400, MCP_OUT_REPLY,
      "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700" },
    { "jsonrpc 1.0 is refused, the id comes back",
      "{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"ping\"}", NULL, NULL, NULL, 0, 400, MCP_OUT_REPLY,
      "\"id\":7,\"error\":{\"code\":-32600" },
    { "a null id is refused", "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", NULL, NULL,
      NULL, 0, 400, MCP_OUT_REPLY, "-32600" },
    { "a fractional id is refused", "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"ping\"}", NULL,
      NULL, NULL, 0, 400, MCP_OUT_REPLY, "-32600" },
    { "a member twice in the envelope is refused",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}", NULL, NULL, NULL, 0, 400,
      MCP_OUT_REPLY, "-32600" },
    { "initialize under a modern header is a header mismatch",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
      "\"2025-11-25\"}}",
      V, NULL, NULL, 0, 400, MCP_OUT_REPLY, "-32020" },
    { "initialize with a modern claim is an unknown method",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{" META "}}", V,
      "initialize", NULL, 0, 404, MCP_OUT_REPLY, "-32601" },
    { "initialize echoes a legacy version",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
      "\"2024-11-05\"}}",
      "2025-11-25", NULL, NULL, 0, 200, MCP_OUT_REPLY, "\"protocolVersion\":\"2024-11-05\"" },
    { "initialize with another version gets the latest legacy one",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"
      "\"1.0.0\"}}",
      NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY, "\"protocolVersion\":\"2025-11-25\"" },
    { "a modern header without _meta lacks its envelope", CALL("\"name\":\"echo\""), V,
      "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "-32602" },
    { "the envelope comes before the headers: _meta without version",
      CALL("\"name\":\"echo\",\"_meta\":{" CAPS "}"), V, "tools/call", "echo", 0, 400,
      MCP_OUT_REPLY, "-32602" },
    { "a malformed claim is modern and invalid",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "5," CAPS "}"), V, "tools/call", "echo", 0, 400,
      MCP_OUT_REPLY, "-32602" },
    { "capabilities are required", CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2026-07-28\"}"), V,
      "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "clientCapabilities" },
    { "clientInfo needs name and version",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2026-07-28\"," CAPS
           ",\"io.modelcontextprotocol/clientInfo\":{\"name\":\"x\"}}"),
      V, "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "-32602" },
    { "an unknown log level is refused",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2026-07-28\"," CAPS
           ",\"io.modelcontextprotocol/logLevel\":\"loud\"}"),
      V, "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "-32602" },
    { "header and body version differ: mismatch before unsupported",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"v999.0.0\"," CAPS "}"), V, "tools/call", "echo",
      0, 400, MCP_OUT_REPLY, "-32020" },
    { "both say v999.0.0: unsupported, with what is supported",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"v999.0.0\"," CAPS "}"), "v999.0.0",
      "tools/call", "echo", 0, 400, MCP_OUT_REPLY,
      "\"data\":{\"supported\":[\"2026-07-28\"],\"requested\":\"v999.0.0\"}" },
    { "a claim of 2025-11-25 is unsupported",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2025-11-25\"," CAPS "}"), "2025-11-25",
      "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "-32022" },
    { "the method header must agree", CALL("\"name\":\"echo\"," META), V, "tools/list", "echo", 0,
      400, MCP_OUT_REPLY, "-32020" },
    { "the version header must be there", CALL("\"name\":\"echo\"," META), NULL, "tools/call",
      "echo", 0, 400, MCP_OUT_REPLY, "-32020" },
    { "the method header must be there", CALL("\"name\":\"echo\"," META), V, NULL, "echo", 0, 400,
      MCP_OUT_REPLY, "-32020" },
    { "the name header must be there", CALL("\"name\":\"echo\"," META), V, "tools/call", NULL, 0,
      400, MCP_OUT_REPLY, "-32020" },
    { "the name header must agree", CALL("\"name\":\"echo\"," META), V, "tools/call", "fail", 0,
      400, MCP_OUT_REPLY, "-32020" },
    { "the name header may be base64", CALL("\"name\":\"echo\"," META), V, "tools/call",
      "=?base64?ZWNobw==?=", 0, 200, MCP_OUT_CALL, NULL },
    { "base64 must be canonical", CALL("\"name\":\"echo\"," META), V, "tools/call",
      "=?base64?ZWNobw?=", 0, 400, MCP_OUT_REPLY, "-32020" },
    { "an unknown method is 404",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x/y\",\"params\":{" META "}}", V, "x/y", NULL, 0,
      404, MCP_OUT_REPLY, "-32601" },
    { "ping is gone in the modern era",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"params\":{" META "}}", V, "ping", NULL,
      0, 404, MCP_OUT_REPLY, "-32601" },
    { "listen is not served",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"subscriptions/listen\",\"params\":{" META "}}", V,
      "subscriptions/listen", NULL, 0, 404, MCP_OUT_REPLY, "-32601" },
    { "an unknown tool is -32602 in band", CALL("\"name\":\"nix\"," META), V, "tools/call", "nix",
      0, 200, MCP_OUT_REPLY, "Unknown tool: nix" },
    { "arguments must be an object", CALL("\"name\":\"echo\",\"arguments\":[]," META), V,
      "tools/call", "echo", 0, 200, MCP_OUT_REPLY, "-32602" },
    { "a member twice in params is refused", CALL("\"name\":\"echo\",\"name\":\"echo\"," META), V,
      "tools/call", "echo", 0, 200, MCP_OUT_REPLY, "-32602" },
    { "a member twice in _meta is refused",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2026-07-28\"," CLAIM "\"2026-07-28\"," CAPS
           "}"),
      V, "tools/call", "echo", 0, 400, MCP_OUT_REPLY, "-32602" },
    { "an argument twice is the caller's to mend",
      CALL("\"name\":\"echo\",\"arguments\":{\"text\":\"a\",\"text\":\"b\"}," META), V,
      "tools/call", "echo", 0, 200, MCP_OUT_DONE, "\"isError\":true" },
    { "a bad argument is a result with isError",
      CALL("\"name\":\"echo\",\"arguments\":{\"text\":5}," META), V, "tools/call", "echo", 0, 200,
      MCP_OUT_DONE, "error invalid_argument: " },
    { "a progress token of another type is refused",
      CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2026-07-28\"," CAPS ",\"progressToken\":{}}"),
      V, "tools/call", "echo", 0, 200, MCP_OUT_REPLY, "-32602" },
    { "an argument with x-mcp-header needs its header",
      CALL("\"name\":\"echo\",\"arguments\":{\"region\":\"eu\"}," META), V, "tools/call", "echo", 0,
      400, MCP_OUT_REPLY, "-32020" },
    { "absent arguments are an empty object", CALL("\"name\":\"echo\"," META), V, "tools/call",
      "echo", 0, 200, MCP_OUT_CALL, NULL },
    { "blank cursors begin at the start",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"\"," META
      "}}",
      V, "tools/list", NULL, 0, 200, MCP_OUT_REPLY, "\"ttlMs\":" },
    { "cursors that we never gave are refused",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{\"cursor\":\"x\"," META
      "}}",
      V, "tools/list", NULL, 0, 200, MCP_OUT_REPLY, "-32602" },
    { "discover lists only the modern version",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\",\"params\":{" META "}}", V,
      "server/discover", NULL, 0, 200, MCP_OUT_REPLY, "\"supportedVersions\":[\"2026-07-28\"]" },
    { "a modern notification is accepted and dropped",
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
      "cancelled\",\"params\":{\"requestId\":1," META "}}",
      V, NULL, NULL, 0, 202, MCP_OUT_NONE, NULL },
    { "a notification's claim must equal the header",
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\",\"params\":{" META "}}", "2025-11-25",
      NULL, NULL, 0, 400, MCP_OUT_REPLY, "-32020" },
    { "legacy without a session is refused", CALL("\"name\":\"echo\""), "2025-11-25", NULL, NULL,
      MCP_SESSION_ABSENT, 400, MCP_OUT_REPLY, "-32000" },
    { "legacy with a dead session is 404", CALL("\"name\":\"echo\""), "2025-11-25", NULL, NULL,
      MCP_SESSION_UNKNOWN, 404, MCP_OUT_REPLY, "-32001" },
    { "an old unknown version header is refused", CALL("\"name\":\"echo\""), "1999-01-01", NULL,
      NULL, MCP_SESSION_OPEN, 400, MCP_OUT_REPLY, "-32000" },
    { "Mcp-Method on legacy traffic proves nothing", CALL("\"name\":\"echo\""), NULL, "tools/call",
      "echo", MCP_SESSION_OPEN, 200, MCP_OUT_CALL, NULL },
    { "ping answers exactly {}", "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"method\":\"ping\"}", NULL,
      NULL, NULL, MCP_SESSION_OPEN, 200, MCP_OUT_REPLY,
      "{\"jsonrpc\":\"2.0\",\"id\":\"p\",\"result\":{}}" },
    { "logging is not advertised, so it is not there",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"logging/"
      "setLevel\",\"params\":{\"level\":\"info\"}}",
      NULL, NULL, NULL, MCP_SESSION_OPEN, 200, MCP_OUT_REPLY, "-32601" },
    { "discover is unknown in a legacy session",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"server/discover\"}", NULL, NULL, NULL,
      MCP_SESSION_OPEN, 200, MCP_OUT_REPLY, "-32601" },
    { "a legacy cancellation names its request",
      "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
      "cancelled\",\"params\":{\"requestId\":\"1\"}}",
      NULL, NULL, NULL, MCP_SESSION_OPEN, 202, MCP_OUT_CANCEL, NULL },
    { "a response without a session is refused", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}",
      NULL, NULL, NULL, MCP_SESSION_ABSENT, 400, MCP_OUT_REPLY, "-32000" },
    { "a response within a session is taken", "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}", NULL,
      NULL, NULL, MCP_SESSION_OPEN, 202, MCP_OUT_ANSWER, NULL },
    { "legacy results carry no modern members",
      "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}", NULL, NULL, NULL,
      MCP_SESSION_OPEN, 200, MCP_OUT_REPLY, "\"result\":{\"tools\":[" },
};

static void each_http_message_gets_the_answer_of_its_rung(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(http_rows) / sizeof(http_rows[0]); i++)
        run_row(&http_rows[i], true, NULL);
}

#define DISCOVER                                                                                   \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"server/discover\",\"params\":{" META "}}"
#define INITIALIZE                                                                                 \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"     \
    "\"2025-06-18\"}}"
#define PING "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}"

static void stdio_pins_its_era_with_the_opening(void **state)
{
    static const struct row legacy[] = {
        { "the probe is answered", DISCOVER, NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY, "supported" },
        { "and pins nothing", INITIALIZE, NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY, "2025-06-18" },
        { "legacy goes on", PING, NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY, "{}" },
        { "discover is now unknown", DISCOVER, NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY, "-32601" },
    };
    static const struct row modern[] = {
        { "an unknown claim pins nothing",
          CALL("\"name\":\"echo\",\"_meta\":{" CLAIM "\"2099-01-01\"," CAPS "}"), NULL, NULL, NULL,
          0, 400, MCP_OUT_REPLY, "-32022" },
        { "a claim pins modern", CALL("\"name\":\"echo\"," META), NULL, NULL, NULL, 0, 200,
          MCP_OUT_CALL, NULL },
        { "initialize comes too late, and is told what is supported", INITIALIZE, NULL, NULL, NULL,
          0, 400, MCP_OUT_REPLY, "\"supported\":[\"2026-07-28\"]" },
        { "a modern cancellation works on stdio",
          "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/"
          "cancelled\",\"params\":{\"requestId\":1}}",
          NULL, NULL, NULL, 0, 202, MCP_OUT_CANCEL, NULL },
    };
    static const struct row early[] = {
        { "a request before initialize is served", PING, NULL, NULL, NULL, 0, 200, MCP_OUT_REPLY,
          "{}" },
    };
    struct mcp_era_pin pin = { 0 };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        run_row(&legacy[i], false, &pin);
    pin = (struct mcp_era_pin){ 0 };
    for (size_t i = 0; i < 4; i++)
        run_row(&modern[i], false, &pin);
    pin = (struct mcp_era_pin){ 0 };
    run_row(&early[0], false, &pin);
}

static void a_call_keeps_its_tokens_and_trace(void **state)
{
    static const char body[] = "{\"jsonrpc\":\"2.0\",\"id\":9007199254740993,\"method\":"
                               "\"tools/call\",\"params\":{\"name\":\"echo\",\"_meta\":{"
                               "\"progressToken\":\"t\",\"traceparent\":\"00-"
                               "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\"}}}";
    struct mcp_dispatch d = make();
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_era_pin pin = { 0 };
    struct mcp_inbound in = {
        .pin = &pin, .rev = MCP_REV_2025_06_18, .principal = MCP_STR("alice"), .now_ms = 100
    };
    struct mcp_outcome out;
    struct mcp_json root;
    struct mcp_buf reply;

    (void)state;
    mcp_buf_init(&reply, 1 << 16);
    assert_int_equal(mcp__dispatch_parse(&d, call, mcp_str_z(body), &root, &reply, &out), 0);
    mcp__dispatch(&d, &in, root, call, &reply, &out);
    assert_int_equal(out.kind, MCP_OUT_CALL);
    assert_true(mcp_str_eq(call->id, MCP_STR("9007199254740993")));
    assert_true(mcp_str_eq(call->progress_token, MCP_STR("\"t\"")));
    assert_true(mcp_str_eq(mcp_call_principal(call), MCP_STR("alice")));
    assert_true(mcp_str_eq(mcp_call_trace(call, MCP_TRACEPARENT),
                           MCP_STR("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")));
    assert_int_equal(call->deadline_ms, 20100);
    assert_int_equal(call->rev, MCP_REV_2025_06_18);
    mcp_buf_release(&reply);
    mcp__call_unref(call);
}

static int batch(const char *body, enum mcp_revision rev, enum mcp_session_state session, bool http)
{
    struct mcp_dispatch d = make();
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_inbound in = { .http = http, .rev = rev, .session = session };
    struct mcp_outcome out = { 0 };
    struct mcp_json root;
    struct mcp_buf reply;
    int rc;

    mcp_buf_init(&reply, 1 << 16);
    assert_int_equal(mcp__dispatch_parse(&d, call, mcp_str_z(body), &root, &reply, &out), 0);
    rc = mcp__dispatch_batch(&d, &in, root, &reply, &out);
    mcp_buf_release(&reply);
    mcp__call_unref(call);
    return rc == 0 ? 0 : out.status;
}

static void batches_belong_to_the_old_revisions(void **state)
{
    const enum mcp_revision old = MCP_REV_2025_03_26;

    (void)state;
    assert_int_equal(batch("[" PING "]", old, MCP_SESSION_OPEN, true), 0);
    assert_int_equal(batch("[" PING "]", MCP_REV_2024_11_05, MCP_SESSION_OPEN, true), 0);
    assert_int_equal(batch("[" PING "]", old, 0, false), 0);
    assert_int_equal(batch("[]", old, MCP_SESSION_OPEN, true), 400);
    assert_int_equal(batch("[" PING "]", MCP_REV_2025_06_18, MCP_SESSION_OPEN, true), 400);
    assert_int_equal(batch("[" PING "]", old, MCP_SESSION_ABSENT, true), 400);
    assert_int_equal(batch("[" PING "]", old, MCP_SESSION_UNKNOWN, true), 404);
    assert_int_equal(batch("[" PING ",1]", old, MCP_SESSION_OPEN, true), 400);
    assert_int_equal(batch("[" PING "," DISCOVER "]", old, MCP_SESSION_OPEN, true), 400);
    assert_int_equal(
        batch("[" PING "," PING "," PING "," PING "," PING "]", old, MCP_SESSION_OPEN, true), 400);
}

static void a_server_without_tools_has_no_tools_methods(void **state)
{
    static const struct row row = { "tools/list without tools",
                                    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\"}",
                                    NULL,
                                    NULL,
                                    NULL,
                                    MCP_SESSION_OPEN,
                                    200,
                                    MCP_OUT_REPLY,
                                    "-32601" };
    struct mcp_registry *all = registry;

    (void)state;
    registry = test_registry_of(test_pure_tools, 0);
    run_row(&row, true, NULL);
    assert_null(strstr(registry->discover.ptr, "tools"));
    mcp__registry_free(registry);
    registry = all;
}

static void a_direct_call_takes_the_same_way(void **state)
{
    struct mcp_dispatch d = make();
    struct mcp_error err = { 0 };
    struct mcp_json args;

    (void)state;
    for (int i = 0; i < 3; i++) {
        static const char *const tools[] = { "echo", "echo", "nix" };
        static const char *const texts[] = { "{}", "{\"text\":1}", "{}" };
        static const int want[] = { 0, 1, MCP_EINVAL };
        struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

        assert_int_equal(mcp_json_parse(call->arena, mcp_str_z(texts[i]), NULL, &args, &err), 0);
        assert_int_equal(mcp__dispatch_direct(&d, call, mcp_str_z(tools[i]), args, 5, &err),
                         want[i]);
        mcp__call_unref(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_http_message_gets_the_answer_of_its_rung),
        cmocka_unit_test(stdio_pins_its_era_with_the_opening),
        cmocka_unit_test(a_call_keeps_its_tokens_and_trace),
        cmocka_unit_test(batches_belong_to_the_old_revisions),
        cmocka_unit_test(a_server_without_tools_has_no_tools_methods),
        cmocka_unit_test(a_direct_call_takes_the_same_way),
    };
    int failed;

    registry = test_registry_of(test_pure_tools, n_test_pure_tools);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__registry_free(registry);
    return failed;
}
