/* Money: text in, text out, rounding told, sums checked, shares without overflow. */
#include <cost/money.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct cost_money money(const char *text)
{
    struct cost_money m = COST_MONEY_ZERO;

    assert_int_equal(cost_money_parse(mcp_str_z(text), &m, NULL), 0);
    return m;
}

static void texts_are_read_and_printed_exactly(void **state)
{
    static const struct {
        const char *in, *out;
        uint64_t rounded;
    } rows[] = {
        { "0", "0", 0 },
        { "-0", "0", 0 },
        { "-0.000", "0", 0 },
        { "+5", "5", 0 },
        { "5.", "5", 0 },
        { ".5", "0.5", 0 },
        { "-.5", "-0.5", 0 },
        { "007.70", "7.7", 0 },
        { "183830.68815196091453", "183830.68815196091453", 0 },
        { "1e2", "100", 0 },
        { "1.5E+3", "1500", 0 },
        { "25e-1", "2.5", 0 },
        { "0e999999999999999999999", "0", 0 },
        { "0.000000000000000001", "0.000000000000000001", 0 },
        { "1e-18", "0.000000000000000001", 0 },
        /* half to even at the last unit */
        { "0.0000000000000000005", "0", 500000000 },
        { "0.0000000000000000015", "0.000000000000000002", 500000000 },
        { "0.0000000000000000025", "0.000000000000000002", 500000000 },
        { "0.00000000000000000250000000001", "0.000000000000000003", 500000000 },
        { "-0.0000000000000000015", "-0.000000000000000002", 500000000 },
        { "-0.0000000000000000005", "0", 500000000 },
        { "1e-19", "0", 100000000 },
        { "1e-27", "0", 1 },
        { "1e-40", "0", 1 },
        { "1e-999999999999", "0", 1 },
        { "0.9999999999999999999", "1", 100000000 },
        { "169999999999999999999.999999999999999999", "169999999999999999999.999999999999999999",
          0 },
        { "-169999999999999999999.999999999999999999", "-169999999999999999999.999999999999999999",
          0 },
        { "1234567890.1234567890123456789012345678901234567890", "1234567890.123456789012345679",
          98765433 },
        { "0000000000000000000000000000000000000000000000000000000001", "1", 0 },
        { "1.00000000000000000000000000000000000000000000000000000000", "1", 0 },
        { "12345678901234567890e-10", "1234567890.123456789", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_money m = COST_MONEY_ZERO;
        char text[COST_MONEY_TEXT];
        uint64_t rounded = 77;
        size_t n;

        assert_int_equal(cost_money_parse(mcp_str_z(rows[i].in), &m, &rounded), 0);
        n = cost_money_format(m, text);
        assert_int_equal(n, strlen(text));
        assert_string_equal(text, rows[i].out);
        assert_int_equal(rounded, rows[i].rounded);
    }
}

static void what_is_no_number_or_too_large_is_refused(void **state)
{
    static const struct {
        const char *in;
        int error;
    } rows[] = {
        { "", MCP_EINVAL },
        { "-", MCP_EINVAL },
        { ".", MCP_EINVAL },
        { "1 ", MCP_EINVAL },
        { " 1", MCP_EINVAL },
        { "1,5", MCP_EINVAL },
        { "1.2.3", MCP_EINVAL },
        { "1e", MCP_EINVAL },
        { "1e+", MCP_EINVAL },
        { "e5", MCP_EINVAL },
        { "--1", MCP_EINVAL },
        { "NaN", MCP_EINVAL },
        { "Infinity", MCP_EINVAL },
        { "0x10", MCP_EINVAL },
        { "1e5.5", MCP_EINVAL },
        { "NULL", MCP_EINVAL },
        { "$5", MCP_EINVAL },
        { "170000000000000000000", MCP_ERANGE },
        { "-170000000000000000000", MCP_ERANGE },
        { "169999999999999999999.9999999999999999999", MCP_ERANGE },
        { "1e21", MCP_ERANGE },
        { "1e999999999999999999", MCP_ERANGE },
        { "340282366920938463463374607431768211456", MCP_ERANGE },
        { "999999999999999999999999999999999999999999999999", MCP_ERANGE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_money m = { 42 };

        assert_int_equal(cost_money_parse(mcp_str_z(rows[i].in), &m, NULL), rows[i].error);
        assert_true(m.units == 42);
    }
}

static void rounded_texts_keep_their_digits_and_never_show_minus_zero(void **state)
{
    static const struct {
        const char *in;
        int decimals;
        const char *out;
    } rows[] = {
        { "1.005", 2, "1.00" },
        { "1.015", 2, "1.02" },
        { "-1.005", 2, "-1.00" },
        { "-0.004", 2, "0.00" },
        { "0.5", 0, "0" },
        { "1.5", 0, "2" },
        { "2.5", 0, "2" },
        { "-2.5", 0, "-2" },
        { "999.995", 2, "1000.00" },
        { "7", 3, "7.000" },
        { "0.1", 18, "0.100000000000000000" },
        { "169999999999999999999.99", 1, "170000000000000000000.0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[COST_MONEY_TEXT];

        cost_money_format_rounded(money(rows[i].in), rows[i].decimals, text);
        assert_string_equal(text, rows[i].out);
    }
}

static void an_overflowing_sum_is_an_error_and_changes_nothing(void **state)
{
    struct cost_money max = money("169999999999999999999.999999999999999999");
    struct cost_money sum = max;

    (void)state;
    assert_int_equal(cost_money_add(&sum, money("0.000000000000000001")), MCP_ERANGE);
    assert_int_equal(cost_money_cmp(sum, max), 0);
    assert_int_equal(cost_money_add(&sum, max), MCP_ERANGE);
    assert_int_equal(cost_money_sub(&sum, max), 0);
    assert_true(sum.units == 0);
    sum = cost_money_neg(max);
    assert_int_equal(cost_money_sub(&sum, money("1")), MCP_ERANGE);
    assert_int_equal(cost_money_cmp(sum, cost_money_neg(max)), 0);
    assert_int_equal(cost_money_cmp(cost_money_abs(sum), max), 0);
}

static void shares_and_percents_divide_half_even_at_any_size(void **state)
{
    static const struct {
        const char *part, *whole, *share, *percent;
    } rows[] = {
        { "1", "3", "0.333333", "33.33" },
        { "2", "3", "0.666667", "66.67" },
        { "1", "2", "0.5", "50" },
        { "-1", "4", "-0.25", "-25" },
        { "5", "4", "1.25", "125" },
        { "0", "4", "0", "0" },
        { "1", "2000000", "0", "0" }, /* 0.0000005: to even */
        { "3", "2000000", "0.000002", "0" },
        { "-1", "2000000", "0", "0" },
        { "0.00005", "1", "0.00005", "0" },
        { "0.99999950", "1", "1", "100" },
        { "169999999999999999999", "0.000000000000000001",
          "169999999999999999999000000000000000000", "16999999999999999999900000000000000000000" },
        { "169999999999999999999.999999999999999999", "169999999999999999999.999999999999999998",
          "1", "100" },
        { "0.000000000000000001", "169999999999999999999", "0", "0" },
    };
    char text[COST_MONEY_TEXT];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(cost_money_share(money(rows[i].part), money(rows[i].whole), text));
        assert_string_equal(text, rows[i].share);
        assert_true(cost_money_percent(money(rows[i].part), money(rows[i].whole), text));
        assert_string_equal(text, rows[i].percent);
    }
    assert_false(cost_money_share(money("1"), money("0"), text));
    assert_false(cost_money_share(money("1"), money("-5"), text));
    assert_false(cost_money_percent(money("1"), money("0"), text));
    assert_false(cost_money_percent(money("1"), money("-5"), text));
}

static void forecasts_become_money_at_the_decimals_asked(void **state)
{
    struct cost_money m = COST_MONEY_ZERO;
    char text[COST_MONEY_TEXT];

    (void)state;
    assert_int_equal(cost_money_from_double(1234.567, 2, &m), 0);
    cost_money_format(m, text);
    assert_string_equal(text, "1234.57");
    assert_int_equal(cost_money_from_double(-0.001, 2, &m), 0);
    cost_money_format(m, text);
    assert_string_equal(text, "0");
    assert_int_equal(cost_money_from_double(1e21, 2, &m), MCP_ERANGE);
    assert_int_equal(cost_money_from_double(__builtin_nan(""), 2, &m), MCP_ERANGE);
    assert_int_equal(cost_money_from_double(__builtin_inf(), 2, &m), MCP_ERANGE);
    assert_true(cost_money_double(money("-2.5")) == -2.5);
}

static void currencies_have_the_decimals_of_iso_4217(void **state)
{
    static const struct {
        const char *code;
        int decimals;
    } rows[] = {
        { "USD", 2 }, { "EUR", 2 }, { "JPY", 0 },   { "KWD", 3 },      { "CLF", 4 },
        { "AED", 2 }, { "ZWL", 2 }, { "usd", 2 },   { "XXX", -1 },     { "DBU", -1 },
        { "", -1 },   { "US", -1 }, { "USDT", -1 }, { "Credits", -1 }, { "XAU", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(cost_currency_decimals(mcp_str_z(rows[i].code)), rows[i].decimals);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_read_and_printed_exactly),
        cmocka_unit_test(what_is_no_number_or_too_large_is_refused),
        cmocka_unit_test(rounded_texts_keep_their_digits_and_never_show_minus_zero),
        cmocka_unit_test(an_overflowing_sum_is_an_error_and_changes_nothing),
        cmocka_unit_test(shares_and_percents_divide_half_even_at_any_size),
        cmocka_unit_test(forecasts_become_money_at_the_decimals_asked),
        cmocka_unit_test(currencies_have_the_decimals_of_iso_4217),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
