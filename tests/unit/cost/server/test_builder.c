/* Building the dataset beside the calls that wait for it: one build, its failure, its deadline. */
#include "cost/server/builder.h"
#include "mcp/proto/call_internal.h"
#include "server_help.h"

#include <mcp/clock.h>

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const char header[] =
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
    "EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,"
    "InvoiceIssuerName,ChargeCategory\n";
static const char one_row[] = "2026-01-01,2026-02-01,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,1,1,"
                              "1,1,USD,acct,p,\"Amazon Web Services, Inc.\",Usage\n";
static const char bad_row[] = "2026-01-01,2026-02-01,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,"
                              "one,1,1,1,USD,acct,p,\"Amazon Web Services, Inc.\",Usage\n";

static struct server_home home;
static struct cost_tools tools;

static int setup(void **state)
{
    (void)state;
    tools = (struct cost_tools){ .spec = &server_spec };
    server_home_begin(&home);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_home_end(&home);
    return 0;
}

static mcp_str csv(const char *row)
{
    char text[2048];

    snprintf(text, sizeof(text), "%s%s", header, row);
    return mcp_str_z(server_file(&home, "bill.csv", text));
}

/* One call, from its own thread or not. */
struct waiter {
    struct cost__builder *builder;
    uint64_t deadline_in_ms; /* 0: none */
    bool cancel;
    int rc;
    char path[512];
    struct mcp_error err;
    pthread_t thread;
};

static void *wait_for(void *ctx)
{
    struct waiter *w = ctx;
    struct mcp_call *call = server_call(&tools, "{}");
    mcp_str path = MCP_STR("");

    w->err = (struct mcp_error){ 0 };
    if (w->deadline_in_ms > 0)
        call->deadline_ms = mcp_clock_mono_ms() + w->deadline_in_ms;
    if (w->cancel)
        mcp__call_cancel(call);
    w->rc = cost__builder_path(w->builder, call, &path, &w->err);
    snprintf(w->path, sizeof(w->path), "%.*s", MCP_STR_ARG(path));
    server_call_end(call);
    return NULL;
}

