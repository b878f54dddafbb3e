/* Decimals as text: grammar, order, integrality, divisibility. */
#include <mcp/decimal.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void only_the_grammar_of_json_numbers_is_taken(void **state)
{
    static const char *const good[] = { "0",   "-0",   "0.0",    "10",           "-1.50",
                                        "1e5", "1E+5", "1.2e-3", "0e99999999999" };
    static const char *const bad[] = { "",   "-",  "+1", "01",  ".5",   "1.",  "1e", "1e+",
                                       "1x", " 1", "1 ", "0x1", "1.e5", "--1", "NaN" };
    struct mcp_decimal d;

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(mcp_decimal_parse(mcp_str_z(good[i]), &d), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(mcp_decimal_parse(mcp_str_z(bad[i]), &d), -1);
}

static void order_is_exact_whatever_the_spelling(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        { "1", "1.0", 0 },
        { "100", "1e2", 0 },
        { "0.001", "1e-3", 0 },
        { "-0", "0.000", 0 },
        { "12.5", "1.25e1", 0 },
        { "1200", "12e2", 0 },
        { "9007199254740993", "9007199254740992", 1 },
        { "0.1", "0.10000000000000000000000000000001", -1 },
        { "-1", "1", -1 },
        { "-10", "-9", -1 },
        { "1e400", "1e399", 1 },
        { "1e-400", "0", 1 },
        { "-1e-400", "0", -1 },
        { "99", "100", -1 },
        { "1e99999999999999999999", "1e5", 1 },
        { "10.01", "10.1", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_decimal a, b;

        assert_int_equal(mcp_decimal_parse(mcp_str_z(rows[i].a), &a), 0);
        assert_int_equal(mcp_decimal_parse(mcp_str_z(rows[i].b), &b), 0);
        assert_int_equal(mcp_decimal_cmp(&a, &b), rows[i].order);
        assert_int_equal(mcp_decimal_cmp(&b, &a), -rows[i].order);
    }
}

static void integers_are_known_by_value(void **state)
{
    static const struct {
        const char *text;
        bool integer;
    } rows[] = {
        { "1", true },     { "1.0", true },   { "1e2", true },
        { "1.5", false },  { "1.5e1", true }, { "1.55e1", false },
        { "10e-1", true }, { "1e-1", false }, { "0.0", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_decimal d;

        assert_int_equal(mcp_decimal_parse(mcp_str_z(rows[i].text), &d), 0);
        assert_int_equal(mcp_decimal_is_integer(&d), rows[i].integer);
    }
}

static void multiples_are_exact(void **state)
{
    static const struct {
        const char *a, *b;
        bool multiple;
    } rows[] = {
        { "0", "7", true },
        { "21", "7", true },
        { "22", "7", false },
        { "0.3", "0.1", true },
        { "0.35", "0.1", false },
        { "1e308", "0.5", true },
        { "1e308", "0.123456789", false },
        { "-4.5", "1.5", true },
        { "1000000007e300", "1000000007", true },
        { "10", "100", false },
        { "19.99", "0.01", true },
        { "12391239123", "1e-8", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_decimal a, b;

        assert_int_equal(mcp_decimal_parse(mcp_str_z(rows[i].a), &a), 0);
        assert_int_equal(mcp_decimal_parse(mcp_str_z(rows[i].b), &b), 0);
        assert_int_equal(mcp_decimal_is_multiple(&a, &b), rows[i].multiple);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_the_grammar_of_json_numbers_is_taken),
        cmocka_unit_test(order_is_exact_whatever_the_spelling),
        cmocka_unit_test(integers_are_known_by_value),
        cmocka_unit_test(multiples_are_exact),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
