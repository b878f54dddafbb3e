/* Which credentials are found: the order, the kinds, and what the settings allow. */
#include "mcp-gcp/adc.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>

static struct mcp_call *call;

static int setup(void **state)
{
    (void)state;
    unsetenv("CLOUDSDK_CONFIG");
    unsetenv("HOME");
    setenv("METADATA_SERVER_DETECTION", "none", 1);
    call = gcp_call();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gcp_call_end(call);
    return 0;
}

static int find(const char *content, int method, struct gcp_adc *out, struct mcp_error *err)
{
    struct gcp_config config = { .method = method };

    if (content != NULL)
        config.credentials_file = mcp_str_z(gcp_file("credentials.json", content));
    mcp_error_clear(err);
    return gcp_adc_find(&config, call, out, err);
}

static void each_kind_is_known_by_its_type(void **state)
{
    static const struct {
        const char *json;
        enum gcp_kind kind;
        int method; /* that allows it */
        const char *describe;
    } cases[] = {
        { "{\"type\":\"service_account\",\"client_email\":\"a@b\",\"project_id\":\"p\"}",
          GCP_KIND_SERVICE_ACCOUNT, GCP_AUTH_SERVICE_ACCOUNT, "service account a@b (file /" },
        { "{\"type\":\"authorized_user\",\"quota_project_id\":\"q\"}", GCP_KIND_USER, GCP_AUTH_USER,
          "user (file /" },
        { "{\"type\":\"external_account\",\"audience\":\"//iam/x\"}", GCP_KIND_FEDERATION,
          GCP_AUTH_WORKLOAD_IDENTITY, "workload identity //iam/x (file /" },
        { "{\"type\":\"external_account_authorized_user\"}", GCP_KIND_WORKFORCE_USER, GCP_AUTH_USER,
          "workforce user (file /" },
        { "{\"type\":\"impersonated_service_account\",\"service_account_impersonation_url\":"
          "\"https://x/serviceAccounts/t@b:generateAccessToken\"}",
          GCP_KIND_IMPERSONATION, GCP_AUTH_SERVICE_ACCOUNT,
          "impersonated service account as t@b (file /" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gcp_adc adc;
        struct mcp_error err;

        assert_int_equal(find(cases[i].json, GCP_AUTH_AUTO, &adc, &err), 0);
        assert_int_equal(adc.kind, cases[i].kind);
        if (!mcp_str_starts(adc.describe, mcp_str_z(cases[i].describe)))
            fail_msg("%.*s", MCP_STR_ARG(adc.describe));
        assert_int_equal(find(cases[i].json, cases[i].method, &adc, &err), 0);
        for (int m = GCP_AUTH_SERVICE_ACCOUNT; m <= GCP_AUTH_WORKLOAD_IDENTITY; m++) {
            if (m != cases[i].method)
                assert_int_equal(find(cases[i].json, m, &adc, &err), MCP_ECONFIG);
        }
    }
}

static void a_file_that_is_none_ends_the_search_with_a_reason(void **state)
{
    static const struct {
        const char *content, *says;
    } cases[] = {
        { "", "no JSON object" },
        { "[]", "no JSON object" },
        { "{\"type\":", "no JSON object" },
        { "{}", "no member \"type\"" },
        { "{\"type\":5}", "no member \"type\"" },
        { "{\"type\":\"gdch_service_account\"}", "gdch_service_account" },
    };
    struct gcp_adc adc;
    struct mcp_error err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(find(cases[i].content, GCP_AUTH_AUTO, &adc, &err), MCP_ECONFIG);
        if (strstr(err.message, cases[i].says) == NULL)
            fail_msg("\"%s\": %s", cases[i].content, err.message);
        assert_true(err.next[0] != '\0');
    }
}

static void the_file_of_gcloud_is_found_where_it_is(void **state)
{
    const char *path =
        gcp_file("application_default_credentials.json", "{\"type\":\"authorized_user\"}");
    struct gcp_adc adc;
    struct mcp_error err;
    mcp_str folder = mcp_str_z(path);

    (void)state;
    assert_int_equal(find(NULL, GCP_AUTH_AUTO, &adc, &err), MCP_ECONFIG);
    assert_non_null(strstr(err.message, "there are no Google Cloud credentials"));
    folder.len -= strlen("/application_default_credentials.json");
    setenv("CLOUDSDK_CONFIG", mcp_str_cz(mcp_call_arena(call), folder), 1);
    assert_int_equal(find(NULL, GCP_AUTH_AUTO, &adc, &err), 0);
    assert_true(mcp_str_eq(adc.path, mcp_str_z(path)));
    /* A machine's own is asked for: no file counts. */
    assert_int_equal(find(NULL, GCP_AUTH_METADATA, &adc, &err), MCP_ECONFIG);
    assert_non_null(strstr(err.message, "no metadata server"));
}

static void without_files_a_machine_of_google_is_taken(void **state)
{
    struct gcp_adc adc;
    struct mcp_error err;

    (void)state;
    setenv("METADATA_SERVER_DETECTION", "assume-present", 1);
    assert_int_equal(find(NULL, GCP_AUTH_AUTO, &adc, &err), 0);
    assert_int_equal(adc.kind, GCP_KIND_METADATA);
    assert_true(mcp_str_is_null(adc.path));
    assert_int_equal(find(NULL, GCP_AUTH_USER, &adc, &err), MCP_ECONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_kind_is_known_by_its_type, setup, teardown),
        cmocka_unit_test_setup_teardown(a_file_that_is_none_ends_the_search_with_a_reason, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_file_of_gcloud_is_found_where_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(without_files_a_machine_of_google_is_taken, setup,
                                        teardown),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
