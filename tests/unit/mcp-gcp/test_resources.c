/* The inventory as resources: pages, types, projects by number, unknown cost, whom the list lets see. */
#include "mcp-gcp/resources.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define SEARCH "/v1/projects/one-p:searchAllResources?pageSize=500"
#define VM                                                                                         \
    "{\"name\":\"//compute.googleapis.com/projects/one-p/zones/us-west1-b/instances/vm\","         \
    "\"assetType\":\"compute.googleapis.com/Instance\",\"project\":\"projects/42\","               \
    "\"displayName\":\"vm\",\"location\":\"us-west1-b\",\"labels\":{\"team\":\"web\"}}"
#define BUCKET                                                                                     \
    "{\"name\":\"//storage.googleapis.com/b\",\"assetType\":\"storage.googleapis.com/Bucket\","    \
    "\"project\":\"projects/42\"}"

static struct gcp_rig rig;
static struct cost_resources out;

static int ask(const char *type, struct mcp_error *err)
{
    struct cost_query query = { .tool = COST_GET_RESOURCES,
                                .resource_type = type == NULL ? MCP_STR_NULL : mcp_str_z(type) };

    return gcp_resources(&rig.gcp, rig.call, &query, &out, err);
}

static void begin(struct gcp_script *rows)
{
    gcp_rig_begin(&rig, rows);
    rig.config.resource_scope = MCP_STR("projects/one-p");
}

static void pages_become_resources_of_unknown_cost(void **state)
{
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { SEARCH "&pageToken=n%2F2", 200, NULL, "{\"results\":[" BUCKET "]}", 0 },
        { SEARCH, 200, NULL, "{\"results\":[" VM "],\"nextPageToken\":\"n/2\"}", 0 },
        { NULL }
    };
    struct mcp_error err = { 0 };

    (void)state;
    begin(rows);
    if (ask(NULL, &err) < 0)
        fail_msg("%s", err.message);
    assert_int_equal(out.items_total, 2);
    for (size_t i = 0; i < 2; i++) {
        assert_false(out.items[i].has_cost);
        /* The bucket's name holds no project: its number is the one that the machine shows. */
        assert_true(mcp_str_eq(out.items[i].project, MCP_STR("one-p")));
    }
    assert_true(mcp_str_eq(out.items[0].region, MCP_STR("us-west1-b")));
    assert_true(mcp_str_eq(out.items[0].tags[0].value, MCP_STR("web")));
    assert_int_equal(out.base.n_warnings, 1);
    assert_string_equal(out.base.warnings[0].code, "no_costs");
    gcp_rig_end(&rig);
}

static void a_whole_type_is_googles_filter_and_a_part_is_ours(void **state)
{
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { SEARCH "&assetTypes=cloudresourcemanager.googleapis.com/Project&assetTypes="
                 "storage.googleapis.com%2FBucket",
          200, NULL, "{\"results\":[" BUCKET "]}", 0 },
        { SEARCH, 200, NULL, "{\"results\":[" VM "," BUCKET "]}", 0 },
        { NULL }
    };

    (void)state;
    begin(rows);
    assert_int_equal(ask("storage.googleapis.com/Bucket", NULL), 0);
    assert_int_equal(out.items_total, 1);
    assert_int_equal(ask("instance", NULL), 0);
    assert_int_equal(out.items_total, 1);
    assert_true(mcp_str_eq(out.items[0].name, MCP_STR("vm")));
    gcp_rig_end(&rig);
}

static void the_list_of_projects_bounds_what_is_shown(void **state)
{
    static const mcp_str other = MCP_STR("two-p");
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { SEARCH, 200, NULL, "{\"results\":[" VM "]}", 0 },
                                 { "/v1/projects/two-p:", 200, NULL, "{}", 0 },
                                 { NULL } };

    (void)state;
    begin(rows);
    rig.config.restricted = true;
    rig.config.authorized_projects = (struct mcp_opt_list){ &other, 1 };
    assert_int_equal(ask(NULL, NULL), 0);
    assert_int_equal(out.items_total, 0);
    rig.config.resource_scope = MCP_STR_NULL;
    assert_int_equal(ask(NULL, NULL), 0);
    assert_int_equal(gcp_server_count(rig.server, "/v1/projects/two-p:searchAllResources"), 1);
    gcp_rig_end(&rig);
}

static void without_a_scope_it_says_what_to_set(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };
    struct mcp_error err = { 0 };
    struct cost_report report;
    struct gcp_lines lines;

    (void)state;
    begin(rows);
    rig.config.resource_scope = MCP_STR_NULL;
    assert_int_equal(ask(NULL, &err), MCP_ECONFIG);
    assert_non_null(strstr(err.next, "GCP_RESOURCE_SCOPE"));
    report = gcp_lines_report(&lines);
    gcp_resources_doctor(&rig.gcp, rig.call, &report);
    assert_non_null(gcp_lines_find(&lines, "warn cloudasset.assets.searchAllResources: not asked"));
    gcp_rig_end(&rig);
}

static void doctor_tells_whether_the_inventory_may_be_searched(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { "/v1/projects/one-p:", 200, NULL, "{}", 1 },
                                 { "/v1/projects/one-p:", 404, NULL,
                                   "{\"error\":{\"message\":\"no such project\"}}", 0 },
                                 { NULL } };
    struct cost_report report;
    struct gcp_lines lines;

    (void)state;
    begin(rows);
    report = gcp_lines_report(&lines);
    gcp_resources_doctor(&rig.gcp, rig.call, &report);
    assert_non_null(gcp_lines_find(&lines, "ok cloudasset.assets.searchAllResources"));
    report = gcp_lines_report(&lines);
    gcp_resources_doctor(&rig.gcp, rig.call, &report);
    assert_non_null(strstr(gcp_lines_find(&lines, "FAIL cloudasset.assets.searchAllResources"),
                           "gcp.resources.scope"));
    gcp_rig_end(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_become_resources_of_unknown_cost),
        cmocka_unit_test(a_whole_type_is_googles_filter_and_a_part_is_ours),
        cmocka_unit_test(the_list_of_projects_bounds_what_is_shown),
        cmocka_unit_test(without_a_scope_it_says_what_to_set),
        cmocka_unit_test(doctor_tells_whether_the_inventory_may_be_searched),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
