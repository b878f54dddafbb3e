/* Definitions in lists, revision by revision, and the views of MCP Apps. */
#include "tools.h"

#include "mcp/proto/dispatch.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static int run(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    (void)err;
    return 0;
}

static int read_view(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, MCP_STR("<!doctype html>"));
    return 0;
}

static struct mcp_tool tool = { .name = "chart",
                                .title = "Chart",
                                .description = "Draws",
                                .in = &test_in_any,
                                .out = &test_in_any,
                                .run = run,
                                .ui = "ui://chart" };
static struct mcp_resource view = { .uri = "ui://chart",
                                    .name = "chart",
                                    .title = "Chart",
                                    .mime_type = MCP_UI_MIME_TYPE,
                                    .meta = "{\"ui\":{\"prefersBorder\":true}}",
                                    .read = read_view };

static struct mcp_registry *registry_of(struct mcp_error *err)
{
    const struct mcp_registry_spec spec = { .name = "t",
                                            .title = "T",
                                            .version = "1",
                                            .description = "D",
                                            .tools = &tool,
                                            .n_tools = 1,
                                            .resources = &view,
                                            .n_resources = 1 };
    struct mcp_registry *registry;

    return mcp__registry_new(&spec, &registry, err) == 0 ? registry : NULL;
}

static bool has(mcp_str text, const char *part)
{
    return memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* What older revisions do not know is left out. */
static void each_revision_gets_what_it_knows(void **state)
{
    static const struct {
        const char *part;
        enum mcp_revision since;
    } rows[] = {
        { "\"annotations\":{", MCP_REV_2025_03_26 },
        { "\"title\":\"Chart\"", MCP_REV_2025_06_18 },
        { "\"outputSchema\":", MCP_REV_2025_06_18 },
        { "\"_meta\":{\"ui\":{\"resourceUri\":\"ui://chart\"}}", MCP_REV_2025_06_18 },
        { "\"ttlMs\":", MCP_REV_2026_07_28 },
        { "\"resultType\":\"complete\"", MCP_REV_2026_07_28 },
        { "io.modelcontextprotocol/serverInfo", MCP_REV_2026_07_28 },
    };
    struct mcp_registry *registry = registry_of(NULL);

    (void)state;
    assert_non_null(registry);
    for (int rev = 0; rev < MCP_N_REVISIONS; rev++) {
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
            assert_int_equal(has(registry->lists[MCP_LIST_TOOLS][rev].whole, rows[i].part),
                             rev >= (int)rows[i].since);
        assert_false(has(registry->lists[MCP_LIST_TOOLS][rev].whole, "execution"));
    }
    assert_true(has(registry->discover, "\"extensions\":{\"io.modelcontextprotocol/ui\":{}}"));
    assert_true(has(registry->initialize[MCP_REV_2025_06_18], "io.modelcontextprotocol/ui"));
    assert_false(has(registry->initialize[MCP_REV_2025_03_26], "io.modelcontextprotocol/ui"));
    mcp__registry_free(registry);
}

static void a_tool_for_the_view_alone_says_so(void **state)
{
    struct mcp_registry *registry;

    (void)state;
    tool.flags = MCP_TOOL_UI_ONLY;
    registry = registry_of(NULL);
    assert_true(
        has(registry->lists[MCP_LIST_TOOLS][MCP_REV_MODERN].whole, "\"visibility\":[\"app\"]"));
    tool.flags = 0;
    mcp__registry_free(registry);
}

static void a_view_that_is_none_is_refused(void **state)
{
    struct mcp_error err = { 0 };

    (void)state;
    tool.ui = "ui://other";
    assert_null(registry_of(&err));
    assert_non_null(strstr(err.message, "tool chart: ui://other is no resource"));
    tool.ui = "ui://chart";
    view.mime_type = "text/html";
    assert_null(registry_of(NULL));
    view.mime_type = MCP_UI_MIME_TYPE;
    view.meta = "[]";
    assert_null(registry_of(NULL));
    view.meta = "{\"ui\":{\"prefersBorder\":true}}";
}

static void what_a_view_may_do_stands_on_its_contents(void **state)
{
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));

    (void)state;
    call->kind = MCP_CALL_RESOURCE;
    call->resource = &view;
    call->uri = MCP_STR("ui://chart");
    assert_int_equal(view.read(call, NULL), 0);
    assert_true(has(mcp_buf_view(&call->content),
                    "\"mimeType\":\"text/html;profile=mcp-app\",\"text\":\"<!doctype html>\","
                    "\"_meta\":{\"ui\":{\"prefersBorder\":true}}}"));
    mcp_buf_clear(&call->content);
    call->rev = MCP_REV_2025_03_26;
    assert_int_equal(view.read(call, NULL), 0);
    assert_false(has(mcp_buf_view(&call->content), "_meta"));
    mcp__call_unref(call);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_revision_gets_what_it_knows),
        cmocka_unit_test(a_tool_for_the_view_alone_says_so),
        cmocka_unit_test(a_view_that_is_none_is_refused),
        cmocka_unit_test(what_a_view_may_do_stands_on_its_contents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
