/* Filter values as people write them: what each one means in this data, and when nobody can know. */
#include "mcp-gcp/billing.h"

#include "bq_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const columns[] = { "name", "label", "alias" };
static struct bq bq;
static const struct gcp_table *table;
static struct cost_result result;

static void begin(struct gcp_script *rows)
{
    struct cost_query none = { .tool = COST_GET_COSTS };
    uint64_t requests = 0;

    bq_begin(&bq, rows);
    assert_int_equal(gcp_billing_table(&bq.gcp, bq.call, false, &table, &requests, &bq.err), 0);
    cost_result_init(&result, bq.arena, &none);
}

/* One filter of one value; what it became. */
static int resolve(enum cost_dim dim, const char *value, mcp_str *out)
{
    mcp_str values[1] = { mcp_str_z(value) };
    struct cost_query q = { .n_filters = 1,
                            .filters = { { .key = { .dim = dim, .tag_key = MCP_STR("team") },
                                           .values = values,
                                           .n_values = 1 } } };
    struct gcp_query_stats stats = { 0 };
    int rc;

    mcp_error_clear(&bq.err);
    rc = gcp_filters_resolve(&bq.gcp, bq.call, table, &q, &result, &stats, &bq.err);
    if (rc == 0)
        *out = q.filters[0].values[0];
    return rc;
}

#define TABLE                                                                                      \
    {                                                                                              \
        BQ_TABLE, 200, NULL, bq_table(bq_standard, ",\"numBytes\":\"1\""), 0                       \
    }
#define ANSWER(rows)                                                                               \
    {                                                                                              \
        BQ_QUERY, 200, NULL, bq_answer(columns, 3, rows, ""), 0                                    \
    }

static void a_value_is_an_id_a_name_or_either_but_for_case(void **state)
{
    static const struct {
        const char *written, *meant;
    } cases[] = {
        { "p-a", "p-a" },   { "Alpha", "p-a" }, { "101", "p-a" },
        { "ALPHA", "p-a" }, { "P-A", "p-a" },   { "Beta", "p-b" },
        { "beta", "beta" }, { "BETA", NULL },   { "Twice", NULL },
    };
    struct gcp_script rows[] = {
        BQ_USUAL,
        TABLE,
        ANSWER("beta|Other|104\np-a|Alpha|101\np-b|Beta|102\np-c|Twice|105\np-d|Twice|106"),
        { NULL }
    };

    (void)state;
    begin(rows);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_str out;
        int rc = resolve(COST_DIM_PROJECT, cases[i].written, &out);

        if (cases[i].meant == NULL) {
            assert_int_equal(rc, MCP_EINVAL);
            assert_string_equal(bq.err.code, "ambiguous_value");
            assert_true(bq_holds(bq.err.message, "2 different ids"));
        } else if (rc != 0 || !mcp_str_eq(out, mcp_str_z(cases[i].meant))) {
            fail_msg("%s: %d", cases[i].written, rc);
        }
    }
    assert_int_equal(result.n_warnings, 0);
    bq_end(&bq);
}

static void an_unknown_value_stays_and_the_nearest_are_named(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL, TABLE, ANSWER("BigQuery||24E6\nCloud SQL||9662"), { NULL }
    };
    mcp_str out;

    (void)state;
    begin(rows);
    assert_int_equal(resolve(COST_DIM_SERVICE, "BigQurey", &out), 0);
    assert_true(mcp_str_eq(out, MCP_STR("BigQurey")));
    assert_int_equal(result.n_warnings, 1);
    assert_string_equal(result.warnings[0].code, "unknown_value");
    assert_true(bq_holds(result.warnings[0].next.ptr, "BigQuery"));
    bq_end(&bq);
}

static void closed_lists_need_no_data(void **state)
{
    static const struct {
        enum cost_dim dim;
        const char *written, *meant;
    } cases[] = {
        { COST_DIM_CHARGE_CATEGORY, "tax", "Tax" },
        { COST_DIM_CHARGE_CATEGORY, "no such thing", "no such thing" },
        { COST_DIM_CURRENCY, "eur", "EUR" },
        { COST_DIM_CURRENCY, "euros", "euros" },
        { COST_DIM_PROVIDER, "Google Cloud", "gcp" },
        { COST_DIM_PROVIDER, "aws", "aws" },
        { COST_DIM_RESOURCE, "vm-1", "vm-1" },
        { COST_DIM_INVOICE, "202510", "202510" },
    };
    struct gcp_script rows[] = { BQ_USUAL, TABLE, { NULL } };

    (void)state;
    begin(rows);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_str out;

        if (resolve(cases[i].dim, cases[i].written, &out) != 0 ||
            !mcp_str_eq(out, mcp_str_z(cases[i].meant)))
            fail_msg("%s: %.*s", cases[i].written, MCP_STR_ARG(out));
    }
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 0);
    bq_end(&bq);
}

static void values_are_offered_with_their_names(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE, ANSWER("p-a|Alpha|101\np-b|p-b|102"), { NULL } };
    const mcp_str *values;
    size_t n;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_values(&bq.gcp, bq.call, COST_DIM_PROJECT, &values, &n, &bq.err), 0);
    assert_int_equal(n, 3);
    assert_true(mcp_str_eq(values[1], MCP_STR("Alpha")));
    bq_end(&bq);
}

static void tag_keys_are_those_of_labels_tags_and_projects(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE, ANSWER("env||\n||\nteam||"), { NULL } };
    const mcp_str *values;
    const char *sent;
    size_t n;

    (void)state;
    begin(rows);
    assert_int_equal(gcp_values(&bq.gcp, bq.call, COST_DIM_TAG, &values, &n, &bq.err), 0);
    assert_int_equal(n, 2);
    assert_true(mcp_str_eq(values[1], MCP_STR("team")));
    sent = gcp_server_last(bq.server);
    assert_true(bq_holds(sent, "UNNEST(t.labels)") && bq_holds(sent, "UNNEST(t.tags)") &&
                bq_holds(sent, "UNNEST(t.project.labels)"));
    bq_end(&bq);
}

static void who_may_see_nothing_is_offered_nothing(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL, TABLE, { NULL } };
    const mcp_str *values;
    size_t n = 9;

    (void)state;
    begin(rows);
    bq.config.restricted = true;
    assert_int_equal(gcp_values(&bq.gcp, bq.call, COST_DIM_PROJECT, &values, &n, &bq.err), 0);
    assert_int_equal(n, 0);
    assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 0);
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
        cmocka_unit_test(a_value_is_an_id_a_name_or_either_but_for_case),
        cmocka_unit_test(an_unknown_value_stays_and_the_nearest_are_named),
        cmocka_unit_test(closed_lists_need_no_data),
        cmocka_unit_test(values_are_offered_with_their_names),
        cmocka_unit_test(tag_keys_are_those_of_labels_tags_and_projects),
        cmocka_unit_test(who_may_see_nothing_is_offered_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
