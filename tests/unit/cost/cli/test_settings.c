/* What a program was told: its command, its file, its environment, its flags. */
#include "cli_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MAX_WORDS 16

static struct server_home home;
static struct mcp_arena *arena;
static struct cost__settings settings;

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    unsetenv("MCP_COST_BUDGETS");
    unsetenv("MCP_COST_DATASET");
    settings = (struct cost__settings){ 0 };
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int teardown(void **state)
{
    (void)state;
    unsetenv("MCP_COST_BUDGETS");
    mcp_arena_free(arena);
    server_home_end(&home);
    return 0;
}

/* words: the command line behind the program's name. */
static int split(const char *words, char **argv)
{
    char *at = NULL, *copy = mcp_arena_alloc(arena, strlen(words) + 1);
    int argc = 0;

    memcpy(copy, words, strlen(words));
    argv[argc++] = copy + strlen(words);
    for (char *w = strtok_r(copy, " ", &at); w != NULL; w = strtok_r(NULL, " ", &at))
        argv[argc++] = w;
    argv[argc] = NULL;
    return argc;
}

static int load(const char *words, struct mcp_error *err)
{
    char *argv[MAX_WORDS];
    int first, argc = split(words, argv);
    enum cost__command command = cost__command_of(argc, argv, &first);

    settings = (struct cost__settings){ 0 };
    mcp_error_clear(err);
    return cost__settings_load(&settings, command, argc, argv, first, arena, err);
}

