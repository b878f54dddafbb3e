/* What people read of the option tables: --help and --print-config. */
#include "options_internal.h"

#include <stdio.h>
#include <stdlib.h>

#define HELP_WIDTH 80
#define HELP_INDENT 28
#define WORD_MAX ((size_t)1 << 16)

static const char *placeholder(const struct mcp_opt *opt)
{
    if (opt->arg != NULL)
        return opt->arg;
    switch (opt->type) {
    case MCP_OPT_INT:
        return "N";
    case MCP_OPT_BYTES:
        return "SIZE";
    case MCP_OPT_MS:
        return "TIME";
    case MCP_OPT_PATH:
        return "PATH";
    case MCP_OPT_ENUM:
        return opt->words;
    case MCP_OPT_LIST:
        return "LIST";
    case MCP_OPT_HTTP:
        return "[HOST:]PORT";
    case MCP_OPT_STR:
        return "TEXT";
    case MCP_OPT_BOOL:
    case MCP_OPT_SKIP:
        break;
    }
    return "";
}

/* Words of text from column HELP_INDENT on, broken before HELP_WIDTH. at: where the cursor is. */
static void wrap(struct mcp_buf *out, size_t at, mcp_str text)
{
    bool first = true;
    mcp_str word;

    for (bool more = true; more;) {
        more = mcp_str_cut(&text, ' ', &word);
        if (word.len == 0)
            continue;
        if (at < HELP_INDENT && first) {
            mcp_buf_printf(out, "%*s", (int)(HELP_INDENT - at), "");
            at = HELP_INDENT;
        } else if (first || at + 1 + word.len >= HELP_WIDTH) {
            mcp_buf_printf(out, "\n%*s", HELP_INDENT, "");
            at = HELP_INDENT;
        } else {
            mcp_buf_char(out, ' ');
            at++;
        }
        mcp_buf_str(out, word);
        at += word.len;
        first = false;
    }
    mcp_buf_char(out, '\n');
}

/* The help line, then the default and the variable in brackets. */
static void describe(const struct mcp_opt *opt, struct mcp_buf *text)
{
    bool secret = (opt->flags & MCP_OPT_SECRET) != 0;

    mcp_buf_z(text, opt->help == NULL ? "" : opt->help);
    if (opt->fallback != NULL && opt->fallback[0] != '\0' && opt->type != MCP_OPT_BOOL && !secret)
        mcp_buf_printf(text, " [default: %s]", opt->fallback);
    if (opt->env != NULL && !secret)
        mcp_buf_printf(text, " [env: %s]", opt->env);
    if (secret)
        mcp_buf_printf(text, " [secret: key %s of the file%s%s, no flag]", opt->name,
                       opt->env == NULL ? "" : " or env ", opt->env == NULL ? "" : opt->env);
}

static void help_row(const struct mcp_opt *opt, struct mcp_buf *out)
{
    char flag[MCP__OPT_NAME_MAX];
    size_t start = out->len;
    struct mcp_buf text;

    mcp__opt_flag_name(opt, flag);
    if (!mcp__opt_has_flag(opt))
        mcp_buf_printf(out, "  %s", opt->env == NULL ? opt->name : opt->env);
    else if (opt->type == MCP_OPT_BOOL)
        mcp_buf_printf(out, "  --%s", flag);
    else if (opt->type == MCP_OPT_HTTP)
        mcp_buf_printf(out, "  --%s [%s]", flag, placeholder(opt));
    else
        mcp_buf_printf(out, "  --%s %s%s", flag, placeholder(opt),
                       (opt->flags & MCP_OPT_MANY) != 0 ? "..." : "");
    mcp_buf_init(&text, 4096);
    describe(opt, &text);
    /* Two spaces at least between the flag and what it does. */
    wrap(out, out->len - start + 2 > HELP_INDENT ? HELP_WIDTH : out->len - start,
         mcp_buf_view(&text));
    mcp_buf_release(&text);
}

static bool is_listed(const struct mcp_opt *opt)
{
    return opt->type != MCP_OPT_SKIP && (opt->flags & MCP_OPT_HIDDEN) == 0;
}

static bool same_group(const struct mcp_opt *a, const struct mcp_opt *b)
{
    return mcp_str_eq(mcp_str_z(a->group), mcp_str_z(b->group));
}

/* Calls row for each listed row, group by group in the order of first mention. */
static void each_by_group(const struct mcp_opt_table *tables, size_t n_tables, struct mcp_buf *out,
                          void (*heading)(const char *group, struct mcp_buf *out),
                          void (*row)(const struct mcp_opt *opt, struct mcp_buf *out))
{
    const struct mcp_opt *opt, *other;

    for (size_t i = 0; (opt = mcp__opt_at(tables, n_tables, i, NULL)) != NULL; i++) {
        bool told = !is_listed(opt);

        for (size_t k = 0; k < i && !told; k++) {
            other = mcp__opt_at(tables, n_tables, k, NULL);
            told = is_listed(other) && same_group(other, opt);
        }
        if (told)
            continue;
        heading(opt->group == NULL ? "Options" : opt->group, out);
        for (size_t k = i; (other = mcp__opt_at(tables, n_tables, k, NULL)) != NULL; k++) {
            if (is_listed(other) && same_group(other, opt))
                row(other, out);
        }
    }
}

