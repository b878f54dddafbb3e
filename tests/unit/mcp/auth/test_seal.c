/* Seals: what was sealed opens for the same use only, and nothing else opens. */
#include "mcp/auth/seal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEY MCP_STR("0123456789abcdef0123456789abcdef")
#define OTHER_KEY MCP_STR("0123456789abcdef0123456789abcdeg")
#define BOUND MCP_STR("cursor\0alice")

static int setup(void **state)
{
    *state = mcp_arena_new(0, 0);
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    mcp_arena_free(*state);
    return 0;
}

static mcp_str sealed_text(struct mcp_arena *arena, mcp_str plain)
{
    mcp_str sealed = MCP_STR_NULL;

    assert_int_equal(mcp__seal(KEY, arena, BOUND, plain, &sealed, NULL), 0);
    return sealed;
}

static void what_was_sealed_opens_again(void **state)
{
    static const mcp_str plains[] = { { "", 0 }, { "x", 1 }, { "a\0b\xff", 4 } };
    char *large = calloc(1, MCP__SEAL_MAX);

    assert_non_null(large);
    for (size_t i = 0; i <= sizeof(plains) / sizeof(plains[0]); i++) {
        mcp_str want = i < 3 ? plains[i] : mcp_str_n(large, MCP__SEAL_MAX), plain;

        assert_int_equal(mcp__unseal(KEY, *state, BOUND, sealed_text(*state, want), &plain, NULL),
                         0);
        assert_true(mcp_str_eq(plain, want));
        assert_int_equal(plain.ptr[plain.len], 0);
    }
    free(large);
}

static void sealed_text_is_url_safe_hides_the_plain_and_never_repeats(void **state)
{
    mcp_str a = sealed_text(*state, MCP_STR("offset=40"));
    mcp_str b = sealed_text(*state, MCP_STR("offset=40"));

    assert_false(mcp_str_eq(a, b));
    assert_null(memmem(a.ptr, a.len, "offset", 6));
    for (size_t i = 0; i < a.len; i++)
        assert_non_null(memchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
                               a.ptr[i], 64));
}

static void another_key_purpose_or_principal_is_refused(void **state)
{
    mcp_str sealed = sealed_text(*state, MCP_STR("secret")), plain;

    assert_int_equal(mcp__unseal(OTHER_KEY, *state, BOUND, sealed, &plain, NULL), MCP_EINVAL);
    assert_int_equal(mcp__unseal(KEY, *state, MCP_STR("cursor\0bob"), sealed, &plain, NULL),
                     MCP_EINVAL);
    assert_int_equal(mcp__unseal(KEY, *state, MCP_STR("state\0alice"), sealed, &plain, NULL),
                     MCP_EINVAL);
    assert_int_equal(mcp__unseal(KEY, *state, MCP_STR(""), sealed, &plain, NULL), MCP_EINVAL);
}

static void every_changed_cut_or_foreign_text_is_refused_alike(void **state)
{
    static const char *const foreign[] = { "", "A", "AAAA", "====", "not base64!", "e30" };
    mcp_str sealed = sealed_text(*state, MCP_STR("secret")), plain;
    struct mcp_error first = { 0 };

    assert_int_equal(mcp__unseal(KEY, *state, BOUND, MCP_STR(""), &plain, &first), MCP_EINVAL);
    for (size_t i = 0; i < sealed.len; i++) {
        struct mcp_error err = { 0 };
        mcp_str changed = mcp_arena_str(*state, sealed);
        char *at = (char *)(uintptr_t)changed.ptr + i;

        *at = *at == 'A' ? 'B' : 'A';
        assert_int_equal(mcp__unseal(KEY, *state, BOUND, changed, &plain, &err), MCP_EINVAL);
        assert_string_equal(err.message, first.message);
        assert_int_equal(mcp__unseal(KEY, *state, BOUND, mcp_str_n(sealed.ptr, i), &plain, NULL),
                         MCP_EINVAL);
    }
    for (size_t i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
        assert_int_equal(mcp__unseal(KEY, *state, BOUND, mcp_str_z(foreign[i]), &plain, NULL),
                         MCP_EINVAL);
}

static void short_keys_and_large_states_are_refused(void **state)
{
    char *large = calloc(1, 4 * MCP__SEAL_MAX);
    mcp_str out;

    assert_non_null(large);
    memset(large, 'A', 4 * MCP__SEAL_MAX);
    assert_int_equal(mcp__seal(MCP_STR("short"), *state, BOUND, MCP_STR("x"), &out, NULL),
                     MCP_ECONFIG);
    assert_int_equal(mcp__unseal(MCP_STR("short"), *state, BOUND, MCP_STR("x"), &out, NULL),
                     MCP_ECONFIG);
    assert_int_equal(mcp__seal(KEY, *state, BOUND, mcp_str_n(large, MCP__SEAL_MAX + 1), &out, NULL),
                     MCP_ETOOBIG);
    assert_int_equal(
        mcp__unseal(KEY, *state, BOUND, mcp_str_n(large, 4 * MCP__SEAL_MAX), &out, NULL),
        MCP_EINVAL);
    free(large);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_was_sealed_opens_again),
        T(sealed_text_is_url_safe_hides_the_plain_and_never_repeats),
        T(another_key_purpose_or_principal_is_refused),
        T(every_changed_cut_or_foreign_text_is_refused_alike),
        T(short_keys_and_large_states_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
