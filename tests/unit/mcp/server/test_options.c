/* Options: precedence of file, environment and flags, names, secrets, and every row of libmcp. */
#include "mcp/server/options_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct sample {
    bool demo;
    int64_t count;
    int64_t size;
    int64_t wait;
    mcp_str name;
    mcp_str path;
    int kind;
    struct mcp_opt_list hosts;
    struct mcp_opt_list data;
    struct mcp_opt_bind http;
    mcp_str token;
    mcp_str source;
    mcp_str role;
    mcp_str config;
};

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

struct fixture {
    struct mcp_arena *arena;
    struct sample sample;
    struct mcp_opt_table table;
    struct mcp_options options;
    struct mcp_error err;
};

static int setup(void **state)
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

static int teardown(void **state)
{
    struct fixture *f = *state;

    mcp_arena_free(f->arena);
    free(f);
    return 0;
}

/* words: NULL-terminated */
static int load(struct fixture *f, const char *file, const char **words)
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

#define LOAD(f, file, ...) load((f), (file), (const char *[]){ __VA_ARGS__, NULL })

static const char *write_file(const char *text)
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

static int load_yaml(struct fixture *f, const char *text, const char **words)
{
    const char *path = write_file(text);
    int rc = load(f, path, words);

    unlink(path);
    return rc;
}

static void assert_str(mcp_str got, const char *want)
{
    assert_int_equal(got.len, strlen(want));
    assert_memory_equal(got.ptr == NULL ? "" : got.ptr, want, got.len);
}

static void assert_says(const struct fixture *f, const char *part)
{
    if (strstr(f->err.message, part) == NULL && strstr(f->err.next, part) == NULL)
        fail_msg("\"%s\" / \"%s\" does not say \"%s\"", f->err.message, f->err.next, part);
}

static void defaults_apply_without_any_source(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load(f, NULL, NULL), 0);
    assert_int_equal(f->sample.count, 3);
    assert_int_equal(f->sample.size, 4 << 20);
    assert_int_equal(f->sample.wait, 20000);
    assert_int_equal(f->sample.kind, 1);
    assert_false(f->sample.http.set);
    assert_int_equal(f->sample.http.port, -1);
    assert_true(mcp_str_is_null(f->sample.name));
    assert_int_equal(mcp_options_source(&f->options, "count"), MCP_OPT_DEFAULT);
}

static void flag_beats_environment_beats_file(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f, "count: 4\nname: file\nmax_size: 1k\n", NULL), 0);
    assert_int_equal(f->sample.count, 4);
    assert_int_equal(mcp_options_source(&f->options, "count"), MCP_OPT_FILE);
    setenv("T_COUNT", "5", 1);
    setenv("T_NAME", "env", 1);
    assert_int_equal(load_yaml(f, "count: 4\nname: file\nmax_size: 1k\n",
                               (const char *[]){ "--count", "6", NULL }),
                     0);
    assert_int_equal(f->sample.count, 6);
    assert_str(f->sample.name, "env");
    assert_int_equal(f->sample.size, 1024);
    assert_int_equal(mcp_options_source(&f->options, "count"), MCP_OPT_FLAG);
    assert_int_equal(mcp_options_source(&f->options, "name"), MCP_OPT_ENV);
}

static void empty_variable_counts_as_unset(void **state)
{
    struct fixture *f = *state;

    setenv("T_COUNT", "", 1);
    assert_int_equal(load(f, NULL, NULL), 0);
    assert_int_equal(f->sample.count, 3);
}

static void dotted_names_nest_in_the_file_and_are_dashes_in_flags(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        load_yaml(f, "gcp:\n  billing: {source: bq}\n  auth:\n    role-arn: x:y\n", NULL), 0);
    assert_str(f->sample.source, "bq");
    assert_str(f->sample.role, "x:y");
    assert_int_equal(LOAD(f, NULL, "--gcp-billing-source=a", "--gcp-auth-role-arn", "b"), 0);
    assert_str(f->sample.source, "a");
    assert_str(f->sample.role, "b");
}

