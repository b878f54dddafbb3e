/* Lists with their pages, reading, prompts, completion and logging/setLevel, as they are answered. */
#include "tools.h"

#include "mcp/proto/dispatch.h"
#include "mcp/proto/envelope.h"
#include "mcp/proto/sealer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define META                                                                                       \
    "\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                       \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

/* A sealer that everybody can read: BOUND|PLAIN. */
static int seal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str plain, mcp_str *sealed,
                struct mcp_error *err)
{
    (void)ctx;
    (void)err;
    *sealed = mcp_arena_printf(arena, "%.*s|%.*s", MCP_STR_ARG(bound), MCP_STR_ARG(plain));
    return 0;
}

static int unseal(void *ctx, struct mcp_arena *arena, mcp_str bound, mcp_str sealed, mcp_str *plain,
                  struct mcp_error *err)
{
    (void)ctx;
    (void)arena;
    if (!mcp_str_cut_prefix(&sealed, bound) || !mcp_str_cut_prefix(&sealed, MCP_STR("|")))
        return mcp_error_set(err, MCP_EINVAL, "not ours");
    *plain = sealed;
    return 0;
}

static const struct mcp_sealer sealer = { seal, unseal, NULL };

static int read_one(struct mcp_call *call, struct mcp_error *err)
{
    mcp_str id = mcp_call_var(call, "id");

    if (mcp_str_eq(id, MCP_STR("gone")))
        return mcp_error_set(err, MCP_ENOTFOUND, "no %.*s", MCP_STR_ARG(id));
    if (mcp_str_eq(id, MCP_STR("empty")))
        return 0;
    assert_true(mcp_str_is_null(mcp_call_var(call, "other")));
    mcp_contents_text(call, MCP_STR_NULL, MCP_STR_NULL, id);
    mcp_contents_blob(call, MCP_STR("t://part"), MCP_STR("image/png"), MCP_STR("AAAA"));
    return 0;
}

static int propose(struct mcp_call *call, mcp_str name, mcp_str given, struct mcp_error *err)
{
    (void)err;
    for (int i = 0; i < 120; i++)
        mcp_completion_add(call, mcp_arena_printf(mcp_call_arena(call), "%.*s-%.*s-%d",
                                                  MCP_STR_ARG(name), MCP_STR_ARG(given), i));
    return 0;
}

static int get_prompt(struct mcp_call *call, struct mcp_error *err)
{
    (void)err;
    mcp_result_text(call, mcp_prompt_arg(call, "topic"));
    mcp_prompt_role(call, MCP_ROLE_ASSISTANT);
    mcp_result_resource(call, MCP_STR("t://1"), MCP_STR_NULL, MCP_STR("x"), MCP_STR_NULL);
    return 0;
}

static const struct mcp_prompt_arg prompt_args[] = {
    { .name = "topic", .title = "Topic", .required = true },
    { .name = "tone" },
};
static const struct mcp_resource resources[] = {
    { .uri = "t://a", .name = "A", .title = "Letter A", .read = read_one },
    { .uri = "t://b", .name = "B", .read = read_one, .flags = MCP_RESOURCE_PUBLIC, .ttl_ms = 7 },
    { .uri = "t://c", .name = "C", .mime_type = "text/csv", .read = read_one },
    { .uri_template = "t://{id}/x", .name = "X", .read = read_one, .complete = propose },
    { .uri_template = "t://{id}/y", .name = "Y", .read = read_one },
};
static const struct mcp_prompt prompts[] = {
    { .name = "brief",
      .description = "Asks for a brief",
      .args = prompt_args,
      .n_args = 2,
      .get = get_prompt },
};

static struct mcp_registry *registry;
static int log_level;

