/* What goes out on a stream: in order, kept when the peer is slow, noticed when it is gone. */
#include "mcp/net/outbox.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static uv_loop_t loop;
static uv_pipe_t stream;
static struct mcp_outbox box;
static int fds[2], drained, broken;

static void on_drained(void *ctx)
{
    (void)ctx;
    drained++;
}

static void on_error(void *ctx)
{
    (void)ctx;
    broken++;
}

static int setup(void **state)
{
    (void)state;
    drained = broken = 0;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(uv_pipe_init(&loop, &stream, 0), 0);
    assert_int_equal(uv_pipe_open(&stream, fds[0]), 0);
    mcp__outbox_init(&box, (uv_stream_t *)&stream, -1);
    box.on_drained = on_drained;
    box.on_error = on_error;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    uv_close((uv_handle_t *)&stream, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    mcp__outbox_release(&box);
    if (fds[1] >= 0)
        close(fds[1]);
    return uv_loop_close(&loop);
}

static void write_numbers(unsigned from, unsigned n)
{
    for (unsigned i = from; i < from + n; i++) {
        char bytes[4] = { (char)i, (char)(i >> 8), (char)(i >> 16), 'x' };
        uv_buf_t two[2] = { uv_buf_init(bytes, 1), uv_buf_init(bytes + 1, 3) };

        mcp__outbox_write(&box, two, 2);
    }
}

static void a_slow_reader_gets_everything_in_order(void **state)
{
    const unsigned count = 300000;
    unsigned seen = 0;
    unsigned char got[4096];
    size_t have = 0;

    (void)state;
    write_numbers(0, count);
    assert_true(mcp__outbox_unsent(&box) > 0);
    assert_int_equal(box.written, count * 4);
    while (seen < count) {
        ssize_t n = recv(fds[1], got + have, sizeof(got) - have, MSG_DONTWAIT);
        size_t at = 0;

        uv_run(&loop, UV_RUN_NOWAIT);
        if (n <= 0)
            continue;
        have += (size_t)n;
        for (; at + 4 <= have; at += 4, seen++)
            assert_int_equal(got[at] | got[at + 1] << 8 | got[at + 2] << 16, seen);
        memmove(got, got + at, have - at);
        have -= at;
    }
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(mcp__outbox_unsent(&box), 0);
    assert_true(drained >= 1);
    assert_int_equal(broken, 0);
}

static void a_reader_that_takes_nothing_is_stalled(void **state)
{
    uint64_t now = uv_now(&loop);

    (void)state;
    assert_false(mcp__outbox_stalled(&box, now + 60000, 30000)); /* nothing waits */
    write_numbers(0, 300000);
    assert_false(mcp__outbox_stalled(&box, now + 1000, 30000));
    assert_true(mcp__outbox_stalled(&box, now + 60000, 30000));
}

static void a_reader_that_is_gone_is_told_once(void **state)
{
    (void)state;
    close(fds[1]);
    fds[1] = -1;
    write_numbers(0, 1000);
    uv_run(&loop, UV_RUN_NOWAIT);
    write_numbers(0, 1000);
    assert_int_equal(broken, 1);
}

/* What the reader has got so far, as long as nothing more comes at once. */
static size_t read_all(char *text, size_t size)
{
    ssize_t n = recv(fds[1], text, size, MSG_DONTWAIT);

    return n < 0 ? 0 : (size_t)n;
}

static void write_text(struct mcp_outbox *to, const char *text, size_t len)
{
    char copy[64];
    uv_buf_t buf = uv_buf_init(copy, (unsigned)len);

    memcpy(copy, text, len);
    mcp__outbox_write(to, &buf, 1);
    memset(copy, '?', sizeof(copy)); /* the bytes may go */
}

static void small_writes_wait_for_the_end_of_the_round(void **state)
{
    struct mcp_outbox_round round = { 0 };
    char got[64];

    (void)state;
    box.round = &round;
    write_text(&box, "one ", 4);
    write_text(&box, "two", 3);
    assert_int_equal(round.count, 1);
    assert_int_equal(mcp__outbox_unsent(&box), 7);
    assert_int_equal(read_all(got, sizeof(got)), 0);
    mcp__outbox_round_end(&round);
    assert_int_equal(round.count, 0);
    assert_int_equal(mcp__outbox_unsent(&box), 0);
    assert_int_equal(drained, 1);
    assert_int_equal(read_all(got, sizeof(got)), 7);
    assert_memory_equal(got, "one two", 7);
    mcp__outbox_round_end(&round); /* of nothing */
    assert_int_equal(drained, 1);
}

static void a_large_write_takes_along_what_waited_before_it(void **state)
{
    struct mcp_outbox_round round = { 0 };
    static char large[20000], got[sizeof(large) + 4];
    uv_buf_t buf = uv_buf_init(large, sizeof(large));
    size_t have = 0;

    (void)state;
    memset(large, 'x', sizeof(large));
    box.round = &round;
    write_text(&box, "head", 4);
    mcp__outbox_write(&box, &buf, 1);
    assert_int_equal(round.count, 0);
    for (int i = 0; i < 100 && have < sizeof(got); i++) {
        have += read_all(got + have, sizeof(got) - have);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(have, sizeof(got));
    assert_memory_equal(got, "headx", 5);
    assert_int_equal(mcp__outbox_unsent(&box), 0);
}

static void a_box_that_goes_leaves_the_round_to_the_others(void **state)
{
    struct mcp_outbox_round round = { 0 };
    struct mcp_outbox others[2];
    char got[64];

    (void)state;
    box.round = &round;
    for (int i = 0; i < 2; i++) {
        mcp__outbox_init(&others[i], (uv_stream_t *)&stream, -1);
        others[i].round = &round;
    }
    write_text(&others[0], "a", 1);
    write_text(&box, "b", 1);
    write_text(&others[1], "c", 1);
    assert_int_equal(round.count, 3);
    mcp__outbox_release(&others[1]); /* the last of the list: the next one joins behind b */
    write_text(&box, "d", 1);
    mcp__outbox_release(&others[0]);
    mcp__outbox_init(&others[0], (uv_stream_t *)&stream, -1);
    others[0].round = &round;
    write_text(&others[0], "e", 1);
    assert_int_equal(round.count, 2);
    mcp__outbox_round_end(&round);
    assert_int_equal(read_all(got, sizeof(got)), 3);
    assert_memory_equal(got, "bde", 3);
    mcp__outbox_release(&others[0]);
}

static void a_reader_that_is_gone_is_told_at_the_end_of_the_round(void **state)
{
    struct mcp_outbox_round round = { 0 };

    (void)state;
    box.round = &round;
    close(fds[1]);
    fds[1] = -1;
    write_text(&box, "one", 3);
    assert_int_equal(broken, 0);
    mcp__outbox_round_end(&round);
    assert_int_equal(broken, 1);
    write_text(&box, "two", 3);
    assert_int_equal(round.count, 0); /* nothing is taken any more */
    mcp__outbox_round_end(&round);
    assert_int_equal(broken, 1);
    assert_int_equal(drained, 0);
}

static void a_round_too_much_for_the_reader_goes_on_when_it_reads(void **state)
{
    struct mcp_outbox_round round = { 0 };
    static char large[16000], got[1 << 20];
    uv_buf_t buf = uv_buf_init(large, sizeof(large));
    size_t wrote = 0, have = 0;

    (void)state;
    memset(large, 'x', sizeof(large));
    box.round = &round;
    while (!box.busy && wrote < sizeof(got) - sizeof(large)) {
        mcp__outbox_write(&box, &buf, 1);
        wrote += sizeof(large);
        mcp__outbox_round_end(&round);
    }
    assert_true(box.busy);
    write_text(&box, "end", 3); /* behind what is being written, not before it */
    assert_int_equal(round.count, 0);
    for (int i = 0; i < 10000 && have < wrote + 3; i++) {
        have += read_all(got + have, sizeof(got) - have);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_int_equal(have, wrote + 3);
    assert_memory_equal(got + wrote, "end", 3);
    assert_int_equal(mcp__outbox_unsent(&box), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_slow_reader_gets_everything_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_takes_nothing_is_stalled, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_is_gone_is_told_once, setup, teardown),
        cmocka_unit_test_setup_teardown(small_writes_wait_for_the_end_of_the_round, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_large_write_takes_along_what_waited_before_it, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_box_that_goes_leaves_the_round_to_the_others, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_is_gone_is_told_at_the_end_of_the_round,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_round_too_much_for_the_reader_goes_on_when_it_reads,
                                        setup, teardown),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
