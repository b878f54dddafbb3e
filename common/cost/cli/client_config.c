/* `config CLIENT`: what to paste into an MCP client so that it starts or reaches these servers. */
#include "cli.h"
#include "say.h"

#include <cjson/cJSON.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const servers[] = { "mcp-aws", "mcp-azure",    "mcp-forecast",
                                       "mcp-gcp", "mcp-opencost", "mcp-policy" };
static const struct client {
    const char *name;
    const char *key; /* of the object that holds the servers */
    bool typed; /* each entry says "type": "stdio" or "http" */
    bool http_only;
    const char *where;
} clients[] = {
    { "claude", "mcpServers", false, false,
      "Claude Desktop: claude_desktop_config.json; Claude Code: .mcp.json of a project" },
    { "copilotkit", "mcpServers", true, true, "CopilotKit's BuiltInAgent({ mcpServers: [...] })" },
    { "cursor", "mcpServers", false, false, "Cursor: ~/.cursor/mcp.json" },
    { "vscode", "servers", true, false, "VS Code: .vscode/mcp.json" },
};

static const struct client *find_client(mcp_str name)
{
    for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
        if (mcp_str_eq_nocase(name, mcp_str_z(clients[i].name)))
            return &clients[i];
    }
    return NULL;
}

/* The path of a server's program: it stands beside this one. */
static mcp_str program_path(struct mcp_arena *arena, const char *server)
{
    char self[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

    while (n > 0 && self[n - 1] != '/')
        n--;
    return n > 0 ? mcp_arena_printf(arena, "%.*s%s", (int)n, self, server) : mcp_str_z(server);
}

static int absolute(struct mcp_arena *arena, mcp_str path, bool must_exist, mcp_str *out,
                    struct mcp_error *err)
{
    mcp_str z = mcp_arena_str(arena, path);
    char real[PATH_MAX];

    if (realpath(z.ptr, real) != NULL) {
        *out = mcp_arena_str(arena, mcp_str_z(real));
        return 0;
    }
    if (must_exist) {
        mcp_error_set(err, MCP_ENOTFOUND, "cannot find %.*s: %s", MCP_STR_ARG(path),
                      strerror(errno));
        return mcp_error_next(err, "Check the path.");
    }
    /* What is still to be made. */
    *out = z;
    if (z.ptr[0] != '/' && getcwd(real, sizeof(real)) != NULL)
        *out = mcp_arena_printf(arena, "%s/%s", real, z.ptr);
    return 0;
}

/* The data options of this command line, so that the client's server answers the same. Paths are
 * made absolute: a client starts servers in a folder of its own. */
static int data_args(struct cost__program *p, struct mcp_error *err)
{
    const struct cost__settings *s = p->settings;
    mcp_str *args = mcp_arena_alloc(p->arena, (s->data.count * 2 + 7) * sizeof(*args));
    size_t n = 0;
    int rc = 0;

    if (!mcp_str_is_null(s->config_file)) {
        args[n++] = MCP_STR("--config");
        rc = absolute(p->arena, s->config_file, true, &args[n++], err);
    }
    if (s->demo)
        args[n++] = MCP_STR("--demo");
    if (!mcp_str_is_null(s->dataset)) {
        args[n++] = MCP_STR("--dataset");
        rc = absolute(p->arena, s->dataset, false, &args[n++], err);
    }
    for (size_t i = 0; rc == 0 && i < s->data.count; i++) {
        args[n++] = MCP_STR("--data");
        rc = absolute(p->arena, s->data.items[i], true, &args[n++], err);
    }
    if (rc == 0 && !mcp_str_is_null(s->budgets)) {
        args[n++] = MCP_STR("--budgets");
        rc = absolute(p->arena, s->budgets, true, &args[n++], err);
    }
    p->client_args = args;
    p->n_client_args = n;
    return rc;
}

/* What the environment and the flags say of this server's own cloud: a client that is started from a
 * desktop has no environment of a shell. */
static int live_args(struct cost__program *p, struct mcp_error *err)
{
    const struct cost_live_spec *live = p->spec->live;
    const struct mcp_options *options = &p->settings->options;
    size_t n_opts = live == NULL ? 0 : *live->n_opts, n = 0;
    mcp_str *args = mcp_arena_alloc(p->arena, (n_opts + 1) * sizeof(*args));
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < n_opts; i++) {
        const struct mcp_opt *opt = &live->opts[i];
        mcp_str word, path;

        if (mcp_options_source(options, opt->name) < MCP_OPT_ENV)
            continue;
        word = mcp_options_word(options, opt->name, p->arena);
        if (mcp_str_is_null(word))
            continue;
        if (opt->type == MCP_OPT_PATH) {
            size_t name = mcp_str_find(word, '=') + 1;

            rc = absolute(p->arena, mcp_str_n(word.ptr + name, word.len - name), true, &path, err);
            word = mcp_arena_printf(p->arena, "%.*s%.*s", (int)name, word.ptr, MCP_STR_ARG(path));
        }
        args[n++] = word;
    }
    p->own_args = args;
    p->n_own_args = n;
    return rc;
}

