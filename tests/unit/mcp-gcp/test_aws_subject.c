/* An AWS role as subject token: keys of the environment or the machine, a request signed for one audience. */
#include "mcp-gcp/token.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define ROLE "{\"AccessKeyId\":\"ASIA\",\"SecretAccessKey\":\"s\",\"Token\":\"session\"}"

static struct gcp_server *server;
static struct mcp_call *call;
static struct mcp_error err;
static mcp_str subject;

static int setup(void **state)
{
    static const char *const names[] = { "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID",
                                         "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    call = gcp_call();
    mcp_error_clear(&err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    gcp_call_end(call);
    if (server != NULL)
        gcp_server_free(server);
    server = NULL;
    return 0;
}

/* imds: the machine's own service is asked for what the environment does not say. */
static int ask(bool imds, const char *more)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    const char *url = imds ? gcp_server_url(server) : "";
    struct mcp_json source;
    mcp_str text = mcp_arena_printf(arena, "{\"environment_id\":\"aws1\"%s}", more);

    if (imds)
        text = mcp_arena_printf(arena,
                                "{\"region_url\":\"%s/zone\",\"url\":\"%s/keys\","
                                "\"imdsv2_session_token_url\":\"%s/session\"}",
                                url, url, url);
    assert_int_equal(mcp_json_parse(arena, text, NULL, &source, NULL), 0);
    return gcp_aws_subject(call, source, MCP_STR("//the/audience"), &subject, &err);
}

static bool holds(const char *part)
{
    return memmem(subject.ptr, subject.len, part, strlen(part)) != NULL;
}

static void keys_of_the_environment_sign_for_the_audience(void **state)
{
    (void)state;
    setenv("AWS_REGION", "us-east-2", 1);
    setenv("AWS_ACCESS_KEY_ID", "AKID", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "secret", 1);
    assert_int_equal(ask(false, ""), 0);
    assert_true(holds("https%3A%2F%2Fsts.us-east-2.amazonaws.com%3FAction%3DGetCallerIdentity"));
    assert_true(holds("x-goog-cloud-target-resource"));
    assert_true(holds("%2F%2Fthe%2Faudience"));
    assert_true(holds("SignedHeaders%3Dhost%3Bx-amz-date%3Bx-goog-cloud-target-resource"));
    assert_false(holds("x-amz-security-token"));
    assert_false(holds("secret"));
    setenv("AWS_SESSION_TOKEN", "session", 1);
    assert_int_equal(ask(false, ""), 0);
    assert_true(holds("x-amz-security-token"));
    assert_int_equal(ask(false, ",\"regional_cred_verification_url\":\"ftp://x\""), MCP_ECONFIG);
}

static void the_machines_role_is_asked_for_with_a_session(void **state)
{
    struct gcp_script rows[] = { { "/session", 200, NULL, "imds-session", 0 },
                                 { "/zone", 200, NULL, "eu-west-1b\n", 0 },
                                 { "/keys/the-role", 200, NULL, ROLE, 0 },
                                 { "/keys", 200, NULL, "the-role", 0 },
                                 { NULL } };

    (void)state;
    server = gcp_server_new(rows);
    assert_int_equal(ask(true, ""), 0);
    assert_true(holds("sts.eu-west-1.amazonaws.com"));
    assert_true(holds("Credential%3DASIA%2F"));
    assert_int_equal(gcp_server_count(server, "/session"), 1);
    assert_non_null(strstr(gcp_server_last(server), "x-aws-ec2-metadata-token: imds-session"));
}

static void what_is_no_name_or_no_role_is_refused(void **state)
{
    static const struct {
        struct gcp_script rows[5];
        const char *says;
    } cases[] = {
        { { { "/session", 403, NULL, "", 0 } }, "refused a session with HTTP status 403" },
        { { { "/session", 200, NULL, "s", 0 }, { "/zone", 200, NULL, "<html>", 0 } },
          "gives no name when asked for the zone" },
        { { { "/session", 200, NULL, "s", 0 },
            { "/zone", 200, NULL, "eu-west-1b", 0 },
            { "/keys", 200, NULL, "a/../b", 0 } },
          "gives no name when asked for the role" },
        { { { "/session", 200, NULL, "s", 0 },
            { "/zone", 200, NULL, "eu-west-1b", 0 },
            { "/keys/r", 200, NULL, "no JSON", 0 },
            { "/keys", 200, NULL, "r", 0 } },
          "gives no JSON" },
        { { { "/session", 200, NULL, "s", 0 },
            { "/zone", 200, NULL, "eu-west-1b", 0 },
            { "/keys/r", 200, NULL, "{}", 0 },
            { "/keys", 200, NULL, "r", 0 } },
          "incomplete credentials" },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gcp_script rows[6] = { { NULL } };

        memcpy(rows, cases[i].rows, sizeof(cases[i].rows));
        teardown(state);
        setup(state);
        server = gcp_server_new(rows);
        assert_true(ask(true, "") < 0);
        if (strstr(err.message, cases[i].says) == NULL || strstr(err.next, "AWS_REGION") == NULL)
            fail_msg("%s: %s Next: %s", cases[i].says, err.message, err.next);
    }
}

static void without_settings_it_says_which_to_make(void **state)
{
    (void)state;
    assert_int_equal(ask(false, ""), MCP_ECONFIG);
    assert_non_null(strstr(err.next, "AWS_REGION"));
    setenv("AWS_DEFAULT_REGION", "us-east-1", 1);
    mcp_error_clear(&err);
    assert_int_equal(ask(false, ""), MCP_ECONFIG);
    assert_non_null(strstr(err.next, "AWS_ACCESS_KEY_ID"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(keys_of_the_environment_sign_for_the_audience),
        T(the_machines_role_is_asked_for_with_a_session),
        T(what_is_no_name_or_no_role_is_refused),
        T(without_settings_it_says_which_to_make),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
