/* A client on the installed headers for the client scenarios of the official suite. */
#include <mcp/client.h>
#include <mcp/json_writer.h>

#include <stdio.h>
#include <stdlib.h>

#define DEADLINE_MS 25000

struct run {
    struct mcp_call *scope;
    struct mcp_client *client;
    struct mcp_error err;
};

static int complain(struct run *r, const char *what)
{
    fprintf(stderr, "%s: %s\n", what, r->err.message);
    mcp_error_clear(&r->err);
    return 1;
}

static void call(struct run *r, mcp_str tool, mcp_str args)
{
    struct mcp_client_result result;

    if (mcp_client_call_tool(r->scope, r->client, tool, args, NULL, &result, &r->err) < 0)
        complain(r, "tools/call");
    else
        printf("%.*s: %.*s\n", MCP_STR_ARG(tool), MCP_STR_ARG(result.text));
}

/* A good value for each argument that is required. */
static void call_by_schema(struct run *r, const struct mcp_client_tool *tool)
{
    struct mcp_json properties = mcp_json_get(tool->input_schema, MCP_STR("properties"));
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(tool->input_schema, MCP_STR("required")));
    struct mcp_buf args;
    struct mcp_jsonw w;
    mcp_str name;

    mcp_buf_init(&args, 1 << 20);
    mcp_jsonw_init(&w, &args);
    mcp_jsonw_object(&w);
    for (int64_t n = 5;
         mcp_json_next(&it) && mcp_json_str(it.value, mcp_call_arena(r->scope), &name) == 0;
         n -= 2) {
        struct mcp_json type = mcp_json_get(mcp_json_get(properties, name), MCP_STR("type"));

        mcp_jsonw_key(&w, name);
        if (mcp_json_str_eq(type, MCP_STR("number")) || mcp_json_str_eq(type, MCP_STR("integer")))
            mcp_jsonw_int(&w, n);
        else if (mcp_json_str_eq(type, MCP_STR("boolean")))
            mcp_jsonw_bool(&w, true);
        else
            mcp_jsonw_str(&w, MCP_STR("x"));
    }
    mcp_jsonw_end(&w);
    call(r, tool->name, mcp_buf_view(&args));
    mcp_buf_release(&args);
}

/* The calls that a scenario asks for. */
static void call_by_context(struct run *r, struct mcp_json calls)
{
    struct mcp_json_iter it = mcp_json_iter(calls);

    while (mcp_json_next(&it))
        call(r, mcp_json_get_str(it.value, MCP_STR("name"), mcp_call_arena(r->scope)),
             mcp_json_raw(mcp_json_get(it.value, MCP_STR("arguments"))));
}

/* Gives the first tool's schema back to the second, as it came. */
static void echo_schema(struct run *r, const struct mcp_client_tool *tools, size_t n)
{
    struct mcp_buf args;

    if (n < 2)
        return;
    mcp_buf_init(&args, 1 << 20);
    mcp_buf_z(&args, "{\"schema\":");
    mcp_buf_str(&args, mcp_json_raw(tools[0].input_schema));
    mcp_buf_z(&args, "}");
    call(r, tools[1].name, mcp_buf_view(&args));
    mcp_buf_release(&args);
}

/* Lists, then asks for each by the member that names it. */
static void read_all(struct run *r, const char *list, const char *many, const char *one,
                     const char *member)
{
    struct mcp_json result, ignored;
    struct mcp_json_iter it;

    if (mcp_client_request(r->scope, r->client, mcp_str_z(list), MCP_STR_NULL, NULL, &result,
                           &r->err) < 0) {
        complain(r, list);
        return;
    }
    it = mcp_json_iter(mcp_json_get(result, mcp_str_z(many)));
    while (mcp_json_next(&it)) {
        mcp_str id = mcp_json_raw(mcp_json_get(it.value, mcp_str_z(member)));
        mcp_str params =
            mcp_arena_printf(mcp_call_arena(r->scope), "{\"%s\":%.*s}", member, MCP_STR_ARG(id));

        if (mcp_client_request(r->scope, r->client, mcp_str_z(one), params, NULL, &ignored,
                               &r->err) < 0)
            complain(r, one);
    }
}

static int scenario(struct run *r, const char *name, struct mcp_json context)
{
    struct mcp_json calls = mcp_json_get(context, MCP_STR("toolCalls"));
    const struct mcp_client_tool *tools;
    size_t n;

    if (mcp_client_list_tools(r->scope, r->client, NULL, &tools, &n, &r->err) < 0)
        return complain(r, "tools/list");
    if (mcp_json_exists(calls))
        call_by_context(r, calls);
    else if (strstr(name, "preservation") != NULL)
        echo_schema(r, tools, n);
    else
        for (size_t i = 0; i < n; i++)
            call_by_schema(r, &tools[i]);
    if (strcmp(name, "http-standard-headers") == 0) {
        read_all(r, "resources/list", "resources", "resources/read", "uri");
        read_all(r, "prompts/list", "prompts", "prompts/get", "name");
    }
    return 0;
}

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value == NULL ? "" : value;
}

int main(int argc, char **argv)
{
    struct mcp_client_options options = { .name = "client-everything", .version = "1" };
    const char *version = env("MCP_CONFORMANCE_PROTOCOL_VERSION");
    struct mcp_json context = { .doc = NULL };
    struct run r = { .scope = mcp_client_scope_new(DEADLINE_MS) };
    int status;

    if (argc != 2 || r.scope == NULL)
        return 2;
    options.url = argv[1];
    if (version[0] != '\0')
        options.era = strcmp(version, "2026") > 0 ? MCP_CLIENT_MODERN : MCP_CLIENT_LEGACY;
    if (*env("MCP_CONFORMANCE_CONTEXT") != '\0' &&
        mcp_json_parse(mcp_call_arena(r.scope), mcp_str_z(env("MCP_CONFORMANCE_CONTEXT")), NULL,
                       &context, NULL) < 0)
        return 2;
    if (mcp_client_connect(r.scope, &options, &r.client, &r.err) < 0)
        status = complain(&r, "connect");
    else
        status = scenario(&r, env("MCP_CONFORMANCE_SCENARIO"), context);
    mcp_client_close(r.client);
    mcp_client_scope_free(r.scope);
    return status;
}
