/* The client against our own servers: both eras over both transports, and what they promise. */
#include "actor.h"
#include "live.h"
#include "tools.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct live live;
static char url[64];

/* The four ways to our own server. */
static const struct way {
    const char *name;
    bool http;
    enum mcp_client_era era;
    bool modern;
} ways[] = {
    { "stdio auto", false, MCP_CLIENT_AUTO, true },
    { "stdio modern", false, MCP_CLIENT_MODERN, true },
    { "stdio legacy", false, MCP_CLIENT_LEGACY, false },
    { "http auto", true, MCP_CLIENT_AUTO, true },
    { "http modern", true, MCP_CLIENT_MODERN, true },
    { "http legacy", true, MCP_CLIENT_LEGACY, false },
};
#define N_WAYS (sizeof(ways) / sizeof(ways[0]))

static struct mcp_call *scope;
static struct mcp_error err;

static struct mcp_client *connect_by(const struct way *way)
{
    struct mcp_client_options o = actor_options("serve");
    struct mcp_client *client = NULL;
    int rc;

    if (way->http) {
        o.argv = NULL;
        o.url = url;
    }
    o.era = way->era;
    o.timeout_ms = 20000;
    mcp_error_clear(&err);
    rc = mcp_client_connect(scope, &o, &client, &err);
    if (rc != 0)
        print_message("%s: %d %s\n", way->name, rc, err.message);
    assert_int_equal(rc, 0);
    return client;
}

static int setup(void **state)
{
    (void)state;
    scope = mcp_client_scope_new(30000);
    mcp_error_clear(&err);
    return scope == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_client_scope_free(scope);
    return 0;
}

static void a_server_says_who_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        const struct mcp_client_server *s = mcp_client_server(client);

        assert_int_equal(s->modern, ways[i].modern);
        assert_true(mcp_str_eq(s->revision,
                               ways[i].modern ? MCP_STR("2026-07-28") : MCP_STR("2025-11-25")));
        assert_true(mcp_str_eq(s->name, MCP_STR("test-server")));
        assert_true(mcp_str_eq(s->version, MCP_STR("1.2.3")));
        assert_true(mcp_str_eq(s->instructions, MCP_STR("Call echo.")));
        assert_true(mcp_str_starts(s->capabilities, MCP_STR("{\"tools\"")));
        mcp_client_close(client);
    }
}

static void tools_are_listed_and_called(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        const struct mcp_client_tool *tools = NULL;
        struct mcp_client_result result;
        bool found = false;
        size_t n = 0;

        assert_int_equal(mcp_client_list_tools(scope, client, NULL, &tools, &n, &err), 0);
        for (size_t k = 0; k < n; k++)
            found = found || mcp_str_eq(tools[k].name, MCP_STR("echo"));
        assert_true(found && n >= 10);
        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("echo"),
                                              MCP_STR("{\"text\":\"h\\u00e4llo\\n\"}"), NULL,
                                              &result, &err),
                         0);
        assert_false(result.is_error);
        assert_true(mcp_str_eq(result.text, MCP_STR("h\xc3\xa4llo\n")));
        assert_true(
            mcp_str_eq(mcp_json_get_str(result.structured, MCP_STR("echo"), mcp_call_arena(scope)),
                       MCP_STR("h\xc3\xa4llo\n")));
        mcp_client_close(client);
    }
}

static void an_argument_that_belongs_into_a_header_gets_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        struct mcp_client_result result;
        int rc = mcp_client_call_tool(scope, client, MCP_STR("echo"),
                                      MCP_STR("{\"text\":\"a\",\"region\":\"s\\u00fcd\"}"), NULL,
                                      &result, &err);

        if (rc != 0)
            print_message("%s: %s\n", ways[i].name, err.message);
        assert_int_equal(rc, 0);
        assert_true(mcp_str_eq(result.text, MCP_STR("a")));
        mcp_client_close(client);
    }
}

static void a_tool_that_fails_has_answered(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        struct mcp_client_result result;

        assert_int_equal(
            mcp_client_call_tool(scope, client, MCP_STR("fail"), MCP_STR_NULL, NULL, &result, &err),
            0);
        assert_true(result.is_error);
        assert_non_null(memmem(result.text.ptr, result.text.len, "has no right", 12));
        mcp_client_close(client);
    }
}

