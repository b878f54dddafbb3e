/* Who may call over HTTP: the rules of the start and the check of every request. */
#include "mcp/server/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TOKEN MCP_STR("0123456789abcdef0123456789abcdef")

static void loopback_is_told_from_everything_else(void **state)
{
    static const struct {
        const char *host;
        bool loopback;
    } cases[] = {
        { NULL, true },
        { "", true },
        { "localhost", true },
        { "LOCALHOST", true },
        { "127.0.0.1", true },
        { "127.255.0.3", true },
        { "::1", true },
        { "0:0:0:0:0:0:0:1", true },
        { "0.0.0.0", false },
        { "::", false },
        { "10.0.0.1", false },
        { "128.0.0.1", false },
        { "example.com", false },
        { "localhost.example.com", false },
        { "127.0.0.1.example.com", false },
        { "127.1", false },
        { "::ffff:127.0.0.1", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(mcp__access_is_loopback(mcp_str_z(cases[i].host)), cases[i].loopback);
}

static void open_binds_are_refused_at_the_start(void **state)
{
    const mcp_str names[] = { MCP_STR("costs.example.com") };
    const struct {
        mcp_str host;
        int auth;
        mcp_str token;
        size_t n_hosts;
        int rc;
        const char *says;
    } cases[] = {
        { MCP_STR_NULL, MCP_AUTH_NONE, MCP_STR_NULL, 0, 0, NULL },
        { MCP_STR("127.0.0.1"), MCP_AUTH_NONE, MCP_STR_NULL, 0, 0, NULL },
        { MCP_STR("0.0.0.0"), MCP_AUTH_NONE, MCP_STR_NULL, 1, MCP_ECONFIG, "auth: token" },
        { MCP_STR("0.0.0.0"), MCP_AUTH_TOKEN, MCP_STR_NULL, 1, MCP_ECONFIG, "MCP_HTTP_TOKEN" },
        { MCP_STR("0.0.0.0"), MCP_AUTH_TOKEN, MCP_STR("short"), 1, MCP_ECONFIG, "MCP_HTTP_TOKEN" },
        { MCP_STR("0.0.0.0"), MCP_AUTH_TOKEN, TOKEN, 0, MCP_ECONFIG, "allowed_hosts" },
        { MCP_STR("0.0.0.0"), MCP_AUTH_PLATFORM, MCP_STR_NULL, 0, MCP_ECONFIG, "allowed_hosts" },
        { MCP_STR("0.0.0.0"), MCP_AUTH_TOKEN, TOKEN, 1, 0, NULL },
        { MCP_STR("0.0.0.0"), MCP_AUTH_PLATFORM, MCP_STR_NULL, 1, 0, NULL },
        { MCP_STR_NULL, MCP_AUTH_TOKEN, MCP_STR("short"), 0, MCP_ECONFIG, "MCP_HTTP_TOKEN" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_app_config config = {
            .http = { .set = true, .host = cases[i].host },
            .auth = cases[i].auth,
            .http_token = cases[i].token,
            .allowed_hosts = { names, cases[i].n_hosts },
        };
        struct mcp_error err = { .err = MCP_OK };

        assert_int_equal(mcp__access_check(&config, &err), cases[i].rc);
        if (cases[i].says != NULL)
            assert_non_null(strstr(err.next, cases[i].says));
        /* The token is in no text. */
        assert_null(strstr(err.message, "short\""));
    }
}

struct answer {
    int rc;
    char principal[32];
    char headers[256];
};

static struct answer ask(int auth, const char *authorization)
{
    const struct mcp_app_config config = { .auth = auth, .http_token = TOKEN };
    const struct mcp_http_head head = { .authorization = mcp_str_z(authorization) };
    struct mcp_http_reply reply = { .status = 0 };
    struct answer a = { .rc = 0 };
    struct mcp_buf principal;

    mcp_buf_init(&principal, sizeof(a.principal) - 1);
    mcp_buf_init(&reply.headers, sizeof(a.headers) - 1);
    mcp_buf_init(&reply.body, 256);
    a.rc = mcp__access_authorize(&config, &head, &principal, &reply);
    if (principal.len > 0)
        memcpy(a.principal, principal.ptr, principal.len);
    if (reply.headers.len > 0)
        memcpy(a.headers, reply.headers.ptr, reply.headers.len);
    mcp_buf_release(&principal);
    mcp_buf_release(&reply.headers);
    mcp_buf_release(&reply.body);
    return a;
}

static void token_opens_and_nothing_like_it_does(void **state)
{
    static const char *const wrong[] = {
        "Bearer 0123456789abcdef0123456789abcdee",
        "Bearer 0123456789abcdef0123456789abcde",
        "Bearer 0123456789abcdef0123456789abcdeff",
        "Bearer 0123456789ABCDEF0123456789abcdef",
        "Basic 0123456789abcdef0123456789abcdef",
        "0123456789abcdef0123456789abcdef",
        "Bearer",
        "Bearer ",
        "",
    };

    (void)state;
    assert_int_equal(ask(MCP_AUTH_TOKEN, "Bearer 0123456789abcdef0123456789abcdef").rc, 0);
    assert_int_equal(ask(MCP_AUTH_TOKEN, "bearer  0123456789abcdef0123456789abcdef ").rc, 0);
    assert_string_equal(ask(MCP_AUTH_TOKEN, "Bearer 0123456789abcdef0123456789abcdef").principal,
                        "token");
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct answer a = ask(MCP_AUTH_TOKEN, wrong[i]);

        assert_int_equal(a.rc, MCP_EAUTH);
        assert_string_equal(a.principal, "");
        assert_string_equal(a.headers, "WWW-Authenticate: Bearer realm=\"mcp\", "
                                       "error=\"invalid_token\"\r\n");
    }
    /* RFC 6750 3: no error code for who showed nothing. */
    assert_string_equal(ask(MCP_AUTH_TOKEN, NULL).headers,
                        "WWW-Authenticate: Bearer realm=\"mcp\"\r\n");
}

static void platform_and_loopback_let_in_whom_they_are_given(void **state)
{
    (void)state;
    assert_int_equal(ask(MCP_AUTH_PLATFORM, NULL).rc, 0);
    assert_string_equal(ask(MCP_AUTH_PLATFORM, NULL).principal, "platform");
    assert_int_equal(ask(MCP_AUTH_NONE, NULL).rc, 0);
    assert_string_equal(ask(MCP_AUTH_NONE, NULL).principal, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loopback_is_told_from_everything_else),
        cmocka_unit_test(open_binds_are_refused_at_the_start),
        cmocka_unit_test(token_opens_and_nothing_like_it_does),
        cmocka_unit_test(platform_and_loopback_let_in_whom_they_are_given),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
