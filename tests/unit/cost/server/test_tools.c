/* The four tools over a source made by hand: pages, the bridge, budgets, what is refused. */
#include "mcp/proto/call_internal.h"
#include "server_help.h"

#include "../model/result_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static struct server_source source;
static struct cost_tools tools;

static int setup(void **state)
{
    (void)state;
    tools = (struct cost_tools){ .spec = &server_spec };
    server_source_init(&source, &tools.source);
    return 0;
}

static struct cost_money money_at(struct mcp_json root, const char *path)
{
    struct cost_money m;

    if (cost_money_parse(mcp_json_raw(mcp_json_path(root, path)), &m, NULL) < 0)
        fail_msg("%s is no number", path);
    return m;
}

static void must_add(struct cost_money *sum, struct cost_money m)
{
    assert_int_equal(cost_money_add(sum, m), 0);
}

/* Follows the cursors to the end: the number of pages; each page and what comes before and after it
 * must be the total. */
static unsigned follow(const char *limit, struct cost_money *sum, size_t *groups)
{
    char args[1024];
    unsigned pages = 0;

    *sum = COST_MONEY_ZERO;
    *groups = 0;
    snprintf(args, sizeof(args), "{%s}", limit);
    for (bool more = true; more && pages < 100; pages++) {
        struct mcp_call *call = server_call(&tools, args);
        struct cost_money around = *sum;
        struct mcp_json root;
        mcp_str cursor;

        server_run(call, "get_costs");
        root = server_root(call);
        for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("breakdown")));
             mcp_json_next(&it);) {
            if (!mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("kind")), MCP_STR("group")))
                continue;
            must_add(sum, money_at(it.value, "cost"));
            must_add(&around, money_at(it.value, "cost"));
            ++*groups;
        }
        if (mcp_json_type(mcp_json_get(root, MCP_STR("other"))) == MCP_JSON_OBJECT)
            must_add(&around, money_at(root, "other.cost"));
        assert_int_equal(cost_money_cmp(around, money_at(root, "total_cost")), 0);
        assert_true(call->structured.len + call->content.len <= COST_PAGE_CHARS + 1000);
        cursor = mcp_json_get_str(root, MCP_STR("next_cursor"), call->arena);
        more = !mcp_str_is_null(cursor);
        snprintf(args, sizeof(args), "{%s%s'cursor': '%.*s'}", limit, limit[0] ? ", " : "",
                 MCP_STR_ARG(cursor));
        server_call_end(call);
    }
    return pages;
}

static void the_cursors_lead_to_every_group_and_the_sum_is_exact(void **state)
{
    static const struct {
        const char *limit;
        unsigned groups, pages;
        const char *sum;
    } cases[] = {
        { "", 23, 3, "276.23" },
        { "'limit': 1", 3, 3, "6.03" },
        { "'limit': 23", 23, 1, "276.23" },
        { "'limit': 22", 23, 2, "276.23" },
        { "", 10, 1, "55.1" },
        { "", 11, 2, "66.11" },
        { "", 1, 1, "1.01" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct cost_money sum;
        size_t groups;

        source.n_groups = cases[i].groups;
        assert_int_equal(follow(cases[i].limit, &sum, &groups), cases[i].pages);
        assert_int_equal(groups, cases[i].groups);
        assert_int_equal(cost_money_cmp(sum, model_money(cases[i].sum)), 0);
    }
}

static void a_page_that_would_be_too_large_is_cut_and_the_cursor_leads_on(void **state)
{
    struct cost_money sum;
    size_t groups;
    unsigned pages;

    (void)state;
    source.n_groups = 60;
    source.name_len = 900;
    pages = follow("'limit': 60", &sum, &groups);
    assert_in_range(pages, 3, 30);
    assert_int_equal(groups, 60);
    assert_int_equal(cost_money_cmp(sum, model_money("1830.6")), 0);
}

static void an_unasked_page_is_smaller_than_one_that_was_asked_for(void **state)
{
    struct mcp_call *small, *large;

    (void)state;
    source.name_len = 600;
    small = server_call(&tools, "{}");
    large = server_call(&tools, "{'limit': 10}");
    server_run(small, "get_costs");
    server_run(large, "get_costs");
    assert_true(small->structured.len + small->content.len < COST_DEFAULT_CHARS + 1000);
    assert_int_equal(mcp_json_count(mcp_json_get(server_root(large), MCP_STR("breakdown"))), 10);
    assert_true(mcp_json_count(mcp_json_get(server_root(small), MCP_STR("breakdown"))) < 10);
    server_call_end(small);
    server_call_end(large);
}

static void a_cursor_past_the_end_is_an_empty_page_with_the_same_total(void **state)
{
    struct mcp_call *call = server_call(&tools, "{'limit': 20}");
    mcp_str cursor;
    char args[512];

    (void)state;
    server_run(call, "get_costs");
    cursor = mcp_json_get_str(server_root(call), MCP_STR("next_cursor"), call->arena);
    snprintf(args, sizeof(args), "{'limit': 20, 'cursor': '%.*s'}", MCP_STR_ARG(cursor));
    server_call_end(call);
    source.n_groups = 5; /* a source that breaks its word on the generation */
    call = server_call(&tools, args);
    server_run(call, "get_costs");
    assert_true(
        mcp_str_is_null(mcp_json_get_str(server_root(call), MCP_STR("next_cursor"), call->arena)));
    server_call_end(call);
}

static void the_bridge_comes_when_asked_and_always_for_call_json(void **state)
{
    static const struct {
        const char *args;
        bool always, there;
    } cases[] = {
        { "{}", false, false },
        { "{'bridge': true}", false, true },
        { "{'bridge': false}", true, true },
        { "{}", true, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_call *call = server_call(&tools, cases[i].args);

        tools.bridge = cases[i].always;
        server_run(call, "get_costs");
        if (mcp_json_exists(mcp_json_get(server_root(call), MCP_STR("bridge"))) != cases[i].there)
            fail_msg("case %zu", i);
        server_call_end(call);
    }
}

static void the_metric_is_the_servers_unless_one_is_asked_for(void **state)
{
    static const struct cost_server_spec kubernetes = { .name = "mcp-opencost",
                                                        .default_metric = COST_EFFECTIVE };
    static const struct {
        const char *tool, *args, *metric;
    } cases[] = {
        { "get_costs", "{}", "effective" },
        { "get_costs", "{'metric': 'billed'}", "billed" },
        { "get_costs", "{'metric': 'actual'}", "billed" },
        { "get_resources", "{}", "effective" },
        { "get_resources", "{'metric': 'billed'}", "billed" },
    };

    (void)state;
    tools.spec = &kubernetes;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcp_call *call = server_call(&tools, cases[i].args);

        server_run(call, cases[i].tool);
        if (!mcp_json_str_eq(mcp_json_get(server_root(call), MCP_STR("metric")),
                             mcp_str_z(cases[i].metric)))
            fail_msg("%s %s: not %s", cases[i].tool, cases[i].args, cases[i].metric);
        server_call_end(call);
    }
}

static void resources_are_paged_by_the_same_cursors(void **state)
{
    char args[512] = "{}";
    size_t items = 0, pages = 0;

    (void)state;
    for (bool more = true; more && pages < 10; pages++) {
        struct mcp_call *call = server_call(&tools, args);
        mcp_str cursor;

        server_run(call, "get_resources");
        for (struct mcp_json_iter it =
                 mcp_json_iter(mcp_json_get(server_root(call), MCP_STR("resources")));
             mcp_json_next(&it); items++) {
            char id[16];

            snprintf(id, sizeof(id), "resource-%02zu", items);
            assert_true(mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("id")), mcp_str_z(id)));
        }
        cursor = mcp_json_get_str(server_root(call), MCP_STR("next_cursor"), call->arena);
        more = !mcp_str_is_null(cursor);
        snprintf(args, sizeof(args), "{'cursor': '%.*s'}", MCP_STR_ARG(cursor));
        server_call_end(call);
    }
    assert_int_equal(items, 23);
    assert_int_equal(pages, 3);
}

