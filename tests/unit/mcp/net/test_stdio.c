/* The stdio transport over pipes, sockets and files: both eras, garbage, EOF, a reader that goes. */
#include "tools.h"

#include "mcp/net/serve.h"
#include "mcp/proto/registry.h"

#include <mcp/clock.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#define META                                                                                       \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}"
#define CALL(id, tool, args)                                                                       \
    "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"tools/call\",\"params\":{\"name\":\"" tool    \
    "\",\"arguments\":" args "}}\n"
#define INITIALIZE(version)                                                                        \
    "{\"jsonrpc\":\"2.0\",\"id\":0,\"method\":\"initialize\",\"params\":{\"protocolVersion\":"     \
    "\"" version "\",\"capabilities\":{}}}\n"

struct session {
    struct mcp_serve serve;
    int in, out; /* the server's ends */
    int status;
};

static struct mcp_registry *registry;
static char out[1 << 21];

static void *run(void *arg)
{
    struct session *s = arg;

    s->status = mcp__serve_stdio_fds(&s->serve, s->in, s->out, NULL);
    close(s->in);
    if (s->out != s->in)
        close(s->out);
    return NULL;
}

static size_t read_all(int fd, char *to, size_t size)
{
    size_t len = 0;

    while (len + 1 < size) {
        ssize_t n = read(fd, to + len, size - 1 - len);

        if (n <= 0)
            break;
        len += (size_t)n;
    }
    to[len] = '\0';
    return len;
}

/* Feeds the whole input, then EOF; out gets everything. The exit status. */
static int converse(struct session *s, const char *input)
{
    int to[2], from[2];
    pthread_t thread;

    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    s->serve.registry = registry;
    s->in = to[0];
    s->out = from[1];
    assert_int_equal(pthread_create(&thread, NULL, run, s), 0);
    for (size_t left = strlen(input); left > 0;) {
        ssize_t n = write(to[1], input, left);

        assert_true(n > 0);
        input += n;
        left -= (size_t)n;
    }
    close(to[1]);
    read_all(from[0], out, sizeof(out));
    pthread_join(thread, NULL);
    close(from[0]);
    return s->status;
}

static void expect(const char *part)
{
    if (strstr(out, part) == NULL)
        fail_msg("%s is not in %.2000s", part, out);
}

