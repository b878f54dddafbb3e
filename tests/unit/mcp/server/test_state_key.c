/* The key for cursors: one private file per user, made once, or a key of this process. */
#include "mcp/server/state_key.h"

#include <mcp/arena.h>
#include <mcp/log.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    char base[64];
    char folder[96];
    char file[128];
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    memcpy(f->base, "/tmp/test_state_key_XXXXXX", sizeof("/tmp/test_state_key_XXXXXX"));
    if (mkdtemp(f->base) == NULL)
        return -1;
    snprintf(f->folder, sizeof(f->folder), "%s/a/prod", f->base);
    snprintf(f->file, sizeof(f->file), "%s/state.key", f->folder);
    setenv("XDG_STATE_HOME", f->base, 1);
    mcp_log_level = MCP_LOG_OFF;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    char parent[96];

    snprintf(parent, sizeof(parent), "%s/a", f->base);
    unlink(f->file);
    rmdir(f->folder);
    rmdir(parent);
    rmdir(f->base);
    unsetenv("XDG_STATE_HOME");
    free(f);
    return 0;
}

/* The key as text, or the code. */
static int get(mcp_str option, const char *dir, char out[65], struct mcp_error *err)
{
    struct mcp__state_key k;
    mcp_str key;
    int rc = mcp__state_key_init(&k, option, dir, err);

    if (rc == 0)
        rc = mcp__state_key_get(&k, &key, err);
    if (rc == 0) {
        assert_in_range(key.len, 32, 64);
        memcpy(out, key.ptr, key.len);
        out[key.len] = '\0';
    }
    mcp__state_key_release(&k);
    return rc;
}

static void file_is_made_private_at_first_need_and_read_after(void **state)
{
    struct fixture *f = *state;
    struct mcp__state_key k;
    struct stat st;
    char first[65], second[65];

    /* No need, no file. */
    assert_int_equal(mcp__state_key_init(&k, MCP_STR_NULL, "a/prod", NULL), 0);
    mcp__state_key_release(&k);
    assert_int_not_equal(access(f->folder, F_OK), 0);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", first, NULL), 0);
    assert_int_equal(stat(f->file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 64);
    assert_int_equal(stat(f->folder, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", second, NULL), 0);
    assert_string_equal(first, second);
}

static void file_that_others_can_read_is_refused(void **state)
{
    struct fixture *f = *state;
    struct mcp_error err = { .err = MCP_OK };
    char key[65];

    assert_int_equal(get(MCP_STR_NULL, "a/prod", key, NULL), 0);
    assert_int_equal(chmod(f->file, 0644), 0);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", key, &err), MCP_ECONFIG);
    assert_non_null(strstr(err.next, "chmod 600"));
}

static void cut_file_and_link_are_refused(void **state)
{
    struct fixture *f = *state;
    char key[65], target[128];

    assert_int_equal(get(MCP_STR_NULL, "a/prod", key, NULL), 0);
    assert_int_equal(truncate(f->file, 63), 0);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", key, NULL), MCP_ECONFIG);
    snprintf(target, sizeof(target), "%s/elsewhere", f->base);
    assert_int_equal(rename(f->file, target), 0);
    assert_int_equal(symlink(target, f->file), 0);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", key, NULL), MCP_ECONFIG);
    unlink(target);
}

static void option_wins_and_must_be_long_enough(void **state)
{
    struct fixture *f = *state;
    char key[65];

    assert_int_equal(get(MCP_STR("0123456789abcdef0123456789abcdef"), "a/prod", key, NULL), 0);
    assert_string_equal(key, "0123456789abcdef0123456789abcdef");
    assert_int_not_equal(access(f->file, F_OK), 0);
    assert_int_equal(get(MCP_STR("short"), "a/prod", key, NULL), MCP_ECONFIG);
}

static void process_key_differs_each_time_and_writes_nothing(void **state)
{
    struct fixture *f = *state;
    char first[65], second[65];

    assert_int_equal(get(MCP_STR_NULL, NULL, first, NULL), 0);
    assert_int_equal(get(MCP_STR_NULL, NULL, second, NULL), 0);
    assert_string_not_equal(first, second);
    assert_int_not_equal(access(f->file, F_OK), 0);
    /* Nowhere to keep a file: still a key. */
    setenv("XDG_STATE_HOME", "/proc/nowhere", 1);
    assert_int_equal(get(MCP_STR_NULL, "a/prod", first, NULL), 0);
}

struct racer {
    pthread_t thread;
    char key[65];
};

static void *race(void *arg)
{
    struct racer *r = arg;

    MCP_BUG_ON(get(MCP_STR_NULL, "a/prod", r->key, NULL) < 0);
    return NULL;
}

static void racing_processes_agree_on_one_key(void **state)
{
    struct racer racers[8];

    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&racers[i].thread, NULL, race, &racers[i]), 0);
    for (size_t i = 0; i < 8; i++) {
        pthread_join(racers[i].thread, NULL);
        assert_string_equal(racers[i].key, racers[0].key);
    }
}

static void sealer_opens_what_it_sealed(void **state)
{
    struct mcp__state_key k;
    struct mcp_sealer s;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str sealed, plain;

    (void)state;
    assert_non_null(arena);
    assert_int_equal(mcp__state_key_init(&k, MCP_STR_NULL, "a/prod", NULL), 0);
    s = mcp__state_key_sealer(&k);
    assert_int_equal(s.seal(s.ctx, arena, MCP_STR("for"), MCP_STR("text"), &sealed, NULL), 0);
    assert_int_equal(s.open(s.ctx, arena, MCP_STR("for"), sealed, &plain, NULL), 0);
    assert_true(mcp_str_eq(plain, MCP_STR("text")));
    assert_int_equal(s.open(s.ctx, arena, MCP_STR("other"), sealed, &plain, NULL), MCP_EINVAL);
    mcp__state_key_release(&k);
    mcp_arena_free(arena);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(file_is_made_private_at_first_need_and_read_after),
        T(file_that_others_can_read_is_refused),
        T(cut_file_and_link_are_refused),
        T(option_wins_and_must_be_long_enough),
        T(process_key_differs_each_time_and_writes_nothing),
        T(racing_processes_agree_on_one_key),
        T(sealer_opens_what_it_sealed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
