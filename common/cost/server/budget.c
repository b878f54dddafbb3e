/* Budgets from a YAML file: read through JSON and a schema, turned into queries. */
#include <cost/budget.h>

#include "yaml_json.h"

#include <mcp/date.h>
#include <mcp/json_writer.h>
#include <mcp/schema.h>
#include <mcp/tool.h>

#include <schemas.h>

#define MAX_FILE_BYTES (1024 * 1024)

static int check_file(struct mcp_json root, mcp_str file, struct mcp_arena *arena,
                      struct mcp_error *err)
{
    const struct mcp_schema_text *text = &cost_schema_policy_budgets;
    struct mcp_error why = { 0 };
    struct mcp_schema *schema = mcp_schema_compile(mcp_str_n(text->text, text->len), &why);
    int rc = schema == NULL ? (int)why.err : mcp_schema_check(schema, root, arena, &why);

    mcp_schema_free(schema);
    if (rc < 0) {
        mcp_error_set(err, MCP_EINVAL, "%.*s: %s", MCP_STR_ARG(file), why.message);
        mcp_error_next(err, "%s", why.next);
    }
    return rc;
}

/* What the budget counts, in the words and by the reader of get_costs. */
static int parse_scope(struct mcp_json item, struct mcp_arena *arena, struct cost_budget *b,
                       struct mcp_error *err)
{
    static const char *const taken[] = { "filters", "metric", "basis" };
    struct cost_query query;
    struct mcp_json args, exclude = mcp_json_get(item, MCP_STR("exclude"));
    struct mcp_jsonw w;
    struct mcp_buf *text = MCP_ARENA_NEW(arena, struct mcp_buf);
    mcp_str copy;
    int rc;

    mcp_buf_init(text, MAX_FILE_BYTES);
    mcp_jsonw_init(&w, text);
    mcp_jsonw_object(&w);
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) {
        struct mcp_json v = mcp_json_get(item, mcp_str_z(taken[i]));

        if (mcp_json_exists(v))
            mcp_jsonw_kraw(&w, taken[i], mcp_json_raw(v));
    }
    mcp_jsonw_end(&w);
    copy = mcp_arena_str(arena, mcp_buf_view(text));
    mcp_buf_release(text);
    rc = mcp_json_parse(arena, copy, NULL, &args, err);
    if (rc == 0)
        rc = cost_query_parse(COST_GET_COSTS, args, arena, &query, err);
    if (rc < 0)
        return rc;
    memcpy(b->filters, query.filters, sizeof(b->filters));
    b->n_filters = query.n_filters;
    b->metric = query.metric;
    b->basis = query.basis;
    if (mcp_json_count(exclude) > 0) {
        struct cost_filter *f = &b->filters[b->n_filters];
        mcp_str *values = mcp_arena_alloc(arena, mcp_json_count(exclude) * sizeof(*values));

        if (b->n_filters == COST_MAX_FILTERS)
            return mcp_error_set(err, MCP_EINVAL, "too many filters beside exclude");
        *f = (struct cost_filter){ .key = { .dim = COST_DIM_CHARGE_CATEGORY },
                                   .negate = true,
                                   .values = values };
        for (struct mcp_json_iter it = mcp_json_iter(exclude); mcp_json_next(&it);)
            mcp_json_str(it.value, arena, &values[f->n_values++]);
        b->n_filters++;
    }
    return 0;
}

static int parse_period(struct mcp_json period, struct mcp_arena *arena, struct cost_budget *b,
                        struct mcp_error *err)
{
    if (mcp_json_type(period) == MCP_JSON_OBJECT) {
        mcp_str start = mcp_json_get_str(period, MCP_STR("start"), arena);
        mcp_str end = mcp_json_get_str(period, MCP_STR("end"), arena);

        b->period = COST_BUDGET_CUSTOM;
        if (mcp_date_parse(start, &b->custom.start) < 0 || mcp_date_parse(end, &b->custom.end) < 0)
            return mcp_error_set(err, MCP_EINVAL, "a date of its period does not exist");
        if (b->custom.start > b->custom.end)
            return mcp_error_set(err, MCP_EINVAL, "its period ends before it starts");
    } else if (mcp_json_str_eq(period, MCP_STR("quarterly"))) {
        b->period = COST_BUDGET_QUARTERLY;
    } else if (mcp_json_str_eq(period, MCP_STR("yearly"))) {
        b->period = COST_BUDGET_YEARLY;
    } else {
        b->period = COST_BUDGET_MONTHLY;
    }
    return 0;
}

static int parse_thresholds(struct mcp_json list, struct mcp_arena *arena, struct cost_budget *b,
                            struct mcp_error *err)
{
    struct cost_threshold *t = mcp_arena_alloc(arena, (mcp_json_count(list) + 1) * sizeof(*t));

