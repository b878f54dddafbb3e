/* A whole server program: options, sub-commands, serving. */
#include <cost/program.h>

#include "cli.h"

#include "../server/files.h"
#include "../server/paths.h"

#include <mcp/version.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MAX_BUDGETS_BYTES (1024 * 1024)

int cost__cli_fail(const struct cost_server_spec *spec, int status, const struct mcp_error *err)
{
    fprintf(stderr, "%s: %s\n", spec->name, err->message);
    if (err->next[0] != '\0')
        fprintf(stderr, "%s\n", err->next);
    return status;
}

unsigned cost__cli_width(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return 100;
    return size.ws_col < 40 ? 40 : size.ws_col;
}

static int print_help(const struct cost_server_spec *spec, int argc, char **argv)
{
    enum cost__command command = COST__SERVE;
    struct mcp_buf text;
    int first;

    /* "call --help" shows the page of call. */
    if (argc > 2) {
        argc = 2;
        command = cost__command_of(argc, argv, &first);
        if (command == COST__HELP)
            command = COST__SERVE;
    }
    mcp_buf_init(&text, 1 << 20);
    cost__settings_help(command, &text);
    printf("%s %s: %s\n\n", spec->name, MCP_VERSION_STR, spec->description);
    printf("  %s                        serve MCP over stdio\n", spec->name);
    printf("  %s --http [HOST:]PORT     serve MCP over HTTP at /mcp\n", spec->name);
    printf("  %s call TOOL [FLAGS]      one answer as a table (--json, --csv, --all)\n",
           spec->name);
    printf("  %s import FILE...         FOCUS exports into the dataset\n", spec->name);
    printf("  %s doctor | config CLIENT | health [URL]\n\n", spec->name);
    fwrite(text.ptr, 1, text.len, stdout);
    mcp_buf_release(&text);
    return fflush(stdout) == 0 ? COST__EXIT_OK : COST__EXIT_ERROR;
}

/* Somebody typed the bare name to see what happens: an MCP server would wait in silence. */
static int greet(const struct cost_server_spec *spec)
{
    printf("%s %s: %s\n", spec->name, MCP_VERSION_STR, spec->description);
    printf("It is an MCP server: a client starts it and talks JSON over its standard input.\n\n");
    printf("Try    %s call get_costs --demo\n", spec->name);
    printf("Import %s import FOCUS-EXPORT.csv\n", spec->name);
    printf("Add it to Claude Code:   claude mcp add %s -- %s\n", spec->name, spec->name);
    printf("Other clients:           %s config claude | copilotkit | cursor | vscode\n", spec->name);
    printf("More:                    %s --help\n", spec->name);
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
    mcp_str text;
    int rc;

    p->tools->budgets_path = p->settings->budgets;
    if (mcp_str_is_null(p->settings->budgets))
        return 0;
    rc = read_file(p->settings->budgets, p->arena, &text, err);
    if (rc == 0)
        rc = cost_budgets_parse(text, p->settings->budgets, p->arena, budgets, err);
    if (rc == 0)
        p->tools->budgets = budgets;
    return rc;
}

/* Which data: the flag that was given; else the default dataset once something was imported. */
static int choose_data(const struct cost__program *p, struct cost__files_options *o,
                       struct mcp_error *err)
{
    const struct cost__settings *s = p->settings;

    *o = (struct cost__files_options){ .spec = p->spec,
                                       .path = s->dataset,
                                       .data = s->data.items,
                                       .n_data = s->data.count,
                                       .demo = s->demo };
    if (s->demo + (s->data.count > 0) + !mcp_str_is_null(s->dataset) > 1) {
        mcp_error_set(err, MCP_EINVAL, "--demo, --data and --dataset exclude each other");
        return mcp_error_next(err, "Give one of them.");
    }
    if (!s->demo && s->data.count == 0 && mcp_str_is_null(s->dataset)) {
        mcp_str path = cost__path_data(p->arena, "dataset.db");

        if (!mcp_str_is_null(path) && access(path.ptr, F_OK) == 0)
            o->path = path;
    }
    return 0;
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
        mcp_error_set(&err, MCP_EINVAL, "\"%.*s\" is no sub-command",
                      MCP_STR_ARG(s->options.rest[0]));
        mcp_error_next(&err, "Known: call, doctor, config, import, health. See %s --help.",
                       p->spec->name);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    if (p->argc == 1 && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        return greet(p->spec);
    return mcp_app_run(p->app);
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
                                 .user = p->tools };
    int status = COST__EXIT_USAGE;

    if (load_budgets(p, &budgets, &err) < 0 || choose_data(p, &files, &err) < 0)
        return cost__cli_fail(p->spec, status, &err);
    p->files = cost__files_new(&files);
    p->tools->cache = cost_result_cache_new((size_t)s->cache_bytes);
    if (p->files == NULL || p->tools->cache == NULL)
        mcp_error_set(&err, MCP_ENOMEM, "no memory to start");
    else
        cost__files_source(p->files, &p->tools->source);
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
    cost__files_free(p->files);
    return status;
}

static int print_config(const struct cost__settings *settings)
{
    struct mcp_buf text;

    mcp_buf_init(&text, 1 << 20);
    mcp_options_print(&settings->options, &text);
    fwrite(text.ptr, 1, text.len, stdout);
    mcp_buf_release(&text);
    return fflush(stdout) == 0 ? COST__EXIT_OK : COST__EXIT_ERROR;
}

/* The arguments of `call TOOL` are the tool's; they are taken out before the options are read. */
static int take_call_args(struct cost__program *p, int first, mcp_str *args, struct mcp_error *err)
{
    struct mcp_buf json;
    int rc = 0, n = p->argc - first - 1;

    for (size_t i = 0; n >= 0 && i < cost_n_tool_rows; i++) {
        if (strcmp(p->argv[first], cost_tool_rows[i].name) != 0)
            continue;
        mcp_buf_init(&json, 4 << 20);
        rc = cost__call_args(&cost_tool_rows[i], &n, p->argv + first + 1, p->arena, &json, err);
        *args = mcp_arena_str(p->arena, mcp_buf_view(&json));
        mcp_buf_release(&json);
        p->argc = first + 1 + n;
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
        return print_help(p->spec, p->argc, p->argv);
    if (command == COST__VERSION) {
        printf("%s %s\n", p->spec->name, MCP_VERSION_STR);
        return COST__EXIT_OK;
    }
    if (command == COST__CALL && take_call_args(p, first, &args, &err) < 0)
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    if (cost__settings_load(p->settings, command, p->argc, p->argv, first, p->arena, &err) < 0)
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
