/* A server behind HTTP that behaves badly: what each answer means, and what is sent in its turn. */
#include "mcp/client/remote.h"

#include "web.h"

#include <mcp/client.h>
#include <mcp/clock.h>

#include <limits.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define DISCOVERED                                                                                 \
    "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"resultType\":\"complete\","                    \
    "\"supportedVersions\":"                                                                       \
    "[\"2026-07-28\"],\"capabilities\":{\"tools\":{}},\"ttlMs\":0,\"cacheScope\":\"public\"}}"
#define INITIALIZED                                                                                \
    "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"protocolVersion\":\"2025-11-25\","             \
    "\"capabilities\":{},\"serverInfo\":{\"name\":\"web\",\"version\":\"1\"}}}"
#define RESULT(text)                                                                               \
    "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"       \
    "\"" text "\"}]}}"
#define REFUSED "{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32600,\"message\":\"no\"}}"

static struct web web;
static struct mcp_call *scope;
static struct mcp_client *client;
static struct mcp_error err;

/* What the next tools/call is answered: by act, else with status and the rest, else not at all. */
static struct {
    void (*act)(struct web *w);
    const char *status, *headers, *body;
} script;

static bool has(const char *request, const char *part)
{
    return strstr(request, part) != NULL;
}

static void modern(struct web *w, const char *request, unsigned n)
{
    (void)n;
    if (has(request, "server/discover"))
        web_answer(w, "200 OK", WEB_JSON, DISCOVERED);
    else if (script.act != NULL)
        script.act(w);
    else if (script.status != NULL)
        web_answer(w, script.status, script.headers, script.body);
}

static int setup_modern(void **state)
{
    struct mcp_client_options o = { .era = MCP_CLIENT_MODERN };

    (void)state;
    memset(&script, 0, sizeof(script));
    client = NULL;
    scope = mcp_client_scope_new(20000);
    web_start(&web, modern);
    o.url = web.url;
    mcp_error_clear(&err);
    return mcp_client_connect(scope, &o, &client, &err);
}

static int teardown(void **state)
{
    (void)state;
    mcp_client_close(client);
    mcp_client_scope_free(scope);
    web_stop(&web);
    return 0;
}

static int call(unsigned timeout_ms, mcp_str *text, struct mcp_client_fault *fault)
{
    const struct mcp_client_ask ask = { .timeout_ms = timeout_ms, .fault = fault };
    struct mcp_client_result result = { .is_error = false };
    int rc;

    mcp_error_clear(&err);
    rc = mcp_client_call_tool(scope, client, MCP_STR("t"), MCP_STR("{\"a\":1}"), &ask, &result,
                              &err);
    if (text != NULL)
        *text = result.text;
    return rc;
}

