/* Dates and period words by themselves, at the edges of months and years. */
#include "query_help.h"

#include "cost/model/query_internal.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void words_hold_at_the_turn_of_the_year(void **state)
{
    static const struct {
        const char *today, *word, *days, *whole;
    } rows[] = {
        { "2026-01-01", "mtd", "2026-01-01..2026-01-01", "2026-01-01..2026-01-31" },
        { "2026-01-01", "last_month", "2025-12-01..2025-12-31", "2025-12-01..2025-12-31" },
        { "2026-01-01", "last_quarter", "2025-10-01..2025-12-31", "2025-10-01..2025-12-31" },
        { "2026-12-31", "qtd", "2026-10-01..2026-12-31", "2026-10-01..2026-12-31" },
        { "2026-12-31", "next_month", "2027-01-01..2027-01-31", "2027-01-01..2027-01-31" },
        { "2026-12-31", "next_quarter", "2027-01-01..2027-03-31", "2027-01-01..2027-03-31" },
        { "2026-05-15", "ytd", "2026-01-01..2026-05-15", "2026-01-01..2026-12-31" },
        { "2026-03-01", "last_1_days", "2026-02-28..2026-02-28", "2026-02-28..2026-02-28" },
        { "2024-03-01", "yesterday", "2024-02-29..2024-02-29", "2024-02-29..2024-02-29" },
        { "2026-03-01", "Last-7-Days", "2026-02-22..2026-02-28", "2026-02-22..2026-02-28" },
        { "2026-03-01", "2024-q1", "2024-01-01..2024-03-31", "2024-01-01..2024-03-31" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost__period p;
        struct mcp_error err = { 0 };
        char range[24];

        assert_int_equal(
            cost__period_parse(mcp_str_z(rows[i].word), test_day(rows[i].today), &p, &err), 0);
        assert_string_equal(test_range(p.days, range), rows[i].days);
        assert_string_equal(test_range(p.whole, range), rows[i].whole);
    }
}

static void other_words_are_refused(void **state)
{
    static const char *const words[] = { "",
                                         "last",
                                         "last_0_days",
                                         "last_-3_days",
                                         "2026-Q5",
                                         "2026-Q0",
                                         "2026-00",
                                         "0000",
                                         "20266",
                                         "2026-10-01",
                                         "last_9999_days",
                                         "mtd "
                                         "x",
                                         "last_99999999999999999999_days" };

    (void)state;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        struct cost__period p;
        struct mcp_error err = { 0 };

        assert_int_equal(cost__period_parse(mcp_str_z(words[i]), 0, &p, &err), MCP_EINVAL);
        assert_non_null(strstr(err.next, "last_month"));
    }
}

static void whole_months_are_counted(void **state)
{
    static const struct {
        const char *start, *end;
        int months;
    } rows[] = {
        { "2026-02-01", "2026-02-28", 1 },  { "2024-02-01", "2024-02-28", 0 },
        { "2026-10-02", "2026-10-31", 0 },  { "2025-12-01", "2026-01-31", 2 },
        { "2026-01-01", "2026-12-31", 12 }, { "2026-10-31", "2026-10-01", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_range r = { test_day(rows[i].start), test_day(rows[i].end) };

        assert_int_equal(cost__whole_months(r), rows[i].months);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_hold_at_the_turn_of_the_year),
        cmocka_unit_test(other_words_are_refused),
        cmocka_unit_test(whole_months_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
