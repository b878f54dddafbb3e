/* Workload identity federation: where the subject comes from, what is exchanged, what is never done. */
#include "mcp-gcp/token.h"

#include "gcp_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define STS "{\"access_token\":\"sts\",\"expires_in\":600}"

static struct gcp_server *server;
static struct gcp_config config;
static struct mcp_call *call;
static struct gcp_token token;
static struct mcp_error err;

static void begin(struct gcp_script *rows)
{
    server = gcp_server_new(rows);
    config = (struct gcp_config){ .sts_endpoint = mcp_str_z(gcp_server_url(server)),
                                  .iam_endpoint = mcp_str_z(gcp_server_url(server)) };
    call = gcp_call();
}

static void end(void)
{
    gcp_call_end(call);
    gcp_server_free(server);
}

/* source and more: JSON with ' for ", %s the server. */
static int ask(const char *source, const char *more)
{
    const struct gcp_token_order order = { .config = &config, .scope = MCP_STR("the-scope") };
    struct mcp_arena *arena = mcp_call_arena(call);
    struct gcp_adc adc = { .path = MCP_STR("/x.json") };
    struct mcp_buf text;
    mcp_str copy;

    mcp_buf_init(&text, 8192);
    mcp_buf_printf(&text,
                   "{'audience':'the-audience','subject_token_type':'the-type','token_url':"
                   "'https://sts.googleapis.com/v1/token','credential_source':%s%s}",
                   source, more);
    for (size_t i = 0; i < text.len; i++)
        text.ptr[i] = text.ptr[i] == '\'' ? '"' : text.ptr[i];
    copy = mcp_arena_str(arena, mcp_buf_view(&text));
    mcp_buf_release(&text);
    assert_int_equal(mcp_json_parse(arena, copy, NULL, &adc.json, NULL), 0);
    mcp_error_clear(&err);
    return gcp_token_federated(&order, call, &adc, &token, &err);
}

static const char *file_source(const char *name, const char *content, const char *format)
{
    static char text[256];

    snprintf(text, sizeof(text), "{'file':'%s'%s}", gcp_file(name, content), format);
    return text;
}

static void a_file_is_exchanged_and_read_again_each_time(void **state)
{
    struct gcp_script rows[] = { { "/v1/token", 200, NULL, STS, 0 }, { NULL } };
    const char *sent;

    (void)state;
    begin(rows);
    assert_int_equal(ask(file_source("token", "subject one\n", ""), ""), 0);
    assert_true(mcp_str_eq(token.value, MCP_STR("sts")));
    assert_int_equal(token.lifetime_s, 600);
    assert_false(token.self_signed);
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "subject_token=subject%20one&"));
    assert_non_null(strstr(sent, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-"
                                 "exchange&audience=the-audience&scope=the-scope&"));
    assert_non_null(strstr(sent, "subject_token_type=the-type"));
    assert_int_equal(ask(file_source("token", "{'a':1}",
                                     ",'format':{'type':'json',"
                                     "'subject_token_field_name':'t'}"),
                         ""),
                     MCP_EAUTH);
    assert_int_equal(
        ask(file_source("token", "{\"t\":\"second\"}",
                        ",'format':{'type':'json','subject_token_field_name':'t'}"),
            ",'workforce_pool_user_project':'123','client_id':'c','client_secret':'d'"),
        0);
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "subject_token=second&"));
    assert_non_null(strstr(sent, "options=%7B%22userProject%22%3A%22123%22%7D"));
    assert_non_null(strstr(sent, "Authorization: Basic Yzpk\r\n"));
    end();
}

static void impersonation_follows_with_the_platforms_scope(void **state)
{
    struct gcp_script rows[] = {
        { "/v1/token", 200, NULL, STS, 0 },
        { "/v1/projects/-/serviceAccounts/a@b:generateAccessToken", 200, NULL,
          "{\"accessToken\":\"sa\",\"expireTime\":\"2999-01-01T00:00:00Z\"}", 0 },
        { NULL }
    };
    const char *sent;

    (void)state;
    begin(rows);
    assert_int_equal(ask(file_source("token", "subject", ""),
                         ",'service_account_impersonation_url':'https://iamcredentials.googleapis."
                         "com/v1/projects/-/serviceAccounts/a@b:generateAccessToken',"
                         "'service_account_impersonation':{'token_lifetime_seconds':1200}"),
                     0);
    assert_true(mcp_str_eq(token.value, MCP_STR("sa")));
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "Authorization: Bearer sts\r\n"));
    assert_non_null(strstr(sent, "{\"scope\":[\"the-scope\"],\"lifetime\":\"1200s\"}"));
    end();
}

static void a_url_gets_its_headers_and_must_be_https_or_local(void **state)
{
    struct gcp_script rows[] = { { "/v1/token", 200, NULL, STS, 0 },
                                 { "/mine", 200, NULL, "subject", 0 },
                                 { NULL } };
    char source[256];

    (void)state;
    begin(rows);
    snprintf(source, sizeof(source), "{'url':'%s/mine','headers':{'X-Who':'me'}}",
             gcp_server_url(server));
    assert_int_equal(ask(source, ""), 0);
    assert_int_equal(gcp_server_count(server, "/mine"), 1);
    snprintf(source, sizeof(source), "{'url':'%s/other'}", gcp_server_url(server));
    assert_int_equal(ask(source, ""), MCP_EAUTH);
    assert_non_null(strstr(err.message, "HTTP status 404"));
    assert_int_equal(ask("{'url':'http://192.0.2.1/token'}", ""), MCP_EINVAL);
    assert_non_null(strstr(err.message, "https"));
    end();
}

static void what_is_not_done_is_said(void **state)
{
    static const struct {
        const char *source, *says;
    } cases[] = {
        { "{'executable':{'command':'/bin/true'}}", "a program to be run" },
        { "{'certificate':{}}", "client certificate" },
        { "{'file':'/x','executable':{}}", "a program to be run" },
        { "{}", "unknown credential_source" },
        { "{'file':'/nonexistent'}", "/nonexistent" },
    };
    struct gcp_script rows[] = { { NULL } };

    (void)state;
    begin(rows);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(ask(cases[i].source, ""), MCP_ECONFIG);
        assert_non_null(strstr(err.message, cases[i].says));
        assert_true(err.next[0] != '\0');
    }
    assert_int_equal(gcp_server_count(server, "/"), 0);
    end();
}

static void a_pool_that_refuses_is_named(void **state)
{
    struct gcp_script rows[] = { { "/v1/token", 400, NULL,
                                   "{\"error\":\"invalid_target\",\"error_description\":\"no\"}",
                                   0 },
                                 { NULL } };

    (void)state;
    begin(rows);
    assert_int_equal(ask(file_source("token", "subject", ""), ""), MCP_EAUTH);
    assert_non_null(strstr(err.message, "invalid_target: no"));
    assert_non_null(strstr(err.next, "the-audience"));
    assert_int_equal(gcp_server_count(server, "/v1/token"), 1);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_exchanged_and_read_again_each_time),
        cmocka_unit_test(impersonation_follows_with_the_platforms_scope),
        cmocka_unit_test(a_url_gets_its_headers_and_must_be_https_or_local),
        cmocka_unit_test(what_is_not_done_is_said),
        cmocka_unit_test(a_pool_that_refuses_is_named),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
