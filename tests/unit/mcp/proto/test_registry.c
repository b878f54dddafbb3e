/* The tool table: what is refused, and what each revision is shown. */
#include "tools.h"

#include "mcp/proto/param_header.h"
#include "mcp/proto/registry.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int run(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    (void)err;
    return 0;
}

#define TEXT(id, json) static const struct mcp_schema_text id = { #id, json, sizeof(json) - 1 }
TEXT(good, "{\"type\":\"object\"}");
TEXT(no_object, "{\"type\":\"array\"}");
TEXT(no_json, "{");
TEXT(bad_type, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"strin\"}}}");
TEXT(bad_header, "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\","
                 "\"x-mcp-header\":\"A\"}}}");

static void a_bad_row_is_refused_by_name(void **state)
{
    static const struct {
        struct mcp_tool rows[2];
        size_t n;
        const char *part;
    } cases[] = {
        { { { .name = "a b", .description = "x", .in = &good, .run = run } }, 1, "a b" },
        { { { .name = "", .description = "x", .in = &good, .run = run } }, 1, "name" },
        { { { .name = "b", .description = "x", .in = &good, .run = run },
            { .name = "a", .description = "x", .in = &good, .run = run } },
          2,
          "sorted" },
        { { { .name = "a", .description = "x", .in = &good, .run = run },
            { .name = "a", .description = "x", .in = &good, .run = run } },
          2,
          "twice" },
        { { { .name = "a", .in = &good, .run = run } }, 1, "description" },
        { { { .name = "a", .description = "x", .run = run } }, 1, "input schema" },
        { { { .name = "a", .description = "x", .in = &good } }, 1, "function" },
        { { { .name = "aa", .description = "x", .in = &no_object, .run = run } }, 1, "tool aa" },
        { { { .name = "aa", .description = "x", .in = &no_json, .run = run } }, 1, "tool aa" },
        { { { .name = "aa", .description = "x", .in = &bad_type, .run = run } }, 1, "tool aa" },
        { { { .name = "aa", .description = "x", .in = &good, .out = &bad_type, .run = run } },
          1,
          "bad_type" },
        { { { .name = "aa", .description = "x", .in = &bad_header, .run = run } },
          1,
          "x-mcp-header" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct mcp_registry_spec spec = {
            .name = "s", .version = "1", .tools = cases[i].rows, .n_tools = cases[i].n
        };
        struct mcp_registry *r = NULL;
        struct mcp_error err = { 0 };

        assert_int_equal(mcp__registry_new(&spec, &r, &err), MCP_EINVAL);
        if (strstr(err.message, cases[i].part) == NULL)
            fail_msg("case %zu: %s", i, err.message);
    }
}

static bool shows(const struct mcp_registry *r, enum mcp_revision rev, const char *what)
{
    return strstr(r->lists[MCP_LIST_TOOLS][rev].whole.ptr, what) != NULL;
}

static void each_revision_sees_what_it_knows(void **state)
{
    struct mcp_registry *r = test_registry_of(test_pure_tools, n_test_pure_tools);

    (void)state;
    assert_false(shows(r, MCP_REV_2024_11_05, "annotations"));
    assert_true(shows(r, MCP_REV_2025_03_26, "annotations"));
    assert_false(shows(r, MCP_REV_2025_03_26, "\"title\""));
    assert_false(shows(r, MCP_REV_2025_03_26, "outputSchema"));
    assert_true(shows(r, MCP_REV_2025_06_18, "outputSchema"));
    assert_false(shows(r, MCP_REV_2025_11_25, "resultType"));
    assert_true(shows(r, MCP_REV_2026_07_28, "{\"resultType\":\"complete\",\"tools\":["));
    assert_true(shows(r, MCP_REV_2026_07_28, "\"ttlMs\":300000,\"cacheScope\":\"public\""));
    assert_null(strstr(r->initialize[MCP_REV_2025_06_18].ptr, "Tools for tests"));
    assert_non_null(strstr(r->initialize[MCP_REV_2025_11_25].ptr, "Tools for tests"));
    assert_non_null(
        strstr(r->initialize[MCP_REV_2025_11_25].ptr, "\"capabilities\":{\"tools\":{}}"));
    mcp__registry_free(r);
}

static void tools_are_found_by_their_exact_name(void **state)
{
    struct mcp_registry *r = test_registry_of(test_pure_tools, n_test_pure_tools);

    (void)state;
    for (size_t i = 0; i < n_test_pure_tools; i++) {
        const struct mcp_registry_tool *row =
            mcp__registry_find(r, mcp_str_z(test_pure_tools[i].name));

        assert_non_null(row);
        assert_ptr_equal(row->tool, &test_pure_tools[i]);
    }
    assert_null(mcp__registry_find(r, MCP_STR("Echo")));
    assert_null(mcp__registry_find(r, MCP_STR("")));
    assert_non_null(mcp__registry_find(r, MCP_STR("echo"))->headers);
    mcp__registry_free(r);
}

static int get(struct mcp_call *call, struct mcp_error *err)
{
    return run(call, err);
}

static void bad_resources_and_prompts_are_refused_by_name(void **state)
{
    static const struct mcp_resource resources[][2] = {
        { { .name = "x", .read = run } },
        { { .uri = "a:b", .uri_template = "a:{b}", .name = "x", .read = run } },
        { { .uri = "a:b", .read = run } },
        { { .uri = "a:b", .name = "x" } },
        { { .uri_template = "a:{+b}", .name = "x", .read = run } },
        { { .uri = "a:b", .name = "x", .read = run }, { .uri = "a:b", .name = "y", .read = run } },
    };
    static const struct mcp_prompt prompts[][2] = {
        { { .name = "a b", .get = get } },
        { { .name = "a" } },
        { { .name = "a", .get = get }, { .name = "a", .get = get } },
    };

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        const struct mcp_registry_spec spec = {
            .name = "s", .version = "1", .resources = resources[i], .n_resources = i == 5 ? 2 : 1
        };
        struct mcp_registry *r = NULL;
        struct mcp_error err = { 0 };

        assert_int_equal(mcp__registry_new(&spec, &r, &err), MCP_EINVAL);
        assert_non_null(strstr(err.message, "resource"));
    }
    for (size_t i = 0; i < 3; i++) {
        const struct mcp_registry_spec spec = {
            .name = "s", .version = "1", .prompts = prompts[i], .n_prompts = i == 2 ? 2 : 1
        };
        struct mcp_registry *r = NULL;
        struct mcp_error err = { 0 };

        assert_int_equal(mcp__registry_new(&spec, &r, &err), MCP_EINVAL);
        assert_non_null(strstr(err.message, "prompt"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bad_row_is_refused_by_name),
        cmocka_unit_test(bad_resources_and_prompts_are_refused_by_name),
        cmocka_unit_test(each_revision_sees_what_it_knows),
        cmocka_unit_test(tools_are_found_by_their_exact_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
