/* A whole server program: options, sub-commands, serving. */
#include <cost/program.h>

#include "call_args.h"
#include "cli.h"
#include "say.h"

#include "../server/files.h"
#include "../server/paths.h"

#include <cost/demo.h>
#include <mcp/version.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MAX_BUDGETS_BYTES (1024 * 1024)
#define LIVE_DEADLINE_MS 60000 /* where the option is left alone; files have less */

/* Somebody typed the bare name to see what happens: an MCP server would wait in silence. */
static int greet(const struct cost_server_spec *spec)
{
    printf("%s %s\n%s\n", spec->name, MCP_VERSION_STR, spec->description);
    printf("It is an MCP server: a client starts it and talks to it over stdin and stdout.\n\n");
    printf("  Try it      %s call get_costs --demo%s\n", spec->name,
           spec->budgets ? " --budgets FILE.yaml" : "");
    printf("  Your data   %s import FOCUS-EXPORT.csv.gz\n", spec->name);
    printf("              %s call get_costs\n", spec->name);
    printf("  In Claude   claude mcp add %s -- \"$(command -v %s)\" --demo\n", spec->name,
           spec->name);
    printf("  Elsewhere   %s config claude | copilotkit | cursor | vscode\n", spec->name);
    printf("  More        %s --help\n", spec->name);
    return COST__EXIT_OK;
}

