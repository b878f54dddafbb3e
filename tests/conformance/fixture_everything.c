/* The server that the official MCP conformance suite talks to: its tools, by the suite's names. */
#include <mcp/app.h>
#include <mcp/ask.h>
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

/* Lets its client go while it works. */
static int run_reconnection(struct mcp_call *call, struct mcp_error *err)
{
    int rc;

    mcp_call_hang_up(call);
    rc = mcp_sleep(call, 100, err);
    if (rc < 0)
        return rc;
    mcp_result_text(call, MCP_STR("Reconnection test completed successfully"));
    return 0;
}

static struct mcp_app *app;

static int run_tool_change(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_app_changed(app, MCP_CHANGE_TOOLS, MCP_STR_NULL);
    mcp_result_text(call, MCP_STR("told"));
    return 0;
}

static int run_prompt_change(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_app_changed(app, MCP_CHANGE_PROMPTS, MCP_STR_NULL);
    mcp_result_text(call, MCP_STR("told"));
    return 0;
}

static int run_resource_change(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_app_changed(app, MCP_CHANGE_RESOURCE, MCP_STR("test://watched-resource"));
    mcp_app_changed(app, MCP_CHANGE_RESOURCES, MCP_STR_NULL);
    mcp_result_text(call, MCP_STR("told"));
    return 0;
}

/* ---- asking back ----------------------------------------------------------------------------- */

#define FORM(message, properties, required)                                                        \
    "{\"mode\":\"form\",\"message\":\"" message                                                    \
    "\",\"requestedSchema\":{\"type\":\"object\",\"properties\":{" properties                      \
    "},\"required\":[" required "]}}"
#define NAME_FORM FORM("What is your name?", "\"name\":{\"type\":\"string\"}", "\"name\"")
#define SAMPLE                                                                                     \
    "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":"                   \
    "\"What is the capital of France?\"}}],\"maxTokens\":100}"

static int ask_one(struct mcp_call *call, const char *key, enum mcp_ask kind, const char *params,
                   struct mcp_error *err)
{
    struct mcp_json answer = mcp_input(call, key);
    int rc;

    if (mcp_json_exists(answer)) {
        mcp_result_text(call, mcp_json_raw(answer));
        return 0;
    }
    rc = mcp_need(call, key, kind, mcp_str_z(params), err);
    return rc == 0 ? MCP_EINPUT : rc;
}

static int run_ask_name(struct mcp_call *call, struct mcp_error *err)
{
    return ask_one(call, "user_name", MCP_ASK_FORM, NAME_FORM, err);
}

static int run_ask_sample(struct mcp_call *call, struct mcp_error *err)
{
    return ask_one(call, "capital", MCP_ASK_SAMPLE, SAMPLE, err);
}

static int run_ask_roots(struct mcp_call *call, struct mcp_error *err)
{
    return ask_one(call, "roots", MCP_ASK_ROOTS, NULL, err);
}

static int run_ask_with_state(struct mcp_call *call, struct mcp_error *err)
{
    static const char form[] = FORM("Please confirm", "\"ok\":{\"type\":\"boolean\"}", "\"ok\"");

    if (mcp_json_exists(mcp_input(call, "confirm")) &&
        mcp_json_str_eq(mcp_state_get(call, "step"), MCP_STR("asked"))) {
        mcp_result_text(call, MCP_STR("state-ok: the state came back whole"));
        return 0;
    }
    mcp_state_set(call, "step", MCP_STR("\"asked\""));
    return mcp_need(call, "confirm", MCP_ASK_FORM, mcp_str_z(form), err) == 0 ? MCP_EINPUT
                                                                              : MCP_ECAPABILITY;
}

