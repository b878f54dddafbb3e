/* Services that a provider renamed are one service. */
#include "ask_help.h"
#include "cost/dataset/renames.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define OPEN(rows) test_data_open(&d, rows, sizeof(rows) / sizeof(rows[0]))

static void no_name_stands_twice_in_the_table(void **state)
{
    const struct cost_rename *a, *b;

    (void)state;
    for (size_t i = 0; (a = cost__renames_row(i)) != NULL; i++) {
        assert_string_not_equal(a->before, a->after);
        for (size_t k = 0; k < i; k++) {
            b = cost__renames_row(k);
            assert_string_not_equal(a->before, b->before);
            assert_string_not_equal(a->after, b->before); /* no chains */
            assert_string_not_equal(a->before, b->after);
        }
    }
}

/* 1 before and 2 after the rename; the other service is left alone. */
static void both_names_are_one_group_and_one_filter(void **state)
{
    static const struct test_row rows[] = {
        { .day = "2026-09-01", .billed = "1", .service = "AWS Single Sign-On" },
        { .day = "2026-09-30", .billed = "2", .service = "AWS IAM Identity Center" },
        { .day = "2026-09-30", .billed = "4", .service = "Security Center" },
    };
    const struct cost_result *r;
    struct test_data d;

    (void)state;
    OPEN(rows);
    r = test_costs(&d, "{'period': '2026-09'}");
    test_holds(r);
    assert_string_equal(test_groups(&r->blocks[0]), "Security Center=4 AWS IAM Identity Center=3");
    assert_true(test_warned(r, "renamed_services"));
    r = test_costs(&d, "{'period': '2026-09', 'filters': {'service': ['AWS Single Sign-On']}}");
    test_holds(r);
    assert_string_equal(test_money(r->blocks[0].total.sum), "3");
    test_data_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_name_stands_twice_in_the_table),
        cmocka_unit_test(both_names_are_one_group_and_one_filter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