static void every_answer_has_its_meaning(void **state)
{
    static const struct {
        const char *status, *headers, *body;
        int rc;
        int code;
        const char *says;
    } rows[] = {
        { "200 OK", WEB_JSON, RESULT("a"), 0, 0, "a" },
        { "200 OK", "content-type: APPLICATION/JSON; charset=utf-8\r\n", RESULT("a"), 0, 0, "a" },
        { "200 OK", WEB_SSE, "event: message\ndata: " RESULT("a") "\n\n", 0, 0, "a" },
        { "200 OK", WEB_SSE,
          ": hello\n\ndata: no json\n\ndata: {\"jsonrpc\":\"2.0\",\"id\":77,\"result\":{}}\n\n"
          "event: other\ndata: " RESULT("x") "\n\ndata: " RESULT("a") "\n\ndata: " RESULT(
              "b") "\n\n",
          0, 0, "a" },
        { "200 OK", WEB_SSE, "data: " RESULT("never whole"), MCP_EDATA, 0, "no MCP answer" },
        { "200 OK", WEB_SSE, "", MCP_EDATA, 0, "no MCP answer" },
        { "200 OK", WEB_JSON, "", MCP_EDATA, 0, "no MCP answer" },
        { "200 OK", WEB_JSON, "{", MCP_EDATA, 0, "no JSON" },
        { "200 OK", WEB_JSON, "[]", MCP_EDATA, 0, "no JSON-RPC" },
        { "200 OK", WEB_JSON, "{\"jsonrpc\":\"2.0\",\"id\":4711,\"result\":{}}", MCP_EDATA, 0,
          "another request" },
        { "200 OK", WEB_JSON, "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{}}", MCP_EDATA, 0,
          "no content" },
        { "200 OK", WEB_JSON, "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":[]}", MCP_EDATA, 0,
          "neither" },
        { "200 OK", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"resultType\":\"input_required\"}}",
          MCP_EINPUT, 0, "asks for input" },
        { "200 OK", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"result\":{\"resultType\":\"task\",\"content\":[]}}",
          MCP_EDATA, 0, "unknown type" },
        { "200 OK", "Content-Type: text/html\r\n", "<html>", MCP_EDATA, 0, "no MCP answer" },
        { "202 Accepted", "", "", MCP_EDATA, 0, "(202)" },
        { "400 Bad Request", WEB_JSON, REFUSED, MCP_EUPSTREAM, -32600, "-32600: no" },
        { "404 Not Found", WEB_JSON,
          "{\"jsonrpc\":\"2.0\",\"id\":%ID%,\"error\":{\"code\":-32601,\"message\":\"what?\"}}",
          MCP_EUPSTREAM, -32601, "-32601: what?" },
        { "404 Not Found", "", "", MCP_EUPSTREAM, 0, "no MCP endpoint" },
        { "401 Unauthorized", "", "", MCP_EAUTH, 0, "wants a token" },
        { "403 Forbidden", WEB_JSON, REFUSED, MCP_EDENIED, -32600, "does not let us in" },
        { "503 Busy", WEB_JSON "Retry-After: 7\r\n", REFUSED, MCP_EBUSY, -32600, "busy" },
        { "503 Busy", "Retry-After: 7\r\n", "", MCP_EBUSY, 0, "busy" },
        { "500 Oops", WEB_JSON, "{\"oops\":true}", MCP_EUPSTREAM, 0, "HTTP status 500" },
        { "302 Found", "Location: http://127.0.0.1:1/\r\n", "", MCP_EUPSTREAM, 0, "status 302" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct mcp_client_fault fault = { .code = 0 };
        mcp_str text = MCP_STR_NULL;
        int rc;

        script.status = rows[i].status;
        script.headers = rows[i].headers;
        script.body = rows[i].body;
        rc = call(10000, &text, &fault);
        if (rc != rows[i].rc || (rc != 0 && !has(err.message, rows[i].says)))
            print_message("row %zu: %d %s\n", i, rc, err.message);
        assert_int_equal(rc, rows[i].rc);
        assert_int_equal(fault.code, rows[i].code);
        if (rc == 0)
            assert_true(mcp_str_eq(text, mcp_str_z(rows[i].says)));
        else
            assert_true(has(err.message, rows[i].says));
        if (rc == MCP_EBUSY)
            assert_int_equal(err.retry_after_ms, 7000);
    }
}

static void a_modern_request_carries_its_headers_and_envelope(void **state)
{
    static const char *const parts[] = {
        "POST /mcp HTTP/1.1\r\n",
        "Accept: application/json, text/event-stream\r\n",
        "Content-Type: application/json\r\n",
        "MCP-Protocol-Version: 2026-07-28\r\n",
        "Mcp-Method: tools/call\r\n",
        "Mcp-Name: t\r\n",
        "\"params\":{\"name\":\"t\",\"arguments\":{\"a\":1},\"_meta\":{",
        "\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\"",
        "\"io.modelcontextprotocol/clientCapabilities\":{}",
        "\"io.modelcontextprotocol/clientInfo\":{\"name\":\"libmcp\",\"version\":\"",
    };

    (void)state;
    script.status = "200 OK";
    script.headers = WEB_JSON;
    script.body = RESULT("a");
    assert_int_equal(call(10000, NULL, NULL), 0);
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        assert_true(has(web.last, parts[i]));
    assert_false(has(web.last, "Mcp-Session-Id") || has(web.last, "Authorization"));
}

