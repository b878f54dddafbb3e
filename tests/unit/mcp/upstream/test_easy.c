/* What libcurl's results mean, by how far the transfer came. */
#include "mcp/upstream/easy.h"

#include "mcp/proto/call_internal.h"

#include <mcp/clock.h>

#include <curl/curl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct mcp__transfer *new_transfer(struct mcp_call *call)
{
    struct mcp__group *group = mcp__group_new(call);
    struct mcp__transfer *t = mcp__transfer_new(group);

    mcp__group_unref(group);
    t->url = strdup("https://host.invalid/");
    t->host = strdup("host.invalid");
    t->method = MCP_PUT;
    t->body = strdup("body");
    t->body_len = 4;
    t->max_body_bytes = 1000;
    t->connect_timeout_ms = 1000;
    t->until_ms = mcp_clock_mono_ms() + 60000;
    return t;
}

static void results_mean_the_same_whatever_their_number(void **state)
{
    static const struct {
        CURLcode rc;
        bool sent;
        enum mcp__outcome outcome;
    } cases[] = {
        { CURLE_COULDNT_RESOLVE_HOST, false, MCP__OUT_NO_CONNECTION },
        { CURLE_COULDNT_CONNECT, false, MCP__OUT_NO_CONNECTION },
        { CURLE_SSL_CONNECT_ERROR, false, MCP__OUT_NO_CONNECTION },
        { CURLE_PEER_FAILED_VERIFICATION, false, MCP__OUT_TLS },
        { CURLE_SSL_CERTPROBLEM, false, MCP__OUT_TLS },
        { CURLE_OPERATION_TIMEDOUT, false, MCP__OUT_NO_CONNECTION },
        { CURLE_OPERATION_TIMEDOUT, true, MCP__OUT_TIMEOUT },
        { CURLE_RECV_ERROR, true, MCP__OUT_BROKEN },
        { CURLE_GOT_NOTHING, true, MCP__OUT_BROKEN },
        { CURLE_PARTIAL_FILE, true, MCP__OUT_BROKEN },
        { CURLE_BAD_CONTENT_ENCODING, true, MCP__OUT_BROKEN },
        { CURLE_WEIRD_SERVER_REPLY, true, MCP__OUT_BROKEN },
        { CURLE_FILESIZE_EXCEEDED, true, MCP__OUT_TOOBIG },
        { CURLE_WRITE_ERROR, true, MCP__OUT_BROKEN },
        { CURLE_OUT_OF_MEMORY, true, MCP__OUT_NOMEM },
        /* A result without a status line is no answer. */
        { CURLE_OK, true, MCP__OUT_BROKEN },
    };
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    (void)state;
    assert_non_null(call);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp__transfer *t = new_transfer(call);

        t->easy = mcp__easy_new(t, mcp_clock_mono_ms());
        assert_non_null(t->easy);
        assert_int_equal(atomic_load(&t->phase), MCP__PHASE_CONNECT);
        if (cases[i].sent)
            atomic_store(&t->phase, (int)MCP__PHASE_SENT);
        assert_int_equal(mcp__easy_outcome(t, (int)cases[i].rc), cases[i].outcome);
        assert_true(cases[i].rc == CURLE_OK || t->reason[0] != '\0');
        curl_easy_cleanup(t->easy);
        t->easy = NULL;
        mcp__transfer_unref(t);
    }
    mcp__call_unref(call);
}

static void timeout_at_the_end_of_the_attempt_is_no_connect_error(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp__transfer *t = new_transfer(call);

    (void)state;
    t->until_ms = mcp_clock_mono_ms();
    t->easy = mcp__easy_new(t, mcp_clock_mono_ms());
    assert_non_null(t->easy);
    assert_int_equal(mcp__easy_outcome(t, CURLE_OPERATION_TIMEDOUT), MCP__OUT_TIMEOUT);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    mcp__transfer_unref(t);
    mcp__call_unref(call);
}

static void limit_that_was_hit_is_remembered(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp__transfer *t = new_transfer(call);

    (void)state;
    t->easy = mcp__easy_new(t, mcp_clock_mono_ms());
    t->outcome = MCP__OUT_TOOBIG; /* as on_body leaves it */
    assert_int_equal(mcp__easy_outcome(t, CURLE_WRITE_ERROR), MCP__OUT_TOOBIG);
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    mcp__transfer_unref(t);
    mcp__call_unref(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_mean_the_same_whatever_their_number),
        cmocka_unit_test(timeout_at_the_end_of_the_attempt_is_no_connect_error),
        cmocka_unit_test(limit_that_was_hit_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
