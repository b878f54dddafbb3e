/* What a recommender says, read: money to the last digit, the resource, overlaps, what is refused. */
#include "mcp-gcp/recommendations.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

/* Text with ' for ". */
static struct mcp_json json(const char *text)
{
    char *copy = mcp_arena_alloc(arena, strlen(text) + 1);
    struct mcp_json root;

    for (size_t i = 0; text[i] != '\0'; i++)
        copy[i] = text[i] == '\'' ? '"' : text[i];
    assert_int_equal(mcp_json_parse(arena, mcp_str_z(copy), NULL, &root, NULL), 0);
    return root;
}

static bool is(struct cost_money m, const char *text)
{
    char out[COST_MONEY_TEXT];
    size_t n = cost_money_format(m, out);

    return mcp_str_eq(mcp_str_n(out, n), mcp_str_z(text));
}

static void googles_money_is_exact(void **state)
{
    static const struct {
        const char *json, *want; /* NULL: refused */
    } cases[] = {
        { "{'units':'-1','nanos':-548387097}", "-1.548387097" },
        { "{'nanos':-483870968}", "-0.483870968" },
        { "{'units':'12'}", "12" },
        { "{'units':12}", "12" },
        { "{}", "0" },
        { "{'units':'9223372036854775807','nanos':999999999}", "9223372036854775807.999999999" },
        { "{'units':'-9223372036854775808'}", "-9223372036854775808" },
        { "{'units':'1','nanos':-1}", NULL },
        { "{'units':'-1','nanos':1}", NULL },
        { "{'nanos':1000000000}", NULL },
        { "{'units':'9223372036854775808'}", NULL },
        { "{'units':'1.5'}", NULL },
        { "[]", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost_money m;
        int rc = gcp_money(json(cases[i].json), arena, &m);

        if (rc != (cases[i].want == NULL ? MCP_EUPSTREAM : 0))
            fail_msg("%s: %d", cases[i].json, rc);
        if (rc == 0 && !is(m, cases[i].want))
            fail_msg("%s is no %s", cases[i].json, cases[i].want);
    }
}

static int read_one(const char *projection, struct cost_recommendation *out)
{
    char text[1024];
    mcp_str group;

    assert_true(snprintf(text, sizeof(text),
                         "{'name':'projects/p/locations/l/recommenders/r/recommendations/1',"
                         "'primaryImpact':{'category':'COST','costProjection':%s}}",
                         projection) < (int)sizeof(text));
    return gcp_recommendation_read(&gcp_recommenders[0], json(text), MCP_STR_NULL, arena, out,
                                   &group, NULL);
}

static void projection_becomes_thirty_days_half_to_even(void **state)
{
    static const struct {
        const char *json, *want;
    } cases[] = {
        { "{'cost':{'units':'-30'},'duration':'2592000s'}", "30" },
        { "{'cost':{'units':'-365'},'duration':'31536000s'}", "30" },
        { "{'cost':{'units':'-1'},'duration':'7776000s'}", "0.333333333333333333" },
        { "{'cost':{'units':'-2'},'duration':'7776000.5s'}", "0.666666666666666667" },
        { "{'cost':{'units':'0'},'duration':'2592000s'}", "0" },
    };
    struct cost_recommendation r;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_one(cases[i].json, &r), 0);
        assert_true(r.has_savings);
        if (!is(r.monthly_savings, cases[i].want))
            fail_msg("%s is no %s", cases[i].json, cases[i].want);
    }
    assert_int_equal(read_one("{'cost':{'units':'1'},'duration':'2592000s'}", &r), MCP_MISS);
    assert_int_equal(read_one("{'cost':{'units':'-1'},'duration':'0s'}", &r), MCP_EUPSTREAM);
    assert_int_equal(read_one("{'cost':{'units':'-1'},'duration':'soon'}", &r), MCP_EUPSTREAM);
    assert_int_equal(read_one("{'cost':{'units':'-9223372036854775807'},'duration':'1s'}", &r),
                     MCP_EUPSTREAM);
    /* Without a projection the saving is unknown, never 0. */
    assert_int_equal(read_one("null", &r), 0);
}

