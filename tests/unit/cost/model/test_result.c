/* A result's beginning, its warnings, its buckets. */
#include "result_help.h"

#include "query_help.h"

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

static void a_new_result_covers_the_query_s_days_in_utc(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{'period':'2026-10'}", arena);

    (void)state;
    assert_int_equal(r->time_end - r->time_start, 31 * 86400);
    assert_true(mcp_str_eq(r->timezone, MCP_STR("UTC")));
    assert_int_equal(r->n_warnings, 0);
}

static void further_warnings_are_counted_in_the_last(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{}", arena);

    (void)state;
    for (int i = 1; i <= 25; i++)
        cost_result_warn(r, "w", MCP_STR_NULL, "number %d", i);
    assert_int_equal(r->n_warnings, 20);
    assert_true(mcp_str_eq(r->warnings[18].text, MCP_STR("number 19")));
    assert_string_equal(r->warnings[19].code, "more_warnings");
    assert_true(mcp_str_starts(r->warnings[19].text, MCP_STR("6 further")));
}

static void a_long_warning_is_cut(void **state)
{
    struct cost_result *r = model_result(COST_GET_COSTS, "{}", arena);
    char text[2000];

    (void)state;
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    cost_result_warn(r, "w", MCP_STR("next"), "%s", text);
    assert_true(r->warnings[0].text.len < 500);
}

static void ranges_are_cut_into_buckets(void **state)
{
    static const struct {
        const char *start, *end;
        enum cost_granularity g;
        size_t n;
        const char *second;
    } rows[] = {
        { "2026-10-01", "2026-10-31", COST_DAILY, 31, "2026-10-02" },
        { "2026-10-01", "2026-10-31", COST_TOTAL, 1, NULL },
        { "2026-10-01", "2026-10-01", COST_HOURLY, 24, "2026-10-01" },
        { "2026-10-15", "2027-01-02", COST_MONTHLY, 4, "2026-11-01" },
        { "2026-01-31", "2026-02-28", COST_MONTHLY, 2, "2026-02-01" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_range range = { test_day(rows[i].start), test_day(rows[i].end) };
        int64_t *starts;
        size_t n;

        assert_int_equal(cost_buckets(&range, rows[i].g, 1000, arena, &starts, &n), 0);
        assert_int_equal(n, rows[i].n);
        assert_int_equal(starts[0], (int64_t)range.start * 86400);
        if (rows[i].second != NULL)
            assert_int_equal(starts[1] / 86400, test_day(rows[i].second));
        assert_int_equal(cost_buckets(&range, rows[i].g, n - 1, arena, &starts, &n), MCP_ERANGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_result_covers_the_query_s_days_in_utc),
        cmocka_unit_test(further_warnings_are_counted_in_the_last),
        cmocka_unit_test(a_long_warning_is_cut),
        cmocka_unit_test(ranges_are_cut_into_buckets),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
