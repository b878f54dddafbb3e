/* Arenas: zeroed, aligned, limited, and gone in one piece. */
#include <mcp/arena.h>

#include <stdalign.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void blocks_are_zeroed_aligned_and_apart(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(64, 0);

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < 2000; i++) {
            size_t n = i * 7 % 300;
            unsigned char *p = mcp_arena_alloc(arena, n);

            assert_int_equal((uintptr_t)p % alignof(max_align_t), 0);
            for (size_t j = 0; j < n; j++)
                assert_int_equal(p[j], 0);
            memset(p, 0xAA, n);
        }
        assert_true(mcp_arena_used(arena) > 200000);
        mcp_arena_reset(arena);
        assert_int_equal(mcp_arena_used(arena), 0);
    }
    mcp_arena_free(arena);
    mcp_arena_free(NULL);
}

static void what_exceeds_the_limit_or_overflows_is_refused(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(1024, 100000);

    (void)state;
    assert_non_null(mcp_arena_try(arena, 50000));
    assert_null(mcp_arena_try(arena, 60000));
    assert_null(mcp_arena_try(arena, SIZE_MAX));
    assert_null(mcp_arena_try_array(arena, SIZE_MAX / 2, 3));
    assert_non_null(mcp_arena_try_array(arena, 100, 8));
    assert_non_null(mcp_arena_try(arena, 0));
    mcp_arena_free(arena);
    assert_null(mcp_arena_new(SIZE_MAX, 0));
}

static void a_large_block_leaves_the_room_for_small_ones(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(4096, 0);
    char *before = mcp_arena_alloc(arena, 16), *after;

    (void)state;
    assert_non_null(mcp_arena_try(arena, 1 << 20));
    after = mcp_arena_alloc(arena, 16);
    assert_true(after > before && after < before + 4096);
    mcp_arena_free(arena);
}

static void copies_end_in_a_nul_and_missing_stays_missing(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str s = mcp_arena_str(arena, mcp_str_n("abcdef", 3));
    char pad[400];

    (void)state;
    assert_string_equal(s.ptr, "abc");
    assert_true(mcp_str_is_null(mcp_arena_str(arena, MCP_STR_NULL)));
    assert_false(mcp_str_is_null(mcp_arena_str(arena, MCP_STR(""))));
    assert_string_equal(mcp_arena_printf(arena, "%d-%s", 7, "x").ptr, "7-x");
    memset(pad, 'p', sizeof(pad));
    pad[sizeof(pad) - 1] = '\0';
    assert_int_equal(mcp_arena_printf(arena, "%s%s", pad, pad).len, 2 * (sizeof(pad) - 1));
    assert_string_equal(mcp_str_cz(arena, MCP_STR("host")), "host");
    assert_string_equal(mcp_str_cz(arena, MCP_STR_NULL), "");
    assert_null(mcp_str_cz(arena, MCP_STR("ho\0st")));
    mcp_arena_free(arena);
}

static char order[8];
static size_t order_len;

static void note(void *ptr)
{
    assert_true(order_len + 1 < sizeof(order));
    order[order_len++] = *(char *)ptr;
    order[order_len] = '\0';
}

static void deferred_functions_run_once_newest_first(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char a[] = "a", b[] = "b", c[] = "c";

    (void)state;
    mcp_arena_defer(arena, note, a);
    mcp_arena_defer(arena, note, b);
    mcp_arena_reset(arena);
    assert_string_equal(order, "ba");
    mcp_arena_defer(arena, note, c);
    mcp_arena_free(arena);
    assert_string_equal(order, "bac");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_zeroed_aligned_and_apart),
        cmocka_unit_test(what_exceeds_the_limit_or_overflows_is_refused),
        cmocka_unit_test(a_large_block_leaves_the_room_for_small_ones),
        cmocka_unit_test(copies_end_in_a_nul_and_missing_stays_missing),
        cmocka_unit_test(deferred_functions_run_once_newest_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
