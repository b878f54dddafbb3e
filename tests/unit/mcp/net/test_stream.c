/* Event streams of a session: what is kept of them, for how long, and who may read it again. */
#include "peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define KEPT 400 /* bytes: four short events with what they cost */

static struct peer peer;
static struct mcp_session *session;

static int setup(void **state)
{
    (void)state;
    if (peer_setup(KEPT) != 0)
        return -1;
    peer_open(&peer);
    session = peer_session(&peer, "2025-11-25");
    return 0;
}

static int teardown(void **state)
{
    peer_close(&peer);
    return peer_teardown(state);
}

/* A post of the session that streams, as a call's. */
static struct mcp_stream *open_stream(void)
{
    struct mcp_post *post = mcp__http_post_new(&peer.conn, session);
    struct mcp_stream *stream;

    peer.len = 0;
    peer.conn.post = post;
    peer.conn.answered = false;
    peer.conn.phase = MCP_HTTP_WORKING;
    stream = mcp__stream_open(post, session);
    assert_non_null(stream);
    post->stream = stream;
    return stream;
}

/* The call is through. */
static void end_stream(struct mcp_stream *stream, struct mcp_post *post)
{
    mcp__stream_end(stream);
    mcp__http_release_session(post);
    free(post);
}

static void say(struct mcp_stream *stream, const char *text)
{
    mcp_str part = mcp_str_z(text);

    mcp__stream_send(stream, &part, 1);
}

static struct mcp_stream *find(const char *id)
{
    uint64_t seq;

    return mcp__stream_find(session, mcp_str_z(id), &seq);
}

static void the_first_event_has_an_id_and_no_data(void **state)
{
    struct mcp_stream *stream = open_stream();
    struct mcp_post *post = stream->reader;

    (void)state;
    assert_non_null(strstr(peer.out, "id: 1-1\nretry: 1000\ndata: \n\n"));
    peer.len = 0;
    say(stream, "{}");
    assert_non_null(strstr(peer.out, "event: message\nid: 1-2\ndata: {}\n\n"));
    end_stream(stream, post);
    assert_null(peer.conn.post);
    assert_int_equal(peer.conn.phase, MCP_HTTP_IDLE);
}

static void ids_of_another_form_are_unknown(void **state)
{
    static const char *const rows[] = { "",    "-",    "1",    "1-",   "-1",
                                        "1-3", "2-1",  "1-1 ", "1--1", "1-99999999999999999999",
                                        "x-1", "1-1-1" };
    struct mcp_stream *stream = open_stream();
    struct mcp_post *post = stream->reader;

    (void)state;
    say(stream, "{}");
    assert_ptr_equal(find("1-1"), stream);
    assert_ptr_equal(find("1-2"), stream);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_null(find(rows[i]));
    end_stream(stream, post);
}

static void what_was_over_is_kept_until_there_is_no_room(void **state)
{
    struct mcp_stream *first = open_stream(), *second;
    struct mcp_post *post = first->reader;

    (void)state;
    say(first, "{\"first\":1}");
    end_stream(first, post);
    assert_ptr_equal(find("1-1"), first);
    second = open_stream();
    post = second->reader;
    for (int i = 0; i < 20; i++)
        say(second, "{\"second\":2}");
    assert_null(find("1-1"));
    assert_true(peer_http.kept.bytes <= KEPT);
    assert_null(find("2-1")); /* of a stream that is too old, too */
    assert_ptr_equal(find("2-21"), second);
    end_stream(second, post);
}

static void what_is_too_large_to_keep_is_sent_and_not_kept(void **state)
{
    static char text[KEPT];
    struct mcp_stream *stream = open_stream();
    struct mcp_post *post = stream->reader;

    (void)state;
    memset(text, ' ', sizeof(text) - 1);
    say(stream, "{}");
    say(stream, text);
    assert_non_null(strstr(peer.out, text));
    assert_null(find("1-1"));
    assert_null(find("1-2"));
    assert_ptr_equal(find("1-3"), stream);
    end_stream(stream, post);
}

static void a_session_takes_its_streams_with_it(void **state)
{
    struct mcp_stream *stream = open_stream();
    struct mcp_post *post = stream->reader;

    (void)state;
    say(stream, "{}");
    end_stream(stream, post);
    assert_non_null(mcp__stream_standalone(&peer_http, session));
    assert_int_equal(peer_loop.n_watchers, 1);
    mcp__session_close(peer_http.sessions, session);
    assert_int_equal(peer_loop.n_watchers, 0);
    assert_int_equal(peer_http.kept.bytes, 0);
    assert_null(peer_http.kept.first);
}

static void older_revisions_get_no_event_without_data(void **state)
{
    struct mcp_stream *stream;
    struct mcp_post *post;

    (void)state;
    session = peer_session(&peer, "2025-06-18");
    stream = open_stream();
    post = stream->reader;
    assert_null(strstr(peer.out, "retry"));
    say(stream, "{}");
    assert_non_null(strstr(peer.out, "id: 1-1\n"));
    end_stream(stream, post);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(the_first_event_has_an_id_and_no_data),
        ROW(ids_of_another_form_are_unknown),
        ROW(what_was_over_is_kept_until_there_is_no_room),
        ROW(what_is_too_large_to_keep_is_sent_and_not_kept),
        ROW(a_session_takes_its_streams_with_it),
        ROW(older_revisions_get_no_event_without_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
