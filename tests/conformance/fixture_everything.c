/* The server that the official MCP conformance suite talks to: its tools, by the suite's names. */
#include <mcp/app.h>
#include <mcp/json_writer.h>
#include <mcp/version.h>

#include <stdio.h>

#define NO_ARGUMENTS "{\"type\":\"object\",\"additionalProperties\":false}"
static const struct mcp_schema_text no_arguments = { "none.in", NO_ARGUMENTS,
                                                     sizeof(NO_ARGUMENTS) - 1 };

/* One red pixel (PNG), and a WAV of no samples. */
static const char png[] =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmM"
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
    mcp_result_resource(call, MCP_STR("test://mixed-content-resource"), MCP_STR("application/json"),
                        MCP_STR("{\"test\":\"data\",\"value\":123}"), MCP_STR_NULL);
    return 0;
}

static int run_error(struct mcp_call *call, struct mcp_error *err)
{
    (void)call;
    return mcp_error_set(err, MCP_EUPSTREAM,
                         "This tool intentionally returns an error for testing");
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

static int run_logging(struct mcp_call *call, struct mcp_error *err)
{
    static const char *const steps[] = { "\"Tool execution started\"", "\"Tool processing data\"",
                                         "\"Tool execution completed\"" };

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        int rc = i == 0 ? 0 : mcp_sleep(call, 50, err);

        if (rc < 0)
            return rc;
        mcp_call_log(call, MCP_LOG_SEV_INFO, MCP_STR("everything"), mcp_str_z(steps[i]));
    }
    mcp_result_text(call, MCP_STR("logged"));
    return 0;
}

/* ---- resources ------------------------------------------------------------------------------- */

static int read_text(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL,
                      MCP_STR("This is the content of the static text resource."));
    return 0;
}

static int read_binary(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_contents_blob(call, MCP_STR_NULL, MCP_STR_NULL, mcp_str_z(png));
    return 0;
}

static int read_template(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_buf text;
    struct mcp_jsonw w;

    (void)err;
    mcp_buf_init(&text, 4096);
    mcp_jsonw_init(&w, &text);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "id", mcp_call_var(call, "id"));
    mcp_jsonw_kbool(&w, "templateTest", true);
    mcp_jsonw_end(&w);
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, mcp_buf_view(&text));
    mcp_buf_release(&text);
    return 0;
}

static int complete_id(struct mcp_call *call, mcp_str variable, mcp_str given,
                       struct mcp_error *err)
{
    static const char *const ids[] = { "1", "12", "123" };

    (void)variable;
    (void)err;
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (mcp_str_starts(mcp_str_z(ids[i]), given))
            mcp_completion_add(call, mcp_str_z(ids[i]));
    }
    return 0;
}

static const struct mcp_resource resources[] = {
    { .uri = "test://static-text",
      .name = "Static text",
      .title = "Static text resource",
      .description = "A text that never changes",
      .mime_type = "text/plain",
      .flags = MCP_RESOURCE_PUBLIC,
      .ttl_ms = 60000,
      .read = read_text },
    { .uri = "test://static-binary",
      .name = "Static binary",
      .description = "An image that never changes",
      .mime_type = "image/png",
      .flags = MCP_RESOURCE_PUBLIC,
      .ttl_ms = 60000,
      .read = read_binary },
    { .uri = "test://watched-resource",
      .name = "Watched",
      .description = "A resource to subscribe to",
      .mime_type = "text/plain",
      .read = read_text },
    { .uri_template = "test://template/{id}/data",
      .name = "Template",
      .description = "Data of one id",
      .mime_type = "application/json",
      .read = read_template,
      .complete = complete_id },
};

/* ---- prompts --------------------------------------------------------------------------------- */

static int get_simple(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, MCP_STR("This is a simple prompt for testing."));
    return 0;
}

static int get_with_arguments(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str a = mcp_prompt_arg(call, "arg1"), b = mcp_prompt_arg(call, "arg2");

    (void)err;
    mcp_result_text(call, mcp_arena_printf(mcp_call_arena(call),
                                           "Prompt with arguments: arg1='%.*s', arg2='%.*s'",
                                           MCP_STR_ARG(a), MCP_STR_ARG(b)));
    return 0;
}

static int complete_argument(struct mcp_call *call, mcp_str argument, mcp_str given,
                             struct mcp_error *err)
{
    static const char *const words[] = { "test1", "test2", "other" };

    (void)argument;
    (void)err;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (mcp_str_starts(mcp_str_z(words[i]), given))
            mcp_completion_add(call, mcp_str_z(words[i]));
    }
    return 0;
}

static int get_embedded(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_resource(call, mcp_prompt_arg(call, "resourceUri"), MCP_STR("text/plain"),
                        MCP_STR("Embedded resource content for testing."), MCP_STR_NULL);
    mcp_result_text(call, MCP_STR("Please process the embedded resource above."));
    return 0;
}

static int get_image(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_image(call, mcp_str_z(png), MCP_STR("image/png"));
    mcp_prompt_role(call, MCP_ROLE_ASSISTANT);
    mcp_result_text(call, MCP_STR("I see one red pixel."));
    return 0;
}

static const struct mcp_prompt_arg two_arguments[] = {
    { .name = "arg1", .description = "First test argument", .required = true },
    { .name = "arg2", .description = "Second test argument", .required = true },
};
static const struct mcp_prompt_arg uri_argument[] = {
    { .name = "resourceUri", .description = "URI of the resource to embed", .required = true },
};

static const struct mcp_prompt prompts[] = {
    { .name = "test_simple_prompt",
      .title = "Simple",
      .description = "A prompt without arguments",
      .get = get_simple },
    { .name = "test_prompt_with_arguments",
      .description = "A prompt with two arguments",
      .args = two_arguments,
      .n_args = 2,
      .get = get_with_arguments,
      .complete = complete_argument },
    { .name = "test_prompt_with_embedded_resource",
      .description = "A prompt with a resource in it",
      .args = uri_argument,
      .n_args = 1,
      .get = get_embedded },
    { .name = "test_prompt_with_image",
      .description = "A prompt with an image in it",
      .get = get_image },
};

/* ---- tools ----------------------------------------------------------------------------------- */

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
    { .name = "test_tool_with_logging",
      .title = "Logging",
      .description = "Logs three times before it answers",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_logging },
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
        .resources = resources,
        .n_resources = sizeof(resources) / sizeof(resources[0]),
        .prompts = prompts,
        .n_prompts = sizeof(prompts) / sizeof(prompts[0]),
        .logging = true,
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