static void no_recommendations_are_an_answer(void **state)
{
    struct mcp_call *call = server_call(&tools, "{}");

    (void)state;
    server_run(call, "get_recommendations");
    assert_true(call->content.len > 0);
    server_call_end(call);
}

static void csv_is_the_text_of_csv(void **state)
{
    struct mcp_call *call = server_call(&tools, "{'limit': 2}");

    (void)state;
    tools.form = COST_TEXT_CSV;
    server_run(call, "get_costs");
    assert_non_null(strstr(server_text(call), "group-23"));
    assert_non_null(strstr(server_text(call), "23.01"));
    assert_null(strstr(server_text(call), "next_cursor"));
    server_call_end(call);
}

static void budgets_without_a_file_name_the_option(void **state)
{
    struct mcp_call *call = server_call(&tools, "{}");
    const struct mcp_error *err;

    (void)state;
    tools.spec = &server_spec_policy;
    err = server_refused(call, "get_costs");
    assert_int_equal(err->err, MCP_ECONFIG);
    assert_non_null(strstr(err->next, "--budgets"));
    assert_int_equal(source.asked, 0);
    server_call_end(call);
}

static void what_the_source_refuses_is_passed_on(void **state)
{
    static const char *const names[] = { "get_costs", "get_recommendations", "get_resources" };

    (void)state;
    source.rc = MCP_EBUILDING;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct mcp_call *call = server_call(&tools, "{}");
        const struct mcp_error *err = server_refused(call, names[i]);

        assert_int_equal(err->err, MCP_EBUILDING);
        assert_string_equal(err->message, "the source fails");
        assert_int_equal(call->structured.len, 0);
        assert_int_equal(call->content.len, 0);
        server_call_end(call);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_cursors_lead_to_every_group_and_the_sum_is_exact, setup),
        cmocka_unit_test_setup(a_page_that_would_be_too_large_is_cut_and_the_cursor_leads_on,
                               setup),
        cmocka_unit_test_setup(an_unasked_page_is_smaller_than_one_that_was_asked_for, setup),
        cmocka_unit_test_setup(a_cursor_past_the_end_is_an_empty_page_with_the_same_total, setup),
        cmocka_unit_test_setup(the_bridge_comes_when_asked_and_always_for_call_json, setup),
        cmocka_unit_test_setup(the_metric_is_the_servers_unless_one_is_asked_for, setup),
        cmocka_unit_test_setup(resources_are_paged_by_the_same_cursors, setup),
        cmocka_unit_test_setup(no_recommendations_are_an_answer, setup),
        cmocka_unit_test_setup(csv_is_the_text_of_csv, setup),
        cmocka_unit_test_setup(budgets_without_a_file_name_the_option, setup),
        cmocka_unit_test_setup(what_the_source_refuses_is_passed_on, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