static void the_command_is_the_first_word(void **state)
{
    static const struct {
        const char *words;
        enum cost__command command;
        int first;
    } cases[] = {
        { "", COST__SERVE, 1 },
        { "--demo", COST__SERVE, 1 },
        { "call get_costs", COST__CALL, 2 },
        { "doctor", COST__DOCTOR, 2 },
        { "--demo doctor", COST__SERVE, 1 },
        { "import a.csv", COST__IMPORT, 2 },
        { "help call", COST__HELP, 2 },
        { "call get_costs --help", COST__HELP, 2 },
        { "call -h", COST__HELP, 2 },
        { "import -- --help", COST__IMPORT, 2 },
        { "--version", COST__VERSION, 1 },
        { "--demo --print-config", COST__PRINT_CONFIG, 1 },
        { "--print-config --help", COST__HELP, 1 },
        { "calls", COST__SERVE, 1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *argv[MAX_WORDS];
        int first, argc = split(cases[i].words, argv);

        if (cost__command_of(argc, argv, &first) != cases[i].command || first != cases[i].first)
            fail_msg("\"%s\"", cases[i].words);
    }
}

static void a_slip_of_the_pen_finds_the_command(void **state)
{
    static const struct {
        const char *word, *nearest;
    } cases[] = {
        { "cal", "call" },      { "calls", "call" },   { "improt", "import" },
        { "docter", "doctor" }, { "confg", "config" }, { "heath", "health" },
        { "serve", NULL },      { "get_costs", NULL }, { "", NULL },
        { "call", "call" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *nearest = cost__command_nearest(mcp_str_z(cases[i].word));

        if ((nearest == NULL) != (cases[i].nearest == NULL) ||
            (nearest != NULL && strcmp(nearest, cases[i].nearest) != 0))
            fail_msg("%s: %s", cases[i].word, nearest == NULL ? "none" : nearest);
    }
}

static void a_flag_belongs_to_its_command(void **state)
{
    static const struct {
        enum cost__command command;
        const char *word;
        bool known;
    } cases[] = {
        { COST__CALL, "--json", true },        { COST__SERVE, "--json", false },
        { COST__IMPORT, "--append", true },    { COST__CALL, "--append", false },
        { COST__CONFIG, "--url=x", true },     { COST__SERVE, "--demo", true },
        { COST__CALL, "--config", true },      { COST__CALL, "--config=x", true },
        { COST__CALL, "--configs", false },    { COST__HEALTH, "--print-config", true },
        { COST__CALL, "--cache-bytes", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cost__settings_knows(cases[i].command, mcp_str_z(cases[i].word)) != cases[i].known)
            fail_msg("%s of command %d", cases[i].word, (int)cases[i].command);
    }
}

static void all_means_pages_for_call_and_servers_for_config(void **state)
{
    struct mcp_error err;

    (void)state;
    assert_int_equal(load("call --all", &err), 0);
    assert_true(settings.all && !settings.all_servers);
    assert_int_equal(load("config claude --all", &err), 0);
    assert_true(settings.all_servers && !settings.all);
    assert_int_equal(settings.options.n_rest, 1);
}

static void file_environment_and_flag_override_in_this_order(void **state)
{
    struct mcp_error err;

    (void)state;
    server_file(&home, ".config/mcp-cost/config.yaml", "budgets: /file.yaml\n");
    assert_int_equal(load("", &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/file.yaml")));
    setenv("MCP_COST_BUDGETS", "/env.yaml", 1);
    assert_int_equal(load("", &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/env.yaml")));
    assert_int_equal(load("--budgets /flag.yaml", &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/flag.yaml")));
}

static void the_file_is_the_one_named_or_the_default_where_it_is(void **state)
{
    struct mcp_error err;
    char words[600];

    (void)state;
    assert_int_equal(load("", &err), 0); /* there is none */
    assert_true(mcp_str_is_null(settings.budgets));
    server_file(&home, ".config/mcp-cost/config.yaml", "budgets: /default.yaml\n");
    server_file(&home, "env.yaml", "budgets: /env.yaml\n");
    server_file(&home, "flag.yaml", "budgets: /flag.yaml\n");
    setenv("MCP_COST_CONFIG", "", 1); /* as if it were not set */
    assert_int_equal(load("", &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/default.yaml")));
    setenv("MCP_COST_CONFIG", server_path(&home, "env.yaml"), 1);
    assert_int_equal(load("", &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/env.yaml")));
    snprintf(words, sizeof(words), "--config %s", server_path(&home, "flag.yaml"));
    assert_int_equal(load(words, &err), 0);
    assert_true(mcp_str_eq(settings.budgets, MCP_STR("/flag.yaml")));
    snprintf(words, sizeof(words), "--demo --config=%s", server_path(&home, "flag.yaml"));
    assert_int_equal(load(words, &err), 0);
    assert_true(settings.demo && mcp_str_eq(settings.budgets, MCP_STR("/flag.yaml")));
}

static void what_is_wrong_is_named(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        { "--config", "--config needs a FILE" },
        { "--config /missing/c.yaml", "/missing/c.yaml" },
        { "--cache-bytes -1", "cache" },
        { "--cache-bytes many", "cache" },
        { "--dataset", "dataset" },
        { "--nonsense", "nonsense" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_error err;

        assert_true(load(cases[i].words, &err) < 0);
        cli_says(err.message, cases[i].says);
    }
}

static void a_commands_help_shows_its_own_options_first(void **state)
{
    struct mcp_buf text;

    (void)state;
    mcp_buf_init(&text, 1 << 20);
    cost__settings_help(COST__IMPORT, false, &text);
    mcp_buf_char(&text, '\0');
    cli_says(text.ptr, "--append");
    cli_says(text.ptr, "--dataset");
    assert_true(strstr(text.ptr, "--append") < strstr(text.ptr, "--dataset"));
    assert_null(strstr(text.ptr, "--http"));
    assert_null(strstr(text.ptr, "--budgets"));
    mcp_buf_clear(&text);
    cost__settings_help(COST__SERVE, true, &text);
    mcp_buf_char(&text, '\0');
    cli_says(text.ptr, "--http");
    cli_says(text.ptr, "--budgets");
    assert_null(strstr(text.ptr, "--append"));
    mcp_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_command_is_the_first_word, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slip_of_the_pen_finds_the_command, setup, teardown),
        cmocka_unit_test_setup_teardown(a_flag_belongs_to_its_command, setup, teardown),
        cmocka_unit_test_setup_teardown(all_means_pages_for_call_and_servers_for_config, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(file_environment_and_flag_override_in_this_order, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_file_is_the_one_named_or_the_default_where_it_is, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(what_is_wrong_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_commands_help_shows_its_own_options_first, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