static void calls_that_come_together_wait_for_one_build(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct waiter waiters[4] = { 0 };
    mcp_str path;

    (void)state;
    waiters[0].builder = cost__builder_new(paths, 1);
    assert_non_null(waiters[0].builder);
    assert_false(cost__builder_ready(waiters[0].builder, &path));
    for (size_t i = 0; i < 4; i++) {
        waiters[i].builder = waiters[0].builder;
        assert_int_equal(pthread_create(&waiters[i].thread, NULL, wait_for, &waiters[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        pthread_join(waiters[i].thread, NULL);
        if (waiters[i].rc < 0)
            fail_msg("%s", waiters[i].err.message);
        assert_string_equal(waiters[i].path, waiters[0].path);
    }
    assert_int_equal(access(waiters[0].path, R_OK), 0);
    assert_true(cost__builder_ready(waiters[0].builder, &path));
    assert_string_equal(path.ptr, waiters[0].path);
    cost__builder_free(waiters[0].builder);
}

static void what_was_built_once_is_opened_by_the_next_start(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct stat first, second;
    struct waiter w = { 0 };

    (void)state;
    w.builder = cost__builder_new(paths, 1);
    wait_for(&w);
    assert_int_equal(w.rc, 0);
    assert_int_equal(stat(w.path, &first), 0);
    cost__builder_free(w.builder);
    w.builder = cost__builder_new(paths, 1);
    wait_for(&w);
    assert_int_equal(w.rc, 0);
    assert_int_equal(stat(w.path, &second), 0);
    assert_int_equal(first.st_ino, second.st_ino);
    cost__builder_free(w.builder);
}

static void a_failure_is_told_and_the_next_call_tries_again(void **state)
{
    mcp_str paths[] = { csv(bad_row) };
    struct waiter w = { .builder = cost__builder_new(paths, 1) };
    mcp_str path;

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        wait_for(&w);
        assert_int_equal(w.rc, w.err.err);
        assert_int_not_equal(w.rc, 0);
        assert_non_null(strstr(w.err.message, "bill.csv"));
        assert_non_null(strstr(w.err.message, "BilledCost"));
        assert_false(cost__builder_ready(w.builder, &path));
    }
    csv(one_row);
    wait_for(&w);
    assert_int_equal(w.rc, 0);
    cost__builder_free(w.builder);
}

static void a_missing_file_is_told_with_the_next_step(void **state)
{
    mcp_str paths[] = { mcp_str_z(server_path(&home, "missing.csv")) };
    struct waiter w = { .builder = cost__builder_new(paths, 1) };

    (void)state;
    wait_for(&w);
    assert_int_equal(w.rc, MCP_ENOTFOUND);
    assert_non_null(strstr(w.err.message, "missing.csv"));
    assert_non_null(strstr(w.err.next, "--data"));
    cost__builder_free(w.builder);
}

static void a_deadline_answers_building_and_the_build_goes_on(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct waiter w = { .builder = cost__builder_new(paths, 1), .deadline_in_ms = 1 };

    (void)state;
    wait_for(&w);
    assert_int_equal(w.rc, MCP_EBUILDING);
    assert_string_equal(w.err.code, "building");
    assert_true(w.err.retry_after_ms > 0);
    assert_non_null(strstr(w.err.next, "Ask again"));
    w.deadline_in_ms = 0;
    wait_for(&w);
    assert_int_equal(w.rc, 0);
    cost__builder_free(w.builder);
}

/* Another process builds the same file: it holds the lock of the dataset. */
static int hold_lock(struct waiter *w, mcp_str *paths)
{
    char lock[600];
    int fd;

    w->builder = cost__builder_new(paths, 1);
    wait_for(w);
    assert_int_equal(w->rc, 0);
    cost__builder_free(w->builder);
    assert_int_equal(unlink(w->path), 0);
    snprintf(lock, sizeof(lock), "%s.lock", w->path);
    fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    w->builder = cost__builder_new(paths, 1);
    return fd;
}

static void a_build_of_another_process_is_waited_for(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct waiter w = { 0 }, other = { 0 };
    int fd = hold_lock(&w, paths);

    (void)state;
    w.deadline_in_ms = 150;
    wait_for(&w);
    assert_int_equal(w.rc, MCP_EBUILDING);
    other.builder = w.builder;
    assert_int_equal(pthread_create(&other.thread, NULL, wait_for, &other), 0);
    close(fd);
    pthread_join(other.thread, NULL);
    assert_int_equal(other.rc, 0);
    cost__builder_free(w.builder);
}

static void a_builder_goes_while_its_build_waits(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct waiter w = { 0 };
    int fd = hold_lock(&w, paths);

    (void)state;
    w.deadline_in_ms = 1;
    wait_for(&w);
    assert_int_equal(w.rc, MCP_EBUILDING);
    cost__builder_free(w.builder);
    close(fd);
    cost__builder_free(NULL);
}

static void a_cancelled_call_leaves_the_build_alone(void **state)
{
    mcp_str paths[] = { csv(one_row) };
    struct waiter w = { .builder = cost__builder_new(paths, 1), .cancel = true };

    (void)state;
    wait_for(&w);
    assert_int_equal(w.rc, MCP_ECANCELLED);
    w.cancel = false;
    wait_for(&w);
    assert_int_equal(w.rc, 0);
    cost__builder_free(w.builder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_that_come_together_wait_for_one_build, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_built_once_is_opened_by_the_next_start, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_failure_is_told_and_the_next_call_tries_again, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_missing_file_is_told_with_the_next_step, setup, teardown),
        cmocka_unit_test_setup_teardown(a_deadline_answers_building_and_the_build_goes_on, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_build_of_another_process_is_waited_for, setup, teardown),
        cmocka_unit_test_setup_teardown(a_builder_goes_while_its_build_waits, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cancelled_call_leaves_the_build_alone, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
