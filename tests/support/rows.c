/* Small tools that need nothing but proto: each shows one way a result can be. */
#include "tools.h"

#include "mcp/proto/registry.h"

#include <mcp/json_writer.h>

#include <stdio.h>
#include <stdlib.h>

atomic_int test_runs;

#define SCHEMA(id, schema_name, json)                                                              \
    const struct mcp_schema_text id = { schema_name, json, sizeof(json) - 1 }

SCHEMA(test_in_any, "any.in", "{\"type\":\"object\",\"additionalProperties\":true}");
SCHEMA(test_in_number, "number.in",
       "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":0}},"
       "\"required\":[\"n\"],\"additionalProperties\":false}");
static SCHEMA(in_echo, "echo.in",
              "{\"type\":\"object\",\"properties\":{"
              "\"text\":{\"type\":\"string\",\"maxLength\":100000},"
              "\"region\":{\"type\":\"string\",\"x-mcp-header\":\"Region\"}},"
              "\"additionalProperties\":false}");
static SCHEMA(out_echo, "echo.out",
              "{\"type\":\"object\",\"properties\":{\"echo\":{\"type\":\"string\"}},"
              "\"required\":[\"echo\"]}");

static void put_echo(struct mcp_call *call)
{
    struct mcp_jsonw w;
    mcp_str text = mcp_json_get_str(mcp_call_args(call), MCP_STR("text"), mcp_call_arena(call));

    mcp_result_text(call, text);
    mcp_jsonw_init(&w, mcp_result_structured(call));
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "echo", mcp_str_is_null(text) ? MCP_STR("") : text);
    mcp_jsonw_end(&w);
}

int test_run_echo(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    atomic_fetch_add(&test_runs, 1);
    put_echo(call);
    return 0;
}

static int fast_echo(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    put_echo(call);
    return 0;
}

/* Leaves half a result behind: it must not be seen. */
static int fast_miss(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, MCP_STR("half"));
    return MCP_MISS;
}

static int run_fail(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    mcp_error_set(err, MCP_EDENIED, "the profile has no right to read costs.");
    return mcp_error_next(err, "grant ce:GetCostAndUsage");
}

int test_run_huge(struct mcp_call *call, struct mcp_error *err)
{
    int64_t n = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 0);
    char *text = malloc((size_t)n + 1);

    (void)err;
    memset(text, 'x', (size_t)n);
    mcp_result_text(call, mcp_str_n(text, (size_t)n));
    free(text);
    return 0;
}

static int run_blocks(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, MCP_STR("a\nb"));
    mcp_result_image(call, MCP_STR("aGk="), MCP_STR("image/png"));
    mcp_result_audio(call, MCP_STR("aGk="), MCP_STR("audio/wav"));
    mcp_result_link(call, MCP_STR("https://x.example/"), MCP_STR("x"), MCP_STR_NULL);
    mcp_result_resource(call, MCP_STR("test://r"), MCP_STR("text/plain"), MCP_STR("hello"),
                        MCP_STR_NULL);
    return 0;
}

static int run_json(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_buf_z(mcp_result_structured(call), "{\n \"a\": \"line\\nbreak\"\r\n}");
    return 0;
}

const struct mcp_tool test_pure_tools[] = {
    { .name = "blocks",
      .description = "All kinds of blocks",
      .in = &test_in_any,
      .run = run_blocks },
    { .name = "echo",
      .title = "Echo",
      .description = "Gives back",
      .in = &in_echo,
      .out = &out_echo,
      .flags = MCP_TOOL_READONLY,
      .run = test_run_echo,
      .fast = fast_echo },
    { .name = "fail", .description = "Always fails", .in = &test_in_any, .run = run_fail },
    { .name = "huge", .description = "n bytes", .in = &test_in_number, .run = test_run_huge },
    { .name = "json",
      .description = "Only structured",
      .in = &test_in_any,
      .out = &test_in_any,
      .flags = MCP_TOOL_TEXT_JSON,
      .run = run_json },
    { .name = "miss",
      .description = "Fast without success",
      .in = &test_in_any,
      .run = test_run_echo,
      .fast = fast_miss },
};
const size_t n_test_pure_tools = sizeof(test_pure_tools) / sizeof(test_pure_tools[0]);

struct mcp_registry *test_registry_of(const struct mcp_tool *tools, size_t n)
{
    const struct mcp_registry_spec spec = {
        .name = "test-server",
        .title = "Test",
        .version = "1.2.3",
        .description = "Tools for tests",
        .instructions = "Call echo.",
        .tools = tools,
        .n_tools = n,
    };
    struct mcp_registry *registry;
    struct mcp_error err = { 0 };

    if (mcp__registry_new(&spec, &registry, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return registry;
}
