/* Log lines: whole JSON, never waiting, what does not fit dropped and counted. */
#include <mcp/clock.h>
#include <mcp/log.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int saved = -1, reading = -1;

/* stderr becomes a pipe; reading is its other end. */
static int divert(void **state)
{
    int ends[2];

    (void)state;
    if (pipe2(ends, O_CLOEXEC) < 0)
        return -1;
    saved = dup(STDERR_FILENO);
    reading = ends[0];
    return fcntl(reading, F_SETFL, O_NONBLOCK) == 0 && dup2(ends[1], STDERR_FILENO) >= 0 &&
                   close(ends[1]) == 0
               ? 0
               : -1;
}

static int restore(void **state)
{
    (void)state;
    mcp_log_level = MCP_LOG_WARN;
    return dup2(saved, STDERR_FILENO) >= 0 && close(saved) == 0 && close(reading) == 0 ? 0 : -1;
}

/* All that is in the pipe now. */
static size_t drain(char *out, size_t size)
{
    size_t len = 0;
    ssize_t n;

    while (len < size && (n = read(reading, out + len, size - len)) > 0)
        len += (size_t)n;
    return len;
}

static void a_line_is_one_json_object(void **state)
{
    static const mcp_str expected = MCP_STR(
        "{\"severity\":\"WARNING\",\"time\":\"2024-09-01T00:00:00.000Z\",\"message\":"
        "\"say \\\"hi\\\"\",\"status\":502,\"ok\":false,\"host\":\"a\\nb\",\"none\":null}\n");
    char out[4096];
    size_t len;

    (void)state;
    mcp_clock_set(1725148800);
    mcp_warn("say \"hi\"", MCP_KV_INT("status", 502), MCP_KV_BOOL("ok", false),
             MCP_KV_STR("host", MCP_STR("a\nb")), MCP_KV_Z("none", NULL), );
    len = drain(out, sizeof(out));
    assert_int_equal(len, expected.len);
    assert_memory_equal(out, expected.ptr, len);
}

static int evaluated;

static int64_t evaluate(void)
{
    return ++evaluated;
}

static void below_the_level_nothing_is_written_nor_evaluated(void **state)
{
    enum mcp_log_level level;
    char out[64];

    (void)state;
    mcp_info("quiet", MCP_KV_INT("n", evaluate()), );
    assert_int_equal(evaluated, 0);
    assert_int_equal(drain(out, sizeof(out)), 0);
    assert_int_equal(mcp_log_level_parse(MCP_STR("debug"), &level), 0);
    assert_int_equal(level, MCP_LOG_DEBUG);
    assert_int_equal(mcp_log_level_parse(MCP_STR("off"), &level), 0);
    assert_int_equal(mcp_log_level_parse(MCP_STR("loud"), &level), -1);
}

static void long_values_are_cut_and_a_line_stays_whole(void **state)
{
    struct mcp_kv kvs[20];
    char value[5000], out[8192];
    size_t len;

    (void)state;
    memset(value, 1, sizeof(value)); /* each byte becomes six */
    for (size_t i = 0; i < 19; i++)
        kvs[i] = MCP_KV_STR("key", mcp_str_n(value, sizeof(value)));
    kvs[19] = (struct mcp_kv){ NULL, MCP_KV_END, { .integer = 0 } };
    mcp_log_write(MCP_LOG_ERROR, "long", kvs);
    len = drain(out, sizeof(out));
    assert_true(len > 3000 && len <= 4096);
    assert_memory_equal(out + len - 13, ",\"cut\":true}\n", 13);
}

static void a_full_stderr_drops_and_counts_and_the_ring_comes_later(void **state)
{
    size_t size = 1 << 20, len, lines = 0;
    uint64_t dropped = mcp_log_dropped();
    char *out = malloc(size);
    int written = 5000;

    (void)state;
    assert_non_null(out);
    for (int i = 0; i < written; i++)
        mcp_warn("full", MCP_KV_INT("i", i), );
    assert_true(mcp_log_dropped() > dropped);
    len = drain(out, size);
    mcp_log_flush(0); /* the pipe holds as much as the ring */
    len += drain(out + len, size - len);
    mcp_log_flush(1000);
    len += drain(out + len, size - len);
    assert_int_equal(out[len - 1], '\n');
    for (size_t i = 0; i < len; i++)
        lines += out[i] == '\n';
    assert_int_equal(lines + (mcp_log_dropped() - dropped), written);
    free(out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_one_json_object, divert, restore),
        cmocka_unit_test_setup_teardown(below_the_level_nothing_is_written_nor_evaluated, divert,
                                        restore),
        cmocka_unit_test_setup_teardown(long_values_are_cut_and_a_line_stays_whole, divert,
                                        restore),
        cmocka_unit_test_setup_teardown(a_full_stderr_drops_and_counts_and_the_ring_comes_later,
                                        divert, restore),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
