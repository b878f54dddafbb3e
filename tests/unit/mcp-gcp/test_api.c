/* One call to a Google API: what it sends, what it repeats, and what it says of a refusal. */
#include "mcp-gcp/api.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define TOKEN "{\"access_token\":\"t\",\"expires_in\":3599}"

static struct gcp_config config;
static struct gcp gcp;
static struct mcp_call *call;

static struct gcp_server *begin(struct gcp_script *rows)
{
    struct gcp_server *s = gcp_server_new(rows);
    char text[512];

    snprintf(text, sizeof(text),
             "{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\","
             "\"refresh_token\":\"r\",\"token_uri\":\"%s/token\",\"quota_project_id\":\"quota\"}",
             gcp_server_url(s));
    config = (struct gcp_config){ .credentials_file = mcp_str_z(gcp_file("user.json", text)) };
    for (int i = 0; i < GCP_N_SERVICES; i++)
        config.endpoints[i] = mcp_str_z(gcp_server_url(s));
    gcp = (struct gcp){ .config = &config, .creds = gcp_credentials_new(&config) };
    call = gcp_call();
    return s;
}

static void end(struct gcp_server *s)
{
    gcp_call_end(call);
    gcp_credentials_free(gcp.creds);
    gcp_server_free(s);
}

static int get(const char *path, struct gcp_reply *reply, struct mcp_error *err)
{
    const struct gcp_request request = { .service = GCP_RECOMMENDER,
                                         .method = MCP_GET,
                                         .path = mcp_str_z(path) };

    return gcp_api_call(&gcp, call, &request, reply, err);
}

static void it_carries_token_quota_project_and_body(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN, 0 },
                                 { "/v1/x", 200, NULL, "{\"a\":1}", 0 },
                                 { NULL } };
    struct gcp_server *s = begin(rows);
    const struct gcp_request request = { .service = GCP_BIGQUERY,
                                         .method = MCP_POST,
                                         .path = MCP_STR("/v1/x?y=1"),
                                         .body = MCP_STR("{\"q\":2}") };
    struct gcp_reply reply;
    struct mcp_json root;
    const char *sent;

    (void)state;
    assert_int_equal(gcp_api_json(&gcp, call, &request, &reply, &root, NULL), 0);
    assert_int_equal(mcp_json_get_int64(root, MCP_STR("a"), 0), 1);
    sent = gcp_server_last(s);
    assert_non_null(strstr(sent, "POST /v1/x?y=1 "));
    assert_non_null(strstr(sent, "Authorization: Bearer t\r\n"));
    assert_non_null(strstr(sent, "x-goog-user-project: quota\r\n"));
    assert_non_null(strstr(sent, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(sent, "{\"q\":2}"));
    end(s);
}

static void what_google_calls_passing_is_repeated(void **state)
{
    static const char limited[] =
        "{\"error\":{\"code\":403,\"errors\":[{\"reason\":\"rateLimitExceeded\"}]}}";
    struct gcp_script rows[] = {
        { "/token", 200, NULL, TOKEN, 0 },  { "/v1/a", 500, NULL, "", 2 },
        { "/v1/a", 403, NULL, limited, 1 }, { "/v1/a", 200, NULL, "{}", 0 },
        { "/v1/b", 401, NULL, "{}", 1 },    { "/v1/b", 200, NULL, "{}", 0 },
        { "/v1/c", 401, NULL, "{}", 0 },    { NULL }
    };
    struct gcp_server *s = begin(rows);
    struct gcp_reply reply;
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(get("/v1/a", &reply, NULL), 0);
    assert_int_equal(gcp_server_count(s, "/v1/a"), 4);
    assert_int_equal(get("/v1/b", &reply, NULL), 0);
    assert_int_equal(gcp_server_count(s, "/token"), 2);
    /* A second 401 is the answer. */
    assert_int_equal(get("/v1/c", &reply, &err), MCP_EAUTH);
    assert_int_equal(gcp_server_count(s, "/v1/c"), 2);
    assert_non_null(strstr(err.next, "mcp-gcp doctor"));
    end(s);
}

