/* `doctor`: what is configured, what the dataset holds, what is wrong, and the fix, a line each. */
#include "cli.h"
#include "say.h"

#include "../server/files.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <stdio.h>

#define STALE_DAYS 3
#define SHOWN 10

/* The worst mark decides the exit status. */
static void print_line(void *ctx, enum cost_mark mark, mcp_str text)
{
    static const char *const marks[] = { "ok  ", "warn", "FAIL" };
    enum cost_mark *worst = ctx;

    if (mark > *worst)
        *worst = mark;
    printf("%s  %.*s\n", marks[mark], MCP_STR_ARG(text));
    fflush(stdout); /* the next line may wait for a cloud */
}

#define line(worst, ...) cost_report_line(&(struct cost_report){ print_line, (worst) }, __VA_ARGS__)

static void check_age(const struct cost_dataset_info *info, int32_t today, enum cost_mark *worst)
{
    int32_t through = INT32_MIN;
    char day[MCP_DATE_LEN + 1];

    for (size_t i = 0; i < info->n_slices; i++) {
        if (info->slices[i].data_through > through)
            through = info->slices[i].data_through;
    }
    if (through == INT32_MIN) {
        line(worst, COST_MARK_WARN, "age: no day of usage in the data");
        return;
    }
    mcp_date_format(through, day);
    if (today - through > STALE_DAYS)
        line(worst, COST_MARK_WARN, "age: data through %s, %d days ago. Import a newer export.",
             day, (int)(today - through));
    else
        line(worst, COST_MARK_OK, "age: data through %s", day);
}

static void check_gaps(const struct cost_dataset_info *info, enum cost_mark *worst)
{
    char from[MCP_DATE_LEN + 1], to[MCP_DATE_LEN + 1];

    if (info->n_gaps == 0)
        line(worst, COST_MARK_OK, "gaps: none");
    for (size_t i = 0; i < info->n_gaps && i < SHOWN; i++) {
        const struct cost_dataset_gap *gap = &info->gaps[i];

        mcp_date_format(gap->days.start, from);
        mcp_date_format(gap->days.end, to);
        line(worst, COST_MARK_WARN,
             "gap: %.*s account %.*s has no usage from %s to %s. Import that period.",
             MCP_STR_ARG(gap->provider), MCP_STR_ARG(gap->billing_account), from, to);
    }
    if (info->n_gaps > SHOWN)
        line(worst, COST_MARK_WARN, "gaps: %zu more", info->n_gaps - SHOWN);
}

static void list_slices(const struct cost_dataset_info *info, enum cost_mark *worst)
{
    size_t open = 0;

    for (size_t i = 0; i < info->n_slices; i++) {
        const struct cost_slice_info *s = &info->slices[i];
        char month[MCP_DATE_LEN + 1], through[MCP_DATE_LEN + 1] = "no usage";

        if (s->complete)
            continue;
        mcp_date_format(s->period_start, month);
        if (s->data_through != INT32_MIN)
            mcp_date_format(s->data_through, through);
        if (open++ < SHOWN)
            line(worst, COST_MARK_OK, "open slice: %.*s account %.*s period %.7s, through %s",
                 MCP_STR_ARG(s->provider), MCP_STR_ARG(s->billing_account), month, through);
    }
    line(worst, COST_MARK_OK, "slices: %zu, of them %zu not complete yet", info->n_slices, open);
}

static void check_contents(const struct cost_dataset_info *info, enum cost_mark *worst)
{
    for (size_t i = 0; i < info->n_currencies; i++)
        line(worst, cost_currency_decimals(info->currencies[i]) < 0 ? COST_MARK_WARN : COST_MARK_OK,
             "currency: %.*s%s", MCP_STR_ARG(info->currencies[i]),
             cost_currency_decimals(info->currencies[i]) < 0
                 ? " is not ISO 4217: a virtual currency, kept apart"
                 : "");
    for (size_t i = 0; i < info->n_missing; i++)
        line(worst, COST_MARK_WARN, "columns missing: %.*s", MCP_STR_ARG(info->missing_columns[i]));
    for (size_t i = 0; i < info->n_unmapped; i++)
        line(worst, COST_MARK_WARN,
             "provider \"%.*s\" is not known: it shows in mcp-forecast and mcp-policy only. Import "
             "with --provider FAMILY to map it.",
             MCP_STR_ARG(info->unmapped[i]));
}

