/* How each budget stands: what was spent, what is expected, which thresholds fire. */
#include "budget_report.h"

#include <mcp/date.h>
#include <mcp/json_writer.h>

#include <math.h>

enum status { STATUS_OK, STATUS_WARNING, STATUS_EXCEEDED, STATUS_UNKNOWN };
static const char *const status_names[] = { "ok", "warning", "exceeded", "unknown" };

/* One budget as of data_through. */
struct standing {
    const struct cost_budget *budget;
    struct cost_range range;
    struct cost_money amount; /* with what rolled over */
    struct cost_money actual, parts;
    bool known; /* actual is */
    const char *why_unknown;
    bool has_forecast;
    struct cost_money forecast;
    double mean, deviation; /* of the whole period */
    struct cost_money others; /* billed in other currencies, absolute */
    bool has_others;
    bool fired[20];
    enum status status;
};

static struct cost_query query_of(const struct cost_budget *b, const struct cost_range *range,
                                  enum cost_tool tool)
{
    struct cost_query q = { .tool = tool,
                            .has_start = true,
                            .has_end = true,
                            .start = range->start,
                            .end = range->end,
                            .metric = b->metric,
                            .has_metric = true,
                            .basis = b->basis,
                            .has_granularity = true,
                            .granularity = COST_TOTAL,
                            .limit = 1,
                            .confidence_pct = 800,
                            .method = MCP_STR("auto") };

    memcpy(q.filters, b->filters, sizeof(q.filters));
    q.n_filters = b->n_filters;
    return q;
}

/* What was spent in a range, in the budget's currency. */
static int spent(const struct cost_tools *tools, struct mcp_call *call,
                 const struct cost_budget *b, const struct cost_range *range, struct standing *s,
                 struct mcp_error *err)
{
    struct cost_query q = query_of(b, range, COST_GET_COSTS);
    struct cost_result r;
    int rc = tools->source.costs(tools->source.ctx, call, &q, &r, err);

    if (rc < 0)
        return rc;
    s->actual = s->parts = COST_MONEY_ZERO;
    s->known = false;
    s->why_unknown = r.no_data ? "no data in the period" : "nothing in this currency";
    for (size_t i = 0; i < r.n_blocks; i++) {
        const struct cost_block_result *block = &r.blocks[i];

        if (!mcp_str_eq(block->currency, b->currency)) {
            s->has_others = true;
            continue;
        }
        s->actual = block->total.sum;
        s->parts = block->parts_total;
        s->known = !cost_measure_is_null(&block->total) && block->total.rows_unknown == 0;
        s->why_unknown = "the metric is missing in some rows";
    }
    /* A period that has rows, but none in this budget's scope, is a spend of nothing. */
    if (r.n_blocks == 0 && !r.no_data)
        s->known = true;
    return 0;
}

static int expected(const struct cost_tools *tools, struct mcp_call *call,
                    const struct cost_budget *b, struct standing *s, struct mcp_error *err)
{
    struct cost_query q = query_of(b, &s->range, COST_GET_FORECAST);
    struct cost_forecast_result f;
    struct mcp_error why = { 0 };
    int decimals = cost_currency_decimals(b->currency);
    int rc;

    if (b->basis == COST_INVOICE)
        return 0; /* days to come have no invoice yet */
    rc = tools->source.forecast(tools->source.ctx, call, &q, &f, &why);
    if (rc == MCP_ECANCELLED || rc == MCP_EDEADLINE)
        return mcp_error_set(err, (enum mcp_err)rc, "%s", why.message);
    if (rc < 0)
        return 0; /* refused: the forecast stays unknown */
    for (size_t i = 0; i < f.n_series; i++) {
        const struct cost_forecast_series *series = &f.series[i];

        if (!mcp_str_eq(series->currency, b->currency))
            continue;
        s->mean = series->mean;
        /* 80 % of a normal distribution lie within 1.2816 deviations of its mean. */
        s->deviation = (series->upper - series->lower) / (2 * 1.2815515655446004);
        s->has_forecast =
            cost_money_from_double(series->mean, decimals < 0 ? 2 : decimals, &s->forecast) == 0;
    }
    return 0;
}

