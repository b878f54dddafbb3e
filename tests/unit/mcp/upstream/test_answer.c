/* What a worker gets: the answer in its arena with its room, or an error that names the host. */
#include "mcp/upstream/answer.h"

#include "mcp/proto/call_internal.h"
#include "mcp/upstream/room.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

struct fixture {
    struct mcp_call *call;
    struct mcp__transfer *t;
    struct mcp_error err;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct mcp__group *group;

    if (f == NULL)
        return -1;
    mcp__room_configure(1 << 20);
    f->call = mcp__call_new(mcp_arena_new(0, 0));
    group = mcp__group_new(f->call);
    f->t = mcp__transfer_new(group);
    mcp__group_unref(group);
    f->t->host = strdup("api.example:8443");
    f->t->submitted_ms = mcp_clock_mono_ms() - 3000;
    atomic_store(&f->t->last_ms, mcp_clock_mono_ms() - 2000);
    *state = f;
    return f->t->host == NULL ? -1 : 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    mcp__transfer_unref(f->t);
    mcp__call_unref(f->call);
    free(f);
    return mcp__room_used() == 0 ? 0 : -1;
}

static void give_answer(struct fixture *f, const char *head, const char *body)
{
    f->t->head = strdup(head);
    f->t->head_len = strlen(head);
    f->t->answer = strdup(body);
    f->t->answer_len = strlen(body);
    f->t->status = 200;
    f->t->taken = 16384;
    assert_true(mcp__room_take(16384));
}

static void body_lives_in_the_arena_and_gives_its_room_back_with_it(void **state)
{
    struct fixture *f = *state;
    struct mcp_http_res res;

    give_answer(f, "HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "body");
    assert_int_equal(mcp__answer_take(f->t, f->call->arena, &res, &f->err), 0);
    assert_true(mcp_str_eq(res.body, MCP_STR("body")));
    /* Only what is kept stays counted. */
    assert_int_equal(mcp__room_used(), 4);
    mcp_arena_reset(f->call->arena);
    assert_int_equal(mcp__room_used(), 0);
}

static void headers_are_taken_apart(void **state)
{
    struct fixture *f = *state;
    struct mcp_http_res res;

    give_answer(f,
                "HTTP/2 200\r\nA:b\r\nEmpty:\r\nSpaces:  x y \t\r\nno colon\r\n: none\r\n"
                "Colons: a:b:c\n\r\n",
                "");
    assert_int_equal(mcp__answer_take(f->t, f->call->arena, &res, &f->err), 0);
    assert_int_equal(res.n_headers, 4);
    assert_true(mcp_str_eq(res.headers[0].value, MCP_STR("b")));
    assert_true(mcp_str_eq(res.headers[1].value, MCP_STR("")));
    assert_true(mcp_str_eq(res.headers[2].value, MCP_STR("x y")));
    assert_true(mcp_str_eq(res.headers[3].value, MCP_STR("a:b:c")));
    assert_int_equal(res.body.len, 0);
    assert_non_null(res.body.ptr);
}

static void each_outcome_has_its_code_and_names_the_host(void **state)
{
    static const struct {
        enum mcp__outcome outcome;
        int code;
        const char *says;
    } cases[] = {
        { MCP__OUT_NO_CONNECTION, MCP_EUNAVAILABLE, "no connection to api.example:8443" },
        { MCP__OUT_BROKEN, MCP_EUNAVAILABLE, "api.example:8443 ended the connection" },
        { MCP__OUT_TIMEOUT, MCP_EDEADLINE, "api.example:8443" },
        { MCP__OUT_TLS, MCP_EUNAVAILABLE, "identity of api.example:8443" },
        { MCP__OUT_TOOBIG, MCP_ETOOBIG, "api.example:8443 is over" },
        { MCP__OUT_BUSY, MCP_EUNAVAILABLE, "room" },
        { MCP__OUT_NOMEM, MCP_ENOMEM, "memory" },
        { MCP__OUT_STOPPED, MCP_ECANCELLED, "ending" },
    };
    struct fixture *f = *state;
    struct mcp_http_res res;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_error_clear(&f->err);
        f->t->outcome = cases[i].outcome;
        assert_int_equal(mcp__answer_take(f->t, f->call->arena, &res, &f->err), cases[i].code);
        if (strstr(f->err.message, cases[i].says) == NULL)
            fail_msg("%s", f->err.message);
    }
}

static void timeout_says_how_far_it_came(void **state)
{
    static const struct {
        enum mcp__phase phase;
        bool paused;
        const char *says;
    } cases[] = {
        { MCP__PHASE_ROOM, false, "waited 3.0 s for room" },
        { MCP__PHASE_CONNECT, false, "no connection to api.example:8443 came about in 3.0 s" },
        { MCP__PHASE_SENT, false, "api.example:8443 was silent for 2.0 s" },
        { MCP__PHASE_ANSWER, false,
          "silent for 2.0 s in the middle of its answer, after 77 bytes" },
        { MCP__PHASE_ANSWER, true, "max_upstream_bytes_total (1 MiB)" },
    };
    struct fixture *f = *state;

    atomic_store(&f->t->received, 77);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_error_clear(&f->err);
        atomic_store(&f->t->phase, (int)cases[i].phase);
        atomic_store(&f->t->paused, cases[i].paused);
        assert_int_equal(mcp__answer_timeout(f->t, "the time", &f->err), MCP_EDEADLINE);
        if (strstr(f->err.message, cases[i].says) == NULL)
            fail_msg("%s", f->err.message);
    }
    atomic_store(&f->t->last_ms, mcp_clock_mono_ms());
    atomic_store(&f->t->paused, false);
    mcp_error_clear(&f->err);
    assert_int_equal(mcp__answer_timeout(f->t, "the time", &f->err), MCP_EDEADLINE);
    assert_non_null(strstr(f->err.message, "was still sending after 3.0 s and 77 bytes"));
}

static void largest_body_is_clamped_to_all_room(void **state)
{
    struct fixture *f = *state;

    f->t->max_body_bytes = 2 << 20;
    mcp__answer_clamp(f->t);
    assert_int_equal(f->t->max_body_bytes, 1 << 20);
    f->t->max_body_bytes = 5;
    mcp__answer_clamp(f->t);
    assert_int_equal(f->t->max_body_bytes, 5);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(body_lives_in_the_arena_and_gives_its_room_back_with_it),
        T(headers_are_taken_apart),
        T(each_outcome_has_its_code_and_names_the_host),
        T(timeout_says_how_far_it_came),
        T(largest_body_is_clamped_to_all_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
