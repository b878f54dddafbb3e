/* Forms, hosts and secret files: what goes out is encoded, what is kept is wiped. */
#include "mcp-gcp/oauth.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static void forms_are_percent_encoded(void **state)
{
    struct mcp_buf form;

    (void)state;
    mcp_buf_init(&form, 4096);
    gcp_form_put(&form, "a", MCP_STR("x y&z=%+\n"));
    gcp_form_put(&form, "left_out", MCP_STR_NULL);
    gcp_form_put(&form, "b", MCP_STR("\xc3\xa4-._~/"));
    gcp_form_put(&form, "empty", MCP_STR(""));
    assert_true(
        mcp_str_eq(mcp_buf_view(&form), MCP_STR("a=x%20y%26z%3D%25%2B%0A&b=%C3%A4-._~%2F&empty=")));
    mcp_buf_release(&form);
}

static void host_of_a_url_is_what_stands_between_scheme_and_path(void **state)
{
    (void)state;
    assert_true(mcp_str_eq(gcp_url_host(MCP_STR("https://a.b:1/c?d")), MCP_STR("a.b:1")));
    assert_true(mcp_str_eq(gcp_url_host(MCP_STR("http://[::1]:80")), MCP_STR("[::1]:80")));
    assert_true(mcp_str_eq(gcp_url_host(MCP_STR("https://a?b/c")), MCP_STR("a")));
}

static void a_text_ends_before_its_line_end(void **state)
{
    (void)state;
    assert_true(mcp_str_eq(gcp_text_trim(MCP_STR(" a b\r\n\n")), MCP_STR("a b")));
    assert_int_equal(gcp_text_trim(MCP_STR("\n")).len, 0);
    assert_int_equal(gcp_text_trim(MCP_STR("")).len, 0);
}

static void secret_file_is_read_whole_up_to_its_limit(void **state)
{
    char path[] = "/tmp/mcp-gcp-oauth-XXXXXX";
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { 0 };
    int fd = mkstemp(path);
    mcp_str text;

    (void)state;
    assert_int_equal(write(fd, "0123456789", 10), 10);
    close(fd);
    assert_int_equal(gcp_read_secret_file(arena, mcp_str_z(path), 10, "the file", &text, &err), 0);
    assert_true(mcp_str_eq(text, MCP_STR("0123456789")));
    assert_int_equal(gcp_read_secret_file(arena, mcp_str_z(path), 9, "the file", &text, &err),
                     MCP_ECONFIG);
    assert_non_null(strstr(err.message, "larger"));
    mcp_error_clear(&err);
    unlink(path);
    assert_int_equal(gcp_read_secret_file(arena, mcp_str_z(path), 9, "the file", &text, &err),
                     MCP_ECONFIG);
    assert_non_null(strstr(err.message, path));
    assert_int_equal(gcp_read_secret_file(arena, MCP_STR("a\0b"), 9, "the file", &text, NULL),
                     MCP_ECONFIG);
    assert_int_equal(gcp_read_secret_file(arena, MCP_STR("/"), 9, "the file", &text, NULL),
                     MCP_ECONFIG);
    mcp_arena_free(arena);
}

static void a_wiped_string_is_gone_before_its_memory_is(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    char outside[] = "the secret";

    (void)state;
    gcp_wipe_later(arena, mcp_str_n(outside, strlen(outside)));
    gcp_wipe_later(arena, MCP_STR_NULL);
    assert_string_equal(outside, "the secret");
    mcp_arena_free(arena);
    for (size_t i = 0; i < sizeof(outside); i++)
        assert_int_equal(outside[i], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms_are_percent_encoded),
        cmocka_unit_test(host_of_a_url_is_what_stands_between_scheme_and_path),
        cmocka_unit_test(a_text_ends_before_its_line_end),
        cmocka_unit_test(secret_file_is_read_whole_up_to_its_limit),
        cmocka_unit_test(a_wiped_string_is_gone_before_its_memory_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
