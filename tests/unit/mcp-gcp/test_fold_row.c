/* Cells of BigQuery become numbers, or the answer ends: never a figure that might be wrong. */
#include "mcp-gcp/fold_row.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static struct cost_query query;
static struct gcp_fold fold;
static mcp_str cells[GCP_COSTS_N];
static struct gcp_fold_row row;
static struct mcp_error err;

/* A row of usage without a bucket; buckets are days from 2026-10-01 on. */
static int setup(void **state)
{
    (void)state;
    query = (struct cost_query){ .granularity = COST_DAILY };
    assert_int_equal(mcp_date_parse(MCP_STR("2026-10-01"), &query.range.start), 0);
    fold = (struct gcp_fold){ .query = &query, .n_buckets = 31 };
    for (int i = 0; i < GCP_COSTS_N; i++)
        cells[i] = MCP_STR_NULL;
    cells[GCP_COSTS_ROWS] = MCP_STR("3");
    return 0;
}

static int read_row(void)
{
    mcp_error_clear(&err);
    return gcp_fold_read(&fold, cells, &row, &err);
}

static void missing_numbers_are_none_and_present_ones_exact(void **state)
{
    (void)state;
    cells[GCP_COSTS_BILLED] = MCP_STR("-0.000000001");
    cells[GCP_COSTS_CHARGE] = MCP_STR("1");
    assert_int_equal(read_row(), 0);
    assert_int_equal(row.n, 3);
    assert_int_equal(row.charge, 1);
    assert_int_equal(row.bucket, SIZE_MAX);
    assert_true(row.sum[COST_BILLED].units == -1000000000);
    assert_true(row.sum[COST_LIST].units == 0);
    assert_int_equal(fold.rounded, 0);
}

static void digits_that_are_not_kept_are_counted(void **state)
{
    (void)state;
    cells[GCP_COSTS_BILLED] = MCP_STR("0.1234567890123456789");
    assert_int_equal(read_row(), 0);
    assert_int_equal(fold.rounded, 1);
}

static void what_is_no_number_ends_the_answer_and_names_its_column(void **state)
{
    static const struct {
        enum gcp_costs_column column;
        const char *text;
    } rows[] = { { GCP_COSTS_BILLED, "NaN" },   { GCP_COSTS_LIST, "Infinity" },
                 { GCP_COSTS_ROWS, "1.5" },     { GCP_COSTS_ROWS, "-1" },
                 { GCP_COSTS_PLACE, "first" },  { GCP_COSTS_CLASS, "99" },
                 { GCP_COSTS_EFFECTIVE, "1,5" } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        setup(state);
        cells[rows[i].column] = mcp_str_z(rows[i].text);
        assert_int_equal(read_row(), MCP_EUPSTREAM);
        if (strstr(err.message, gcp_costs_columns[rows[i].column]) == NULL ||
            strstr(err.message, rows[i].text) == NULL)
            fail_msg("%s", err.message);
    }
    setup(state);
    cells[GCP_COSTS_BILLED] = MCP_STR("1000000000000000000000000");
    assert_int_equal(read_row(), MCP_ERANGE);
}

static void a_bucket_is_counted_from_the_first_and_never_past_the_last(void **state)
{
    char day[16];

    (void)state;
    snprintf(day, sizeof(day), "%d", query.range.start + 30);
    cells[GCP_COSTS_BUCKET] = mcp_str_z(day);
    assert_int_equal(read_row(), 0);
    assert_int_equal(row.bucket, 30);
    fold.n_buckets = 30;
    assert_int_equal(read_row(), MCP_EUPSTREAM);
    query.granularity = COST_MONTHLY; /* across the turn of a year */
    cells[GCP_COSTS_BUCKET] = MCP_STR("202702");
    assert_int_equal(read_row(), 0);
    assert_int_equal(row.bucket, 4);
    cells[GCP_COSTS_BUCKET] = MCP_STR("202609");
    assert_int_equal(read_row(), MCP_EUPSTREAM);
}

#define ROW(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(missing_numbers_are_none_and_present_ones_exact),
        ROW(digits_that_are_not_kept_are_counted),
        ROW(what_is_no_number_ends_the_answer_and_names_its_column),
        ROW(a_bucket_is_counted_from_the_first_and_never_past_the_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
