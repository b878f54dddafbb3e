/* Options: precedence of file, environment and flags, names, lists and secrets. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

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

static void unknown_flag_offers_the_nearest_and_hides_its_value(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(LOAD(f, NULL, "--cuont=hush"), MCP_EINVAL);
    assert_says(f, "unknown flag --cuont");
    assert_says(f, "Did you mean --count");
    assert_null(strstr(f->err.message, "hush"));
    assert_int_equal(LOAD(f, NULL, "-x"), MCP_EINVAL);
    assert_int_equal(LOAD(f, NULL, "--count"), MCP_EINVAL);
    assert_says(f, "needs a value");
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

    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--demo")), &f->table.opts[0]);
    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--no-demo")), &f->table.opts[0]);
    assert_ptr_equal(mcp_options_find_flag(&f->table, 1, MCP_STR("--count=3")), &f->table.opts[1]);
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("--no-count")));
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("count")));
    assert_null(mcp_options_find_flag(&f->table, 1, MCP_STR("--aws")));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, options_setup, options_teardown)
    const struct CMUnitTest tests[] = {
        T(defaults_apply_without_any_source),
        T(flag_beats_environment_beats_file),
        T(empty_variable_counts_as_unset),
        T(dotted_names_nest_in_the_file_and_are_dashes_in_flags),
        T(words_that_are_no_flag_are_the_rest),
        T(bool_flag_never_eats_the_next_word),
        T(list_flag_repeats_and_replaces_the_file),
        T(many_takes_all_words_up_to_the_next_flag),
        T(unknown_flag_offers_the_nearest_and_hides_its_value),
        T(http_takes_the_next_word_only_when_it_is_a_place),
        T(port_variable_counts_only_for_bare_http_or_cloud_run),
        T(config_flag_is_found_before_everything),
        T(default_file_is_found_only_where_it_exists),
        T(find_flag_knows_every_form),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
