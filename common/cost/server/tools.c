/* The four tools of every server: arguments to query, query to source, result to the client. */
#include <cost/tools.h>

#include "answer.h"
#include "budget_report.h"

#include <cost/writer.h>
#include <mcp/date.h>

#include <schemas.h>

static int parse(struct mcp_call *call, enum cost_tool tool, struct cost_query *query,
                 struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    int rc = cost_query_parse(tool, mcp_call_args(call), mcp_call_arena(call), query, err);

    if (rc == 0 && !query->has_metric && tool != COST_GET_RESOURCES)
        query->metric = tools->spec->default_metric;
    if (rc == 0 && tools->bridge)
        query->bridge = true;
    return rc;
}

/* What a model reads unasked stays small; who names a limit or a granularity wants the page, and so
 * does a person at a command line. */
static size_t page_chars(const struct cost_tools *tools, const struct cost_query *query)
{
    bool small = query->limit == 0 && !query->has_granularity && tools->form == COST_TEXT_MODEL;

    return small ? COST_DEFAULT_CHARS : COST_PAGE_CHARS;
}

static int fast_costs(struct mcp_call *call, struct mcp_error *err)
{
    struct cost_query query;

    if (parse(call, COST_GET_COSTS, &query, err) < 0)
        return MCP_MISS; /* the worker says what is wrong */
    return cost__answer_cached(mcp_call_user(call), call, &query);
}

static int write_text(const struct cost_tools *tools, const struct cost_result *r,
                      struct mcp_buf *text, struct mcp_error *err)
{
    if (tools->form == COST_TEXT_CSV)
        return cost_csv_costs(r, text, err);
    return cost_text_costs(r, tools->form == COST_TEXT_TABLE ? tools->width : 0, text, err);
}

/* What was measured is what is sent, unless a cursor belongs into it or the text is no model's: then
 * the page is emptied, to be printed once more. */
static bool prints_again(const struct cost_tools *tools, struct cost__answer *a,
                         const struct cost_result *r)
{
    if (mcp_str_is_null(r->next_cursor) && tools->form == COST_TEXT_MODEL && tools->width == 0)
        return false;
    mcp_buf_clear(&a->page.json);
    mcp_buf_clear(&a->page.text);
    return true;
}

/* Judged, cut to what is left of a page, its cursor sealed, printed. */
static int write_costs(struct mcp_call *call, struct cost__answer *a, struct cost_result *r,
                       size_t taken, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    /* Many budgets leave no room in a small answer. */
    size_t page = taken > COST_DEFAULT_CHARS / 2 ? COST_PAGE_CHARS : page_chars(tools, &r->query);
    int rc;

    cost_result_judge(r);
    rc = cost_costs_fit(r, page - taken, &a->page, err);
    if (rc == 0)
        rc = cost__answer_cursor(call, r, cost_costs_next(r), err);
    if (rc < 0 || !prints_again(tools, a, r))
        return rc;
    rc = cost_write_costs(r, &a->page.json, &a->page.age_at, err);
    return rc < 0 ? rc : write_text(tools, r, &a->page.text, err);
}

/* The budgets of this answer: JSON array and table. Copies live in the call's arena. */
struct budget_part {
    mcp_str json, text;
};

static int report_budgets(const struct cost_tools *tools, struct mcp_call *call,
                          struct cost_result *r, struct budget_part *part, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    int32_t day = r->query.range.end;
    struct mcp_buf json, text;
    size_t left_out = 0;
    int rc;

    *part = (struct budget_part){ MCP_STR_NULL, MCP_STR_NULL };
    if (tools->budgets == NULL || !tools->spec->budgets)
        return 0;
    if (r->has_data_through && day > r->data_through)
        day = r->data_through;
    mcp_buf_init(&json, COST_PAGE_CHARS * 8);
    mcp_buf_init(&text, COST_PAGE_CHARS * 8);
    rc = cost__budget_report(tools, call, day, &json, &text, &left_out, err);
    part->json = mcp_arena_str(arena, mcp_buf_view(&json));
    part->text = mcp_arena_str(arena, mcp_buf_view(&text));
    mcp_buf_release(&json);
    mcp_buf_release(&text);
    if (rc == 0 && left_out > 0)
        cost_result_warn(r, "budgets_left_out",
                         MCP_STR("Use a file with fewer budgets to see the others."),
                         "%zu budgets are not shown; exceeded ones come first.", left_out);
    return rc;
}

