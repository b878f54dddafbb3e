/* Tokens as they are kept: fetched once, handed out while good, dropped, found again in a changed file. */
#include "mcp-gcp/credentials.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#define TOKEN(name) "{\"access_token\":\"" name "\",\"expires_in\":3599,\"token_type\":\"Bearer\"}"

static struct gcp_config config;

static void use(struct gcp_server *s, const char *refresh)
{
    char text[512];

    snprintf(text, sizeof(text),
             "{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\","
             "\"refresh_token\":\"%s\",\"token_uri\":\"%s/token\",\"quota_project_id\":\"quota\"}",
             refresh, gcp_server_url(s));
    config = (struct gcp_config){ .credentials_file = mcp_str_z(gcp_file("user.json", text)) };
}

static int ask(struct gcp_credentials *creds, char out[64])
{
    struct mcp_call *call = gcp_call();
    struct mcp_error err = { 0 };
    mcp_str token;
    int rc = gcp_credentials_token(creds, call, MCP_STR_NULL, &token, &err);

    if (rc == 0)
        snprintf(out, 64, "%.*s", MCP_STR_ARG(token));
    gcp_call_end(call);
    return rc;
}

static void a_token_is_fetched_once_and_again_after_it_was_dropped(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN("first"), 1 },
                                 { "/token", 200, NULL, TOKEN("second"), 0 },
                                 { NULL } };
    struct gcp_server *s = gcp_server_new(rows);
    struct gcp_credentials *creds;
    char token[64];

    (void)state;
    use(s, "r");
    creds = gcp_credentials_new(&config);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ask(creds, token), 0);
        assert_string_equal(token, "first");
    }
    assert_int_equal(gcp_server_count(s, "/token"), 1);
    assert_true(mcp_str_eq(gcp_credentials_quota_project(creds), MCP_STR("quota")));
    assert_true(mcp_str_eq(gcp_credentials_universe(creds), MCP_STR("googleapis.com")));
    gcp_credentials_drop(creds, MCP_STR("another one"));
    assert_int_equal(ask(creds, token), 0);
    assert_string_equal(token, "first");
    gcp_credentials_drop(creds, MCP_STR("first"));
    assert_int_equal(ask(creds, token), 0);
    assert_string_equal(token, "second");
    gcp_credentials_free(creds);
    gcp_server_free(s);
}

static void a_new_login_is_found_without_a_restart(void **state)
{
    struct gcp_script rows[] = { { "/token", 400, NULL, "{\"error\":\"invalid_grant\"}", 1 },
                                 { "/token", 200, NULL, TOKEN("good"), 0 },
                                 { NULL } };
    struct gcp_server *s = gcp_server_new(rows);
    struct gcp_credentials *creds;
    char token[64];

    (void)state;
    use(s, "old");
    creds = gcp_credentials_new(&config);
    assert_int_equal(ask(creds, token), MCP_EAUTH);
    assert_non_null(strstr(gcp_server_last(s), "refresh_token=old"));
    use(s, "new");
    assert_int_equal(ask(creds, token), 0);
    assert_non_null(strstr(gcp_server_last(s), "refresh_token=new"));
    gcp_credentials_free(creds);
    gcp_server_free(s);
}

static void scopes_have_tokens_of_their_own_and_are_few(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN("t"), 0 }, { NULL } };
    struct gcp_server *s = gcp_server_new(rows);
    struct gcp_credentials *creds;
    mcp_str token;

    (void)state;
    use(s, "r");
    creds = gcp_credentials_new(&config);
    for (int i = 0; i < 6; i++) {
        struct mcp_call *call = gcp_call();
        char scope[16];

        snprintf(scope, sizeof(scope), "scope-%d", i);
        assert_int_equal(gcp_credentials_token(creds, call, mcp_str_z(scope), &token, NULL),
                         i < 4 ? 0 : MCP_ETOOBIG);
        gcp_call_end(call);
    }
    gcp_credentials_free(creds);
    gcp_server_free(s);
}

/* The clock of tokens, in the place of libc's. */
static time_t ahead_s;

time_t time(time_t *out)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL)
        *out = now.tv_sec + ahead_s;
    return now.tv_sec + ahead_s;
}

static void a_token_is_refreshed_before_its_end_and_kept_while_that_fails(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN("first"), 1 },
                                 { "/token", 503, NULL, "", 1 },
                                 { "/token", 200, NULL, TOKEN("second"), 0 },
                                 { NULL } };
    struct gcp_server *s = gcp_server_new(rows);
    struct gcp_credentials *creds;
    char token[64];

    (void)state;
    use(s, "r");
    creds = gcp_credentials_new(&config);
    assert_int_equal(ask(creds, token), 0);
    ahead_s = 3200; /* of 3599: still the first */
    assert_int_equal(ask(creds, token), 0);
    assert_int_equal(gcp_server_count(s, "/token"), 1);
    ahead_s = 3400; /* five minutes before the end: one attempt, and the old one when it fails */
    assert_int_equal(ask(creds, token), 0);
    assert_string_equal(token, "first");
    assert_int_equal(gcp_server_count(s, "/token"), 2);
    assert_int_equal(ask(creds, token), 0); /* not at once again */
    assert_int_equal(gcp_server_count(s, "/token"), 2);
    ahead_s = 3440;
    assert_int_equal(ask(creds, token), 0);
    assert_string_equal(token, "second");
    ahead_s = 0;
    gcp_credentials_free(creds);
    gcp_server_free(s);
}

static void a_token_in_its_last_minute_is_not_handed_out(void **state)
{
    struct gcp_script rows[] = { { "/token", 200, NULL, TOKEN("first"), 1 },
                                 { "/token", 400, NULL, "{\"error\":\"invalid_grant\"}", 0 },
                                 { NULL } };
    struct gcp_server *s = gcp_server_new(rows);
    struct gcp_credentials *creds;
    char token[64];

    (void)state;
    use(s, "r");
    creds = gcp_credentials_new(&config);
    assert_int_equal(ask(creds, token), 0);
    ahead_s = 3560;
    assert_int_equal(ask(creds, token), MCP_EAUTH);
    ahead_s = 0;
    gcp_credentials_free(creds);
    gcp_server_free(s);
}

static void unused_credentials_know_nothing_and_free_cleanly(void **state)
{
    struct gcp_credentials *creds;
    struct mcp_arena *arena = mcp_arena_new(0, 0);

    (void)state;
    config = (struct gcp_config){ .quota_project = MCP_STR("of-the-settings") };
    creds = gcp_credentials_new(&config);
    assert_true(mcp_str_eq(gcp_credentials_quota_project(creds), MCP_STR("of-the-settings")));
    assert_true(mcp_str_is_null(gcp_credentials_project(creds)));
    assert_true(mcp_str_eq(gcp_credentials_describe(creds, arena), MCP_STR("unknown")));
    gcp_credentials_free(creds);
    gcp_credentials_free(NULL);
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_fetched_once_and_again_after_it_was_dropped),
        cmocka_unit_test(a_new_login_is_found_without_a_restart),
        cmocka_unit_test(scopes_have_tokens_of_their_own_and_are_few),
        cmocka_unit_test(a_token_is_refreshed_before_its_end_and_kept_while_that_fails),
        cmocka_unit_test(a_token_in_its_last_minute_is_not_handed_out),
        cmocka_unit_test(unused_credentials_know_nothing_and_free_cleanly),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
