/* `config CLIENT`: the entries of each client, absolute paths, what is refused. */
#include "cli_help.h"

#include <mcp/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const struct cost_server_spec aws = {
    .name = "mcp-aws", .title = "AWS costs", .description = "A test.", .instructions = "None."
};
static struct server_home home;
static struct mcp_arena *arena;

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    arena = mcp_arena_new(0, 0);
    return arena == NULL || chdir(home.dir) != 0;
}

static int teardown(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    assert_int_equal(chdir("/"), 0);
    server_home_end(&home);
    return 0;
}

static struct mcp_json printed(const char *words)
{
    struct mcp_json root;

    if (cli_main(&aws, words) != COST__EXIT_OK)
        fail_msg("%s: %s", words, cli_err());
    if (mcp_json_parse(arena, mcp_arena_str(arena, mcp_str_z(cli_out())), NULL, &root, NULL) < 0)
        fail_msg("no JSON: %s", cli_out());
    return root;
}

static struct mcp_json entry_of(struct mcp_json root, const char *key, const char *server)
{
    struct mcp_json entry = mcp_json_get(mcp_json_get(root, mcp_str_z(key)), mcp_str_z(server));

    assert_true(mcp_json_exists(entry));
    return entry;
}

static const char *text_of(struct mcp_json object, const char *name)
{
    mcp_str text = mcp_json_get_str(object, mcp_str_z(name), arena);

    return mcp_str_is_null(text) ? "" : mcp_arena_str(arena, text).ptr;
}

/* The arguments of an entry, a space between. */
static const char *args_of(struct mcp_json entry)
{
    mcp_str out = MCP_STR("");

    for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(entry, MCP_STR("args")));
         mcp_json_next(&it);) {
        mcp_str word;

        assert_int_equal(mcp_json_str(it.value, arena, &word), 0);
        out = mcp_arena_printf(arena, "%.*s%s%.*s", MCP_STR_ARG(out), out.len > 0 ? " " : "",
                               MCP_STR_ARG(word));
    }
    return mcp_arena_str(arena, out).ptr;
}

static void each_client_gets_its_own_shape(void **state)
{
    static const struct {
        const char *client, *key, *type;
    } cases[] = {
        { "claude", "mcpServers", "" },
        { "cursor", "mcpServers", "" },
        { "vscode", "servers", "stdio" },
        { "VSCode", "servers", "stdio" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char words[64];
        struct mcp_json entry;

        snprintf(words, sizeof(words), "config %s --demo", cases[i].client);
        entry = entry_of(printed(words), cases[i].key, "mcp-aws");
        assert_string_equal(text_of(entry, "type"), cases[i].type);
        assert_string_equal(args_of(entry), "--demo");
        assert_true(text_of(entry, "command")[0] == '/');
        assert_true(mcp_str_ends(mcp_str_z(text_of(entry, "command")), MCP_STR("/mcp-aws")));
    }
}

static void a_client_of_http_gets_a_list_of_urls(void **state)
{
    struct mcp_json root = printed("config copilotkit --all");
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("mcpServers")));

    (void)state;
    assert_int_equal(mcp_json_count(mcp_json_get(root, MCP_STR("mcpServers"))), 6);
    assert_true(mcp_json_next(&it));
    assert_string_equal(text_of(it.value, "type"), "http");
    assert_string_equal(text_of(it.value, "url"), "http://127.0.0.1:8080/mcp");
    cli_says(cli_err(), "--http 8080");
    root = printed("config copilotkit --url https://costs.example/mcp");
    it = mcp_json_iter(mcp_json_get(root, MCP_STR("mcpServers")));
    assert_true(mcp_json_next(&it));
    assert_string_equal(text_of(it.value, "url"), "https://costs.example/mcp");
    assert_null(strstr(cli_err(), "--http 8080"));
}