static void section_of_another_program_is_passed_over(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f,
                               "aws:\n  billing: [1, {a: b}]\n  x: ${NOT_SET_ANYWHERE}\n"
                               "count: 7\n",
                               NULL),
                     0);
    assert_int_equal(f->sample.count, 7);
}

static void words_that_are_no_flag_are_the_rest(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "call", "--demo", "get", "--", "--count", "-"), 0);
    assert_true(f->sample.demo);
    assert_int_equal(f->options.n_rest, 4);
    assert_str(f->options.rest[0], "call");
    assert_str(f->options.rest[1], "get");
    assert_str(f->options.rest[2], "--count");
    assert_str(f->options.rest[3], "-");
}

static void bool_flag_never_eats_the_next_word(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "--demo", "false"), 0);
    assert_true(f->sample.demo);
    assert_int_equal(f->options.n_rest, 1);
    assert_int_equal(LOAD(f, NULL, "--demo=false"), 0);
    assert_false(f->sample.demo);
    assert_int_equal(LOAD(f, NULL, "--demo", "--no-demo"), 0);
    assert_false(f->sample.demo);
    assert_int_equal(LOAD(f, NULL, "--no-demo=true"), MCP_EINVAL);
}

static void list_flag_repeats_and_replaces_the_file(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(
        load_yaml(f, "hosts: [a, b]\n", (const char *[]){ "--hosts", "c,d", "--hosts=e", NULL }),
        0);
    assert_int_equal(f->sample.hosts.count, 3);
    assert_str(f->sample.hosts.items[0], "c");
    assert_str(f->sample.hosts.items[2], "e");
    setenv("T_HOSTS", "x, y ,", 1);
    assert_int_equal(load_yaml(f, "hosts: [a, b, c]\n", NULL), 0);
    assert_int_equal(f->sample.hosts.count, 2);
    assert_str(f->sample.hosts.items[1], "y");
}

static void many_takes_all_words_up_to_the_next_flag(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "--data", "a,1", "b", "c", "d", "e", "--demo", "rest"), 0);
    assert_int_equal(f->sample.data.count, 5);
    assert_str(f->sample.data.items[0], "a,1");
    assert_str(f->sample.data.items[4], "e");
    assert_int_equal(f->options.n_rest, 1);
}

static void variables_are_replaced_in_the_file(void **state)
{
    struct fixture *f = *state;

    setenv("T_INNER", "in", 1);
    assert_int_equal(load_yaml(f, "name: a-${T_INNER}-$${T_INNER}-$x\n", NULL), 0);
    assert_str(f->sample.name, "a-in-${T_INNER}-$x");
    unsetenv("T_INNER");
    assert_int_equal(load_yaml(f, "\n\nname: ${T_INNER}\n", NULL), MCP_EINVAL);
    assert_says(f, "T_INNER");
    assert_says(f, ":3:");
    assert_int_equal(load_yaml(f, "name: ${T-INNER}\n", NULL), MCP_EINVAL);
    assert_int_equal(load_yaml(f, "name: ${T_INNER\n", NULL), MCP_EINVAL);
}

static void path_expands_home_and_variables(void **state)
{
    struct fixture *f = *state;

    setenv("HOME", "/home/x", 1);
    setenv("T_DIR", "d", 1);
    assert_int_equal(LOAD(f, NULL, "--path", "~/a/${T_DIR}"), 0);
    assert_str(f->sample.path, "/home/x/a/d");
    assert_int_equal(LOAD(f, NULL, "--path", "~"), 0);
    assert_str(f->sample.path, "/home/x");
    assert_int_equal(LOAD(f, NULL, "--path", "a~/b"), 0);
    assert_str(f->sample.path, "a~/b");
}

static void unknown_key_names_file_line_and_the_nearest(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f, "demo: true\ncuont: 4\n", NULL), MCP_EINVAL);
    assert_says(f, ":2:");
    assert_says(f, "\"cuont\"");
    assert_says(f, "did you mean \"count\"");
    assert_int_equal(load_yaml(f, "gcp:\n  biling:\n    source: x\n", NULL), MCP_EINVAL);
    assert_says(f, "gcp.biling");
    assert_says(f, "gcp.billing.source");
    assert_int_equal(load_yaml(f, "config: x\n", NULL), MCP_EINVAL);
}