static void without_a_projection_the_saving_is_unknown(void **state)
{
    struct cost_recommendation r;
    mcp_str group;

    (void)state;
    assert_int_equal(gcp_recommendation_read(&gcp_recommenders[0], json("{'name':'n'}"),
                                             MCP_STR("p"), arena, &r, &group, NULL),
                     0);
    assert_false(r.has_savings);
    assert_int_equal(gcp_recommendation_read(&gcp_recommenders[0], json("{}"), MCP_STR("p"), arena,
                                             &r, &group, NULL),
                     MCP_EUPSTREAM);
}

static void cost_may_stand_beside_another_impact(void **state)
{
    struct cost_recommendation r;
    mcp_str group;

    (void)state;
    assert_int_equal(
        gcp_recommendation_read(
            &gcp_recommenders[0],
            json("{'name':'n','primaryImpact':{'category':'RELIABILITY'},'additionalImpact':["
                 "{'category':'SECURITY'},{'category':'COST','costProjection':{'cost':"
                 "{'currencyCode':'USD','units':'-3'},'duration':'2592000s',"
                 "'costInLocalCurrency':{'currencyCode':'JPY','units':'-450'}}}],"
                 "'xorGroupId':'g'}"),
            MCP_STR("p"), arena, &r, &group, NULL),
        0);
    assert_true(is(r.monthly_savings, "450"));
    assert_true(mcp_str_eq(r.currency, MCP_STR("JPY")));
    assert_true(mcp_str_eq(group, MCP_STR("g")));
}

static void resource_project_and_region_are_found_where_they_stand(void **state)
{
    struct cost_recommendation r;
    mcp_str group;

    (void)state;
    assert_int_equal(
        gcp_recommendation_read(
            &gcp_recommenders[0],
            json("{'name':'projects/123/locations/us-central1/recommenders/x/recommendations/1',"
                 "'content':{'overview':{'currentMachineType':{'name':'n1-standard-8'},"
                 "'recommendedMachineType':{'name':'n1-standard-2'}},'operationGroups':[{"
                 "'operations':[{'action':'add','resource':'//x/y'},{'action':'replace',"
                 "'resource':'//compute.googleapis.com/projects/123/zones/z/instances/vm',"
                 "'resourceType':'compute.googleapis.com/Instance'}]}]}}"),
            MCP_STR("by-id"), arena, &r, &group, NULL),
        0);
    assert_true(mcp_str_eq(r.resource_name, MCP_STR("vm")));
    assert_true(mcp_str_eq(r.resource_type, MCP_STR("compute.googleapis.com/Instance")));
    assert_true(mcp_str_eq(r.project, MCP_STR("by-id"))); /* not the number */
    assert_true(mcp_str_eq(r.region, MCP_STR("us-central1")));
    assert_true(mcp_str_eq(r.current, MCP_STR("n1-standard-8")));
    assert_true(mcp_str_eq(r.recommended, MCP_STR("n1-standard-2")));
}

static void commitments_overlap_what_they_would_cover(void **state)
{
    struct cost_recommendation items[] = {
        { .id = MCP_STR("cud"),
          .category = MCP_STR("commitment"),
          .project = MCP_STR("p"),
          .service = MCP_STR("Compute Engine") },
        { .id = MCP_STR("vm"),
          .category = MCP_STR("compute"),
          .project = MCP_STR("p"),
          .service = MCP_STR("Compute Engine") },
        { .id = MCP_STR("other"),
          .category = MCP_STR("compute"),
          .project = MCP_STR("q"),
          .service = MCP_STR("Compute Engine") },
        { .id = MCP_STR("sql"),
          .category = MCP_STR("database"),
          .project = MCP_STR("p"),
          .service = MCP_STR("Cloud SQL") },
    };
    const mcp_str groups[4] = { { NULL, 0 } };

    (void)state;
    assert_int_equal(gcp_recommendations_link(items, groups, 4, arena, NULL), 0);
    assert_int_equal(items[0].n_overlaps, 1);
    assert_true(mcp_str_eq(items[0].overlaps_with[0], MCP_STR("vm")));
    assert_int_equal(items[1].n_overlaps, 1);
    assert_int_equal(items[2].n_overlaps + items[3].n_overlaps, 0);
}