/* Last period's unspent money is added to this one's, once. */
static int roll_over(const struct cost_tools *tools, struct mcp_call *call, struct standing *s,
                     struct mcp_error *err)
{
    const struct cost_budget *b = s->budget;
    struct standing before = { .budget = b };
    struct cost_money unspent = b->amount;
    int rc;

    s->amount = b->amount;
    if (!b->rollover_unspent || b->period == COST_BUDGET_CUSTOM ||
        !cost_budget_range(b, s->range.start - 1, &before.range))
        return 0;
    rc = spent(tools, call, b, &before.range, &before, err);
    if (rc < 0)
        return rc;
    if (before.known && cost_money_sub(&unspent, before.actual) == 0 && unspent.units > 0 &&
        cost_money_add(&s->amount, unspent) < 0)
        return mcp_error_set(err, MCP_ERANGE, "the amount of budget %.*s overflows",
                             MCP_STR_ARG(b->name));
    return 0;
}

/* P(total >= limit) when the total is normal around the forecast. */
static double probability(const struct standing *s, double limit)
{
    if (s->deviation <= 0)
        return s->mean >= limit ? 1 : 0;
    return 0.5 * erfc((limit - s->mean) / (s->deviation * sqrt(2)));
}

/* spent >= at * amount, exactly; `at` counts to a millionth. */
static bool reached(struct cost_money money, struct cost_money amount, struct cost_money at)
{
    const __int128 millionth = (__int128)1000000000000;
    __int128 left, right;

    if (__builtin_mul_overflow(money.units, (__int128)1000000, &left) ||
        __builtin_mul_overflow(amount.units, at.units / millionth, &right))
        return money.units / 1000000 >= amount.units / 1000000 * (at.units / millionth) / 1000000;
    return left >= right;
}

static void judge(struct standing *s)
{
    double amount = cost_money_double(s->amount);
    bool unknown = !s->known, warning = false;

    for (size_t i = 0; i < s->budget->n_thresholds; i++) {
        const struct cost_threshold *t = &s->budget->thresholds[i];
        double limit = amount * cost_money_double(t->at);

        if (t->forecasted && !s->has_forecast)
            unknown = true;
        else if (t->forecasted && t->has_probability)
            s->fired[i] = probability(s, limit) >= t->probability;
        else if (t->forecasted)
            s->fired[i] = s->mean >= limit;
        else
            s->fired[i] = s->known && reached(s->actual, s->amount, t->at);
        warning = warning || s->fired[i];
    }
    if (s->known && cost_money_cmp(s->actual, s->amount) >= 0)
        s->status = STATUS_EXCEEDED;
    else if (unknown)
        s->status = STATUS_UNKNOWN;
    else
        s->status = warning ? STATUS_WARNING : STATUS_OK;
}

static void put_money(struct mcp_jsonw *w, const char *key, bool known, struct cost_money m)
{
    char text[COST_MONEY_TEXT];
    size_t n = cost_money_format(m, text);

    if (known)
        mcp_jsonw_kraw(w, key, mcp_str_n(text, n));
    else
        mcp_jsonw_knull(w, key);
}

static void put_range(struct mcp_jsonw *w, const struct cost_range *range)
{
    char day[MCP_DATE_LEN + 1];

    mcp_jsonw_kobject(w, "period");
    mcp_date_format(range->start, day);
    mcp_jsonw_kz(w, "start", day);
    mcp_date_format(range->end, day);
    mcp_jsonw_kz(w, "end", day);
    mcp_jsonw_end(w);
}

static void put_check(struct mcp_jsonw *w, const struct standing *s)
{
    struct cost_money residual = s->actual;
    char text[COST_MONEY_TEXT];

    (void)cost_money_sub(&residual, s->parts); /* equal but for a fault, which get_costs refuses */
    mcp_jsonw_kobject(w, "check");
    mcp_jsonw_kstr(w, "total", mcp_str_n(text, cost_money_format(s->actual, text)));
    mcp_jsonw_kstr(w, "parts", mcp_str_n(text, cost_money_format(s->parts, text)));
    mcp_jsonw_kstr(w, "residual", mcp_str_n(text, cost_money_format(residual, text)));
    mcp_jsonw_end(w);
}