static void unknown_flag_offers_the_nearest_and_hides_its_value(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "--cuont=hush"), MCP_EINVAL);
    assert_says(f, "unknown flag --cuont");
    assert_says(f, "did you mean --count");
    assert_null(strstr(f->err.message, "hush"));
    assert_int_equal(LOAD(f, NULL, "-x"), MCP_EINVAL);
    assert_int_equal(LOAD(f, NULL, "--count"), MCP_EINVAL);
    assert_says(f, "needs a value");
}

static void secret_is_refused_as_flag_and_masked_when_printed(void **state)
{
    struct fixture *f = *state;
    struct mcp_buf out;

    assert_int_equal(LOAD(f, NULL, "--token=hushhush"), MCP_EINVAL);
    assert_says(f, "T_TOKEN");
    assert_says(f, "configuration file");
    assert_null(strstr(f->err.message, "hushhush"));
    setenv("T_TOKEN", "hushhush", 1);
    assert_int_equal(load(f, NULL, NULL), 0);
    assert_str(f->sample.token, "hushhush");
    mcp_buf_init(&out, 65536);
    mcp_options_print(&f->options, &out);
    mcp_buf_char(&out, '\0');
    assert_int_equal(mcp_buf_error(&out), 0);
    assert_null(strstr(out.ptr, "hushhush"));
    assert_non_null(strstr(out.ptr, "# token: (secret, set) # environment T_TOKEN"));
    mcp_buf_release(&out);
}

static void wrong_values_say_what_is_wanted(void **state)
{
    static const struct {
        const char *flag, *value, *says;
    } cases[] = {
        { "--count", "0", "from 1 to 9" },
        { "--count", "10", "from 1 to 9" },
        { "--count", "four", "whole number" },
        { "--count", "99999999999999999999", "whole number" },
        { "--wait", "20", "needs a unit" },
        { "--wait", "20x", "20s" },
        { "--wait", "9223372036854775807d", "too large" },
        { "--max-size", "4XB", "4MiB" },
        { "--max-size", "", "4MiB" },
        { "--kind", "pink", "red|green|blue" },
        { "--http=nonsense", NULL, "HOST:PORT" },
        { "--http=1:2:3", NULL, "[IPV6]:PORT" },
        { "--http=:80", NULL, "HOST:PORT" },
        { "--http=h:65536", NULL, "HOST:PORT" },
        { "--http=h:-1", NULL, "HOST:PORT" },
        { "--demo=maybe", NULL, "true or false" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(load(f, NULL, (const char *[]){ cases[i].flag, cases[i].value, NULL }),
                         MCP_EINVAL);
        assert_says(f, cases[i].says);
    }
}

static void units_are_understood(void **state)
{
    static const struct {
        const char *size;
        int64_t bytes;
    } sizes[] = { { "0", 0 },           { "17", 17 },    { "4k", 4096 },   { "4K", 4096 },
                  { "1 MiB", 1048576 }, { "2kB", 2000 }, { "1G", 1 << 30 } };
    static const struct {
        const char *time;
        int64_t ms;
    } times[] = { { "0", 0 }, { "5ms", 5 }, { "20s", 20000 }, { "5m", 300000 }, { "1h", 3600000 } };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(LOAD(f, NULL, "--max-size", sizes[i].size), 0);
        assert_int_equal(f->sample.size, sizes[i].bytes);
    }
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        assert_int_equal(LOAD(f, NULL, "--wait", times[i].time), 0);
        assert_int_equal(f->sample.wait, times[i].ms);
    }
}

static void http_takes_the_next_word_only_when_it_is_a_place(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "--http", "8080"), 0);
    assert_true(f->sample.http.set);
    assert_int_equal(f->sample.http.port, 8080);
    assert_int_equal(f->sample.http.host.len, 0);
    assert_int_equal(LOAD(f, NULL, "--http", "[::1]:0"), 0);
    assert_int_equal(f->sample.http.port, 0);
    assert_str(f->sample.http.host, "::1");
    assert_int_equal(LOAD(f, NULL, "--http", "localhost:1"), 0);
    assert_str(f->sample.http.host, "localhost");
    assert_int_equal(LOAD(f, NULL, "--http", "call"), 0);
    assert_true(f->sample.http.set);
    assert_int_equal(f->sample.http.port, -1);
    assert_int_equal(f->options.n_rest, 1);
}

