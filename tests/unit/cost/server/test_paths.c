/* Where files go: the XDG variables, what is ignored, and a shared temporary folder. */
#include "cost/server/paths.h"
#include "server_help.h"

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
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    server_home_end(&home);
    return 0;
}

static void a_relative_base_is_ignored(void **state)
{
    static const struct {
        const char *data_home, *home, *want;
    } cases[] = {
        { "/data", "/home/a", "/data/mcp-cost/x.db" },
        { NULL, "/home/a", "/home/a/.local/share/mcp-cost/x.db" },
        { "", "/home/a", "/home/a/.local/share/mcp-cost/x.db" },
        { "data", "/home/a", "/home/a/.local/share/mcp-cost/x.db" },
        { "../data", NULL, NULL },
        { "/data", NULL, "/data/mcp-cost/x.db" },
        { NULL, "home", NULL },
        { NULL, "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_str path;

        unsetenv("XDG_DATA_HOME");
        unsetenv("HOME");
        if (cases[i].data_home != NULL)
            setenv("XDG_DATA_HOME", cases[i].data_home, 1);
        if (cases[i].home != NULL)
            setenv("HOME", cases[i].home, 1);
        path = cost__path_data(arena, "x.db");
        if (cases[i].want == NULL)
            assert_true(mcp_str_is_null(path));
        else
            assert_string_equal(path.ptr, cases[i].want);
    }
}

static void the_configuration_has_its_own_variable(void **state)
{
    (void)state;
    setenv("XDG_DATA_HOME", "/data", 1);
    setenv("HOME", "/home/a", 1);
    assert_string_equal(cost__path_config(arena, "c.yaml").ptr, "/home/a/.config/mcp-cost/c.yaml");
    setenv("XDG_CONFIG_HOME", "/etc/a", 1);
    assert_string_equal(cost__path_config(arena, "c.yaml").ptr, "/etc/a/mcp-cost/c.yaml");
}

static void the_cache_folder_is_made_for_its_owner_alone(void **state)
{
    struct mcp_error err = { 0 };
    struct stat st;
    mcp_str dir;

    (void)state;
    setenv("XDG_CACHE_HOME", server_path(&home, "deep/er"), 1);
    assert_int_equal(cost__path_cache_dir(arena, &dir, &err), 0);
    assert_string_equal(dir.ptr, server_path(&home, "deep/er/mcp-cost"));
    assert_int_equal(stat(dir.ptr, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    /* And once more, when it is there. */
    assert_int_equal(cost__path_cache_dir(arena, &dir, &err), 0);
}

/* What a process without a usable home gets. */
static const char *temporary(void)
{
    static char name[64];

    snprintf(name, sizeof(name), "mcp-cost-%u", (unsigned)getuid());
    return server_path(&home, name);
}

static void without_a_home_the_cache_is_in_tmpdir(void **state)
{
    static const char *const homes[] = { NULL, "", "relative" };
    struct mcp_error err = { 0 };
    mcp_str dir;

    (void)state;
    for (size_t i = 0; i < sizeof(homes) / sizeof(homes[0]); i++) {
        unsetenv("HOME");
        if (homes[i] != NULL)
            setenv("HOME", homes[i], 1);
        assert_int_equal(cost__path_cache_dir(arena, &dir, &err), 0);
        assert_string_equal(dir.ptr, temporary());
    }
}

static void a_cache_home_that_is_no_folder_falls_back_to_tmpdir(void **state)
{
    static const char *const files[] = { ".cache", ".cache/mcp-cost" };
    struct mcp_error err = { 0 };
    mcp_str dir;

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        server_file(&home, files[i], "a file in the way");
        assert_int_equal(cost__path_cache_dir(arena, &dir, &err), 0);
        assert_string_equal(dir.ptr, temporary());
        unlink(server_path(&home, files[i]));
    }
}

static void a_temporary_folder_of_others_is_refused(void **state)
{
    struct mcp_error err = { 0 };
    mcp_str dir;

    (void)state;
    unsetenv("HOME");
    assert_int_equal(mkdir(temporary(), 0700), 0);
    assert_int_equal(chmod(temporary(), 0770), 0);
    assert_int_equal(cost__path_cache_dir(arena, &dir, &err), MCP_EIO);
    assert_non_null(strstr(err.next, "XDG_CACHE_HOME"));
    assert_int_equal(rmdir(temporary()), 0);

    /* A link to a folder of our own, planted by somebody else. */
    mcp_error_clear(&err);
    assert_int_equal(mkdir(server_path(&home, "ours"), 0700), 0);
    assert_int_equal(symlink(server_path(&home, "ours"), temporary()), 0);
    assert_int_equal(cost__path_cache_dir(arena, &dir, &err), MCP_EIO);
    assert_int_equal(unlink(temporary()), 0);

    mcp_error_clear(&err);
    assert_int_equal(mkdir(temporary(), 0700), 0);
    if (getuid() == 0) {
        assert_int_equal(chown(temporary(), 12345, 12345), 0);
        assert_int_equal(cost__path_cache_dir(arena, &dir, &err), MCP_EIO);
        assert_int_equal(chown(temporary(), 0, 0), 0);
        mcp_error_clear(&err);
    }
    assert_int_equal(cost__path_cache_dir(arena, &dir, &err), 0);
}

static void parents_are_made_and_a_file_in_the_way_is_named(void **state)
{
    struct mcp_error err = { 0 };
    struct stat st;

    (void)state;
    assert_int_equal(
        cost__path_make_parent(arena, mcp_str_z(server_path(&home, "a/b//c/x.db")), &err), 0);
    assert_int_equal(stat(server_path(&home, "a/b/c"), &st), 0);
    assert_int_equal(stat(server_path(&home, "a/b/c/x.db"), &st), -1);
    assert_int_equal(cost__path_make_parent(arena, MCP_STR("/x.db"), &err), 0);
    assert_int_equal(cost__path_make_parent(arena, MCP_STR("x.db"), &err), 0);

    server_file(&home, "file", "");
    assert_int_equal(
        cost__path_make_parent(arena, mcp_str_z(server_path(&home, "file/x.db")), &err), MCP_EIO);
    assert_non_null(strstr(err.message, server_path(&home, "file")));
    mcp_error_clear(&err);
    assert_int_equal(
        cost__path_make_parent(arena, mcp_str_z(server_path(&home, "file/deep/x.db")), &err),
        MCP_EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_relative_base_is_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(the_configuration_has_its_own_variable, setup, teardown),
        cmocka_unit_test_setup_teardown(the_cache_folder_is_made_for_its_owner_alone, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_a_home_the_cache_is_in_tmpdir, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cache_home_that_is_no_folder_falls_back_to_tmpdir, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_temporary_folder_of_others_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(parents_are_made_and_a_file_in_the_way_is_named, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
