/* The life of a call, its pool, and the one progress slot. */
#include "mcp/proto/call_internal.h"
#include "mcp/proto/sealer.h"

#include <mcp/tool.h>

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

static void arguments_of_another_type_are_missing_ones(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    (void)state;
    /* A call without arguments has none either. */
    assert_true(mcp_str_is_null(mcp_arg_str(call, "s")));
    assert_int_equal(mcp_json_parse(call->arena,
                                    MCP_STR("{\"s\":\"a\\u0062\",\"n\":-7,\"b\":true,\"z\":null}"),
                                    NULL, &call->args, NULL),
                     0);
    assert_true(mcp_str_eq(mcp_arg_str(call, "s"), MCP_STR("ab")));
    assert_int_equal(mcp_arg_int64(call, "n", 1), -7);
    assert_true(mcp_arg_bool(call, "b", false));
    assert_true(mcp_str_is_null(mcp_arg_str(call, "n")));
    assert_true(mcp_str_is_null(mcp_arg_str(call, "z")));
    assert_int_equal(mcp_arg_int64(call, "s", 1), 1);
    assert_int_equal(mcp_arg_int64(call, "missing", 2), 2);
    assert_true(mcp_arg_bool(call, "n", true));
    mcp__call_unref(call);
}

static void a_printed_text_is_whole_or_a_failure(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    (void)state;
    mcp_result_printf(call, "%s \"%d\"", "is", 7);
    assert_true(mcp_str_eq(mcp_buf_view(&call->content),
                           MCP_STR("{\"type\":\"text\",\"text\":\"is \\\"7\\\"\"}")));
    assert_int_equal(mcp_buf_error(&call->content), 0);
    mcp_result_printf(call, "%*s", (int)MCP_CALL_RESULT_MAX + 1, "");
    assert_int_equal(mcp_buf_error(&call->content), MCP_ETOOBIG);
    mcp__call_unref(call);
}

static void a_schema_is_written_as_it_is_read(void **state)
{
    const struct mcp_schema_text *text =
        MCP_SCHEMA({ "type" : "string", "pattern" : "^\\d+$", "const" : true });
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json doc;
    mcp_str pattern;

    (void)state;
    assert_int_equal(text->len, strlen(text->text));
    assert_int_equal(mcp_json_parse(arena, mcp_str_n(text->text, text->len), NULL, &doc, NULL), 0);
    pattern = mcp_json_get_str(doc, MCP_STR("pattern"), arena);
    assert_true(mcp_str_eq(pattern, MCP_STR("^\\d+$")));
    /* Not what stdbool.h makes of the word. */
    assert_true(mcp_json_get_bool(doc, MCP_STR("const"), false));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_of_another_type_are_missing_ones),
        cmocka_unit_test(a_printed_text_is_whole_or_a_failure),
        cmocka_unit_test(a_schema_is_written_as_it_is_read),
        cmocka_unit_test(the_last_reference_frees_what_was_deferred),
        cmocka_unit_test(a_pooled_call_comes_back_clean),
        cmocka_unit_test(progress_only_grows_and_is_cut_at_a_character),
        cmocka_unit_test(a_seal_is_bound_to_purpose_and_principal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
