/* The tools' schemas: they compile, stay terse, and agree with what the parser takes. */
#include "query_help.h"

#include <mcp/schema.h>
#include <schemas.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define SCHEMAS_CHARS 8300 /* with names, descriptions and annotations under 10,000 */

static const struct mcp_schema_text *const all[] = {
    &cost_schema_get_costs_in,           &cost_schema_get_costs_out,
    &cost_schema_get_forecast_in,        &cost_schema_get_forecast_out,
    &cost_schema_get_recommendations_in, &cost_schema_get_recommendations_out,
    &cost_schema_get_resources_in,       &cost_schema_get_resources_out,
};

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

static void schemas_compile_and_are_terse_together(void **state)
{
    size_t chars = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        struct mcp_error err = { 0 };
        struct mcp_schema *s = mcp_schema_compile(mcp_str_n(all[i]->text, all[i]->len), &err);

        if (s == NULL)
            fail_msg("%s: %s", all[i]->name, err.message);
        mcp_schema_free(s);
        chars += all[i]->len;
    }
    if (chars > SCHEMAS_CHARS)
        fail_msg("the schemas have %zu characters", chars);
}

/* 0 or MCP_EINVAL by the schema alone. */
static int check(const struct mcp_schema_text *schema, const char *args)
{
    struct mcp_schema *s = mcp_schema_compile(mcp_str_n(schema->text, schema->len), NULL);
    mcp_str copy = mcp_arena_str(arena, mcp_str_z(args));
    char *text = mcp_arena_alloc(arena, copy.len + 1);
    struct mcp_json root;
    int rc;

    for (size_t i = 0; i < copy.len; i++)
        text[i] = copy.ptr[i] == '\'' ? '"' : copy.ptr[i];
    assert_non_null(s);
    assert_int_equal(mcp_json_parse(arena, mcp_str_n(text, copy.len), NULL, &root, NULL), 0);
    rc = mcp_schema_check(s, root, arena, NULL);
    mcp_schema_free(s);
    return rc;
}

static void good_calls_pass_schema_and_parser(void **state)
{
    static const struct {
        enum cost_tool tool;
        const char *args;
    } rows[] = {
        { COST_GET_COSTS, "{}" },
        { COST_GET_COSTS, "{'period':'last_month','group_by':['project','service','region']}" },
        { COST_GET_COSTS, "{'start_date':'2026-10-01','end_date':'2026-10-31','metric':'amortized',"
                          "'granularity':'DAILY','basis':'usage','limit':50,'bridge':true}" },
        { COST_GET_COSTS, "{'filters':{'service':['a',null],'tag:x':{'not':['y']},'region':'z'},"
                          "'compare':'previous_year','currency':'USD'}" },
        { COST_GET_COSTS,
          "{'compare':{'start_date':'2026-10-01','end_date':'2026-10-31'},'cursor':'x'}" },
        { COST_GET_FORECAST, "{'period':'next_month','granularity':'DAILY','group_by':['service'],"
                             "'confidence':0.9,'method':'auto','filters':{'service':['a']}}" },
        { COST_GET_RECOMMENDATIONS,
          "{'category':'idle','min_monthly_savings':0.5,'limit':5,'cursor':'x','currency':'USD'}" },
        { COST_GET_RESOURCES, "{'resource_type':'VM','sort':'cost','period':'2026-10','limit':3,"
                              "'metric':'billed','filters':{'region':['a']}}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_query q;
        struct mcp_error err = { 0 };

        assert_int_equal(check(all[2 * rows[i].tool], rows[i].args), 0);
        assert_int_equal(test_query(rows[i].tool, rows[i].args, arena, &q, &err), 0);
    }
}

static void bad_calls_are_stopped_by_the_schema(void **state)
{
    static const struct {
        enum cost_tool tool;
        const char *args;
    } rows[] = {
        { COST_GET_COSTS, "{'groupby':['service']}" },
        { COST_GET_COSTS, "{'group_by':['a','b','c','d']}" },
        { COST_GET_COSTS, "{'group_by':[1]}" },
        { COST_GET_COSTS, "{'limit':'10'}" },
        { COST_GET_COSTS, "{'limit':0}" },
        { COST_GET_COSTS, "{'limit':1001}" },
        { COST_GET_COSTS, "{'limit':1.5}" },
        { COST_GET_COSTS, "{'metric':'blended'}" },
        { COST_GET_COSTS, "{'granularity':'daily'}" },
        { COST_GET_COSTS, "{'compare':{'start_date':'2026-10-01'}}" },
        { COST_GET_COSTS, "{'filters':['service']}" },
        { COST_GET_COSTS, "{'filters':{'service':7}}" },
        { COST_GET_FORECAST, "{'cursor':'x'}" },
        { COST_GET_FORECAST, "{'granularity':'HOURLY'}" },
        { COST_GET_FORECAST, "{'confidence':1}" },
        { COST_GET_RECOMMENDATIONS, "{'category':'magic'}" },
        { COST_GET_RECOMMENDATIONS, "{'period':'mtd'}" },
        { COST_GET_RECOMMENDATIONS, "{'min_monthly_savings':-1}" },
        { COST_GET_RESOURCES, "{'sort':'name'}" },
        { COST_GET_RESOURCES, "{'group_by':['service']}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (check(all[2 * rows[i].tool], rows[i].args) != MCP_EINVAL)
            fail_msg("%s passed", rows[i].args);
    }
}

/* Each argument that a schema offers is one that the parser knows. */
static void every_argument_offered_is_understood(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct mcp_json root;

        assert_int_equal(
            mcp_json_parse(arena, mcp_str_n(all[2 * i]->text, all[2 * i]->len), NULL, &root, NULL),
            0);
        for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("properties")));
             mcp_json_next(&it);) {
            mcp_str name;
            struct cost_query q;
            struct mcp_error err = { 0 };
            mcp_str args;

            assert_int_equal(mcp_json_str(it.key, arena, &name), 0);
            args = mcp_arena_printf(arena, "{'%.*s':[[]]}", MCP_STR_ARG(name));
            /* No argument is a list of lists: known ones complain about the value. */
            assert_int_equal(test_query((enum cost_tool)i, args.ptr, arena, &q, &err), MCP_EINVAL);
            if (strstr(err.message, "has no argument") != NULL)
                fail_msg("%s offers %.*s, which is not parsed", all[2 * i]->name,
                         MCP_STR_ARG(name));
        }
    }
}

static void all_dimensions_are_named_in_the_description(void **state)
{
    (void)state;
    for (int d = COST_DIM_NONE + 1; d < COST_DIM_TAG; d++)
        assert_non_null(strstr(cost_schema_get_costs_in.text, cost_dim_name((enum cost_dim)d)));
    assert_non_null(strstr(cost_schema_get_costs_in.text, "tag:KEY"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_compile_and_are_terse_together),
        cmocka_unit_test(good_calls_pass_schema_and_parser),
        cmocka_unit_test(bad_calls_are_stopped_by_the_schema),
        cmocka_unit_test(every_argument_offered_is_understood),
        cmocka_unit_test(all_dimensions_are_named_in_the_description),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
