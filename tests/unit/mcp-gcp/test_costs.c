/* get_costs over an export: asked in one statement, gathered, and what is said besides the sums. */
#include "mcp-gcp/costs.h"

#include "bq_help.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TODAY 20412
#define TABLE(columns)                                                                             \
    {                                                                                              \
        BQ_TABLE, 200, NULL, bq_table(columns, ",\"numBytes\":\"1\""), 0                           \
    }
#define FRESH                                                                                      \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, -1), 1                                             \
    }
#define COSTS(rows, commitments)                                                                   \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_costs(rows, commitments), 1                                        \
    }
/* A total of 5.5, of which a group has 4 and the rest 1.5. */
#define GOOD                                                                                       \
    "t|0|USD||||||0|1|2|5.5\n"                                                                     \
    "p|0|USD|BigQuery|20400|0|3|TiB|1|1|1|4\n"                                                     \
    "o|0|USD||20401|0|3|TiB|0|2|1|1.5"

static struct bq bq;
static struct cost_result out;

static struct cost_query question(void)
{
    return (struct cost_query){ .tool = COST_GET_COSTS,
                                .keys = { { .dim = COST_DIM_SERVICE } },
                                .n_keys = 1,
                                .has_start = true,
                                .has_end = true,
                                .start = 20400,
                                .end = 20403,
                                .has_granularity = true,
                                .granularity = COST_DAILY,
                                .limit = 1 };
}

static int ask(const struct cost_query *q)
{
    return gcp_costs(&bq.gcp, bq.call, q, &out, &bq.err);
}

static const struct cost_warning *warned(const char *code)
{
    for (size_t i = 0; i < out.n_warnings; i++) {
        if (strcmp(out.warnings[i].code, code) == 0)
            return &out.warnings[i];
    }
    return NULL;
}

static void page_rest_and_source_are_told(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), FRESH, COSTS(GOOD, 0), { NULL } };
    struct cost_query q = question();

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_int_equal(cost_result_check(&out, &bq.err), 0);
    assert_int_equal(out.n_blocks, 1);
    assert_int_equal(out.blocks[0].n_groups, 1);
    assert_int_equal(out.blocks[0].other_groups, 1);
    assert_true(mcp_str_eq(out.provider, MCP_STR("gcp")));
    assert_true(mcp_str_eq(out.backend, MCP_STR("bigquery")));
    assert_true(mcp_str_eq(out.native_metric, MCP_STR("cost + credits")));
    assert_true(mcp_str_eq(out.timezone, MCP_STR("America/Los_Angeles")));
    assert_true(out.has_data_through && out.data_through == TODAY - 1);
    assert_int_equal(out.requests, 4); /* dataset, table, freshness, costs */
    assert_null(warned("still_arriving"));
    assert_null(warned("outside_scope"));
    bq_end(&bq);
}

static void the_metric_is_told_in_the_words_of_the_table(void **state)
{
    static const struct {
        const char *columns;
        enum cost_metric metric;
        const char *native;
    } rows[] = {
        { bq_standard, COST_EFFECTIVE, "cost + credits" },
        { bq_standard, COST_LIST, "cost_at_list" },
        { bq_standard, COST_CONTRACTED, "cost" },
        { bq_detailed, COST_CONTRACTED, "cost_at_effective_price_default" },
        { bq_focus, COST_BILLED, "BilledCost" },
        { bq_focus, COST_EFFECTIVE, "EffectiveCost" },
        { bq_focus, COST_CONTRACTED, "ContractedCost" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct gcp_script script[] = {
            BQ_USUAL, TABLE(rows[i].columns), FRESH, COSTS(GOOD, 0), { NULL }
        };
        struct cost_query q = question();

        q.metric = rows[i].metric;
        bq_begin(&bq, script);
        assert_int_equal(ask(&q), 0);
        assert_true(mcp_str_eq(out.native_metric, mcp_str_z(rows[i].native)));
        bq_end(&bq);
    }
}

static void effective_is_unknown_with_commitments_and_says_where_it_is_known(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), FRESH, COSTS(GOOD, 1), { NULL } };
    struct cost_query q = question();

    (void)state;
    q.metric = COST_EFFECTIVE;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_true(cost_measure_is_null(&out.blocks[0].total));
    assert_non_null(warned("effective_unknown"));
    assert_true(bq_holds(warned("effective_unknown")->next.ptr, "FOCUS"));
    bq_end(&bq);
}

