/* Upstream requests against a server that is slow, silent, resets, drips and lies. */
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

struct fixture {
    struct http_double *server;
    struct http_double *other;
    struct mcp_call *call;
    struct mcp_error err;
    struct mcp_http_res res;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    f->server = http_double_new();
    f->other = http_double_new();
    f->call = mcp__call_new(mcp_arena_new(0, 0));
    *state = f;
    return f->call == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    mcp__call_unref(f->call);
    mcp__late_stop();
    http_double_free(f->server);
    http_double_free(f->other);
    free(f);
    mcp__room_configure(0);
    /* Whatever happened: no byte of any answer is still counted. */
    return mcp__room_used() == 0 ? 0 : -1;
}

static int get(struct fixture *f, const char *path, struct mcp_http_req req)
{
    req.url = mcp_str_z(path[0] == '/' ? http_double_url(f->server, path) : path);
    mcp_error_clear(&f->err);
    memset(&f->res, 0, sizeof(f->res));
    return mcp_fetch(f->call, &req, &f->res, &f->err);
}

#define GET(f, path, ...) get((f), (path), (struct mcp_http_req){ __VA_ARGS__ })

static void assert_says(const struct fixture *f, const char *part)
{
    if (strstr(f->err.message, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", f->err.message, part);
}

static void assert_names_host(const struct fixture *f)
{
    char host[64];

    snprintf(host, sizeof(host), "127.0.0.1:%d", http_double_port(f->server));
    assert_says(f, host);
}

static bool body_has(const struct fixture *f, const char *part)
{
    return memmem(f->res.body.ptr, f->res.body.len, part, strlen(part)) != NULL;
}

static void set_deadline(struct fixture *f, uint64_t ms)
{
    f->call->deadline_ms = mcp_clock_mono_ms() + ms;
}

static void answer_and_headers_arrive(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/echo", .method = MCP_GET), 0);
    assert_int_equal(f->res.status, 200);
    assert_int_equal(f->res.attempts, 1);
    assert_true(mcp_str_eq(mcp_http_header_get(&f->res, MCP_STR("x-double")), MCP_STR("yes")));
    assert_true(mcp_str_is_null(mcp_http_header_get(&f->res, MCP_STR("x-none"))));
    assert_true(body_has(f, "GET /echo HTTP/1.1"));
    assert_int_equal(GET(f, "/status?404", .method = MCP_GET), 0);
    assert_int_equal(f->res.status, 404);
    assert_int_equal(f->res.body.len, 0);
}

static void request_goes_out_as_it_was_asked(void **state)
{
    static const struct mcp_http_header headers[] = {
        { { "Authorization", 13 }, { "Bearer x", 8 } },
        { { "X-Empty", 7 }, { "", 0 } },
    };
    struct fixture *f = *state;

    f->call->trace[MCP_TRACEPARENT] =
        MCP_STR("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    f->call->trace[MCP_TRACESTATE] = MCP_STR("vendor=1");
    f->call->trace[MCP_BAGGAGE] = MCP_STR("team=web");
    assert_int_equal(GET(f, "/echo", .method = MCP_POST, .headers = headers, .n_headers = 2,
                         .body = MCP_STR("a\0b")),
                     0);
    assert_true(body_has(f, "POST /echo HTTP/1.1"));
    assert_true(body_has(f, "Authorization: Bearer x\r\n"));
    assert_true(body_has(f, "X-Empty:\r\n"));
    assert_true(body_has(f, "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736"));
    assert_true(body_has(f, "tracestate: vendor=1\r\n"));
    assert_true(body_has(f, "baggage: team=web\r\n"));
    assert_true(body_has(f, "Content-Length: 3\r\n"));
    assert_false(body_has(f, "Expect"));
    assert_false(body_has(f, "Content-Type"));
    assert_memory_equal(f->res.body.ptr + f->res.body.len - 3, "a\0b", 3);
    assert_int_equal(GET(f, "/echo", .method = MCP_PUT, .body = MCP_STR("p")), 0);
    assert_true(body_has(f, "PUT /echo"));
    assert_int_equal(GET(f, "/echo", .method = MCP_DELETE), 0);
    assert_true(body_has(f, "DELETE /echo"));
    assert_int_equal(GET(f, "/ok", .method = MCP_HEAD), 0);
    assert_int_equal(f->res.body.len, 0);
}

static void one_connection_serves_many_requests(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 10; i++)
        assert_int_equal(GET(f, "/ok", .method = MCP_GET), 0);
    assert_int_equal(http_double_connections(f->server), 1);
}

static void refused_urls_and_headers_send_nothing(void **state)
{
    static const char *const urls[] = {
        "",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://example.com/",
        "nonsense",
        "http://user@127.0.0.1/",
        "https://u:p@host/",
        "http://127.0.0.1/a b",
        "http://[::2]/",
        "http://128.0.0.1/",
        "http://localhost.evil/",
        "gopher://127.0.0.1/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1\r\nX: y/",
    };
    struct mcp_http_header bad[] = { { MCP_STR("X"), MCP_STR("a\r\nY: b") },
                                     { MCP_STR("X:"), MCP_STR("a") },
                                     { MCP_STR(""), MCP_STR("a") } };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        assert_int_equal(GET(f, urls[i], .method = MCP_GET), MCP_EINVAL);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(GET(f, "/ok", .headers = &bad[i], .n_headers = 1), MCP_EINVAL);
    assert_int_equal(http_double_requests(f->server), 0);
}

static void error_texts_show_no_query_and_no_user(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "http://example.com/x?sig=hush", .method = MCP_GET), MCP_EINVAL);
    assert_null(strstr(f->err.message, "hush"));
    assert_int_equal(GET(f, "https://hush@example.com/x", .method = MCP_GET), MCP_EINVAL);
    assert_null(strstr(f->err.message, "hush"));
}

