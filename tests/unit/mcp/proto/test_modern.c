/* The envelope of 2026-07-28, without the rest of the ladder. */
#include "mcp/proto/modern.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int check(const char *meta, const char *header, mcp_str *version)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    const struct mcp_inbound in = { .http = true,
                                    .version_header = mcp_str_z(header),
                                    .method_header = MCP_STR("tools/list") };
    struct mcp_json root, doc;
    struct mcp_meta known;
    struct mcp_rpc rpc;
    int rc;

    assert_int_equal(mcp_json_parse(arena,
                                    MCP_STR("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":"
                                            "\"tools/list\"}"),
                                    NULL, &root, NULL),
                     0);
    assert_int_equal(mcp__rpc_read(root, &rpc, NULL), 0);
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(meta), NULL, &doc, NULL), 0);
    mcp__meta_read(doc, &known);
    rc = mcp__modern_check_request(&in, &rpc, &known, arena, version, NULL);
    mcp_arena_free(arena);
    return rc;
}

#define CAPS ",\"io.modelcontextprotocol/clientCapabilities\":{}"
#define VERSION(v) "{\"io.modelcontextprotocol/protocolVersion\":\"" v "\"" CAPS "}"

static void envelope_then_header_then_version(void **state)
{
    mcp_str version = MCP_STR_NULL;

    (void)state;
    assert_int_equal(check("{}", "2026-07-28", &version), MCP_EINVAL);
    assert_int_equal(check(VERSION("2026-07-28"), "2026-07-28", &version), 0);
    assert_int_equal(check(VERSION("2026-07-28"), "2025-11-25", &version), MCP_EHEADER);
    assert_int_equal(check(VERSION("2026-07-28"), NULL, &version), MCP_EHEADER);
    assert_int_equal(check(VERSION("2099-01-01"), "2099-01-01", &version), MCP_EVERSION);
    assert_int_equal(check(VERSION("2099-01-01"), "2026-07-28", &version), MCP_EHEADER);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(envelope_then_header_then_version) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
