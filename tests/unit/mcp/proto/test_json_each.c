/* Walking a large array: elements as documents of their own, wherever the array stands. */
#include <mcp/json.h>

#include <stdio.h>
#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct sum {
    int64_t total;
    size_t n, stop_at;
};

static int add(void *ctx, struct mcp_json element, struct mcp_error *err)
{
    struct sum *sum = ctx;
    int64_t value = 0;

    if (mcp_json_int64(element, &value) < 0)
        value = mcp_json_get_int64(element, MCP_STR("v"), 0);
    sum->total += value;
    if (++sum->n == sum->stop_at)
        return mcp_error_set(err, MCP_ECANCELLED, "enough");
    return 0;
}

static void arrays_are_found_by_their_path(void **state)
{
    static const struct {
        const char *text, *path;
        int rc;
        int64_t total;
    } rows[] = {
        { "[1,2,3]", "", 0, 6 },
        { " [ 1 , 2 ]\n", "", 0, 3 },
        { "[]", "", 0, 0 },
        { "[{\"v\":5,\"w\":[1,\"]\"]},{\"v\":6}]", "", 0, 11 },
        { "{\"x\":{\"rows\":[9]},\"rows\":[1,{\"v\":2}]}", "rows", 0, 3 },
        { "{\"a\":\"\\\"]\",\"b\":{\"c\":[1,2]}}", "b.c", 0, 3 },
        { "{\"\\u0062\":{\"c\":[4]}}", "b.c", 0, 4 },
        { "{\"a\":1}", "a", MCP_ENOTFOUND, 0 },
        { "{\"a\":1}", "b", MCP_ENOTFOUND, 0 },
        { "[1]", "a", MCP_ENOTFOUND, 0 },
        { "7", "", MCP_ENOTFOUND, 0 },
        { "", "", MCP_ENOTFOUND, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sum sum = { 0 };

        assert_int_equal(mcp_json_each(mcp_str_z(rows[i].text), rows[i].path, add, &sum, NULL),
                         rows[i].rc);
        assert_int_equal(sum.total, rows[i].total);
    }
}

static void the_callback_ends_the_walk(void **state)
{
    struct sum sum = { .stop_at = 2 };
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(mcp_json_each(MCP_STR("[1,2,4]"), "", add, &sum, &err), MCP_ECANCELLED);
    assert_int_equal(sum.total, 3);
    assert_string_equal(err.message, "enough");
}

static void text_that_was_never_scanned_does_no_harm(void **state)
{
    static const char *const texts[] = {
        "[1,2",    "[",    "[\"a", "[\"a\\", "[1 2]", "[}]",      "[,]",        "[1,",  "{\"a\"",
        "{\"a\":", "{\"a", "{",    "[:1]",   "[[1]",  "{\"x\":1", "[{\"a\":1]", "[tru", "[1]]"
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t len = strlen(texts[i]);
        char *exact = malloc(len); /* so that reading past it is seen */
        struct sum sum = { 0 };

        assert_non_null(exact);
        memcpy(exact, texts[i], len);
        (void)mcp_json_each(mcp_str_n(exact, len), "", add, &sum, NULL);
        (void)mcp_json_each(mcp_str_n(exact, len), "a", add, &sum, NULL);
        free(exact);
    }
}

static void a_large_array_beyond_the_token_limit_is_walked(void **state)
{
    size_t n = 300000, len = 0;
    char *text = malloc(n * 16);
    struct sum sum = { 0 };

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < n; i++)
        len += (size_t)snprintf(text + len, 16, "%s{\"v\":%zu}", i == 0 ? "[" : ",", i % 10);
    text[len++] = ']';
    assert_int_equal(mcp_json_each(mcp_str_n(text, len), "", add, &sum, NULL), 0);
    assert_int_equal(sum.n, n);
    assert_int_equal(sum.total, n / 10 * 45);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_found_by_their_path),
        cmocka_unit_test(the_callback_ends_the_walk),
        cmocka_unit_test(text_that_was_never_scanned_does_no_harm),
        cmocka_unit_test(a_large_array_beyond_the_token_limit_is_walked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
