/* Which failures are worth another attempt, and after how long. */
#include "mcp/proto/call_internal.h"
#include "mcp/upstream/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void retry_after_is_read_as_seconds_or_date(void **state)
{
    static const struct {
        const char *head;
        uint64_t ms;
    } cases[] = {
        { "HTTP/1.1 429 x\r\nRetry-After: 3\r\n\r\n", 3000 },
        { "HTTP/1.1 429 x\r\nretry-after:0\r\n\r\n", 0 },
        { "HTTP/1.1 429 x\r\nRETRY-AFTER:   7  \r\nRetry-After: 1\r\n\r\n", 7000 },
        { "HTTP/1.1 429 x\r\nRetry-After: -1\r\n\r\n", UINT64_MAX },
        { "HTTP/1.1 429 x\r\nRetry-After: soon\r\n\r\n", UINT64_MAX },
        { "HTTP/1.1 429 x\r\nRetry-After: 99999999999999999\r\n\r\n", 86400000 },
        { "HTTP/1.1 429 x\r\nRetry-After: Wed, 21 Oct 2015 07:28:05 GMT\r\n\r\n", 5000 },
        { "HTTP/1.1 429 x\r\nRetry-After: Wed, 21 Oct 2015 07:27:00 GMT\r\n\r\n", 0 },
        { "HTTP/1.1 429 x\r\nX-Retry-After: 3\r\n\r\n", UINT64_MAX },
        { "", UINT64_MAX },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_true(mcp__retry_after_ms(mcp_str_z(cases[i].head), 1445412480) == cases[i].ms);
}

static void backoff_doubles_to_its_limit_with_jitter(void **state)
{
    (void)state;
    assert_int_equal(mcp__retry_backoff_ms(1, 0), 100);
    assert_int_equal(mcp__retry_backoff_ms(1, 100), 200);
    assert_int_equal(mcp__retry_backoff_ms(2, 200), 400);
    for (unsigned attempts = 0; attempts < 100; attempts++) {
        uint64_t ms = mcp__retry_backoff_ms(attempts, 12345678U * attempts);

        assert_in_range(ms, 100, 8000);
    }
    assert_int_equal(mcp__retry_backoff_ms(99, 4000), 8000);
}

static void only_what_is_safe_is_repeated(void **state)
{
    static const struct {
        enum mcp__outcome outcome;
        int status;
        bool get, post, marked_post;
    } cases[] = {
        { MCP__OUT_OK, 200, false, false, false },
        { MCP__OUT_OK, 404, false, false, false },
        { MCP__OUT_OK, 500, false, false, false },
        { MCP__OUT_OK, 429, true, false, true },
        { MCP__OUT_OK, 502, true, false, true },
        { MCP__OUT_OK, 503, true, false, true },
        { MCP__OUT_OK, 504, true, false, true },
        { MCP__OUT_NO_CONNECTION, 0, true, true, true },
        { MCP__OUT_BROKEN, 0, true, false, true },
        { MCP__OUT_TIMEOUT, 0, true, false, true },
        { MCP__OUT_BUSY, 0, true, false, true },
        { MCP__OUT_TLS, 0, false, false, false },
        { MCP__OUT_TOOBIG, 200, false, false, false },
        { MCP__OUT_NOMEM, 0, false, false, false },
        { MCP__OUT_STOPPED, 0, false, false, false },
    };
    const struct mcp_http_req plain = { .retries = 1 }, marked = { .retry_post = true };
    uint64_t ms;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct mcp__transfer t = { .outcome = cases[i].outcome, .status = cases[i].status };

        assert_int_equal(mcp__retry_wait(&t, &plain, MCP_GET, 1, UINT64_MAX, &ms), cases[i].get);
        assert_int_equal(mcp__retry_wait(&t, &plain, MCP_POST, 1, UINT64_MAX, &ms), cases[i].post);
        assert_int_equal(mcp__retry_wait(&t, &marked, MCP_POST, 1, UINT64_MAX, &ms),
                         cases[i].marked_post);
    }
}

static void wait_past_the_deadline_is_not_begun(void **state)
{
    char head[] = "HTTP/1.1 503 x\r\nRetry-After: 2\r\n\r\n";
    const struct mcp__transfer t = {
        .outcome = MCP__OUT_OK, .status = 503, .head = head, .head_len = sizeof(head) - 1
    };
    const struct mcp_http_req req = { .retries = 1 };
    uint64_t ms = 0;

    (void)state;
    assert_true(mcp__retry_wait(&t, &req, MCP_GET, 1, 2001, &ms));
    assert_int_equal(ms, 2000);
    assert_false(mcp__retry_wait(&t, &req, MCP_GET, 1, 2000, &ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(retry_after_is_read_as_seconds_or_date),
        cmocka_unit_test(backoff_doubles_to_its_limit_with_jitter),
        cmocka_unit_test(only_what_is_safe_is_repeated),
        cmocka_unit_test(wait_past_the_deadline_is_not_begun),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
