/* One call in this process takes the way of all calls. */
#include "tools.h"

#include "mcp/net/serve.h"
#include "mcp/proto/registry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_serve serve;
static struct mcp_arena *arena;

static int call(const char *tool, const char *args, const struct mcp_serve_hooks *hooks,
                struct mcp_serve_answer *answer, struct mcp_error *err)
{
    return mcp__serve_call(&serve, mcp_str_z(tool), mcp_str_z(args), arena, hooks, answer, err);
}

static void an_answer_has_structure_and_text(void **state)
{
    struct mcp_serve_answer a;

    (void)state;
    assert_int_equal(call("echo", "{\"text\":\"a\\nb\"}", NULL, &a, NULL), 0);
    assert_false(a.is_error);
    assert_true(mcp_str_eq(a.structured, MCP_STR("{\"echo\":\"a\\nb\"}")));
    assert_true(mcp_str_eq(a.text, MCP_STR("a\nb")));
    assert_int_equal(call("miss", "", NULL, &a, NULL), 0);
    assert_true(mcp_str_eq(a.text, MCP_STR(""))); /* what fast left is not seen */
}

static void a_tool_error_is_an_answer_and_an_unknown_tool_is_none(void **state)
{
    struct mcp_serve_answer a;
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(call("fail", "{}", NULL, &a, NULL), 0);
    assert_true(a.is_error);
    assert_true(mcp_str_is_null(a.structured));
    assert_true(mcp_str_starts(a.text, MCP_STR("error permission_denied: ")));
    assert_int_equal(call("echo", "{\"nix\":1}", NULL, &a, NULL), 0);
    assert_true(a.is_error);
    assert_int_equal(call("nix", "{}", NULL, &a, &err), MCP_EINVAL);
    assert_int_equal(call("echo", "[]", NULL, &a, &err), MCP_EINVAL);
    assert_true(call("echo", "{", NULL, &a, &err) < 0);
}

static int steps;

static void progress(void *ctx, int64_t done, int64_t total, mcp_str message)
{
    (void)ctx;
    steps += done == steps && total == 2 && mcp_str_eq(message, MCP_STR("step"));
}

static bool interrupted(void *ctx)
{
    (void)ctx;
    return steps < 0;
}

static void progress_comes_and_an_interruption_ends_the_call(void **state)
{
    struct mcp_serve_hooks hooks = { .progress = progress, .interrupted = interrupted };
    struct mcp_serve_answer a;

    (void)state;
    assert_int_equal(call("progress", "{\"n\":2}", &hooks, &a, NULL), 0);
    assert_int_equal(steps, 2);
    steps = -1;
    assert_int_equal(call("wait", "{\"n\":4000}", &hooks, &a, NULL), 0);
    assert_true(a.is_error);
    assert_true(mcp_str_starts(a.text, MCP_STR("error cancelled: ")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_has_structure_and_text),
        cmocka_unit_test(a_tool_error_is_an_answer_and_an_unknown_tool_is_none),
        cmocka_unit_test(progress_comes_and_an_interruption_ends_the_call),
    };
    struct mcp_registry *registry = test_registry();
    int failed;

    serve.registry = registry;
    arena = mcp_arena_new(0, 0);
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp_arena_free(arena);
    mcp__registry_free(registry);
    return failed;
}
