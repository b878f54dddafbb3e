/* From each kind of credentials to a token: what is signed, what is sent, what a refusal says. */
#include "mcp-gcp/token.h"

#include "gcp_help.h"

#include <mcp/base64.h>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct gcp_server *server;
static struct gcp_config config;
static struct mcp_call *call;
static struct gcp_token token;
static struct mcp_error err;
static char key[4096]; /* PEM with \n as in JSON */

static int make_key(void **state)
{
    EVP_PKEY *pkey = EVP_RSA_gen(2048);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    long n;

    (void)state;
    assert_int_equal(PEM_write_bio_PKCS8PrivateKey(bio, pkey, NULL, NULL, 0, NULL, NULL), 1);
    n = BIO_get_mem_data(bio, &pem);
    for (long i = 0, at = 0; i < n; i++) {
        if (pem[i] == '\n')
            key[at++] = '\\';
        key[at++] = pem[i] == '\n' ? 'n' : pem[i];
    }
    BIO_free(bio);
    EVP_PKEY_free(pkey);
    return 0;
}

static void begin(struct gcp_script *rows)
{
    server = gcp_server_new(rows);
    config = (struct gcp_config){ .iam_endpoint = mcp_str_z(gcp_server_url(server)) };
    call = gcp_call();
}

static void end(void)
{
    gcp_call_end(call);
    gcp_server_free(server);
}

static int ask(mcp_str document, bool grant)
{
    const struct gcp_token_order order = { .config = &config,
                                           .scope = MCP_STR("the-scope"),
                                           .grant = grant };
    struct mcp_json json;
    struct gcp_adc adc;

    mcp_error_clear(&err);
    assert_int_equal(mcp_json_parse(mcp_call_arena(call), document, NULL, &json, NULL), 0);
    assert_int_equal(gcp_adc_read(call, json, MCP_STR("/x.json"), &adc, NULL), 0);
    return gcp_token_get(&order, call, &adc, &token, &err);
}

static mcp_str account(const char *private_key)
{
    return mcp_arena_printf(mcp_call_arena(call),
                            "{\"type\":\"service_account\",\"client_email\":\"a@b\","
                            "\"private_key_id\":\"k1\",\"token_uri\":\"%s/token\","
                            "\"private_key\":\"%s\"}",
                            gcp_server_url(server), private_key);
}

/* Part 0 or 1 of a JWT. */
static mcp_str part_of(mcp_str jwt, int part)
{
    struct mcp_buf text;
    mcp_str piece, out;

    for (int i = 0; i <= part; i++)
        mcp_str_cut(&jwt, '.', &piece);
    mcp_buf_init(&text, 65536);
    assert_int_equal(mcp_base64_decode(&text, MCP_BASE64_URL, piece), 0);
    out = mcp_arena_str(mcp_call_arena(call), mcp_buf_view(&text));
    mcp_buf_release(&text);
    return out;
}

static bool holds(mcp_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

static void a_key_signs_a_token_of_its_own(void **state)
{
    struct gcp_script rows[] = { { NULL } };

    (void)state;
    begin(rows);
    assert_int_equal(ask(account(key), false), 0);
    assert_true(token.self_signed);
    assert_int_equal(token.lifetime_s, 3600);
    assert_true(holds(part_of(token.value, 0), "\"alg\":\"RS256\""));
    assert_true(holds(part_of(token.value, 0), "\"kid\":\"k1\""));
    assert_true(holds(part_of(token.value, 1), "\"iss\":\"a@b\",\"sub\":\"a@b\""));
    assert_true(holds(part_of(token.value, 1), "\"scope\":\"the-scope\""));
    assert_false(holds(part_of(token.value, 1), "\"aud\""));
    assert_int_equal(gcp_server_count(server, "/"), 0);
    end();
}

static void a_grant_names_the_endpoint_as_audience(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };
    mcp_str assertion;
    char audience[128];
    const char *sent;

    (void)state;
    begin(rows);
    assert_int_equal(ask(account(key), true), 0);
    assert_false(token.self_signed);
    assert_true(mcp_str_eq(token.value, MCP_STR("t")));
    sent = gcp_server_last(server);
    assert_non_null(
        strstr(sent, "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"));
    assertion = mcp_str_z(strstr(sent, "assertion=") + 10);
    snprintf(audience, sizeof(audience), "\"aud\":\"%s/token\"", gcp_server_url(server));
    assert_true(holds(part_of(assertion, 1), audience));
    end();
}

static void broken_keys_are_told_and_not_shown(void **state)
{
    struct gcp_script rows[] = { { NULL } };

    (void)state;
    begin(rows);
    assert_int_equal(ask(account(""), false), MCP_ECONFIG);
    assert_non_null(strstr(err.message, "no private_key"));
    assert_true(ask(account("-----BEGIN PRIVATE KEY-----\\nhushhush\\n"), false) < 0);
    assert_non_null(strstr(err.message, "cannot sign"));
    assert_null(strstr(err.message, "hushhush"));
    assert_true(err.next[0] != '\0');
    end();
}

