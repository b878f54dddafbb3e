/* What is said to the person at the terminal: refusals taken apart, texts with one line end. */
#include "cli_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void a_refusal_is_taken_apart_for_people(void **state)
{
    static const struct {
        const char *text, *message, *next;
    } cases[] = {
        { "error not_found: no such thing. Next: Look elsewhere.", "no such thing.",
          "Look elsewhere." },
        { "error busy: too much", "too much", NULL },
        { "error x: a: b. Next: c: d", "a: b.", "c: d" },
        { "error x: a Next: b Next: c", "a", "b Next: c" },
        { "error without a colon", "error without a colon", NULL },
        { "plain. Next: go on", "plain.", "go on" },
        { "", "", NULL },
        { "error :", "", NULL },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mcp_str message, next;

        cost__cli_refusal(mcp_str_z(cases[i].text), &message, &next);
        if (!mcp_str_eq(message, mcp_str_z(cases[i].message)) ||
            mcp_str_is_null(next) != (cases[i].next == NULL) ||
            (cases[i].next != NULL && !mcp_str_eq(next, mcp_str_z(cases[i].next))))
            fail_msg("\"%s\": \"%.*s\", \"%.*s\"", cases[i].text, MCP_STR_ARG(message),
                     MCP_STR_ARG(next));
    }
}

static void text_for_a_file_is_left_as_it_is_with_one_line_end(void **state)
{
    static const struct {
        const char *text, *printed;
    } cases[] = {
        { "a", "a\n" },
        { "a\n", "a\n" },
        { "a\n\nb", "a\n\nb\n" },
        { "", "\n" },
        { "a  long line with   many blanks that nobody may break when it goes into a file, however "
          "long it is, and it is very long indeed",
          "a  long line with   many blanks that nobody may break when it goes into a file, however "
          "long it is, and it is very long indeed\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cli_capture();
        cost__cli_print(mcp_str_z(cases[i].text));
        cli_release();
        assert_string_equal(cli_out(), cases[i].printed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refusal_is_taken_apart_for_people),
        cmocka_unit_test(text_for_a_file_is_left_as_it_is_with_one_line_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