static void add_budgets(const struct cost_tools *tools, struct cost__answer *a,
                        const struct budget_part *part)
{
    if (mcp_str_is_null(part->json) || a->page.json.len == 0)
        return;
    a->page.json.len--; /* the closing brace */
    mcp_buf_z(&a->page.json, ",\"budgets\":");
    mcp_buf_str(&a->page.json, part->json);
    mcp_buf_char(&a->page.json, '}');
    if (tools->form == COST_TEXT_CSV)
        return;
    mcp_buf_char(&a->page.text, '\n');
    mcp_buf_str(&a->page.text, part->text);
}

static int needs_budgets(const struct cost_tools *tools, struct mcp_error *err)
{
    if (!tools->spec->budgets || tools->budgets != NULL)
        return 0;
    mcp_error_set(err, MCP_ECONFIG, "%s has no budgets: the option budgets is not set",
                  tools->spec->name);
    return mcp_error_next(err, "Write a YAML file of budgets (see README) and start the server "
                               "with --budgets FILE, or set MCP_COST_BUDGETS.");
}

static int run_costs(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct budget_part budgets;
    struct cost__answer *a;
    struct cost_query query;
    struct cost_result r;
    int rc;

    rc = parse(call, COST_GET_COSTS, &query, err);
    if (rc == 0)
        rc = needs_budgets(tools, err);
    if (rc == 0)
        rc = cost__answer_open(&a, call, &query, err);
    if (rc < 0)
        return rc;
    rc = tools->source.costs(tools->source.ctx, call, &query, &r, err);
    if (rc == 0)
        rc = cost__answer_check(a, &r, err);
    if (rc == 0)
        rc = report_budgets(tools, call, &r, &budgets, err);
    if (rc == 0)
        rc = write_costs(call, a, &r, budgets.json.len + budgets.text.len, err);
    if (rc == 0)
        add_budgets(tools, a, &budgets);
    if (rc == 0)
        rc = cost__answer_send(a, tools, call, &r, err);
    return rc;
}

/* A forecast has no pages: one that is larger is refused. */
static int check_forecast(const struct cost__answer *a, const struct cost_forecast_result *r,
                          struct mcp_error *err)
{
    size_t size = a->page.json.len + a->page.text.len, periods = 0;
    const char *coarser = r->base.query.granularity == COST_DAILY ? "MONTHLY" : "TOTAL";

    for (size_t i = 0; i < r->n_series; i++)
        periods = r->series[i].n_periods > periods ? r->series[i].n_periods : periods;
    if (size <= COST_PAGE_CHARS)
        return 0;
    mcp_error_word(err, MCP_EREFUSED, "too_long",
                   "granularity %s over this range is a forecast of %zu values for each of %zu "
                   "series, more than one page holds",
                   cost_granularity_name(r->base.query.granularity), periods, r->n_series);
    return mcp_error_next(err, "Use granularity %s, a range of at most %zu periods, or filters.",
                          coarser, periods * COST_PAGE_CHARS / (size + size / 8) + 1);
}

static int run_forecast(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct cost_forecast_result r;
    struct cost__answer *a;
    struct cost_query query;
    int rc = parse(call, COST_GET_FORECAST, &query, err);

    if (rc == 0)
        rc = cost__answer_open(&a, call, &query, err);
    if (rc == 0)
        rc = tools->source.forecast(tools->source.ctx, call, &query, &r, err);
    if (rc == 0)
        rc = cost_write_forecast(&r, &a->page.json, &a->page.age_at, err);
    if (rc == 0)
        rc = cost_text_forecast(&r, tools->width, &a->page.text, err);
    if (rc == 0)
        rc = check_forecast(a, &r, err);
    if (rc == 0)
        rc = cost__answer_send(a, tools, call, &r.base, err);
    return rc;
}

