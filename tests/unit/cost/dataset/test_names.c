/* Nearest names and closed lists. */
#include "ask_help.h"
#include "cost/dataset/names.h"

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

static void closed_lists_know_words_that_no_row_has(void **state)
{
    (void)state;
    assert_true(cost__names_closed(COST_DIM_CHARGE_CATEGORY, MCP_STR("tax")));
    assert_false(cost__names_closed(COST_DIM_CHARGE_CATEGORY, MCP_STR("taxes")));
    assert_false(cost__names_closed(COST_DIM_SERVICE, MCP_STR("tax")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_nearest_names_come_first),
        cmocka_unit_test(no_more_than_five_are_offered_and_none_twice),
        cmocka_unit_test(closed_lists_know_words_that_no_row_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
