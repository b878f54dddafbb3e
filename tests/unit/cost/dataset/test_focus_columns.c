/* Names of columns in a header. */
#include "cost/dataset/focus_columns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static int find(const char *name)
{
    return cost__focus_column_find(mcp_str_z(name));
}

static void every_column_is_found_by_its_own_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < cost__focus_n_columns; i++) {
        if (find(cost__focus_columns[i].name) != (int)i)
            fail_msg("%s", cost__focus_columns[i].name);
    }
}

static void case_spaces_and_underscores_do_not_count(void **state)
{
    int at = find("BilledCost");

    (void)state;
    assert_true(at >= 0);
    assert_int_equal(find("billed_cost"), at);
    assert_int_equal(find(" BILLED COST "), at);
    assert_int_equal(find("Billed_Cost_"), at);
}

static void other_names_are_no_columns(void **state)
{
    static const char *const names[] = {
        "", " ", "_", "Billed", "BilledCosts", "x_Anything", "BilledCost\xc3\xa9"
    };
    char longest[5000];

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_int_equal(find(names[i]), -1);
    memset(longest, 'a', sizeof(longest));
    assert_int_equal(cost__focus_column_find(mcp_str_n(longest, sizeof(longest))), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_is_found_by_its_own_name),
        cmocka_unit_test(case_spaces_and_underscores_do_not_count),
        cmocka_unit_test(other_names_are_no_columns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
