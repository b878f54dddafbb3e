/* Pacific days: how long they are, and when they begin. */
#include "mcp-gcp/zone.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int32_t day(const char *text)
{
    int32_t d = 0;

    assert_int_equal(mcp_date_parse(mcp_str_z(text), &d), 0);
    return d;
}

static int64_t instant(const char *text)
{
    int64_t i = 0;

    assert_int_equal(mcp_instant_parse(mcp_str_z(text), false, &i), 0);
    return i;
}

static void days_begin_at_pacific_midnight(void **state)
{
    static const struct {
        const char *day, *begins;
    } rows[] = {
        { "2026-01-01", "2026-01-01T08:00:00Z" }, { "2026-03-07", "2026-03-07T08:00:00Z" },
        { "2026-03-08", "2026-03-08T08:00:00Z" }, { "2026-03-09", "2026-03-09T07:00:00Z" },
        { "2026-07-01", "2026-07-01T07:00:00Z" }, { "2026-11-01", "2026-11-01T07:00:00Z" },
        { "2026-11-02", "2026-11-02T08:00:00Z" }, { "2027-03-14", "2027-03-14T08:00:00Z" },
        { "2027-03-15", "2027-03-15T07:00:00Z" }, { "2027-11-08", "2027-11-08T08:00:00Z" },
        { "2015-03-08", "2015-03-08T08:00:00Z" }, { "2020-02-29", "2020-02-29T08:00:00Z" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int64_t at = instant(rows[i].begins);

        assert_true(gcp_zone_midnight(GCP_ZONE_PACIFIC, day(rows[i].day)) == at);
        assert_int_equal(gcp_zone_day(GCP_ZONE_PACIFIC, at), day(rows[i].day));
        assert_int_equal(gcp_zone_day(GCP_ZONE_PACIFIC, at - 1), day(rows[i].day) - 1);
    }
}

static void two_days_of_a_year_have_other_hours(void **state)
{
    int64_t from = gcp_zone_midnight(GCP_ZONE_PACIFIC, day("2026-01-01"));
    unsigned of[26] = { 0 };

    (void)state;
    for (int32_t d = day("2026-01-01"); d <= day("2026-12-31"); d++) {
        int64_t to = gcp_zone_midnight(GCP_ZONE_PACIFIC, d + 1);

        of[(to - from) / 3600]++;
        from = to;
    }
    assert_int_equal(of[23], 1);
    assert_int_equal(of[25], 1);
    assert_int_equal(of[24], 363);
}

static void utc_is_utc(void **state)
{
    (void)state;
    assert_true(gcp_zone_midnight(GCP_ZONE_UTC, 20000) == (int64_t)20000 * 86400);
    assert_int_equal(gcp_zone_day(GCP_ZONE_UTC, (int64_t)20000 * 86400 - 1), 19999);
    assert_true(mcp_str_eq(gcp_zone_name(GCP_ZONE_UTC), MCP_STR("UTC")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(days_begin_at_pacific_midnight),
        cmocka_unit_test(two_days_of_a_year_have_other_hours),
        cmocka_unit_test(utc_is_utc),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