static void users_send_their_refresh_token_each_in_their_way(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW, { NULL } };
    struct mcp_arena *arena;
    const char *sent;

    (void)state;
    begin(rows);
    arena = mcp_call_arena(call);
    assert_int_equal(ask(mcp_arena_printf(arena,
                                          "{\"type\":\"authorized_user\",\"client_id\":\"c/1\","
                                          "\"client_secret\":\"s\",\"refresh_token\":\"r&1\","
                                          "\"token_uri\":\"%s/token\"}",
                                          gcp_server_url(server)),
                         false),
                     0);
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "grant_type=refresh_token&client_id=c%2F1&client_secret=s&"
                                 "refresh_token=r%261"));
    assert_null(strstr(sent, "Authorization:"));
    assert_int_equal(ask(mcp_arena_printf(arena,
                                          "{\"type\":\"external_account_authorized_user\","
                                          "\"client_id\":\"c\",\"client_secret\":\"d\","
                                          "\"refresh_token\":\"r\",\"token_url\":\"%s/token\"}",
                                          gcp_server_url(server)),
                         false),
                     0);
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "Authorization: Basic Yzpk\r\n"));
    assert_null(strstr(sent, "client_secret"));
    end();
}

static void a_login_that_has_ended_is_final(void **state)
{
    struct gcp_script rows[] = { { "/token", 400, NULL, "{\"error\":\"invalid_grant\"}", 0 },
                                 { NULL } };

    (void)state;
    begin(rows);
    config.token_endpoint =
        mcp_arena_printf(mcp_call_arena(call), "%s/token", gcp_server_url(server));
    assert_int_equal(ask(MCP_STR("{\"type\":\"authorized_user\",\"client_id\":\"c\","
                                 "\"client_secret\":\"s\",\"refresh_token\":\"hushhush\"}"),
                         false),
                     MCP_EAUTH);
    assert_non_null(strstr(err.next, "gcloud auth application-default login"));
    assert_null(strstr(err.message, "hushhush"));
    assert_int_equal(err.retry_after_ms, 0);
    assert_int_equal(gcp_server_count(server, "/token"), 1);
    assert_int_equal(ask(MCP_STR("{\"type\":\"authorized_user\"}"), false), MCP_ECONFIG);
    end();
}

static void an_impersonation_takes_its_sources_token_and_delegates(void **state)
{
    static const char good[] = "{\"accessToken\":\"sa\",\"expireTime\":\"2999-01-01T00:00:00Z\"}";
    struct gcp_script rows[] = {
        GCP_TOKEN_ROW,
        { "/v1/projects/-/serviceAccounts/x@y:generateAccessToken", 200, NULL, good, 1 },
        { "/v1/projects/-/serviceAccounts/x@y:generateAccessToken", 200, NULL, "{}", 1 },
        { "/v1/", 403, NULL, "{\"error\":{\"message\":\"no\"}}", 0 },
        { NULL }
    };
    mcp_str document;
    const char *sent;

    (void)state;
    begin(rows);
    document = mcp_arena_printf(
        mcp_call_arena(call),
        "{\"type\":\"impersonated_service_account\",\"delegates\":[\"d1\"],"
        "\"service_account_impersonation_url\":\"https://iamcredentials.googleapis.com/v1/projects/"
        "-/serviceAccounts/x@y:generateAccessToken\",\"source_credentials\":{\"type\":"
        "\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\",\"refresh_token\":\"r\","
        "\"token_uri\":\"%s/token\"}}",
        gcp_server_url(server));
    assert_int_equal(ask(document, false), 0);
    assert_true(mcp_str_eq(token.value, MCP_STR("sa")));
    sent = gcp_server_last(server);
    assert_non_null(strstr(sent, "Authorization: Bearer t\r\n"));
    assert_non_null(
        strstr(sent, "{\"scope\":[\"the-scope\"],\"delegates\":[\"d1\"],\"lifetime\":\"3600s\"}"));
    assert_int_equal(ask(document, false), MCP_EUPSTREAM);
    assert_non_null(strstr(err.message, "no accessToken"));
    assert_int_equal(ask(document, false), MCP_EDENIED);
    assert_non_null(strstr(err.next, "roles/iam.serviceAccountTokenCreator"));
    end();
}

static void client_and_secret_become_a_basic_header(void **state)
{
    struct gcp_script rows[] = { { NULL } };

    (void)state;
    begin(rows);
    assert_true(mcp_str_eq(gcp_basic(mcp_call_arena(call), MCP_STR("c"), MCP_STR("d")),
                           MCP_STR("Basic Yzpk")));
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_key_signs_a_token_of_its_own),
        cmocka_unit_test(a_grant_names_the_endpoint_as_audience),
        cmocka_unit_test(broken_keys_are_told_and_not_shown),
        cmocka_unit_test(users_send_their_refresh_token_each_in_their_way),
        cmocka_unit_test(a_login_that_has_ended_is_final),
        cmocka_unit_test(an_impersonation_takes_its_sources_token_and_delegates),
        cmocka_unit_test(client_and_secret_become_a_basic_header),
    };

    return cmocka_run_group_tests(tests, make_key, NULL);
}