static void billed_is_not_bothered_by_commitments(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), FRESH, COSTS(GOOD, 1), { NULL } };
    struct cost_query q = question();

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_false(cost_measure_is_null(&out.blocks[0].total));
    assert_true(cost_measure_is_null(&out.blocks[0].totals[COST_EFFECTIVE]));
    assert_null(warned("effective_unknown"));
    bq_end(&bq);
}

static void the_latest_days_may_still_grow(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 TABLE(bq_standard),
                                 FRESH,
                                 COSTS("t|0|USD||||||0|1|1|4\n"
                                       "p|0|USD|BigQuery|20411|0|3|TiB|1|1|1|4",
                                       0),
                                 { NULL } };
    struct cost_query q = question();

    (void)state;
    q.end = TODAY - 1;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_non_null(warned("still_arriving"));
    bq_end(&bq);
}

static void who_is_restricted_is_told_what_is_left_out(void **state)
{
    static const mcp_str projects[] = { { "p-a", 3 } };

    (void)state;
    for (int unattributed = 0; unattributed < 2; unattributed++) {
        struct gcp_script rows[] = {
            BQ_USUAL, TABLE(bq_standard), FRESH, COSTS(GOOD, 0), { NULL }
        };
        struct cost_query q = question();

        bq_begin(&bq, rows);
        bq.config.restricted = true;
        bq.config.authorized_projects = (struct mcp_opt_list){ projects, 1 };
        bq.config.unattributed = unattributed;
        assert_int_equal(ask(&q), 0);
        assert_int_equal(warned("outside_scope") == NULL, unattributed);
        bq_end(&bq);
    }
}

static void an_empty_list_of_projects_asks_bigquery_nothing(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), { NULL } };
    struct cost_query q = question();

    (void)state;
    bq_begin(&bq, rows);
    bq.config.restricted = true;
    assert_int_equal(ask(&q), 0);
    assert_true(out.no_data && out.n_blocks == 0 && !out.has_available);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 0);
    bq_end(&bq);
}

static void no_rows_name_the_days_that_there_are(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 TABLE(bq_standard),
                                 FRESH,
                                 { BQ_QUERY, 200, NULL, bq_costs("", 0), 1 },
                                 { BQ_QUERY, 200, NULL, bq_extent(BQ_NOON, 20000), 1 },
                                 { NULL } };
    struct cost_query q = question();

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_true(out.no_data && out.has_available);
    assert_int_equal(out.available.start, 20000);
    assert_int_equal(out.available.end, TODAY - 1);
    bq_end(&bq);
}

/* One row of usage that lasts a month: a series by day would be a lie. */
static const char *coarse(const char *bucket)
{
    static char cells[4096];
    size_t n = 0;

    cells[0] = '\0';
    for (int row = 0; row < 2; row++) {
        for (int c = 0; c < GCP_COSTS_N_SHORT; c++) {
            const char *value = "0";

            if (c == GCP_COSTS_SECTION)
                value = row == 0 ? "t" : "p";
            else if (c == GCP_COSTS_CURRENCY)
                value = "USD";
            else if (c == GCP_COSTS_BUCKET)
                value = row == 0 ? "" : bucket;
            else if (c == GCP_COSTS_K1 && row == 1)
                value = "Support";
            else if (c == GCP_COSTS_CLASS)
                value = "3";
            else if (c == GCP_COSTS_PLACE)
                value = row == 0 ? "0" : "1";
            else if (c == GCP_COSTS_GROUPS || c == GCP_COSTS_ROWS)
                value = "1";
            else if ((c >= GCP_COSTS_BILLED && c <= GCP_COSTS_CONTRACTED) || c == GCP_COSTS_USAGE ||
                     c == GCP_COSTS_OVER_DAY)
                value = "9";
            else if (c < GCP_COSTS_ROWS && c != GCP_COSTS_W && c != GCP_COSTS_CHARGE)
                value = "";
            n += (size_t)snprintf(cells + n, sizeof(cells) - n, "%s|", value);
        }
        n += (size_t)snprintf(cells + n, sizeof(cells) - n, row == 0 ? "\n" : "");
    }
    return bq_answer(gcp_costs_columns, GCP_COSTS_N_SHORT, cells, "");
}