static void a_modern_call_that_is_given_up_hangs_up(void **state)
{
    uint64_t start = mcp_clock_mono_ms();

    (void)state;
    assert_int_equal(call(150, NULL, NULL), MCP_EDEADLINE);
    while (atomic_load(&web.hangups) == 0)
        assert_true(mcp_clock_mono_ms() - start < 5000);
    assert_int_equal(atomic_load(&web.requests), 2); /* discover and the call: nothing else */
}

#define STREAM "HTTP/1.1 200 OK\r\n" WEB_SSE "Connection: close\r\n\r\n"

static void answer_and_go_on(struct web *w)
{
    web_send(w, STREAM "data: " RESULT("a") "\n\n: still here\n\n");
}

static void an_answer_counts_although_its_stream_stays_open(void **state)
{
    uint64_t start = mcp_clock_mono_ms();
    mcp_str text = MCP_STR_NULL;

    (void)state;
    script.act = answer_and_go_on;
    assert_int_equal(call(10000, &text, NULL), 0);
    assert_true(mcp_str_eq(text, MCP_STR("a")));
    while (atomic_load(&web.hangups) == 0)
        assert_true(mcp_clock_mono_ms() - start < 10000);
}

static sem_t told;

static void report_and_wait(struct web *w)
{
    struct timespec until;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 10;
    web_send(w, STREAM "data: {\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\","
                       "\"params\":{\"progressToken\":%ID%,\"progress\":1,\"total\":2}}\n\n");
    if (sem_timedwait(&told, &until) == 0)
        web_send(w, "data: " RESULT("a") "\n\n");
}

static void on_progress(void *ctx, double done, double total, mcp_str message)
{
    *(double *)ctx = done / total;
    assert_true(mcp_str_is_null(message));
    sem_post(&told);
}

static void progress_is_told_before_the_answer_is_there(void **state)
{
    double part = 0;
    const struct mcp_client_ask ask = { .on_progress = on_progress, .ctx = &part };
    struct mcp_client_result result;

    (void)state;
    sem_init(&told, 0, 0);
    script.act = report_and_wait;
    assert_int_equal(
        mcp_client_call_tool(scope, client, MCP_STR("t"), MCP_STR_NULL, &ask, &result, &err), 0);
    assert_true(part == 0.5);
    sem_destroy(&told);
}

/* ---- a legacy one --------------------------------------------------------------------------------- */

static atomic_int sessions, deleted, cancelled, resumed, losses, replies;

static void legacy(struct web *w, const char *request, unsigned n)
{
    char headers[128];

    (void)n;
    if (has(request, "server/discover")) {
        web_answer(w, "400 Bad Request", WEB_JSON, REFUSED);
    } else if (has(request, "\"initialize\"")) {
        snprintf(headers, sizeof(headers), WEB_JSON "Mcp-Session-Id: s-%d\r\n",
                 atomic_fetch_add(&sessions, 1) + 1);
        web_answer(w, "200 OK", headers, INITIALIZED);
    } else if (has(request, "DELETE /mcp")) {
        atomic_fetch_add(&deleted, has(request, "Mcp-Session-Id: s-"));
        web_answer(w, "204 No Content", "", "");
    } else if (has(request, "notifications/cancelled")) {
        atomic_fetch_add(&cancelled, has(request, "Mcp-Session-Id: s-"));
        web_answer(w, "202 Accepted", "", "");
    } else if (!has(request, "GET /mcp") && !has(request, "\"method\"")) {
        atomic_fetch_add(&replies,
                         has(request, "{\"jsonrpc\":\"2.0\",\"id\":\"q-1\",\"result\":{}}") &&
                             has(request, "Mcp-Session-Id: s-1\r\n"));
        web_answer(w, "202 Accepted", "", "");
    } else if (has(request, "notifications/initialized")) {
        web_answer(w, "202 Accepted", "", "");
    } else if (atomic_load(&losses) > 0 && has(request, "Mcp-Session-Id: s-1\r\n")) {
        atomic_fetch_sub(&losses, 1);
        web_answer(w, "404 Not Found", WEB_JSON, REFUSED);
    } else if (has(request, "GET /mcp")) {
        atomic_fetch_add(&resumed, has(request, "Last-Event-ID: e-1\r\n"));
        web_answer(w, "200 OK", WEB_SSE,
                   "id: e-2\ndata: {\"jsonrpc\":\"2.0\",\"id\":3,\"result\":{\"content\":[]}}\n\n");
    } else if (script.act != NULL) {
        script.act(w);
    } else if (script.status != NULL) {
        web_answer(w, script.status, script.headers, script.body);
    }
}

