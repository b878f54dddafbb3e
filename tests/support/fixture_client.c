/* A client on the installed headers: fixture_client ERA TOOL ARGS URL | ERA TOOL ARGS PROGRAM ARGS... */
#include <mcp/client.h>
#include <mcp/json_writer.h>

#include <stdio.h>
#include <string.h>

#define DEADLINE_MS 60000

static const struct {
    const char *name;
    enum mcp_client_era era;
} eras[] = { { "auto", MCP_CLIENT_AUTO },
             { "legacy", MCP_CLIENT_LEGACY },
             { "modern", MCP_CLIENT_MODERN } };

static void on_progress(void *ctx, double done, double total, mcp_str message)
{
    (void)done;
    (void)total;
    (void)message;
    ++*(int64_t *)ctx;
}

/* One line: what the server is, its tools, and what the tool answers. */
static void print(struct mcp_client *client, const struct mcp_client_tool *tools, size_t n,
                  const struct mcp_client_result *result, int64_t reports)
{
    const struct mcp_client_server *server = mcp_client_server(client);
    struct mcp_buf out;
    struct mcp_jsonw w;

    mcp_buf_init(&out, (size_t)16 << 20);
    mcp_jsonw_init(&w, &out);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "server", server->name);
    mcp_jsonw_kstr(&w, "revision", server->revision);
    mcp_jsonw_karray(&w, "tools");
    for (size_t i = 0; i < n; i++)
        mcp_jsonw_str(&w, tools[i].name);
    mcp_jsonw_end(&w);
    mcp_jsonw_kbool(&w, "is_error", result->is_error);
    mcp_jsonw_kstr(&w, "text", result->text);
    if (mcp_json_exists(result->structured))
        mcp_jsonw_kraw(&w, "structured", mcp_json_raw(result->structured));
    mcp_jsonw_kint(&w, "reports", reports);
    mcp_jsonw_end(&w);
    printf("%.*s\n", MCP_STR_ARG(mcp_buf_view(&out)));
    mcp_buf_release(&out);
}

static int run(struct mcp_call *scope, const struct mcp_client_options *options, mcp_str tool,
               mcp_str args, struct mcp_error *err)
{
    int64_t reports = 0;
    const struct mcp_client_ask ask = { .on_progress = on_progress, .ctx = &reports };
    const struct mcp_client_tool *tools;
    struct mcp_client *client = NULL;
    struct mcp_client_result result;
    size_t n;
    int rc = mcp_client_connect(scope, options, &client, err);

    if (rc == 0)
        rc = mcp_client_list_tools(scope, client, NULL, &tools, &n, err);
    if (rc == 0)
        rc = mcp_client_call_tool(scope, client, tool, args, &ask, &result, err);
    if (rc == 0)
        print(client, tools, n, &result, reports);
    mcp_client_close(client);
    return rc;
}

int main(int argc, char **argv)
{
    struct mcp_client_options options = { .name = "fixture-client", .version = "1", .quiet = true };
    struct mcp_call *scope = mcp_client_scope_new(DEADLINE_MS);
    struct mcp_error err = { .err = MCP_OK };
    int rc;

    if (argc < 5 || scope == NULL) {
        fprintf(stderr, "fixture_client ERA TOOL ARGS URL | ERA TOOL ARGS PROGRAM ARGS...\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof(eras) / sizeof(eras[0]); i++) {
        if (strcmp(argv[1], eras[i].name) == 0)
            options.era = eras[i].era;
    }
    if (strncmp(argv[4], "http", 4) == 0)
        options.url = argv[4];
    else
        options.argv = (const char *const *)argv + 4;
    rc = run(scope, &options, mcp_str_z(argv[2]), mcp_str_z(argv[3]), &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.message);
    mcp_client_scope_free(scope);
    return rc < 0;
}
