/* Options from one table: defaults, then file, then environment, then flags. */
#include "options_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char fold_key(char c)
{
    return c == '-' ? '_' : c;
}

static char fold_flag(char c)
{
    return c == '.' || c == '_' ? '-' : c;
}

static bool names_equal(const char *name, mcp_str given, char (*fold)(char))
{
    for (size_t i = 0; i < given.len; i++) {
        if (name[i] == '\0' || fold(name[i]) != fold(given.ptr[i]))
            return false;
    }
    return name[given.len] == '\0';
}

bool mcp__opt_is_key(const struct mcp_opt *opt, mcp_str key)
{
    return names_equal(opt->name, key, fold_key);
}

bool mcp__opt_is_flag(const struct mcp_opt *opt, mcp_str flag)
{
    return names_equal(opt->name, flag, fold_flag);
}

void mcp__opt_flag_name(const struct mcp_opt *opt, char out[MCP__OPT_NAME_MAX])
{
    size_t i = 0;

    for (; opt->name[i] != '\0' && i + 1 < MCP__OPT_NAME_MAX; i++)
        out[i] = fold_flag(opt->name[i]);
    out[i] = '\0';
}

bool mcp__opt_has_flag(const struct mcp_opt *opt)
{
    return opt->type != MCP_OPT_SKIP && (opt->flags & MCP_OPT_SECRET) == 0;
}

bool mcp__opt_has_key(const struct mcp_opt *opt)
{
    return (opt->flags & MCP_OPT_FLAG_ONLY) == 0;
}

const struct mcp_opt *mcp__opt_at(const struct mcp_opt_table *tables, size_t n_tables, size_t index,
                                  void **target)
{
    for (size_t t = 0; t < n_tables; t++) {
        if (index < tables[t].count) {
            if (target != NULL)
                *target = tables[t].target;
            return &tables[t].opts[index];
        }
        index -= tables[t].count;
    }
    return NULL;
}

static void set_defaults(const struct mcp_options *o, struct mcp_arena *arena)
{
    const struct mcp_opt *opt;
    void *target;

    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, &target)) != NULL; i++) {
        struct mcp__opt_why why;
        int rc = 0;

        o->sources[i] = MCP_OPT_DEFAULT;
        if (opt->type == MCP_OPT_HTTP)
            ((struct mcp_opt_bind *)(void *)((char *)target + opt->offset))->port = -1;
        if (opt->fallback == NULL)
            continue;
        rc = opt->type == MCP_OPT_LIST
                 ? mcp__opt_parse_list(opt, target, mcp_str_z(opt->fallback), arena, &why)
                 : mcp__opt_parse(opt, target, mcp_str_z(opt->fallback), true, arena, &why);
        /* A default like ~/x cannot be had without HOME: then the option has none. */
        MCP_BUG_ON(rc < 0 && opt->type != MCP_OPT_PATH);
    }
}

static int read_env(const struct mcp_options *o, struct mcp_arena *arena, struct mcp_error *err)
{
    const struct mcp_opt *opt;
    void *target;

    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, &target)) != NULL; i++) {
        const char *value = opt->env == NULL ? NULL : getenv(opt->env);
        struct mcp__opt_why why;
        int rc;

        if (value == NULL || (value[0] == '\0' && (opt->flags & MCP_OPT_EMPTY) == 0))
            continue;
        mcp__opt_clear(opt, target);
        rc = opt->type == MCP_OPT_LIST
                 ? mcp__opt_parse_list(opt, target, mcp_str_z(value), arena, &why)
                 : mcp__opt_parse(opt, target, mcp_str_z(value), true, arena, &why);
        if (rc < 0)
            return mcp_error_set(err, MCP_EINVAL, "the environment variable %s %s", opt->env,
                                 why.text);
        o->sources[i] = MCP_OPT_ENV;
    }
    return 0;
}

/* Splits "--name=value" into its parts; value is missing without '='. */
static mcp_str flag_parts(mcp_str word, mcp_str *value)
{
    mcp_str name;

    mcp_str_cut_prefix(&word, MCP_STR("--"));
    mcp_str_cut(&word, '=', &name);
    *value = word;
    return name;
}

static const struct mcp_opt *find_flag(const struct mcp_opt_table *tables, size_t n_tables,
                                       mcp_str name, size_t *index, void **target, bool *negated)
{
    const struct mcp_opt *opt;
    mcp_str positive = name;
    bool no = mcp_str_cut_prefix(&positive, MCP_STR("no-"));

    for (size_t i = 0; (opt = mcp__opt_at(tables, n_tables, i, target)) != NULL; i++) {
        if (opt->type == MCP_OPT_SKIP)
            continue;
        *index = i;
        *negated = false;
        if (mcp__opt_is_flag(opt, name))
            return opt;
        *negated = true;
        if (no && opt->type == MCP_OPT_BOOL && mcp__opt_is_flag(opt, positive))
            return opt;
    }
    return NULL;
}

