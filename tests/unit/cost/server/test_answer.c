/* One answer on its way out: what its cursor is good for, and what the cache gives back. */
#include "cost/server/answer.h"
#include "mcp/proto/call_internal.h"
#include "server_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct server_source source;
static struct cost_tools tools;

static int setup(void **state)
{
    (void)state;
    tools = (struct cost_tools){ .spec = &server_spec };
    server_source_init(&source, &tools.source);
    tools.cache = cost_result_cache_new((size_t)1 << 20);
    return tools.cache == NULL;
}

static int teardown(void **state)
{
    (void)state;
    cost_result_cache_free(tools.cache);
    return 0;
}

/* The cursor of the first page of these arguments, in heap memory. */
static char *cursor_of(const char *tool, const char *args)
{
    struct mcp_call *call = server_call(&tools, args);
    mcp_str cursor;
    char *out;

    server_run(call, tool);
    cursor = mcp_json_get_str(server_root(call), MCP_STR("next_cursor"), call->arena);
    assert_false(mcp_str_is_null(cursor));
    out = strndup(cursor.ptr, cursor.len);
    server_call_end(call);
    return out;
}

/* args: an object without its closing brace. */
static struct mcp_call *call_with(const char *args, const char *cursor)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_call *call =
        server_call(&tools, mcp_arena_printf(arena, "%s%s'cursor': '%s'}", args,
                                             args[1] == '\0' ? "" : ", ", cursor)
                                .ptr);

    mcp_arena_free(arena);
    return call;
}

static void a_cursor_of_another_question_is_refused(void **state)
{
    static const char *const others[] = {
        "{'group_by': ['region']", "{'metric': 'effective'",           "{'period': '2026-10'",
        "{'basis': 'invoice'",     "{'filters': {'service': ['EC2']}", "{'granularity': 'MONTHLY'",
        "{'bridge': true",
    };
    char *cursor = cursor_of("get_costs", "{}");

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct mcp_call *call = call_with(others[i], cursor);
        const struct mcp_error *err = server_refused(call, "get_costs");

        if (err->err != MCP_EINVAL || strstr(err->message, "another question") == NULL)
            fail_msg("%s: %s", others[i], err->message);
        assert_non_null(strstr(err->next, "leave cursor out"));
        server_call_end(call);
    }
    free(cursor);
}

static void the_limit_may_change_between_pages(void **state)
{
    char *cursor = cursor_of("get_costs", "{}");
    struct mcp_call *call = call_with("{'limit': 3", cursor);

    (void)state;
    server_run(call, "get_costs");
    assert_int_equal(mcp_json_count(mcp_json_get(server_root(call), MCP_STR("breakdown"))), 3);
    server_call_end(call);
    free(cursor);
}

static void a_cursor_of_another_tool_is_refused(void **state)
{
    char *cursor = cursor_of("get_resources", "{}");
    struct mcp_call *call = call_with("{", cursor);

    (void)state;
    assert_int_equal(server_refused(call, "get_costs")->err, MCP_EINVAL);
    server_call_end(call);
    free(cursor);
}

static void a_cursor_of_older_data_is_stale(void **state)
{
    char *cursor = cursor_of("get_costs", "{}");
    struct mcp_call *call = call_with("{", cursor);
    const struct mcp_error *err;

    (void)state;
    source.generation = "g2";
    source.data_through = "2026-11-20"; /* and so the default range is another one too */
    err = server_refused(call, "get_costs");
    assert_int_equal(err->err, MCP_ESTALE);
    assert_string_equal(err->code, "stale_cursor");
    assert_string_equal(err->next, "Ask again without cursor.");
    server_call_end(call);
    free(cursor);
}

