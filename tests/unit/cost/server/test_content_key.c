/* Naming the content of files: what changes the key, what does not, what is not read again. */
#include "cost/server/content_key.h"
#include "server_help.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct server_home home;
static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    arena = mcp_arena_new(0, 0);
    mkdir(server_path(&home, "cache"), 0700);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    server_home_end(&home);
    return 0;
}

/* A file that has not changed lately: what is read of it may be remembered. */
static const char *old_file(const char *name, const char *text)
{
    const struct timespec old[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
    const char *path = server_file(&home, name, text);

    assert_int_equal(utimensat(AT_FDCWD, path, old, 0), 0);
    return path;
}

/* The key of one path; static storage, a few at a time. */
static const char *key_of(const char *path)
{
    static char keys[32][COST__CONTENT_KEY + 1];
    static unsigned at;
    char *key = keys[at++ % 32];
    mcp_str given = mcp_str_z(path);
    struct mcp_error err = { 0 };

    if (cost__content_key(mcp_str_z(server_path(&home, "cache")), &given, 1, arena, key, &err) < 0)
        fail_msg("%s: %s", path, err.message);
    assert_int_equal(strlen(key), COST__CONTENT_KEY);
    return key;
}

static int refusal(const char *path, struct mcp_error *err)
{
    char key[COST__CONTENT_KEY + 1];
    mcp_str given = mcp_str_z(path);

    mcp_error_clear(err);
    return cost__content_key(mcp_str_z(server_path(&home, "cache")), &given, 1, arena, key, err);
}

/* Notes of what was read; the only one's path. */
static unsigned notes(char path[512])
{
    DIR *dir = opendir(server_path(&home, "cache"));
    const struct dirent *e;
    unsigned n = 0;

    assert_non_null(dir);
    while ((e = readdir(dir)) != NULL) {
        if (strncmp(e->d_name, "seen-", 5) != 0)
            continue;
        snprintf(path, 512, "%s/cache/%.200s", home.dir, e->d_name);
        n++;
    }
    closedir(dir);
    return n;
}

static void the_same_content_elsewhere_has_the_same_key(void **state)
{
    const char *a = server_file(&home, "a/one.csv", "x,y\n1,2\n");
    const char *b = old_file("b/two.txt", "x,y\n1,2\n");

    (void)state;
    assert_string_equal(key_of(a), key_of(b));
    assert_string_equal(key_of(a), key_of(server_path(&home, "a")));
}

static void changed_content_has_another_key(void **state)
{
    const char *path = server_file(&home, "a.csv", "x,y\n1,2\n");
    const char *before = key_of(path);

    (void)state;
    server_file(&home, "a.csv", "x,y\n1,3\n");
    assert_string_not_equal(key_of(path), before);
    server_file(&home, "a.csv", "x,y\n1,2\n");
    assert_string_equal(key_of(path), before);
}

static void what_lies_on_either_side_of_a_file_border_counts(void **state)
{
    const char *before;

    (void)state;
    server_file(&home, "d/a.csv", "12");
    server_file(&home, "d/b.csv", "3");
    before = key_of(server_path(&home, "d"));
    server_file(&home, "d/a.csv", "1");
    server_file(&home, "d/b.csv", "23");
    assert_string_not_equal(key_of(server_path(&home, "d")), before);
}

static void what_was_read_is_remembered_by_stat(void **state)
{
    static const char told[] = "0123456789abcdef0123456789abcdef";
    const char *path = old_file("a.csv", "x,y\n1,2\n");
    const char *key = key_of(path);
    char note[512];

    (void)state;
    assert_int_equal(notes(note), 1);
    assert_string_equal(key_of(path), key);
    assert_int_equal(notes(note), 1);
    /* Whoever believes the note has not read the file. */
    assert_int_equal(unlink(note), 0);
    assert_int_equal(symlink(told, note), 0);
    assert_string_equal(key_of(path), told);
    /* A changed file has another note. */
    old_file("a.csv", "x,y\n1,2\n3,4\n");
    assert_string_not_equal(key_of(path), told);
    assert_int_equal(notes(note), 2);
}

/* One tick of the clock in which files get their times: both writes may carry the same one. */
static void what_has_just_changed_is_not_remembered(void **state)
{
    const char *path = server_file(&home, "a.csv", "x,y\n1,2\n");
    const char *before = key_of(path);
    char note[512];
    struct stat st;

    (void)state;
    assert_int_equal(stat(path, &st), 0);
    server_file(&home, "a.csv", "x,y\n1,3\n");
    assert_int_equal(
        utimensat(AT_FDCWD, path, (struct timespec[]){ { .tv_nsec = UTIME_OMIT }, st.st_mtim }, 0),
        0);
    /* A machine so slow that the file had settled before it was read has nothing to show. */
    if (notes(note) == 0)
        assert_string_not_equal(key_of(path), before);
}

/* No file at all, and times that no clock gives: arithmetic on them must not overflow. */
static void times_of_no_clock_are_taken(void **state)
{
    static const int64_t odd[] = { -1, -5000000000, 15000000000 };
    const char *path = old_file("a.csv", "x,y\n1,2\n");
    const char *key = key_of(path);

    (void)state;
    for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        const struct timespec at[2] = { { .tv_sec = odd[i] }, { .tv_sec = odd[i] } };

        assert_int_equal(utimensat(AT_FDCWD, path, at, 0), 0);
        assert_string_equal(key_of(path), key);
    }
    assert_int_equal(mkdir(server_path(&home, "bare"), 0700), 0);
    assert_string_not_equal(key_of(server_path(&home, "bare")), key);
}

