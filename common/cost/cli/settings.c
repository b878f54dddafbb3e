/* What a server program was told: the options of libmcp, of libcost and of its sub-command. */
#include "settings.h"

#include "../server/paths.h"

#include <mcp/buf.h>

#include <stdlib.h>
#include <unistd.h>

#define TEXT_OF(number) #number
#define TEXT(number) TEXT_OF(number)
#define ROW(opt_type, opt_name, field, ...)                                                        \
    MCP_OPT(opt_type, opt_name, struct cost__settings, field, __VA_ARGS__)

static const struct mcp_opt data_opts[] = {
    ROW(MCP_OPT_PATH, "dataset", dataset, .env = "MCP_COST_DATASET", .arg = "FILE", .group = "Data",
        .help = "the dataset that import fills [~/.local/share/mcp-cost/dataset.db]"),
    ROW(MCP_OPT_LIST, "data", data, .env = "MCP_COST_DATA", .arg = "PATH", .group = "Data",
        .flags = MCP_OPT_MANY,
        .help = "serve these FOCUS files or folders (.csv, .csv.gz) at once"),
    ROW(MCP_OPT_BOOL, "demo", demo, .env = "MCP_COST_DEMO", .group = "Data",
        .help = "serve synthetic data of 13 months, to try it"),
    ROW(MCP_OPT_BYTES, "cache_bytes", cache_bytes, .fallback = "8MiB", .min = 0,
        .max = INT64_C(1) << 34, .env = "MCP_COST_CACHE_BYTES", .group = "Data",
        .help = "answers kept for the same question; 0: none"),
    ROW(MCP_OPT_INT, "grace_days_aws", grace.aws_days, .fallback = TEXT(COST_GRACE_AWS_DAYS),
        .min = 0, .max = 366, .env = "MCP_COST_GRACE_DAYS_AWS", .arg = "DAYS", .group = "Data",
        .help = "an AWS bill may change so long after its month's end: not closed"),
    ROW(MCP_OPT_INT, "grace_days", grace.other_days, .fallback = TEXT(COST_GRACE_OTHER_DAYS),
        .min = 0, .max = 366, .env = "MCP_COST_GRACE_DAYS", .arg = "DAYS", .group = "Data",
        .help = "the same of other providers"),
};
/* Known to every server, because they share a file; only mcp-policy shows it. */
static const struct mcp_opt budget_opts[] = {
    ROW(MCP_OPT_PATH, "budgets", budgets, .env = "MCP_COST_BUDGETS", .arg = "FILE", .group = "Data",
        .help = "YAML file of budgets (mcp-policy)"),
};
static const struct mcp_opt call_opts[] = {
    ROW(MCP_OPT_STR, "args", args, .arg = "JSON", .group = "call",
        .help = "all arguments as one JSON object"),
    ROW(MCP_OPT_BOOL, "json", json, .group = "call", .help = "print the structured content"),
    ROW(MCP_OPT_BOOL, "csv", csv, .group = "call", .help = "print CSV (get_costs)"),
    ROW(MCP_OPT_BOOL, "all", all, .group = "call", .help = "follow the cursor to the last page"),
};
static const struct mcp_opt import_opts[] = {
    ROW(MCP_OPT_STR, "source", source, .arg = "NAME", .group = "import",
        .help = "name of this export, when an account has several"),
    ROW(MCP_OPT_STR, "provider", provider, .arg = "FAMILY", .group = "import",
        .help = "aws, azure, gcp, ...: overrides what the rows say"),
    ROW(MCP_OPT_BOOL, "latest", latest, .group = "import",
        .help = "of two snapshots of one bill take the newer"),
    ROW(MCP_OPT_BOOL, "replace", replace, .group = "import",
        .help = "replace slices even where days or accounts vanish"),
    ROW(MCP_OPT_BOOL, "partial", partial, .group = "import",
        .help = "replace only the account-days that the files hold"),
    ROW(MCP_OPT_BOOL, "append", append, .group = "import", .help = "add to what is there"),
};
static const struct mcp_opt config_opts[] = {
    ROW(MCP_OPT_BOOL, "all", all_servers, .group = "config", .help = "all six servers"),
    ROW(MCP_OPT_STR, "url", url, .arg = "URL", .group = "config",
        .help = "a remote server instead of the program"),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The sections of the clouds, in the one file of all servers: each reads its own. */
static const struct mcp_opt sections[] = {
    { .name = "aws", .type = MCP_OPT_SKIP },
    { .name = "azure", .type = MCP_OPT_SKIP },
    { .name = "gcp", .type = MCP_OPT_SKIP },
    { .name = "opencost", .type = MCP_OPT_SKIP },
};

static const struct {
    const char *word;
    enum cost__command command;
} words[] = {
    { "call", COST__CALL },     { "config", COST__CONFIG }, { "doctor", COST__DOCTOR },
    { "health", COST__HEALTH }, { "help", COST__HELP },     { "import", COST__IMPORT },
};

enum cost__command cost__command_of(int argc, char **argv, int *first)
{
    enum cost__command command = COST__SERVE;

    *first = 1;
    for (size_t i = 0; argc > 1 && i < COUNT(words); i++) {
        if (strcmp(argv[1], words[i].word) == 0) {
            command = words[i].command;
            *first = 2;
        }
    }
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return COST__HELP;
        if (strcmp(argv[i], "--version") == 0)
            return COST__VERSION;
        if (strcmp(argv[i], "--print-config") == 0)
            command = COST__PRINT_CONFIG;
    }
    return command;
}

