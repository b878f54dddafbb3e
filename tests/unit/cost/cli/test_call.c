/* `call TOOL`: pages followed to the end, one header, refusals on stderr. */
#include "cli_help.h"

#include <mcp/json.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct server_home home;

/* Five projects that cost 1 to 5. */
static int setup(void **state)
{
    char text[4096];
    size_t len;

    (void)state;
    server_home_begin(&home);
    len = (size_t)snprintf(text, sizeof(text),
                           "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,"
                           "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingCurrency,"
                           "BillingAccountId,SubAccountId,InvoiceIssuerName,ChargeCategory\n");
    for (int i = 1; i <= 5; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "2026-01-01,2026-02-01,2026-01-05T00:00:00Z,2026-01-06T00:00:00Z,"
                                "%d,1,1,1,USD,acct,project-%d,Amazon,Usage\n",
                                i, i);
    server_file(&home, "bill.csv", text);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_home_end(&home);
    return 0;
}

static int call(const char *more)
{
    char words[1200];

    snprintf(words, sizeof(words), "call %s --data %s", more, server_path(&home, "bill.csv"));
    return cli_main(&server_spec, words);
}

static unsigned count(const char *text, const char *part)
{
    unsigned n = 0;

    for (const char *p = text; (p = strstr(p, part)) != NULL; p += strlen(part))
        n++;
    return n;
}

static void all_pages_are_json_lines_that_sum_to_the_total(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    mcp_str rest, line;
    unsigned pages = 0, groups = 0;
    int64_t sum = 0;

    (void)state;
    if (call("get_costs --group-by project --limit 2 --json --all") != COST__EXIT_OK)
        fail_msg("%s", cli_err());
    rest = mcp_arena_str(arena, mcp_str_z(cli_out()));
    while (mcp_str_cut(&rest, '\n', &line)) {
        struct mcp_json root;

        assert_int_equal(mcp_json_parse(arena, line, NULL, &root, NULL), 0);
        for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("breakdown")));
             mcp_json_next(&it); groups++)
            sum += mcp_json_get_int64(it.value, MCP_STR("cost"), -1000);
        assert_int_equal(mcp_json_get_int64(root, MCP_STR("total_cost"), 0), 15);
        assert_true(mcp_json_exists(mcp_json_get(root, MCP_STR("bridge"))));
        pages++;
    }
    assert_int_equal(rest.len, 0);
    assert_int_equal(pages, 3);
    assert_int_equal(groups, 5);
    assert_int_equal(sum, 15);
    mcp_arena_free(arena);
}

static void without_all_there_is_one_page(void **state)
{
    (void)state;
    assert_int_equal(call("get_costs --group-by project --limit 2 --json"), COST__EXIT_OK);
    assert_int_equal(count(cli_out(), "\n"), 1);
    assert_int_equal(count(cli_out(), "\"next_cursor\":\""), 1);
}

static void csv_has_its_header_once(void **state)
{
    (void)state;
    assert_int_equal(call("get_costs --group-by project --limit 2 --csv --all"), COST__EXIT_OK);
    assert_int_equal(count(cli_out(), "\nproject-"), 5);
    assert_int_equal(count(cli_out(), "currency"), 1);
    assert_int_equal(count(cli_out(), "\n\n"), 0);
}

static void tables_follow_each_other_with_a_blank_line(void **state)
{
    (void)state;
    assert_int_equal(call("get_costs --group-by project --limit 2 --all"), COST__EXIT_OK);
    for (int i = 1; i <= 5; i++) {
        char name[16];

        snprintf(name, sizeof(name), "project-%d", i);
        cli_says(cli_out(), name);
    }
    assert_true(count(cli_out(), "\n\n") >= 2);
    assert_string_equal(cli_err(), "");
}

static void a_cursor_given_by_hand_is_followed_to_the_end(void **state)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_json root;
    mcp_str words, cursor;

    (void)state;
    assert_int_equal(call("get_costs --group-by project --limit 2 --json"), COST__EXIT_OK);
    assert_int_equal(
        mcp_json_parse(arena, mcp_arena_str(arena, mcp_str_z(cli_out())), NULL, &root, NULL), 0);
    cursor = mcp_json_get_str(root, MCP_STR("next_cursor"), arena);
    words =
        mcp_arena_printf(arena, "get_costs --group-by project --limit 2 --json --all --cursor %.*s",
                         MCP_STR_ARG(cursor));
    assert_int_equal(call(words.ptr), COST__EXIT_OK);
    assert_int_equal(count(cli_out(), "\n"), 2);
    mcp_arena_free(arena);
}

static void a_refusal_goes_to_stderr_without_its_code(void **state)
{
    static const struct {
        const char *words, *says;
    } cases[] = {
        { "get_costs --start-date 2026-02-30", "2026-02-30" },
        { "get_costs --cursor abc", "leave cursor out" },
        { "get_forecast", "14" },
        { "get_costs --args {\"limit\":\"x\"}", "limit" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(call(cases[i].words), COST__EXIT_ERROR);
        assert_string_equal(cli_out(), "");
        cli_says(cli_err(), "mcp-test: ");
        cli_says(cli_err(), cases[i].says);
        assert_null(strstr(cli_err(), "error "));
        assert_null(strstr(cli_err(), "Next:"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_pages_are_json_lines_that_sum_to_the_total, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(without_all_there_is_one_page, setup, teardown),
        cmocka_unit_test_setup_teardown(csv_has_its_header_once, setup, teardown),
        cmocka_unit_test_setup_teardown(tables_follow_each_other_with_a_blank_line, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cursor_given_by_hand_is_followed_to_the_end, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_refusal_goes_to_stderr_without_its_code, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