/* Whatever the client can answer; with all three answers, or all it can give, it is done. */
static int run_ask_all(struct mcp_call *call, struct mcp_error *err)
{
    static const struct {
        const char *key;
        enum mcp_ask kind;
        const char *params;
    } asks[] = {
        { "user_name", MCP_ASK_FORM, NAME_FORM },
        { "greeting", MCP_ASK_SAMPLE, SAMPLE },
        { "client_roots", MCP_ASK_ROOTS, NULL },
    };
    size_t missing = 0, refused = 0;
    struct mcp_error no = { 0 };

    for (size_t i = 0; i < 3; i++) {
        if (mcp_json_exists(mcp_input(call, asks[i].key)))
            continue;
        if (mcp_need(call, asks[i].key, asks[i].kind, mcp_str_z(asks[i].params), &no) == 0)
            missing++;
        else
            refused++;
    }
    if (missing > 0)
        return MCP_EINPUT;
    if (refused == 3)
        return mcp_error_set(err, MCP_ECAPABILITY, "%s", no.message);
    mcp_result_text(call, MCP_STR("all answers are there"));
    return 0;
}

static int run_ask_rounds(struct mcp_call *call, struct mcp_error *err)
{
    static const char color[] =
        FORM("What is your favorite color?", "\"color\":{\"type\":\"string\"}", "\"color\"");

    if (!mcp_json_exists(mcp_input(call, "step1"))) {
        mcp_state_set(call, "round", MCP_STR("1"));
        return mcp_need(call, "step1", MCP_ASK_FORM, MCP_STR(NAME_FORM), err) == 0
                   ? MCP_EINPUT
                   : MCP_ECAPABILITY;
    }
    mcp_state_set(call, "round", MCP_STR("2"));
    return ask_one(call, "step2", MCP_ASK_FORM, color, err);
}

static int run_missing_capability(struct mcp_call *call, struct mcp_error *err)
{
    return ask_one(call, "sample", MCP_ASK_SAMPLE, SAMPLE, err);
}

static int run_elicitation(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_buf params;
    struct mcp_jsonw w;
    int rc;

    mcp_buf_init(&params, 65536);
    mcp_jsonw_init(&w, &params);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "message",
                   mcp_json_get_str(mcp_call_args(call), MCP_STR("message"), mcp_call_arena(call)));
    mcp_jsonw_kraw(&w, "requestedSchema",
                   MCP_STR("{\"type\":\"object\",\"properties\":{\"username\":{\"type\":"
                           "\"string\"},\"email\":{\"type\":\"string\"}},\"required\":["
                           "\"username\",\"email\"]}"));
    mcp_jsonw_end(&w);
    mcp_buf_char(&params, '\0');
    rc = ask_one(call, "user", MCP_ASK_FORM, params.ptr, err);
    mcp_buf_release(&params);
    return rc;
}

static int run_sampling(struct mcp_call *call, struct mcp_error *err)
{
    struct mcp_buf params;
    int rc;

    mcp_buf_init(&params, 65536);
    mcp_buf_z(&params, "{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\","
                       "\"text\":");
    mcp_json_quote(&params,
                   mcp_json_get_str(mcp_call_args(call), MCP_STR("prompt"), mcp_call_arena(call)));
    mcp_buf_z(&params, "}}],\"maxTokens\":100}");
    mcp_buf_char(&params, '\0');
    rc = ask_one(call, "sample", MCP_ASK_SAMPLE, params.ptr, err);
    mcp_buf_release(&params);
    return rc;
}

static int run_form_defaults(struct mcp_call *call, struct mcp_error *err)
{
    static const char form[] =
        FORM("Please review the defaults",
             "\"name\":{\"type\":\"string\",\"default\":\"John Doe\"},"
             "\"age\":{\"type\":\"integer\",\"default\":30},"
             "\"score\":{\"type\":\"number\",\"default\":95.5},"
             "\"status\":{\"type\":\"string\",\"enum\":[\"active\",\"inactive\",\"pending\"],"
             "\"default\":\"active\"},"
             "\"verified\":{\"type\":\"boolean\",\"default\":true}",
             "");

    return ask_one(call, "form", MCP_ASK_FORM, form, err);
}

