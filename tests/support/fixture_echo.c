/* A small server with tools that echo, dawdle, fail, fetch, report progress and answer at length. */
#include <mcp/app.h>
#include <mcp/fetch.h>
#include <mcp/json_writer.h>
#include <mcp/version.h>

#include <stdio.h>

#define SCHEMA(symbol, text_)                                                                      \
    static const struct mcp_schema_text symbol = { #symbol, text_, sizeof(text_) - 1 }

SCHEMA(echo_in, "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},\"seal\":"
                "{\"type\":\"boolean\"}},\"additionalProperties\":false}");
SCHEMA(echo_out, "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},"
                 "\"principal\":{\"type\":\"string\"}},\"required\":[\"text\"]}");
SCHEMA(count_in, "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\",\"minimum\":0,"
                 "\"maximum\":16000000}},\"additionalProperties\":false}");

SCHEMA(fetch_in, "{\"type\":\"object\",\"properties\":{\"url\":{\"type\":\"string\"}},"
                 "\"required\":[\"url\"],\"additionalProperties\":false}");

/* Echoes text; with seal the text comes back sealed, and a sealed one is opened. */
static int run_echo(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_json args = mcp_call_args(call);
    mcp_str text = mcp_json_get_str(args, MCP_STR("text"), mcp_call_arena(call));
    mcp_str sealed = text;
    struct mcp_jsonw w;

    if (mcp_json_get_bool(args, MCP_STR("seal"), false)) {
        bool open = mcp_str_cut_prefix(&sealed, MCP_STR("sealed:"));
        int rc = open ? mcp_unseal(call, MCP_STR("echo"), sealed, &text, err)
                      : mcp_seal(call, MCP_STR("echo"), text, &text, err);

        if (rc < 0)
            return rc;
    }
    if (mcp_str_is_null(text))
        text = MCP_STR("nothing");
    mcp_jsonw_init(&w, mcp_result_structured(call));
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "text", text);
    if (mcp_call_principal(call).len > 0)
        mcp_jsonw_kstr(&w, "principal", mcp_call_principal(call));
    mcp_jsonw_end(&w);
    mcp_result_text(call, text);
    return 0;
}

/* n: milliseconds */
static int run_slow(struct mcp_call *call, struct mcp_error *err)
{
    int64_t n = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 100);
    int rc = mcp_sleep(call, (unsigned)n, err);

    if (rc < 0)
        return rc;
    mcp_result_text(call, MCP_STR("slept"));
    return 0;
}

/* url: fetched from upstream; its body is the answer */
static int run_fetch(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_http_req req = { .method = MCP_GET, .timeout_ms = 10000 };
    struct mcp_http_res res;
    int rc;

    req.url = mcp_json_get_str(mcp_call_args(call), MCP_STR("url"), mcp_call_arena(call));
    rc = mcp_fetch(call, &req, &res, err);
    if (rc < 0)
        return rc;
    mcp_result_text(call, res.body);
    return 0;
}

static int run_fail(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    mcp_error_set(err, MCP_EDENIED, "this tool always fails");
    return mcp_error_next(err, "call echo instead");
}

/* n: how many reports */
static int run_progress(struct mcp_call *call, struct mcp_error *err)
{
    int64_t n = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 5);

    for (int64_t i = 1; i <= n; i++) {
        char message[32];

        snprintf(message, sizeof(message), "step %lld", (long long)i);
        mcp_progress(call, i, n, mcp_str_z(message));
        if (mcp_sleep(call, 120, err) < 0)
            return MCP_ECANCELLED;
    }
    mcp_result_text(call, MCP_STR("done"));
    return 0;
}

/* n: bytes of text */
static int run_big(struct mcp_call *call, struct mcp_error *err)
{
    int64_t n = mcp_json_get_int64(mcp_call_args(call), MCP_STR("n"), 100000);
    char *text = mcp_arena_try(mcp_call_arena(call), (size_t)n + 1);

    if (text == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    memset(text, 'x', (size_t)n);
    mcp_result_text(call, mcp_str_n(text, (size_t)n));
    return 0;
}

static const struct mcp_tool tools[] = {
    { .name = "big",
      .title = "Big",
      .description = "Answers n bytes.",
      .in = &count_in,
      .flags = MCP_TOOL_READONLY,
      .run = run_big },
    { .name = "echo",
      .title = "Echo",
      .description = "Answers its text.",
      .in = &echo_in,
      .out = &echo_out,
      .flags = MCP_TOOL_READONLY,
      .run = run_echo },
    { .name = "fail",
      .title = "Fail",
      .description = "Always fails.",
      .in = &count_in,
      .flags = MCP_TOOL_READONLY,
      .run = run_fail },
    { .name = "fetch",
      .title = "Fetch",
      .description = "Answers what a URL gives.",
      .in = &fetch_in,
      .flags = MCP_TOOL_READONLY | MCP_TOOL_OPEN_WORLD,
      .run = run_fetch },
    { .name = "progress",
      .title = "Progress",
      .description = "Reports n times.",
      .in = &count_in,
      .flags = MCP_TOOL_READONLY,
      .run = run_progress },
    { .name = "slow",
      .title = "Slow",
      .description = "Waits n milliseconds.",
      .in = &count_in,
      .flags = MCP_TOOL_READONLY,
      .run = run_slow },
};

int main(int argc, char **argv)
{
    const struct mcp_app_spec spec = { .name = "fixture-echo",
                                       .title = "Echo",
                                       .version = MCP_VERSION_STR,
                                       .tools = tools,
                                       .n_tools = sizeof(tools) / sizeof(tools[0]) };

    return mcp_app_main(&spec, NULL, argc, argv);
}