static int read_file(mcp_str path, struct mcp_arena *arena, mcp_str *out, struct mcp_error *err)
{
    const char *z = mcp_str_cz(arena, path);
    char *bytes = mcp_arena_alloc(arena, MAX_BUDGETS_BYTES + 1);
    int fd = z == NULL ? -1 : open(z, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    size_t len = 0;

    while (fd >= 0 && n > 0 && len <= MAX_BUDGETS_BYTES) {
        n = read(fd, bytes + len, MAX_BUDGETS_BYTES + 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (fd < 0 || n < 0)
        mcp_error_set(err, MCP_EIO, "cannot read %.*s: %s", MCP_STR_ARG(path), strerror(errno));
    if (fd >= 0)
        close(fd);
    if (fd < 0 || n < 0)
        return MCP_EIO;
    if (len > MAX_BUDGETS_BYTES)
        return mcp_error_set(err, MCP_ETOOBIG, "%.*s is larger than 1 MiB", MCP_STR_ARG(path));
    *out = mcp_str_n(bytes, len);
    return 0;
}

static int load_budgets(struct cost__program *p, struct cost_budgets *budgets,
                        struct mcp_error *err)
{
    mcp_str path = p->settings->budgets, text;
    int rc = 0;

    if (!mcp_str_is_null(path)) {
        rc = read_file(path, p->arena, &text, err);
    } else if (p->settings->demo && p->spec->budgets) {
        path = MCP_STR("the built-in demo budgets");
        text = mcp_str_z(cost_demo_budgets);
    } else {
        return 0;
    }
    p->tools->budgets_path = path;
    if (rc == 0)
        rc = cost_budgets_parse(text, path, p->arena, budgets, err);
    if (rc == 0)
        p->tools->budgets = budgets;
    return rc;
}

/* Which data: the flag that was given; else the cloud that the configuration names; else the default
 * dataset once something was imported; else the cloud by its own credentials. */
static int choose_data(struct cost__program *p, struct cost__files_options *o,
                       struct mcp_error *err)
{
    const struct cost__settings *s = p->settings;

    *o = (struct cost__files_options){ .spec = p->spec,
                                       .path = s->dataset,
                                       .data = s->data.items,
                                       .n_data = s->data.count,
                                       .demo = s->demo,
                                       .grace = &s->grace };
    if (s->demo + (s->data.count > 0) + !mcp_str_is_null(s->dataset) > 1) {
        mcp_error_set(err, MCP_EINVAL, "--demo, --data and --dataset exclude each other");
        return mcp_error_next(err, "Give one of them.");
    }
    if (!s->demo && s->data.count == 0 && mcp_str_is_null(s->dataset)) {
        mcp_str path = cost__path_data(p->arena, "dataset.db");

        if (!s->live_chosen && !mcp_str_is_null(path) && access(path.ptr, F_OK) == 0)
            o->path = path;
        else
            p->live = p->spec->live;
    }
    return 0;
}

/* A word where none belongs when serving. */
static void unknown_word(const struct cost__program *p, mcp_str word, struct mcp_error *err)
{
    const char *nearest = cost__command_nearest(word);

    if (nearest != NULL && mcp_str_eq(word, mcp_str_z(nearest))) {
        mcp_error_set(err, MCP_EINVAL, "%s must be the first word", nearest);
        mcp_error_next(err, "%s %s [FLAGS]", p->spec->name, nearest);
        return;
    }
    if (p->settings->app.http.set && p->settings->app.http.port < 0) {
        mcp_error_set(err, MCP_EINVAL, "--http takes [HOST:]PORT, not \"%.*s\"",
                      MCP_STR_ARG(mcp_str_head(word, 80)));
        mcp_error_next(err, "For example --http 8080 or --http 127.0.0.1:8080.");
        return;
    }
    mcp_error_set(err, MCP_EINVAL, "\"%.*s\" is no command", MCP_STR_ARG(mcp_str_head(word, 80)));
    if (nearest != NULL)
        mcp_error_next(err, "Did you mean %s? See %s --help.", nearest, p->spec->name);
    else
        mcp_error_next(err, "Known: call, config, doctor, health, import. See %s --help.",
                       p->spec->name);
}

static int dispatch(struct cost__program *p)
{
    const struct cost__settings *s = p->settings;
    struct mcp_error err = { 0 };

    switch (s->command) {
    case COST__CALL:
        return cost__cli_call(p);
    case COST__DOCTOR:
        return cost__cli_doctor(p);
    default:
        break;
    }
    if (s->options.n_rest > 0) {
        unknown_word(p, s->options.rest[0], &err);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (p->argc == 1 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return greet(p->spec);
    if (!s->app.http.set && isatty(STDIN_FILENO))
        fprintf(stderr,
                "%s speaks MCP on stdin and stdout, for a client to start. Ctrl-D ends it, "
                "--help says more.\n",
                p->spec->name);
    return mcp_app_run(p->app);
}

/* The source of the tools: files, or the cloud. */
static int open_source(struct cost__program *p, const struct cost__files_options *files,
                       struct mcp_error *err)
{
    struct cost__settings *s = p->settings;

    if (p->live != NULL) {
        if (mcp_options_source(&s->options, "deadline") == MCP_OPT_DEFAULT)
            s->app.deadline_ms = LIVE_DEADLINE_MS;
        return p->live->open(s->live, &p->tools->source, err);
    }
    p->files = cost__files_new(files);
    if (p->files == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to start");
    cost__files_source(p->files, &p->tools->source);
    return 0;
}

static void close_source(struct cost__program *p)
{
    if (p->live != NULL && p->tools->source.ctx != NULL)
        p->live->close(&p->tools->source);
    cost__files_free(p->files);
}

/* What serves, calls and examines: source, cache, budgets, app. */
static int run_app(struct cost__program *p)
{
    struct cost__settings *s = p->settings;
    struct cost_budgets budgets = { 0 };
    struct cost__files_options files;
    struct mcp_error err = { 0 };
    struct mcp_app_spec spec = { .name = p->spec->name,
                                 .title = p->spec->title,
                                 .version = MCP_VERSION_STR,
                                 .description = p->spec->description,
                                 .instructions = p->spec->instructions,
                                 .tools = cost_tool_rows,
                                 .n_tools = cost_n_tool_rows,
                                 .resources = cost_resource_rows,
                                 .n_resources = cost_n_resource_rows,
                                 .prompts = cost_prompt_rows,
                                 .n_prompts = cost_n_prompt_rows,
                                 .user = p->tools };
    int status = COST__EXIT_USAGE;

    if (load_budgets(p, &budgets, &err) < 0 || choose_data(p, &files, &err) < 0)
        return cost__cli_fail(p->spec, status, &err);
    p->tools->cache = cost_result_cache_new((size_t)s->cache_bytes);
    if (p->tools->cache == NULL)
        mcp_error_set(&err, MCP_ENOMEM, "no memory to start");
    else
        open_source(p, &files, &err);
    if (s->command == COST__CALL) {
        p->tools->form = s->csv ? COST_TEXT_CSV : COST_TEXT_TABLE;
        p->tools->width = cost__cli_width();
        p->tools->bridge = s->json;
    }
    if (err.err == 0 && mcp_app_new(&spec, &s->app, &p->app, &err) == 0)
        status = dispatch(p);
    else
        cost__cli_fail(p->spec, status, &err);
    mcp_app_free(p->app);
    cost_result_cache_free(p->tools->cache);
    close_source(p);
    return status;
}

static int print_config(const struct cost__settings *settings)
{
    struct mcp_buf text;

    mcp_buf_init(&text, 1 << 20);
    mcp_options_print(&settings->options, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    mcp_buf_release(&text);
    return cost__cli_done();
}

static int unknown_tool(const struct cost__program *p, mcp_str word, struct mcp_error *err)
{
    const char *best = "get_costs";
    unsigned best_distance = 5;

    mcp_error_set(err, MCP_ENOTFOUND, "there is no tool \"%.*s\"",
                  MCP_STR_ARG(mcp_str_head(word, 80)));
    for (size_t i = 0; i < cost_n_tool_rows; i++) {
        unsigned distance = mcp_str_distance(word, mcp_str_z(cost_tool_rows[i].name), 4);

        if (distance < best_distance) {
            best_distance = distance;
            best = cost_tool_rows[i].name;
        }
    }
    return mcp_error_next(err,
                          "Did you mean %s call %s? The tools are get_costs, get_forecast, "
                          "get_recommendations and get_resources.",
                          p->spec->name, best);
}

/* Takes the tool's name out of argv, wherever it stands. */
static int take_tool(struct cost__program *p, int first, struct mcp_error *err)
{
    const char *word = NULL;

    for (int i = first; i < p->argc && p->tool == NULL; i++) {
        p->tool = cost__call_tool(p->argv[i]);
        if (p->tool != NULL) {
            p->argc--;
            memmove(&p->argv[i], &p->argv[i + 1], (size_t)(p->argc - i) * sizeof(p->argv[0]));
        } else if (word == NULL && p->argv[i][0] != '-') {
            word = p->argv[i];
        }
    }
    if (p->tool != NULL || word == NULL)
        return 0;
    return unknown_tool(p, mcp_str_z(word), err);
}

/* The arguments of `call TOOL` are the tool's; they are taken out before the options are read. */
static int take_call_args(struct cost__program *p, int first, mcp_str *args, struct mcp_error *err)
{
    struct mcp_buf json;
    int rc = take_tool(p, first, err), n = p->argc - first;

    if (rc < 0 || p->tool == NULL)
        return rc;
    mcp_buf_init(&json, 4 << 20);
    rc = cost__call_args(p->tool, &n, p->argv + first, p->arena, &json, err);
    *args = mcp_arena_str(p->arena, mcp_buf_view(&json));
    mcp_buf_release(&json);
    p->argc = first + n;
    for (int i = first; rc == 0 && i < p->argc; i++) {
        mcp_str word = mcp_str_z(p->argv[i]);

        if (mcp_str_starts(word, MCP_STR("--")) && word.len > 2 &&
            !cost__settings_knows(p->spec, COST__CALL, word))
            rc = cost__call_unknown_flag(p->tool, word, p->arena, err);
    }
    return rc;
}

static int run(struct cost__program *p)
{
    struct mcp_error err = { 0 };
    mcp_str args = MCP_STR("{}");
    enum cost__command command;
    int first;

    command = cost__command_of(p->argc, p->argv, &first);
    if (command == COST__HELP)
        return cost__cli_help(p->spec, p->argc, p->argv, p->arena);
    if (command == COST__VERSION) {
        printf("%s %s\n", p->spec->name, MCP_VERSION_STR);
        return cost__cli_done();
    }
    if (command == COST__CALL && take_call_args(p, first, &args, &err) < 0)
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    if (cost__settings_load(p->settings, p->spec, command, p->argc, p->argv, first, p->arena,
                            &err) < 0)
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    p->settings->args = args;
    switch (command) {
    case COST__PRINT_CONFIG:
        return print_config(p->settings);
    case COST__CONFIG:
        return cost__cli_config(p);
    case COST__HEALTH:
        return cost__cli_health(p);
    case COST__IMPORT:
        return cost__cli_import(p);
    default:
        return run_app(p);
    }
}

int cost_main(const struct cost_server_spec *spec, int argc, char **argv)
{
    struct cost__settings settings = { 0 };
    struct cost_tools tools = { .spec = spec };
    struct cost__program p = { .spec = spec,
                               .settings = &settings,
                               .tools = &tools,
                               .arena = mcp_arena_new(0, 0),
                               .argc = argc,
                               .argv = argv };
    int status = COST__EXIT_ERROR;

    if (p.arena != NULL)
        status = run(&p);
    mcp_arena_free(p.arena);
    return status;
}