static void silent_host_is_named_with_its_silence(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/silent", .timeout_ms = 150), MCP_EDEADLINE);
    assert_names_host(f);
    assert_says(f, "was silent for 0.");
    assert_true(http_double_wait_hangups(f->server, 1));
    set_deadline(f, 150);
    assert_int_equal(GET(f, "/silent", .timeout_ms = 60000), MCP_EDEADLINE);
    assert_names_host(f);
    assert_says(f, "was silent for");
    assert_true(http_double_wait_hangups(f->server, 2));
}

static void host_that_stops_in_the_middle_is_told_apart(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/stall?10", .timeout_ms = 1200), MCP_EDEADLINE);
    assert_says(f, "in the middle of its answer, after 10 bytes");
    assert_int_equal(GET(f, "/drip?5", .timeout_ms = 200), MCP_EDEADLINE);
    assert_says(f, "was still sending after");
}

static void deadline_of_the_call_wins_over_a_longer_timeout(void **state)
{
    struct fixture *f = *state;
    uint64_t start = mcp_clock_mono_ms();

    set_deadline(f, 100);
    assert_int_equal(GET(f, "/slow?5000", .timeout_ms = 4000), MCP_EDEADLINE);
    assert_true(mcp_clock_mono_ms() - start < 2000);
    /* Over: nothing more is begun. */
    assert_int_equal(GET(f, "/ok", .method = MCP_GET), MCP_EDEADLINE);
    assert_int_equal(http_double_requests(f->server), 1);
}

static void broken_answers_are_unavailable(void **state)
{
    static const char *const paths[] = { "/reset", "/cut", "/garbage" };
    struct fixture *f = *state;

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(GET(f, paths[i], .method = MCP_GET), MCP_EUNAVAILABLE);
        assert_names_host(f);
    }
}

static void more_bytes_than_announced_are_not_taken(void **state)
{
    struct fixture *f = *state;

    /* Once with the head, once some time behind it. */
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(GET(f, i == 0 ? "/long" : "/long?50", .method = MCP_GET), 0);
        assert_true(mcp_str_eq(f->res.body, MCP_STR("hello")));
        /* Nor do they become the answer of the next request. */
        assert_int_equal(GET(f, "/ok", .method = MCP_GET), 0);
        assert_true(mcp_str_eq(f->res.body, MCP_STR("hello")));
        assert_int_equal(http_double_connections(f->server), 2 + i);
    }
}

static void refused_connection_is_unavailable_and_named(void **state)
{
    struct fixture *f = *state;
    char url[64];
    int port = http_double_port(f->other);

    http_double_free(f->other);
    f->other = http_double_new(); /* keeps the fixture whole; another port */
    snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
    assert_int_equal(GET(f, url, .method = MCP_GET), MCP_EUNAVAILABLE);
    assert_says(f, "no connection to 127.0.0.1:");
}