static int setup_legacy(void **state)
{
    struct mcp_client_options o = { .era = MCP_CLIENT_AUTO };

    (void)state;
    memset(&script, 0, sizeof(script));
    atomic_store(&sessions, 0);
    atomic_store(&deleted, 0);
    atomic_store(&cancelled, 0);
    atomic_store(&resumed, 0);
    atomic_store(&losses, 0);
    atomic_store(&replies, 0);
    client = NULL;
    scope = mcp_client_scope_new(20000);
    web_start(&web, legacy);
    o.url = web.url;
    mcp_error_clear(&err);
    return mcp_client_connect(scope, &o, &client, &err);
}

static void a_legacy_session_is_kept_and_ended(void **state)
{
    (void)state;
    assert_false(mcp_client_server(client)->modern);
    script.status = "200 OK";
    script.headers = WEB_JSON;
    script.body = RESULT("a");
    assert_int_equal(call(10000, NULL, NULL), 0);
    assert_true(has(web.last, "Mcp-Session-Id: s-1\r\n"));
    assert_true(has(web.last, "MCP-Protocol-Version: 2025-11-25\r\n"));
    assert_false(has(web.last, "Mcp-Method") || has(web.last, "_meta"));
    mcp_client_close(client);
    client = NULL;
    assert_int_equal(atomic_load(&deleted), 1);
}

static void a_lost_session_is_opened_again(void **state)
{
    mcp_str text = MCP_STR_NULL;

    (void)state;
    script.status = "200 OK";
    script.headers = WEB_JSON;
    script.body = RESULT("a");
    atomic_store(&losses, 1);
    assert_int_equal(call(10000, &text, NULL), 0);
    assert_true(mcp_str_eq(text, MCP_STR("a")));
    assert_int_equal(atomic_load(&sessions), 2);
    assert_true(has(web.last, "Mcp-Session-Id: s-2\r\n"));
}

static void *call_once(void *arg)
{
    struct mcp_call *own = mcp_client_scope_new(20000);
    struct mcp_client_result result;

    *(int *)arg =
        mcp_client_call_tool(own, client, MCP_STR("t"), MCP_STR_NULL, NULL, &result, NULL);
    mcp_client_scope_free(own);
    return NULL;
}

static void a_session_that_many_find_lost_is_opened_again_once(void **state)
{
    pthread_t threads[8];
    int rc[8];

    (void)state;
    script.status = "200 OK";
    script.headers = WEB_JSON;
    script.body = RESULT("a");
    atomic_store(&losses, INT_MAX);
    for (size_t i = 0; i < 8; i++)
        pthread_create(&threads[i], NULL, call_once, &rc[i]);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(rc[i], 0);
    }
    assert_int_equal(atomic_load(&sessions), 2);
}

static void a_legacy_call_that_is_given_up_is_cancelled_by_a_notification(void **state)
{
    (void)state;
    assert_int_equal(call(150, NULL, NULL), MCP_EDEADLINE);
    assert_int_equal(atomic_load(&cancelled), 1);
}

static void an_event_stream_that_breaks_off_is_taken_up_again(void **state)
{
    (void)state;
    script.status = "200 OK";
    script.headers = WEB_SSE;
    script.body = "id: e-1\nretry: 10\ndata: \n\n";
    assert_int_equal(call(10000, NULL, NULL), 0); /* ids 1 and 2 were discover and initialize */
    assert_int_equal(atomic_load(&resumed), 1);
}

static void break_off(struct web *w)
{
    web_send(w, "HTTP/1.1 200 OK\r\n" WEB_SSE "Transfer-Encoding: chunked\r\n\r\n"
                "1a\r\nid: e-1\nretry: 10\ndata: \n\n\r\n20\r\ndata: {");
    w->answered = true;
}