static void port_variable_counts_only_for_bare_http_or_cloud_run(void **state)
{
    struct fixture *f = *state;

    setenv("PORT", "9090", 1);
    assert_int_equal(load(f, NULL, NULL), 0);
    assert_false(f->sample.http.set);
    assert_int_equal(LOAD(f, NULL, "--http", "1.2.3.4:7"), 0);
    assert_int_equal(f->sample.http.port, 7);
    assert_int_equal(LOAD(f, NULL, "--http"), 0);
    assert_int_equal(f->sample.http.port, 9090);
    assert_str(f->sample.http.host, "0.0.0.0");
    setenv("K_SERVICE", "svc", 1);
    assert_int_equal(load(f, NULL, NULL), 0);
    assert_true(f->sample.http.set);
    assert_int_equal(f->sample.http.port, 9090);
    setenv("PORT", "x", 1);
    assert_int_equal(load(f, NULL, NULL), MCP_EINVAL);
    assert_says(f, "PORT");
}

static void hostile_files_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "count: 4\ncount: 5\n", ":2: count stands twice" },
        { "- a\n- b\n", "key: value" },
        { "just words\n", "key: value" },
        { "count: [1, 2]\n", "not a list" },
        { "count: {a: 1}\n", "not a section" },
        { "gcp: word\n", "section" },
        { "gcp:\n  billing: 4\n", ":2:" },
        { "hosts: [a, [b]]\n", "plain values" },
        { "hosts: [a, {b: c}]\n", "plain values" },
        { "name: &a x\ncount: *a\n", "not a reference" },
        { "? [a, b]\n: c\n", "plain word" },
        { "name: \"a\\0b\"\n", "NUL" },
        { "name: 'x\n", "scalar" },
        { "name: x\n---\nname: y\n", "second document" },
        { "name: \xff\n", ":1:" },
        { "\tname: x\n", ":1:" },
        { "count: 99\n", "from 1 to 9" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(load_yaml(f, cases[i].text, NULL), MCP_EINVAL);
        assert_says(f, cases[i].says);
    }
}

static void null_and_empty_file_leave_the_defaults(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f, "", NULL), 0);
    assert_int_equal(load_yaml(f, "# nothing\n", NULL), 0);
    assert_int_equal(load_yaml(f, "count:\nkind: ~\ngcp:\nname: ''\n", NULL), 0);
    assert_int_equal(f->sample.count, 3);
    assert_int_equal(f->sample.kind, 1);
    assert_int_equal(mcp_options_source(&f->options, "count"), MCP_OPT_DEFAULT);
    assert_int_equal(mcp_options_source(&f->options, "name"), MCP_OPT_FILE);
}

static void missing_or_oversized_file_is_a_configuration_error(void **state)
{
    struct fixture *f = *state;
    char *big = malloc(MCP__OPT_FILE_MAX + 100);

    assert_int_equal(load(f, "/nonexistent/config.yaml", NULL), MCP_ECONFIG);
    assert_says(f, "/nonexistent/config.yaml");
    assert_non_null(big);
    memset(big, '#', MCP__OPT_FILE_MAX + 99);
    big[MCP__OPT_FILE_MAX + 99] = '\0';
    assert_int_equal(load_yaml(f, big, NULL), MCP_ECONFIG);
    free(big);
}

static void config_flag_is_found_before_everything(void **state)
{
    char *argv[] = { (char[]){ "call" },       (char[]){ "--config" }, (char[]){ "a" },
                     (char[]){ "--config=b" }, (char[]){ "--" },       (char[]){ "--config=c" } };

    (void)state;
    assert_str(mcp_options_config_arg(6, argv), "b");
    assert_true(mcp_str_is_null(mcp_options_config_arg(1, argv)));
}