/* The whole answer; the caller frees it. */
static struct mcp_buf ask(const char *method, const char *params, enum mcp_revision rev)
{
    struct mcp_dispatch d = {
        .registry = registry, .sealer = &sealer, .deadline_ms = 1000, .max_batch = 4
    };
    struct mcp_call *call = mcp__call_new(mcp_arena_new(0, 0));
    struct mcp_era_pin pin = { .pinned = true,
                               .era = rev == MCP_REV_MODERN ? MCP_MODERN : MCP_LEGACY };
    struct mcp_inbound in = {
        .rev = rev, .pin = &pin, .principal = MCP_STR(""), .log_level = &log_level
    };
    mcp_str body =
        mcp_arena_printf(call->arena,
                         "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":{"
                         "%s%s%s}}",
                         method, params, rev == MCP_REV_MODERN && params[0] != '\0' ? "," : "",
                         rev == MCP_REV_MODERN ? META : "");
    mcp_str parts[MCP_ENVELOPE_PARTS];
    struct mcp_error err = { 0 };
    struct mcp_outcome out;
    struct mcp_json root;
    struct mcp_buf reply;
    size_t n = 0;

    mcp_buf_init(&reply, 1 << 20);
    assert_int_equal(mcp__dispatch_parse(&d, call, body, &root, &reply, &out), 0);
    mcp__dispatch(&d, &in, root, call, &reply, &out);
    if (out.kind == MCP_OUT_CALL)
        mcp__envelope_finish(call, mcp__call_run(call, &err), &err);
    if (out.kind == MCP_OUT_CALL || out.kind == MCP_OUT_DONE)
        n = mcp__envelope_parts(registry, call, parts);
    for (size_t i = 0; i < n; i++)
        mcp_buf_str(&reply, parts[i]);
    mcp_buf_char(&reply, '\0');
    mcp__call_unref(call);
    return reply;
}

static void expect(const char *method, const char *params, enum mcp_revision rev, const char *part)
{
    struct mcp_buf reply = ask(method, params, rev);

    if (strstr(reply.ptr, part) == NULL)
        fail_msg("%s %s: %s", method, params, reply.ptr);
    mcp_buf_release(&reply);
}

#define MODERN MCP_REV_2026_07_28
#define LEGACY MCP_REV_2025_11_25

static void each_method_has_its_answers(void **state)
{
    static const struct {
        const char *method, *params;
        enum mcp_revision rev;
        const char *part;
    } rows[] = {
        { "resources/read", "\"uri\":\"t://nix\"", MODERN,
          "\"error\":{\"code\":-32602,\"message\":\"Resource not found\",\"data\":{\"code\":"
          "\"not_found\",\"uri\":\"t://nix\"}}" },
        { "resources/read", "\"uri\":\"t://nix\"", LEGACY, "\"error\":{\"code\":-32002" },
        { "resources/read", "\"uri\":5", MODERN, "-32602" },
        { "resources/read", "\"uri\":\"\"", LEGACY, "-32602" },
        { "resources/read", "\"uri\":\"t://gone/x\"", MODERN,
          "{\"code\":-32602,\"message\":\"no gone\",\"data\":{\"code\":\"not_found\",\"uri\":"
          "\"t://gone/x\"}}" },
        { "resources/read", "\"uri\":\"t://gone/x\"", LEGACY, "\"code\":-32002" },
        { "resources/read", "\"uri\":\"t://empty/x\"", MODERN, "\"code\":-32602" },
        { "resources/read", "\"uri\":\"t://7/x\"", MODERN,
          "\"result\":{\"resultType\":\"complete\",\"contents\":[{\"uri\":\"t://7/x\",\"text\":"
          "\"7\"},{\"uri\":\"t://part\",\"mimeType\":\"image/png\",\"blob\":\"AAAA\"}],\"ttlMs\":0,"
          "\"cacheScope\":\"private\",\"_meta\":" },
        { "resources/read", "\"uri\":\"t://b\"", MODERN, "\"ttlMs\":7,\"cacheScope\":\"public\"" },
        { "resources/read", "\"uri\":\"t://c\"", LEGACY,
          "\"result\":{\"contents\":[{\"uri\":\"t://c\",\"mimeType\":\"text/csv\",\"text\":\"\"}" },
        { "prompts/list", "", MODERN,
          "{\"name\":\"topic\",\"title\":\"Topic\",\"required\":true},{\"name\":\"tone\","
          "\"required\":false}" },
        { "prompts/list", "", MCP_REV_2024_11_05, "{\"name\":\"topic\",\"required\":true}" },
        { "prompts/get", "\"name\":\"nix\"", MODERN, "Unknown prompt: nix" },
        { "prompts/get", "\"name\":5", MODERN, "-32602" },
        { "prompts/get", "\"name\":\"brief\"", MODERN, "Missing argument: topic" },
        { "prompts/get", "\"name\":\"brief\",\"arguments\":{\"topic\":5}", MODERN, "-32602" },
        { "prompts/get", "\"name\":\"brief\",\"arguments\":{\"topic\":\"a\",\"topic\":\"b\"}",
          MODERN, "-32602" },
        { "prompts/get", "\"name\":\"brief\",\"arguments\":{\"topic\":\"cost\"}", LEGACY,
          "\"result\":{\"messages\":[{\"role\":\"user\",\"content\":{\"type\":\"text\",\"text\":"
          "\"cost\"}},{\"role\":\"assistant\",\"content\":{\"type\":\"resource\",\"resource\":{"
          "\"uri\":\"t://1\",\"text\":\"x\"}}}],\"description\":\"Asks for a brief\"}}" },
        { "completion/complete",
          "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"t://{id}/x\"},\"argument\":{\"name\":"
          "\"id\",\"value\":\"p\"}",
          MODERN, "\"completion\":{\"values\":[\"id-p-0\"," },
        { "completion/complete",
          "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"t://{id}/x\"},\"argument\":{\"name\":"
          "\"id\",\"value\":\"p\"}",
          LEGACY, "\"id-p-99\"],\"total\":120,\"hasMore\":true}}}" },
        { "completion/complete",
          "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"brief\"},\"argument\":{\"name\":"
          "\"tone\",\"value\":\"\"}",
          LEGACY, "\"values\":[],\"total\":0,\"hasMore\":false" },
        { "completion/complete",
          "\"ref\":{\"type\":\"ref/prompt\",\"name\":\"brief\"},\"argument\":{\"name\":"
          "\"nix\",\"value\":\"\"}",
          LEGACY, "-32602" },
        { "completion/complete", "\"ref\":{\"type\":\"ref/tool\",\"name\":\"x\"}", LEGACY,
          "-32602" },
        { "completion/complete",
          "\"ref\":{\"type\":\"ref/resource\",\"uri\":\"t://nix\"},\"argument\":{\"name\":"
          "\"nix\",\"value\":\"\"}",
          LEGACY, "Unknown resource template" },
        { "logging/setLevel", "\"level\":\"loud\"", LEGACY, "-32602" },
        { "logging/setLevel", "\"level\":\"alert\"", LEGACY, "\"result\":{}}" },
        { "logging/setLevel", "\"level\":\"alert\"", MODERN, "-32601" },
        { "tools/list", "", LEGACY, "-32601" },
        { "server/discover", "", MODERN,
          "\"capabilities\":{\"resources\":{},\"prompts\":{},\"completions\":{},\"logging\":{}}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect(rows[i].method, rows[i].params, rows[i].rev, rows[i].part);
    assert_int_equal(log_level, MCP_LOG_SEV_ALERT);
}

/* The cursor of a reply, still escaped as JSON. */
static mcp_str cursor_of(const struct mcp_buf *reply)
{
    const char *at = strstr(reply->ptr, "\"nextCursor\":\"");
    const char *end;

    if (at == NULL)
        return MCP_STR_NULL;
    at += strlen("\"nextCursor\":\"");
    end = strchr(at, '"');
    return mcp_str_n(at, (size_t)(end - at));
}

static void pages_follow_their_cursors_to_the_end(void **state)
{
    struct mcp_buf first = ask("resources/list", "", MODERN), second;
    mcp_str cursor = cursor_of(&first);
    char params[512];

    (void)state;
    assert_non_null(strstr(first.ptr, "\"resources\":[{\"uri\":\"t://a\",\"name\":\"A\","
                                      "\"title\":\"Letter A\"},{\"uri\":\"t://b\",\"name\":\"B\"}],"
                                      "\"nextCursor\""));
    assert_non_null(strstr(first.ptr, "\"ttlMs\":300000,\"cacheScope\":\"public\""));
    assert_false(mcp_str_is_null(cursor));
    snprintf(params, sizeof(params), "\"cursor\":\"%.*s\"", MCP_STR_ARG(cursor));
    second = ask("resources/list", params, MODERN);
    assert_non_null(strstr(second.ptr, "\"resources\":[{\"uri\":\"t://c\""));
    assert_true(mcp_str_is_null(cursor_of(&second)));
    expect("resources/templates/list", params, MODERN, "Invalid cursor"); /* of another list */
    expect("resources/list", "\"cursor\":5", MODERN, "Invalid cursor");
    expect("resources/list", "\"cursor\":\"nix\"", LEGACY, "Invalid cursor");
    expect("resources/list", "\"cursor\":\"\"", LEGACY, "\"uri\":\"t://a\"");
    expect("resources/templates/list", "", LEGACY, "\"uriTemplate\":\"t://{id}/y\"");
    mcp_buf_release(&first);
    mcp_buf_release(&second);
}

int main(void)
{
    const struct mcp_registry_spec spec = {
        .name = "s",
        .version = "1",
        .resources = resources,
        .n_resources = sizeof(resources) / sizeof(resources[0]),
        .prompts = prompts,
        .n_prompts = 1,
        .logging = true,
        .page_size = 2,
    };
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_method_has_its_answers),
        cmocka_unit_test(pages_follow_their_cursors_to_the_end),
    };
    struct mcp_error err = { 0 };
    int failed;

    if (mcp__registry_new(&spec, &registry, &err) != 0) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    mcp__registry_free(registry);
    return failed;
}