static void all_servers_are_six(void **state)
{
    struct mcp_json root = printed("config claude --all --demo");

    (void)state;
    assert_int_equal(mcp_json_count(mcp_json_get(root, MCP_STR("mcpServers"))), 6);
    assert_string_equal(args_of(entry_of(root, "mcpServers", "mcp-policy")), "--demo");
    root = printed("config claude");
    assert_int_equal(mcp_json_count(mcp_json_get(root, MCP_STR("mcpServers"))), 1);
    assert_string_equal(args_of(entry_of(root, "mcpServers", "mcp-aws")), "");
}

static void paths_are_made_absolute(void **state)
{
    char cwd[512];
    mcp_str want;

    (void)state;
    server_file(&home, "bill.csv", "");
    server_file(&home, "dir/b.csv", "");
    server_file(&home, "budgets.yaml", "");
    assert_non_null(getcwd(cwd, sizeof(cwd)));
    want = mcp_arena_printf(arena, "--data %s/bill.csv --data %s/dir --budgets %s/budgets.yaml",
                            cwd, cwd, cwd);
    assert_string_equal(
        args_of(entry_of(printed("config claude --data bill.csv --data ./dir --budgets "
                                 "dir/../budgets.yaml"),
                         "mcpServers", "mcp-aws")),
        want.ptr);
    /* A dataset is still to be imported. */
    want = mcp_arena_printf(arena, "--dataset %s/new.db", cwd);
    assert_string_equal(
        args_of(entry_of(printed("config claude --dataset new.db"), "mcpServers", "mcp-aws")),
        want.ptr);
}

static void the_line_for_a_shell_is_quoted_where_it_must_be(void **state)
{
    struct cost__settings settings = { 0 };
    struct cost__program p = { .spec = &aws, .settings = &settings, .arena = arena };
    mcp_str client[] = { MCP_STR("claude") };

    (void)state;
    settings.options.rest = client;
    settings.options.n_rest = 1;
    settings.dataset = MCP_STR("/data of/o'neil $x.db");
    cli_capture();
    assert_int_equal(cost__cli_config(&p), COST__EXIT_OK);
    cli_release();
    cli_says(cli_out(), "\"/data of/o'neil $x.db\"");
    cli_says(cli_err(), "/mcp-aws --dataset '/data of/o'\\''neil $x.db'\n");
}

static void quotes_and_tabs_stay_what_they_are(void **state)
{
    struct cost__settings settings = { 0 };
    struct cost__program p = { .spec = &aws, .settings = &settings, .arena = arena };
    mcp_str client[] = { MCP_STR("claude") };
    struct mcp_json root;

    (void)state;
    settings.options.rest = client;
    settings.options.n_rest = 1;
    settings.dataset = MCP_STR("/a\"b\tc\\d");
    cli_capture();
    assert_int_equal(cost__cli_config(&p), COST__EXIT_OK);
    cli_release();
    assert_int_equal(
        mcp_json_parse(arena, mcp_arena_str(arena, mcp_str_z(cli_out())), NULL, &root, NULL), 0);
    assert_string_equal(args_of(entry_of(root, "mcpServers", "mcp-aws")), "--dataset /a\"b\tc\\d");
    assert_null(strchr(cli_out(), '\t'));
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        { "config", "claude, copilotkit, cursor or vscode" },
        { "config emacs", "claude, copilotkit, cursor or vscode" },
        { "config claude cursor", "one client" },
        { "config claude --all --url http://x/mcp", "exclude" },
        { "config claude --data missing.csv", "missing.csv" },
        { "config claude --budgets missing.yaml", "missing.yaml" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cli_main(&aws, cases[i].words), COST__EXIT_USAGE);
        assert_string_equal(cli_out(), "");
        cli_says(cli_err(), cases[i].says);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_client_gets_its_own_shape, setup, teardown),
        cmocka_unit_test_setup_teardown(a_client_of_http_gets_a_list_of_urls, setup, teardown),
        cmocka_unit_test_setup_teardown(all_servers_are_six, setup, teardown),
        cmocka_unit_test_setup_teardown(paths_are_made_absolute, setup, teardown),
        cmocka_unit_test_setup_teardown(the_line_for_a_shell_is_quoted_where_it_must_be, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(quotes_and_tabs_stay_what_they_are, setup, teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_is_refused, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
