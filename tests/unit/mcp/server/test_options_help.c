/* What people read of the tables: help, and a configuration that reads back. */
#include "tests/unit/mcp/server/options_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static void secret_is_refused_as_flag_and_masked_when_printed(void **state)
{
    struct fixture *f = *state;
    struct mcp_buf out;

    assert_int_equal(LOAD(f, NULL, "--token=hushhush"), MCP_EINVAL);
    assert_says(f, "T_TOKEN");
    assert_says(f, "configuration file");
    assert_null(strstr(f->err.message, "hushhush"));
    setenv("T_TOKEN", "hushhush", 1);
    assert_int_equal(load(f, NULL, NULL), 0);
    assert_str(f->sample.token, "hushhush");
    mcp_buf_init(&out, 65536);
    mcp_options_print(&f->options, &out);
    mcp_buf_char(&out, '\0');
    assert_int_equal(mcp_buf_error(&out), 0);
    assert_null(strstr(out.ptr, "hushhush"));
    assert_non_null(strstr(out.ptr, "# token: (secret, set) # environment T_TOKEN"));
    mcp_buf_release(&out);
}

static void printed_configuration_reads_back_the_same(void **state)
{
    char *argv[] = {
        (char[]){ "--name=a \"b\" ${X} #\n\\ \xc3\xa9" },
        (char[]){ "--http=[::1]:80" },
        (char[]){ "--hosts=a,b c" },
        (char[]){ "--data=x, y" },
        (char[]){ "--wait=90s" },
        (char[]){ "--max-size=1536" },
    };
    struct fixture *f = *state;

    round_trip(f->arena, &f->table, sizeof(f->sample), argv, 6);
    round_trip(f->arena, &f->table, sizeof(f->sample), argv, 0);
}

static void a_word_gives_another_program_the_same_value(void **state)
{
    static const char *const words[] = { "--name=a \"b\" #", "--hosts=a,b c", "--wait=90s",
                                         "--max-size=1536" };
    struct fixture *f = *state;
    mcp_str word;

    setenv("T_TOKEN", "hushhush", 1);
    assert_int_equal(LOAD(f, NULL, words[0], words[1], words[2], words[3], "--demo"), 0);
    assert_str(mcp_options_word(&f->options, "name", f->arena), words[0]);
    assert_str(mcp_options_word(&f->options, "hosts", f->arena), words[1]);
    assert_str(mcp_options_word(&f->options, "wait", f->arena), words[2]);
    assert_str(mcp_options_word(&f->options, "max_size", f->arena), words[3]);
    assert_str(mcp_options_word(&f->options, "demo", f->arena), "--demo=true");
    word = mcp_options_word(&f->options, "token", f->arena);
    assert_true(mcp_str_is_null(word));
    assert_true(mcp_str_is_null(mcp_options_word(&f->options, "nobody", f->arena)));
}

static void help_fits_eighty_columns_and_names_every_flag(void **state)
{
    struct fixture *f = *state;
    struct mcp_opt_table tables[] = { { mcp_app_opts, mcp_n_app_opts, NULL }, f->table };
    struct mcp_buf out;
    mcp_str text, line;

    mcp_buf_init(&out, 1 << 16);
    mcp_options_help(tables, 2, &out);
    assert_int_equal(mcp_buf_error(&out), 0);
    text = mcp_buf_view(&out);
    for (bool more = true; more;) {
        more = mcp_str_cut(&text, '\n', &line);
        if (line.len > 80)
            fail_msg("%zu columns: %.*s", line.len, MCP_STR_ARG(line));
    }
    mcp_buf_char(&out, '\0');
    assert_non_null(strstr(out.ptr, "  --http [[HOST:]PORT]"));
    assert_non_null(strstr(out.ptr, "  --gcp-billing-source TEXT"));
    assert_non_null(strstr(out.ptr, "  --data FILE..."));
    assert_non_null(strstr(out.ptr, "  T_TOKEN"));
    assert_null(strstr(out.ptr, "--token"));
    assert_null(strstr(out.ptr, "aws"));
    mcp_buf_release(&out);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, options_setup, options_teardown)
    const struct CMUnitTest tests[] = {
        T(secret_is_refused_as_flag_and_masked_when_printed),
        T(printed_configuration_reads_back_the_same),
        T(a_word_gives_another_program_the_same_value),
        T(help_fits_eighty_columns_and_names_every_flag),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
