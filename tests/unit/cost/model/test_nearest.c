/* Names that look like a value that there is not, and how they are offered. */
#include <cost/result.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void the_nearest_names_come_first(void **state)
{
    static const mcp_str names[] = { { "Amazon EC2", 10 },
                                     { "Amazon S3", 9 },
                                     { "Lambda", 6 },
                                     { "Cloud Storage", 13 },
                                     { "Lamda", 5 } };
    mcp_str out[COST_NAMES_NEAREST];

    (void)state;
    assert_int_equal(cost_names_nearest(MCP_STR("Lambada"), names, 5, out), 2);
    assert_true(mcp_str_eq(out[0], MCP_STR("Lambda")));
    assert_int_equal(cost_names_nearest(MCP_STR("storage"), names, 5, out), 1);
    assert_true(mcp_str_eq(out[0], MCP_STR("Cloud Storage")));
    assert_int_equal(cost_names_nearest(MCP_STR("zzz"), names, 5, out), 0);
}

static void no_more_than_five_are_offered_and_none_twice(void **state)
{
    mcp_str names[20], out[COST_NAMES_NEAREST];

    (void)state;
    for (size_t i = 0; i < 20; i++)
        names[i] = i % 2 ? MCP_STR("abcd") : mcp_str_n("abcd0abcd1abcd2abcd3" + i / 5 * 5, 5);
    assert_int_equal(cost_names_nearest(MCP_STR("abcd9"), names, 20, out), 5);
    for (size_t i = 0; i < 5; i++) {
        for (size_t k = 0; k < i; k++)
            assert_false(mcp_str_eq(out[i], out[k]));
    }
}

static void an_unknown_value_is_warned_of_with_what_there_is(void **state)
{
    static const mcp_str names[] = { { "BigQuery", 8 }, { "Cloud SQL", 9 } };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    const struct cost_query q = { .tool = COST_GET_COSTS };
    struct cost_result r;

    (void)state;
    cost_result_init(&r, arena, &q);
    cost_result_unknown_value(&r, "service", MCP_STR("BigQurey"), names, 2);
    cost_result_unknown_value(&r, "service", MCP_STR("zzz"), names, 2);
    cost_result_unknown_value(&r, "service", MCP_STR("zzz"), names, 0);
    cost_result_unknown_value(NULL, "service", MCP_STR("zzz"), names, 2);
    assert_int_equal(r.n_warnings, 3);
    assert_string_equal(r.warnings[0].code, "unknown_value");
    assert_true(mcp_str_eq(r.warnings[0].next, MCP_STR("Nearest: \"BigQuery\".")));
    assert_true(mcp_str_eq(r.warnings[1].next, MCP_STR("Nearest: \"BigQuery\", \"Cloud SQL\".")));
    assert_true(mcp_str_starts(r.warnings[2].next, MCP_STR("Call get_costs with group_by")));
    mcp_arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_names_come_first),
        cmocka_unit_test(no_more_than_five_are_offered_and_none_twice),
        cmocka_unit_test(an_unknown_value_is_warned_of_with_what_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
