/* Ranges of bytes: comparing, cutting, numbers, UTF-8, distance. */
#include <mcp/str.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void missing_and_empty_ranges_are_equal(void **state)
{
    (void)state;
    assert_true(mcp_str_eq(MCP_STR_NULL, MCP_STR("")));
    assert_true(mcp_str_is_null(mcp_str_z(NULL)));
    assert_false(mcp_str_is_null(MCP_STR("")));
    assert_true(mcp_str_eq_nocase(MCP_STR("Content-Type"), MCP_STR("content-TYPE")));
    assert_false(mcp_str_eq_nocase(MCP_STR("\xC4"), MCP_STR("\xE4")));
    assert_true(mcp_str_hash(MCP_STR_NULL) == mcp_str_hash(MCP_STR("")));
    assert_true(mcp_str_hash(MCP_STR("a")) != mcp_str_hash(MCP_STR("b")));
}

static void order_is_by_unsigned_bytes_and_a_prefix_comes_first(void **state)
{
    (void)state;
    assert_true(mcp_str_cmp(MCP_STR("a"), MCP_STR("ab")) < 0);
    assert_true(mcp_str_cmp(MCP_STR("b"), MCP_STR("ab")) > 0);
    assert_true(mcp_str_cmp(MCP_STR("\xFF"), MCP_STR("a")) > 0);
    assert_int_equal(mcp_str_cmp(MCP_STR_NULL, MCP_STR("")), 0);
}

static void cutting_moves_the_range_only_on_a_match(void **state)
{
    mcp_str s = MCP_STR("Bearer abc"), head;

    (void)state;
    assert_false(mcp_str_cut_prefix(&s, MCP_STR("bearer ")));
    assert_true(mcp_str_cut_prefix_nocase(&s, MCP_STR("bearer ")));
    assert_true(mcp_str_eq(s, MCP_STR("abc")));
    assert_true(mcp_str_cut_prefix(&s, MCP_STR("")));
    assert_true(mcp_str_starts(s, MCP_STR("ab")));
    assert_true(mcp_str_ends(s, MCP_STR("bc")));
    assert_true(mcp_str_ends(MCP_STR_NULL, MCP_STR("")));
    assert_false(mcp_str_ends(MCP_STR("c"), MCP_STR("bc")));

    s = MCP_STR("a,,b");
    assert_true(mcp_str_cut(&s, ',', &head));
    assert_true(mcp_str_eq(head, MCP_STR("a")));
    assert_true(mcp_str_cut(&s, ',', &head));
    assert_int_equal(head.len, 0);
    assert_false(mcp_str_cut(&s, ',', &head));
    assert_true(mcp_str_eq(head, MCP_STR("b")));
    assert_true(mcp_str_is_null(s));
    assert_false(mcp_str_cut(&s, ',', &head));

    assert_true(mcp_str_eq(mcp_str_trim(MCP_STR(" \t x y\t ")), MCP_STR("x y")));
    assert_int_equal(mcp_str_trim(MCP_STR(" \t")).len, 0);
    assert_int_equal(mcp_str_find(MCP_STR("abc"), 'c'), 2);
    assert_int_equal(mcp_str_find(MCP_STR_NULL, 'c'), 0);
}