static void a_modern_client_probes_lists_and_calls(void **state)
{
    struct session s = { 0 };

    (void)state;
    assert_int_equal(
        converse(&s, "{\"jsonrpc\":\"2.0\",\"id\":\"server-discover-probe-1\",\"method\":"
                     "\"server/discover\",\"params\":{" META "}}}\n"
                     "{\"jsonrpc\":\"2.0\",\"id\":\"listen:0\",\"method\":\"subscriptions/listen\","
                     "\"params\":{" META "}}}\n"
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/list\",\"params\":{" META
                     "}}}\r\n\n"
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{"
                     "\"name\":\"slow_echo\",\"arguments\":{\"text\":\"a\\nb\"}," META "}}}\n"),
        0);
    expect("{\"jsonrpc\":\"2.0\",\"id\":\"server-discover-probe-1\",\"result\":{\"resultType\":");
    expect("\"id\":\"listen:0\",\"error\":{\"code\":-32601");
    expect("\"id\":1,\"result\":{\"resultType\":\"complete\",\"tools\":[");
    expect("\"id\":2,\"result\":{\"resultType\":\"complete\",\"content\":[{\"type\":\"text\","
           "\"text\":\"a\\nb\"}]");
}

static void a_legacy_client_is_served_from_its_first_line(void **state)
{
    struct session s = { 0 };

    (void)state;
    assert_int_equal(converse(&s, INITIALIZE("2024-11-05") "{\"jsonrpc\":\"2.0\",\"method\":"
                                                           "\"notifications/initialized\"}\n" CALL(
                                                               "1", "echo", "{\"text\":\"x\"}")),
                     0);
    expect("\"protocolVersion\":\"2024-11-05\"");
    expect("{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":"
           "\"{\\\"echo\\\":\\\"x\\\"}\"}]}}\n");
}

static void garbage_is_answered_and_survived(void **state)
{
    struct session s = { 0 };

    (void)state;
    assert_int_equal(converse(&s, "garbage\n\x01\xff\n[]\n{}\n\"x\"\n" CALL("5", "echo", "{}")), 0);
    expect("{\"jsonrpc\":\"2.0\",\"error\":{\"code\":-32700");
    expect("\"id\":5,\"result\"");
}

static void a_line_over_the_limit_is_refused_and_the_next_is_read(void **state)
{
    struct session s = { 0 };
    char *input = malloc(300000);

    (void)state;
    s.serve.config.max_body_bytes = 100000;
    memset(input, 'x', 250000);
    snprintf(input + 250000, 1000, "\n%s", CALL("6", "echo", "{}"));
    assert_int_equal(converse(&s, input), 0);
    expect("-32600");
    expect("\"id\":6,\"result\"");
    free(input);
}

static void calls_already_read_are_answered_after_eof(void **state)
{
    struct session s = { 0 };

    (void)state;
    /* The last line lacks its newline. */
    assert_int_equal(
        converse(&s, CALL("1", "wait",
                          "{\"n\":200}") "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"ping\"}"),
        0);
    expect("\"id\":1,\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"slept\"}");
    expect("\"id\":2,\"result\":{}");
}

static void eof_waits_two_seconds_at_most(void **state)
{
    struct session s = { 0 };
    uint64_t begin = mcp_clock_mono_ms();

    (void)state;
    assert_int_equal(converse(&s, CALL("1", "wait", "{\"n\":4900}")), 0);
    assert_true(mcp_clock_mono_ms() - begin < 4000);
    assert_null(strstr(out, "slept"));
}

static void a_cancelled_call_gets_no_answer(void **state)
{
    struct session s = { 0 };
    uint64_t begin = mcp_clock_mono_ms();

    (void)state;
    assert_int_equal(
        converse(&s,
                 CALL("1", "wait",
                      "{\"n\":4000}") "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                                      "\"params\":{\"requestId\":1}}\n" CALL("2", "echo", "{}")),
        0);
    assert_true(mcp_clock_mono_ms() - begin < 2000);
    assert_null(strstr(out, "\"id\":1"));
    expect("\"id\":2");
}

static void progress_goes_before_its_result(void **state)
{
    struct session s = { 0 };

    (void)state;
    assert_int_equal(converse(&s,
                              "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{"
                              "\"name\":\"progress\",\"arguments\":{\"n\":3},\"_meta\":{"
                              "\"progressToken\":7}}}\n"),
                     0);
    expect("\"progressToken\":7,\"progress\":0,\"total\":3,\"message\":\"step\"}}\n");
    expect("\"progress\":2");
    assert_true(strstr(out, "\"progress\":2") < strstr(out, "\"id\":1"));
}

static void a_busy_server_says_so_in_the_result(void **state)
{
    struct session s = { 0 };

    (void)state;
    s.serve.config.workers = 1;
    s.serve.config.max_queue = 1;
    assert_int_equal(converse(&s,
                              CALL("1", "wait", "{\"n\":100}") CALL("2", "wait", "{\"n\":1}")
                                  CALL("3", "wait", "{\"n\":1}") CALL("4", "wait", "{\"n\":1}")),
                     0);
    expect("error busy: the server is busy. Next: Try again in a second");
    expect("\"_meta\":{\"error\":{\"code\":\"busy\",\"retry_after_ms\":1000}}");
    expect("slept");
}

static void a_batch_works_where_the_revision_has_it(void **state)
{
    struct session s = { 0 }, t = { 0 };

    (void)state;
    assert_int_equal(
        converse(&s,
                 INITIALIZE("2025-03-26") "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"},"
                                          "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\","
                                          "\"params\":{\"name\":\"slow_echo\"}}]\n"),
        0);
    expect("[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}},{\"jsonrpc\":\"2.0\",\"id\":2,");
    assert_int_equal(
        converse(&t,
                 INITIALIZE("2025-11-25") "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}]\n"),
        0);
    expect("-32600");
}

static void a_reader_that_goes_ends_the_server(void **state)
{
    struct session s = { 0 };
    int to[2], from[2];
    pthread_t thread;

    (void)state;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    s.serve.registry = registry;
    s.in = to[0];
    s.out = from[1];
    close(from[0]);
    assert_int_equal(pthread_create(&thread, NULL, run, &s), 0);
    assert_true(write(to[1], CALL("1", "echo", "{}"), sizeof(CALL("1", "echo", "{}")) - 1) > 0);
    pthread_join(thread, NULL); /* stdin is still open */
    assert_int_equal(s.status, 0);
    close(to[1]);
}