static int run_recommendations(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct cost_recommendations r;
    struct cost__answer *a;
    struct cost_query query;
    int rc = parse(call, COST_GET_RECOMMENDATIONS, &query, err);

    if (rc == 0)
        rc = cost__answer_open(&a, call, &query, err);
    if (rc == 0)
        rc = tools->source.recommendations(tools->source.ctx, call, &query, &r, err);
    if (rc == 0)
        rc = cost__answer_check(a, &r.base, err);
    if (rc == 0)
        rc = cost_recommendations_fit(&r, page_chars(tools, &r.base.query), &a->page, err);
    if (rc == 0)
        rc = cost__answer_cursor(call, &r.base, cost_recommendations_next(&r), err);
    if (rc == 0 && prints_again(tools, a, &r.base)) {
        rc = cost_write_recommendations(&r, &a->page.json, &a->page.age_at, err);
        if (rc == 0)
            rc = cost_text_recommendations(&r, tools->width, &a->page.text, err);
    }
    if (rc == 0)
        rc = cost__answer_send(a, tools, call, &r.base, err);
    return rc;
}

static int run_resources(struct mcp_call *call, struct mcp_error *err)
{
    const struct cost_tools *tools = mcp_call_user(call);
    struct cost_resources r;
    struct cost__answer *a;
    struct cost_query query;
    int rc = parse(call, COST_GET_RESOURCES, &query, err);

    if (rc == 0)
        rc = cost__answer_open(&a, call, &query, err);
    if (rc == 0)
        rc = tools->source.resources(tools->source.ctx, call, &query, &r, err);
    if (rc == 0)
        rc = cost__answer_check(a, &r.base, err);
    if (rc == 0)
        rc = cost_resources_fit(&r, page_chars(tools, &r.base.query), &a->page, err);
    if (rc == 0)
        rc = cost__answer_cursor(call, &r.base, cost_resources_next(&r), err);
    if (rc == 0 && prints_again(tools, a, &r.base)) {
        rc = cost_write_resources(&r, &a->page.json, &a->page.age_at, err);
        if (rc == 0)
            rc = cost_text_resources(&r, tools->width, &a->page.text, err);
    }
    if (rc == 0)
        rc = cost__answer_send(a, tools, call, &r.base, err);
    return rc;
}

const struct mcp_tool cost_tool_rows[] = {
    { .name = "get_costs",
      .title = "Get costs",
      .description = "What was spent: exact totals by service, project, region, tag and more, over "
                     "any period, with comparison and credits. {} answers the latest month by "
                     "service. bill, invoice, paid: basis invoice; spend, trend, so far: basis "
                     "usage. Do not add answers of servers named in scope.overlaps_with.",
      .in = &cost_schema_get_costs_in,
      .out = &cost_schema_get_costs_out,
      .flags = MCP_TOOL_READONLY | MCP_TOOL_IDEMPOTENT | MCP_TOOL_TASK,
      .run = run_costs,
      .fast = fast_costs },
    { .name = "get_forecast",
      .title = "Get forecast",
      .description = "What will be spent, by default in the running month: actual to date plus the "
                     "modelled rest, with an interval and the model's error in past months. "
                     "Refuses when there is too little history.",
      .in = &cost_schema_get_forecast_in,
      .out = &cost_schema_get_forecast_out,
      .flags = MCP_TOOL_READONLY | MCP_TOOL_IDEMPOTENT | MCP_TOOL_TASK,
      .run = run_forecast },
    { .name = "get_recommendations",
      .title = "Get recommendations",
      .description = "What to change to spend less: unused commitments, idle resources, untagged "
                     "spend, each with evidence. monthly_savings null means unknown, not zero.",
      .in = &cost_schema_get_recommendations_in,
      .out = &cost_schema_get_recommendations_out,
      .flags = MCP_TOOL_READONLY | MCP_TOOL_IDEMPOTENT | MCP_TOOL_TASK,
      .run = run_recommendations },
    { .name = "get_resources",
      .title = "Get resources",
      .description = "Which resources cost money, most expensive first, with type, region, project "
                     "and tags. Default metric effective.",
      .in = &cost_schema_get_resources_in,
      .out = &cost_schema_get_resources_out,
      .flags = MCP_TOOL_READONLY | MCP_TOOL_IDEMPOTENT | MCP_TOOL_TASK,
      .run = run_resources },
};
const size_t cost_n_tool_rows = sizeof(cost_tool_rows) / sizeof(cost_tool_rows[0]);
