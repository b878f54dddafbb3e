/* From a tool's arguments to the query that travels: words, dates, dimensions, filters. */
#include "query_internal.h"

#define LIMIT_MAX 1000

struct parse {
    struct cost_query *q;
    struct mcp_arena *arena;
    struct mcp_error *err;
    mcp_str currency;
};

const char *cost__tool_name(enum cost_tool tool)
{
    static const char *const names[] = {
        [COST_GET_COSTS] = "get_costs",
        [COST_GET_FORECAST] = "get_forecast",
        [COST_GET_RECOMMENDATIONS] = "get_recommendations",
        [COST_GET_RESOURCES] = "get_resources",
    };

    return names[tool];
}

/* What the schema should have refused already (arguments may come from a command line too). */
static int wrong_type(struct parse *p, const char *name, const char *wanted)
{
    return mcp_error_set(p->err, MCP_EINVAL, "%s is not %s.", name, wanted);
}

static int take_text(struct parse *p, struct mcp_json v, const char *name, mcp_str *out)
{
    mcp_str text;

    if (mcp_json_str(v, p->arena, &text) < 0)
        return wrong_type(p, name, "a text");
    *out = mcp_arena_str(p->arena, text);
    return 0;
}

static int take_date(struct parse *p, struct mcp_json v, const char *name, int32_t *out)
{
    mcp_str text;
    int rc = take_text(p, v, name, &text);

    return rc < 0 ? rc : cost__date_parse(name, text, out, p->err);
}

static int on_start_date(struct parse *p, struct mcp_json v)
{
    p->q->has_start = true;
    return take_date(p, v, "start_date", &p->q->start);
}

static int on_end_date(struct parse *p, struct mcp_json v)
{
    p->q->has_end = true;
    return take_date(p, v, "end_date", &p->q->end);
}

static int on_period(struct parse *p, struct mcp_json v)
{
    struct cost__period ignored;
    int rc = take_text(p, v, "period", &p->q->period);

    /* Any day will do to tell a word from a typing error. */
    return rc < 0 ? rc : cost__period_parse(p->q->period, 0, &ignored, p->err);
}

static int on_granularity(struct parse *p, struct mcp_json v)
{
    mcp_str text;
    int rc = take_text(p, v, "granularity", &text);

    if (rc < 0)
        return rc;
    p->q->has_granularity = true;
    if (cost_granularity_parse(text, &p->q->granularity) == 0)
        return 0;
    mcp_error_set(p->err, MCP_EINVAL, "granularity \"%.*s\" is not known.", COST__SHOW(text));
    return mcp_error_next(p->err, "Use TOTAL, DAILY, MONTHLY or HOURLY.");
}

static int add_key(struct parse *p, struct mcp_json v)
{
    struct cost_query *q = p->q;
    struct cost_key_spec key;
    const char *nearest;
    mcp_str text;
    int rc = take_text(p, v, "group_by", &text);

    if (rc < 0)
        return rc;
    key.dim = cost_dim_parse(text, &key.tag_key);
    if (key.dim == COST_DIM_NONE) {
        nearest = cost_dim_nearest(text);
        mcp_error_word(p->err, MCP_EINVAL, "unknown_dimension",
                       "group_by: \"%.*s\" is no dimension.", COST__SHOW(text));
        return nearest != NULL ? mcp_error_next(p->err, "Did you mean %s? The dimensions are %s.",
                                                nearest, cost_dim_list())
                               : mcp_error_next(p->err, "The dimensions are %s.", cost_dim_list());
    }
    for (size_t i = 0; i < q->n_keys; i++) {
        if (q->keys[i].dim == key.dim && mcp_str_eq(q->keys[i].tag_key, key.tag_key)) {
            mcp_error_set(p->err, MCP_EINVAL, "group_by names %s twice.", cost_dim_name(key.dim));
            return mcp_error_next(p->err, "Name each dimension once.");
        }
    }
    if (q->n_keys == (q->tool == COST_GET_FORECAST ? 1 : COST_MAX_KEYS)) {
        mcp_error_set(p->err, MCP_EINVAL, "group_by takes at most %zu.", q->n_keys);
        return mcp_error_next(p->err, "Use filters for the rest.");
    }
    q->keys[q->n_keys++] = key;
    return 0;
}