static void answers_are_bounded_also_unpacked(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/big?1000", .max_body_bytes = 1000), 0);
    assert_int_equal(f->res.body.len, 1000);
    assert_int_equal(GET(f, "/big?1001", .max_body_bytes = 1000), MCP_ETOOBIG);
    assert_names_host(f);
    assert_int_equal(GET(f, "/gzip?100000", .max_body_bytes = 100000), 0);
    assert_int_equal(f->res.body.len, 100000);
    assert_int_equal(GET(f, "/gzip?50000000", .max_body_bytes = 100000), MCP_ETOOBIG);
    assert_int_equal(GET(f, "/heads?20000", .method = MCP_GET), 0);
    assert_true(f->res.n_headers > 100);
    assert_int_equal(GET(f, "/heads?90000", .method = MCP_GET), MCP_ETOOBIG);
}

static void safe_requests_are_repeated_and_others_are_not(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/reset-once", .retries = 1), 0);
    assert_int_equal(f->res.attempts, 2);
    assert_int_equal(GET(f, "/flaky?2", .retries = 2), 0);
    assert_int_equal(f->res.status, 200);
    assert_int_equal(f->res.attempts, 3);
    assert_true(mcp_str_eq(f->res.body, MCP_STR("at last")));
}

static void posts_are_repeated_only_when_marked(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/flaky?1", .method = MCP_POST, .body = MCP_STR("x"), .retries = 3), 0);
    assert_int_equal(f->res.status, 503);
    assert_int_equal(f->res.attempts, 1);
    assert_int_equal(GET(f, "/reset", .method = MCP_POST, .retries = 3), MCP_EUNAVAILABLE);
    assert_int_equal(http_double_requests(f->server), 2);
}

static void marked_post_is_repeated(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/flaky?1", .method = MCP_POST, .body = MCP_STR("x"), .retries = 3,
                         .retry_post = true),
                     0);
    assert_int_equal(f->res.status, 200);
    assert_int_equal(f->res.attempts, 2);
}

static void retry_after_is_honoured_within_the_deadline(void **state)
{
    struct fixture *f = *state;
    uint64_t start = mcp_clock_mono_ms();

    assert_int_equal(GET(f, "/later?1", .retries = 1), 0);
    assert_true(mcp_str_eq(f->res.body, MCP_STR("later")));
    assert_true(mcp_clock_mono_ms() - start >= 1000);
}

static void retry_after_beyond_the_deadline_gives_the_answer_at_once(void **state)
{
    struct fixture *f = *state;
    uint64_t start = mcp_clock_mono_ms();

    set_deadline(f, 5000);
    assert_int_equal(GET(f, "/later?30", .retries = 3), 0);
    assert_int_equal(f->res.status, 429);
    assert_int_equal(f->res.attempts, 1);
    assert_true(mcp_clock_mono_ms() - start < 3000);
}

static void redirects_are_followed_only_on_request_and_five_times(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/hop?0", .method = MCP_GET), 0);
    assert_int_equal(f->res.status, 302);
    assert_int_equal(GET(f, "/hop?4", .follow = true), 0);
    assert_int_equal(f->res.status, 200);
    assert_true(body_has(f, "GET /echo"));
    assert_int_equal(f->res.attempts, 1);
    assert_int_equal(GET(f, "/hop?5", .follow = true), 0);
    assert_int_equal(f->res.status, 302);
    assert_int_equal(GET(f, "/scheme", .follow = true), 0);
    assert_int_equal(f->res.status, 302);
}

static void credentials_and_bodies_do_not_follow_to_another_host(void **state)
{
    static const struct mcp_http_header headers[] = {
        { { "Authorization", 13 }, { "Bearer hush", 11 } },
        { { "X-Api-Key", 9 }, { "hush", 4 } },
        { { "Accept", 6 }, { "text/plain", 10 } },
    };
    struct fixture *f = *state;
    char away[64];

    assert_int_equal(GET(f, "/hop?0", .follow = true, .headers = headers, .n_headers = 3), 0);
    assert_true(body_has(f, "Bearer hush"));
    snprintf(away, sizeof(away), "/away?%d", http_double_port(f->other));
    assert_int_equal(GET(f, away, .follow = true, .headers = headers, .n_headers = 3), 0);
    assert_int_equal(f->res.status, 200);
    assert_false(body_has(f, "hush"));
    assert_true(body_has(f, "Accept: text/plain"));
    /* 302 turns a POST into a GET without body; 307 would carry the body: not followed. */
    assert_int_equal(GET(f, away, .method = MCP_POST, .body = MCP_STR("hush"), .follow = true), 0);
    assert_true(body_has(f, "GET /echo"));
    assert_false(body_has(f, "hush"));
    snprintf(away, sizeof(away), "/away307?%d", http_double_port(f->other));
    assert_int_equal(GET(f, away, .method = MCP_POST, .body = MCP_STR("hush"), .follow = true), 0);
    assert_int_equal(f->res.status, 307);
    assert_int_equal(http_double_requests(f->other), 2);
}

