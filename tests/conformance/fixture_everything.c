/* The server that the official MCP conformance suite talks to: its tools, by the suite's names. */
#include <mcp/app.h>
#include <mcp/version.h>

#include <stdio.h>

#define NO_ARGUMENTS "{\"type\":\"object\",\"additionalProperties\":false}"
static const struct mcp_schema_text no_arguments = { "none.in", NO_ARGUMENTS,
                                                     sizeof(NO_ARGUMENTS) - 1 };

/* One red pixel (PNG), and a WAV of no samples. */
static const char png[] = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmM"
                          "IQAAAABJRU5ErkJggg==";
static const char wav[] = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=";

static int run_simple_text(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, MCP_STR("This is a simple text response for testing."));
    return 0;
}

static int run_image(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_image(call, mcp_str_z(png), MCP_STR("image/png"));
    return 0;
}

static int run_audio(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_audio(call, mcp_str_z(wav), MCP_STR("audio/wav"));
    return 0;
}

static int run_embedded(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_resource(call, MCP_STR("test://embedded-resource"), MCP_STR("text/plain"),
                        MCP_STR("This is an embedded resource content."), MCP_STR_NULL);
    return 0;
}

static int run_mixed(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, MCP_STR("Multiple content types test:"));
    mcp_result_image(call, mcp_str_z(png), MCP_STR("image/png"));
    mcp_result_resource(call, MCP_STR("test://mixed-content-resource"),
                        MCP_STR("application/json"), MCP_STR("{\"test\":\"data\",\"value\":123}"),
                        MCP_STR_NULL);
    return 0;
}

static int run_error(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    return mcp_error_set(err, MCP_EUPSTREAM, "This tool intentionally returns an error for testing");
}

static int run_progress(struct mcp_call *call, struct mcp_error *err)
{
    for (int64_t done = 0; done <= 100; done += 50) {
        int rc;

        mcp_progress(call, done, 100, MCP_STR("working"));
        /* Longer than the interval between two notifications, so that each one is sent. */
        rc = mcp_sleep(call, 150, err);
        if (rc < 0)
            return rc;
    }
    mcp_result_text(call, MCP_STR("done"));
    return 0;
}

static const struct mcp_tool tools[] = {
    { .name = "test_audio_content",
      .title = "Audio",
      .description = "Answers audio",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_audio },
    { .name = "test_embedded_resource",
      .title = "Embedded resource",
      .description = "Answers an embedded resource",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_embedded },
    { .name = "test_error_handling",
      .title = "Error",
      .description = "Always fails",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_error },
    { .name = "test_image_content",
      .title = "Image",
      .description = "Answers an image",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_image },
    { .name = "test_multiple_content_types",
      .title = "Mixed content",
      .description = "Answers text, an image and a resource",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_mixed },
    { .name = "test_simple_text",
      .title = "Text",
      .description = "Answers a text",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_simple_text },
    { .name = "test_tool_with_progress",
      .title = "Progress",
      .description = "Reports progress before it answers",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_progress },
};

int main(int argc, char **argv)
{
    static const struct mcp_app_spec spec = {
        .name = "mcp-everything",
        .title = "Everything",
        .version = MCP_VERSION_STR,
        .description = "What the conformance suite asks for",
        .tools = tools,
        .n_tools = sizeof(tools) / sizeof(tools[0]),
    };
    struct mcp_app_config config = { 0 };
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &config };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_options options;
    struct mcp_error err = { 0 };
    struct mcp_app *app = NULL;
    int status = 2;

    if (mcp_options_load(&options, &table, 1, MCP_STR_NULL, argc - 1, argv + 1, arena, &err) == 0 &&
        mcp_app_new(&spec, &config, &app, &err) == 0)
        status = mcp_app_run(app);
    else
        fprintf(stderr, "%s %s\n", err.message, err.next);
    mcp_app_free(app);
    mcp_arena_free(arena);
    return status;
}
