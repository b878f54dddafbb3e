/* `import FILE...`: one delivery into the dataset, with progress and what it did to each slice. */
#include "bar.h"
#include "cli.h"
#include "say.h"

#include "../server/paths.h"
#include "cost/model/text.h"

#include <cost/dataset.h>
#include <mcp/clock.h>
#include <mcp/date.h>

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>

static atomic_bool interrupted;

static void on_signal(int number)
{
    (void)number;
    atomic_store(&interrupted, true);
}

static int on_progress(void *ctx, const struct cost_import_progress *p)
{
    cost__bar_draw(ctx, "importing", p->rows, p->bytes, p->bytes_total);
    return atomic_load(&interrupted);
}

static bool is_unchanged(const struct cost_import_slice *s)
{
    return strcmp(s->what, "unchanged") == 0;
}

/* Widest entry of each column. */
struct columns {
    int what, provider, account, rows, amount;
};

static int wider(int width, size_t len)
{
    return len > (size_t)width ? (int)(len > 60 ? 60 : len) : width;
}

static struct columns measure(const struct cost_import_report *r, struct mcp_arena *arena)
{
    struct columns c = { 0 };
    char text[24];

    for (size_t i = 0; i < r->n_slices; i++) {
        const struct cost_import_slice *s = &r->slices[i];

        if (is_unchanged(s))
            continue;
        c.what = wider(c.what, strlen(s->what));
        c.provider = wider(c.provider, s->provider.len);
        c.account = wider(c.account, s->billing_account.len);
        c.rows = wider(c.rows, (size_t)snprintf(text, sizeof(text), "%llu",
                                                (unsigned long long)s->rows_after));
        c.amount = wider(c.amount, cost__text_money(arena, s->billed_after, s->currency).len);
    }
    return c;
}

static void print_slice(const struct cost_import_slice *s, const struct columns *c,
                        struct mcp_arena *arena)
{
    mcp_str after = cost__text_money(arena, s->billed_after, s->currency);
    mcp_str before = cost__text_money(arena, s->billed_before, s->currency);
    char month[MCP_DATE_LEN + 1];

    mcp_date_format(s->period_start, month);
    printf("  %-*s  %-*.*s  %-*.*s  %.7s  %*llu rows  %*.*s %.*s\n", c->what, s->what, c->provider,
           MCP_STR_ARG(s->provider), c->account, MCP_STR_ARG(s->billing_account), month, c->rows,
           (unsigned long long)s->rows_after, c->amount, MCP_STR_ARG(after),
           MCP_STR_ARG(s->currency));
    if (s->rows_before > 0)
        printf("  %*s  before: %llu rows, %.*s %.*s\n", c->what, "",
               (unsigned long long)s->rows_before, MCP_STR_ARG(before), MCP_STR_ARG(s->currency));
}

static void print_report(const struct cost_import_report *r, mcp_str dataset, uint64_t ms,
                         struct mcp_arena *arena)
{
    const struct columns columns = measure(r, arena);
    size_t unchanged = 0;

    printf("%llu rows read in %.1f s into %.*s\n", (unsigned long long)r->rows, (double)ms / 1e3,
           MCP_STR_ARG(dataset));
    for (size_t i = 0; i < r->n_slices; i++) {
        if (is_unchanged(&r->slices[i]))
            unchanged++;
        else
            print_slice(&r->slices[i], &columns, arena);
    }
    if (unchanged > 0)
        printf("  %zu slices unchanged\n", unchanged);
    for (size_t i = 0; i < r->n_skipped; i++)
        printf("  skipped: %.*s\n", MCP_STR_ARG(r->skipped_files[i]));
    for (size_t i = 0; i < r->n_notes; i++)
        printf("  note: %.*s\n", MCP_STR_ARG(r->notes[i]));
    if (r->rounded > 0)
        printf("  note: %llu amounts had digits past 1e-18 and were rounded, by at most %llue-27\n",
               (unsigned long long)r->rounded, (unsigned long long)r->rounded_max);
}

static int usage(const struct cost__program *p, const char *message)
{
    struct mcp_error err = { 0 };

    mcp_error_set(&err, MCP_EINVAL, "%s", message);
    mcp_error_next(&err, "Name them: %s import FILE... (FOCUS .csv, .csv.gz, or folders of them).",
                   p->spec->name);
    return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
}

static int no_place(const struct cost__program *p)
{
    struct mcp_error err = { 0 };

    mcp_error_set(&err, MCP_ECONFIG, "there is no home folder for the dataset");
    mcp_error_next(&err, "Give --dataset FILE, or set HOME or XDG_DATA_HOME.");
    return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
}

int cost__cli_import(struct cost__program *p)
{
    const struct cost__settings *s = p->settings;
    struct cost__bar bar = { 0 };
    struct cost_import_options options = { .paths = s->options.rest,
                                           .n_paths = s->options.n_rest,
                                           .source = s->source,
                                           .provider = s->provider,
                                           .latest = s->latest,
                                           .replace = s->replace,
                                           .partial = s->partial,
                                           .append = s->append,
                                           .progress = on_progress,
                                           .ctx = &bar };
    struct sigaction action = { .sa_handler = on_signal };
    struct cost_import_report report = { 0 };
    struct mcp_error err = { 0 };
    mcp_str dataset = s->dataset;
    uint64_t began = mcp_clock_mono_ms();
    int rc;

    if (s->options.n_rest == 0)
        return usage(p, "import needs at least one file");
    if (s->replace + s->partial + s->append > 1)
        return usage(p, "--replace, --partial and --append exclude each other");
    if (mcp_str_is_null(dataset))
        dataset = cost__path_data(p->arena, "dataset.db");
    if (mcp_str_is_null(dataset))
        return no_place(p);
    rc = cost__path_make_parent(p->arena, dataset, &err);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (rc == 0)
        rc = cost_import(dataset, &options, p->arena, &report, &err);
    cost__bar_end(&bar);
    if (rc < 0)
        return cost__cli_fail(p->spec, COST__EXIT_ERROR, &err);
    print_report(&report, dataset, mcp_clock_mono_ms() - began, p->arena);
    return cost__cli_done();
}