static void each_refusal_says_what_to_do(void **state)
{
    struct gcp_script rows[] = {
        { "/token", 200, NULL, TOKEN, 0 },
        { "/v1/jobs", 403, NULL,
          "{\"error\":{\"message\":\"Access Denied: Project p: User does not have "
          "bigquery.jobs.create permission in project p.\",\"errors\":[{\"reason\":"
          "\"accessDenied\"}]}}",
          0 },
        { "/v1/enable", 403, NULL,
          "{\"error\":{\"message\":\"not used\",\"status\":\"PERMISSION_DENIED\",\"details\":[{"
          "\"reason\":\"SERVICE_DISABLED\",\"metadata\":{\"consumer\":\"projects/p1\"}}]}}",
          0 },
        { "/v1/iam", 403, NULL,
          "{\"error\":{\"message\":\"no\",\"details\":[{\"a\":1},{\"reason\":"
          "\"IAM_PERMISSION_DENIED\",\"metadata\":{\"permission\":"
          "\"cloudasset.assets.searchAllResources\"}}]}}",
          0 },
        { "/v1/quota", 403, NULL,
          "{\"error\":{\"message\":\"The API requires a quota project, which is not set\"}}", 0 },
        { "/v1/plain", 403, NULL, "<html>", 0 },
        { "/v1/missing", 404, NULL, "{\"error\":{\"message\":\"Not found: Dataset\"}}", 0 },
        { "/v1/twice", 409, NULL,
          "{\"error\":{\"message\":\"Already Exists\",\"errors\":[{\"reason\":\"duplicate\"}]}}",
          0 },
        { NULL }
    };
    static const struct {
        const char *path, *message, *next;
        int rc;
    } cases[] = {
        { "/v1/jobs", "Access Denied", "Grant roles/bigquery.jobUser on the project", MCP_EDENIED },
        { "/v1/jobs", "Access Denied", "bigquery.jobs.create) to the user", MCP_EDENIED },
        { "/v1/enable", "not used",
          "gcloud services enable recommender.googleapis.com --project p1", MCP_EDENIED },
        { "/v1/iam", "127.0.0.1", "Grant roles/cloudasset.viewer (it holds cloudasset.",
          MCP_EDENIED },
        { "/v1/quota", "quota project", "set-quota-project", MCP_EDENIED },
        { "/v1/plain", "answered HTTP status 403", "mcp-gcp doctor", MCP_EDENIED },
        { "/v1/missing", "Not found: Dataset", "", MCP_ENOTFOUND },
        { "/v1/twice", "Already Exists", "", MCP_EREFUSED },
    };
    struct gcp_server *s = begin(rows);
    struct gcp_reply reply;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err = { 0 };

        assert_int_equal(get(cases[i].path, &reply, &err), cases[i].rc);
        if (strstr(err.message, cases[i].message) == NULL ||
            strstr(err.next, cases[i].next) == NULL)
            fail_msg("%s: %s Next: %s", cases[i].path, err.message, err.next);
    }
    /* What the caller may look at. */
    assert_int_equal(reply.http.status, 409);
    assert_true(mcp_str_eq(reply.reason, MCP_STR("duplicate")));
    end(s);
}

static void an_answer_that_is_no_object_is_no_answer(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN, 0 },
                                 { "/v1/list", 200, NULL, "[1]", 0 },
                                 { "/v1/html", 200, NULL, "<html>", 0 },
                                 { NULL } };
    struct gcp_server *s = begin(rows);
    static const char *const paths[] = { "/v1/list", "/v1/html" };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const struct gcp_request request = { .path = mcp_str_z(paths[i]) };
        struct mcp_error err = { 0 };
        struct gcp_reply reply;
        struct mcp_json root;

        assert_int_equal(gcp_api_json(&gcp, call, &request, &reply, &root, &err), MCP_EUPSTREAM);
        assert_non_null(strstr(err.message, "no JSON object"));
    }
    end(s);
}

struct seen {
    unsigned good, bad;
};

static int count(void *ctx, size_t i, const struct gcp_reply *reply, int code,
                 struct mcp_error *err)
{
    struct seen *seen = ctx;

    (void)i;
    (void)err;
    assert_true(code == 0 || reply->http.status == 403);
    *(code == 0 ? &seen->good : &seen->bad) += 1;
    return 0;
}

static void many_at_once_are_each_repeated_and_told(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN, 0 },
                                 { "/v1/a", 500, NULL, "", 1 },
                                 { "/v1/a", 200, NULL, "{}", 0 },
                                 { "/v1/b", 401, NULL, "{}", 1 },
                                 { "/v1/b", 200, NULL, "{}", 0 },
                                 { "/v1/c", 403, NULL, "{}", 0 },
                                 { NULL } };
    struct gcp_server *s = begin(rows);
    struct gcp_request requests[9];
    struct seen seen = { 0, 0 };

    (void)state;
    for (size_t i = 0; i < 9; i++)
        requests[i] = (struct gcp_request){ .path = mcp_str_z(i % 3 == 0   ? "/v1/a"
                                                              : i % 3 == 1 ? "/v1/b"
                                                                           : "/v1/c") };
    assert_int_equal(gcp_api_all(&gcp, call, requests, 9, 3, count, &seen, NULL), 0);
    assert_int_equal(seen.good, 6);
    assert_int_equal(seen.bad, 3);
    end(s);
}

static void paths_are_encoded_and_hosts_follow_the_universe(void **state)
{
    struct gcp_script rows[] = { { NULL } };
    struct gcp_server *s = begin(rows);
    struct mcp_arena *arena = mcp_call_arena(call);

    (void)state;
    assert_true(mcp_str_eq(gcp_api_encode(arena, MCP_STR("a b/c")), MCP_STR("a%20b%2Fc")));
    config.endpoints[GCP_BIGQUERY] = MCP_STR("http://127.0.0.1:1/prefix");
    assert_true(mcp_str_eq(gcp_api_endpoint(&gcp, GCP_BIGQUERY, arena),
                           MCP_STR("http://127.0.0.1:1/prefix")));
    config.endpoints[GCP_BIGQUERY] = MCP_STR_NULL;
    assert_true(mcp_str_eq(gcp_api_endpoint(&gcp, GCP_BIGQUERY, arena),
                           MCP_STR("https://bigquery.googleapis.com")));
    config.universe_domain = MCP_STR("example.org");
    assert_true(mcp_str_eq(gcp_api_endpoint(&gcp, GCP_BIGQUERY, arena),
                           MCP_STR("https://bigquery.example.org")));
    end(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_carries_token_quota_project_and_body),
        cmocka_unit_test(what_google_calls_passing_is_repeated),
        cmocka_unit_test(each_refusal_says_what_to_do),
        cmocka_unit_test(an_answer_that_is_no_object_is_no_answer),
        cmocka_unit_test(many_at_once_are_each_repeated_and_told),
        cmocka_unit_test(paths_are_encoded_and_hosts_follow_the_universe),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