static cJSON *entry_of(const struct cost__program *p, const struct client *client,
                       const char *server)
{
    cJSON *entry = cJSON_CreateObject(), *args;
    mcp_str url = p->settings->url;

    if (!mcp_str_is_null(url) || client->http_only) {
        if (mcp_str_is_null(url))
            url = MCP_STR("http://127.0.0.1:8080/mcp");
        cJSON_AddStringToObject(entry, "type", "http");
        cJSON_AddStringToObject(entry, "url", mcp_arena_str(p->arena, url).ptr);
        return entry;
    }
    if (client->typed)
        cJSON_AddStringToObject(entry, "type", "stdio");
    cJSON_AddStringToObject(entry, "command", program_path(p->arena, server).ptr);
    args = cJSON_AddArrayToObject(entry, "args");
    for (size_t i = 0; i < p->n_client_args; i++)
        cJSON_AddItemToArray(args, cJSON_CreateString(p->client_args[i].ptr));
    for (size_t i = 0; strcmp(server, p->spec->name) == 0 && i < p->n_own_args; i++)
        cJSON_AddItemToArray(args, cJSON_CreateString(p->own_args[i].ptr));
    return entry;
}

static cJSON *document_of(const struct cost__program *p, const struct client *client)
{
    cJSON *root = cJSON_CreateObject();
    cJSON *list = client->http_only ? cJSON_AddArrayToObject(root, client->key)
                                    : cJSON_AddObjectToObject(root, client->key);

    for (size_t i = 0; i < sizeof(servers) / sizeof(servers[0]); i++) {
        cJSON *entry;

        if (!p->settings->all_servers && strcmp(servers[i], p->spec->name) != 0)
            continue;
        entry = entry_of(p, client, servers[i]);
        if (client->http_only)
            cJSON_AddItemToArray(list, entry);
        else
            cJSON_AddItemToObject(list, servers[i], entry);
    }
    return root;
}

/* cJSON indents by tabs and puts one behind each name; inside strings it escapes them. */
static int put_document(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '\t')
            putchar(*c);
        else
            fputs(c > text && c[-1] == ':' ? " " : "  ", stdout);
    }
    putchar('\n');
    return cost__cli_done();
}

/* One word of a shell's command line. */
static void put_word(FILE *f, mcp_str word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+=:,@%";

    if (word.len > 0 && strspn(word.ptr, plain) == word.len) {
        fputs(word.ptr, f);
        return;
    }
    fputc('\'', f);
    for (size_t i = 0; i < word.len; i++)
        fputs(word.ptr[i] == '\'' ? "'\\''" : (const char[]){ word.ptr[i], '\0' }, f);
    fputc('\'', f);
}

int cost__cli_config(struct cost__program *p)
{
    const struct cost__settings *s = p->settings;
    const struct client *client = NULL;
    struct mcp_error err = { 0 };
    cJSON *root;
    char *text;
    int rc;

    if (s->options.n_rest == 1)
        client = find_client(s->options.rest[0]);
    if (client == NULL) {
        mcp_error_set(&err, MCP_EINVAL,
                      "config needs one client: claude, copilotkit, cursor or "
                      "vscode");
        mcp_error_next(&err, "%s config claude [--all] [--url URL] [--demo | --data PATH]",
                       p->spec->name);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (s->all_servers && !mcp_str_is_null(s->url)) {
        mcp_error_set(&err, MCP_EINVAL,
                      "--all and --url exclude each other: each server has its "
                      "own URL");
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (data_args(p, &err) < 0 || live_args(p, &err) < 0)
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    root = document_of(p, client);
    text = cJSON_Print(root);
    cJSON_Delete(root);
    if (text == NULL)
        return COST__EXIT_ERROR;
    rc = put_document(text);
    free(text);
    /* On stderr, so that the output can go straight into a file. */
    fprintf(stderr, "# %s\n", client->where);
    if (strcmp(client->name, "claude") == 0 && mcp_str_is_null(s->url) && !s->all_servers) {
        fprintf(stderr, "# or: claude mcp add %s -- ", p->spec->name);
        put_word(stderr, program_path(p->arena, p->spec->name));
        for (size_t i = 0; i < p->n_client_args; i++) {
            fputc(' ', stderr);
            put_word(stderr, p->client_args[i]);
        }
        for (size_t i = 0; i < p->n_own_args; i++) {
            fputc(' ', stderr);
            put_word(stderr, p->own_args[i]);
        }
        fputc('\n', stderr);
    }
    if (client->http_only && mcp_str_is_null(s->url))
        fprintf(stderr, "# start the server first: %s --http 8080\n", p->spec->name);
    return rc;
}
