/* What a program was told: its command, its file, its environment, its flags. */
#include "cli_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define MAX_WORDS 16

static const struct cost_server_spec spec = { .name = "mcp-forecast" },
                                     policy = { .name = "mcp-policy", .budgets = true };
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
    return cost__settings_load(&settings, &spec, command, argc, argv, first, arena, err);
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
        if (cost__settings_knows(&spec, cases[i].command, mcp_str_z(cases[i].word)) !=
            cases[i].known)
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
    cost__settings_help(&spec, COST__IMPORT, &text);
    mcp_buf_char(&text, '\0');
    cli_says(text.ptr, "--append");
    cli_says(text.ptr, "--dataset");
    assert_true(strstr(text.ptr, "--append") < strstr(text.ptr, "--dataset"));
    assert_null(strstr(text.ptr, "--http"));
    assert_null(strstr(text.ptr, "--budgets"));
    mcp_buf_clear(&text);
    cost__settings_help(&policy, COST__SERVE, &text);
    mcp_buf_char(&text, '\0');
    cli_says(text.ptr, "--http");
    cli_says(text.ptr, "--budgets");
    assert_null(strstr(text.ptr, "--append"));
    mcp_buf_release(&text);
}

/* A cloud of the test, in the place of a server's own. */
struct cloud {
    mcp_str source, key;
};

static int settle(void *config, const struct mcp_options *options, bool *chosen,
                  struct mcp_error *err)
{
    const struct cloud *c = config;

    (void)options;
    *chosen = c->source.len > 0;
    if (mcp_str_eq(c->source, MCP_STR("wrong")))
        return mcp_error_set(err, MCP_EINVAL, "there is no source \"wrong\"");
    return 0;
}

static const struct mcp_opt cloud_opts[] = {
    MCP_OPT(MCP_OPT_STR, "gcp.billing.source", struct cloud, source, .env = "CLOUD_SOURCE"),
    MCP_OPT(MCP_OPT_STR, "gcp.key", struct cloud, key, .flags = MCP_OPT_SECRET),
};
static const size_t n_cloud_opts = 2;
static const struct cost_live_spec cloud = {
    .section = "gcp",
    .opts = cloud_opts,
    .n_opts = &n_cloud_opts,
    .config_size = sizeof(struct cloud),
    .settle = settle,
};
static const struct cost_server_spec with_cloud = { .name = "mcp-gcp", .live = &cloud };

static int load_cloud(const struct cost_server_spec *server, const char *words,
                      struct mcp_error *err)
{
    char *argv[MAX_WORDS];
    int argc = split(words, argv);

    settings = (struct cost__settings){ 0 };
    mcp_error_clear(err);
    return cost__settings_load(&settings, server, COST__SERVE, argc, argv, 1, arena, err);
}

static void a_server_reads_its_own_section_and_passes_over_the_others(void **state)
{
    struct mcp_error err;
    const struct cloud *c;

    (void)state;
    server_file(&home, "all.yaml",
                "aws: {billing: {source: cost_explorer}}\n"
                "gcp:\n  billing: {source: bigquery}\n  key: ${CLOUD_KEY}\n"
                "opencost: {url: x}\nazure: {any: [1]}\n");
    setenv("CLOUD_KEY", "of the variable", 1);
    setenv("MCP_COST_CONFIG", server_path(&home, "all.yaml"), 1);
    assert_int_equal(load_cloud(&with_cloud, "", &err), 0);
    c = settings.live;
    assert_true(settings.live_chosen);
    assert_true(mcp_str_eq(c->source, MCP_STR("bigquery")));
    assert_true(mcp_str_eq(c->key, MCP_STR("of the variable")));
    /* A flag of the cloud belongs to its server alone. */
    assert_int_equal(load_cloud(&with_cloud, "--gcp-billing-source other", &err), 0);
    c = settings.live;
    assert_true(mcp_str_eq(c->source, MCP_STR("other")));
    assert_int_equal(load_cloud(&spec, "", &err), 0);
    assert_null(settings.live);
    assert_false(settings.live_chosen);
    assert_int_equal(load_cloud(&spec, "--gcp-billing-source other", &err), MCP_EINVAL);
    assert_int_equal(load_cloud(&with_cloud, "--gcp-billing-source wrong", &err), MCP_EINVAL);
    cli_says(err.message, "no source");
    unsetenv("MCP_COST_CONFIG");
    unsetenv("CLOUD_KEY");
}

static void help_shows_the_settings_of_the_cloud(void **state)
{
    struct mcp_buf text;

    (void)state;
    mcp_buf_init(&text, 1 << 20);
    cost__settings_help(&with_cloud, COST__SERVE, &text);
    cost__settings_help(&with_cloud, COST__DOCTOR, &text);
    mcp_buf_char(&text, '\0');
    cli_says(text.ptr, "--gcp-billing-source");
    mcp_buf_clear(&text);
    cost__settings_help(&spec, COST__SERVE, &text);
    mcp_buf_char(&text, '\0');
    assert_null(strstr(text.ptr, "--gcp-billing-source"));
    mcp_buf_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_command_is_the_first_word, setup, teardown),
        cmocka_unit_test_setup_teardown(a_server_reads_its_own_section_and_passes_over_the_others,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(help_shows_the_settings_of_the_cloud, setup, teardown),
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
