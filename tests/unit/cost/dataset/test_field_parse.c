/* Amounts and instants of CSV fields. */
#include "cost/dataset/field_parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *text, *want; /* NULL: refused */
    int decimals;
} amounts[] = {
    { "0", "0", 0 },
    { "-0.00", "0", 0 },
    { "2.000000000000000", "2", 0 },
    { "0.00001605990", "0.0000160599", 10 },
    { "-12.5", "-12.5", 1 },
    { "123456789012345678", "123456789012345678", 0 },
    { "1234567890123.456789012345678", "1234567890123.456789012345678", 15 },
    { "1.5E-3", "0.0015", 4 },
    { " 7 ", "7", 0 },
    { "1e5", "100000", 0 },
    { "", NULL, 0 },
    { ".", NULL, 0 },
    { "1.", "1", 0 },
    { "--1", NULL, 0 },
    { "1,5", NULL, 0 },
    { "0x10", NULL, 0 },
    { "1e30", NULL, 0 },
};

static void amounts_are_exact_and_know_their_decimals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(amounts) / sizeof(*amounts); i++) {
        struct cost_money m;
        uint8_t decimals;
        uint64_t rounded;
        char text[COST_MONEY_TEXT];
        int rc = cost__field_money(mcp_str_z(amounts[i].text), &m, &decimals, &rounded);

        if (amounts[i].want == NULL) {
            if (rc == 0)
                fail_msg("%s was taken", amounts[i].text);
            continue;
        }
        assert_int_equal(rc, 0);
        cost_money_format(m, text);
        assert_string_equal(text, amounts[i].want);
        assert_int_equal(decimals, amounts[i].decimals);
        assert_int_equal(rounded, 0);
    }
}

static const struct {
    const char *text;
    int64_t want; /* -1: refused */
} instants[] = {
    { "2026-01-02", 1767312000 },
    { "2026-01-02T03:04:05Z", 1767323045 },
    { "2026-01-02 03:04:05", 1767323045 },
    { "2026-01-02T03:04Z", 1767323040 },
    { "2026-01-02 03:04:05.999999", 1767323045 },
    { "2026-01-02 03:04:05 UTC", 1767323045 },
    { "2026-01-02T03:04:05+01:00", 1767319445 },
    { "2026-01-02T03:04:05-0130", 1767328445 },
    { "2026-01-01T24:00:00Z", 1767312000 },
    { "2026-02-30T00:00:00Z", -1 },
    { "2026-01-02T25:00:00Z", -1 },
    { "2026-01-02T24:00:01Z", -1 },
    { "2026-01-02T03:60:00Z", -1 },
    { "01/02/2026", -1 },
    { "2026-01-02T03:04:05 PST", -1 },
    { "", -1 },
};

static void instants_are_taken_in_the_forms_of_exports(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(instants) / sizeof(*instants); i++) {
        int64_t t;
        int rc = cost__field_instant(mcp_str_z(instants[i].text), &t);

        if (instants[i].want == -1) {
            if (rc == 0)
                fail_msg("%s was taken", instants[i].text);
        } else if (rc != 0 || t != instants[i].want) {
            fail_msg("%s: %lld", instants[i].text, rc == 0 ? (long long)t : -1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_exact_and_know_their_decimals),
        cmocka_unit_test(instants_are_taken_in_the_forms_of_exports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