static void a_cursor_that_was_changed_or_made_up_is_refused(void **state)
{
    char *cursor = cursor_of("get_costs", "{}");
    size_t len = strlen(cursor);
    struct mcp_call *call;

    (void)state;
    for (size_t i = 0; i < len; i += len / 9) {
        char was = cursor[i];

        cursor[i] = was == '7' ? '8' : '7';
        call = call_with("{", cursor);
        assert_int_equal(server_refused(call, "get_costs")->err, MCP_EINVAL);
        server_call_end(call);
        cursor[i] = was;
    }
    call = call_with("{", "x");
    assert_int_equal(server_refused(call, "get_costs")->err, MCP_EINVAL);
    server_call_end(call);
    free(cursor);
}

static void a_cursor_of_somebody_else_is_refused(void **state)
{
    char *cursor = cursor_of("get_costs", "{}");
    struct mcp_call *call = call_with("{", cursor);

    (void)state;
    call->principal = MCP_STR("mallory");
    assert_int_equal(server_refused(call, "get_costs")->err, MCP_EINVAL);
    server_call_end(call);
    free(cursor);
}

static void a_cursor_is_refused_before_the_source_is_asked(void **state)
{
    struct mcp_call *call = call_with("{", "00000000.abc");

    (void)state;
    server_refused(call, "get_costs");
    assert_int_equal(source.asked, 0);
    server_call_end(call);
}

/* ---- cache ---- */

static int fast(struct mcp_call *call)
{
    struct mcp_error err = { 0 };
    int rc;

    assert_string_equal(cost_tool_rows[0].name, "get_costs");
    rc = cost_tool_rows[0].fast(call, &err);
    mcp__call_copy_kept(call);
    return rc;
}

/* Fills the cache with the answer. */
static void ask(const char *args)
{
    struct mcp_call *call = server_call(&tools, args);

    server_run(call, "get_costs");
    server_call_end(call);
}

static bool cached(const char *args)
{
    struct mcp_call *call = server_call(&tools, args);
    bool hit = fast(call) == 0;

    server_call_end(call);
    return hit;
}

/* The bytes with the member source taken out, whose cached and age_s may differ. */
static const char *without_source(struct mcp_call *call, const char *json)
{
    const char *from = strstr(json, "\"source\":{"), *to;

    assert_non_null(from);
    to = strchr(from, '}');
    return mcp_arena_printf(call->arena, "%.*s%s", (int)(from - json), json, to).ptr;
}

static void a_hit_is_the_same_answer_with_its_age(void **state)
{
    struct mcp_call *first = server_call(&tools, "{}"), *again = server_call(&tools, "{}");
    struct mcp_json root;
    bool flag = true;
    int64_t age = -1;

    (void)state;
    assert_int_equal(fast(again), MCP_MISS);
    assert_int_equal(again->structured.len, 0);
    server_run(first, "get_costs");
    assert_int_equal(fast(again), 0);
    assert_int_equal(source.asked, 1);
    assert_string_equal(server_text(again), server_text(first));
    /* What is kept is sent as it stands, on a line of its own. */
    assert_null(strpbrk(server_text(again), "\r\n"));
    assert_null(strpbrk(server_json(again), "\r\n"));
    assert_string_equal(without_source(again, server_json(again)),
                        without_source(first, server_json(first)));
    root = server_root(first);
    assert_int_equal(mcp_json_bool(mcp_json_path(root, "source.cached"), &flag), 0);
    assert_false(flag);
    root = server_root(again);
    assert_int_equal(mcp_json_bool(mcp_json_path(root, "source.cached"), &flag), 0);
    assert_true(flag);
    assert_int_equal(mcp_json_int64(mcp_json_path(root, "source.age_s"), &age), 0);
    assert_in_range(age, 0, 60);
    server_call_end(first);
    server_call_end(again);
}

static void the_same_question_in_other_words_is_a_hit(void **state)
{
    (void)state;
    ask("{'filters': {'service': ['a', 'b'], 'region': ['x']}, 'metric': 'unblended'}");
    assert_true(cached("{'filters': {'region': ['x'], 'service': ['b', 'a']}}"));
}

