/* How client and server agree: every kind of answer to the probe, over stdio and HTTP. */
#include "mcp/client/handshake.h"

#include "actor.h"
#include "web.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_call *scope;
static struct mcp_error err;

static int setup(void **state)
{
    (void)state;
    scope = mcp_client_scope_new(20000);
    mcp_error_clear(&err);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp_client_scope_free(scope);
    return 0;
}

static void a_child_is_understood_whatever_it_says_to_the_probe(void **state)
{
    static const struct {
        const char *act;
        enum mcp_client_era era;
        unsigned probe_ms;
        int rc;
        const char *says; /* the revision, or a part of the error */
    } rows[] = {
        { "serve", MCP_CLIENT_AUTO, 0, 0, "2026-07-28" },
        { "late", MCP_CLIENT_AUTO, 0, 0, "2026-07-28" },
        { "late", MCP_CLIENT_AUTO, 50, 0, "2025-11-25" },
        { "legacy", MCP_CLIENT_AUTO, 0, 0, "2025-06-18" },
        { "legacy", MCP_CLIENT_MODERN, 0, MCP_EUPSTREAM, "-32601" },
        { "silent", MCP_CLIENT_AUTO, 50, 0, "2025-06-18" },
        { "dies", MCP_CLIENT_AUTO, 0, 0, "2025-06-18" },
        { "old", MCP_CLIENT_AUTO, 0, 0, "2024-11-05" },
        { "future", MCP_CLIENT_AUTO, 0, MCP_EVERSION, "2099-01-01" },
        { "mixed", MCP_CLIENT_AUTO, 0, 0, "2025-06-18" },
        { "mixed", MCP_CLIENT_MODERN, 0, MCP_EUPSTREAM, "" },
        { "odd", MCP_CLIENT_AUTO, 0, MCP_EVERSION, "2031-01-01" },
        { "nothing", MCP_CLIENT_AUTO, 0, MCP_EUNAVAILABLE, "status 3" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_client_options o = actor_options(rows[i].act);
        struct mcp_client *client = NULL;
        int rc;

        o.era = rows[i].era;
        o.probe_ms = rows[i].probe_ms;
        o.timeout_ms = 10000;
        mcp_error_clear(&err);
        rc = mcp_client_connect(scope, &o, &client, &err);
        if (rc != rows[i].rc)
            print_message("%s: %d %s\n", rows[i].act, rc, err.message);
        if (rows[i].era == MCP_CLIENT_MODERN) {
            assert_true(rc < 0);
            continue;
        }
        assert_int_equal(rc, rows[i].rc);
        if (rc == 0)
            assert_true(mcp_str_eq(mcp_client_server(client)->revision, mcp_str_z(rows[i].says)));
        else
            assert_non_null(strstr(err.message, rows[i].says));
        mcp_client_close(client);
    }
}

#define INITIALIZED                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"protocolVersion\":\"2025-03-26\","             \
    "\"capabilities\":{},\"serverInfo\":{\"name\":\"web\",\"version\":\"1\"}}}"

/* What the web answers to the probe, then to initialize. */
static struct {
    const char *status, *headers, *body;
    bool no_initialize;
} script;

static void answer(struct web *w, const char *request, unsigned n)
{
    (void)n;
    if (strstr(request, "server/discover") != NULL) {
        if (script.status != NULL)
            web_answer(w, script.status, script.headers, script.body);
    } else if (strstr(request, "\"initialize\"") != NULL && !script.no_initialize) {
        web_answer(w, "200 OK", WEB_JSON, INITIALIZED);
    } else if (strstr(request, "\"id\":") != NULL) {
        web_answer(w, "405 Method Not Allowed", "", "");
    } else {
        web_answer(w, "202 Accepted", "", "");
    }
}

static void an_endpoint_is_understood_whatever_it_says_to_the_probe(void **state)
{
    static const struct {
        const char *status, *headers, *body;
        int rc;
        const char *says; /* the revision, or a part of the error */
    } rows[] = {
        { "200 OK", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"supportedVersions\":[\"2026-07-28\"],"
          "\"capabilities\":{}}}",
          0, "2026-07-28" },
        { "200 OK", WEB_SSE,
          "data: {\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"supportedVersions\":"
          "[\"2026-07-28\"],\"capabilities\":{}}}\n\n",
          0, "2026-07-28" },
        { "200 OK", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"supportedVersions\":\"2026-07-28\","
          "\"capabilities\":{}}}",
          0, "2025-03-26" },
        { "400 Bad Request", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"error\":{\"code\":-32022,\"message\":\"no\",\"data\":"
          "{\"supported\":[\"2027-01-01\",7]}}}",
          MCP_EVERSION, "2027-01-01" },
        { "400 Bad Request", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"error\":{\"code\":-32022,\"message\":\"no\",\"data\":"
          "{\"supported\":[\"2026-07-28\"]}}}",
          MCP_EVERSION, "2026-07-28" },
        { "400 Bad Request", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"error\":{\"code\":-32022,\"message\":\"no\"}}", 0,
          "2025-03-26" },
        { "400 Bad Request", "Content-Type: text/plain\r\n", "No session", 0, "2025-03-26" },
        { "404 Not Found", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"error\":{\"code\":-32601,\"message\":\"no\"}}", 0,
          "2025-03-26" },
        { "406 Not Acceptable", "", "", 0, "2025-03-26" },
        { "500 Oops", "", "", 0, "2025-03-26" },
        { "200 OK", WEB_JSON, "{\"not\":\"mcp\"}", 0, "2025-03-26" },
        { NULL, NULL, NULL, 0, "2025-03-26" },
        { "401 Unauthorized", "", "", MCP_EAUTH, "wants a token" },
        { "403 Forbidden", "", "", MCP_EDENIED, "does not let us in" },
        { "503 Busy", "", "", MCP_EBUSY, "busy" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_client_options o = { .probe_ms = rows[i].status == NULL ? 100 : 0 };
        struct mcp_client *client = NULL;
        struct web web;
        int rc;

        script.status = rows[i].status;
        script.headers = rows[i].headers;
        script.body = rows[i].body;
        script.no_initialize = false;
        web_start(&web, answer);
        o.url = web.url;
        mcp_error_clear(&err);
        rc = mcp_client_connect(scope, &o, &client, &err);
        if (rc != rows[i].rc)
            print_message("row %zu: %d %s\n", i, rc, err.message);
        assert_int_equal(rc, rows[i].rc);
        if (rc == 0)
            assert_true(mcp_str_eq(mcp_client_server(client)->revision, mcp_str_z(rows[i].says)));
        else
            assert_non_null(strstr(err.message, rows[i].says));
        mcp_client_close(client);
        web_stop(&web);
    }
}

static void what_is_no_mcp_endpoint_says_so(void **state)
{
    struct mcp_client_options o = { .name = NULL };
    struct mcp_client *client = NULL;
    struct web web;

    (void)state;
    script.status = "404 Not Found";
    script.headers = script.body = "";
    script.no_initialize = true;
    web_start(&web, answer);
    o.url = web.url;
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), MCP_EUPSTREAM);
    assert_non_null(strstr(err.message, "answered HTTP status 405"));
    web_stop(&web);
}

static void a_scope_that_ends_ends_the_handshake(void **state)
{
    struct mcp_call *own = mcp_client_scope_new(200);
    struct mcp_client_options o = actor_options("silent");
    struct mcp_client *client = NULL;
    uint64_t start = mcp_clock_mono_ms();

    (void)state;
    assert_int_equal(mcp_client_connect(own, &o, &client, &err), MCP_EDEADLINE);
    assert_true(mcp_clock_mono_ms() - start < 3000);
    mcp_client_scope_free(own);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_child_is_understood_whatever_it_says_to_the_probe),
        TEST(an_endpoint_is_understood_whatever_it_says_to_the_probe),
        TEST(what_is_no_mcp_endpoint_says_so),
        TEST(a_scope_that_ends_ends_the_handshake),
    };
    int act = actor_main(argc, argv);

    return act >= 0 ? act : cmocka_run_group_tests(tests, NULL, NULL);
}
