/* Tools that wait, compute and tell their progress, beside the pure ones: for the tests of net. */
#include "tools.h"

#include <sched.h>
#include <stdlib.h>
#include <time.h>

atomic_int test_cancelled;

static int run_wait(struct mcp_call *call, struct mcp_error *err)
{
    int64_t ms = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 0);
    int rc;

    atomic_fetch_add(&test_runs, 1);
    rc = mcp_sleep(call, (unsigned)ms, err);
    if (rc != 0) {
        atomic_fetch_add(&test_cancelled, 1);
        return rc;
    }
    mcp_result_text(call, MCP_STR("slept"));
    return 0;
}

static int run_progress(struct mcp_call *call, struct mcp_error *err)
{
    int64_t n = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 3);

    for (int64_t i = 0; i < n; i++) {
        int rc;

        mcp_progress(call, i, n, MCP_STR("step"));
        rc = mcp_sleep(call, 120, err);
        if (rc != 0)
            return rc;
    }
    mcp_result_text(call, MCP_STR("done"));
    return 0;
}

/* Deaf: neither looks at its deadline nor at its cancellation while it computes. */
static int run_deaf(struct mcp_call *call, struct mcp_error *err)
{
    int64_t ms = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 0);
    struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };

    (void)err;
    nanosleep(&t, NULL);
    mcp_result_text(call, MCP_STR("late"));
    return 0;
}

/* Computes until it shall end, and says no more than that. */
static int run_busy(struct mcp_call *call, struct mcp_error *err)
{
    while (!mcp_call_cancelled(call))
        sched_yield();
    return mcp_error_set(err, MCP_ECANCELLED, "taken back");
}

/* The pure tools and these, sorted; filled once, before any thread starts. */
static struct mcp_tool table[16];

struct mcp_registry *test_registry(void)
{
    static const struct mcp_tool waiting[] = {
        { .name = "busy",
          .description = "Computes to its deadline",
          .in = &test_in_any,
          .run = run_busy,
          .deadline_ms = 100 },
        { .name = "deaf",
          .description = "Never looks up",
          .in = &test_in_number,
          .run = run_deaf,
          .deadline_ms = 200 },
        { .name = "progress",
          .description = "Tells how far it is",
          .in = &test_in_any,
          .run = run_progress },
        { .name = "slow_echo",
          .description = "Echo on a worker",
          .in = &test_in_any,
          .run = test_run_echo },
        { .name = "wait",
          .description = "Waits n ms",
          .in = &test_in_number,
          .flags = MCP_TOOL_TASK,
          .run = run_wait,
          .deadline_ms = 5000 },
    };
    size_t n_waiting = sizeof(waiting) / sizeof(waiting[0]);
    size_t n = 0, i = 0, k = 0;

    while (i < n_test_pure_tools || k < n_waiting) {
        if (k == n_waiting ||
            (i < n_test_pure_tools && strcmp(test_pure_tools[i].name, waiting[k].name) < 0))
            table[n++] = test_pure_tools[i++];
        else
            table[n++] = waiting[k++];
    }
    return test_registry_of(table, n);
}