static void a_head_never_ends_inside_a_character(void **state)
{
    static const struct {
        mcp_str s;
        size_t max, len;
    } rows[] = {
        { { "abc", 3 }, 5, 3 },
        { { "abc", 3 }, 2, 2 },
        { { "a\xC3\xA4", 3 }, 2, 1 },
        { { "a\xC3\xA4z", 4 }, 3, 3 },
        { { "\xE2\x82\xAC\xE2\x82\xAC", 6 }, 5, 3 },
        { { "\xF0\x9F\x98\x80z", 5 }, 3, 0 },
        { { "\xF0\x9F\x98\x80z", 5 }, 4, 4 },
        { { "\x80\x80\x80\x80\x80\x80", 6 }, 5, 5 },
        { { "abc", 3 }, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(mcp_str_head(rows[i].s, rows[i].max).len, rows[i].len);
}

static void integers_are_whole_and_fit_or_are_refused(void **state)
{
    static const struct {
        const char *text;
        int rc;
        int64_t value;
    } rows[] = {
        { "0", 0, 0 },
        { "-0", 0, 0 },
        { "007", 0, 7 },
        { "9223372036854775807", 0, INT64_MAX },
        { "-9223372036854775808", 0, INT64_MIN },
        { "9223372036854775808", -1, 0 },
        { "-9223372036854775809", -1, 0 },
        { "99999999999999999999", -1, 0 },
        { "", -1, 0 },
        { "-", -1, 0 },
        { "+1", -1, 0 },
        { " 1", -1, 0 },
        { "1x", -1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t out = 0;

        assert_int_equal(mcp_str_int64(mcp_str_z(rows[i].text), &out), rows[i].rc);
        assert_true(out == rows[i].value);
    }
}

static void only_well_formed_utf8_is_utf8(void **state)
{
    static const struct {
        mcp_str s;
        bool ok;
    } rows[] = {
        { { "", 0 }, true },
        { { "plain ascii, longer than a word", 31 }, true },
        { { "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", 9 }, true },
        { { "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF", 10 }, true },
        { { "\xC0\xAF", 2 }, false }, /* overlong */
        { { "\xE0\x9F\xBF", 3 }, false }, /* overlong */
        { { "\xF0\x8F\xBF\xBF", 4 }, false }, /* overlong */
        { { "\xED\xA0\x80", 3 }, false }, /* surrogate */
        { { "\xF4\x90\x80\x80", 4 }, false }, /* above U+10FFFF */
        { { "\xE2\x82", 2 }, false }, /* cut */
        { { "abcdefgh\x80", 9 }, false },
        { { "\xFF", 1 }, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(mcp_str_is_utf8(rows[i].s), rows[i].ok);
}

static void distance_folds_case_and_gives_up_beyond_its_maximum(void **state)
{
    char a[65];

    (void)state;
    memset(a, 'a', sizeof(a));
    assert_int_equal(mcp_str_distance(MCP_STR("granularty"), MCP_STR("granularity"), 3), 1);
    assert_int_equal(mcp_str_distance(MCP_STR("DAILY"), MCP_STR("daily"), 3), 0);
    assert_int_equal(mcp_str_distance(MCP_STR("kitten"), MCP_STR("sitting"), 3), 3);
    assert_int_equal(mcp_str_distance(MCP_STR("kitten"), MCP_STR("sitting"), 2), 3);
    assert_int_equal(mcp_str_distance(MCP_STR(""), MCP_STR("abc"), 5), 3);
    assert_int_equal(mcp_str_distance(mcp_str_n(a, 65), mcp_str_n(a, 65), 5), 6);
    assert_int_equal(mcp_str_distance(mcp_str_n(a, 64), mcp_str_n(a, 64), 5), 0);
}

static void a_copy_ends_with_a_nul_and_may_hold_one(void **state)
{
    char *copy = mcp_str_dup(mcp_str_n("a\0b", 3));

    (void)state;
    assert_memory_equal(copy, "a\0b", 4);
    free(copy);
    copy = mcp_str_dup(MCP_STR_NULL);
    assert_string_equal(copy, "");
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_ends_with_a_nul_and_may_hold_one),
        cmocka_unit_test(missing_and_empty_ranges_are_equal),
        cmocka_unit_test(order_is_by_unsigned_bytes_and_a_prefix_comes_first),
        cmocka_unit_test(cutting_moves_the_range_only_on_a_match),
        cmocka_unit_test(a_head_never_ends_inside_a_character),
        cmocka_unit_test(integers_are_whole_and_fit_or_are_refused),
        cmocka_unit_test(only_well_formed_utf8_is_utf8),
        cmocka_unit_test(distance_folds_case_and_gives_up_beyond_its_maximum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