const struct mcp_opt *mcp_options_find_flag(const struct mcp_opt_table *tables, size_t n_tables,
                                            mcp_str word)
{
    mcp_str value, name;
    size_t index;
    bool negated;

    if (!mcp_str_starts(word, MCP_STR("--")))
        return NULL;
    name = flag_parts(word, &value);
    return find_flag(tables, n_tables, name, &index, NULL, &negated);
}

static int unknown_flag(const struct mcp_options *o, mcp_str word, mcp_str name,
                        struct mcp_error *err)
{
    const struct mcp_opt *opt;
    char best[MCP__OPT_NAME_MAX] = "", flag[MCP__OPT_NAME_MAX];
    unsigned best_distance = 4;
    mcp_str shown = mcp_str_head(word, 80);

    /* The value of an unknown flag may be a secret: it is not repeated. */
    shown.len = mcp_str_find(shown, '=');
    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, NULL)) != NULL; i++) {
        unsigned distance;

        if (!mcp__opt_has_flag(opt) || (opt->flags & MCP_OPT_HIDDEN) != 0)
            continue;
        mcp__opt_flag_name(opt, flag);
        distance = mcp_str_distance(name, mcp_str_z(flag), 3);
        if (distance < best_distance && 2 * distance <= name.len) {
            best_distance = distance;
            memcpy(best, flag, sizeof(best));
        }
    }
    mcp_error_set(err, MCP_EINVAL, "unknown flag %.*s", MCP_STR_ARG(shown));
    if (best[0] != '\0')
        return mcp_error_next(err, "Did you mean --%s? --help lists all flags", best);
    return mcp_error_next(err, "--help lists all flags");
}

static int secret_flag(const struct mcp_opt *opt, struct mcp_error *err)
{
    char flag[MCP__OPT_NAME_MAX];

    mcp__opt_flag_name(opt, flag);
    mcp_error_set(err, MCP_EINVAL,
                  "--%s is a secret and cannot be given as a flag (other users of the machine can "
                  "read a command line)",
                  flag);
    if (opt->env == NULL)
        return mcp_error_next(err, "Set \"%s\" in the configuration file", opt->name);
    return mcp_error_next(err,
                          "Set the environment variable %s, or \"%s\" in the configuration file",
                          opt->env, opt->name);
}

/* --http takes the next word only when that is a place to listen at. */
static bool is_bind(const struct mcp_opt *opt, const char *word, struct mcp_arena *arena)
{
    struct mcp_opt_bind bind;
    struct mcp_opt row = *opt;
    struct mcp__opt_why why;

    row.offset = 0;
    return word[0] >= '0' &&
           mcp__opt_parse(&row, &bind, mcp_str_z(word), false, arena, &why) == 0 && bind.port >= 0;
}

/* The words of argv, and how far they were read. */
struct words {
    char **argv;
    int argc;
    int at;
};

/* All values of one flag, into the field. */
static int take_values(const struct mcp_opt *opt, void *target, mcp_str value, struct words *w,
                       struct mcp_arena *arena, struct mcp__opt_why *why)
{
    bool many = opt->type == MCP_OPT_LIST && (opt->flags & MCP_OPT_MANY) != 0;

    if (mcp_str_is_null(value)) {
        if (opt->type == MCP_OPT_BOOL) {
            value = MCP_STR("true");
        } else if (opt->type == MCP_OPT_HTTP) {
            value = w->at + 1 < w->argc && is_bind(opt, w->argv[w->at + 1], arena)
                        ? mcp_str_z(w->argv[++w->at])
                        : MCP_STR("");
        } else if (w->at + 1 < w->argc && strncmp(w->argv[w->at + 1], "--", 2) != 0) {
            value = mcp_str_z(w->argv[++w->at]);
        } else {
            memcpy(why->text, "needs a value", sizeof("needs a value"));
            return -1;
        }
    }
    if (opt->type == MCP_OPT_LIST && !many)
        return mcp__opt_parse_list(opt, target, value, arena, why);
    if (mcp__opt_parse(opt, target, value, true, arena, why) < 0)
        return -1;
    while (many && w->at + 1 < w->argc && strncmp(w->argv[w->at + 1], "--", 2) != 0) {
        if (mcp__opt_parse(opt, target, mcp_str_z(w->argv[++w->at]), true, arena, why) < 0)
            return -1;
    }
    return 0;
}

static int read_flag(const struct mcp_options *o, struct words *w, struct mcp_arena *arena,
                     struct mcp_error *err)
{
    mcp_str word = mcp_str_z(w->argv[w->at]), value, name = flag_parts(word, &value);
    const struct mcp_opt *opt;
    struct mcp__opt_why why;
    void *target = NULL;
    size_t index = 0;
    bool negated = false;
    char flag[MCP__OPT_NAME_MAX];

    opt = mcp_str_starts(word, MCP_STR("--"))
              ? find_flag(o->tables, o->n_tables, name, &index, &target, &negated)
              : NULL;
    if (opt == NULL)
        return unknown_flag(o, word, name, err);
    if (!mcp__opt_has_flag(opt))
        return secret_flag(opt, err);
    mcp__opt_flag_name(opt, flag);
    if (negated && !mcp_str_is_null(value))
        return mcp_error_set(err, MCP_EINVAL, "--no-%s takes no value", flag);
    if (negated)
        value = MCP_STR("false");
    if (o->sources[index] != MCP_OPT_FLAG)
        mcp__opt_clear(opt, target);
    if (take_values(opt, target, value, w, arena, &why) < 0)
        return mcp_error_set(err, MCP_EINVAL, "--%s %s", flag, why.text);
    o->sources[index] = MCP_OPT_FLAG;
    return 0;
}