static void default_file_is_found_only_where_it_exists(void **state)
{
    struct fixture *f = *state;
    char base[] = "/tmp/test_options_dir_XXXXXX", dir[128], path[160];
    FILE *file;

    assert_non_null(mkdtemp(base));
    setenv("XDG_CONFIG_HOME", base, 1);
    assert_true(mcp_str_is_null(mcp_options_default_file("prod", f->arena)));
    snprintf(dir, sizeof(dir), "%s/prod", base);
    assert_int_equal(mkdir(dir, 0700), 0);
    snprintf(path, sizeof(path), "%s/config.yaml", dir);
    file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_str(mcp_options_default_file("prod", f->arena), path);
    unlink(path);
    rmdir(dir);
    rmdir(base);
    unsetenv("XDG_CONFIG_HOME");
}

static void find_flag_knows_every_form(void **state)
{
    struct fixture *f = *state;

    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--demo")), &rows[0]);
    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--no-demo")), &rows[0]);
    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--count=3")), &rows[1]);
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("--no-count")));
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("count")));
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("--aws")));
}

/* Prints, reads the print back as the file, prints again: all but the sources must agree. */
static void round_trip(struct mcp_arena *arena, const struct mcp_opt_table *table, size_t bytes,
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

static void printed_configuration_reads_back_the_same(void **state)
{
    char *argv[] = {
        (char[]){ "--name=a \"b\" ${X} #\n\\ \xc3\xa9" },
        (char[]){ "--http=[::1]:80" },
        (char[]){ "--hosts=a,b c" },
        (char[]){ "--data=x, y" },
        (char[]){ "--wait=90s" },
        (char[]){ "--max-size=1536" },
    };
    struct fixture *f = *state;

    round_trip(f->arena, &f->table, sizeof(f->sample), argv, 6);
    round_trip(f->arena, &f->table, sizeof(f->sample), argv, 0);
}

/* A value of the row's type that is not its default, as text. */
static const char *other_value(const struct mcp_opt *opt)
{
    static char text[64];
    const char *unit = opt->type == MCP_OPT_MS ? "ms" : "";

    switch (opt->type) {
    case MCP_OPT_BOOL:
        return "true";
    case MCP_OPT_INT:
    case MCP_OPT_BYTES:
    case MCP_OPT_MS:
        snprintf(text, sizeof(text), "%lld%s", (long long)opt->max - 1, unit);
        return text;
    case MCP_OPT_ENUM:
        return strrchr(opt->words, '|') + 1;
    case MCP_OPT_HTTP:
        return "10.0.0.1:1234";
    default:
        return "some,thing";
    }
}

static void each_row_of_libmcp_round_trips_from_every_source(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_config config;
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &config };

    for (size_t i = 0; i < mcp_n_app_opts; i++) {
        const struct mcp_opt *opt = &mcp_app_opts[i];
        char flag[256], name[MCP__OPT_NAME_MAX];
        char *argv[] = { flag };
        struct mcp_options options;
        struct mcp_error err = { 0 };

        assert_non_null(opt->env);
        assert_non_null(opt->help);
        assert_non_null(opt->group);
        mcp__opt_flag_name(opt, name);
        snprintf(flag, sizeof(flag), "--%s=%s", name, other_value(opt));
        if ((opt->flags & MCP_OPT_SECRET) == 0)
            round_trip(f->arena, &table, sizeof(config), argv, 1);
        memset(&config, 0, sizeof(config));
        setenv(opt->env, other_value(opt), 1);
        assert_int_equal(
            mcp_options_load(&options, &table, 1, MCP_STR_NULL, 0, NULL, f->arena, &err), 0);
        assert_int_equal(mcp_options_source(&options, opt->name), MCP_OPT_ENV);
        unsetenv(opt->env);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(opt->name, mcp_app_opts[k].name);
            assert_string_not_equal(opt->env, mcp_app_opts[k].env);
        }
    }
}

