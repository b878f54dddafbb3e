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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_slow_reader_gets_everything_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_takes_nothing_is_stalled, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_that_is_gone_is_told_once, setup, teardown),
    };

    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
