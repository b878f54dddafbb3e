/* The values of a dimension: read once, kept for a while, by whom may see them. */
#include "mcp-gcp/names.h"

#include "bq_help.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const columns[] = { "name", "label", "alias" };
static struct bq bq;
static const struct gcp_table *table;
static struct gcp_query_stats stats;

static void begin(struct gcp_script *rows)
{
    uint64_t requests = 0;

    bq_begin(&bq, rows);
    stats = (struct gcp_query_stats){ 0 };
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &table, &requests, &bq.err), 0);
}

static int32_t from = INT32_MAX; /* the day since which names are asked for */

static int names_of(enum cost_dim dim, const char *tag, const struct gcp_names **out)
{
    struct cost_key_spec spec = { .dim = dim, .tag_key = mcp_str_z(tag) };

    mcp_error_clear(&bq.err);
    return gcp_names_of(&bq.gcp, bq.call, table, &spec, from, out, &stats, &bq.err);
}

#define TABLE(columns)                                                                             \
    {                                                                                              \
        BQ_TABLE, 200, NULL, bq_table(columns, ",\"numBytes\":\"1\""), 0                           \
    }
#define ANSWER(rows)                                                                               \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_answer(columns, 3, rows, ""), 0                                    \
    }

static void names_are_read_once(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL, TABLE(bq_standard), ANSWER("|no project|\np-a|Alpha|101\np-b||"), { NULL }
    };
    const struct gcp_names *a, *b;

    (void)state;
    begin(rows);
    assert_int_equal(names_of(COST_DIM_PROJECT, NULL, &a), 0);
    assert_int_equal(a->n, 2); /* the missing value is no name */
    assert_true(mcp_str_eq(a->items[0].key, MCP_STR("p-a")));
    assert_true(mcp_str_eq(a->items[0].label, MCP_STR("Alpha")));
    assert_true(mcp_str_eq(a->items[0].alias, MCP_STR("101")));
    assert_true(mcp_str_is_null(a->items[1].label));
    assert_false(a->cut);
    assert_int_equal(names_of(COST_DIM_PROJECT, NULL, &b), 0);
    assert_ptr_equal(a, b);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 1);
    /* Another dimension, another tag: another list. */
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &b), 0);
    assert_int_equal(names_of(COST_DIM_TAG, "team", &b), 0);
    assert_int_equal(names_of(COST_DIM_TAG, "env", &b), 0);
    assert_int_equal(names_of(COST_DIM_TAG, "team", &b), 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 4);
    bq_end(&bq);
}

static void older_ranges_have_lists_of_whole_years(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), ANSWER("v||"), { NULL } };
    const struct gcp_names *a, *b;

    (void)state;
    mcp_clock_set(1763668800); /* 2025-11-20 in California */
    begin(rows);
    from = 20412 - 99;
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &a), 0);
    assert_true(bq_holds(gcp_server_last(bq.server), "\"2025-08-12\""));
    from = 20412;
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &b), 0);
    assert_ptr_equal(a, b);
    from = 19900; /* 2024-06-26 */
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &a), 0);
    assert_true(bq_holds(gcp_server_last(bq.server), "\"2024-01-01\""));
    from = 19950;
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &b), 0);
    assert_ptr_equal(a, b);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 2);
    from = INT32_MAX;
    bq_end(&bq);
}

static void the_oldest_list_gives_way(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), ANSWER("v||"), { NULL } };
    const struct gcp_names *names;
    char tag[16];

    (void)state;
    begin(rows);
    for (int i = 0; i < 40; i++) {
        snprintf(tag, sizeof(tag), "t%d", i);
        assert_int_equal(names_of(COST_DIM_TAG, tag, &names), 0);
    }
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 40);
    assert_int_equal(names_of(COST_DIM_TAG, "t39", &names), 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 40);
    bq_end(&bq);
}

static void only_those_of_the_projects_that_may_be_seen(void **state)
{
    static const mcp_str projects[] = { { "p-a", 3 } };
    struct gcp_script rows[] = { BQ_USUAL, TABLE(bq_standard), ANSWER("v||"), { NULL } };
    const struct gcp_names *names;

    (void)state;
    begin(rows);
    bq.config.restricted = true;
    bq.config.authorized_projects = (struct mcp_opt_list){ projects, 1 };
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &names), 0);
    assert_true(bq_holds(gcp_server_last(bq.server), "IN UNNEST(@authorized_projects)"));
    assert_true(bq_holds(gcp_server_last(bq.server), "[{\"value\":\"p-a\"}]"));
    bq_end(&bq);
}

static void what_fails_is_not_remembered(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL, TABLE(bq_standard), { BQ_QUERY, 400, NULL, "{}", 1 }, ANSWER("v||"), { NULL }
    };
    const struct gcp_names *names;

    (void)state;
    begin(rows);
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &names), MCP_EREFUSED);
    assert_int_equal(names_of(COST_DIM_SERVICE, NULL, &names), 0);
    assert_int_equal(names_of(COST_DIM_SERVICE_CATEGORY, NULL, &names), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "dimension_not_exported");
    bq_end(&bq);
}

static int teardown(void **state)
{
    (void)state;
    gcp_files_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_read_once),
        cmocka_unit_test(older_ranges_have_lists_of_whole_years),
        cmocka_unit_test(the_oldest_list_gives_way),
        cmocka_unit_test(only_those_of_the_projects_that_may_be_seen),
        cmocka_unit_test(what_fails_is_not_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