/* Cancels a call once the server has read n requests. */
struct canceller {
    pthread_t thread;
    struct fixture *f;
    unsigned n;
};

static void *cancel_after(void *arg)
{
    struct canceller *c = arg;

    if (http_double_wait_requests(c->f->server, c->n))
        mcp__call_cancel(c->f->call);
    return NULL;
}

static void cancel_when_read(struct canceller *c, struct fixture *f, unsigned n)
{
    c->f = f;
    c->n = n;
    assert_int_equal(pthread_create(&c->thread, NULL, cancel_after, c), 0);
}

static void cancelling_the_call_ends_the_wait_and_the_transfer(void **state)
{
    struct fixture *f = *state;
    struct canceller c;

    cancel_when_read(&c, f, 1);
    assert_int_equal(GET(f, "/silent", .timeout_ms = 60000), MCP_ECANCELLED);
    pthread_join(c.thread, NULL);
    assert_true(http_double_wait_hangups(f->server, 1));
    assert_int_equal(GET(f, "/ok", .method = MCP_GET), MCP_ECANCELLED);
    assert_int_equal(http_double_requests(f->server), 1);
}

static void request_after_cancel_starts_and_survives(void **state)
{
    struct fixture *f = *state;

    mcp__call_cancel(f->call);
    assert_int_equal(GET(f, "/ok", .method = MCP_POST, .after_cancel = true), MCP_ECANCELLED);
    assert_true(http_double_wait_requests(f->server, 1));
}

static void running_request_after_cancel_survives_the_call(void **state)
{
    struct fixture *f = *state;
    struct canceller c;

    cancel_when_read(&c, f, 1);
    assert_int_equal(GET(f, "/gate", .after_cancel = true), MCP_ECANCELLED);
    pthread_join(c.thread, NULL);
    /* The call goes, the transfer does not; the answer is nobody's. */
    mcp__call_unref(f->call);
    http_double_open_gate(f->server);
    f->call = mcp__call_new(mcp_arena_new(0, 0));
    assert_non_null(f->call);
    assert_int_equal(GET(f, "/ok", .method = MCP_GET), 0);
}

static void survivor_is_dropped_after_three_seconds(void **state)
{
    struct fixture *f = *state;
    uint64_t start;

    mcp__call_cancel(f->call);
    start = mcp_clock_mono_ms();
    assert_int_equal(GET(f, "/silent", .after_cancel = true), MCP_ECANCELLED);
    assert_true(mcp_clock_mono_ms() - start < 1000);
    assert_true(http_double_wait_hangups(f->server, 1));
    assert_in_range(mcp_clock_mono_ms() - start, 2900, 6000);
}

struct gathered {
    struct fixture *f;
    unsigned n, ok;
    int codes[64];
    size_t stop_at;
    size_t bytes;
};

static int gather(void *ctx, size_t i, const struct mcp_http_res *res, int code,
                  struct mcp_error *err)
{
    struct gathered *g = ctx;

    assert_true(i < 64);
    assert_true((code == 0) == (res != NULL));
    assert_true((code == 0) == (err->err == MCP_OK));
    g->codes[i] = code == 0 ? res->status : code;
    g->ok += code == 0;
    g->bytes += code == 0 ? res->body.len : 0;
    g->n++;
    return g->n == g->stop_at ? MCP_EREFUSED : 0;
}