static int read_flags(struct mcp_options *o, int argc, char **argv, struct mcp_arena *arena,
                      struct mcp_error *err)
{
    struct words w = { argv, argc, 0 };
    mcp_str *rest = argc <= 0 ? NULL : mcp_arena_try_array(arena, (size_t)argc, sizeof(*rest));
    bool flags = true;

    if (argc > 0 && rest == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "too many words on the command line");
    for (; w.at < argc; w.at++) {
        const char *word = argv[w.at];

        if (flags && strcmp(word, "--") == 0) {
            flags = false;
        } else if (flags && word[0] == '-' && word[1] != '\0') {
            if (read_flag(o, &w, arena, err) < 0)
                return -1;
        } else {
            rest[o->n_rest++] = mcp_arena_str(arena, mcp_str_z(word));
        }
    }
    o->rest = rest;
    return 0;
}

/* PORT belongs to whoever started us (Cloud Run): it is read only by --http without a value, or
 * when K_SERVICE says that this is Cloud Run, and then means every interface. */
static int read_port(const struct mcp_options *o, struct mcp_arena *arena, struct mcp_error *err)
{
    const char *port = getenv("PORT"), *service = getenv("K_SERVICE");
    const struct mcp_opt *opt;
    void *target;

    if (port == NULL || port[0] == '\0')
        return 0;
    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, &target)) != NULL; i++) {
        struct mcp__opt_why why;
        struct mcp_opt_bind *bind;

        if (opt->type != MCP_OPT_HTTP)
            continue;
        bind = (struct mcp_opt_bind *)(void *)((char *)target + opt->offset);
        if (bind->port >= 0 || (!bind->set && service == NULL))
            continue;
        if (mcp_str_find(mcp_str_z(port), ':') < strlen(port) ||
            mcp__opt_parse(opt, target, mcp_str_z(port), false, arena, &why) < 0 || bind->port < 0)
            return mcp_error_set(err, MCP_EINVAL,
                                 "the environment variable PORT must be a port, not \"%.40s\"",
                                 port);
        bind->host = MCP_STR("0.0.0.0");
        o->sources[i] = MCP_OPT_ENV;
    }
    return 0;
}

int mcp_options_load(struct mcp_options *out, const struct mcp_opt_table *tables, size_t n_tables,
                     mcp_str config_file, int argc, char **argv, struct mcp_arena *arena,
                     struct mcp_error *err)
{
    struct mcp_options o = { .tables = tables, .n_tables = n_tables };
    size_t rows = 0;
    int rc;

    for (size_t t = 0; t < n_tables; t++)
        rows += tables[t].count;
    o.sources = mcp_arena_alloc(arena, (rows + 1) * sizeof(*o.sources));
    set_defaults(&o, arena);
    if (!mcp_str_is_null(config_file)) {
        rc = mcp__options_read_file(&o, config_file, arena, err);
        if (rc < 0)
            return rc;
    }
    rc = read_env(&o, arena, err);
    if (rc == 0)
        rc = read_flags(&o, argc, argv, arena, err);
    if (rc == 0)
        rc = read_port(&o, arena, err);
    if (rc < 0)
        return MCP_EINVAL;
    *out = o;
    return 0;
}

enum mcp_opt_source mcp_options_source(const struct mcp_options *o, const char *name)
{
    const struct mcp_opt *opt;

    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, NULL)) != NULL; i++) {
        if (strcmp(opt->name, name) == 0)
            return o->sources[i];
    }
    return MCP_OPT_DEFAULT;
}

mcp_str mcp_options_default_file(const char *product, struct mcp_arena *arena)
{
    const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    mcp_str path = MCP_STR_NULL;

    /* XDG: a relative path there is invalid and to be ignored. */
    if (base != NULL && base[0] == '/')
        path = mcp_arena_printf(arena, "%s/%s/config.yaml", base, product);
    else if (home != NULL && home[0] == '/')
        path = mcp_arena_printf(arena, "%s/.config/%s/config.yaml", home, product);
    if (mcp_str_is_null(path) || access(path.ptr, F_OK) != 0)
        return MCP_STR_NULL;
    return path;
}

mcp_str mcp_options_config_arg(int argc, char **argv)
{
    mcp_str found = MCP_STR_NULL;

    for (int i = 0; i < argc && strcmp(argv[i], "--") != 0; i++) {
        mcp_str word = mcp_str_z(argv[i]);

        if (mcp_str_cut_prefix(&word, MCP_STR("--config=")))
            found = word;
        else if (mcp_str_eq(word, MCP_STR("--config")) && i + 1 < argc)
            found = mcp_str_z(argv[++i]);
    }
    return found;
}
