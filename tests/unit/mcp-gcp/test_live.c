/* The live source as a whole: who may see a project, what must be set, what doctor says first. */
#include "mcp-gcp/live.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct gcp_config config;
static const struct gcp gcp = { .config = &config };

static void projects_are_seen_as_the_list_says(void **state)
{
    static const mcp_str mine = MCP_STR("one-p");

    (void)state;
    config = (struct gcp_config){ .restricted = false };
    assert_true(gcp_may_see(&gcp, MCP_STR("any")));
    assert_true(gcp_may_see(&gcp, MCP_STR_NULL));
    config.restricted = true;
    assert_false(gcp_may_see(&gcp, MCP_STR("one-p")));
    config.authorized_projects = (struct mcp_opt_list){ &mine, 1 };
    assert_true(gcp_may_see(&gcp, MCP_STR("one-p")));
    assert_false(gcp_may_see(&gcp, MCP_STR("one-p2")));
    assert_false(gcp_may_see(&gcp, MCP_STR_NULL));
    config.unattributed = true;
    assert_true(gcp_may_see(&gcp, MCP_STR_NULL));
    assert_false(gcp_may_see(&gcp, MCP_STR("two-p")));
}

static void what_is_not_set_is_named(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    config = (struct gcp_config){ .project = MCP_STR("one-p") };
    assert_int_equal(gcp_need_billing(&gcp, &err), MCP_ECONFIG);
    assert_string_equal(err.code, "not_configured");
    assert_non_null(strstr(err.message, "gcp.billing.dataset is not set"));
    assert_non_null(strstr(err.next, "GCP_BILLING_DATASET"));
    mcp_error_clear(&err);
    config = (struct gcp_config){ .dataset = MCP_STR("d") };
    assert_int_equal(gcp_need_billing(&gcp, &err), MCP_ECONFIG);
    assert_non_null(strstr(err.message, "gcp.billing.project is not set"));
    mcp_error_clear(&err);
    config.project = MCP_STR("one-p");
    assert_int_equal(gcp_need_billing(&gcp, &err), 0);
}

static void answers_say_whose_they_are(void **state)
{
    static const struct cost_query none = { .tool = COST_GET_RECOMMENDATIONS };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct cost_result r;

    (void)state;
    cost_result_init(&r, arena, &none);
    gcp_describe(&r, "recommender");
    assert_true(mcp_str_eq(r.provider, MCP_STR("gcp")));
    assert_true(mcp_str_eq(r.backend, MCP_STR("recommender")));
    assert_int_equal(r.n_overlaps, 3);
    mcp_arena_free(arena);
}

static void it_opens_without_asking_anybody_and_closes(void **state)
{
    struct cost_source source;

    (void)state;
    config = (struct gcp_config){ .restricted = false };
    assert_int_equal(gcp_live.open(&config, &source, NULL), 0);
    assert_non_null(source.ctx);
    assert_ptr_equal(source.costs, gcp_costs);
    gcp_live.close(&source);
    assert_null(source.ctx);
    gcp_live.close(&source);
}

static void doctor_names_every_missing_setting_before_it_asks(void **state)
{
    struct mcp_call *call = gcp_call();
    struct cost_report report;
    struct cost_source source;
    struct gcp_lines lines;

    (void)state;
    config = (struct gcp_config){ .restricted = true,
                                  .credentials_file = MCP_STR("/nonexistent/key.json") };
    assert_int_equal(gcp_live.open(&config, &source, NULL), 0);
    report = gcp_lines_report(&lines);
    gcp_live.doctor(&source, call, &report);
    assert_int_equal(lines.n, 3);
    assert_non_null(strstr(gcp_lines_find(&lines, "warn projects: "), "empty list"));
    assert_non_null(strstr(gcp_lines_find(&lines, "FAIL billing export: "), "GCP_BILLING_PROJECT"));
    assert_non_null(strstr(gcp_lines_find(&lines, "FAIL credentials: "), "/nonexistent/key.json"));
    gcp_live.close(&source);
    gcp_call_end(call);
}

static void doctor_examines_advice_without_a_bill(void **state)
{
    static const mcp_str scope = MCP_STR("projects/one-p"), at = MCP_STR("global");
    static const mcp_str image = MCP_STR("google.compute.image.IdleResourceRecommender");
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { "/v1/", 200, NULL, "{}", 0 }, { NULL } };
    struct cost_report report;
    struct cost_source source;
    struct gcp_lines lines;
    struct gcp_rig rig;

    (void)state;
    gcp_rig_begin(&rig, rows);
    rig.config.scopes = (struct mcp_opt_list){ &scope, 1 };
    rig.config.locations = (struct mcp_opt_list){ &at, 1 };
    rig.config.recommenders = (struct mcp_opt_list){ &image, 1 };
    rig.config.resource_scope = scope;
    assert_int_equal(gcp_live.open(&rig.config, &source, NULL), 0);
    report = gcp_lines_report(&lines);
    gcp_live.doctor(&source, rig.call, &report);
    assert_non_null(gcp_lines_find(&lines, "ok projects: not restricted"));
    assert_non_null(gcp_lines_find(&lines, "FAIL billing export: "));
    assert_non_null(gcp_lines_find(&lines, "ok credentials: user (file "));
    assert_non_null(
        gcp_lines_find(&lines, "ok recommender.computeImageIdleResourceRecommendations.list"));
    assert_non_null(gcp_lines_find(&lines, "ok cloudasset.assets.searchAllResources"));
    assert_int_equal(lines.n, 5);
    gcp_live.close(&source);
    gcp_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(projects_are_seen_as_the_list_says),
        cmocka_unit_test(what_is_not_set_is_named),
        cmocka_unit_test(answers_say_whose_they_are),
        cmocka_unit_test(it_opens_without_asking_anybody_and_closes),
        cmocka_unit_test(doctor_names_every_missing_setting_before_it_asks),
        cmocka_unit_test(doctor_examines_advice_without_a_bill),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