    b->thresholds = t;
    for (struct mcp_json_iter it = mcp_json_iter(list); mcp_json_next(&it); b->n_thresholds++) {
        struct mcp_json p = mcp_json_get(it.value, MCP_STR("probability"));
        struct cost_threshold *at = &t[b->n_thresholds];

        at->forecasted =
            mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("type")), MCP_STR("forecasted"));
        at->has_probability = mcp_json_double(p, &at->probability) == 0;
        if (at->has_probability && !at->forecasted) {
            mcp_error_set(err, MCP_EINVAL, "probability belongs to a forecasted threshold");
            return mcp_error_next(err, "Set type: forecasted, or leave probability out.");
        }
        if (cost_money_parse(mcp_json_raw(mcp_json_get(it.value, MCP_STR("at"))), &at->at, NULL) <
            0)
            return mcp_error_set(err, MCP_EINVAL, "a threshold's `at` is out of range");
    }
    return 0;
}

static int parse_one(struct mcp_json item, struct mcp_arena *arena, struct cost_budget *b,
                     struct mcp_error *err)
{
    mcp_str name = mcp_json_get_str(item, MCP_STR("name"), arena);
    struct mcp_error why = { 0 };
    int rc;

    *b = (struct cost_budget){ .name = mcp_arena_str(arena, name) };
    b->currency = mcp_arena_str(arena, mcp_json_get_str(item, MCP_STR("currency"), arena));
    b->fiscal_start = (int)mcp_json_get_int64(item, MCP_STR("fiscal_start"), 1);
    b->rollover_unspent =
        mcp_json_str_eq(mcp_json_get(item, MCP_STR("rollover")), MCP_STR("unspent"));
    rc = cost_money_parse(mcp_json_raw(mcp_json_get(item, MCP_STR("amount"))), &b->amount, NULL);
    if (rc < 0)
        mcp_error_set(&why, MCP_ERANGE, "its amount is out of range");
    if (rc == 0)
        rc = parse_period(mcp_json_get(item, MCP_STR("period")), arena, b, &why);
    if (rc == 0)
        rc = parse_scope(item, arena, b, &why);
    if (rc == 0)
        rc = parse_thresholds(mcp_json_get(item, MCP_STR("thresholds")), arena, b, &why);
    if (rc < 0) {
        mcp_error_set(err, MCP_EINVAL, "budget \"%.*s\": %s", MCP_STR_ARG(b->name), why.message);
        mcp_error_next(err, "%s", why.next);
    }
    return rc;
}

static bool named_before(const struct cost_budget *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (mcp_str_eq(items[i].name, items[n].name))
            return true;
    }
    return false;
}

int cost_budgets_parse(mcp_str yaml, mcp_str file, struct mcp_arena *arena,
                       struct cost_budgets *out, struct mcp_error *err)
{
    struct cost_budgets budgets = { 0 };
    struct cost_budget *items;
    struct mcp_json root, list;
    struct mcp_buf json;
    mcp_str text;
    int rc;

    mcp_buf_init(&json, MAX_FILE_BYTES);
    rc = cost__yaml_json(yaml, file, &json, err);
    text = mcp_arena_str(arena, mcp_buf_view(&json));
    mcp_buf_release(&json);
    if (rc == 0)
        rc = mcp_json_parse(arena, text, NULL, &root, err);
    if (rc == 0)
        rc = check_file(root, file, arena, err);
    if (rc < 0)
        return rc;
    list = mcp_json_get(root, MCP_STR("budgets"));
    items = mcp_arena_alloc(arena, (mcp_json_count(list) + 1) * sizeof(*items));
    for (struct mcp_json_iter it = mcp_json_iter(list); mcp_json_next(&it); budgets.count++) {
        rc = parse_one(it.value, arena, &items[budgets.count], err);
        if (rc < 0)
            return rc;
        if (named_before(items, budgets.count)) {
            mcp_error_set(err, MCP_EINVAL, "two budgets are named \"%.*s\"",
                          MCP_STR_ARG(items[budgets.count].name));
            return mcp_error_next(err, "Give each budget in %.*s its own name.", MCP_STR_ARG(file));
        }
    }
    budgets.items = items;
    *out = budgets;
    return 0;
}

bool cost_budget_range(const struct cost_budget *budget, int32_t day, struct cost_range *range)
{
    int months = budget->period == COST_BUDGET_YEARLY      ? 12
                 : budget->period == COST_BUDGET_QUARTERLY ? 3
                                                           : 1;
    struct mcp_civil c = mcp_date_civil(day);
    int into;

    if (budget->period == COST_BUDGET_CUSTOM) {
        *range = budget->custom;
        return day >= range->start && day <= range->end;
    }
    /* Months since the fiscal year began, then since this period did. */
    into = (c.month - budget->fiscal_start + 12) % 12 % months;
    range->start = mcp_date_add_months(mcp_date_month_start(day), -into);
    range->end = mcp_date_add_months(range->start, months) - 1;
    return true;
}
