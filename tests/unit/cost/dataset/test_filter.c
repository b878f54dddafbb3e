/* Scopes and filters: who sees which rows. */

#include "ask_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

/* aws: secret 100 + open 1, no project 7; azure: 1000. */
static const struct test_row bill[] = {
    { .day = "2026-09-01", .billed = "100", .service = "Vault", .project = "secret" },
    { .day = "2026-09-01", .billed = "1", .service = "EC2", .project = "open" },
    { .day = "2026-09-30", .billed = "7", .service = "Support" },
    { .day = "2026-09-30",
      .billed = "1000",
      .service = "Virtual Machines",
      .issuer = "Microsoft",
      .account = "m",
      .project = "sub" },
};

static const char *total_of(struct test_data *d, const char *args)
{
    const struct cost_result *r = test_costs(d, args);

    test_holds(r);
    return r->n_blocks == 0 ? "none" : test_money(r->blocks[0].total.sum);
}

static void a_family_sees_its_own_rows_only(void **state)
{
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    assert_string_equal(total_of(&d, "{'period': '2026-09'}"), "1108");
    d.scope.family = MCP_STR("aws");
    assert_string_equal(total_of(&d, "{'period': '2026-09'}"), "108");
    r = test_costs(&d, "{'period': '2026-09', 'filters': {'service': ['virtual machine']}}");
    assert_true(test_warned(r, "unknown_value"));
    assert_null(strstr(r->warnings[0].next.ptr, "Virtual"));
    assert_int_equal(r->n_providers, 1);
    d.scope.family = MCP_STR("gcp");
    assert_string_equal(total_of(&d, "{'period': '2026-09'}"), "none");
    test_data_close(&d);
}

static void a_project_list_hides_every_other_row(void **state)
{
    const mcp_str open[] = { { "open", 4 } };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(bill);
    d.scope.restricted = true;
    assert_string_equal(total_of(&d, "{'period': '2026-09'}"), "none"); /* an empty list */
    d.scope.projects = open;
    d.scope.n_projects = 1;
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_string_equal(test_money(r->blocks[0].total.sum), "1");
    assert_true(test_warned(r, "outside_scope"));
    assert_int_equal(r->n_slices, 1);
    assert_int_equal(r->n_freshness, 1);
    d.scope.unattributed = true;
    r = test_costs(&d, "{'period': '2026-09'}");
    assert_string_equal(test_money(r->blocks[0].total.sum), "8");
    assert_false(test_warned(r, "outside_scope"));
    test_data_close(&d);
}

/* The answers about a hidden name and about one that never was are the same but for the name. */
static void a_hidden_name_looks_like_one_that_does_not_exist(void **state)
{
    static const char *const args[][2] = {
        { "{'period': '2026-09', 'filters': {'project': ['secret']}}",
          "{'period': '2026-09', 'filters': {'project': ['nosuch']}}" },
        { "{'period': '2026-09', 'filters': {'service': ['Vault']}}",
          "{'period': '2026-09', 'filters': {'service': ['Valid']}}" },
    };
    const mcp_str open[] = { { "open", 4 } };
    struct test_data d;

    (void)state;
    OPEN(bill);
    d.scope.restricted = true;
    d.scope.projects = open;
    d.scope.n_projects = 1;
    for (size_t i = 0; i < sizeof(args) / sizeof(args[0]); i++) {
        const struct cost_result *hidden = test_costs(&d, args[i][0]);
        const struct cost_result *unknown = test_costs(&d, args[i][1]);

        assert_int_equal(hidden->n_warnings, unknown->n_warnings);
        for (size_t w = 0; w < hidden->n_warnings; w++) {
            assert_string_equal(hidden->warnings[w].code, unknown->warnings[w].code);
            assert_true(mcp_str_eq(hidden->warnings[w].next, unknown->warnings[w].next));
        }
        assert_int_equal(hidden->n_blocks, 0);
    }
    test_data_close(&d);
}

/* "Prod" is hidden and "prod" is not: what is asked without the exact case finds the visible one. */
static void a_hidden_name_does_not_make_a_visible_one_ambiguous(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "5", .service = "Prod", .project = "secret" },
        { .day = "2026-09-30", .billed = "3", .service = "prod", .project = "open" },
    };
    const mcp_str open[] = { { "open", 4 } };
    struct test_data d;

    (void)state;
    OPEN(rows);
    d.scope.restricted = true;
    d.scope.projects = open;
    d.scope.n_projects = 1;
    assert_string_equal(total_of(&d, "{'period': '2026-09', 'filters': {'service': ['Prod']}}"),
                        "3");
    assert_string_equal(total_of(&d, "{'period': '2026-09', 'filters': {'service': ['PROD']}}"),
                        "3");
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_family_sees_its_own_rows_only),
        cmocka_unit_test(a_project_list_hides_every_other_row),
        cmocka_unit_test(a_hidden_name_looks_like_one_that_does_not_exist),
        cmocka_unit_test(a_hidden_name_does_not_make_a_visible_one_ambiguous),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
