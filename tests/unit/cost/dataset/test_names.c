/* Closed lists. */
#include "ask_help.h"
#include "cost/dataset/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

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
        cmocka_unit_test(closed_lists_know_words_that_no_row_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