static int on_group_by(struct parse *p, struct mcp_json v)
{
    if (mcp_json_type(v) == MCP_JSON_STRING)
        return add_key(p, v);
    if (mcp_json_type(v) != MCP_JSON_ARRAY)
        return wrong_type(p, "group_by", "a list of dimensions");
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        int rc = add_key(p, it.value);

        if (rc < 0)
            return rc;
    }
    return 0;
}

static int on_filters(struct parse *p, struct mcp_json v)
{
    return cost_filters_parse(v, p->arena, p->q->filters, &p->q->n_filters, p->err);
}

static int on_metric(struct parse *p, struct mcp_json v)
{
    mcp_str text;
    int rc = take_text(p, v, "metric", &text);

    if (rc < 0)
        return rc;
    p->q->has_metric = true;
    if (cost_metric_parse(text, &p->q->metric) == 0)
        return 0;
    mcp_error_set(p->err, MCP_EINVAL, "metric \"%.*s\" is not known.", COST__SHOW(text));
    return mcp_error_next(p->err, "Use billed (what is invoiced), effective (amortized), list or "
                                  "contracted.");
}

static int on_basis(struct parse *p, struct mcp_json v)
{
    mcp_str text;
    int rc = take_text(p, v, "basis", &text);

    if (rc < 0)
        return rc;
    if (mcp_str_eq_nocase(text, MCP_STR("usage")))
        p->q->basis = COST_USAGE;
    else if (mcp_str_eq_nocase(text, MCP_STR("invoice")))
        p->q->basis = COST_INVOICE;
    else {
        mcp_error_set(p->err, MCP_EINVAL, "basis \"%.*s\" is not known.", COST__SHOW(text));
        return mcp_error_next(p->err, "Use usage (spend, trend) or invoice (bill, paid).");
    }
    return 0;
}

static int compare_dates(struct parse *p, struct mcp_json v)
{
    struct cost_query *q = p->q;
    struct mcp_json start = mcp_json_get(v, MCP_STR("start_date"));
    struct mcp_json end = mcp_json_get(v, MCP_STR("end_date"));
    int rc;

    q->compare = COST_COMPARE_DATES;
    if (!mcp_json_exists(start) || !mcp_json_exists(end) || mcp_json_count(v) != 2) {
        mcp_error_set(p->err, MCP_EINVAL, "compare as an object needs start_date and end_date.");
        return mcp_error_next(p->err, "Use {\"start_date\": \"2026-09-01\", \"end_date\": "
                                      "\"2026-09-30\"}, or previous_period.");
    }
    rc = take_date(p, start, "compare.start_date", &q->compare_dates.start);
    if (rc == 0)
        rc = take_date(p, end, "compare.end_date", &q->compare_dates.end);
    if (rc < 0)
        return rc;
    return cost__range_check("get_costs and compare", "compare.start_date", "compare.end_date",
                             q->compare_dates, p->err);
}

static int on_compare(struct parse *p, struct mcp_json v)
{
    static const struct {
        const char *word;
        enum cost_compare compare;
    } words[] = {
        { "previous_period", COST_COMPARE_PERIOD },
        { "previous_month", COST_COMPARE_MONTH },
        { "previous_year", COST_COMPARE_YEAR },
    };
    mcp_str text;
    int rc;

    if (mcp_json_type(v) == MCP_JSON_OBJECT)
        return compare_dates(p, v);
    rc = take_text(p, v, "compare", &text);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (mcp_str_eq_nocase(text, mcp_str_z(words[i].word))) {
            p->q->compare = words[i].compare;
            return 0;
        }
    }
    mcp_error_set(p->err, MCP_EINVAL, "compare \"%.*s\" is not known.", COST__SHOW(text));
    return mcp_error_next(p->err, "Use previous_period, previous_month, previous_year or "
                                  "{\"start_date\": ..., \"end_date\": ...}.");
}

static int on_currency(struct parse *p, struct mcp_json v)
{
    return take_text(p, v, "currency", &p->currency);
}

static int on_bridge(struct parse *p, struct mcp_json v)
{
    return mcp_json_bool(v, &p->q->bridge) < 0 ? wrong_type(p, "bridge", "true or false") : 0;
}