static void a_series_is_as_fine_as_the_data_unless_asked_for(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 TABLE(bq_standard),
                                 FRESH,
                                 { BQ_QUERY, 200, NULL, coarse("20400"), 1 },
                                 { BQ_QUERY, 200, NULL, coarse("202511"), 1 },
                                 { BQ_QUERY, 200, NULL, coarse("20400"), 1 },
                                 { NULL } };
    struct cost_query q = question();

    (void)state;
    q.has_granularity = false;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), 0);
    assert_int_equal(out.query.granularity, COST_MONTHLY);
    q.has_granularity = true;
    q.granularity = COST_DAILY;
    assert_int_equal(ask(&q), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "too_coarse");
    assert_true(bq_holds(bq.err.next, "MONTHLY"));
    bq_end(&bq);
}

static void resources_come_from_the_table_that_has_them(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), FRESH, { NULL } };
    struct cost_query q = question();

    (void)state;
    q.keys[0].dim = COST_DIM_RESOURCE;
    bq_begin(&bq, rows);
    assert_int_equal(ask(&q), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "dimension_not_exported");
    assert_true(bq_holds(bq.err.next, "detailed usage cost export"));
    bq_end(&bq);
}

static void the_cache_is_asked_only_when_the_state_is_known(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), FRESH, COSTS(GOOD, 0), { NULL } };
    struct cost_query q = question();
    mcp_str generation;

    (void)state;
    bq_begin(&bq, rows);
    assert_int_equal(gcp_peek(&bq.gcp, &q, &generation, bq.arena), MCP_MISS);
    q = question();
    assert_int_equal(ask(&q), 0);
    q = question();
    assert_int_equal(gcp_peek(&bq.gcp, &q, &generation, bq.arena), 0);
    assert_true(mcp_str_eq(generation, out.generation));
    assert_int_equal(q.range.start, 20400);
    /* What cannot be resolved is not looked for: the call says why. */
    q = question();
    q.basis = COST_INVOICE;
    assert_int_equal(gcp_peek(&bq.gcp, &q, &generation, bq.arena), MCP_MISS);
    bq_end(&bq);
}

static void without_settings_nothing_is_asked(void **state)
{
    struct gcp_script none[] = { { NULL } };
    struct cost_query q = question();

    (void)state;
    bq_begin(&bq, none);
    bq.config.dataset = MCP_STR_NULL;
    assert_int_equal(ask(&q), MCP_ECONFIG);
    assert_string_equal(bq.err.code, "not_configured");
    assert_int_equal(gcp_server_count(bq.server, "/"), 0);
    bq_end(&bq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_rest_and_source_are_told),
        cmocka_unit_test(the_metric_is_told_in_the_words_of_the_table),
        cmocka_unit_test(effective_is_unknown_with_commitments_and_says_where_it_is_known),
        cmocka_unit_test(billed_is_not_bothered_by_commitments),
        cmocka_unit_test(the_latest_days_may_still_grow),
        cmocka_unit_test(who_is_restricted_is_told_what_is_left_out),
        cmocka_unit_test(an_empty_list_of_projects_asks_bigquery_nothing),
        cmocka_unit_test(no_rows_name_the_days_that_there_are),
        cmocka_unit_test(a_series_is_as_fine_as_the_data_unless_asked_for),
        cmocka_unit_test(resources_come_from_the_table_that_has_them),
        cmocka_unit_test(the_cache_is_asked_only_when_the_state_is_known),
        cmocka_unit_test(without_settings_nothing_is_asked),
    };

    return cmocka_run_group_tests(tests, bq_at_noon, bq_group_end);
}
