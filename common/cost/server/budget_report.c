/* How each budget stands: what was spent, what is expected, which thresholds fire. */
#include "budget_report.h"

#include "cost/model/text.h"

#include <cost/writer.h>
#include <mcp/date.h>
#include <mcp/json_writer.h>

#include <math.h>

enum status { STATUS_OK, STATUS_WARNING, STATUS_EXCEEDED, STATUS_UNKNOWN };
static const char *const status_names[] = { "ok", "warning", "exceeded", "unknown" };

/* Half a page is the most that budgets take of it; behind that the least urgent are left out. */
#define MAX_BYTES (COST_PAGE_CHARS / 2)
#define UNEVEN_DAYS 2 /* a provider's data this far behind makes a sum incomplete */

static const struct {
    const char *title;
    bool right;
} titles[] = { { "budget", false }, { "status", false }, { "actual", true },   { "amount", true },
               { "", false },       { "used", true },    { "forecast", true }, { "until", false } };

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
    mcp_str others; /* "12.50 EUR and 3 JPY" in other currencies, or missing */
    bool early; /* the period begins before the data */
    mcp_str behind; /* a provider whose data ends earlier, or missing */
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

static void add_other(struct mcp_arena *arena, struct standing *s,
                      const struct cost_block_result *block)
{
    s->others = mcp_arena_printf(
        arena, "%.*s%s%.*s %.*s", MCP_STR_ARG(s->others), s->others.len > 0 ? " and " : "",
        MCP_STR_ARG(cost__text_measure(arena, &block->total, block->currency)),
        MCP_STR_ARG(block->currency));
}

/* What was spent in a range, in the budget's currency. */
static int spent(const struct cost_tools *tools, struct mcp_call *call, const struct cost_budget *b,
                 const struct cost_range *range, struct standing *s, struct mcp_error *err)
{
    struct cost_query q = query_of(b, range, COST_GET_COSTS);
    struct cost_result r;
    int rc = tools->source.costs(tools->source.ctx, call, &q, &r, err);

    if (rc < 0)
        return rc;
    s->actual = s->parts = COST_MONEY_ZERO;
    s->others = s->behind = MCP_STR_NULL;
    s->early = false;
    s->known = false;
    s->why_unknown = r.no_data ? "no data in the period" : "nothing in this currency";
    for (size_t i = 0; i < r.n_blocks; i++) {
        const struct cost_block_result *block = &r.blocks[i];

        if (!mcp_str_eq(block->currency, b->currency)) {
            add_other(mcp_call_arena(call), s, block);
            continue;
        }
        s->actual = block->total.sum;
        s->parts = block->parts_total;
        s->known = !cost_measure_is_null(&block->total) && block->total.rows_unknown == 0;
        s->why_unknown = "the metric is missing in some rows";
    }
    for (size_t i = 0; i < r.n_freshness; i++) {
        if (r.has_data_through && r.data_through - r.freshness[i].data_through > UNEVEN_DAYS)
            s->behind = r.freshness[i].provider;
    }
    for (size_t i = 0; i < r.n_warnings; i++)
        s->early = s->early || strcmp(r.warnings[i].code, "before_data") == 0;
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
    if (before.known && !before.early && cost_money_sub(&unspent, before.actual) == 0 &&
        unspent.units > 0 && cost_money_add(&s->amount, unspent) < 0)
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
    const __int128 million = 1000000;
    __int128 millionths = at.units / (million * million), limit;

    /* at * amount, rounded up to a whole unit; a limit that overflows is beyond any money. */
    if (__builtin_mul_overflow(amount.units / million, millionths, &limit) ||
        __builtin_add_overflow(limit, (amount.units % million * millionths + million - 1) / million,
                               &limit))
        return false;
    return money.units >= limit;
}

static void judge(struct standing *s)
{
    double amount = cost_money_double(s->amount);
    bool unknown = !s->known || s->early || !mcp_str_is_null(s->behind), warning = false;

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

    if (!s->known) {
        mcp_jsonw_knull(w, "check");
        return;
    }
    (void)cost_money_sub(&residual, s->parts); /* equal but for a fault, which get_costs refuses */
    mcp_jsonw_kobject(w, "check");
    mcp_jsonw_kstr(w, "total", mcp_str_n(text, cost_money_format(s->actual, text)));
    mcp_jsonw_kstr(w, "parts", mcp_str_n(text, cost_money_format(s->parts, text)));
    mcp_jsonw_kstr(w, "residual", mcp_str_n(text, cost_money_format(residual, text)));
    mcp_jsonw_end(w);
}

