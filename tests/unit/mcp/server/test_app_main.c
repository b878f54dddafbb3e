/* The main function of a whole server: its words, its options, one call, and what it refuses. */
#include <mcp/app.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

struct own {
    mcp_str greeting;
};

static const struct mcp_opt own_opts[] = {
    MCP_OPT(MCP_OPT_STR, "greeting", struct own, greeting, .fallback = "Hello",
            .env = "TEST_GREETING", .help = "how to begin"),
};

static int run_greet(struct mcp_call *call, struct mcp_error *err)
{
    const struct own *own = mcp_call_user(call);
    mcp_str name = mcp_arg_str(call, "name");

    if (name.len == 0)
        return mcp_error_set(err, MCP_EDENIED, "nobody there");
    mcp_result_printf(call, "%.*s, %.*s!", MCP_STR_ARG(own->greeting), MCP_STR_ARG(name));
    return 0;
}

static int run_data(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_buf_z(mcp_result_structured(call), "{\"a\":1}");
    return 0;
}

/* Both streams of one run, as text. */
static char out[65536], said[65536];

static int silence(int fd, FILE *to)
{
    int kept = dup(fd);

    assert_true(kept >= 0 && dup2(fileno(to), fd) == fd);
    return kept;
}

static void restore(int fd, int kept, FILE *from, char text[65536])
{
    size_t n;

    assert_int_equal(dup2(kept, fd), fd);
    close(kept);
    rewind(from);
    n = fread(text, 1, 65535, from);
    text[n] = '\0';
    fclose(from);
}

/* words end with NULL */
static int run(const char *const *words)
{
    static struct own own;
    static const char *const no_words[] = { NULL };
    const struct mcp_opt_table table = { own_opts, 1, &own };
    const struct mcp_tool tools[] = {
        { .name = "data",
          .description = "Data.",
          .in = MCP_SCHEMA({ "type" : "object" }),
          .out = MCP_SCHEMA({ "type" : "object" }),
          .run = run_data },
        { .name = "greet",
          .description = "Greets.",
          .in =
              MCP_SCHEMA({ "type" : "object", "properties" : { "name" : { "type" : "string" } } }),
          .run = run_greet },
    };
    const struct mcp_app_spec spec = { .name = "test-main",
                                       .version = "1.2",
                                       .description = "A test.",
                                       .tools = tools,
                                       .n_tools = 2,
                                       .user = &own };
    FILE *to_out = tmpfile(), *to_err = tmpfile();
    char *argv[8] = { (char[]){ "test-main" } };
    int argc = 1, status, kept_out, kept_err;

    for (words = words == NULL ? no_words : words; words[argc - 1] != NULL; argc++)
        argv[argc] = strdup(words[argc - 1]);
    own = (struct own){ .greeting = MCP_STR_NULL };
    assert_true(to_out != NULL && to_err != NULL);
    fflush(stdout);
    kept_out = silence(STDOUT_FILENO, to_out);
    kept_err = silence(STDERR_FILENO, to_err);
    status = mcp_app_main(&spec, &table, argc, argv);
    restore(STDOUT_FILENO, kept_out, to_out, out);
    restore(STDERR_FILENO, kept_err, to_err, said);
    while (argc > 1)
        free(argv[--argc]);
    return status;
}
#define RUN(...) run((const char *const[]){ __VA_ARGS__, NULL })

static void one_call_answers_on_stdout(void **state)
{
    (void)state;
    assert_int_equal(RUN("call", "greet", "{\"name\":\"Ada\"}"), 0);
    assert_string_equal(out, "Hello, Ada!\n");
    assert_string_equal(said, "");
    /* Structured content alone is the answer then. */
    assert_int_equal(RUN("call", "data"), 0);
    assert_string_equal(out, "{\"a\":1}\n");
    assert_int_equal(RUN("call", "greet"), 1);
    assert_non_null(strstr(out, "nobody there"));
}

static void own_options_are_read_beside_those_of_the_library(void **state)
{
    (void)state;
    setenv("TEST_GREETING", "Servus", 1);
    assert_int_equal(RUN("call", "greet", "{\"name\":\"Ada\"}"), 0);
    assert_string_equal(out, "Servus, Ada!\n");
    assert_int_equal(RUN("--greeting", "Moin", "call", "greet", "{\"name\":\"Ada\"}"), 0);
    assert_string_equal(out, "Moin, Ada!\n");
    assert_int_equal(RUN("--print-config", "--deadline=3s"), 0);
    assert_non_null(strstr(out, "greeting: \"Servus\" # environment TEST_GREETING"));
    assert_non_null(strstr(out, "deadline: 3s # flag"));
    unsetenv("TEST_GREETING");
}

static void help_names_tools_and_both_kinds_of_options(void **state)
{
    (void)state;
    assert_int_equal(RUN("--help"), 0);
    assert_non_null(strstr(out, "A test."));
    assert_non_null(strstr(out, "greet "));
    assert_non_null(strstr(out, "--greeting TEXT"));
    assert_non_null(strstr(out, "--http [[HOST:]PORT]"));
    assert_int_equal(RUN("--version"), 0);
    assert_string_equal(out, "test-main 1.2\n");
}

static void what_is_not_understood_ends_with_status_two(void **state)
{
    static const char *const rows[][2] = {
        { "serve", "Known: call TOOL" },
        { "call", "Known: call TOOL" },
        { "--deadlin=3s", "--deadline" },
        { "--now=today", "RFC 3339" },
        { "--config=/nowhere/x.yaml", "/nowhere/x.yaml" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(RUN(rows[i][0]), 2);
        if (strstr(said, rows[i][1]) == NULL)
            fail_msg("%s: %s", rows[i][0], said);
        assert_string_equal(out, "");
    }
    assert_int_equal(RUN("call", "nobody"), 2);
    assert_int_equal(RUN("call", "greet", "{}", "more"), 2);
}

static void an_end_of_stdin_ends_serving(void **state)
{
    int kept = dup(STDIN_FILENO), null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    (void)state;
    assert_true(kept >= 0 && null >= 0);
    assert_int_equal(dup2(null, STDIN_FILENO), STDIN_FILENO);
    assert_int_equal(run(NULL), 0);
    assert_string_equal(out, "");
    dup2(kept, STDIN_FILENO);
    close(kept);
    close(null);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_call_answers_on_stdout),
        cmocka_unit_test(own_options_are_read_beside_those_of_the_library),
        cmocka_unit_test(help_names_tools_and_both_kinds_of_options),
        cmocka_unit_test(what_is_not_understood_ends_with_status_two),
        cmocka_unit_test(an_end_of_stdin_ends_serving),
    };

    /* This user's own settings are nothing to these tests. */
    setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
