/* Mail from other threads reaches the loop, once per posting and in order. */
#include "mcp/net/mailbox.h"

#include <stdint.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define LETTERS 1000

struct letter {
    struct mcp_mail mail;
    int number;
};

static struct mcp_mailbox box;
static struct letter letters[LETTERS];
static int got, in_order;

static void deliver(struct mcp_mail *mail)
{
    in_order += ((struct letter *)(void *)mail)->number == got;
    if (++got == LETTERS)
        mcp__mailbox_close(&box);
}

static void *post_all(void *arg)
{
    (void)arg;
    for (int i = 0; i < LETTERS; i++) {
        letters[i].number = i;
        letters[i].mail.deliver = deliver;
        mcp__mailbox_post(&box, &letters[i].mail);
    }
    return NULL;
}

static void letters_arrive_in_order(void **state)
{
    pthread_t thread;
    uv_loop_t loop;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(mcp__mailbox_init(&box, &loop), 0);
    assert_int_equal(pthread_create(&thread, NULL, post_all, NULL), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    pthread_join(thread, NULL);
    assert_int_equal(got, LETTERS);
    assert_int_equal(in_order, LETTERS);
    mcp__mailbox_release(&box);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void count(struct mcp_mail *mail)
{
    ((struct letter *)(void *)mail)->number++;
}

static void mail_that_waits_is_not_queued_twice(void **state)
{
    struct letter one = { .mail = { .deliver = count } };
    uv_loop_t loop;

    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(mcp__mailbox_init(&box, &loop), 0);
    mcp__mailbox_post(&box, &one.mail);
    mcp__mailbox_post(&box, &one.mail);
    mcp__mailbox_drain(&box);
    assert_int_equal(one.number, 1);
    mcp__mailbox_post(&box, &one.mail);
    mcp__mailbox_drain(&box);
    assert_int_equal(one.number, 2);
    mcp__mailbox_close(&box);
    uv_run(&loop, UV_RUN_DEFAULT);
    mcp__mailbox_release(&box);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(letters_arrive_in_order),
        cmocka_unit_test(mail_that_waits_is_not_queued_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
