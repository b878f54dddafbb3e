/* The program: words out of place, help pages, budgets and data that exclude. */
#include "cli_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct server_home home;

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_home_end(&home);
    return 0;
}

static void wrong_words_say_what_to_type(void **state)
{
    static const struct {
        const char *words, *says, *next;
    } cases[] = {
        { "cal get_costs", "\"cal\" is no command", "Did you mean call?" },
        { "nonsense", "\"nonsense\" is no command", "call, config, doctor, health, import" },
        { "--demo doctor", "doctor must be the first word", "mcp-test doctor" },
        { "call", "call needs a tool", "get_costs" },
        { "call get_cost", "there is no tool \"get_cost\"", "call get_costs" },
        { "call get_resource --demo", "there is no tool \"get_resource\"", "call get_resources" },
        { "call get_costs get_forecast", "one word too many", "get_forecast" },
        { "call get_costs --json --csv", "--json and --csv exclude each other", "" },
        { "call get_resources --csv", "--csv is for get_costs", "--json" },
        { "call get_costs --demo --dataset /x.db", "exclude each other", "one of them" },
        { "call get_costs --budgets /missing.yaml", "/missing.yaml", "" },
        { "import", "import needs at least one file", "import FILE" },
        { "import a.csv --replace --append", "exclude each other", "" },
        { "doctor surplus", "surplus", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cli_main(&server_spec, cases[i].words) != COST__EXIT_USAGE)
            fail_msg("%s: %s%s", cases[i].words, cli_out(), cli_err());
        assert_string_equal(cli_out(), "");
        cli_says(cli_err(), "mcp-test: ");
        cli_says(cli_err(), cases[i].says);
        cli_says(cli_err(), cases[i].next);
    }
}

static void a_budget_file_over_its_limit_is_refused(void **state)
{
    char words[600];
    const char *path = server_file(&home, "b.yaml", "budgets: []\n");

    (void)state;
    assert_int_equal(truncate(path, 1024 * 1024 + 1), 0);
    snprintf(words, sizeof(words), "call get_costs --budgets %s", path);
    assert_int_equal(cli_main(&server_spec_policy, words), COST__EXIT_USAGE);
    cli_says(cli_err(), "larger than 1 MiB");
    snprintf(words, sizeof(words), "call get_costs --budgets %s", home.dir);
    assert_int_equal(cli_main(&server_spec_policy, words), COST__EXIT_USAGE);
    cli_says(cli_err(), "cannot read");
}

static size_t widest(const char *text)
{
    size_t most = 0;

    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t n = strcspn(line, "\n");

        most = n > most ? n : most;
        if (line[n] == '\0')
            break;
    }
    return most;
}

static void each_help_page_fits_and_shows_its_own(void **state)
{
    static const struct {
        const char *words, *shows, *not ;
    } cases[] = {
        { "--help", "--http", "--append" },
        { "help", "doctor", "--append" },
        { "call --help", "--json", "--http" },
        { "help call", "--json", "--http" },
        { "call get_costs --help", "--group-by", "--confidence" },
        { "--help call get_forecast", "--confidence", "--bridge" },
        { "help import", "--append", "--json" },
        { "config --help", "--url", "--append" },
        { "health -h", "$PORT", "--append" },
        { "import --help --version", "--append", "--json" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(cli_main(&server_spec, cases[i].words), COST__EXIT_OK);
        assert_string_equal(cli_err(), "");
        cli_says(cli_out(), cases[i].shows);
        if (strstr(cli_out(), cases[i].not ) != NULL)
            fail_msg("%s shows %s", cases[i].words, cases[i].not );
        if (widest(cli_out()) > 100)
            fail_msg("%s: a line of %zu", cases[i].words, widest(cli_out()));
    }
}

static void the_version_needs_nothing_else(void **state)
{
    (void)state;
    setenv("MCP_COST_CONFIG", "/missing.yaml", 1);
    assert_int_equal(cli_main(&server_spec, "--version"), COST__EXIT_OK);
    cli_says(cli_out(), "mcp-test ");
    assert_int_equal(cli_main(&server_spec, "--help"), COST__EXIT_OK);
    assert_int_equal(cli_main(&server_spec, "--print-config"), COST__EXIT_USAGE);
    unsetenv("MCP_COST_CONFIG");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(wrong_words_say_what_to_type, setup, teardown),
        cmocka_unit_test_setup_teardown(a_budget_file_over_its_limit_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(each_help_page_fits_and_shows_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(the_version_needs_nothing_else, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