static void a_slow_reader_is_not_read_from_until_it_reads(void **state)
{
    struct session s = { 0 };
    int to[2], from[2];
    size_t got = 0, lines = 0;
    uint64_t taken = 0;
    pthread_t thread;
    const char line[] = CALL("1", "huge", "{\"n\":400000}");

    (void)state;
    assert_int_equal(pipe(to), 0);
    assert_int_equal(pipe(from), 0);
    s.serve.registry = registry;
    s.serve.config.workers = 1;
    s.in = to[0];
    s.out = from[1];
    fcntl(to[1], F_SETFL, O_NONBLOCK);
    assert_int_equal(pthread_create(&thread, NULL, run, &s), 0);
    /* Until the pipe to the server stays full while nothing is taken from it. */
    for (uint64_t quiet = mcp_clock_mono_ms(); mcp_clock_mono_ms() - quiet < 300;) {
        bool wrote = write(to[1], line, sizeof(line) - 1) == (ssize_t)sizeof(line) - 1;
        uint64_t now = atomic_load(&s.serve.counters.bytes_in);

        if (wrote || now != taken || now == lines * (sizeof(line) - 1))
            quiet = mcp_clock_mono_ms();
        lines += wrote;
        taken = now;
        assert_true(lines < 5000);
    }
    assert_true(taken < lines * (sizeof(line) - 1)); /* what it did not read stands in the pipe */
    close(to[1]);
    while ((got = read_all(from[0], out, sizeof(out))) > 0)
        continue;
    pthread_join(thread, NULL);
    assert_int_equal(s.status, 0);
    close(from[0]);
}

static void files_and_sockets_work_too(void **state)
{
    struct session s = { 0 };
    int pair[2];
    char name[] = "/tmp/mcp-stdio-XXXXXX";
    pthread_t thread;
    FILE *file;
    int fd;

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    s.serve.registry = registry;
    s.in = s.out = pair[0];
    assert_int_equal(pthread_create(&thread, NULL, run, &s), 0);
    assert_true(write(pair[1], CALL("1", "echo", "{}"), sizeof(CALL("1", "echo", "{}")) - 1) > 0);
    shutdown(pair[1], SHUT_WR);
    read_all(pair[1], out, sizeof(out));
    pthread_join(thread, NULL);
    expect("\"id\":1,\"result\"");
    close(pair[1]);

    s = (struct session){ 0 };
    fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_true(write(fd, CALL("2", "slow_echo", "{}"), sizeof(CALL("2", "slow_echo", "{}")) - 1) >
                0);
    lseek(fd, 0, SEEK_SET);
    s.serve.registry = registry;
    s.in = fd;
    s.out = open(name, O_WRONLY | O_APPEND);
    run(&s);
    assert_int_equal(s.status, 0);
    file = fopen(name, "r");
    out[fread(out, 1, sizeof(out) - 1, file)] = '\0';
    fclose(file);
    unlink(name);
    expect("\"id\":2,\"result\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_modern_client_probes_lists_and_calls),
        cmocka_unit_test(a_legacy_client_is_served_from_its_first_line),
        cmocka_unit_test(garbage_is_answered_and_survived),
        cmocka_unit_test(a_line_over_the_limit_is_refused_and_the_next_is_read),
        cmocka_unit_test(calls_already_read_are_answered_after_eof),
        cmocka_unit_test(eof_waits_two_seconds_at_most),
        cmocka_unit_test(a_cancelled_call_gets_no_answer),
        cmocka_unit_test(progress_goes_before_its_result),
        cmocka_unit_test(a_busy_server_says_so_in_the_result),
        cmocka_unit_test(a_batch_works_where_the_revision_has_it),
        cmocka_unit_test(a_reader_that_goes_ends_the_server),
        cmocka_unit_test(a_slow_reader_is_not_read_from_until_it_reads),
        cmocka_unit_test(files_and_sockets_work_too),
    };
    int failed;

    registry = test_registry();
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__registry_free(registry);
    return failed;
}