static void a_refusal_carries_the_servers_words_and_code(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        struct mcp_client_fault fault = { .code = 0 };
        const struct mcp_client_ask ask = { .fault = &fault };
        struct mcp_client_result result;
        struct mcp_json json;

        mcp_error_clear(&err);
        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("no_such_tool"), MCP_STR_NULL,
                                              &ask, &result, &err),
                         MCP_EUPSTREAM);
        assert_int_equal(fault.code, -32602);
        assert_non_null(strstr(err.message, "-32602"));
        assert_non_null(strstr(err.message, "no_such_tool"));
        mcp_error_clear(&err);
        assert_int_equal(mcp_client_request(scope, client, MCP_STR("no/such"), MCP_STR("{\"a\":1}"),
                                            &ask, &json, &err),
                         MCP_EUPSTREAM);
        assert_int_equal(fault.code, -32601);
        assert_int_equal(fault.http_status, !ways[i].http ? 0 : ways[i].modern ? 404 : 200);
        mcp_client_close(client);
    }
}

static void bad_arguments_of_the_caller_are_refused_at_once(void **state)
{
    static const char *const bad[] = { "{", "[1]", "1", "{}}", "{},\"x\":{}" };
    struct mcp_client *client = connect_by(&ways[1]);
    struct mcp_client_result result;
    struct mcp_json json;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mcp_client_fault fault = { .code = 0 };
        const struct mcp_client_ask ask = { .fault = &fault };
        int rc;

        mcp_error_clear(&err);
        rc = mcp_client_call_tool(scope, client, MCP_STR("echo"), mcp_str_z(bad[i]), &ask, &result,
                                  &err);
        /* What is JSON but no object is the server's to refuse. */
        assert_true(rc == MCP_EINVAL || fault.code == -32602);
        mcp_error_clear(&err);
        assert_int_equal(mcp_client_request(scope, client, MCP_STR("tools/list"), mcp_str_z(bad[i]),
                                            NULL, &json, &err),
                         MCP_EINVAL);
    }
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_request(scope, client, MCP_STR("tools/list"),
                                        MCP_STR("{\"_meta\":{}}"), NULL, &json, &err),
                     MCP_EINVAL);
    mcp_client_close(client);
}

struct reports {
    unsigned n;
    double last;
};

static void on_progress(void *ctx, double done, double total, mcp_str message)
{
    struct reports *r = ctx;

    assert_true(r->n == 0 || done > r->last);
    assert_true(total == 5);
    assert_true(mcp_str_eq(message, MCP_STR("step")));
    r->n++;
    r->last = done;
}

static void progress_is_told_while_a_tool_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        struct reports reports = { .n = 0 };
        const struct mcp_client_ask ask = { .on_progress = on_progress, .ctx = &reports };
        struct mcp_client_result result;

        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("progress"),
                                              MCP_STR("{\"n\":5}"), &ask, &result, &err),
                         0);
        assert_true(mcp_str_eq(result.text, MCP_STR("done")));
        assert_true(reports.n >= 2);
        mcp_client_close(client);
    }
}

static void a_late_call_ends_at_its_timeout_and_at_the_server(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        const struct mcp_client_ask ask = { .timeout_ms = 150 };
        int before = atomic_load(&test_cancelled);
        uint64_t start = mcp_clock_mono_ms();
        struct mcp_client_result result;

        mcp_error_clear(&err);
        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("wait"),
                                              MCP_STR("{\"n\":4000}"), &ask, &result, &err),
                         MCP_EDEADLINE);
        assert_true(mcp_clock_mono_ms() - start < 3000);
        /* The server of stdio is another process. */
        while (ways[i].http && atomic_load(&test_cancelled) == before)
            assert_true(mcp_clock_mono_ms() - start < 3000);
        /* The connection goes on. */
        assert_int_equal(
            mcp_client_call_tool(scope, client, MCP_STR("echo"), MCP_STR_NULL, NULL, &result, &err),
            0);
        mcp_client_close(client);
    }
}

static void *cancel_soon(void *arg)
{
    while (atomic_load(&test_runs) == 0 && mcp_call_remaining_ms(arg) > 29000)
        continue;
    mcp_client_scope_cancel(arg);
    return NULL;
}

static void a_cancelled_call_returns_and_is_cancelled_at_the_server(void **state)
{
    (void)state;
    for (size_t i = 3; i < N_WAYS; i++) { /* over HTTP the server is in this process */
        struct mcp_client *client = connect_by(&ways[i]);
        struct mcp_call *own = mcp_client_scope_new(30000);
        int before = atomic_load(&test_cancelled);
        uint64_t start = mcp_clock_mono_ms();
        struct mcp_client_result result;
        pthread_t thread;

        atomic_store(&test_runs, 0);
        pthread_create(&thread, NULL, cancel_soon, own);
        mcp_error_clear(&err);
        assert_int_equal(mcp_client_call_tool(own, client, MCP_STR("wait"), MCP_STR("{\"n\":4000}"),
                                              NULL, &result, &err),
                         MCP_ECANCELLED);
        pthread_join(thread, NULL);
        while (atomic_load(&test_cancelled) == before)
            assert_true(mcp_clock_mono_ms() - start < 3500);
        mcp_client_scope_free(own);
        mcp_client_close(client);
    }
}