static void fetch_all_reports_each_and_keeps_its_parallel(void **state)
{
    struct fixture *f = *state;
    struct gathered g = { .f = f };
    struct mcp_http_req reqs[12] = { { 0 } };
    mcp_str ok = mcp_arena_str(f->call->arena, mcp_str_z(http_double_url(f->server, "/slow?20")));

    for (size_t i = 0; i < 12; i++)
        reqs[i].url = ok;
    reqs[3].url = MCP_STR("ftp://nowhere");
    reqs[7].url = mcp_arena_str(f->call->arena, mcp_str_z(http_double_url(f->server, "/reset")));
    assert_int_equal(mcp_fetch_all(f->call, reqs, 12, 3, gather, &g, &f->err), 0);
    assert_int_equal(g.n, 12);
    assert_int_equal(g.ok, 10);
    assert_int_equal(g.codes[3], MCP_EINVAL);
    assert_int_equal(g.codes[7], MCP_EUNAVAILABLE);
    assert_int_equal(f->err.err, MCP_OK);
    assert_in_range(http_double_most_at_once(f->server), 2, 3);
    assert_int_equal(mcp_fetch_all(f->call, reqs, 0, 3, gather, &g, &f->err), 0);
}

static void negative_answer_of_each_cancels_the_rest(void **state)
{
    struct fixture *f = *state;
    struct gathered g = { .f = f, .stop_at = 1 };
    struct mcp_http_req reqs[4] = { { 0 } };

    for (size_t i = 0; i < 4; i++)
        reqs[i].url = mcp_arena_str(
            f->call->arena, mcp_str_z(http_double_url(f->server, i == 2 ? "/gate" : "/silent")));
    http_double_open_gate(f->server);
    assert_int_equal(mcp_fetch_all(f->call, reqs, 4, 4, gather, &g, &f->err), MCP_EREFUSED);
    assert_int_equal(g.n, 1);
    assert_true(http_double_wait_requests(f->server, 1));
    /* The three silent ones were hung up on. */
    mcp__late_stop();
    assert_true(http_double_wait_hangups(f->server, http_double_connections(f->server)));
}

static void fetch_all_ends_with_the_call(void **state)
{
    struct fixture *f = *state;
    struct gathered g = { .f = f };
    struct mcp_http_req reqs[8] = { { 0 } };
    struct canceller c;

    for (size_t i = 0; i < 8; i++)
        reqs[i].url =
            mcp_arena_str(f->call->arena, mcp_str_z(http_double_url(f->server, "/silent")));
    cancel_when_read(&c, f, 4);
    assert_int_equal(mcp_fetch_all(f->call, reqs, 8, 4, gather, &g, &f->err), MCP_ECANCELLED);
    pthread_join(c.thread, NULL);
    assert_int_equal(g.n, 0);
    assert_true(http_double_wait_hangups(f->server, 4));
    assert_int_equal(http_double_requests(f->server), 4);
}

static void bodies_share_their_room_and_wait_for_it(void **state)
{
    struct fixture *f = *state;
    struct gathered g = { .f = f };
    struct mcp_http_req reqs[2] = { { 0 } };
    struct mcp_call *second = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_http_req req = { .timeout_ms = 300 };
    struct mcp_http_res res;

    assert_non_null(second);
    mcp__room_configure(1 << 20);
    assert_int_equal(GET(f, "/big?900000", .method = MCP_GET), 0);
    assert_int_equal(mcp__room_used(), 900000);
    /* No room for another one of that size: it waits, and says for what. */
    req.url = mcp_str_z(http_double_url(f->server, "/big?900000"));
    assert_int_equal(mcp_fetch(second, &req, &res, &f->err), MCP_EDEADLINE);
    assert_says(f, "max_upstream_bytes_total");
    /* The room comes back with the call that held it. */
    mcp__call_unref(f->call);
    f->call = second;
    assert_int_equal(mcp_fetch(second, &req, &res, &f->err), 0);
    reqs[0].url = reqs[1].url =
        mcp_arena_str(second->arena, mcp_str_z(http_double_url(f->server, "/big?60000")));
    assert_int_equal(mcp_fetch_all(second, reqs, 2, 2, gather, &g, &f->err), 0);
    assert_int_equal(g.bytes, 120000);
}

static void body_larger_than_all_room_is_too_big(void **state)
{
    struct fixture *f = *state;

    mcp__room_configure(100000);
    assert_int_equal(GET(f, "/big?100001", .method = MCP_GET), MCP_ETOOBIG);
    assert_int_equal(GET(f, "/big?100000", .method = MCP_GET), 0);
}