static void put_thresholds(struct mcp_jsonw *w, const struct standing *s)
{
    mcp_jsonw_karray(w, "thresholds");
    for (size_t i = 0; i < s->budget->n_thresholds; i++) {
        const struct cost_threshold *t = &s->budget->thresholds[i];

        mcp_jsonw_object(w);
        mcp_jsonw_kz(w, "type", t->forecasted ? "forecasted" : "actual");
        put_money(w, "at", true, t->at);
        if ((t->forecasted && !s->has_forecast) || (!t->forecasted && !s->known))
            mcp_jsonw_knull(w, "fired");
        else
            mcp_jsonw_kbool(w, "fired", s->fired[i]);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
}

static void put_json(struct mcp_jsonw *w, const struct standing *s)
{
    char percent[COST_MONEY_TEXT];

    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "name", s->budget->name);
    put_range(w, &s->range);
    put_money(w, "amount", true, s->amount);
    mcp_jsonw_kstr(w, "currency", s->budget->currency);
    put_money(w, "actual", s->known, s->actual);
    if (s->known && cost_money_percent(s->actual, s->amount, percent))
        mcp_jsonw_kraw(w, "percent", mcp_str_z(percent));
    else
        mcp_jsonw_knull(w, "percent");
    put_money(w, "forecast", s->has_forecast, s->forecast);
    mcp_jsonw_kz(w, "status", status_names[s->status]);
    put_thresholds(w, s);
    put_check(w, s);
    if (s->has_others)
        mcp_jsonw_kz(w, "warning",
                     "Spend in other currencies is left out of this budget; get_costs lists it.");
    else if (!s->known)
        mcp_jsonw_kz(w, "warning", s->why_unknown);
    mcp_jsonw_end(w);
}

static void put_text(struct mcp_buf *text, const struct standing *s)
{
    int decimals = cost_currency_decimals(s->budget->currency);
    char actual[COST_MONEY_TEXT] = "unknown", amount[COST_MONEY_TEXT], percent[COST_MONEY_TEXT];
    char forecast[COST_MONEY_TEXT] = "unknown";

    if (decimals < 0)
        decimals = 2;
    cost_money_format_rounded(s->amount, decimals, amount);
    if (s->known)
        cost_money_format_rounded(s->actual, decimals, actual);
    if (s->has_forecast)
        cost_money_format_rounded(s->forecast, decimals, forecast);
    mcp_buf_printf(text, "%.*s: %s of %s %.*s", MCP_STR_ARG(s->budget->name), actual, amount,
                   MCP_STR_ARG(s->budget->currency));
    if (s->known && cost_money_percent(s->actual, s->amount, percent))
        mcp_buf_printf(text, " (%s %%)", percent);
    mcp_buf_printf(text, ", forecast %s: %s\n", forecast, status_names[s->status]);
}

int cost__budget_report(const struct cost_tools *tools, struct mcp_call *call, int32_t day,
                        struct mcp_buf *json, struct mcp_buf *text, struct mcp_error *err)
{
    struct mcp_jsonw w;
    int rc;

    mcp_jsonw_init(&w, json);
    mcp_jsonw_array(&w);
    mcp_buf_z(text, "Budgets\n");
    for (size_t i = 0; i < tools->budgets->count; i++) {
        struct standing s = { .budget = &tools->budgets->items[i] };

        if (!cost_budget_range(s.budget, day, &s.range))
            continue;
        rc = spent(tools, call, s.budget, &s.range, &s, err);
        if (rc == 0)
            rc = roll_over(tools, call, &s, err);
        if (rc == 0)
            rc = expected(tools, call, s.budget, &s, err);
        if (rc < 0)
            return rc;
        judge(&s);
        put_json(&w, &s);
        put_text(text, &s);
    }
    mcp_jsonw_end(&w);
    return 0;
}