static int on_limit(struct parse *p, struct mcp_json v)
{
    int64_t n;

    if (mcp_json_int64(v, &n) < 0 || n < 1 || n > LIMIT_MAX) {
        mcp_error_set(p->err, MCP_EINVAL, "limit is not a whole number from 1 to %d.", LIMIT_MAX);
        return mcp_error_next(p->err, "Leave it out for 10; cursor leads to the next page.");
    }
    p->q->limit = (int)n;
    return 0;
}

static int on_cursor(struct parse *p, struct mcp_json v)
{
    return take_text(p, v, "cursor", &p->q->cursor);
}

static int on_confidence(struct parse *p, struct mcp_json v)
{
    struct cost_money m;

    if (mcp_json_type(v) != MCP_JSON_NUMBER || cost_money_parse(mcp_json_raw(v), &m, NULL) < 0 ||
        m.units < (__int128)500 * 1000000000000000 || m.units > (__int128)990 * 1000000000000000) {
        mcp_error_set(p->err, MCP_EINVAL, "confidence is not between 0.5 and 0.99.");
        return mcp_error_next(p->err, "Use 0.8 or leave it out.");
    }
    p->q->confidence_pct = (int)((m.units + 500000000000000) / 1000000000000000);
    return 0;
}

static int on_method(struct parse *p, struct mcp_json v)
{
    return take_text(p, v, "method", &p->q->method);
}

static int on_category(struct parse *p, struct mcp_json v)
{
    static const char list[] = "compute storage network database commitment kubernetes idle "
                               "governance other";
    mcp_str words = mcp_str_z(list), word;
    int rc = take_text(p, v, "category", &p->q->category);

    if (rc < 0)
        return rc;
    for (bool more = true; more;) {
        more = mcp_str_cut(&words, ' ', &word);
        if (mcp_str_eq_nocase(word, p->q->category)) {
            p->q->category = word;
            return 0;
        }
    }
    mcp_error_set(p->err, MCP_EINVAL, "category \"%.*s\" is not known.",
                  COST__SHOW(p->q->category));
    return mcp_error_next(p->err, "Use one of: %s.", list);
}

static int on_min_savings(struct parse *p, struct mcp_json v)
{
    if (mcp_json_type(v) != MCP_JSON_NUMBER ||
        cost_money_parse(mcp_json_raw(v), &p->q->min_savings, NULL) < 0 ||
        p->q->min_savings.units < 0)
        return wrong_type(p, "min_monthly_savings", "an amount of 0 or more");
    p->q->has_min_savings = true;
    return 0;
}

static int on_resource_type(struct parse *p, struct mcp_json v)
{
    return take_text(p, v, "resource_type", &p->q->resource_type);
}

static int on_sort(struct parse *p, struct mcp_json v)
{
    mcp_str text;
    int rc = take_text(p, v, "sort", &text);

    if (rc == 0 && !mcp_str_eq_nocase(text, MCP_STR("cost")))
        rc = wrong_type(p, "sort", "cost");
    return rc;
}

static const struct argument {
    mcp_str name;
    unsigned tools; /* bit set of enum cost_tool */
    int (*on)(struct parse *p, struct mcp_json v);
} arguments_known[] = {
#define TOOL(t) (1u << (t))
#define DATED (TOOL(COST_GET_COSTS) | TOOL(COST_GET_FORECAST) | TOOL(COST_GET_RESOURCES))
#define PAGED (TOOL(COST_GET_COSTS) | TOOL(COST_GET_RECOMMENDATIONS) | TOOL(COST_GET_RESOURCES))
#define EVERY (DATED | PAGED)
    { { "basis", 5 }, TOOL(COST_GET_COSTS), on_basis },
    { { "bridge", 6 }, TOOL(COST_GET_COSTS), on_bridge },
    { { "category", 8 }, TOOL(COST_GET_RECOMMENDATIONS), on_category },
    { { "compare", 7 }, TOOL(COST_GET_COSTS), on_compare },
    { { "confidence", 10 }, TOOL(COST_GET_FORECAST), on_confidence },
    { { "currency", 8 }, EVERY, on_currency },
    { { "cursor", 6 }, PAGED, on_cursor },
    { { "end_date", 8 }, DATED, on_end_date },
    { { "filters", 7 }, EVERY, on_filters },
    { { "granularity", 11 }, TOOL(COST_GET_COSTS) | TOOL(COST_GET_FORECAST), on_granularity },
    { { "group_by", 8 }, TOOL(COST_GET_COSTS) | TOOL(COST_GET_FORECAST), on_group_by },
    { { "limit", 5 }, PAGED, on_limit },
    { { "method", 6 }, TOOL(COST_GET_FORECAST), on_method },
    { { "metric", 6 }, DATED, on_metric },
    { { "min_monthly_savings", 19 }, TOOL(COST_GET_RECOMMENDATIONS), on_min_savings },
    { { "period", 6 }, DATED, on_period },
    { { "resource_type", 13 }, TOOL(COST_GET_RESOURCES), on_resource_type },
    { { "sort", 4 }, TOOL(COST_GET_RESOURCES), on_sort },
    { { "start_date", 10 }, DATED, on_start_date },
};

