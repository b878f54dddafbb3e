/* The life of a call, its pool, and the one progress slot. */
#include "mcp/proto/call_internal.h"
#include "mcp/proto/sealer.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int gone;

static void note_gone(void *ptr)
{
    (void)ptr;
    gone++;
}

static void the_last_reference_frees_what_was_deferred(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    (void)state;
    gone = 0;
    mcp_arena_defer(mcp_call_arena(call), note_gone, NULL);
    mcp__call_ref(call);
    mcp__call_unref(call);
    assert_int_equal(gone, 0);
    mcp__call_unref(call);
    assert_int_equal(gone, 1);
}

static void a_pooled_call_comes_back_clean(void **state)
{
    struct mcp_call_pool *pool = mcp__call_pool_new(1);
    struct mcp_call *a = mcp__call_pool_take(pool), *b = mcp__call_pool_take(pool), *again;

    (void)state;
    gone = 0;
    mcp_arena_defer(a->arena, note_gone, NULL);
    mcp_result_text(a, MCP_STR("x"));
    mcp_result_set_error(a);
    mcp__call_cancel(a);
    mcp__call_unref(a);
    assert_int_equal(gone, 1);
    again = mcp__call_pool_take(pool);
    assert_ptr_equal(again, a);
    assert_int_equal(again->content.len, 0);
    assert_false(again->is_error);
    assert_false(atomic_load(&again->cancelled));
    mcp__call_unref(again);
    mcp__call_pool_free(pool); /* b is still out and takes the pool with it */
    mcp__call_unref(b);
}

static int woken;

static void count_wake(struct mcp_call *call)
{
    (void)call;
    woken++;
}

static void progress_only_grows_and_is_cut_at_a_character(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    char message[400];

    (void)state;
    woken = 0;
    call->on_progress = count_wake;
    for (size_t i = 0; i + 1 < sizeof(message); i += 2)
        memcpy(message + i, "\xc3\xa4", 2);
    mcp_progress(call, 5, 10, mcp_str_n(message, sizeof(message)));
    assert_int_equal(woken, 1);
    assert_int_equal(strlen(call->progress.message) % 2, 0);
    assert_true(mcp_str_is_utf8(mcp_str_z(call->progress.message)));
    mcp_progress(call, 5, 10, MCP_STR("again"));
    mcp_progress(call, 4, 10, MCP_STR("back"));
    assert_int_equal(woken, 1);
    mcp_progress(call, 6, 10, MCP_STR_NULL);
    assert_int_equal(woken, 2);
    assert_string_equal(call->progress.message, "");
    mcp__call_unref(call);
}

static int seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err)
{
    (void)ctx;
    (void)err;
    *sealed = mcp_arena_printf(arena, "%.*s|%.*s", MCP_STR_ARG(bound), MCP_STR_ARG(plain));
    return 0;
}

static void a_seal_is_bound_to_purpose_and_principal(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    const struct mcp_sealer sealer = { .seal = seal };
    mcp_str sealed;

    (void)state;
    call->principal = MCP_STR("alice");
    assert_int_equal(mcp_seal(call, MCP_STR("cursor"), MCP_STR("x"), &sealed, NULL), MCP_ECONFIG);
    call->sealer = &sealer;
    assert_int_equal(mcp_seal(call, MCP_STR("cursor"), MCP_STR("x"), &sealed, NULL), 0);
    assert_true(mcp_str_eq(sealed, MCP_STR("cursor\x1f"
                                           "alice|x")));
    mcp__call_unref(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_last_reference_frees_what_was_deferred),
        cmocka_unit_test(a_pooled_call_comes_back_clean),
        cmocka_unit_test(progress_only_grows_and_is_cut_at_a_character),
        cmocka_unit_test(a_seal_is_bound_to_purpose_and_principal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