static void check_budgets(const struct cost__program *p, enum cost_mark *worst)
{
    if (p->tools->budgets != NULL)
        line(worst, COST_MARK_OK, "budgets: %zu in %.*s", p->tools->budgets->count,
             MCP_STR_ARG(p->tools->budgets_path));
    else if (p->spec->budgets)
        line(worst, COST_MARK_WARN, "budgets: none. Give --budgets FILE.yaml.");
}

/* The dataset is opened inside a call, because building it waits like one. doctor_tool is that
 * call's handler; what it prints goes to stdout. */
struct visit {
    struct cost__program *p;
    enum cost_mark worst;
};

static void report(struct cost__program *p, struct cost_snapshot *snap, enum cost_mark *worst)
{
    struct cost_dataset_info info;
    struct mcp_error err = { 0 };

    if (cost_snapshot_info(snap, p->arena, &info, &err) < 0) {
        line(worst, COST_MARK_FAIL, "dataset: %s %s", err.message, err.next);
        return;
    }
    line(worst, COST_MARK_OK, "dataset: %.*s, %.1f MB, %llu rows", MCP_STR_ARG(info.path),
         (double)info.file_bytes / 1e6, (unsigned long long)info.rows);
    check_age(&info, mcp_instant_date(mcp_clock_now()), worst);
    list_slices(&info, worst);
    check_gaps(&info, worst);
    check_contents(&info, worst);
}

static int run_doctor(struct mcp_call *call, struct mcp_error *err)
{
    struct visit *v = mcp_call_user(call);
    struct cost_snapshot *snap = NULL;
    const struct cost_report report_to = { print_line, &v->worst };
    int rc;

    if (v->p->live != NULL) {
        v->p->live->doctor(&v->p->tools->source, call, &report_to);
        return 0;
    }
    rc = cost__files_snapshot(v->p->files, call, &snap, err);
    if (rc < 0)
        return rc;
    report(v->p, snap, &v->worst);
    cost_snapshot_release(snap);
    return 0;
}

int cost__cli_doctor(struct cost__program *p)
{
    static const struct mcp_schema_text no_arguments = { "doctor.in", "{\"type\":\"object\"}", 17 };
    static const struct mcp_tool rows[] = {
        { .name = "doctor",
          .title = "Doctor",
          .description = "Checks the dataset",
          .in = &no_arguments,
          .run = run_doctor },
    };
    struct visit visit = { .p = p };
    struct mcp_app_spec spec = { .name = p->spec->name,
                                 .title = p->spec->title,
                                 .version = "0",
                                 .tools = rows,
                                 .n_tools = 1,
                                 .user = &visit };
    struct mcp_app_answer answer = { 0 };
    struct mcp_error err = { 0 };
    struct mcp_app *app = NULL;
    int rc;

    if (p->settings->options.n_rest > 0) {
        mcp_error_set(&err, MCP_EINVAL, "doctor takes flags only, not \"%.*s\"",
                      MCP_STR_ARG(mcp_str_head(p->settings->options.rest[0], 80)));
        mcp_error_next(&err, "%s doctor [--data PATH | --dataset FILE | --demo]", p->spec->name);
        return cost__cli_fail(p->spec, COST__EXIT_USAGE, &err);
    }
    rc = mcp_app_new(&spec, &p->settings->app, &app, &err);
    if (rc == 0)
        rc = mcp_app_call(app, MCP_STR("doctor"), MCP_STR("{}"), p->arena, NULL, NULL, &answer,
                          &err);
    if (rc < 0) {
        mcp_app_free(app);
        return cost__cli_fail(p->spec, COST__EXIT_ERROR, &err);
    }
    if (answer.is_error) {
        mcp_str message, next;

        cost__cli_refusal(answer.text, &message, &next);
        line(&visit.worst, COST_MARK_FAIL, "%.*s %.*s", MCP_STR_ARG(message), MCP_STR_ARG(next));
    }
    check_budgets(p, &visit.worst);
    mcp_app_free(app);
    return visit.worst == COST_MARK_FAIL ? COST__EXIT_ERROR : cost__cli_done();
}