static void a_connection_that_breaks_in_its_event_stream_loses_nothing(void **state)
{
    (void)state;
    script.act = break_off;
    assert_int_equal(call(10000, NULL, NULL), 0);
    assert_int_equal(atomic_load(&resumed), 1);
}

static void ask_first(struct web *w)
{
    web_send(w, STREAM "data: {\"jsonrpc\":\"2.0\",\"id\":\"q-1\",\"method\":\"ping\"}\n\n");
    web_serve_next(w);
    web_send(w, "data: " RESULT("a") "\n\n");
}

static void a_server_that_asks_in_its_stream_is_answered_meanwhile(void **state)
{
    (void)state;
    script.act = ask_first;
    assert_int_equal(call(10000, NULL, NULL), 0);
    assert_int_equal(atomic_load(&replies), 1);
}

/* ---- the token ------------------------------------------------------------------------------------- */

static void guarded(struct web *w, const char *request, unsigned n)
{
    if (has(request, "Authorization: Bearer s3cr3t-t0ken\r\n"))
        modern(w, request, n);
    else
        web_answer(w, "401 Unauthorized", "WWW-Authenticate: Bearer\r\n", "");
}

static void the_token_goes_with_every_request_and_into_no_error(void **state)
{
    struct mcp_secret good = { 0 }, wrong = { 0 };
    struct mcp_client_options o = { .token = &wrong };

    (void)state;
    client = NULL;
    scope = mcp_client_scope_new(20000);
    web_start(&web, guarded);
    o.url = web.url;
    assert_int_equal(mcp_secret_set(&good, MCP_STR("s3cr3t-t0ken")), 0);
    assert_int_equal(mcp_secret_set(&wrong, MCP_STR("wr0ng-t0ken")), 0);
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), MCP_EAUTH);
    assert_true(has(err.message, "wants another token (401)") && !has(err.message, "t0ken"));
    assert_int_equal(atomic_load(&web.requests), 1); /* no era evidence: nothing else is tried */
    o.token = &good;
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), 0);
    script.status = "200 OK";
    script.headers = WEB_JSON;
    script.body = RESULT("a");
    assert_int_equal(call(10000, NULL, NULL), 0);
    mcp_secret_release(&good);
    mcp_secret_release(&wrong);
}

static void a_server_that_is_not_there_is_named(void **state)
{
    const struct mcp_client_options o = { .url = "http://127.0.0.1:1/mcp?key=s3cr3t" };

    (void)state;
    scope = mcp_client_scope_new(20000);
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), MCP_EUNAVAILABLE);
    assert_true(has(err.message, "127.0.0.1:1") && !has(err.message, "s3cr3t"));
    mcp_client_scope_free(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_answer_has_its_meaning, setup_modern, teardown),
        cmocka_unit_test_setup_teardown(a_modern_request_carries_its_headers_and_envelope,
                                        setup_modern, teardown),
        cmocka_unit_test_setup_teardown(a_modern_call_that_is_given_up_hangs_up, setup_modern,
                                        teardown),
        cmocka_unit_test_setup_teardown(an_answer_counts_although_its_stream_stays_open,
                                        setup_modern, teardown),
        cmocka_unit_test_setup_teardown(progress_is_told_before_the_answer_is_there, setup_modern,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_connection_that_breaks_in_its_event_stream_loses_nothing,
                                        setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(a_server_that_asks_in_its_stream_is_answered_meanwhile,
                                        setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(a_legacy_session_is_kept_and_ended, setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(a_lost_session_is_opened_again, setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(a_session_that_many_find_lost_is_opened_again_once,
                                        setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(
            a_legacy_call_that_is_given_up_is_cancelled_by_a_notification, setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(an_event_stream_that_breaks_off_is_taken_up_again,
                                        setup_legacy, teardown),
        cmocka_unit_test_setup_teardown(the_token_goes_with_every_request_and_into_no_error, NULL,
                                        teardown),
        cmocka_unit_test(a_server_that_is_not_there_is_named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
