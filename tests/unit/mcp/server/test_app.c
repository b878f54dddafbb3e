/* The app: one call in this process, and what is refused before anything is served. */
#include <mcp/app.h>

#include <mcp/clock.h>
#include <mcp/log.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct mcp_schema_text schema_in = {
    "t.in",
    "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}},"
    "\"additionalProperties\":false}",
    0
};

static int run_user(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    assert_int_equal(mcp_call_remaining_ms(call), UINT64_MAX);
    mcp_progress(call, 1, 2, MCP_STR("half"));
    mcp_result_text(call, mcp_str_z(mcp_call_user(call)));
    mcp_buf_z(mcp_result_structured(call), "{\"a\":1}");
    return 0;
}

static int run_interrupt(struct mcp_call *call, struct mcp_error *err)
{
    raise(SIGINT);
    return mcp_sleep(call, 60000, err);
}

static int run_fail(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    return mcp_error_set(err, MCP_EDENIED, "not for you");
}

static char hello[] = "hello";

struct fixture {
    struct mcp_schema_text in;
    struct mcp_tool tools[3];
    struct mcp_app_spec spec;
    struct mcp_app_config config;
    struct mcp_app *app;
    struct mcp_arena *arena;
    struct mcp_error err;
    unsigned progress;
};

static int setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct mcp_opt_table table;
    struct mcp_options options;

    if (f == NULL)
        return -1;
    f->arena = mcp_arena_new(0, 0);
    f->in = schema_in;
    f->in.len = strlen(schema_in.text);
    f->tools[0] =
        (struct mcp_tool){ .name = "fail", .description = "Fails.", .in = &f->in, .run = run_fail };
    f->tools[1] = (struct mcp_tool){
        .name = "interrupt", .description = "Is interrupted.", .in = &f->in, .run = run_interrupt
    };
    f->tools[2] = (struct mcp_tool){
        .name = "user", .description = "Answers.", .in = &f->in, .out = &f->in, .run = run_user
    };
    f->spec = (struct mcp_app_spec){
        .name = "test-app", .version = "1", .tools = f->tools, .n_tools = 3
    };

    f->spec.user = hello;
    table = (struct mcp_opt_table){ mcp_app_opts, mcp_n_app_opts, &f->config };
    if (f->arena == NULL ||
        mcp_options_load(&options, &table, 1, MCP_STR_NULL, 0, NULL, f->arena, NULL) < 0)
        return -1;
    f->config.log_level = MCP_LOG_OFF;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;

    mcp_app_free(f->app);
    mcp_arena_free(f->arena);
    free(f);
    return 0;
}

static void note_progress(void *ctx, int64_t done, int64_t total, mcp_str message)
{
    struct fixture *f = ctx;

    assert_int_equal(done, 1);
    assert_int_equal(total, 2);
    assert_true(mcp_str_eq(message, MCP_STR("half")));
    f->progress++;
}

static int call(struct fixture *f, const char *tool, const char *args,
                struct mcp_app_answer *answer)
{
    mcp_error_clear(&f->err);
    return mcp_app_call(f->app, mcp_str_z(tool), mcp_str_z(args), f->arena, note_progress, f,
                        answer, &f->err);
}

static void one_call_goes_the_whole_way(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_answer answer;
    struct mcp_app *self = NULL;

    f->spec.self = &self;
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), 0);
    assert_ptr_equal(self, f->app);
    assert_int_equal(call(f, "user", "{\"n\":1}", &answer), 0);
    assert_false(answer.is_error);
    assert_true(mcp_str_eq(answer.text, MCP_STR("hello")));
    assert_true(mcp_str_eq(answer.structured, MCP_STR("{\"a\":1}")));
    assert_int_equal(f->progress, 1);
    assert_int_equal(call(f, "fail", "", &answer), 0);
    assert_true(answer.is_error);
    assert_non_null(memmem(answer.text.ptr, answer.text.len, "not for you", 11));
    assert_int_equal(call(f, "user", "{\"n\":\"one\"}", &answer), 0);
    assert_true(answer.is_error);
    assert_int_equal(call(f, "nobody", "{}", &answer), MCP_EINVAL);
    assert_int_not_equal(call(f, "user", "[]", &answer), 0);
}

static void interrupt_cancels_the_call(void **state)
{
    struct fixture *f = *state;
    struct mcp_app_answer answer;
    uint64_t start = mcp_clock_mono_ms();

    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), 0);
    assert_int_equal(call(f, "interrupt", "{}", &answer), 0);
    assert_true(answer.is_error);
    assert_true(mcp_clock_mono_ms() - start < 10000);
}

static void bad_tables_keys_and_instants_are_refused_by_name(void **state)
{
    struct fixture *f = *state;

    f->tools[1].name = "bad name";
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), MCP_EINVAL);
    assert_non_null(strstr(f->err.message, "bad name"));
    f->tools[1].name = "interrupt";
    mcp_error_clear(&f->err);
    f->config.state_key = MCP_STR("short");
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), MCP_ECONFIG);
    assert_non_null(strstr(f->err.message, "state_key"));
    f->config.state_key = MCP_STR_NULL;
    mcp_error_clear(&f->err);
    f->config.now = MCP_STR("yesterday");
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), MCP_EINVAL);
    assert_non_null(strstr(f->err.message, "RFC 3339"));
    f->config.now = MCP_STR_NULL;
}

static void open_bind_is_refused_with_status_two(void **state)
{
    struct fixture *f = *state;

    f->config.http = (struct mcp_opt_bind){ .set = true, .host = MCP_STR("0.0.0.0"), .port = 0 };
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), 0);
    assert_int_equal(mcp_app_run(f->app), 2);
}

/* Last: the clock stays where it is put. */
static void now_sets_the_clock(void **state)
{
    struct fixture *f = *state;

    f->config.now = MCP_STR("2026-03-01T12:00:00Z");
    assert_int_equal(mcp_app_new(&f->spec, &f->config, &f->app, &f->err), 0);
    assert_int_equal(mcp_clock_now(), 1772366400);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(one_call_goes_the_whole_way),
        T(interrupt_cancels_the_call),
        T(bad_tables_keys_and_instants_are_refused_by_name),
        T(open_bind_is_refused_with_status_two),
        T(now_sets_the_clock),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
