/* Whom to ask for advice and where: settings before the bill, folders taken apart, nobody unseen asked. */
#include "mcp-gcp/places.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define LOCATIONS                                                                                  \
    {                                                                                              \
        "/v1beta1/projects/one-p/locations", 200, NULL,                                            \
            "{\"locations\":[{\"locationId\":\"us-west1-b\"},{\"locationId\":\"eu\"}]}", 0         \
    }
#define PROJECTS                                                                                   \
    "{\"results\":[{\"name\":\"//cloudresourcemanager.googleapis.com/projects/one-p\"},"           \
    "{\"name\":\"//compute.googleapis.com/projects/no\"}],\"nextPageToken\":\"p/2\"}"

static struct gcp_rig rig;
static struct gcp_places places;
static struct cost_result base;

static int find(struct mcp_error *err)
{
    static const struct cost_query none = { .tool = COST_GET_RECOMMENDATIONS };

    cost_result_init(&base, mcp_call_arena(rig.call), &none);
    return gcp_places_find(&rig.gcp, rig.call, &places, &base, err);
}

static bool is_asked(const char *location)
{
    for (size_t i = 0; i < places.n_locations; i++) {
        if (mcp_str_eq(places.locations[i], mcp_str_z(location)))
            return true;
    }
    return false;
}

static struct mcp_opt_list list(const mcp_str *items, size_t n)
{
    return (struct mcp_opt_list){ items, n };
}

static void settings_name_scopes_and_locations(void **state)
{
    static const mcp_str scopes[] = { MCP_STR("projects/one-p"), MCP_STR("projects/one-p"),
                                      MCP_STR("billingAccounts/A-1") };
    static const mcp_str at[] = { MCP_STR("us-west1-b") };
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };

    (void)state;
    gcp_rig_begin(&rig, rows);
    rig.config.scopes = list(scopes, 3);
    rig.config.locations = list(at, 1);
    assert_int_equal(find(NULL), 0);
    assert_int_equal(places.n_targets, 2);
    assert_int_equal(places.targets[0].scope, GCP_SCOPE_ACCOUNT);
    assert_true(mcp_str_eq(places.targets[1].parent, MCP_STR("projects/one-p")));
    assert_true(mcp_str_eq(places.targets[1].project, MCP_STR("one-p")));
    /* What is named is asked, and what belongs to no place. */
    assert_int_equal(places.n_locations, 2);
    assert_true(is_asked("us-west1-b") && is_asked("global"));
    assert_int_equal(places.requests, 0);
    gcp_rig_end(&rig);
}

static void without_a_bill_the_api_lists_the_locations(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW, LOCATIONS, { NULL } };

    (void)state;
    gcp_rig_begin(&rig, rows);
    rig.config.project = MCP_STR("one-p");
    assert_int_equal(find(NULL), 0);
    assert_int_equal(places.n_targets, 1);
    assert_true(is_asked("us-west1-b") && is_asked("us-west1") && is_asked("eu") &&
                is_asked("global"));
    assert_int_equal(places.n_locations, 4);
    gcp_rig_end(&rig);
}

static void folders_and_organizations_are_all_their_projects(void **state)
{
    static const mcp_str scopes[] = { MCP_STR("folders/7"), MCP_STR("organizations/9") };
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { "/v1/folders/7:searchAllResources?assetTypes=cloudresourcemanager.googleapis.com/Project"
          "&pageSize=500&pageToken=p%2F2",
          200, NULL,
          "{\"results\":[{\"name\":\"//cloudresourcemanager.googleapis.com/projects/"
          "two-p\"}]}",
          0 },
        { "/v1/folders/7:searchAllResources", 200, NULL, PROJECTS, 0 },
        { "/v1/organizations/9:searchAllResources", 200, NULL, "{}", 0 },
        { "/v1beta1/organizations/9/locations", 200, NULL, "{}", 0 },
        { NULL }
    };
    struct mcp_error err = { 0 };

    (void)state;
    gcp_rig_begin(&rig, rows);
    rig.config.scopes = list(scopes, 2);
    if (find(&err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(places.n_targets, 3);
    assert_int_equal(places.targets[0].scope, GCP_SCOPE_ORGANIZATION);
    assert_true(mcp_str_eq(places.targets[1].project, MCP_STR("one-p")));
    assert_true(mcp_str_eq(places.targets[2].project, MCP_STR("two-p")));
    gcp_rig_end(&rig);
}

static void only_authorized_projects_are_asked(void **state)
{
    static const mcp_str mine[] = { MCP_STR("one-p") };
    static const mcp_str scopes[] = { MCP_STR("projects/one-p"), MCP_STR("projects/other-p") };
    struct gcp_script rows[] = { GCP_TOKEN_ROW, LOCATIONS, { NULL } };

    (void)state;
    gcp_rig_begin(&rig, rows);
    rig.config.restricted = true;
    rig.config.authorized_projects = list(mine, 1);
    assert_int_equal(find(NULL), 0);
    assert_int_equal(places.n_targets, 1);
    rig.config.scopes = list(scopes, 2);
    assert_int_equal(find(NULL), 0);
    assert_int_equal(places.n_targets, 1);
    rig.config.authorized_projects = list(mine, 0);
    assert_int_equal(find(NULL), 0);
    assert_int_equal(places.n_targets, 0);
    gcp_rig_end(&rig);
}

static void nobody_to_ask_says_what_to_set(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };
    struct mcp_error err = { 0 };

    (void)state;
    gcp_rig_begin(&rig, rows);
    assert_int_equal(find(&err), MCP_ECONFIG);
    assert_non_null(strstr(err.next, "GCP_RECOMMENDATION_SCOPES"));
    assert_true(mcp_str_is_null(gcp_places_home(&rig.gcp)));
    rig.config.quota_project = MCP_STR("quota-p");
    assert_true(mcp_str_eq(gcp_places_home(&rig.gcp), MCP_STR("quota-p")));
    gcp_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_name_scopes_and_locations),
        cmocka_unit_test(without_a_bill_the_api_lists_the_locations),
        cmocka_unit_test(folders_and_organizations_are_all_their_projects),
        cmocka_unit_test(only_authorized_projects_are_asked),
        cmocka_unit_test(nobody_to_ask_says_what_to_set),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
