/* Amounts and tables for people: rounding, separators, widths of characters, cuts. */
#include "result_help.h"

#include "cost/model/text.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void amounts_are_rounded_to_the_minor_unit_and_never_to_a_false_zero(void **state)
{
    static const struct {
        const char *amount, *currency, *text;
    } rows[] = {
        { "0", "USD", "0.00" },
        { "0.004", "USD", "<0.01" },
        { "-0.004", "USD", ">-0.01" },
        { "0.005", "USD", "<0.01" },
        { "0.0051", "USD", "0.01" },
        { "999.995", "USD", "1,000.00" },
        { "1234567.1", "USD", "1,234,567.10" },
        { "-1234.5", "EUR", "-1,234.50" },
        { "1234.5", "JPY", "1,234" },
        { "0.4", "JPY", "<1" },
        { "-0.4", "JPY", ">-1" },
        { "1.2345", "KWD", "1.234" },
        { "0.0001", "KWD", "<0.001" },
        { "12.345", "DBU", "12.34" },
        { "123", "USD", "123.00" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(
            cost__text_money(arena, model_money(rows[i].amount), mcp_str_z(rows[i].currency)).ptr,
            rows[i].text);
    assert_string_equal(cost__text_change(arena, model_money("5"), MCP_STR("USD")).ptr, "+5.00");
    assert_string_equal(cost__text_change(arena, model_money("-5"), MCP_STR("USD")).ptr, "-5.00");
    assert_string_equal(cost__text_share(arena, model_money("1"), model_money("3")).ptr, "33.3%");
    assert_int_equal(cost__text_share(arena, model_money("1"), model_money("0")).len, 0);
    assert_true(mcp_str_eq(cost__text_quantity(arena, model_money("744")), MCP_STR("744")));
    assert_true(mcp_str_eq(cost__text_quantity(arena, model_money("0.001")), MCP_STR("<0.01")));
}

static void characters_have_their_width(void **state)
{
    static const struct {
        const char *text;
        unsigned width;
        const char *cut; /* to 5 columns */
    } rows[] = {
        { "", 0, "" },
        { "abcde", 5, "abcde" },
        { "abcdef", 6, "abcd\xe2\x80\xa6" },
        { "\xc3\xa4\xc3\xb6\xc3\xbc", 3, "\xc3\xa4\xc3\xb6\xc3\xbc" },
        { "\xe4\xba\x91\xe8\xae\xa1\xe7\xae\x97", 6, "\xe4\xba\x91\xe8\xae\xa1\xe2\x80\xa6" },
        { "e\xcc\x81", 1, "e\xcc\x81" },
        { "\xff\xfe", 2, "\xff\xfe" },
        { "\xe4\xba", 2, "\xe4\xba" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(cost__text_width(mcp_str_z(rows[i].text)), rows[i].width);
        assert_true(
            mcp_str_eq(cost__text_cut(arena, mcp_str_z(rows[i].text), 5), mcp_str_z(rows[i].cut)));
    }
}

static mcp_str table(unsigned width)
{
    struct cost__table t;
    struct mcp_buf out;
    mcp_str text;

    cost__table_init(&t, arena, width);
    cost__table_column(&t, "name", false);
    cost__table_column(&t, "cost", true);
    cost__table_column(&t, "type", false);
    cost__table_cell(&t, MCP_STR("a very long name indeed"));
    cost__table_cell(&t, MCP_STR("1,234,567.00"));
    cost__table_cell(&t, MCP_STR("x"));
    cost__table_cell(&t, MCP_STR("b"));
    cost__table_cell(&t, MCP_STR("2.00"));
    cost__table_cell(&t, MCP_STR("y\nz"));
    mcp_buf_init(&out, 4096);
    cost__table_print(&t, &out);
    text = mcp_arena_str(arena, mcp_buf_view(&out));
    mcp_buf_release(&out);
    return text;
}

static void tables_are_aligned_and_cut_but_never_an_amount(void **state)
{
    (void)state;
    assert_string_equal(table(0).ptr, "name | cost | type\n"
                                      "a very long name indeed | 1,234,567.00 | x\n"
                                      "b | 2.00 | y z\n");
    assert_string_equal(table(80).ptr, "name                             cost  type\n"
                                       "a very long name indeed  1,234,567.00  x\n"
                                       "b                                2.00  y z\n");
    assert_string_equal(table(30).ptr, "name                cost  type\n"
                                       "a very lo\xe2\x80\xa6  1,234,567.00  x\n"
                                       "b                   2.00  y z\n");
    assert_non_null(strstr(table(5).ptr, "1,234,567.00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_rounded_to_the_minor_unit_and_never_to_a_false_zero),
        cmocka_unit_test(characters_have_their_width),
        cmocka_unit_test(tables_are_aligned_and_cut_but_never_an_amount),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
