/* Lines of a live source's doctor: whole, marked, with the next step behind the fault. */
#include <cost/live.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

struct seen {
    enum cost_mark mark;
    char text[256];
};

static void keep(void *ctx, enum cost_mark mark, mcp_str text)
{
    struct seen *s = ctx;

    s->mark = mark;
    snprintf(s->text, sizeof(s->text), "%.*s", MCP_STR_ARG(text));
}

static void a_line_carries_its_mark_and_its_text(void **state)
{
    struct seen seen;
    const struct cost_report report = { keep, &seen };

    (void)state;
    cost_report_line(&report, COST_MARK_WARN, "%s: %d days", "age", 4);
    assert_int_equal(seen.mark, COST_MARK_WARN);
    assert_string_equal(seen.text, "age: 4 days");
}

static void an_error_is_told_with_what_to_do(void **state)
{
    struct seen seen;
    const struct cost_report report = { keep, &seen };
    struct mcp_error err = { 0 };

    (void)state;
    mcp_error_set(&err, MCP_EDENIED, "not allowed");
    cost_report_error(&report, COST_MARK_FAIL, "jobs", &err);
    assert_string_equal(seen.text, "jobs: not allowed");
    mcp_error_next(&err, "Grant it.");
    cost_report_error(&report, COST_MARK_FAIL, "jobs", &err);
    assert_int_equal(seen.mark, COST_MARK_FAIL);
    assert_string_equal(seen.text, "jobs: not allowed. Grant it.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_carries_its_mark_and_its_text),
        cmocka_unit_test(an_error_is_told_with_what_to_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