static void halves_that_wait_for_each_other_do_not_wait_for_ever(void **state)
{
    struct fixture *f = *state;
    struct gathered g = { .f = f };
    struct mcp_http_req reqs[4] = { { 0 } };

    mcp__room_configure(200000);
    for (size_t i = 0; i < 4; i++)
        reqs[i].url =
            mcp_arena_str(f->call->arena, mcp_str_z(http_double_url(f->server, "/big?150000")));
    set_deadline(f, 4000);
    /* One fits. The others are given up, one every half second or so, or wait until the deadline. */
    (void)mcp_fetch_all(f->call, reqs, 4, 4, gather, &g, &f->err);
    assert_true(g.ok >= 1);
    assert_true(mcp__room_used() <= 200000);
}

/* Many workers at a time, some cancelled: for the thread sanitizer. */
struct worker {
    pthread_t thread;
    struct http_double *server;
    unsigned seed;
    int rc;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_http_req reqs[4] = { { 0 } };
    struct gathered g = { .stop_at = w->seed % 3 == 0 ? 2 : 0 };
    static const char *const paths[] = { "/ok", "/big?70000", "/gzip?200000", "/slow?3" };
    char urls[4][64];

    MCP_BUG_ON(call == NULL);
    for (size_t i = 0; i < 4; i++) {
        snprintf(urls[i], sizeof(urls[i]), "http://127.0.0.1:%d%s", http_double_port(w->server),
                 paths[(w->seed + i) % 4]);
        reqs[i].url = mcp_str_z(urls[i]);
    }
    call->deadline_ms = w->seed % 5 == 0 ? mcp_clock_mono_ms() + 5 : UINT64_MAX;
    w->rc = mcp_fetch_all(call, reqs, 4, 2, gather, &g, NULL);
    mcp__call_unref(call);
    return NULL;
}

static void many_workers_fetch_at_once(void **state)
{
    struct fixture *f = *state;
    struct worker workers[32];

    for (unsigned i = 0; i < 32; i++) {
        workers[i] = (struct worker){ .server = f->server, .seed = i };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (unsigned i = 0; i < 32; i++) {
        pthread_join(workers[i].thread, NULL);
        if (i % 5 != 0)
            assert_int_equal(workers[i].rc, i % 3 == 0 ? MCP_EREFUSED : 0);
    }
}

static void stop_ends_pending_requests_and_the_next_fetch_starts_again(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(GET(f, "/ok", .method = MCP_GET), 0);
    mcp__late_stop();
    mcp__late_stop();
    assert_int_equal(GET(f, "/ok", .method = MCP_GET), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(answer_and_headers_arrive),
        T(request_goes_out_as_it_was_asked),
        T(one_connection_serves_many_requests),
        T(refused_urls_and_headers_send_nothing),
        T(error_texts_show_no_query_and_no_user),
        T(silent_host_is_named_with_its_silence),
        T(host_that_stops_in_the_middle_is_told_apart),
        T(deadline_of_the_call_wins_over_a_longer_timeout),
        T(broken_answers_are_unavailable),
        T(more_bytes_than_announced_are_not_taken),
        T(refused_connection_is_unavailable_and_named),
        T(answers_are_bounded_also_unpacked),
        T(safe_requests_are_repeated_and_others_are_not),
        T(posts_are_repeated_only_when_marked),
        T(marked_post_is_repeated),
        T(retry_after_is_honoured_within_the_deadline),
        T(retry_after_beyond_the_deadline_gives_the_answer_at_once),
        T(redirects_are_followed_only_on_request_and_five_times),
        T(credentials_and_bodies_do_not_follow_to_another_host),
        T(cancelling_the_call_ends_the_wait_and_the_transfer),
        T(request_after_cancel_starts_and_survives),
        T(running_request_after_cancel_survives_the_call),
        T(survivor_is_dropped_after_three_seconds),
        T(fetch_all_reports_each_and_keeps_its_parallel),
        T(negative_answer_of_each_cancels_the_rest),
        T(fetch_all_ends_with_the_call),
        T(bodies_share_their_room_and_wait_for_it),
        T(body_larger_than_all_room_is_too_big),
        T(halves_that_wait_for_each_other_do_not_wait_for_ever),
        T(many_workers_fetch_at_once),
        T(stop_ends_pending_requests_and_the_next_fetch_starts_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