static void what_is_about_something_else_is_no_saving(void **state)
{
    static const struct {
        const char *category, *subtype;
        int rc;
    } cases[] = {
        { "COST", "", 0 },
        { "RELIABILITY", "CLUSTER_UNDERPROVISIONED", MCP_MISS },
        { "SECURITY", "DEPRECATION", MCP_MISS },
        { "PERFORMANCE", "CLUSTER_OVERPROVISIONED", 0 },
        { "RELIABILITY", "CLUSTER_IDLE", 0 },
    };
    struct cost_recommendation r;
    mcp_str group;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char text[512];

        snprintf(text, sizeof(text),
                 "{'name':'projects/p/locations/l/recommenders/r/recommendations/1',"
                 "'recommenderSubtype':'%s','primaryImpact':{'category':'%s'}}",
                 cases[i].subtype, cases[i].category);
        assert_int_equal(gcp_recommendation_read(&gcp_recommenders[0], json(text), MCP_STR_NULL,
                                                 arena, &r, &group, NULL),
                         cases[i].rc);
        /* What it saves is not known, which is not zero. */
        assert_true(cases[i].rc != 0 || !r.has_savings);
    }
}

static void zones_regions_and_global_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(gcp_place_of(MCP_STR("us-central1-a")), GCP_PLACE_ZONE);
    assert_int_equal(gcp_place_of(MCP_STR("northamerica-northeast2-c")), GCP_PLACE_ZONE);
    assert_int_equal(gcp_place_of(MCP_STR("us-central1")), GCP_PLACE_REGION);
    assert_int_equal(gcp_place_of(MCP_STR("us")), GCP_PLACE_MULTI);
    assert_int_equal(gcp_place_of(MCP_STR("eu-b")), GCP_PLACE_REGION);
    assert_int_equal(gcp_place_of(MCP_STR("global")), GCP_PLACE_GLOBAL);
    assert_int_equal(gcp_place_of(MCP_STR("")), GCP_PLACE_MULTI);
}

static void recommenders_are_sorted_and_whole(void **state)
{
    (void)state;
    for (size_t i = 0; i < gcp_n_recommenders; i++) {
        const struct gcp_recommender *r = &gcp_recommenders[i];

        assert_true(i == 0 || strcmp(gcp_recommenders[i - 1].id, r->id) < 0);
        assert_true(r->places != 0 && r->scopes != 0);
        assert_non_null(
            strstr("compute storage network database commitment kubernetes idle ", r->category));
        assert_true(strncmp(r->permission, "recommender.", 12) == 0);
        assert_true(mcp_str_ends(mcp_str_z(r->permission), MCP_STR(".list")));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(googles_money_is_exact),
        cmocka_unit_test(projection_becomes_thirty_days_half_to_even),
        cmocka_unit_test(without_a_projection_the_saving_is_unknown),
        cmocka_unit_test(cost_may_stand_beside_another_impact),
        cmocka_unit_test(resource_project_and_region_are_found_where_they_stand),
        cmocka_unit_test(commitments_overlap_what_they_would_cover),
        cmocka_unit_test(what_is_about_something_else_is_no_saving),
        cmocka_unit_test(zones_regions_and_global_are_told_apart),
        cmocka_unit_test(recommenders_are_sorted_and_whole),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
