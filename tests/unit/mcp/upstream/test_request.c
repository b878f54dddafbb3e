/* The rules for URLs, headers and redirects, without a network. */
#include "mcp/upstream/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static int setup(void **state)
{
    *state = mcp_arena_new(0, 0);
    return *state == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    mcp_arena_free(*state);
    return 0;
}

static void urls_are_https_or_this_machine(void **state)
{
    static const struct {
        const char *url;
        bool allow_http;
        int rc;
        const char *host;
    } cases[] = {
        { "https://ce.us-east-1.amazonaws.com/", false, 0, "ce.us-east-1.amazonaws.com" },
        { "https://host:8443/x?y=z", false, 0, "host:8443" },
        { "https://host:443/", false, 0, "host" },
        { "HTTPS://HOST/", false, 0, "HOST" },
        { "http://127.0.0.1:80/", false, 0, "127.0.0.1" },
        { "http://127.8.9.1:81/", false, 0, "127.8.9.1:81" },
        { "http://localhost/", false, 0, "localhost" },
        { "http://[::1]:9003/", false, 0, "[::1]:9003" },
        { "http://169.254.169.254/", true, 0, "169.254.169.254" },
        { "http://169.254.169.254/", false, MCP_EINVAL, NULL },
        { "http://127.0.0.1.nip.io/", false, MCP_EINVAL, NULL },
        { "http://localhost.evil/", false, MCP_EINVAL, NULL },
        { "http://2130706434/", false, 0, "127.0.0.2" },
        { "http://2130706434.example/", false, MCP_EINVAL, NULL },
        { "https://user@host/", false, MCP_EINVAL, NULL },
        { "ftp://host/", true, MCP_EINVAL, NULL },
        { "file:///etc/passwd", true, MCP_EINVAL, NULL },
        { "//host/", true, MCP_EINVAL, NULL },
        { "https://", true, MCP_EINVAL, NULL },
        { "https://ho st/", true, MCP_EINVAL, NULL },
        { "https://host/\xc3\xa9", true, MCP_EINVAL, NULL },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_http_req req = { .url = mcp_str_z(cases[i].url),
                                    .allow_http = cases[i].allow_http };
        struct mcp__target target = { .method = MCP_GET };
        int rc = mcp__request_check(&req, *state, &target, NULL);

        if (rc != cases[i].rc)
            fail_msg("%s: %d", cases[i].url, rc);
        if (rc == 0 && !mcp_str_eq(target.host, mcp_str_z(cases[i].host)))
            fail_msg("%s: host %.*s", cases[i].url, MCP_STR_ARG(target.host));
    }
}

static void headers_cannot_split_the_request(void **state)
{
    static const struct {
        mcp_str name, value;
        int rc;
    } cases[] = {
        { { "X-Good", 6 }, { "a\tb \xc3\xa9", 6 }, 0 }, { { "X-Empty", 7 }, { NULL, 0 }, 0 },
        { { "X", 1 }, { "a\nb", 3 }, MCP_EINVAL },      { { "X", 1 }, { "a\rb", 3 }, MCP_EINVAL },
        { { "X", 1 }, { "a\0b", 3 }, MCP_EINVAL },      { { "X\n", 2 }, { "a", 1 }, MCP_EINVAL },
        { { "X Y", 3 }, { "a", 1 }, MCP_EINVAL },       { { "", 0 }, { "a", 1 }, MCP_EINVAL },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_http_header header = { cases[i].name, cases[i].value };
        struct mcp_http_req req = { .url = MCP_STR("https://h/"),
                                    .headers = &header,
                                    .n_headers = 1 };
        struct mcp__target target;

        assert_int_equal(mcp__request_check(&req, *state, &target, NULL), cases[i].rc);
    }
}

static void redirects_keep_to_their_rules(void **state)
{
    static const struct {
        int status;
        enum mcp_http_method method;
        const char *body, *location;
        bool followed;
        const char *url;
        enum mcp_http_method then;
        bool elsewhere;
    } cases[] = {
        { 302, MCP_GET, "", "/b", true, "https://h/b", MCP_GET, false },
        { 302, MCP_GET, "", "c", true, "https://h/a/c", MCP_GET, false },
        { 301, MCP_GET, "", "https://H/x", true, "https://H/x", MCP_GET, false },
        { 301, MCP_GET, "", "https://h:444/x", true, "https://h:444/x", MCP_GET, true },
        { 308, MCP_GET, "", "//other/x", true, "https://other/x", MCP_GET, true },
        { 302, MCP_GET, "", "http://127.0.0.1/", false, NULL, 0, false },
        { 302, MCP_GET, "", "ftp://h/", false, NULL, 0, false },
        { 302, MCP_GET, "", "https://u:p@h/", false, NULL, 0, false },
        { 302, MCP_GET, "", "", false, NULL, 0, false },
        { 302, MCP_GET, "", "/a\r\nX: y", false, NULL, 0, false },
        { 200, MCP_GET, "", "/b", false, NULL, 0, false },
        { 304, MCP_GET, "", "/b", false, NULL, 0, false },
        { 302, MCP_POST, "x", "/b", true, "https://h/b", MCP_GET, false },
        { 303, MCP_PUT, "x", "/b", true, "https://h/b", MCP_GET, false },
        { 303, MCP_HEAD, "", "/b", true, "https://h/b", MCP_HEAD, false },
        { 307, MCP_POST, "x", "/b", true, "https://h/b", MCP_POST, false },
        { 307, MCP_POST, "x", "https://o/b", false, NULL, 0, false },
        { 307, MCP_POST, "", "https://o/b", true, "https://o/b", MCP_POST, true },
        { 302, MCP_POST, "x", "https://o/b", true, "https://o/b", MCP_GET, true },
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_http_req req = { .url = MCP_STR("https://h/a/b"),
                                    .method = cases[i].method,
                                    .body = mcp_str_z(cases[i].body) };
        struct mcp__target target;
        bool followed;

        assert_int_equal(mcp__request_check(&req, *state, &target, NULL), 0);
        followed = mcp__request_redirect(&req, *state, cases[i].status,
                                         mcp_str_z(cases[i].location), &target);
        if (followed != cases[i].followed)
            fail_msg("%d %s", cases[i].status, cases[i].location);
        if (!followed)
            continue;
        if (!mcp_str_eq(target.url, mcp_str_z(cases[i].url)))
            fail_msg("%s: %.*s", cases[i].url, MCP_STR_ARG(target.url));
        assert_int_equal(target.method, cases[i].then);
        assert_int_equal(target.elsewhere, cases[i].elsewhere);
        assert_int_equal(target.no_body, cases[i].method != MCP_GET && cases[i].then == MCP_GET);
    }
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(urls_are_https_or_this_machine),
        T(headers_cannot_split_the_request),
        T(redirects_keep_to_their_rules),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