static int take_argument(struct parse *p, mcp_str name, struct mcp_json value)
{
    for (size_t i = 0; i < sizeof(arguments_known) / sizeof(arguments_known[0]); i++) {
        const struct argument *a = &arguments_known[i];

        if (mcp_str_eq(name, a->name) && (a->tools & TOOL(p->q->tool)) != 0)
            return mcp_json_type(value) == MCP_JSON_NULL ? 0 : a->on(p, value);
    }
    return mcp_error_set(p->err, MCP_EINVAL, "%s has no argument \"%.*s\".",
                         cost__tool_name(p->q->tool), COST__SHOW(name));
}

/* currency = X means filters.currency = [X]. */
static int add_currency(struct parse *p)
{
    struct cost_query *q = p->q;
    struct cost_filter *f = &q->filters[q->n_filters];
    mcp_str *value;

    if (mcp_str_is_null(p->currency))
        return 0;
    if (cost_query_filter(q, COST_DIM_CURRENCY, MCP_STR_NULL) != NULL) {
        mcp_error_set(p->err, MCP_EINVAL, "currency and filters.currency were both given.");
        return mcp_error_next(p->err, "Use one of them.");
    }
    if (q->n_filters == COST_MAX_FILTERS)
        return mcp_error_set(p->err, MCP_EINVAL, "filters has more than %d dimensions.",
                             COST_MAX_FILTERS - 1);
    value = MCP_ARENA_NEW(p->arena, mcp_str);
    *value = p->currency;
    *f = (struct cost_filter){ .key = { COST_DIM_CURRENCY, MCP_STR_NULL },
                               .values = value,
                               .n_values = 1 };
    q->n_filters++;
    return 0;
}

/* What no single argument shows. */
static int check_together(struct parse *p)
{
    struct cost_query *q = p->q;

    if (!mcp_str_is_null(q->period) && (q->has_start || q->has_end)) {
        mcp_error_set(p->err, MCP_EINVAL, "period and dates were both given.");
        return mcp_error_next(p->err, "Use period, or start_date and end_date.");
    }
    if (q->has_start && q->has_end)
        return cost__range_check(cost__tool_name(q->tool), "start_date", "end_date",
                                 (struct cost_range){ q->start, q->end }, p->err);
    return 0;
}

int cost_query_parse(enum cost_tool tool, struct mcp_json arguments, struct mcp_arena *arena,
                     struct cost_query *out, struct mcp_error *err)
{
    struct parse p = { .q = mcp_arena_alloc(arena, sizeof(struct cost_query)),
                       .arena = arena,
                       .err = err };
    struct cost_query *q = p.q;
    int rc;

    q->tool = tool;
    q->metric = tool == COST_GET_RESOURCES ? COST_EFFECTIVE : COST_BILLED;
    q->confidence_pct = 800;
    q->method = MCP_STR("auto");
    for (struct mcp_json_iter it = mcp_json_iter(arguments); mcp_json_next(&it);) {
        mcp_str name;

        if (mcp_json_str(it.key, arena, &name) < 0)
            return mcp_error_set(err, MCP_EINTERNAL, "An argument without a name.");
        rc = take_argument(&p, name, it.value);
        if (rc < 0)
            return rc;
    }
    if (q->n_keys == 0 && tool == COST_GET_COSTS)
        q->keys[q->n_keys++] = (struct cost_key_spec){ COST_DIM_SERVICE, MCP_STR_NULL };
    rc = add_currency(&p);
    if (rc == 0)
        rc = check_together(&p);
    if (rc < 0)
        return rc;
    *out = *q;
    return 0;
}
