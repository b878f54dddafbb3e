/* Dates and instants: every day there and back, months that end early, spellings of exports. */
#include <mcp/date.h>

#include <stdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int32_t day(const char *text)
{
    int32_t out = 0;

    assert_int_equal(mcp_date_parse(mcp_str_z(text), &out), 0);
    return out;
}

static void every_day_of_ten_thousand_years_comes_back(void **state)
{
    int32_t date = day("0001-01-01");
    int weekday = 1; /* a Monday */

    (void)state;
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            int days = mcp_date_days_in_month(year, month);

            for (int d = 1; d <= days; d++, date++) {
                struct mcp_civil c = mcp_date_civil(date);

                if (c.year != year || c.month != month || c.day != d)
                    fail_msg("%d-%d-%d", year, month, d);
                if (mcp_date_from_civil(c) != date || mcp_date_weekday(date) != weekday)
                    fail_msg("back from %d-%d-%d", year, month, d);
                weekday = weekday % 7 + 1;
            }
        }
    }
    assert_int_equal(date, day("9999-12-31") + 1);
    assert_int_equal(day("1970-01-01"), 0);
}

static void only_days_that_exist_are_taken(void **state)
{
    static const char *const bad[] = { "2026-02-30", "2025-02-29",  "1900-02-29",  "0000-01-01",
                                       "2026-13-01", "2026-00-10",  "2026-1-01",   "2026-01-1",
                                       "20260101",   "2026-01-01 ", " 2026-01-01", "",
                                       "2026-01-32", "2026/01/01",  "2026-01-01T" };
    int32_t out;

    (void)state;
    assert_int_equal(mcp_date_parse(MCP_STR("2000-02-29"), &out), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(mcp_date_parse(mcp_str_z(bad[i]), &out), -1);
}

static void months_clamp_to_their_end(void **state)
{
    static const struct {
        const char *from;
        int months;
        const char *to;
    } rows[] = {
        { "2026-01-31", 1, "2026-02-28" },  { "2024-01-31", 1, "2024-02-29" },
        { "2026-03-31", -1, "2026-02-28" }, { "2026-01-15", -1, "2025-12-15" },
        { "2024-02-29", 12, "2025-02-28" }, { "2026-05-31", -13, "2025-04-30" },
        { "9999-12-01", 1, "9999-12-31" },  { "0001-01-05", -1, "0001-01-01" },
        { "2026-01-31", 0, "2026-01-31" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(mcp_date_add_months(day(rows[i].from), rows[i].months), day(rows[i].to));
    assert_int_equal(mcp_date_month_start(day("2024-02-29")), day("2024-02-01"));
    assert_int_equal(mcp_date_month_end(day("2024-02-01")), day("2024-02-29"));
}

static void instants_are_read_in_the_spellings_of_exports(void **state)
{
    static const struct {
        const char *text;
        int strict, lax; /* 0 or -1 */
        int64_t value;
    } rows[] = {
        { "2024-09-01T00:00:00Z", 0, 0, 1725148800 },
        { "2024-09-01t00:00:00z", 0, 0, 1725148800 },
        { "2024-09-01 00:00:00Z", 0, 0, 1725148800 },
        { "2024-09-01T00:00:00.999999Z", 0, 0, 1725148800 },
        { "2024-09-01T02:00:00+02:00", 0, 0, 1725148800 },
        { "2024-08-31T19:00:00-05:00", 0, 0, 1725148800 },
        { "2024-08-31T24:00:00Z", 0, 0, 1725148800 },
        { "2024-08-31T23:59:60Z", 0, 0, 1725148800 },
        { "2024-09-01T00:00:00", -1, 0, 1725148800 },
        { "2024-09-01 00:00:00 UTC", -1, 0, 1725148800 },
        { "2024-09-01", -1, 0, 1725148800 },
        { "1969-12-31T23:59:59Z", 0, 0, -1 },
        { "2024-08-31T24:00:01Z", -1, -1, 0 },
        { "2024-08-31T24:00:00.1Z", -1, -1, 0 },
        { "2024-09-01T25:00:00Z", -1, -1, 0 },
        { "2024-09-01T00:60:00Z", -1, -1, 0 },
        { "2024-09-01T00:00:61Z", -1, -1, 0 },
        { "2024-09-01T00:00:00.Z", -1, -1, 0 },
        { "2024-09-01T00:00Z", -1, -1, 0 },
        { "2024-09-01T00:00:00+2:00", -1, -1, 0 },
        { "2024-09-01T00:00:00+24:00", -1, -1, 0 },
        { "2024-09-01T00:00:00Zz", -1, -1, 0 },
        { "2024-02-30T00:00:00Z", -1, -1, 0 },
        { "", -1, -1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t out = 0;

        assert_int_equal(mcp_instant_parse(mcp_str_z(rows[i].text), false, &out), rows[i].strict);
        assert_int_equal(mcp_instant_parse(mcp_str_z(rows[i].text), true, &out), rows[i].lax);
        assert_true(out == rows[i].value);
    }
}

static void dates_and_instants_print_in_one_form(void **state)
{
    char date[MCP_DATE_LEN + 1], instant[MCP_INSTANT_LEN + 1];

    (void)state;
    mcp_date_format(day("0079-08-24"), date);
    assert_string_equal(date, "0079-08-24");
    mcp_date_format(INT32_MAX, date);
    assert_string_equal(date, "9999-12-31");
    mcp_date_format(INT32_MIN, date);
    assert_string_equal(date, "0001-01-01");
    mcp_instant_format(-1, instant);
    assert_string_equal(instant, "1969-12-31T23:59:59Z");
    mcp_instant_format(INT64_MAX, instant);
    assert_string_equal(instant, "9999-12-31T23:59:59Z");
    mcp_instant_format(INT64_MIN, instant);
    assert_string_equal(instant, "0001-01-01T00:00:00Z");
    assert_int_equal(mcp_instant_date(-1), -1);
    assert_int_equal(mcp_instant_date(86399), 0);
    assert_int_equal(mcp_instant_date(INT64_MAX), INT32_MAX);
    assert_false(mcp_civil_valid((struct mcp_civil){ 2026, 0, 1 }));
    assert_int_equal(mcp_date_days_in_month(2026, 13), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_of_ten_thousand_years_comes_back),
        cmocka_unit_test(only_days_that_exist_are_taken),
        cmocka_unit_test(months_clamp_to_their_end),
        cmocka_unit_test(instants_are_read_in_the_spellings_of_exports),
        cmocka_unit_test(dates_and_instants_print_in_one_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
