/* Answers in pieces, from a server that goes on, breaks off, or sends something else. */
#include "mcp/upstream/stream.h"

#include "mcp/proto/call_internal.h"
#include "mcp/upstream/late.h"
#include "mcp/upstream/room.h"

#include "http_double.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct http_double *server;
static struct mcp_call *call;
static struct mcp_error err;
static struct mcp_http_res res;

/* What was given, and when to answer what. */
static struct {
    char text[64];
    size_t len;
    const char *until; /* the text that ends it */
    int rc; /* with that */
} seen;

static int on_piece(void *ctx, mcp_str bytes)
{
    assert_ptr_equal(ctx, &seen);
    assert_true(bytes.len > 0 && seen.len + bytes.len < sizeof(seen.text));
    memcpy(seen.text + seen.len, bytes.ptr, bytes.len);
    seen.len += bytes.len;
    /* The server goes on when this was given: it is given while the answer comes. */
    http_double_open_gate(server);
    return seen.until != NULL && strcmp(seen.text, seen.until) == 0 ? seen.rc : 0;
}

static int get(const char *path, struct mcp_http_req req)
{
    req.method = MCP_GET;
    req.url = mcp_str_z(http_double_url(server, path));
    req.stream_type = MCP_STR("text/event-stream");
    req.on_piece = on_piece;
    req.ctx = &seen;
    mcp_error_clear(&err);
    memset(&res, 0, sizeof(res));
    return mcp_fetch(call, &req, &res, &err);
}

#define GET(path, ...) get((path), (struct mcp_http_req){ __VA_ARGS__ })

static int setup(void **state)
{
    (void)state;
    server = http_double_new();
    call = mcp__call_new(mcp_arena_new(0, 0));
    memset(&seen, 0, sizeof(seen));
    return call == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp__call_unref(call);
    mcp__late_stop();
    http_double_free(server);
    return mcp__room_used() == 0 ? 0 : -1;
}

static void pieces_are_given_while_they_come_and_end_when_they_are_enough(void **state)
{
    (void)state;
    seen.until = "firstsecond";
    seen.rc = 1;
    assert_int_equal(GET("/events", .timeout_ms = 20000), 0);
    assert_string_equal(seen.text, "firstsecond");
    assert_int_equal(res.status, 200);
    assert_int_equal(res.attempts, 1);
    assert_int_equal(res.body.len, 0);
    assert_true(mcp_str_starts(mcp_http_header_get(&res, MCP_STR("content-type")),
                               MCP_STR("text/event-stream")));
    assert_true(http_double_wait_hangups(server, 1));
}

static void what_the_pieces_are_refused_with_ends_the_request(void **state)
{
    (void)state;
    seen.until = "first";
    seen.rc = MCP_EDATA;
    assert_int_equal(GET("/events", .timeout_ms = 20000), MCP_EDATA);
    assert_string_equal(seen.text, "first");
    assert_true(http_double_wait_hangups(server, 1));
}

static void a_stream_that_breaks_off_has_given_its_pieces_and_is_not_tried_again(void **state)
{
    (void)state;
    assert_int_equal(GET("/events-cut", .timeout_ms = 20000, .retries = 2), MCP_EUNAVAILABLE);
    assert_string_equal(seen.text, "first");
    assert_int_equal(http_double_requests(server), 1);
}

static void enough_is_enough_whatever_the_end_was(void **state)
{
    (void)state;
    seen.until = "first";
    seen.rc = 1;
    assert_int_equal(GET("/events-cut", .timeout_ms = 20000), 0);
    assert_int_equal(res.status, 200);
}

static void all_pieces_together_stay_under_the_cap(void **state)
{
    (void)state;
    assert_int_equal(GET("/events", .timeout_ms = 20000, .max_body_bytes = 8), MCP_ETOOBIG);
    /* Some versions of libcurl cut the second piece before it is refused. */
    assert_true(strcmp(seen.text, "first") == 0 || strcmp(seen.text, "firstsec") == 0);
}

static void silence_in_the_middle_ends_at_the_timeout(void **state)
{
    (void)state;
    assert_int_equal(GET("/events", .timeout_ms = 300), MCP_EDEADLINE);
    assert_string_equal(seen.text, "firstsecond");
}

static void answers_of_another_type_or_status_come_whole(void **state)
{
    (void)state;
    assert_int_equal(GET("/ok", .timeout_ms = 20000), 0);
    assert_true(mcp_str_eq(res.body, MCP_STR("hello")));
    assert_int_equal(GET("/status?404", .timeout_ms = 20000), 0);
    assert_int_equal(res.status, 404);
    assert_int_equal(GET("/flaky?1", .timeout_ms = 20000, .retries = 2), 0);
    assert_true(mcp_str_eq(res.body, MCP_STR("at last")));
    assert_int_equal(seen.len, 0);
}

static int on_cancelling_piece(void *ctx, mcp_str bytes)
{
    (void)bytes;
    mcp__call_cancel(ctx);
    return 0;
}

static void a_cancelled_call_is_given_no_more(void **state)
{
    struct mcp_http_req req = { .method = MCP_GET,
                                .stream_type = MCP_STR("text/event-stream"),
                                .on_piece = on_cancelling_piece,
                                .ctx = call };

    (void)state;
    req.url = mcp_str_z(http_double_url(server, "/events"));
    mcp_error_clear(&err);
    assert_int_equal(mcp_fetch(call, &req, &res, &err), MCP_ECANCELLED);
    http_double_open_gate(server);
    assert_true(http_double_wait_hangups(server, 1));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(pieces_are_given_while_they_come_and_end_when_they_are_enough),
        T(what_the_pieces_are_refused_with_ends_the_request),
        T(a_stream_that_breaks_off_has_given_its_pieces_and_is_not_tried_again),
        T(enough_is_enough_whatever_the_end_was),
        T(all_pieces_together_stay_under_the_cap),
        T(silence_in_the_middle_ends_at_the_timeout),
        T(answers_of_another_type_or_status_come_whole),
        T(a_cancelled_call_is_given_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
