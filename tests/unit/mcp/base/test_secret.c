/* Secrets: owned, compared without a hint, wiped. */
#include <mcp/secret.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void a_secret_owns_a_copy_until_it_is_released(void **state)
{
    struct mcp_secret secret = { 0 };
    char bytes[] = "token";

    (void)state;
    assert_true(mcp_str_is_null(mcp_secret_view(&secret)));
    assert_int_equal(mcp_secret_set(&secret, mcp_str_z(bytes)), 0);
    mcp_secret_wipe(bytes, sizeof(bytes));
    assert_int_equal(bytes[0], 0);
    assert_string_equal(mcp_secret_view(&secret).ptr, "token");
    assert_int_equal(mcp_secret_set(&secret, MCP_STR("other")), 0);
    assert_true(mcp_secret_eq(&secret, MCP_STR("other")));
    assert_int_equal(mcp_secret_set(&secret, MCP_STR_NULL), 0);
    assert_true(mcp_str_is_null(mcp_secret_view(&secret)));
    mcp_secret_release(&secret);
    mcp_secret_release(&secret);
}

static void a_secret_that_is_not_set_equals_nothing(void **state)
{
    struct mcp_secret secret = { 0 };

    (void)state;
    assert_false(mcp_secret_eq(&secret, MCP_STR("")));
    assert_false(mcp_secret_eq(&secret, MCP_STR_NULL));
    assert_int_equal(mcp_secret_set(&secret, MCP_STR("abc")), 0);
    assert_true(mcp_secret_eq(&secret, MCP_STR("abc")));
    assert_false(mcp_secret_eq(&secret, MCP_STR("abd")));
    assert_false(mcp_secret_eq(&secret, MCP_STR("ab")));
    assert_false(mcp_secret_eq(&secret, MCP_STR("abcd")));
    assert_false(mcp_secret_eq(&secret, MCP_STR("")));
    mcp_secret_release(&secret);
    assert_true(mcp_secret_same(MCP_STR("\x00\xFF"), MCP_STR("\x00\xFF")));
    assert_false(mcp_secret_same(MCP_STR("\x00\xFF"), MCP_STR("\x01\xFF")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_owns_a_copy_until_it_is_released),
        cmocka_unit_test(a_secret_that_is_not_set_equals_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
