/* Settings of mcp-gcp: every row keeps its value, and what goes into paths and SQL is checked first. */
#include "mcp-gcp/config.h"
#include "mcp-gcp/zone.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_arena *arena;
static struct gcp_config config;

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < gcp_n_opts; i++) {
        if (gcp_opts[i].env != NULL)
            unsetenv(gcp_opts[i].env);
    }
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static int load(const char *flag, const char *value, bool *chosen, struct mcp_error *err)
{
    const struct mcp_opt_table table = { gcp_opts, gcp_n_opts, &config };
    char words[2][256];
    char *argv[] = { words[0], words[1] };
    struct mcp_options options;

    config = (struct gcp_config){ 0 };
    mcp_error_clear(err);
    for (int i = 0; i < 2; i++) {
        const char *from = i == 0 ? flag : value;

        assert_true(strlen(from) < sizeof(words[i]));
        memcpy(words[i], from, strlen(from) + 1);
    }
    assert_int_equal(mcp_options_load(&options, &table, 1, MCP_STR_NULL, flag[0] == '\0' ? 0 : 2,
                                      argv, arena, err),
                     0);
    return gcp_config_settle(&config, &options, chosen, err);
}

static void without_settings_nothing_is_chosen_and_nobody_is_restricted(void **state)
{
    struct mcp_error err;
    bool chosen = true;

    (void)state;
    assert_int_equal(load("", "", &chosen, &err), 0);
    assert_false(chosen);
    assert_false(config.restricted);
    assert_int_equal(config.timezone, GCP_ZONE_PACIFIC);
    assert_int_equal(config.max_bytes_query, INT64_C(10) << 30);
    assert_int_equal(config.recommendations_ttl_ms, 24 * 3600 * 1000);
}

static void bigquery_is_chosen_by_its_name_alone(void **state)
{
    struct mcp_error err;
    bool chosen = false;

    (void)state;
    assert_int_equal(load("--gcp-billing-dataset", "billing", &chosen, &err), 0);
    assert_false(chosen);
    assert_int_equal(load("--gcp-billing-source", "bigquery", &chosen, &err), 0);
    assert_true(chosen);
}

static void a_list_of_projects_restricts(void **state)
{
    struct mcp_error err;
    bool chosen;

    (void)state;
    assert_int_equal(load("--gcp-authorized-projects", "one-p,two-p", &chosen, &err), 0);
    assert_true(config.restricted);
    assert_int_equal(config.authorized_projects.count, 2);
}

static void a_list_of_projects_that_came_out_empty_shows_nothing(void **state)
{
    struct mcp_error err;
    bool chosen;

    (void)state;
    setenv("GCP_AUTHORIZED_PROJECTS", "", 1);
    assert_int_equal(load("", "", &chosen, &err), 0);
    unsetenv("GCP_AUTHORIZED_PROJECTS");
    assert_true(config.restricted);
    assert_int_equal(config.authorized_projects.count, 0);
    assert_int_equal(load("--gcp-authorized-projects", "", &chosen, &err), 0);
    assert_true(config.restricted);
}

static void days_are_those_of_the_invoice_or_of_utc(void **state)
{
    struct mcp_error err;
    bool chosen;

    (void)state;
    assert_int_equal(load("--gcp-billing-timezone", "UTC", &chosen, &err), 0);
    assert_int_equal(config.timezone, GCP_ZONE_UTC);
    assert_int_equal(load("--gcp-billing-timezone", "America/Los_Angeles", &chosen, &err), 0);
    assert_int_equal(config.timezone, GCP_ZONE_PACIFIC);
}

static void what_google_would_not_allow_is_refused_by_name(void **state)
{
    static const struct {
        const char *flag, *value;
        bool good;
    } cases[] = {
        { "--gcp-billing-project", "my-project-1", true },
        { "--gcp-billing-project", "example.com:my-project", true },
        { "--gcp-billing-project", "My Project", false },
        { "--gcp-billing-project", "p/../q", false },
        { "--gcp-billing-job-project", "a`b", false },
        { "--gcp-authentication-quota-project", "a\nb", false },
        { "--gcp-billing-dataset", "all_billing_data", true },
        { "--gcp-billing-dataset", "a`; DROP", false },
        { "--gcp-billing-dataset", "a.b", false },
        { "--gcp-billing-table", "gcp_billing_export_v1_01ABCD_234567_89EF01", true },
        { "--gcp-billing-table", "x` y", false },
        { "--gcp-billing-location", "europe-west1", true },
        { "--gcp-billing-location", "EU ", false },
        { "--gcp-recommendations-scopes", "folders/1,organizations/2,billingAccounts/01A-02B-03C",
          true },
        { "--gcp-recommendations-scopes", "projects/p,project/q", false },
        { "--gcp-recommendations-scopes", "folders/1/x", false },
        { "--gcp-recommendations-locations", "us-central1-a,global", true },
        { "--gcp-recommendations-locations", "us?x", false },
        { "--gcp-recommendations-recommenders", "google.compute.disk.IdleResourceRecommender",
          true },
        { "--gcp-recommendations-recommenders", "google.compute.disk", false },
        { "--gcp-resources-scope", "folders/12", true },
        { "--gcp-resources-scope", "billingAccounts/1", false },
        { "--gcp-endpoints-bigquery", "http://127.0.0.1:9050", true },
        { "--gcp-endpoints-sts", "ftp://x", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err;
        bool chosen;
        int rc = load(cases[i].flag, cases[i].value, &chosen, &err);

        if (rc != (cases[i].good ? 0 : MCP_EINVAL))
            fail_msg("%s %s: %d %s", cases[i].flag, cases[i].value, rc, err.message);
        if (!cases[i].good)
            assert_non_null(strstr(err.message, "gcp."));
    }
}

static void endpoints_end_without_a_slash(void **state)
{
    struct mcp_error err;
    bool chosen;

    (void)state;
    assert_int_equal(load("--gcp-endpoints-bigquery", "http://127.0.0.1:1/prefix//", &chosen, &err),
                     0);
    assert_true(mcp_str_eq(config.endpoints[GCP_BIGQUERY], MCP_STR("http://127.0.0.1:1/prefix")));
    assert_int_equal(load("--gcp-endpoints-sts", "https://sts.example.org/", &chosen, &err), 0);
    assert_true(mcp_str_eq(config.sts_endpoint, MCP_STR("https://sts.example.org")));
}

static void every_option_has_a_variable_a_help_and_a_group(void **state)
{
    (void)state;
    for (size_t i = 0; i < gcp_n_opts; i++) {
        const struct mcp_opt *o = &gcp_opts[i];

        assert_non_null(o->env);
        assert_non_null(o->help);
        assert_non_null(o->group);
        assert_true(strncmp(o->name, "gcp.", 4) == 0);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(o->env, gcp_opts[k].env);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_settings_nothing_is_chosen_and_nobody_is_restricted),
        cmocka_unit_test(bigquery_is_chosen_by_its_name_alone),
        cmocka_unit_test(a_list_of_projects_restricts),
        cmocka_unit_test(a_list_of_projects_that_came_out_empty_shows_nothing),
        cmocka_unit_test(days_are_those_of_the_invoice_or_of_utc),
        cmocka_unit_test(what_google_would_not_allow_is_refused_by_name),
        cmocka_unit_test(endpoints_end_without_a_slash),
        cmocka_unit_test(every_option_has_a_variable_a_help_and_a_group),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
