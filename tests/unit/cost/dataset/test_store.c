/* The SQLite file: made, brought up to date, refused when newer or foreign; a disk that is full. */
#include "cost/dataset/store.h"

#include "import_help.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static void run(const char *path, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void import_january(struct import_test *t)
{
    mcp_str file = import_file(t, "jan.csv", import_rows(t, "2026-01", "2026-01-05,p1,1.5"));

    if (import_one(t, file) != 0)
        fail_msg("%s", t->err.message);
}

/* What a reader is told about the file. */
static int read_refused(struct import_test *t)
{
    struct cost_dataset *ds = cost_dataset_new(mcp_str_z(t->dataset), "focus-files");
    struct cost_snapshot *snap = NULL;
    int rc;

    mcp_error_clear(&t->err);
    rc = cost_dataset_acquire(ds, &snap, &t->err);
    cost_snapshot_release(snap);
    cost_dataset_free(ds);
    return rc;
}

static void a_new_file_is_a_dataset_of_this_version(void **state)
{
    struct mcp_error err = { 0 };
    sqlite3 *db = NULL;

    (void)state;
    assert_int_equal(cost__store_open(":memory:", &db, &err), 0);
    assert_int_equal(cost__store_check(db, MCP_STR("x"), &err), 0);
    sqlite3_close(db);
}

static void a_newer_dataset_is_refused_by_readers_and_imports(void **state)
{
    struct import_test *t = *state;

    import_january(t);
    run(t->dataset, "PRAGMA user_version=99");
    assert_int_equal(read_refused(t), MCP_EDATA);
    assert_string_equal(t->err.code, "newer_dataset");
    assert_non_null(strstr(t->err.message, "99"));
    assert_non_null(strstr(t->err.message, t->dataset));
    assert_non_null(strstr(t->err.next, "newer release"));
    assert_int_equal(
        import_one(t, import_file(t, "feb.csv", import_rows(t, "2026-02", "2026-02-05,p1,2"))),
        MCP_EDATA);
    assert_string_equal(t->err.code, "newer_dataset");
    run(t->dataset, "PRAGMA user_version=1");
    assert_string_equal(import_total(t), "1.5/1");
}

static void an_older_dataset_tells_readers_what_brings_it_up_to_date(void **state)
{
    struct import_test *t = *state;

    import_january(t);
    run(t->dataset, "PRAGMA user_version=0");
    assert_int_equal(read_refused(t), MCP_EDATA);
    assert_string_equal(t->err.code, "old_dataset");
    assert_non_null(strstr(t->err.message, "version 0"));
    assert_non_null(strstr(t->err.next, "import"));
}

/* Version 0 of a dataset has no table yet. */
static void an_import_brings_an_older_dataset_up_to_date(void **state)
{
    struct import_test *t = *state;

    run(t->dataset, "PRAGMA application_id=1296265075; PRAGMA user_version=0;"
                    "CREATE TABLE keep(x); DROP TABLE keep");
    import_january(t);
    assert_string_equal(import_total(t), "1.5/1");
}

static void another_sqlite_file_is_no_dataset_and_stays_as_it_is(void **state)
{
    struct import_test *t = *state;

    run(t->dataset, "CREATE TABLE mine(x); INSERT INTO mine VALUES(7)");
    assert_int_equal(read_refused(t), MCP_EDATA);
    assert_string_equal(t->err.code, "bad_dataset");
    assert_int_equal(
        import_one(t, import_file(t, "jan.csv", import_rows(t, "2026-01", "2026-01-05,p1,2"))),
        MCP_EDATA);
    assert_string_equal(t->err.code, "bad_dataset");
    run(t->dataset, "UPDATE mine SET x=8");
}

static void what_is_bound_comes_back(void **state)
{
    struct mcp_error err = { 0 };
    sqlite3_stmt *stmt;
    sqlite3 *db = NULL;

    (void)state;
    assert_int_equal(cost__store_open(":memory:", &db, &err), 0);
    stmt = cost__store_prepare(db, "SELECT ?, ?, ?, ?", &err);
    assert_non_null(stmt);
    assert_int_equal(cost__store_bind(stmt, "isbs", INT64_C(-7), MCP_STR("t\0x"),
                                      mcp_str_n("\1\0\2", 3), MCP_STR_NULL),
                     0);
    assert_int_equal(cost__store_step(stmt, &err), 1);
    assert_int_equal(sqlite3_column_int64(stmt, 0), -7);
    assert_true(mcp_str_eq(cost__store_text(stmt, 1), MCP_STR("t\0x")));
    assert_true(mcp_str_eq(cost__store_blob(stmt, 2), mcp_str_n("\1\0\2", 3)));
    assert_true(mcp_str_is_null(cost__store_text(stmt, 3)));
    assert_int_equal(cost__store_step(stmt, &err), 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
}

/* A file that may not grow stands for a disk without room. */
static void a_full_disk_leaves_the_dataset_as_it_was(void **state)
{
    struct import_test *t = *state;
    struct rlimit old, less;
    struct stat st;
    mcp_str file;
    char made[128];
    int rc;

    import_january(t);
    file = import_file(t, "feb.csv", import_rows(t, "2026-02", "2026-02-05,p1,2"));
    assert_int_equal(stat(t->dataset, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    for (int step = 0; step < 3; step++) {
        /* Too small for the copy; for its first new page; for any page. */
        const rlim_t sizes[] = { (rlim_t)st.st_size / 2, (rlim_t)st.st_size, 1 };

        less = (struct rlimit){ sizes[step], old.rlim_max };
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
        rc = import_one(t, file);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
        if (rc != MCP_EIO)
            fail_msg("step %d: %d %s", step, rc, t->err.message);
        if (strstr(t->err.message, t->dataset) == NULL || t->err.next[0] == '\0')
            fail_msg("step %d: %s [%s]", step, t->err.message, t->err.next);
        snprintf(made, sizeof(made), "%s.new", t->dataset);
        assert_int_not_equal(access(made, F_OK), 0);
        assert_string_equal(import_total(t), "1.5/1");
    }
    assert_int_equal(import_one(t, file), 0);
    assert_string_equal(import_total(t), "3.5/2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_file_is_a_dataset_of_this_version),
        cmocka_unit_test_setup_teardown(a_newer_dataset_is_refused_by_readers_and_imports, begin,
                                        end),
        cmocka_unit_test_setup_teardown(an_older_dataset_tells_readers_what_brings_it_up_to_date,
                                        begin, end),
        cmocka_unit_test_setup_teardown(an_import_brings_an_older_dataset_up_to_date, begin, end),
        cmocka_unit_test_setup_teardown(another_sqlite_file_is_no_dataset_and_stays_as_it_is, begin,
                                        end),
        cmocka_unit_test(what_is_bound_comes_back),
        cmocka_unit_test_setup_teardown(a_full_disk_leaves_the_dataset_as_it_was, begin, end),
    };

    signal(SIGXFSZ, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