/* own: the index of the table of the server's section; n when it has none. */
static size_t make_tables(struct cost__settings *s, const struct cost_server_spec *spec,
                          enum cost__command command, struct mcp_opt_table *tables, size_t *own)
{
    const struct cost_live_spec *live = spec->live;
    size_t n = 0, at = 0;

    tables[n++] = (struct mcp_opt_table){ data_opts, COUNT(data_opts), s };
    tables[n++] = (struct mcp_opt_table){ budget_opts, COUNT(budget_opts), s };
    if (command == COST__CALL)
        tables[n++] = (struct mcp_opt_table){ call_opts, COUNT(call_opts), s };
    if (command == COST__IMPORT)
        tables[n++] = (struct mcp_opt_table){ import_opts, COUNT(import_opts), s };
    if (command == COST__CONFIG)
        tables[n++] = (struct mcp_opt_table){ config_opts, COUNT(config_opts), s };
    while (at < COUNT(sections) && (live == NULL || strcmp(sections[at].name, live->section) != 0))
        at++;
    tables[n++] = (struct mcp_opt_table){ sections, at, NULL };
    *own = n;
    if (live != NULL)
        tables[n++] =
            (struct mcp_opt_table){ live->opts, *live->n_opts, s == NULL ? NULL : s->live };
    if (at + 1 < COUNT(sections))
        tables[n++] = (struct mcp_opt_table){ sections + at + 1, COUNT(sections) - at - 1, NULL };
    tables[n++] =
        (struct mcp_opt_table){ mcp_app_opts, mcp_n_app_opts, s == NULL ? NULL : &s->app };
    return n;
}

/* Takes --config FILE and --print-config out of argv; what is left goes to the tables. */
static int take_words(int argc, char **argv, int first, char **left, const char **config,
                      struct mcp_error *err)
{
    int n = 0;

    for (int i = first; i < argc; i++) {
        if (strcmp(argv[i], "--config") == 0 && i + 1 == argc)
            return mcp_error_set(err, MCP_EINVAL, "--config needs a FILE");
        if (strcmp(argv[i], "--config") == 0)
            *config = argv[++i];
        else if (strncmp(argv[i], "--config=", 9) == 0)
            *config = argv[i] + 9;
        else if (strcmp(argv[i], "--print-config") != 0)
            left[n++] = argv[i];
    }
    return n;
}

int cost__settings_load(struct cost__settings *s, const struct cost_server_spec *spec,
                        enum cost__command command, int argc, char **argv, int first,
                        struct mcp_arena *arena, struct mcp_error *err)
{
    const char *env = getenv("MCP_COST_CONFIG");
    /* An empty variable is one that is not set, as for every option. */
    const char *config = env != NULL && env[0] != '\0' ? env : NULL;
    char **left = mcp_arena_alloc(arena, ((size_t)argc + 1) * sizeof(*left));
    mcp_str file;
    size_t n, own;
    int rc, n_left = take_words(argc, argv, first, left, &config, err);

    if (n_left < 0)
        return n_left;
    file = s->config_file = mcp_str_z(config);
    if (config == NULL) {
        file = cost__path_config(arena, "config.yaml");
        if (!mcp_str_is_null(file) && access(file.ptr, F_OK) < 0)
            file = MCP_STR_NULL;
    }
    s->command = command;
    if (spec->live != NULL)
        s->live = mcp_arena_alloc(arena, spec->live->config_size);
    n = make_tables(s, spec, command, s->tables, &own);
    rc = mcp_options_load(&s->options, s->tables, n, file, n_left, left, arena, err);
    if (rc == 0 && spec->live != NULL)
        rc = spec->live->settle(s->live, &s->options, &s->live_chosen, err);
    return rc;
}

void cost__settings_help(const struct cost_server_spec *spec, enum cost__command command,
                         struct mcp_buf *out)
{
    struct mcp_opt_table tables[COST__MAX_TABLES], shown[COST__MAX_TABLES];
    size_t own, n = make_tables(NULL, spec, command, tables, &own), n_shown = 0;
    struct mcp_buf text;

    /* A sub-command's page shows its own options first, then where the data comes from; the
     * transport's belong to serving. */
    if (tables[2].opts != sections)
        shown[n_shown++] = tables[2];
    shown[n_shown++] = tables[0];
    if (spec->budgets)
        shown[n_shown++] = tables[1];
    if (spec->live != NULL && command != COST__IMPORT && command != COST__CALL)
        shown[n_shown++] = tables[own];
    if (command == COST__SERVE)
        shown[n_shown++] = tables[n - 1];
    mcp_buf_init(&text, 1 << 20);
    mcp_options_help(shown, n_shown, &text);
    mcp_buf_char(out, '\n');
    mcp_buf_str(out, mcp_buf_view(&text));
    mcp_buf_release(&text);
}

bool cost__settings_knows(const struct cost_server_spec *spec, enum cost__command command,
                          mcp_str word)
{
    struct mcp_opt_table tables[COST__MAX_TABLES];
    size_t own, n = make_tables(NULL, spec, command, tables, &own);

    return mcp_str_eq(word, MCP_STR("--config")) || mcp_str_starts(word, MCP_STR("--config=")) ||
           mcp_str_eq(word, MCP_STR("--print-config")) ||
           mcp_options_find_flag(tables, n, word) != NULL;
}

const char *cost__command_nearest(mcp_str word)
{
    const char *best = NULL;
    unsigned best_distance = 3;

    for (size_t i = 0; i < COUNT(words); i++) {
        unsigned distance = mcp_str_distance(word, mcp_str_z(words[i].word), 2);

        if (distance < best_distance) {
            best_distance = distance;
            best = words[i].word;
        }
    }
    return best;
}
