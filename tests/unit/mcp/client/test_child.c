/* A server as a child program that behaves badly: each fault has its end, and the next call works. */
#include "mcp/client/child.h"

#include "actor.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp_call *scope;
static struct mcp_client *client;
static struct mcp_error err;

static int connect_to(const char *act)
{
    struct mcp_client_options o = actor_options(act);

    o.era = MCP_CLIENT_LEGACY;
    o.quiet = true;
    o.max_answer_bytes = 1 << 20;
    mcp_error_clear(&err);
    return mcp_client_connect(scope, &o, &client, &err);
}

static int setup(void **state)
{
    (void)state;
    scope = mcp_client_scope_new(20000);
    client = NULL;
    return connect_to("legacy");
}

static int teardown(void **state)
{
    (void)state;
    mcp_client_close(client);
    mcp_client_scope_free(scope);
    return 0;
}

static int call(const char *tool, unsigned timeout_ms, mcp_str *text)
{
    const struct mcp_client_ask ask = { .timeout_ms = timeout_ms };
    struct mcp_client_result result = { .is_error = false };
    int rc;

    mcp_error_clear(&err);
    rc = mcp_client_call_tool(scope, client, mcp_str_z(tool), MCP_STR_NULL, &ask, &result, &err);
    if (text != NULL)
        *text = result.text;
    return rc;
}

static void expect(const char *tool, const char *text)
{
    mcp_str got = MCP_STR_NULL;

    assert_int_equal(call(tool, 10000, &got), 0);
    if (!mcp_str_eq(got, mcp_str_z(text)))
        print_message("%s: %.*s\n", tool, MCP_STR_ARG(got));
    assert_true(mcp_str_eq(got, mcp_str_z(text)));
}

static void lines_that_are_no_message_are_passed_over(void **state)
{
    (void)state;
    expect("garbage", "after garbage");
}

static void only_the_answer_with_our_id_counts(void **state)
{
    (void)state;
    expect("wrong_ids", "right");
    expect("next", "next");
}

static void the_second_answer_to_a_request_is_passed_over(void **state)
{
    (void)state;
    expect("twice", "first");
    expect("next", "next");
}

static void an_answer_that_comes_byte_by_byte_is_whole(void **state)
{
    (void)state;
    expect("drip", "");
}

static void an_answer_that_is_neither_result_nor_error_is_bad_data(void **state)
{
    (void)state;
    assert_int_equal(call("neither", 10000, NULL), MCP_EDATA);
    expect("next", "next");
}

static void a_refusal_is_passed_on_with_its_code_and_data(void **state)
{
    struct mcp_client_fault fault = { .code = 0 };
    const struct mcp_client_ask ask = { .fault = &fault };
    struct mcp_client_result result;

    (void)state;
    assert_int_equal(
        mcp_client_call_tool(scope, client, MCP_STR("refused"), MCP_STR_NULL, &ask, &result, &err),
        MCP_EUPSTREAM);
    assert_string_equal(err.message, "the server answered -32602: Unknown tool: refused");
    assert_int_equal(fault.code, -32602);
    assert_true(mcp_str_eq(fault.message, MCP_STR("Unknown tool: refused")));
    assert_true(mcp_json_str_eq(mcp_json_get(fault.data, MCP_STR("why")), MCP_STR("because")));
}

static void a_line_beyond_the_cap_fails_the_call_and_not_the_connection(void **state)
{
    (void)state;
    assert_int_equal(call("huge", 10000, NULL), MCP_ETOOBIG);
    expect("next", "next");
}

static void silence_ends_at_the_timeout_and_the_server_is_told(void **state)
{
    uint64_t start = mcp_clock_mono_ms();
    mcp_str id = MCP_STR_NULL;

    (void)state;
    assert_int_equal(call("silence", 100, NULL), MCP_EDEADLINE);
    assert_true(mcp_clock_mono_ms() - start < 5000);
    assert_int_equal(call("cancelled", 10000, &id), 0);
    assert_true(mcp_str_eq(id, MCP_STR("2"))); /* 1 was initialize */
}

static void a_scope_that_is_over_asks_nothing(void **state)
{
    struct mcp_call *own = mcp_client_scope_new(0);
    struct mcp_client_result result;
    mcp_str id = MCP_STR_NULL;

    (void)state;
    mcp_client_scope_cancel(own);
    mcp_error_clear(&err);
    assert_int_equal(
        mcp_client_call_tool(own, client, MCP_STR("silence"), MCP_STR_NULL, NULL, &result, &err),
        MCP_ECANCELLED);
    assert_string_equal(err.message, "the call was cancelled");
    assert_int_equal(call("cancelled", 10000, &id), 0);
    assert_int_equal(id.len, 0);
    mcp_client_scope_free(own);
}

