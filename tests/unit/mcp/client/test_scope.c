/* A call of one's own: its deadline, its cancellation, its memory. */
#include <mcp/client.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_scope_has_the_time_it_was_given(void **state)
{
    struct mcp_call *none = mcp_client_scope_new(0), *some = mcp_client_scope_new(5000);

    (void)state;
    assert_true(mcp_call_remaining_ms(none) == UINT64_MAX);
    assert_true(mcp_call_remaining_ms(some) <= 5000 && mcp_call_remaining_ms(some) > 1000);
    assert_false(mcp_call_cancelled(none) || mcp_call_cancelled(some));
    mcp_client_scope_free(none);
    mcp_client_scope_free(some);
    mcp_client_scope_free(NULL);
}

static void a_cancelled_scope_waits_no_longer(void **state)
{
    struct mcp_call *scope = mcp_client_scope_new(0);

    (void)state;
    mcp_client_scope_cancel(scope);
    assert_true(mcp_call_cancelled(scope));
    assert_int_equal(mcp_sleep(scope, 10000, NULL), MCP_ECANCELLED);
    mcp_client_scope_free(scope);
}

static void what_was_answered_goes_with_its_scope(void **state)
{
    struct mcp_call *scope = mcp_client_scope_new(0);

    (void)state;
    assert_non_null(mcp_arena_try(mcp_call_arena(scope), 1 << 20));
    mcp_client_scope_free(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_scope_has_the_time_it_was_given),
        cmocka_unit_test(a_cancelled_scope_waits_no_longer),
        cmocka_unit_test(what_was_answered_goes_with_its_scope),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