static void help_heading(const char *group, struct mcp_buf *out)
{
    mcp_buf_printf(out, "%s%s:\n", out->len == 0 ? "" : "\n", group);
}

void mcp_options_help(const struct mcp_opt_table *tables, size_t n_tables, struct mcp_buf *out)
{
    each_by_group(tables, n_tables, out, help_heading, help_row);
}

/* One row to print, with its place for the value and its source. */
struct line {
    const struct mcp_opt *opt;
    const void *target;
    size_t index;
};

static int by_name(const void *a, const void *b)
{
    const struct line *x = a, *y = b;

    return strcmp(x->opt->name, y->opt->name);
}

/* The section lines that open between the name printed before and this one; returns the depth. */
static size_t print_sections(const char *before, const char *name, size_t *leaf,
                             struct mcp_buf *out)
{
    size_t depth = 0, start = 0;
    bool same = true;

    for (size_t i = 0; name[i] != '\0'; i++) {
        if (name[i] != '.')
            continue;
        same = same && strncmp(before, name, i + 1) == 0;
        if (!same)
            mcp_buf_printf(out, "%*s%.*s:\n", (int)(2 * depth), "", (int)(i - start), name + start);
        depth++;
        start = i + 1;
    }
    *leaf = start;
    return depth;
}

static void print_source(const struct mcp_opt *opt, enum mcp_opt_source source, struct mcp_buf *out)
{
    static const char *const names[] = { "default", "file", "environment", "flag" };

    mcp_buf_printf(out, " # %s", names[source]);
    if (source == MCP_OPT_ENV && opt->env != NULL)
        mcp_buf_printf(out, " %s", opt->env);
    mcp_buf_char(out, '\n');
}

void mcp_options_print(const struct mcp_options *o, struct mcp_buf *out)
{
    const char *before = "";
    struct line *lines = NULL;
    size_t n = 0, rows = 0;

    for (size_t t = 0; t < o->n_tables; t++)
        rows += o->tables[t].count;
    lines = calloc(rows + 1, sizeof(*lines));
    if (lines == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < rows; i++) {
        void *target;
        const struct mcp_opt *opt = mcp__opt_at(o->tables, o->n_tables, i, &target);

        if (opt->type != MCP_OPT_SKIP && mcp__opt_has_key(opt))
            lines[n++] = (struct line){ opt, target, i };
    }
    qsort(lines, n, sizeof(*lines), by_name);
    for (size_t i = 0; i < n; i++) {
        const struct mcp_opt *opt = lines[i].opt;
        enum mcp_opt_source source = o->sources[lines[i].index];
        size_t leaf = 0, depth = print_sections(before, opt->name, &leaf, out);

        before = opt->name;
        mcp_buf_printf(out, "%*s", (int)(2 * depth), "");
        /* Masked as a comment: the printed text stays a file that can be read back. */
        if ((opt->flags & MCP_OPT_SECRET) != 0) {
            const mcp_str *value = (const void *)((const char *)lines[i].target + opt->offset);

            mcp_buf_printf(out, "# %s: %s", opt->name + leaf,
                           value->len == 0 ? "(secret, not set)" : "(secret, set)");
        } else {
            mcp_buf_printf(out, "%s: ", opt->name + leaf);
            mcp__opt_format(opt, lines[i].target, out);
        }
        print_source(opt, source, out);
    }
    free(lines);
}

/* As a flag takes it: a comma separated list, strings as they are. */
static void put_plain(const struct mcp_opt *opt, const void *target, struct mcp_buf *out)
{
    const void *at = (const char *)target + opt->offset;
    const struct mcp_opt_list *list = at;

    if (opt->type == MCP_OPT_STR || opt->type == MCP_OPT_PATH) {
        mcp_buf_str(out, *(const mcp_str *)at);
    } else if (opt->type == MCP_OPT_LIST) {
        for (size_t i = 0; i < list->count; i++)
            mcp_buf_printf(out, "%s%.*s", i == 0 ? "" : ",", MCP_STR_ARG(list->items[i]));
    } else {
        mcp__opt_format(opt, target, out);
    }
}

mcp_str mcp_options_word(const struct mcp_options *o, const char *name, struct mcp_arena *arena)
{
    const struct mcp_opt *opt;
    char flag[MCP__OPT_NAME_MAX];
    mcp_str word = MCP_STR_NULL;
    struct mcp_buf text;
    void *target;

    for (size_t i = 0; (opt = mcp__opt_at(o->tables, o->n_tables, i, &target)) != NULL; i++) {
        if (strcmp(opt->name, name) != 0 || !mcp__opt_has_flag(opt))
            continue;
        mcp__opt_flag_name(opt, flag);
        mcp_buf_init(&text, WORD_MAX);
        mcp_buf_printf(&text, "--%s=", flag);
        put_plain(opt, target, &text);
        if (!text.failed)
            word = mcp_arena_str(arena, mcp_buf_view(&text));
        mcp_buf_release(&text);
    }
    return word;
}
