/* One table with a row of each type, and how tests load it. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define ROW(t, n, f, ...) MCP_OPT(t, n, struct sample, f, __VA_ARGS__)
static const struct mcp_opt rows[] = {
    ROW(MCP_OPT_BOOL, "demo", demo, .help = "serve made-up data"),
    ROW(MCP_OPT_INT, "count", count, .fallback = "3", .min = 1, .max = 9, .env = "T_COUNT",
        .help = "how many"),
    ROW(MCP_OPT_BYTES, "max_size", size, .fallback = "4MiB", .help = "how big"),
    ROW(MCP_OPT_MS, "wait", wait, .fallback = "20s", .help = "how long"),
    ROW(MCP_OPT_STR, "name", name, .env = "T_NAME", .help = "what it is called"),
    ROW(MCP_OPT_PATH, "path", path, .help = "where"),
    ROW(MCP_OPT_ENUM, "kind", kind, .words = "red|green|blue", .fallback = "green", .help = "hue"),
    ROW(MCP_OPT_LIST, "hosts", hosts, .env = "T_HOSTS", .help = "who"),
    ROW(MCP_OPT_LIST, "data", data, .flags = MCP_OPT_MANY, .arg = "FILE", .help = "files"),
    ROW(MCP_OPT_HTTP, "http", http, .env = "T_HTTP", .help = "serve HTTP"),
    ROW(MCP_OPT_STR, "token", token, .env = "T_TOKEN", .flags = MCP_OPT_SECRET, .help = "key"),
    ROW(MCP_OPT_STR, "gcp.billing.source", source, .fallback = "export", .help = "which"),
    ROW(MCP_OPT_STR, "gcp.auth.role_arn", role, .help = "role"),
    ROW(MCP_OPT_STR, "config", config, .flags = MCP_OPT_FLAG_ONLY, .help = "file"),
    { .name = "aws", .type = MCP_OPT_SKIP },
};

int options_setup(void **state)
{
    static const char *const clean[] = { "T_COUNT", "T_NAME", "T_HOSTS",  "T_HTTP",
                                         "T_TOKEN", "PORT",   "K_SERVICE" };
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    for (size_t i = 0; i < sizeof(clean) / sizeof(clean[0]); i++)
        unsetenv(clean[i]);
    f->arena = mcp_arena_new(0, 0);
    f->table = (struct mcp_opt_table){ rows, sizeof(rows) / sizeof(rows[0]), &f->sample };
    *state = f;
    return f->arena == NULL ? -1 : 0;
}

int options_teardown(void **state)
{
    struct fixture *f = *state;

    mcp_arena_free(f->arena);
    free(f);
    return 0;
}

int load(struct fixture *f, const char *file, const char **words)
{
    char *argv[32];
    int argc = 0;

    memset(&f->sample, 0, sizeof(f->sample));
    mcp_error_clear(&f->err);
    while (words != NULL && words[argc] != NULL) {
        argv[argc] = strdup(words[argc]);
        argc++;
    }
    int rc =
        mcp_options_load(&f->options, &f->table, 1, mcp_str_z(file), argc, argv, f->arena, &f->err);
    /* Values must not borrow from argv. */
    for (int i = 0; i < argc; i++) {
        memset(argv[i], 'x', strlen(argv[i]));
        free(argv[i]);
    }
    return rc;
}

const char *write_file(const char *text)
{
    static char path[64];
    FILE *file;
    int fd;

    memcpy(path, "/tmp/test_options_XXXXXX", sizeof("/tmp/test_options_XXXXXX"));
    fd = mkstemp(path);
    assert_true(fd >= 0);
    file = fdopen(fd, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    return path;
}

int load_yaml(struct fixture *f, const char *text, const char **words)
{
    const char *path = write_file(text);
    int rc = load(f, path, words);

    unlink(path);
    return rc;
}

void assert_str(mcp_str got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr == NULL ? "" : got.ptr, want, got.len);
}

void assert_says(const struct fixture *f, const char *part)
{
    if (strstr(f->err.message, part) == NULL && strstr(f->err.next, part) == NULL)
        fail_msg("\"%s\" / \"%s\" does not say \"%s\"", f->err.message, f->err.next, part);
}

void round_trip(struct mcp_arena *arena, const struct mcp_opt_table *table, size_t bytes,
                char **argv, int argc)
{
    struct mcp_options first, second;
    struct mcp_opt_table again = *table;
    struct mcp_error err = { 0 };
    struct mcp_buf a, b;
    void *copy = calloc(1, bytes);
    const char *path;

    assert_non_null(copy);
    again.target = copy;
    memset(table->target, 0, bytes);
    if (mcp_options_load(&first, table, 1, MCP_STR_NULL, argc, argv, arena, &err) < 0)
        fail_msg("%s", err.message);
    mcp_buf_init(&a, 1 << 20);
    mcp_buf_init(&b, 1 << 20);
    mcp_options_print(&first, &a);
    mcp_buf_char(&a, '\0');
    path = write_file(a.ptr);
    if (mcp_options_load(&second, &again, 1, mcp_str_z(path), 0, NULL, arena, &err) < 0)
        fail_msg("%s in\n%s", err.message, a.ptr);
    unlink(path);
    for (size_t i = 0; i < table->count; i++) {
        mcp_buf_clear(&a);
        mcp_buf_clear(&b);
        if (table->opts[i].type == MCP_OPT_SKIP || (table->opts[i].flags & MCP_OPT_SECRET) != 0)
            continue;
        mcp__opt_format(&table->opts[i], table->target, &a);
        mcp__opt_format(&table->opts[i], copy, &b);
        if (!mcp_str_eq(mcp_buf_view(&a), mcp_buf_view(&b)))
            fail_msg("%s: %.*s became %.*s", table->opts[i].name, MCP_STR_ARG(mcp_buf_view(&a)),
                     MCP_STR_ARG(mcp_buf_view(&b)));
        if ((table->opts[i].flags & MCP_OPT_FLAG_ONLY) == 0)
            assert_int_equal(mcp_options_source(&second, table->opts[i].name), MCP_OPT_FILE);
    }
    mcp_buf_release(&a);
    mcp_buf_release(&b);
    free(copy);
}
