/* Growing bytes: caps, the sticky failure, printing. */
#include <mcp/buf.h>
#include <mcp/error.h>

#include <stdlib.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void content_up_to_the_cap_fits_and_one_byte_more_fails_for_good(void **state)
{
    struct mcp_buf buf;

    (void)state;
    for (size_t cap = 1; cap < 700; cap += 13) {
        mcp_buf_init(&buf, cap);
        for (size_t i = 0; i < cap; i++)
            mcp_buf_char(&buf, 'x');
        assert_int_equal(mcp_buf_error(&buf), 0);
        assert_int_equal(mcp_buf_view(&buf).len, cap);
        mcp_buf_char(&buf, 'y');
        assert_int_equal(mcp_buf_error(&buf), MCP_ETOOBIG);
        mcp_buf_clear(&buf);
        assert_int_equal(mcp_buf_error(&buf), 0);
        mcp_buf_printf(&buf, "%0*d", (int)cap, 7);
        assert_int_equal(mcp_buf_error(&buf), 0);
        assert_int_equal(buf.len, cap);
        mcp_buf_release(&buf);
    }
}

static void after_a_failure_every_put_is_ignored(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 10);
    mcp_buf_z(&buf, "abc");
    mcp_buf_printf(&buf, "%s", "0123456789");
    mcp_buf_z(&buf, "d");
    mcp_buf_int(&buf, 1);
    assert_int_equal(mcp_buf_error(&buf), MCP_ETOOBIG);
    assert_true(mcp_str_eq(mcp_buf_view(&buf), MCP_STR("abc")));
    assert_null(mcp_buf_reserve(&buf, 1));
    mcp_buf_release(&buf);
    assert_int_equal(buf.cap, 10);
}

static void numbers_and_formats_print_as_in_c(void **state)
{
    struct mcp_buf buf;

    (void)state;
    mcp_buf_init(&buf, 1000);
    mcp_buf_int(&buf, 0);
    mcp_buf_char(&buf, ' ');
    mcp_buf_int(&buf, INT64_MIN);
    mcp_buf_char(&buf, ' ');
    mcp_buf_int(&buf, INT64_MAX);
    mcp_buf_printf(&buf, " %s %d", "x", -5);
    mcp_buf_str(&buf, MCP_STR_NULL);
    mcp_buf_put(&buf, NULL, 0);
    assert_true(
        mcp_str_eq(mcp_buf_view(&buf), MCP_STR("0 -9223372036854775808 9223372036854775807 x -5")));
    mcp_buf_release(&buf);
}

static void stolen_bytes_belong_to_the_caller(void **state)
{
    struct mcp_buf buf;
    size_t len;
    char *bytes;

    (void)state;
    mcp_buf_init(&buf, 100);
    assert_null(mcp_buf_steal(&buf, &len));
    assert_int_equal(len, 0);
    memcpy(mcp_buf_reserve(&buf, 3), "abc", 3);
    mcp_buf_advance(&buf, 3);
    bytes = mcp_buf_steal(&buf, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "abc", 3);
    free(bytes);
    assert_null(buf.ptr);
    mcp_buf_release(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_up_to_the_cap_fits_and_one_byte_more_fails_for_good),
        cmocka_unit_test(after_a_failure_every_put_is_ignored),
        cmocka_unit_test(numbers_and_formats_print_as_in_c),
        cmocka_unit_test(stolen_bytes_belong_to_the_caller),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