static int run_form_enums(struct mcp_call *call, struct mcp_error *err)
{
    static const char form[] =
        FORM("Please choose",
             "\"untitledSingle\":{\"type\":\"string\",\"enum\":[\"option1\",\"option2\","
             "\"option3\"]},"
             "\"titledSingle\":{\"type\":\"string\",\"oneOf\":[{\"const\":\"value1\",\"title\":"
             "\"First Option\"},{\"const\":\"value2\",\"title\":\"Second Option\"},{\"const\":"
             "\"value3\",\"title\":\"Third Option\"}]},"
             "\"legacyEnum\":{\"type\":\"string\",\"enum\":[\"opt1\",\"opt2\",\"opt3\"],"
             "\"enumNames\":[\"Option One\",\"Option Two\",\"Option Three\"]},"
             "\"untitledMulti\":{\"type\":\"array\",\"items\":{\"type\":\"string\",\"enum\":["
             "\"option1\",\"option2\",\"option3\"]}},"
             "\"titledMulti\":{\"type\":\"array\",\"items\":{\"anyOf\":[{\"const\":\"value1\","
             "\"title\":\"First Choice\"},{\"const\":\"value2\",\"title\":\"Second Choice\"},{"
             "\"const\":\"value3\",\"title\":\"Third Choice\"}]}}",
             "");

    return ask_one(call, "form", MCP_ASK_FORM, form, err);
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static int run_greet(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str name = mcp_json_get_str(mcp_call_args(call), MCP_STR("name"), mcp_call_arena(call));

    (void)err;
    mcp_result_text(call,
                    mcp_arena_printf(mcp_call_arena(call), "Hello, %.*s!", MCP_STR_ARG(name)));
    return 0;
}

static int run_slow(struct mcp_call *call, struct mcp_error *err)
{
    int64_t seconds = mcp_json_get_int64(mcp_call_args(call), MCP_STR("seconds"), 0);
    int rc;

    if (seconds > 0)
        mcp_call_task(call);
    rc = mcp_sleep(call, (unsigned)seconds * 1000, err);
    if (rc < 0)
        return rc;
    mcp_result_text(call, MCP_STR("computed"));
    return 0;
}

static int run_failing_job(struct mcp_call *call, struct mcp_error *err)
{
    int rc;

    mcp_call_task(call);
    rc = mcp_sleep(call, 1000, err);
    return rc < 0 ? rc : mcp_error_set(err, MCP_EUPSTREAM, "the job failed");
}

/* What it needs is nothing that this client has: no answer at all, but an error of the protocol. */
static int run_protocol_error_job(struct mcp_call *call, struct mcp_error *err)
{
    mcp_call_task(call);
    return mcp_need(call, "roots", MCP_ASK_ROOTS, MCP_STR_NULL, err) == 0 ? MCP_EINPUT
                                                                          : MCP_ECAPABILITY;
}

#define CONFIRM FORM("Really?", "\"confirm\":{\"type\":\"boolean\"}", "\"confirm\"")

static int run_confirm(struct mcp_call *call, struct mcp_error *err)
{
    mcp_call_task(call);
    return ask_one(call, "confirm", MCP_ASK_FORM, CONFIRM, err);
}

static int run_multi_input(struct mcp_call *call, struct mcp_error *err)
{
    mcp_call_task(call);
    if (!mcp_json_exists(mcp_input(call, "name")) &&
        mcp_need(call, "name", MCP_ASK_FORM, MCP_STR(NAME_FORM), err) != 0)
        return MCP_ECAPABILITY;
    return ask_one(call, "confirm", MCP_ASK_FORM, CONFIRM, err) == 0 &&
                   mcp_json_exists(mcp_input(call, "name"))
               ? 0
               : MCP_EINPUT;
}

/* Asks while it is a call, and goes on as a task. */
static int run_ask_then_task(struct mcp_call *call, struct mcp_error *err)
{
    if (mcp_json_exists(mcp_input(call, "user_name")))
        mcp_call_task(call);
    return ask_one(call, "user_name", MCP_ASK_FORM, NAME_FORM, err);
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

static int get_asking(struct mcp_call *call, struct mcp_error *err)
{
    static const char form[] = FORM("What context should the prompt use?",
                                    "\"context\":{\"type\":\"string\"}", "\"context\"");

    return ask_one(call, "user_context", MCP_ASK_FORM, form, err);
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
    { .name = "test_input_required_result_prompt",
      .description = "A prompt that asks back",
      .get = get_asking },
};

/* ---- tools ----------------------------------------------------------------------------------- */

#define MESSAGE                                                                                    \
    "{\"type\":\"object\",\"properties\":{\"message\":{\"type\":\"string\"}},\"required\":["       \
    "\"message\"]}"
#define PROMPT                                                                                     \
    "{\"type\":\"object\",\"properties\":{\"prompt\":{\"type\":\"string\"}},\"required\":["        \
    "\"prompt\"]}"
static const struct mcp_schema_text message_in = { "message.in", MESSAGE, sizeof(MESSAGE) - 1 };
static const struct mcp_schema_text prompt_in = { "prompt.in", PROMPT, sizeof(PROMPT) - 1 };

/* Keywords that must reach the client as they stand here. */
#define KEYWORDS                                                                                   \
    "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"type\":\"object\","           \
    "\"$defs\":{\"address\":{\"$anchor\":\"addressDef\",\"type\":\"object\",\"properties\":{"      \
    "\"street\":{\"type\":\"string\"},\"city\":{\"type\":\"string\"}}}},\"properties\":{"          \
    "\"name\":{\"type\":\"string\"},\"address\":{\"$ref\":\"#/$defs/address\"},"                   \
    "\"contactMethod\":{\"type\":\"string\",\"enum\":[\"phone\",\"email\"]},\"phone\":{"           \
    "\"type\":\"string\"},\"email\":{\"type\":\"string\"}},\"allOf\":[{\"anyOf\":[{\"required\":[" \
    "\"phone\"]},{\"required\":[\"email\"]}]}],\"if\":{\"properties\":{\"contactMethod\":{"        \
    "\"const\":\"phone\"}},\"required\":[\"contactMethod\"]},\"then\":{\"required\":[\"phone\"]}," \
    "\"else\":{\"required\":[\"email\"]},\"additionalProperties\":false}"
#define REGION                                                                                     \
    "{\"type\":\"object\",\"properties\":{\"region\":{\"type\":\"string\",\"x-mcp-header\":"       \
    "\"Region\"},\"query\":{\"type\":\"string\"}}}"
static const struct mcp_schema_text keywords_in = { "keywords.in", KEYWORDS, sizeof(KEYWORDS) - 1 };
static const struct mcp_schema_text region_in = { "region.in", REGION, sizeof(REGION) - 1 };

/* A tool without arguments that asks back. */
#define ASKING(id, words, fn)                                                                      \
    {                                                                                              \
        .name = id, .description = words, .in = &no_arguments, .flags = MCP_TOOL_READONLY,         \
        .run = fn                                                                                  \
    }

#define NAME                                                                                       \
    "{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\"}},\"required\":["          \
    "\"name\"]}"
#define SLOW                                                                                       \
    "{\"type\":\"object\",\"properties\":{\"seconds\":{\"type\":\"integer\",\"minimum\":0,"        \
    "\"maximum\":600},\"label\":{\"type\":\"string\"}}}"
#define FILE_NAME "{\"type\":\"object\",\"properties\":{\"filename\":{\"type\":\"string\"}}}"
static const struct mcp_schema_text name_in = { "name.in", NAME, sizeof(NAME) - 1 };
static const struct mcp_schema_text slow_in = { "slow.in", SLOW, sizeof(SLOW) - 1 };
static const struct mcp_schema_text file_in = { "file.in", FILE_NAME, sizeof(FILE_NAME) - 1 };

static const struct mcp_tool tools[] = {
    { .name = "a_first_tool",
      .description = "Takes no arguments: the suite calls whatever is listed first",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_simple_text },
    { .name = "confirm_delete",
      .description = "A task that asks before it deletes",
      .in = &file_in,
      .flags = MCP_TOOL_TASK,
      .run = run_confirm },
    { .name = "failing_job",
      .description = "A task that fails",
      .in = &no_arguments,
      .flags = MCP_TOOL_TASK_ONLY,
      .run = run_failing_job },
    { .name = "greet", .description = "Greets, never as a task", .in = &name_in, .run = run_greet },
    { .name = "json_schema_2020_12_tool",
      .description = "Takes what JSON Schema 2020-12 can say",
      .in = &keywords_in,
      .run = run_simple_text },
    { .name = "multi_input",
      .description = "A task that asks for two things at once",
      .in = &no_arguments,
      .flags = MCP_TOOL_TASK,
      .run = run_multi_input },
    { .name = "protocol_error_job",
      .description = "A task that ends in an error of the protocol",
      .in = &no_arguments,
      .flags = MCP_TOOL_TASK,
      .run = run_protocol_error_job },
    { .name = "slow_compute",
      .description = "A task of some seconds",
      .in = &slow_in,
      .flags = MCP_TOOL_TASK,
      .run = run_slow },
    { .name = "test_audio_content",
      .title = "Audio",
      .description = "Answers audio",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_audio },
    { .name = "test_elicitation",
      .description = "Asks the user for a name and an address",
      .in = &message_in,
      .run = run_elicitation },
    ASKING("test_elicitation_sep1034_defaults", "Asks with defaults", run_form_defaults),
    ASKING("test_elicitation_sep1330_enums", "Asks with choices", run_form_enums),
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
    ASKING("test_input_required_result_capabilities", "Asks for what can be answered", run_ask_all),
    ASKING("test_input_required_result_elicitation", "Asks for a name", run_ask_name),
    ASKING("test_input_required_result_list_roots", "Asks for the roots", run_ask_roots),
    ASKING("test_input_required_result_multi_round", "Asks twice", run_ask_rounds),
    ASKING("test_input_required_result_multiple_inputs", "Asks for three things", run_ask_all),
    ASKING("test_input_required_result_request_state", "Asks with a state", run_ask_with_state),
    ASKING("test_input_required_result_sampling", "Asks the model", run_ask_sample),
    ASKING("test_input_required_result_tampered_state", "Asks with a state", run_ask_with_state),
    { .name = "test_logging_tool",
      .description = "Logs three times before it answers",
      .in = &no_arguments,
      .run = run_logging },
    ASKING("test_missing_capability", "Needs sampling", run_missing_capability),
    { .name = "test_multiple_content_types",
      .title = "Mixed content",
      .description = "Answers text, an image and a resource",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_mixed },
    { .name = "test_reconnection",
      .description = "Lets its client go and come back for the answer",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_reconnection },
    { .name = "test_sampling",
      .description = "Asks the client's model",
      .in = &prompt_in,
      .run = run_sampling },
    { .name = "test_simple_text",
      .title = "Text",
      .description = "Answers a text",
      .in = &no_arguments,
      .flags = MCP_TOOL_READONLY,
      .run = run_simple_text },
    ASKING("test_streaming_elicitation", "Asks for a name", run_ask_name),
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
    { .name = "test_tool_with_task",
      .description = "Asks for a name, then works as a task",
      .in = &no_arguments,
      .flags = MCP_TOOL_TASK_ONLY,
      .run = run_ask_then_task },
    { .name = "test_trigger_prompt_change",
      .description = "Tells that the prompts have changed",
      .in = &no_arguments,
      .run = run_prompt_change },
    { .name = "test_trigger_resource_change",
      .description = "Tells that the watched resource has changed",
      .in = &no_arguments,
      .run = run_resource_change },
    { .name = "test_trigger_tool_change",
      .description = "Tells that the tools have changed",
      .in = &no_arguments,
      .run = run_tool_change },
    { .name = "test_x_mcp_header",
      .description = "Mirrors its region into a header",
      .in = &region_in,
      .run = run_simple_text },
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
        .changes =
            MCP_CHANGE_TOOLS | MCP_CHANGE_PROMPTS | MCP_CHANGE_RESOURCES | MCP_CHANGE_RESOURCE,
    };
    struct mcp_app_config config = { 0 };
    struct mcp_opt_table table = { mcp_app_opts, mcp_n_app_opts, &config };
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_options options;
    struct mcp_error err = { 0 };
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
