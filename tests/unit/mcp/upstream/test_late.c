/* The table of the companion is whole, and the entry points find it. */
#include "mcp/upstream/late.h"

#include "mcp/upstream/room.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void table_is_whole_and_of_this_build(void **state)
{
    const struct mcp_late_api *api = mcp__late(NULL);

    (void)state;
    assert_ptr_equal(api, &mcp_late_table);
    assert_int_equal(api->version, MCP_LATE_VERSION);
    assert_non_null(api->fetch);
    assert_non_null(api->fetch_all);
    assert_non_null(api->once);
    assert_non_null(api->upstream_configure);
    assert_non_null(api->upstream_stop);
    assert_non_null(api->seal);
    assert_non_null(api->unseal);
    assert_non_null(api->jwt_sign);
    assert_non_null(api->sigv4_sign);
    assert_ptr_equal(mcp__late(NULL), api);
}

static void limit_set_before_or_after_opening_counts(void **state)
{
    (void)state;
    mcp__late_configure(123456);
    assert_non_null(mcp__late(NULL));
    assert_int_equal(mcp__room_limit(), 123456);
    mcp__late_configure(654321);
    assert_int_equal(mcp__room_limit(), 654321);
}

static void stop_without_any_fetch_does_nothing(void **state)
{
    (void)state;
    mcp__late_stop();
    assert_non_null(mcp__late(NULL));
    mcp__late_stop();
}

static void headers_are_found_without_regard_to_case(void **state)
{
    const struct mcp_http_header headers[] = {
        { MCP_STR("Content-Type"), MCP_STR("text/plain") },
        { MCP_STR("X-A"), MCP_STR("first") },
        { MCP_STR("x-a"), MCP_STR("second") },
    };
    const struct mcp_http_res res = { .headers = headers, .n_headers = 3 };

    (void)state;
    assert_true(
        mcp_str_eq(mcp_http_header_get(&res, MCP_STR("content-TYPE")), MCP_STR("text/plain")));
    assert_true(mcp_str_eq(mcp_http_header_get(&res, MCP_STR("X-a")), MCP_STR("first")));
    assert_true(mcp_str_is_null(mcp_http_header_get(&res, MCP_STR("X"))));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limit_set_before_or_after_opening_counts),
        cmocka_unit_test(table_is_whole_and_of_this_build),
        cmocka_unit_test(stop_without_any_fetch_does_nothing),
        cmocka_unit_test(headers_are_found_without_regard_to_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
