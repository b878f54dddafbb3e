/* Errors: the first reason stays, texts are cut whole, the table has no gap. */
#include <mcp/error.h>

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void the_first_reason_stays(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(mcp_error_set(&err, MCP_EINVAL, "limit is %d", 5), MCP_EINVAL);
    assert_int_equal(mcp_error_set(&err, MCP_EIO, "later"), MCP_EIO);
    assert_int_equal(err.err, MCP_EINVAL);
    assert_string_equal(err.message, "limit is 5");
    assert_string_equal(err.code, "invalid_argument");
    assert_int_equal(mcp_error_next(&err, "say %s", "1"), MCP_EINVAL);
    assert_int_equal(mcp_error_next(&err, "say 2"), MCP_EINVAL);
    assert_string_equal(err.next, "say 1");
    mcp_error_clear(&err);
    assert_int_equal(err.err, MCP_OK);
    assert_int_equal(mcp_error_word(&err, MCP_EINVAL, "unknown_dimension", "x"), MCP_EINVAL);
    assert_string_equal(err.code, "unknown_dimension");
    assert_string_equal(err.next, "");
}

static void without_a_place_for_text_the_code_still_comes_back(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(mcp_error_set(NULL, MCP_EBUSY, "x"), MCP_EBUSY);
    assert_int_equal(mcp_error_word(NULL, MCP_EBUSY, "w", "x"), MCP_EBUSY);
    assert_int_equal(mcp_error_next(NULL, "x"), MCP_EINTERNAL);
    assert_int_equal(mcp_error_next(&err, "x"), MCP_EINTERNAL);
    mcp_error_clear(NULL);
}

static void long_texts_are_cut_before_a_character_that_is_not_whole(void **state)
{
    for (size_t pad = 0; pad < 4; pad++) {
        struct mcp_error err = { 0 };
        char text[2000];

        (void)state;
        memset(text, 'x', pad);
        for (size_t i = pad; i + 3 < sizeof(text); i += 3)
            memcpy(text + i, "\xE2\x82\xAC", 4);
        mcp_error_set(&err, MCP_EINVAL, "%s", text);
        mcp_error_next(&err, "%s", text);
        assert_true(mcp_str_is_utf8(mcp_str_z(err.message)));
        assert_true(strlen(err.message) > sizeof(err.message) - 5);
        assert_true(mcp_str_is_utf8(mcp_str_z(err.next)));
        assert_true(strlen(err.next) > sizeof(err.next) - 5);
    }
}

static void each_code_counts_down_from_minus_one_and_knows_its_names(void **state)
{
    int expected = -1;

    (void)state;
#define ROW(sym, num, name, rpc, http, retry)                                                      \
    assert_int_equal(sym, expected--);                                                             \
    assert_string_equal(mcp_err_name(sym), name);                                                  \
    assert_int_equal(mcp_err_rpc(sym), rpc);                                                       \
    assert_int_equal(mcp_err_http(sym), http);                                                     \
    assert_int_equal(mcp_err_retryable(sym), retry);
    MCP_ERR_MAP(ROW)
#undef ROW
    assert_string_equal(mcp_err_name(MCP_OK), "ok");
    assert_int_equal(mcp_err_http(MCP_OK), 200);
    assert_int_equal(mcp_err_rpc(MCP_OK), 0);
    assert_false(mcp_err_retryable(MCP_OK));
    assert_string_equal(mcp_err_name((enum mcp_err) - 1000), "internal_error");
    assert_string_equal(mcp_err_name((enum mcp_err)7), "internal_error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_reason_stays),
        cmocka_unit_test(without_a_place_for_text_the_code_still_comes_back),
        cmocka_unit_test(long_texts_are_cut_before_a_character_that_is_not_whole),
        cmocka_unit_test(each_code_counts_down_from_minus_one_and_knows_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