/* Everything that makes the number less than whole, "; " between; missing when nothing does. */
static mcp_str warning_of(struct mcp_arena *arena, const struct standing *s)
{
    mcp_str text = s->known ? MCP_STR_NULL : mcp_str_z(s->why_unknown);

    if (!mcp_str_is_null(s->others))
        text =
            mcp_arena_printf(arena, "%.*s%sother currencies are left out: %.*s", MCP_STR_ARG(text),
                             mcp_str_is_null(text) ? "" : "; ", MCP_STR_ARG(s->others));
    if (s->known && s->early)
        text = mcp_arena_printf(arena, "%.*s%sincomplete: the data begins after the period does",
                                MCP_STR_ARG(text), mcp_str_is_null(text) ? "" : "; ");
    if (s->known && !mcp_str_is_null(s->behind))
        text = mcp_arena_printf(arena, "%.*s%sincomplete: the data of %.*s ends earlier",
                                MCP_STR_ARG(text), mcp_str_is_null(text) ? "" : "; ",
                                MCP_STR_ARG(s->behind));
    return text;
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

static void put_json(struct mcp_jsonw *w, const struct standing *s, mcp_str warning)
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
    if (warning.len > 0)
        mcp_jsonw_kstr(w, "warning", warning);
    mcp_jsonw_end(w);
}

static void put_row(struct cost__table *t, const struct standing *s)
{
    mcp_str currency = s->budget->currency;

    cost__table_cell(t, s->budget->name);
    cost__table_cell(t, mcp_str_z(status_names[s->status]));
    cost__table_cell(t, s->known ? cost__text_money(t->arena, s->actual, currency)
                                 : MCP_STR("unknown"));
    cost__table_cell(t, cost__text_money(t->arena, s->amount, currency));
    cost__table_cell(t, currency);
    cost__table_cell(t, s->known ? cost__text_share(t->arena, s->actual, s->amount) : MCP_STR(""));
    cost__table_cell(t, s->has_forecast ? cost__text_money(t->arena, s->forecast, currency)
                                        : MCP_STR("unknown"));
    cost__table_cell(t, cost__text_date(t->arena, s->range.end));
}

/* The budgets of list as JSON array and table; stops before max bytes and returns how many it put. */
static size_t put_all(const struct standing *const *list, size_t n, size_t max,
                      struct mcp_arena *arena, unsigned width, struct mcp_buf *json,
                      struct mcp_buf *text)
{
    struct cost__table t;
    struct mcp_jsonw w;
    size_t i = 0;

    mcp_buf_clear(json);
    mcp_jsonw_init(&w, json);
    mcp_jsonw_array(&w);
    cost__table_init(&t, arena, width);
    for (size_t c = 0; c < sizeof(titles) / sizeof(titles[0]); c++)
        cost__table_column(&t, titles[c].title, titles[c].right);
    for (; i < n; i++) {
        size_t before = json->len;

        put_json(&w, list[i], warning_of(arena, list[i]));
        /* The row of the table is shorter than the object. */
        if (json->len + (json->len - before) / 2 > max) {
            json->len = before;
            break;
        }
        put_row(&t, list[i]);
    }
    mcp_jsonw_end(&w);
    if (n > 0)
        cost__table_print(&t, text);
    for (size_t k = 0; k < i; k++) {
        mcp_str warning = warning_of(arena, list[k]);

        if (warning.len == 0)
            continue;
        cost__text_safe(text, list[k]->budget->name);
        mcp_buf_printf(text, ": %.*s\n", MCP_STR_ARG(warning));
    }
    return i;
}

static int stand(const struct cost_tools *tools, struct mcp_call *call, struct standing *s,
                 struct mcp_error *err)
{
    int rc = spent(tools, call, s->budget, &s->range, s, err);

    if (rc == 0)
        rc = roll_over(tools, call, s, err);
    if (rc == 0)
        rc = expected(tools, call, s->budget, s, err);
    if (rc == 0)
        judge(s);
    return rc;
}

int cost__budget_report(const struct cost_tools *tools, struct mcp_call *call, int32_t day,
                        struct mcp_buf *json, struct mcp_buf *text, size_t *left_out,
                        struct mcp_error *err)
{
    static const enum status urgent[] = { STATUS_EXCEEDED, STATUS_WARNING, STATUS_UNKNOWN,
                                          STATUS_OK };
    struct mcp_arena *arena = mcp_call_arena(call);
    size_t n = 0, count = tools->budgets->count, put = 0;
    const struct standing **list = mcp_arena_alloc(arena, (2 * count + 1) * sizeof(*list));
    const struct standing **sorted = list + count;

    for (size_t i = 0; i < count; i++) {
        struct standing *s = MCP_ARENA_NEW(arena, struct standing);
        int rc;

        s->budget = &tools->budgets->items[i];
        if (!cost_budget_range(s->budget, day, &s->range))
            continue;
        rc = stand(tools, call, s, err);
        if (rc < 0)
            return rc;
        list[n++] = s;
    }
    put = put_all(list, n, MAX_BYTES, arena, tools->width, json, text);
    if (put < n) {
        size_t k = 0;

        for (size_t u = 0; u < sizeof(urgent) / sizeof(urgent[0]); u++) {
            for (size_t i = 0; i < n; i++) {
                if (list[i]->status == urgent[u])
                    sorted[k++] = list[i];
            }
        }
        mcp_buf_clear(text);
        put = put_all(sorted, n, MAX_BYTES, arena, tools->width, json, text);
    }
    *left_out = n - put;
    return 0;
}
