/* The main function of a server that needs no other: options, help, one call, serving. */
#include <mcp/app.h>

#include <stdio.h>
#include <unistd.h>

enum { ANSWERED = 0, FAILED = 1, USAGE = 2 };

struct words {
    mcp_str config;
    bool help, version, print_config;
};

#define WORD(opt_type, opt_name, field, ...)                                                       \
    MCP_OPT(opt_type, opt_name, struct words, field, .flags = MCP_OPT_FLAG_ONLY,                   \
            .group = "General", __VA_ARGS__)

static const struct mcp_opt word_opts[] = {
    WORD(MCP_OPT_STR, "config", config, .arg = "FILE",
         .help = "read options from this YAML file; without it from config.yaml in the folder of "
                 "this server's name below ~/.config, where there is one"),
    WORD(MCP_OPT_BOOL, "help", help, .help = "this page"),
    WORD(MCP_OPT_BOOL, "print-config", print_config,
         .help = "every option, its value and where it came from"),
    WORD(MCP_OPT_BOOL, "version", version, .help = "the version"),
};

static int complain(const struct mcp_app_spec *spec, const struct mcp_error *err, int status)
{
    fprintf(stderr, "%s: %s\n", spec->name, err->message);
    if (err->next[0] != '\0')
        fprintf(stderr, "%s\n", err->next);
    return status;
}

/* A full disk or a closed pipe is a failure: half an answer must not look like one. */
static int put(mcp_str text)
{
    fwrite(text.ptr, 1, text.len, stdout);
    return fflush(stdout) == 0 && !ferror(stdout) ? ANSWERED : FAILED;
}

static int help(const struct mcp_app_spec *spec, const struct mcp_opt_table *tables, size_t n)
{
    struct mcp_buf text;
    int status;

    mcp_buf_init(&text, 1 << 20);
    mcp_buf_printf(&text, "%s %s\n", spec->name, spec->version);
    if (spec->description != NULL)
        mcp_buf_printf(&text, "%s\n", spec->description);
    mcp_buf_printf(&text, "\nusage: %s [OPTIONS]\n       %s call TOOL [JSON]\n", spec->name,
                   spec->name);
    mcp_buf_z(&text,
              "\nServes MCP over stdio, or over HTTP with --http; call prints one answer.\n");
    if (spec->n_tools > 0)
        mcp_buf_z(&text, "\nTools:\n");
    for (size_t i = 0; i < spec->n_tools; i++)
        mcp_buf_printf(&text, "  %-24s  %s\n", spec->tools[i].name, spec->tools[i].description);
    mcp_options_help(tables, n, &text);
    status = put(mcp_buf_view(&text));
    mcp_buf_release(&text);
    return status;
}

static int print_config(const struct mcp_options *options)
{
    struct mcp_buf text;
    int status;

    mcp_buf_init(&text, 1 << 20);
    mcp_options_print(options, &text);
    status = put(mcp_buf_view(&text));
    mcp_buf_release(&text);
    return status;
}

static int call(const struct mcp_app_spec *spec, struct mcp_app *app,
                const struct mcp_options *options, struct mcp_arena *arena)
{
    mcp_str args = options->n_rest > 2 ? options->rest[2] : MCP_STR("{}");
    struct mcp_app_answer answer;
    struct mcp_error err = { .err = MCP_OK };
    mcp_str text;
    int status;

    if (mcp_app_call(app, options->rest[1], args, arena, NULL, NULL, &answer, &err) < 0)
        return complain(spec, &err, USAGE);
    text = answer.text.len > 0 ? answer.text : answer.structured;
    status = put(mcp_arena_printf(arena, "%.*s\n", MCP_STR_ARG(text)));
    return answer.is_error ? FAILED : status;
}

static int run(const struct mcp_app_spec *spec, struct mcp_app *app,
               const struct mcp_options *options, struct mcp_arena *arena)
{
    struct mcp_error err = { .err = MCP_OK };

    if (options->n_rest >= 2 && options->n_rest <= 3 &&
        mcp_str_eq(options->rest[0], MCP_STR("call")))
        return call(spec, app, options, arena);
    if (options->n_rest > 0) {
        mcp_error_set(&err, MCP_EINVAL, "\"%.*s\" is not understood",
                      MCP_STR_ARG(mcp_str_head(options->rest[0], 80)));
        mcp_error_next(&err, "Known: call TOOL [JSON]. See %s --help.", spec->name);
        return complain(spec, &err, USAGE);
    }
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        fprintf(stderr, "%s waits for MCP on stdin; Ctrl-D ends it, --help says more.\n",
                spec->name);
    return mcp_app_run(app);
}

int mcp_app_main(const struct mcp_app_spec *spec, const struct mcp_opt_table *own, int argc,
                 char **argv)
{
    struct words words = { .help = false };
    struct mcp_app_config config = { .text = 0 };
    struct mcp_opt_table tables[3] = { { word_opts, sizeof(word_opts) / sizeof(word_opts[0]),
                                         &words },
                                       { mcp_app_opts, mcp_n_app_opts, &config } };
    size_t n = 2;
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_error err = { .err = MCP_OK };
    struct mcp_options options;
    struct mcp_app *app = NULL;
    mcp_str file;
    int status = USAGE;

    if (arena == NULL)
        return FAILED;
    if (own != NULL) {
        tables[n++] = tables[1];
        tables[1] = *own;
    }
    argc = argc > 0 ? argc - 1 : 0;
    file = mcp_options_config_arg(argc, argv + 1);
    if (mcp_str_is_null(file))
        file = mcp_options_default_file(spec->name, arena);
    if (mcp_options_load(&options, tables, n, file, argc, argv + 1, arena, &err) < 0)
        complain(spec, &err, USAGE);
    else if (words.help)
        status = help(spec, tables, n);
    else if (words.version)
        status = put(mcp_arena_printf(arena, "%s %s\n", spec->name, spec->version));
    else if (words.print_config)
        status = print_config(&options);
    else if (mcp_app_new(spec, &config, &app, &err) < 0)
        complain(spec, &err, USAGE);
    else
        status = run(spec, app, &options, arena);
    mcp_app_free(app);
    mcp_arena_free(arena);
    return status;
}
