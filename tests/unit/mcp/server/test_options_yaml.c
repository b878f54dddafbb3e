/* The configuration file: nesting, variables, and every hostile form refused with its line. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void section_of_another_program_is_passed_over(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f,
                               "aws:\n  billing: [1, {a: b}]\n  x: ${NOT_SET_ANYWHERE}\n"
                               "count: 7\n",
                               NULL),
                     0);
    assert_int_equal(f->sample.count, 7);
}

static void variables_are_replaced_in_the_file(void **state)
{
    struct fixture *f = *state;

    setenv("T_INNER", "in", 1);
    assert_int_equal(load_yaml(f, "name: a-${T_INNER}-$${T_INNER}-$x\n", NULL), 0);
    assert_str(f->sample.name, "a-in-${T_INNER}-$x");
    unsetenv("T_INNER");
    assert_int_equal(load_yaml(f, "\n\nname: ${T_INNER}\n", NULL), MCP_EINVAL);
    assert_says(f, "T_INNER");
    assert_says(f, ":3:");
    assert_int_equal(load_yaml(f, "name: ${T-INNER}\n", NULL), MCP_EINVAL);
    assert_int_equal(load_yaml(f, "name: ${T_INNER\n", NULL), MCP_EINVAL);
}

static void unknown_key_names_file_line_and_the_nearest(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f, "demo: true\ncuont: 4\n", NULL), MCP_EINVAL);
    assert_says(f, ":2:");
    assert_says(f, "\"cuont\"");
    assert_says(f, "Did you mean \"count\"");
    assert_int_equal(load_yaml(f, "gcp:\n  biling:\n    source: x\n", NULL), MCP_EINVAL);
    assert_says(f, "gcp.biling");
    assert_says(f, "gcp.billing.source");
    assert_int_equal(load_yaml(f, "config: x\n", NULL), MCP_EINVAL);
}

static void hostile_files_are_refused_with_their_line(void **state)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        { "count: 4\ncount: 5\n", ":2: count stands twice" },
        { "- a\n- b\n", "key: value" },
        { "just words\n", "key: value" },
        { "count: [1, 2]\n", "not a list" },
        { "count: {a: 1}\n", "not a section" },
        { "gcp: word\n", "section" },
        { "gcp:\n  billing: 4\n", ":2:" },
        { "hosts: [a, [b]]\n", "plain values" },
        { "hosts: [a, {b: c}]\n", "plain values" },
        { "name: &a x\ncount: *a\n", "not a reference" },
        { "? [a, b]\n: c\n", "plain word" },
        { "name: \"a\\0b\"\n", "NUL" },
        { "name: 'x\n", "scalar" },
        { "name: x\n---\nname: y\n", "second document" },
        { "name: \xff\n", ":1:" },
        { "\tname: x\n", ":1:" },
        { "count: 99\n", "from 1 to 9" },
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(load_yaml(f, cases[i].text, NULL), MCP_EINVAL);
        assert_says(f, cases[i].says);
    }
}

static void null_and_empty_file_leave_the_defaults(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(load_yaml(f, "", NULL), 0);
    assert_int_equal(load_yaml(f, "# nothing\n", NULL), 0);
    assert_int_equal(load_yaml(f, "count:\nkind: ~\ngcp:\nname: ''\n", NULL), 0);
    assert_int_equal(f->sample.count, 3);
    assert_int_equal(f->sample.kind, 1);
    assert_int_equal(mcp_options_source(&f->options, "count"), MCP_OPT_DEFAULT);
    assert_int_equal(mcp_options_source(&f->options, "name"), MCP_OPT_FILE);
}

static void missing_or_oversized_file_is_a_configuration_error(void **state)
{
    struct fixture *f = *state;
    char *big = malloc(MCP__OPT_FILE_MAX + 100);

    assert_int_equal(load(f, "/nonexistent/config.yaml", NULL), MCP_ECONFIG);
    assert_says(f, "/nonexistent/config.yaml");
    assert_non_null(big);
    memset(big, '#', MCP__OPT_FILE_MAX + 99);
    big[MCP__OPT_FILE_MAX + 99] = '\0';
    assert_int_equal(load_yaml(f, big, NULL), MCP_ECONFIG);
    free(big);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, options_setup, options_teardown)
    const struct CMUnitTest tests[] = {
        T(section_of_another_program_is_passed_over),
        T(variables_are_replaced_in_the_file),
        T(unknown_key_names_file_line_and_the_nearest),
        T(hostile_files_are_refused_with_their_line),
        T(null_and_empty_file_leave_the_defaults),
        T(missing_or_oversized_file_is_a_configuration_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
