/* Swapping a dataset: killed at any moment it is as before or as after, one import at a time. */
#include "import_help.h"

#include "cost/dataset/swap.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

extern char **environ;

static int begin(void **state)
{
    static struct import_test t;

    import_test_begin(&t);
    *state = &t;
    return 0;
}

static int end(void **state)
{
    import_test_end(*state);
    return 0;
}

/* What the killed program does: an import of one file into one dataset. */
static int import_as_child(const char *dataset, const char *file)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str path = mcp_str_z(file);
    struct cost_import_options options = { .paths = &path, .n_paths = 1 };
    struct cost_import_report report;
    int rc = cost_import(mcp_str_z(dataset), &options, arena, &report, NULL);

    mcp_arena_free(arena);
    return rc == 0 ? 0 : 1;
}

static pid_t start(struct import_test *t, mcp_str file)
{
    char *copy = strdup(t->dataset), *name = strdup(file.ptr);
    char child[] = "child";
    char *argv[] = { child, child, copy, name, NULL };
    pid_t pid;

    assert_int_equal(posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ), 0);
    free(copy);
    free(name);
    return pid;
}

static void a_killed_import_leaves_old_or_new(void **state)
{
    enum { ROUNDS = 25 };
    struct import_test *t = *state;
    struct mcp_buf cells;
    mcp_str b;
    unsigned killed = 0;

    mcp_buf_init(&cells, 4 << 20);
    for (int i = 0; i < 4000; i++)
        mcp_buf_printf(&cells, "%s2026-02-%02d,p%d,1", i == 0 ? "" : " ", i % 28 + 1, i % 500);
    mcp_buf_char(&cells, '\0');
    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
    b = import_file(t, "b.csv", import_rows(t, "2026-02", cells.ptr));
    mcp_buf_release(&cells);
    for (int i = 0; i < ROUNDS; i++) {
        struct timespec wait = { 0, (long)i * 1500000 };
        pid_t pid = start(t, b);
        const char *total;
        int status;

        nanosleep(&wait, NULL);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        killed += WIFSIGNALED(status) ? 1 : 0;
        total = import_total(t);
        if (strcmp(total, "1/1") != 0)
            assert_string_equal(total, "4001/4001");
    }
    assert_true(killed > 0);
    assert_int_equal(import_one(t, b), 0);
    assert_string_equal(import_total(t), "4001/4001");
}

static void a_second_import_meanwhile_is_told_to_wait(void **state)
{
    struct import_test *t = *state;
    struct cost__swap swap;

    assert_int_equal(cost__swap_begin(&swap, mcp_str_z(t->dataset), NULL), 0);
    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))),
        MCP_EBUSY);
    assert_string_equal(t->err.code, "import_running");
    assert_non_null(strstr(t->err.message, "another import"));
    cost__swap_end(&swap);
    assert_int_equal(
        import_one(t, import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"))), 0);
}

static void missing_folders_are_made(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));

    snprintf(t->dataset, sizeof(t->dataset), "%s/x/y/d.db", t->dir);
    assert_int_equal(import_one(t, a), 0);
    assert_string_equal(import_total(t), "1/1");
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));

    import_file(t, "file", "x");
    snprintf(t->dataset, sizeof(t->dataset), "%s/file/d.db", t->dir);
    assert_int_equal(import_one(t, a), MCP_EIO);
    assert_string_equal(t->err.code, "not_writable");
    assert_non_null(strstr(t->err.message, "/file"));
}

static void a_copy_that_cannot_be_made_leaves_the_dataset(void **state)
{
    struct import_test *t = *state;
    mcp_str a = import_file(t, "a.csv", import_rows(t, "2026-01", "2026-01-05,p1,1"));

    assert_int_equal(import_one(t, a), 0);
    /* FILE.new is removed before it is made: a folder of that name cannot be. */
    assert_int_equal(mkdir(mcp_arena_printf(t->arena, "%s.new", t->dataset).ptr, 0700), 0);
    assert_int_equal(
        import_one(t, import_file(t, "b.csv", import_rows(t, "2026-02", "2026-02-05,p1,1"))),
        MCP_EIO);
    assert_string_equal(import_total(t), "1/1");
}

#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(a_killed_import_leaves_old_or_new),
        T(a_second_import_meanwhile_is_told_to_wait),
        T(missing_folders_are_made),
        T(a_place_that_cannot_be_written_is_named),
        T(a_copy_that_cannot_be_made_leaves_the_dataset),
    };

    if (argc == 4 && strcmp(argv[1], "child") == 0)
        return import_as_child(argv[2], argv[3]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
