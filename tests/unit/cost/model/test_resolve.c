/* Periods, defaults, cuts, comparisons: every date rule of the contract. */
#include "query_help.h"

#include <mcp/date.h>

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

/* Today is 2026-11-21 (a Saturday), data from 2025-10-05 through 2026-11-19. */
static struct cost_extent extent(void)
{
    return (struct cost_extent){ .today = test_day("2026-11-21"),
                                 .first = test_day("2025-10-05"),
                                 .data_through = test_day("2026-11-19"),
                                 .has_days = true };
}

static void period_words_mean_days(void **state)
{
    static const struct {
        const char *word, *range;
        bool cut;
    } rows[] = {
        { "mtd", "2026-11-01..2026-11-19", true },
        { "MTD", "2026-11-01..2026-11-19", true },
        { "this_month", "2026-11-01..2026-11-19", true },
        { "last_month", "2026-10-01..2026-10-31", false },
        { "last month", "2026-10-01..2026-10-31", false },
        { "last_7_days", "2026-11-14..2026-11-19", true },
        { "last_30_days", "2026-10-22..2026-11-19", true },
        { "last_90_days", "2026-08-23..2026-11-19", true },
        { "qtd", "2026-10-01..2026-11-19", true },
        { "last_quarter", "2026-07-01..2026-09-30", false },
        { "ytd", "2026-01-01..2026-11-19", true },
        { "last_year", "2025-01-01..2025-12-31", false },
        { "2025", "2025-01-01..2025-12-31", false },
        { "2026", "2026-01-01..2026-11-19", true },
        { "2026-Q1", "2026-01-01..2026-03-31", false },
        { "2026-q4", "2026-10-01..2026-11-19", true },
        { "2026-02", "2026-02-01..2026-02-28", false },
        { "2024-02", "2024-02-01..2024-02-29", false },
        { "yesterday", "2026-11-20..2026-11-20", false }, /* wholly past the data */
        { "2026-12", "2026-12-01..2026-12-31", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;
        char range[24];

        assert_int_equal(test_query(COST_GET_COSTS, "{}", arena, &q, &err), 0);
        q.period = mcp_str_z(rows[i].word);
        assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
        assert_string_equal(test_range(q.range, range), rows[i].range);
        assert_int_equal(q.cut_to_data, rows[i].cut);
        assert_false(q.period_defaulted);
        assert_int_equal(q.today, e.today);
    }
}

static void defaults_depend_on_tool_and_source(void **state)
{
    static const struct {
        enum cost_tool tool;
        const char *args;
        bool live, empty;
        const char *through, *range;
    } rows[] = {
        { COST_GET_COSTS, "{}", false, false, "2024-09-30", "2024-09-01..2024-09-30" },
        { COST_GET_COSTS, "{}", false, false, "2024-09-12", "2024-09-01..2024-09-12" },
        { COST_GET_COSTS, "{}", false, true, "2024-09-12", "2026-11-01..2026-11-21" },
        { COST_GET_COSTS, "{}", true, false, "2026-11-21", "2026-11-01..2026-11-21" },
        { COST_GET_COSTS, "{}", true, false, "2026-11-19", "2026-11-01..2026-11-19" },
        { COST_GET_COSTS, "{}", true, false, "2026-10-30", "2026-10-01..2026-10-30" },
        { COST_GET_COSTS, "{'basis':'invoice'}", false, false, "2024-09-12",
          "2024-09-01..2024-09-30" },
        { COST_GET_RESOURCES, "{}", false, false, "2024-09-12", "2024-09-01..2024-09-12" },
        { COST_GET_FORECAST, "{}", false, false, "2026-11-19", "2026-11-01..2026-11-30" },
        { COST_GET_FORECAST, "{}", false, false, "2026-10-31", "2026-11-01..2026-11-30" },
        { COST_GET_FORECAST, "{'period':'next_month'}", false, false, "2026-11-19",
          "2026-12-01..2026-12-31" },
        { COST_GET_FORECAST, "{'period':'next_30_days'}", false, false, "2026-11-19",
          "2026-11-21..2026-12-20" },
        { COST_GET_FORECAST, "{'start_date':'2026-11-25'}", false, false, "2026-11-19",
          "2026-11-25..2026-11-30" },
        { COST_GET_RECOMMENDATIONS, "{}", false, false, "2026-11-19", "2026-10-21..2026-11-19" },
        { COST_GET_COSTS, "{'start_date':'2026-11-03'}", false, false, "2026-11-19",
          "2026-11-03..2026-11-19" },
        { COST_GET_COSTS, "{'end_date':'2026-10-15'}", false, false, "2026-11-19",
          "2026-10-01..2026-10-15" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;
        char range[24];

        e.live = rows[i].live;
        e.empty = rows[i].empty;
        e.data_through = test_day(rows[i].through);
        assert_int_equal(test_query(rows[i].tool, rows[i].args, arena, &q, &err), 0);
        assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
        assert_string_equal(test_range(q.range, range), rows[i].range);
        assert_false(q.widened || q.cut_to_data);
    }
}

static void comparisons_take_the_same_days_or_the_same_calendar_unit(void **state)
{
    static const struct {
        const char *args, *range, *compared;
    } rows[] = {
        /* whole month, quarter, year: the one before */
        { "'period':'2026-10','compare':'previous_period'", "2026-10-01..2026-10-31",
          "2026-09-01..2026-09-30" },
        { "'period':'2026-03','compare':'previous_period'", "2026-03-01..2026-03-31",
          "2026-02-01..2026-02-28" },
        { "'start_date':'2026-10-01','end_date':'2026-10-31','compare':'previous_period'",
          "2026-10-01..2026-10-31", "2026-09-01..2026-09-30" },
        { "'period':'2026-Q3','compare':'previous_period'", "2026-07-01..2026-09-30",
          "2026-04-01..2026-06-30" },
        { "'period':'2025','compare':'previous_period'", "2025-01-01..2025-12-31",
          "2024-01-01..2024-12-31" },
        /* three months that are no quarter: as many days */
        { "'start_date':'2026-02-01','end_date':'2026-04-30','compare':'previous_period'",
          "2026-02-01..2026-04-30", "2025-11-04..2026-01-31" },
        { "'start_date':'2026-10-10','end_date':'2026-10-19','compare':'previous_period'",
          "2026-10-10..2026-10-19", "2026-09-30..2026-10-09" },
        /* unfinished: the same number of days */
        { "'period':'mtd','compare':'previous_period'", "2026-11-01..2026-11-19",
          "2026-10-01..2026-10-19" },
        { "'compare':'previous_period'", "2026-11-01..2026-11-19", "2026-10-01..2026-10-19" },
        { "'period':'2026-11','compare':'previous_period'", "2026-11-01..2026-11-19",
          "2026-10-01..2026-10-19" },
        { "'period':'qtd','compare':'previous_period'", "2026-10-01..2026-11-19",
          "2026-07-01..2026-08-19" },
        { "'period':'ytd','compare':'previous_period'", "2026-01-01..2026-11-19",
          "2025-01-01..2025-11-19" },
        /* shifted, clamped to the month's end */
        { "'period':'2026-10','compare':'previous_month'", "2026-10-01..2026-10-31",
          "2026-09-01..2026-09-30" },
        { "'start_date':'2026-03-30','end_date':'2026-03-31','compare':'previous_month'",
          "2026-03-30..2026-03-31", "2026-02-28..2026-02-28" },
        { "'period':'mtd','compare':'previous_month'", "2026-11-01..2026-11-19",
          "2026-10-01..2026-10-19" },
        { "'period':'mtd','compare':'previous_year'", "2026-11-01..2026-11-19",
          "2025-11-01..2025-11-19" },
        { "'period':'2024-02','compare':'previous_year'", "2024-02-01..2024-02-29",
          "2023-02-01..2023-02-28" },
        { "'period':'2026-10','compare':{'start_date':'2026-01-01','end_date':'2026-01-02'}",
          "2026-10-01..2026-10-31", "2026-01-01..2026-01-02" },
        /* bills are whole months */
        { "'period':'mtd','basis':'invoice','compare':'previous_period'", "2026-11-01..2026-11-30",
          "2026-10-01..2026-10-31" },
        { "'start_date':'2026-08-05','end_date':'2026-09-02','basis':'invoice',"
          "'compare':'previous_period'",
          "2026-08-01..2026-09-30", "2026-06-01..2026-07-31" },
        { "'period':'2026-04','basis':'invoice','compare':'previous_month'",
          "2026-04-01..2026-04-30", "2026-03-01..2026-03-31" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;
        char range[24];
        mcp_str args = mcp_arena_printf(arena, "{%s}", rows[i].args);

        assert_int_equal(test_query(COST_GET_COSTS, args.ptr, arena, &q, &err), 0);
        assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
        assert_string_equal(test_range(q.range, range), rows[i].range);
        assert_string_equal(test_range(q.compared, range), rows[i].compared);
    }
}

static void a_month_s_first_day_and_the_thirty_first_compare_well(void **state)
{
    static const struct {
        const char *today, *range, *compared;
    } rows[] = {
        { "2026-12-01", "2026-12-01..2026-12-01", "2026-11-01..2026-11-01" },
        { "2026-03-31", "2026-03-01..2026-03-31", "2026-02-01..2026-02-28" },
        { "2026-03-30", "2026-03-01..2026-03-30", "2026-02-01..2026-02-28" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;
        char range[24];

        e.today = e.data_through = test_day(rows[i].today);
        assert_int_equal(test_query(COST_GET_COSTS, "{'period':'mtd','compare':'previous_period'}",
                                    arena, &q, &err),
                         0);
        assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
        assert_string_equal(test_range(q.range, range), rows[i].range);
        assert_string_equal(test_range(q.compared, range), rows[i].compared);
    }
}

static void granularity_follows_the_length_unless_asked_for(void **state)
{
    static const struct {
        const char *args;
        bool months_only;
        enum cost_granularity granularity;
        bool total_only;
    } rows[] = {
        { "{}", false, COST_DAILY, true },
        { "{}", true, COST_MONTHLY, true },
        { "{'start_date':'2026-08-01','end_date':'2026-10-01'}", false, COST_DAILY, true },
        { "{'start_date':'2026-08-01','end_date':'2026-10-02'}", false, COST_MONTHLY, true },
        { "{'basis':'invoice'}", false, COST_MONTHLY, true },
        { "{'granularity':'DAILY'}", false, COST_DAILY, false },
        { "{'granularity':'TOTAL'}", false, COST_TOTAL, false },
        { "{'granularity':'HOURLY','period':'last_7_days'}", false, COST_HOURLY, false },
        { "{'start_date':'0001-01-01','end_date':'2026-10-02'}", false, COST_TOTAL, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;

        e.has_days = !rows[i].months_only;
        assert_int_equal(test_query(COST_GET_COSTS, rows[i].args, arena, &q, &err), 0);
        assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
        assert_int_equal(q.granularity, rows[i].granularity);
        assert_int_equal(q.series_total_only, rows[i].total_only);
    }
}

static void what_cannot_be_a_series_is_refused_naming_what_can(void **state)
{
    static const struct {
        const char *args;
        bool months_only;
        int code;
        const char *next;
    } rows[] = {
        { "{'granularity':'DAILY','basis':'invoice'}", false, MCP_EINVAL, "MONTHLY" },
        { "{'granularity':'HOURLY'}", true, MCP_EREFUSED, "MONTHLY" },
        { "{'granularity':'HOURLY','period':'2026-Q3'}", false, MCP_EREFUSED,
          "Use granularity DAILY, or at most 33 days." },
        { "{'granularity':'DAILY','start_date':'2020-01-01','end_date':'2025-12-31'}", false,
          MCP_EREFUSED, "Use granularity MONTHLY, or at most 800 days." },
        { "{'granularity':'MONTHLY','start_date':'0001-01-01','end_date':'9999-12-31'}", false,
          MCP_EREFUSED, "TOTAL" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_extent e = extent();
        struct cost_query q;
        struct mcp_error err;

        e.has_days = !rows[i].months_only;
        assert_int_equal(test_query(COST_GET_COSTS, rows[i].args, arena, &q, &err), 0);
        assert_int_equal(cost_query_resolve(&q, &e, &err), rows[i].code);
        assert_non_null(strstr(err.next, rows[i].next));
    }
}

static void a_partly_covered_bill_is_widened(void **state)
{
    struct cost_extent e = extent();
    struct cost_query q;
    struct mcp_error err;
    char range[24];

    (void)state;
    assert_int_equal(test_query(COST_GET_COSTS,
                                "{'start_date':'2026-08-05','end_date':'2026-09-02',"
                                "'basis':'invoice'}",
                                arena, &q, &err),
                     0);
    assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
    assert_true(q.widened);
    assert_string_equal(test_range(q.range, range), "2026-08-01..2026-09-30");
    assert_string_equal(test_range(q.asked, range), "2026-08-05..2026-09-02");
}

static void the_years_ends_are_no_trap(void **state)
{
    struct cost_extent e = extent();
    struct cost_query q;
    struct mcp_error err;

    (void)state;
    assert_int_equal(test_query(COST_GET_COSTS,
                                "{'start_date':'0001-01-01','end_date':'0001-01-31',"
                                "'compare':'previous_year'}",
                                arena, &q, &err),
                     0);
    assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
    assert_int_equal(test_query(COST_GET_COSTS,
                                "{'start_date':'9999-12-01','end_date':'9999-12-31',"
                                "'basis':'invoice'}",
                                arena, &q, &err),
                     0);
    assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(period_words_mean_days),
        cmocka_unit_test(defaults_depend_on_tool_and_source),
        cmocka_unit_test(comparisons_take_the_same_days_or_the_same_calendar_unit),
        cmocka_unit_test(a_month_s_first_day_and_the_thirty_first_compare_well),
        cmocka_unit_test(granularity_follows_the_length_unless_asked_for),
        cmocka_unit_test(what_cannot_be_a_series_is_refused_naming_what_can),
        cmocka_unit_test(a_partly_covered_bill_is_widened),
        cmocka_unit_test(the_years_ends_are_no_trap),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
