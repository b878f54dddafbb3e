/* get_recommendations and get_resources as JSON and text: null is never 0. */
#include "result_help.h"

#include "query_help.h"

#include <schemas.h>

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

static mcp_str recommendations(const struct cost_recommendations *r, bool json)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str text;
    int rc;

    mcp_buf_init(&buf, 1 << 20);
    rc = json ? cost_write_recommendations(r, &buf, NULL, &err)
              : cost_text_recommendations(r, 0, &buf, &err);
    assert_int_equal(rc, 0);
    text = mcp_arena_str(arena, mcp_buf_view(&buf));
    if (json)
        model_accepts(&cost_schema_get_recommendations_out, text);
    mcp_buf_release(&buf);
    return text;
}

static mcp_str resources(const struct cost_resources *r, bool json)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str text;
    int rc;

    mcp_buf_init(&buf, 1 << 20);
    rc = json ? cost_write_resources(r, &buf, NULL, &err) : cost_text_resources(r, 0, &buf, &err);
    assert_int_equal(rc, 0);
    text = mcp_arena_str(arena, mcp_buf_view(&buf));
    if (json)
        model_accepts(&cost_schema_get_resources_out, text);
    mcp_buf_release(&buf);
    return text;
}

static void unknown_savings_are_null_also_in_the_total(void **state)
{
    struct cost_evidence evidence[] = { { MCP_STR("days_idle"), MCP_STR("30") } };
    mcp_str overlaps[] = { MCP_STR("r2") };
    struct cost_recommendation items[] = {
        { .id = MCP_STR("r1"),
          .category = MCP_STR("commitment"),
          .action = MCP_STR("use or let expire the commitment"),
          .resource = MCP_STR("sp-1"),
          .has_at_stake = true,
          .cost_at_stake = model_money("310.5"),
          .currency = MCP_STR("USD"),
          .source = MCP_STR("bill"),
          .evidence = evidence,
          .n_evidence = 1,
          .overlaps_with = overlaps,
          .n_overlaps = 1 },
    };
    struct cost_savings_total totals[] = { { MCP_STR("USD"), COST_MONEY_ZERO, 1 },
                                           { MCP_STR("EUR"), { 0 }, 0 } };
    struct cost_recommendations r = { .base = *model_result(COST_GET_RECOMMENDATIONS, "{}", arena),
                                      .items = items,
                                      .n_items = 1,
                                      .items_total = 1,
                                      .totals = totals,
                                      .n_totals = 1 };
    const char *json = recommendations(&r, true).ptr;

    (void)state;
    assert_non_null(strstr(json, "\"total_monthly_savings\":null,\"without_estimate\":1,"));
    assert_non_null(strstr(json, "\"monthly_savings\":null,\"cost_at_stake\":310.5,"));
    assert_non_null(strstr(json, "\"evidence\":{\"days_idle\":\"30\"},\"overlaps_with\":[\"r2\"]"));
    assert_string_equal(
        recommendations(&r, false).ptr,
        "1 recommendation, estimated monthly savings unknown USD (1 without an "
        "estimate), evidence from 2026-10-21 to 2026-11-19\n"
        "category | action | resource | region | savings/month | at stake | currency\n"
        "commitment | use or let expire the commitment | sp-1 |  | unknown | 310.50 | "
        "USD\n"
        "  r1: days_idle 30\n");
    items[0].has_at_stake = false;
    assert_non_null(strstr(recommendations(&r, false).ptr,
                           "| region | savings/month | currency\n"
                           "commitment | use or let expire the commitment | sp-1 |  | unknown | "
                           "USD\n"));
    r.n_totals = 2;
    json = recommendations(&r, true).ptr;
    assert_non_null(strstr(json, "\"currency\":null"));
    assert_non_null(strstr(json, "{\"currency\":\"EUR\",\"total_monthly_savings\":0,"));
}

static void nothing_to_recommend_is_an_answer(void **state)
{
    struct cost_recommendations r = { .base =
                                          *model_result(COST_GET_RECOMMENDATIONS, "{}", arena) };

    (void)state;
    assert_non_null(strstr(recommendations(&r, true).ptr,
                           "\"total_monthly_savings\":null,\"without_estimate\":0,"
                           "\"recommendations\":[],\"total_items\":0"));
    assert_non_null(strstr(recommendations(&r, false).ptr, "0 recommendations, "));
}

static void resources_have_costs_tags_and_dates(void **state)
{
    struct cost_tag tags[] = { { MCP_STR("team"), MCP_STR("web") },
                               { MCP_STR("empty"), MCP_STR_NULL } };
    struct cost_resource items[] = {
        { .id = MCP_STR("i-1"),
          .name = MCP_STR("frontend"),
          .type = MCP_STR("Virtual Machine"),
          .region = MCP_STR("eu-west-1"),
          .project = MCP_STR("123"),
          .tags = tags,
          .n_tags = 2,
          .has_cost = true,
          .cost = model_money("12.345678"),
          .currency = MCP_STR("USD"),
          .first_seen = test_day("2026-11-02"),
          .last_seen = test_day("2026-11-19") },
        { .id = MCP_STR("i-2"), .currency = MCP_STR("USD") },
    };
    struct cost_resource_total totals[] = { { MCP_STR("USD"), model_money("20"),
                                              model_money("7.5") } };
    struct cost_resources r = { .base = *model_result(COST_GET_RESOURCES, "{}", arena),
                                .items = items,
                                .n_items = 2,
                                .items_total = 3,
                                .totals = totals,
                                .n_totals = 1 };
    const char *json = resources(&r, true).ptr;

    (void)state;
    assert_non_null(strstr(json, "\"total_cost\":20,\"without_resource\":7.5,"));
    assert_non_null(strstr(json, "\"tags\":{\"team\":\"web\",\"empty\":null},\"cost\":12.345678,"));
    assert_non_null(strstr(json, "\"first_seen\":\"2026-11-02\",\"last_seen\":\"2026-11-19\"}"));
    assert_non_null(strstr(json, "{\"id\":\"i-2\",\"name\":null,\"type\":null,\"region\":null,"
                                 "\"project\":null,\"tags\":{},\"cost\":null,"));
    assert_non_null(strstr(json, "\"metric\":\"effective\""));
    assert_string_equal(resources(&r, false).ptr,
                        "3 resources, total 20.00 USD (7.50 without a resource), effective, "
                        "2026-11-01 to 2026-11-19, data through 2026-11-19\n"
                        "resource | type | region | project | cost | currency\n"
                        "frontend (i-1) | Virtual Machine | eu-west-1 | 123 | 12.35 | USD\n"
                        "i-2 |  |  |  | unknown | USD\n"
                        "1 more\n");
}

static void resources_in_several_currencies_have_no_total(void **state)
{
    struct cost_resource_total totals[] = {
        { MCP_STR("USD"), model_money("20"), model_money("7.5") },
        { MCP_STR("EUR"), model_money("1"), COST_MONEY_ZERO },
    };
    struct cost_resources r = { .base = *model_result(COST_GET_RESOURCES, "{}", arena),
                                .totals = totals,
                                .n_totals = 2 };
    const char *json = resources(&r, true).ptr;

    (void)state;
    assert_non_null(strstr(json, "\"total_cost\":null,\"without_resource\":null,"));
    assert_non_null(strstr(json, "{\"currency\":\"EUR\",\"total_cost\":1,"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_savings_are_null_also_in_the_total),
        cmocka_unit_test(nothing_to_recommend_is_an_answer),
        cmocka_unit_test(resources_have_costs_tags_and_dates),
        cmocka_unit_test(resources_in_several_currencies_have_no_total),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