struct asker {
    pthread_t thread;
    struct mcp_client *client;
    unsigned wrong;
};

static void *ask_many(void *arg)
{
    struct asker *a = arg;

    for (int i = 0; i < 20; i++) {
        struct mcp_call *own = mcp_client_scope_new(20000);
        struct mcp_client_result result = { .is_error = false };
        char args[64], text[32];

        snprintf(text, sizeof(text), "%p-%d", (void *)a, i);
        snprintf(args, sizeof(args), "{\"text\":\"%s\"}", text);
        if (mcp_client_call_tool(own, a->client, i % 2 ? MCP_STR("echo") : MCP_STR("slow_echo"),
                                 mcp_str_z(args), NULL, &result, NULL) != 0 ||
            !mcp_str_eq(result.text, mcp_str_z(text)))
            a->wrong++;
        mcp_client_scope_free(own);
    }
    return NULL;
}

static void many_threads_ask_one_connection(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client *client = connect_by(&ways[i]);
        struct asker askers[8];

        for (size_t k = 0; k < 8; k++) {
            askers[k] = (struct asker){ .client = client };
            pthread_create(&askers[k].thread, NULL, ask_many, &askers[k]);
        }
        for (size_t k = 0; k < 8; k++) {
            pthread_join(askers[k].thread, NULL);
            assert_int_equal(askers[k].wrong, 0);
        }
        mcp_client_close(client);
    }
}

static void an_answer_larger_than_the_cap_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_WAYS; i++) {
        struct mcp_client_options o = actor_options("serve");
        struct mcp_client *client = NULL;
        struct mcp_client_result result;

        if (ways[i].http) {
            o.argv = NULL;
            o.url = url;
        }
        o.era = ways[i].era;
        o.max_answer_bytes = 100000;
        assert_int_equal(mcp_client_connect(scope, &o, &client, &err), 0);
        mcp_error_clear(&err);
        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("huge"),
                                              MCP_STR("{\"n\":300000}"), NULL, &result, &err),
                         MCP_ETOOBIG);
        assert_int_equal(mcp_client_call_tool(scope, client, MCP_STR("huge"),
                                              MCP_STR("{\"n\":90000}"), NULL, &result, &err),
                         0);
        assert_int_equal(result.text.len, 90000);
        mcp_client_close(client);
    }
}

static void options_that_name_no_server_are_refused(void **state)
{
    const char *const argv[] = { "true", NULL }, *const none[] = { NULL };
    struct mcp_secret token = { 0 }, bad = { 0 };
    struct mcp_client *client = NULL;
    const struct mcp_client_options rows[] = {
        { .name = "x" },
        { .argv = none },
        { .argv = argv, .url = "http://127.0.0.1:1/mcp" },
        { .argv = argv, .token = &token },
        { .url = "http://127.0.0.1:1/mcp", .token = &bad },
        { .url = "http://example.com/mcp" },
        { .url = "file:///etc/passwd" },
    };

    (void)state;
    assert_int_equal(mcp_secret_set(&token, MCP_STR("t0ken")), 0);
    assert_int_equal(mcp_secret_set(&bad, MCP_STR("t0ken\r\nX: y")), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_error_clear(&err);
        assert_int_equal(mcp_client_connect(scope, &rows[i], &client, &err), MCP_EINVAL);
        assert_true(err.message[0] != '\0' && strstr(err.message, "t0ken") == NULL);
    }
    assert_null(client);
    mcp_client_close(NULL);
    mcp_secret_release(&token);
    mcp_secret_release(&bad);
}

static int begin(void **state)
{
    (void)state;
    live_init(&live);
    live_start(&live);
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/mcp", live.port);
    return live.port == 0;
}

static int end(void **state)
{
    (void)state;
    live_stop(&live);
    return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(a_server_says_who_it_is),
        TEST(tools_are_listed_and_called),
        TEST(an_argument_that_belongs_into_a_header_gets_there),
        TEST(a_tool_that_fails_has_answered),
        TEST(a_refusal_carries_the_servers_words_and_code),
        TEST(bad_arguments_of_the_caller_are_refused_at_once),
        TEST(progress_is_told_while_a_tool_runs),
        TEST(a_late_call_ends_at_its_timeout_and_at_the_server),
        TEST(a_cancelled_call_returns_and_is_cancelled_at_the_server),
        TEST(many_threads_ask_one_connection),
        TEST(an_answer_larger_than_the_cap_is_refused),
        TEST(options_that_name_no_server_are_refused),
    };
    int act = actor_main(argc, argv);

    return act >= 0 ? act : cmocka_run_group_tests(tests, begin, end);
}