static void what_changes_the_answer_is_a_miss(void **state)
{
    static const char *const others[] = {
        "{'limit': 9}",       "{'bridge': true}",         "{'group_by': ['region']}",
        "{'metric': 'list'}", "{'granularity': 'DAILY'}", "{'start_date': '2026-11-01'}",
    };

    (void)state;
    ask("{}");
    assert_true(cached("{}"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (cached(others[i]))
            fail_msg("%s is answered as {}", others[i]);
    }
}

static void who_asks_and_what_day_it_is_belong_to_the_key(void **state)
{
    struct mcp_call *other = server_call(&tools, "{}");

    (void)state;
    ask("{}");
    other->principal = MCP_STR("bob");
    assert_int_equal(fast(other), MCP_MISS);
    server_call_end(other);
    source.today = "2026-11-22";
    assert_false(cached("{}"));
    source.today = "2026-11-21";
    assert_true(cached("{}"));
    source.generation = "g2";
    assert_false(cached("{}"));
}

static void how_it_is_rendered_belongs_to_the_key(void **state)
{
    (void)state;
    ask("{}");
    tools.form = COST_TEXT_TABLE;
    tools.width = 100;
    assert_false(cached("{}"));
    ask("{}");
    tools.width = 80;
    assert_false(cached("{}"));
    tools.form = COST_TEXT_MODEL;
    tools.width = 0;
    assert_true(cached("{}"));
}

static void what_the_loop_cannot_know_goes_to_a_worker(void **state)
{
    char *cursor;

    (void)state;
    cursor = cursor_of("get_costs", "{}");
    source.blind = true;
    assert_false(cached("{}"));
    source.blind = false;
    assert_true(cached("{}"));
    assert_false(cached("{'start_date': '2026-02-30'}"));
    assert_false(cached("{'period': 'nonsense'}"));
    {
        struct mcp_call *call = call_with("{", cursor);

        assert_int_equal(fast(call), MCP_MISS);
        server_call_end(call);
    }
    free(cursor);
}

static void later_pages_take_no_room_in_the_cache(void **state)
{
    struct cost_cache_stats before, after;
    struct mcp_call *call;
    char *cursor = cursor_of("get_costs", "{}");

    (void)state;
    cost_result_cache_stats(tools.cache, &before);
    call = call_with("{", cursor);
    server_run(call, "get_costs");
    server_call_end(call);
    cost_result_cache_stats(tools.cache, &after);
    assert_int_equal(after.entries, before.entries);
    free(cursor);
}

static void refusals_are_not_kept(void **state)
{
    struct mcp_call *call = server_call(&tools, "{}");
    struct cost_cache_stats stats;

    (void)state;
    source.rc = MCP_EUNAVAILABLE;
    assert_int_equal(server_refused(call, "get_costs")->err, MCP_EUNAVAILABLE);
    server_call_end(call);
    cost_result_cache_stats(tools.cache, &stats);
    assert_int_equal(stats.entries, 0);
    source.rc = 0;
    assert_false(cached("{}"));
}

static void without_a_cache_every_question_is_asked(void **state)
{
    struct cost_result_cache *cache = tools.cache;

    (void)state;
    tools.cache = NULL;
    ask("{}");
    assert_false(cached("{}"));
    tools.cache = cache;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_cursor_of_another_question_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(the_limit_may_change_between_pages, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cursor_of_another_tool_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cursor_of_older_data_is_stale, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cursor_that_was_changed_or_made_up_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_cursor_of_somebody_else_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_cursor_is_refused_before_the_source_is_asked, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_hit_is_the_same_answer_with_its_age, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_question_in_other_words_is_a_hit, setup, teardown),
        cmocka_unit_test_setup_teardown(what_changes_the_answer_is_a_miss, setup, teardown),
        cmocka_unit_test_setup_teardown(who_asks_and_what_day_it_is_belong_to_the_key, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(how_it_is_rendered_belongs_to_the_key, setup, teardown),
        cmocka_unit_test_setup_teardown(what_the_loop_cannot_know_goes_to_a_worker, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(later_pages_take_no_room_in_the_cache, setup, teardown),
        cmocka_unit_test_setup_teardown(refusals_are_not_kept, setup, teardown),
        cmocka_unit_test_setup_teardown(without_a_cache_every_question_is_asked, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
