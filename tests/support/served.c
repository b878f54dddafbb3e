/* A small server with one of everything, whose handlers never wait: for the fuzz targets. */
#include "served.h"

#include "mcp/proto/registry.h"
#include "mcp/proto/sealer.h"

#include <mcp/ask.h>

#include <stdio.h>
#include <stdlib.h>

#define SCHEMA(id, schema_name, json)                                                              \
    static const struct mcp_schema_text id = { schema_name, json, sizeof(json) - 1 }

SCHEMA(in_any, "any.in", "{\"type\":\"object\"}");
SCHEMA(in_echo, "echo.in",
       "{\"type\":\"object\",\"properties\":{"
       "\"a\":{\"type\":\"string\",\"maxLength\":1000,\"x-mcp-header\":\"A\"},"
       "\"n\":{\"type\":\"integer\",\"minimum\":0},"
       "\"l\":{\"type\":\"array\",\"items\":{\"enum\":[\"x\",\"y\"]},\"uniqueItems\":true}},"
       "\"additionalProperties\":false}");
SCHEMA(out_echo, "echo.out", "{\"type\":\"object\",\"properties\":{\"args\":{}}}");

static int echo(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_buf *out = mcp_result_structured(call);

    (void)err;
    mcp_progress(call, 1, 2, MCP_STR("half"));
    mcp_result_text(call,
                    mcp_json_get_str(mcp_call_args(call), MCP_STR("a"), mcp_call_arena(call)));
    mcp_buf_z(out, "{\"args\":");
    mcp_buf_str(out, mcp_json_raw(mcp_call_args(call)));
    mcp_buf_char(out, '}');
    return 0;
}

static int fail(struct mcp_call *call, struct mcp_error *err)
{
    mcp_result_text(call, MCP_STR("half an answer"));
    mcp_error_set(err, MCP_EDENIED, "no: %.*s",
                  MCP_STR_ARG(mcp_str_head(mcp_json_raw(mcp_call_args(call)), 100)));
    return mcp_error_next(err, "ask somebody else");
}

/* Lets its client go, becomes a task, asks twice. */
static int ask(struct mcp_call *call, struct mcp_error *err)
{
    static const char *const keys[] = { "one", "two" };

    mcp_call_hang_up(call);
    mcp_call_task(call);
    mcp_call_log(call, MCP_LOG_SEV_ERROR, MCP_STR_NULL, MCP_STR("1"));
    for (size_t i = 0; i < 2; i++) {
        int rc;

        if (mcp_json_exists(mcp_input(call, keys[i])))
            continue;
        rc = mcp_need(call, keys[i], i == 0 ? MCP_ASK_FORM : MCP_ASK_ROOTS, MCP_STR("{}"), err);
        return rc == 0 ? MCP_EINPUT : rc;
    }
    mcp_result_text(call, mcp_json_raw(mcp_input(call, keys[0])));
    return 0;
}

static int read_text(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str var = mcp_call_var(call, "id");

    if (mcp_str_eq(var, MCP_STR("none")))
        return mcp_error_set(err, MCP_ENOTFOUND, "no such thing");
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, var);
    return 0;
}

static int complete(struct mcp_call *call, mcp_str name, mcp_str given, struct mcp_error *err)
{
    (void)err;
    for (int i = 0; i < 3; i++)
        mcp_completion_add(call, i == 1 ? name : given);
    return 0;
}

static int get_prompt(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, mcp_prompt_arg(call, "who"));
    mcp_prompt_role(call, MCP_ROLE_ASSISTANT);
    mcp_result_link(call, MCP_STR("test://a"), mcp_prompt_arg(call, "why"), MCP_STR_NULL);
    return 0;
}

static const struct mcp_tool tools[] = {
    { .name = "a", .description = "Asks", .in = &in_any, .flags = MCP_TOOL_TASK, .run = ask },
    { .name = "e", .description = "Fails", .in = &in_any, .run = fail, .fast = fail },
    { .name = "f",
      .description = "Any",
      .in = &in_any,
      .out = &out_echo,
      .run = echo,
      .fast = echo },
    { .name = "t",
      .description = "Echo",
      .in = &in_echo,
      .out = &out_echo,
      .run = echo,
      .fast = echo },
};
static const struct mcp_resource resources[] = {
    { .uri = "test://a", .name = "a", .mime_type = "text/plain", .read = read_text },
    { .uri = "test://b",
      .name = "b",
      .flags = MCP_RESOURCE_PUBLIC,
      .ttl_ms = 5,
      .read = read_text },
    { .uri = "test://c", .name = "c", .read = read_text },
    { .uri_template = "test://{id}/{x}", .name = "d", .read = read_text, .complete = complete },
};
static const struct mcp_prompt_arg args[] = {
    { .name = "who", .required = true },
    { .name = "why", .title = "Why", .description = "The reason" },
};
static const struct mcp_prompt prompts[] = {
    { .name = "p",
      .description = "Asks",
      .args = args,
      .n_args = 2,
      .get = get_prompt,
      .complete = complete },
    { .name = "q", .description = "Says", .get = get_prompt },
    { .name = "r", .description = "Says too", .get = get_prompt },
};

const struct mcp_registry *test_served(void)
{
    static const struct mcp_registry_spec spec = {
        .name = "served",
        .version = "1",
        .instructions = "Call t.",
        .tools = tools,
        .n_tools = sizeof(tools) / sizeof(tools[0]),
        .resources = resources,
        .n_resources = sizeof(resources) / sizeof(resources[0]),
        .prompts = prompts,
        .n_prompts = sizeof(prompts) / sizeof(prompts[0]),
        .logging = true,
        .changes =
            MCP_CHANGE_TOOLS | MCP_CHANGE_PROMPTS | MCP_CHANGE_RESOURCES | MCP_CHANGE_RESOURCE,
        .page_size = 2,
    };
    static struct mcp_registry *registry;
    struct mcp_error err = { 0 };

    if (registry == NULL && mcp__registry_new(&spec, &registry, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        abort();
    }
    return registry;
}

static int no_seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain,
                   mcp_str *sealed, struct mcp_error *err)
{
    (void)ctx;
    (void)bound;
    (void)err;
    *sealed = mcp_arena_str(arena, plain);
    return 0;
}

const struct mcp_sealer test_no_seal = { no_seal, no_seal, NULL };
