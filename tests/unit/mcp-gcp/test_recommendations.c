/* Lists of many recommenders: pages, what is kept, one that is refused, one whose quota is used up. */
#include "mcp-gcp/recommendations.h"

#include "gcp_help.h"
#include "mcp/proto/call_internal.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define AT "/v1/projects/one-p/locations/"
#define IMAGE "global/recommenders/google.compute.image.IdleResourceRecommender/recommendations"
#define ADDRESS "global/recommenders/google.compute.address.IdleResourceRecommender/recommendations"
#define ITEM(name, units)                                                                          \
    "{\"name\":\"projects/1/locations/global/recommenders/r/recommendations/" name "\","           \
    "\"primaryImpact\":{\"category\":\"COST\",\"costProjection\":{\"cost\":{\"currencyCode\":"     \
    "\"USD\",\"units\":\"" units "\"},\"duration\":\"2592000s\"}}}"

static struct gcp_rig rig;
static struct cost_recommendations out;

static void begin(struct gcp_script *rows)
{
    static const mcp_str scope = MCP_STR("projects/one-p"), global = MCP_STR("global");
    static const mcp_str both[] = { MCP_STR("google.compute.address.IdleResourceRecommender"),
                                    MCP_STR("google.compute.image.IdleResourceRecommender") };

    gcp_rig_begin(&rig, rows);
    rig.config.scopes = (struct mcp_opt_list){ &scope, 1 };
    rig.config.locations = (struct mcp_opt_list){ &global, 1 };
    rig.config.recommenders = (struct mcp_opt_list){ both, 2 };
    rig.config.recommendations_ttl_ms = 60000;
}

static int ask(struct mcp_error *err)
{
    static const struct cost_query query = { .tool = COST_GET_RECOMMENDATIONS };

    return gcp_recommendations(&rig.gcp, rig.call, &query, &out, err);
}

static bool is_warned(const char *code)
{
    for (size_t i = 0; i < out.base.n_warnings; i++) {
        if (strcmp(out.base.warnings[i].code, code) == 0)
            return true;
    }
    return false;
}

static void pages_are_followed_and_kept(void **state)
{
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { AT IMAGE "?filter=stateInfo.state%20%3D%20ACTIVE%20OR%20stateInfo.state%20%3D%20CLAIMED"
                   "&pageSize=200&pageToken=n%3D2",
          200, NULL, "{\"recommendations\":[" ITEM("b", "-5") "]}", 0 },
        { AT IMAGE, 200, NULL,
          "{\"recommendations\":[" ITEM("a", "-1") "],\"nextPageToken\":\"n=2\"}", 0 },
        { AT ADDRESS, 200, NULL, "{}", 0 },
        { NULL }
    };
    struct mcp_error err = { 0 };

    (void)state;
    begin(rows);
    for (int i = 0; i < 2; i++) {
        if (ask(&err) < 0)
            fail_msg("%s", err.message);
        assert_int_equal(out.items_total, 2);
        /* The largest saving first. */
        assert_true(mcp_str_ends(out.items[0].id, MCP_STR("/b")));
        assert_int_equal(gcp_server_count(rig.server, AT), 3);
    }
    rig.config.recommendations_ttl_ms = 0;
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(gcp_server_count(rig.server, AT), 6);
    gcp_rig_end(&rig);
}

static void one_that_is_refused_leaves_the_others(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { AT IMAGE, 200, NULL,
                                   "{\"recommendations\":[" ITEM("a", "-1") "]}", 0 },
                                 { AT ADDRESS, 403, NULL, "{\"error\":{\"message\":\"no\"}}", 0 },
                                 { NULL } };

    (void)state;
    begin(rows);
    assert_int_equal(ask(NULL), 0);
    assert_int_equal(out.items_total, 1);
    assert_true(is_warned("recommenders_unavailable"));
    gcp_rig_end(&rig);
}

static void all_refused_is_the_first_ones_error(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { AT, 403, NULL, "{\"error\":{\"message\":\"not you\"}}", 0 },
                                 { NULL } };
    struct mcp_error err = { 0 };

    (void)state;
    begin(rows);
    assert_int_equal(ask(&err), MCP_EDENIED);
    assert_non_null(strstr(err.message, "not you"));
    gcp_rig_end(&rig);
}

static void a_recommender_whose_quota_is_used_up_is_asked_no_more(void **state)
{
    static mcp_str places[100];
    static char names[100][16];
    static const mcp_str disk = MCP_STR("google.compute.disk.IdleResourceRecommender");
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { AT, 429, "Retry-After: 100000\r\n", "{}", 0 },
                                 { NULL } };
    struct mcp_error err = { 0 };

    (void)state;
    begin(rows);
    for (size_t i = 0; i < 100; i++) {
        snprintf(names[i], sizeof(names[i]), "us-west%zu-a", i);
        places[i] = mcp_str_z(names[i]);
    }
    rig.config.locations = (struct mcp_opt_list){ places, 100 };
    rig.config.recommenders = (struct mcp_opt_list){ &disk, 1 };
    /* The hint is longer than the call may last, so that nothing is tried again. */
    rig.call->deadline_ms = mcp_clock_mono_ms() + 60000;
    assert_int_equal(ask(&err), MCP_EBUSY);
    assert_in_range(gcp_server_count(rig.server, AT), 1, 64);
    gcp_rig_end(&rig);
}

static void filters_that_advice_does_not_have_are_refused(void **state)
{
    struct cost_query query = { .tool = COST_GET_RECOMMENDATIONS, .n_filters = 1 };
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };
    struct mcp_error err = { 0 };

    (void)state;
    begin(rows);
    query.filters[0].key.dim = COST_DIM_SKU;
    assert_int_equal(gcp_recommendations(&rig.gcp, rig.call, &query, &out, &err), MCP_EINVAL);
    assert_non_null(strstr(err.next, "resource_type"));
    gcp_rig_end(&rig);
}

static void doctor_has_a_line_for_each_permission(void **state)
{
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { AT IMAGE, 200, NULL, "{}", 0 },
        { AT ADDRESS, 403, NULL,
          "{\"error\":{\"message\":\"Permission 'recommender.computeAddressIdleResourceRecommenda"
          "tions.list' denied\"}}",
          0 },
        { NULL }
    };
    struct cost_report report;
    struct gcp_lines lines;

    (void)state;
    begin(rows);
    report = gcp_lines_report(&lines);
    gcp_recommendations_doctor(&rig.gcp, rig.call, &report);
    assert_int_equal(lines.n, 2);
    assert_non_null(
        gcp_lines_find(&lines, "ok recommender.computeImageIdleResourceRecommendations.list"));
    assert_non_null(strstr(
        gcp_lines_find(&lines, "FAIL recommender.computeAddressIdleResourceRecommendations.list"),
        "Grant roles/recommender.viewer"));
    gcp_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_are_followed_and_kept),
        cmocka_unit_test(one_that_is_refused_leaves_the_others),
        cmocka_unit_test(all_refused_is_the_first_ones_error),
        cmocka_unit_test(a_recommender_whose_quota_is_used_up_is_asked_no_more),
        cmocka_unit_test(filters_that_advice_does_not_have_are_refused),
        cmocka_unit_test(doctor_has_a_line_for_each_permission),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