static void limits_of_libmcp_are_the_designed_ones(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_config c = { 0 };
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &c };
    struct mcp_options options;

    assert_int_equal(mcp_options_load(&options, &table, 1, MCP_STR_NULL, 0, NULL, f->arena, NULL),
                     0);
    assert_int_equal(c.max_body_bytes, 4 << 20);
    assert_int_equal(c.max_header_bytes, 16 << 10);
    assert_int_equal(c.max_connections, 1000);
    assert_int_equal(c.max_sessions, 1000);
    assert_int_equal(c.max_queue, 256);
    assert_int_equal(c.max_upstream_bytes_total, 64 << 20);
    assert_int_equal(c.max_json_tokens, 262144);
    assert_int_equal(c.header_timeout_ms, 10000);
    assert_int_equal(c.idle_timeout_ms, 75000);
    assert_int_equal(c.session_idle_ms, 1800000);
    assert_int_equal(c.workers, 80);
    assert_int_equal(c.deadline_ms, 20000);
    assert_int_equal(c.auth, MCP_AUTH_NONE);
    assert_int_equal(c.log_level, 2);
    assert_false(c.http.set);
}

static void help_fits_eighty_columns_and_names_every_flag(void **state)
{
    struct fixture *f = *state;
    struct mcp_opt_table tables[] = { { mcp_app_opts, mcp_n_app_opts, NULL }, f->table };
    struct mcp_buf out;
    mcp_str text, line;

    mcp_buf_init(&out, 1 << 16);
    mcp_options_help(tables, 2, &out);
    assert_int_equal(mcp_buf_error(&out), 0);
    text = mcp_buf_view(&out);
    for (bool more = true; more;) {
        more = mcp_str_cut(&text, '\n', &line);
        if (line.len > 80)
            fail_msg("%zu columns: %.*s", line.len, MCP_STR_ARG(line));
    }
    mcp_buf_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "  --http [[HOST:]PORT]"));
    assert_non_null(strstr(out.ptr, "  --gcp-billing-source TEXT"));
    assert_non_null(strstr(out.ptr, "  --data FILE..."));
    assert_non_null(strstr(out.ptr, "  T_TOKEN"));
    assert_null(strstr(out.ptr, "--token"));
    assert_null(strstr(out.ptr, "aws"));
    mcp_buf_clear(&out);
    mcp_options_mdoc(tables, 2, &out);
    mcp_buf_char(&out, '\0');
    assert_non_null(strstr(out.ptr, ".It Fl \\-max\\-size Ar SIZE\n") == NULL
                        ? strstr(out.ptr, ".It Fl \\-max-size Ar SIZE\n")
                        : out.ptr);
    mcp_buf_release(&out);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(defaults_apply_without_any_source),
        T(flag_beats_environment_beats_file),
        T(empty_variable_counts_as_unset),
        T(dotted_names_nest_in_the_file_and_are_dashes_in_flags),
        T(section_of_another_program_is_passed_over),
        T(words_that_are_no_flag_are_the_rest),
        T(bool_flag_never_eats_the_next_word),
        T(list_flag_repeats_and_replaces_the_file),
        T(many_takes_all_words_up_to_the_next_flag),
        T(variables_are_replaced_in_the_file),
        T(path_expands_home_and_variables),
        T(unknown_key_names_file_line_and_the_nearest),
        T(unknown_flag_offers_the_nearest_and_hides_its_value),
        T(secret_is_refused_as_flag_and_masked_when_printed),
        T(wrong_values_say_what_is_wanted),
        T(units_are_understood),
        T(http_takes_the_next_word_only_when_it_is_a_place),
        T(port_variable_counts_only_for_bare_http_or_cloud_run),
        T(hostile_files_are_refused_with_their_line),
        T(null_and_empty_file_leave_the_defaults),
        T(missing_or_oversized_file_is_a_configuration_error),
        T(config_flag_is_found_before_everything),
        T(default_file_is_found_only_where_it_exists),
        T(find_flag_knows_every_form),
        T(printed_configuration_reads_back_the_same),
        T(each_row_of_libmcp_round_trips_from_every_source),
        T(limits_of_libmcp_are_the_designed_ones),
        T(help_fits_eighty_columns_and_names_every_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