static void the_end_of_the_program_fails_what_waits_and_what_comes(void **state)
{
    static const struct {
        const char *tool, *says;
    } rows[] = {
        { "exit", "the server program has ended: it exited with status 7" },
        { "crash", "the server program has ended: it was ended by signal 9" },
        { "closes", "the server program has ended: it closed its output" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t start = mcp_clock_mono_ms();

        mcp_client_close(client);
        client = NULL;
        assert_int_equal(connect_to("legacy"), 0);
        assert_int_equal(call(rows[i].tool, 10000, NULL), MCP_EUNAVAILABLE);
        assert_string_equal(err.message, rows[i].says);
        assert_int_equal(call("next", 10000, NULL), MCP_EUNAVAILABLE);
        assert_true(mcp_clock_mono_ms() - start < 8000);
    }
}

static void what_the_server_asks_gets_an_answer(void **state)
{
    (void)state;
    expect("asks", "{jsonrpc:2.0,id:p,result:{}}"
                   "{jsonrpc:2.0,id:7,error:{code:-32601,message:this client offers no such "
                   "method}}");
}

static void on_progress(void *ctx, double done, double total, mcp_str message)
{
    assert_true(done == 0.5 && total == 2 && mcp_str_eq(message, MCP_STR("half")));
    ++*(unsigned *)ctx;
}

static void a_report_reaches_the_one_who_waits_for_it(void **state)
{
    unsigned reports = 0;
    const struct mcp_client_ask ask = { .on_progress = on_progress, .ctx = &reports };
    struct mcp_client_result result;

    (void)state;
    assert_int_equal(
        mcp_client_call_tool(scope, client, MCP_STR("progress"), MCP_STR_NULL, &ask, &result, &err),
        0);
    assert_int_equal(reports, 1);
    expect("progress", "done"); /* without anybody who listens */
}

static void the_program_gets_only_the_environment_it_needs(void **state)
{
    const char *const env[] = { "GIVEN=1", NULL };
    struct mcp_client_options o = actor_options("legacy");

    (void)state;
    setenv("SECRET", "s3cret", 1);
    mcp_client_close(client);
    o.env = env;
    o.era = MCP_CLIENT_LEGACY;
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), 0);
    expect("env", "given|path|");
    mcp_client_close(client);
    o.whole_env = true;
    assert_int_equal(mcp_client_connect(scope, &o, &client, &err), 0);
    expect("env", "given|path|leak");
    unsetenv("SECRET");
}

static void a_program_that_cannot_be_started_says_why(void **state)
{
    const char *const argv[] = { "no-such-program-anywhere", NULL };
    struct mcp_client_options none = { .argv = argv };
    struct mcp_client *other = NULL;

    (void)state;
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &none, &other, &err), MCP_EUNAVAILABLE);
    assert_non_null(strstr(err.message, "cannot start no-such-program-anywhere: no such file"));
    none.cwd = "/no/such/folder";
    mcp_error_clear(&err);
    assert_int_equal(mcp_client_connect(scope, &none, &other, &err), MCP_EUNAVAILABLE);
    assert_non_null(strstr(err.message, "anywhere in /no/such/folder: no such file"));
    mcp_client_close(client);
    client = NULL;
    assert_int_equal(connect_to("nothing"), MCP_EUNAVAILABLE);
    assert_non_null(strstr(err.message, "it exited with status 3"));
}

static void a_program_that_ignores_its_end_is_ended(void **state)
{
    uint64_t start = mcp_clock_mono_ms();

    (void)state;
    mcp_client_close(client); /* this one ends by itself */
    client = NULL;
    assert_true(mcp_clock_mono_ms() - start < 1500);
    assert_int_equal(connect_to("deaf"), 0);
    expect("next", "next");
    start = mcp_clock_mono_ms();
    mcp_client_close(client);
    client = NULL;
    assert_true(mcp_clock_mono_ms() - start >= 2000);
    assert_true(mcp_clock_mono_ms() - start < 6000);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        TEST(lines_that_are_no_message_are_passed_over),
        TEST(only_the_answer_with_our_id_counts),
        TEST(the_second_answer_to_a_request_is_passed_over),
        TEST(an_answer_that_comes_byte_by_byte_is_whole),
        TEST(an_answer_that_is_neither_result_nor_error_is_bad_data),
        TEST(a_refusal_is_passed_on_with_its_code_and_data),
        TEST(a_line_beyond_the_cap_fails_the_call_and_not_the_connection),
        TEST(silence_ends_at_the_timeout_and_the_server_is_told),
        TEST(a_scope_that_is_over_asks_nothing),
        TEST(the_end_of_the_program_fails_what_waits_and_what_comes),
        TEST(what_the_server_asks_gets_an_answer),
        TEST(a_report_reaches_the_one_who_waits_for_it),
        TEST(the_program_gets_only_the_environment_it_needs),
        TEST(a_program_that_cannot_be_started_says_why),
        TEST(a_program_that_ignores_its_end_is_ended),
    };
    int act = actor_main(argc, argv);

    return act >= 0 ? act : cmocka_run_group_tests(tests, NULL, NULL);
}