static void a_note_that_is_no_key_is_not_believed(void **state)
{
    static const char *const wrong[] = { "short", "0123456789abcdef0123456789abcdef0" };
    const char *path = old_file("a.csv", "x,y\n1,2\n");
    const char *key = key_of(path);
    char note[512];

    (void)state;
    assert_int_equal(notes(note), 1);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(unlink(note), 0);
        assert_int_equal(symlink(wrong[i], note), 0);
        assert_string_equal(key_of(path), key);
    }
}

static void only_what_an_import_would_read_counts_in_a_folder(void **state)
{
    static const char *const others[] = { "d/readme.txt", "d/.hidden.csv", "d/.git/a.csv" };
    static const char *const data[] = {
        "d/b.csv",    "d/b.csv.gz",          "d/B.CSV",
        "d/b.Csv.Gz", "d/run-Manifest.json", "d/1/2/3/4/5/6/7/8/9/10/11/deep.csv"
    };
    const char *before;

    (void)state;
    server_file(&home, "d/a.csv", "x\n");
    before = key_of(server_path(&home, "d"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        server_file(&home, others[i], "1");
        assert_string_equal(key_of(server_path(&home, "d")), before);
    }
    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        server_file(&home, data[i], "1");
        if (strcmp(key_of(server_path(&home, "d")), before) == 0)
            fail_msg("%s does not count", data[i]);
        assert_int_equal(unlink(server_path(&home, data[i])), 0);
    }
}

static void links_are_followed_when_named_but_not_inside_folders(void **state)
{
    const char *secret = server_file(&home, "secret.csv", "secret\n");
    const char *before;

    (void)state;
    server_file(&home, "d/a.csv", "x\n");
    before = key_of(server_path(&home, "d"));
    assert_int_equal(symlink(secret, server_path(&home, "d/link.csv")), 0);
    assert_int_equal(symlink(home.dir, server_path(&home, "d/loop")), 0);
    assert_string_equal(key_of(server_path(&home, "d")), before);
    assert_string_equal(key_of(server_path(&home, "d/link.csv")), key_of(secret));
}

static void what_cannot_be_read_is_named(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(refusal(server_path(&home, "missing.csv"), &err), MCP_ENOTFOUND);
    assert_non_null(strstr(err.message, "missing.csv"));
    assert_non_null(strstr(err.next, "--data"));
    /* A pipe has no content to be known by: the next one would get this one's answers. */
    assert_int_equal(mkfifo(server_path(&home, "pipe"), 0600), 0);
    assert_int_equal(refusal(server_path(&home, "pipe"), &err), MCP_EINVAL);
    assert_non_null(strstr(err.message, "pipe"));
    assert_non_null(strstr(err.next, "import"));
}

static void a_cache_folder_that_is_gone_is_an_error(void **state)
{
    const char *path = old_file("a.csv", "x\n");
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(rmdir(server_path(&home, "cache")), 0);
    assert_int_equal(refusal(path, &err), MCP_EIO);
    assert_non_null(strstr(err.message, "seen-"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_same_content_elsewhere_has_the_same_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(changed_content_has_another_key, setup, teardown),
        cmocka_unit_test_setup_teardown(what_lies_on_either_side_of_a_file_border_counts, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_was_read_is_remembered_by_stat, setup, teardown),
        cmocka_unit_test_setup_teardown(what_has_just_changed_is_not_remembered, setup, teardown),
        cmocka_unit_test_setup_teardown(times_of_no_clock_are_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(a_note_that_is_no_key_is_not_believed, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_an_import_would_read_counts_in_a_folder, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(links_are_followed_when_named_but_not_inside_folders, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_read_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cache_folder_that_is_gone_is_an_error, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
