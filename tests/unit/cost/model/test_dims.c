/* Dimension names, aliases and the other closed lists. */
#include <cost/dims.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void each_dimension_is_found_by_its_name_and_listed(void **state)
{
    (void)state;
    for (int d = COST_DIM_NONE + 1; d < COST_DIM_TAG; d++) {
        assert_int_equal(cost_dim_parse(mcp_str_z(cost_dim_name((enum cost_dim)d)), NULL), d);
        assert_non_null(strstr(cost_dim_list(), cost_dim_name((enum cost_dim)d)));
    }
    assert_int_equal(cost_dim_parse(MCP_STR("tag"), NULL), COST_DIM_NONE);
}

static void aliases_and_tags_are_taken_in_any_case(void **state)
{
    mcp_str key;

    (void)state;
    assert_int_equal(cost_dim_parse(MCP_STR("account"), &key), COST_DIM_PROJECT);
    assert_true(mcp_str_is_null(key));
    assert_int_equal(cost_dim_parse(MCP_STR("Subscription"), NULL), COST_DIM_PROJECT);
    assert_int_equal(cost_dim_parse(MCP_STR("sub_account"), NULL), COST_DIM_PROJECT);
    assert_int_equal(cost_dim_parse(MCP_STR("SERVICE"), NULL), COST_DIM_SERVICE);
    assert_int_equal(cost_dim_parse(MCP_STR("ServiceName"), NULL), COST_DIM_SERVICE);
    assert_int_equal(cost_dim_parse(MCP_STR("tag: org"), &key), COST_DIM_TAG);
    assert_true(mcp_str_eq(key, MCP_STR(" org")));
    assert_int_equal(cost_dim_parse(MCP_STR("tag:"), &key), COST_DIM_NONE);
    assert_int_equal(cost_dim_parse(MCP_STR(""), &key), COST_DIM_NONE);
}

static void a_misspelt_dimension_has_a_nearest_one_and_nonsense_has_none(void **state)
{
    (void)state;
    assert_string_equal(cost_dim_nearest(MCP_STR("servce")), "service");
    assert_string_equal(cost_dim_nearest(MCP_STR("accounts")), "project");
    assert_string_equal(cost_dim_nearest(MCP_STR("linked_account")), "project");
    assert_string_equal(cost_dim_nearest(MCP_STR("label")), "tag:KEY");
    assert_null(cost_dim_nearest(MCP_STR("zzzz")));
    assert_null(cost_dim_nearest(MCP_STR("")));
}

static void metrics_granularities_and_charges_have_names_and_synonyms(void **state)
{
    enum cost_metric m = COST_N_METRICS;
    enum cost_granularity g = COST_TOTAL;
    enum cost_charge c = COST_N_CHARGES;

    (void)state;
    for (int i = 0; i < COST_N_METRICS; i++) {
        assert_int_equal(cost_metric_parse(mcp_str_z(cost_metric_name((enum cost_metric)i)), &m),
                         0);
        assert_int_equal(m, i);
    }
    assert_int_equal(cost_metric_parse(MCP_STR("Unblended"), &m), 0);
    assert_int_equal(m, COST_BILLED);
    assert_int_equal(cost_metric_parse(MCP_STR("amortized"), &m), 0);
    assert_int_equal(m, COST_EFFECTIVE);
    assert_int_equal(cost_metric_parse(MCP_STR("blended"), &m), -1);
    for (int i = COST_TOTAL; i <= COST_MONTHLY; i++) {
        const char *name = cost_granularity_name((enum cost_granularity)i);

        assert_int_equal(cost_granularity_parse(mcp_str_z(name), &g), 0);
        assert_int_equal(g, i);
    }
    for (int i = 0; i < COST_N_CHARGES; i++) {
        assert_int_equal(cost_charge_parse(mcp_str_z(cost_charge_name((enum cost_charge)i)), &c),
                         0);
        assert_int_equal(c, i);
    }
    assert_int_equal(cost_charge_parse(MCP_STR("tax"), &c), 0);
    assert_int_equal(cost_charge_parse(MCP_STR("Refund"), &c), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_dimension_is_found_by_its_name_and_listed),
        cmocka_unit_test(aliases_and_tags_are_taken_in_any_case),
        cmocka_unit_test(a_misspelt_dimension_has_a_nearest_one_and_nonsense_has_none),
        cmocka_unit_test(metrics_granularities_and_charges_have_names_and_synonyms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
