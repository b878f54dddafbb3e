/* get_forecast from the daily net series of a billing export: Google itself has no forecast. */
#include "costs.h"

#include <cost/projection.h>
#include <mcp/clock.h>
#include <mcp/date.h>

#include <stdlib.h>

#define MAX_DAYS 400 /* older days teach a forecast little and cost bytes */
#define MAX_SERIES 50 /* groups, the largest first */
#define MAX_CURRENCIES 16
#define MIN_DAILY_DAYS 14

enum left_out { OUT_TAX, OUT_CREDIT, OUT_ADJUSTMENT, OUT_ONE_TIME, N_LEFT_OUT };
static const char *const left_out_names[N_LEFT_OUT] = { "tax", "credit", "adjustment",
                                                        "one_time_purchase" };

/* What a row of the statement is: daily usage, usage of a month, what is left out, a purchase. */
enum kind { DAILY, LONG, TAX, CREDIT, ADJUSTMENT, PURCHASE, N_KINDS };

enum column { CURRENCY, KEY, LABEL, POSITION, KIND, THING, DAY, COST, N_COLUMNS };
static const char *const columns[N_COLUMNS] = { "currency", "name",  "label", "position",
                                                "kind",     "thing", "day",   "cost" };

/* One currency and group. */
struct line {
    mcp_str currency;
    int64_t position;
    struct cost_key key;
    mcp_str newest; /* label with its hour in front */
    struct cost_money total;
    struct cost_money *days; /* in arena, by day - from */
    int32_t first; /* the first modelled day */
    struct cost_money scheduled[31], out[N_LEFT_OUT];
    bool has_scheduled[31], has_out[N_LEFT_OUT];
};

/* Purchases of one thing on one day. */
struct purchase {
    size_t line;
    mcp_str thing;
    int32_t day;
    struct cost_money cost;
};

struct history {
    struct mcp_arena *arena;
    struct cost_range range, last_month, last_cycle;
    struct line *lines; /* in arena */
    size_t n_lines;
    struct purchase *purchases; /* owned, heap */
    size_t n_purchases, purchases_size;
};

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static bool within(const struct cost_range *range, int32_t day)
{
    return day >= range->start && day <= range->end;
}

/* ---- rows ---- */

static struct line *line_of(struct history *h, const mcp_str *cells, int64_t position)
{
    struct line *line = h->lines;

    for (size_t i = 0; i < h->n_lines; i++, line++) {
        if (line->position == position && mcp_str_eq(line->currency, cells[CURRENCY]))
            return line;
    }
    if (h->n_lines == (size_t)MAX_SERIES * MAX_CURRENCIES)
        return NULL;
    *line = (struct line){ .currency = mcp_arena_str(h->arena, cells[CURRENCY]),
                           .position = position,
                           .key = { .value = mcp_arena_str(h->arena, cells[KEY]) },
                           .first = INT32_MAX };
    line->days = mcp_arena_try_array(h->arena, (size_t)(h->range.end - h->range.start) + 1,
                                     sizeof(*line->days));
    if (line->days == NULL)
        return NULL;
    h->n_lines++;
    return line;
}

static int add_modelled(struct history *h, struct line *line, int32_t day, struct cost_money v)
{
    if (day < line->first)
        line->first = day;
    return cost_money_add(&line->days[day - h->range.start], v);
}

/* A monthly charge repeats on its day: the latest cycle says how much. */
static int add_scheduled(struct history *h, struct line *line, int32_t day, struct cost_money v)
{
    int dom = mcp_date_civil(day).day - 1;

    if (!within(&h->last_cycle, day))
        return 0;
    line->has_scheduled[dom] = true;
    return cost_money_add(&line->scheduled[dom], v);
}

static int add_left_out(struct history *h, struct line *line, enum left_out what, int32_t day,
                        struct cost_money v)
{
    line->has_out[what] = true;
    return within(&h->last_month, day) ? cost_money_add(&line->out[what], v) : 0;
}

static int keep_purchase(struct history *h, const struct line *line, mcp_str thing, int32_t day,
                         struct cost_money v)
{
    if (h->n_purchases == h->purchases_size) {
        size_t size = h->purchases_size == 0 ? 256 : h->purchases_size * 2;
        struct purchase *p = realloc(h->purchases, size * sizeof(*p));

        if (p == NULL)
            return MCP_ENOMEM;
        h->purchases = p;
        h->purchases_size = size;
    }
    h->purchases[h->n_purchases++] = (struct purchase){ .line = (size_t)(line - h->lines),
                                                        .thing = mcp_arena_str(h->arena, thing),
                                                        .day = day,
                                                        .cost = v };
    return 0;
}

static int history_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct history *h = ctx;
    struct cost_money v = COST_MONEY_ZERO;
    int64_t position, kind, day;
    struct line *line;
    int rc = 0;

    if (mcp_str_int64(cells[POSITION], &position) < 0 || mcp_str_int64(cells[KIND], &kind) < 0 ||
        mcp_str_int64(cells[DAY], &day) < 0 || kind < 0 || kind >= N_KINDS ||
        !within(&h->range, (int32_t)day) ||
        (!mcp_str_is_null(cells[COST]) && cost_money_parse(cells[COST], &v, NULL) < 0))
        return mcp_error_set(err, MCP_EUPSTREAM,
                             "BigQuery's answer holds something else than days and amounts");
    line = line_of(h, cells, position);
    if (line == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the history");
    if (cells[LABEL].len > 10 && mcp_str_cmp(cells[LABEL], line->newest) > 0) {
        line->newest = mcp_arena_str(h->arena, cells[LABEL]);
        line->key.label = mcp_str_n(line->newest.ptr + 10, line->newest.len - 10);
    }
    if (cost_money_add(&line->total, v) < 0)
        return overflow(err);
    switch ((enum kind)kind) {
    case DAILY:
        rc = add_modelled(h, line, (int32_t)day, v);
        break;
    case LONG:
        rc = add_scheduled(h, line, (int32_t)day, v);
        break;
    case PURCHASE:
        rc = keep_purchase(h, line, cells[THING], (int32_t)day, v);
        break;
    default:
        rc = add_left_out(h, line, (enum left_out)(kind - TAX), (int32_t)day, v);
    }
    return rc < 0 ? mcp_error_set(err, rc, "the history cannot be summed") : 0;
}

/* ---- purchases, now that every day was seen ---- */

static int by_thing(const void *a, const void *b)
{
    const struct purchase *x = a, *y = b;
    int d = x->line != y->line ? (x->line < y->line ? -1 : 1) : mcp_str_cmp(x->thing, y->thing);

    return d != 0 ? d : (x->day > y->day) - (x->day < y->day);
}

/* What is bought on at least 80 % of days is modelled, what was bought once is left out. */
static int settle(struct history *h, struct mcp_error *err)
{
    if (h->n_purchases > 0)
        qsort(h->purchases, h->n_purchases, sizeof(*h->purchases), by_thing);
    for (size_t i = 0, end; i < h->n_purchases; i = end) {
        const struct purchase *p = &h->purchases[i];
        size_t n_days = 1, span = (size_t)(h->range.end - p->day) + 1;
        struct line *line = &h->lines[p->line];
        bool daily;

        for (end = i + 1; end < h->n_purchases && h->purchases[end].line == p->line &&
                          mcp_str_eq(h->purchases[end].thing, p->thing);
             end++)
            n_days += h->purchases[end].day != h->purchases[end - 1].day;
        daily = n_days >= MIN_DAILY_DAYS && n_days * 100 >= span * 80;
        for (size_t k = i; k < end; k++) {
            const struct purchase *one = &h->purchases[k];
            int rc = daily ? add_modelled(h, line, one->day, one->cost)
                           : add_left_out(h, line, OUT_ONE_TIME, one->day, one->cost);

            if (rc < 0)
                return overflow(err);
        }
    }
    return 0;
}

/* ---- the statement ---- */

static int put_statement(struct gcp_statement *st, struct mcp_error *err)
{
    const struct gcp_words *w = &st->words;
    const struct cost_query *q = st->query;
    struct gcp_dim dim = { MCP_STR("CAST(NULL AS STRING)"), MCP_STR_NULL, MCP_STR_NULL };
    const char *const values[COST_N_METRICS] = { w->billed, w->effective, w->list, w->contracted };
    struct gcp_sql *sql = &st->sql;
    int rc = 0;

    if (q->n_keys > 0)
        rc = gcp_dim_of(st->table, &q->keys[0], st->n_tags++, sql, &dim, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(sql, "WITH facts AS (\nSELECT %s AS currency,\n    %s AS name,\n    ", w->currency,
                dim.key.ptr);
    if (mcp_str_is_null(dim.label))
        gcp_sql_put(sql, "CAST(NULL AS STRING)");
    else
        gcp_sql_put(sql, "CONCAT(FORMAT_TIMESTAMP('%%Y%%m%%d%%H', %s), %s)", w->start,
                    dim.label.ptr);
    gcp_sql_put(sql,
                " AS label,\n    %s AS charge,\n    %s AS thing,\n    UNIX_DATE(DATE(%s, @tz)) "
                "AS day,\n    TIMESTAMP_DIFF(%s, %s, SECOND) > 90000 AS is_long,\n    %s AS "
                "metric",
                w->charge, st->table->kind == GCP_TABLE_FOCUS ? "t.ServiceName" : "t.sku.id",
                w->start, w->end, w->start, values[q->metric]);
    rc = gcp_statement_from(st, false, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(
        sql,
        "\n), days AS (\nSELECT GROUPING(kind) AS is_group, currency, name, MAX(label) AS label, "
        "kind, thing, day, SUM(metric) AS cost FROM (SELECT currency, name, label, day, "
        "metric, CASE charge WHEN 1 THEN %d WHEN 2 THEN %d WHEN 3 THEN %d WHEN 4 THEN %d "
        "ELSE IF(is_long, %d, %d) END AS kind, IF(charge = 1, thing, NULL) AS thing FROM "
        "facts)\nGROUP BY GROUPING SETS ((currency, name, kind, thing, day), (currency, "
        "name))\n), summed AS (\nSELECT *, MAX(IF(is_group = 1, IFNULL(cost, NUMERIC '0'), "
        "NULL)) OVER (PARTITION BY currency, name) AS total FROM days\n"
        "), placed AS (\nSELECT *, DENSE_RANK() OVER (PARTITION BY currency ORDER BY "
        "ABS(total) DESC, name) AS position FROM summed\n)\nSELECT currency, name, label, "
        "position, kind, thing, day, cost FROM placed WHERE position <= %d AND is_group = 0",
        PURCHASE, TAX, CREDIT, ADJUSTMENT, LONG, DAILY, MAX_SERIES);
    return gcp_sql_error(sql, err);
}

static void set_windows(struct history *h, struct cost_query *q)
{
    int32_t through = q->range.end, end = mcp_date_month_end(through);

    if (through - q->range.start >= MAX_DAYS)
        q->range.start = through - MAX_DAYS + 1;
    h->range = q->range;
    if (end > through)
        end = mcp_date_month_start(through) - 1;
    h->last_month = (struct cost_range){ mcp_date_month_start(end), end };
    h->last_cycle = (struct cost_range){ mcp_date_add_months(through, -1) + 1, through };
}

static void fill_series(const struct history *h, const struct line *line,
                        struct cost_history_series *out)
{
    struct cost_history_scheduled *scheduled = mcp_arena_alloc(h->arena, 31 * sizeof(*scheduled));
    struct cost_excluded *excluded = mcp_arena_alloc(h->arena, N_LEFT_OUT * sizeof(*excluded));
    int32_t first = line->first == INT32_MAX ? h->range.end + 1 : line->first;

    *out = (struct cost_history_series){ .currency = line->currency,
                                         .key = line->key,
                                         .total = line->total,
                                         .first_day = first,
                                         .days = line->days + (first - h->range.start),
                                         .n = (size_t)(h->range.end - first) + 1,
                                         .scheduled = scheduled,
                                         .excluded = excluded };
    for (int d = 0; d < 31; d++) {
        if (line->has_scheduled[d])
            scheduled[out->n_scheduled++] =
                (struct cost_history_scheduled){ d + 1, line->scheduled[d] };
    }
    for (int i = 0; i < N_LEFT_OUT; i++) {
        if (line->has_out[i])
            excluded[out->n_excluded++] =
                (struct cost_excluded){ mcp_str_z(left_out_names[i]), line->out[i] };
    }
}

static int by_place(const void *a, const void *b)
{
    const struct line *x = a, *y = b;
    int d = mcp_str_cmp(x->currency, y->currency);

    return d != 0 ? d : (x->position > y->position) - (x->position < y->position);
}

static int ask_history(void *ctx, const struct cost_query *query, struct cost_history *out,
                       struct mcp_error *err)
{
    struct gcp_costs_run *r = ctx;
    struct history h = { .arena = r->arena };
    struct cost_query q = *query;
    struct gcp_query ask = {
        .columns = columns, .n_columns = N_COLUMNS, .row = history_row, .ctx = &h
    };
    struct cost_history_series *series;
    struct gcp_statement st;
    int rc;

    q.basis = COST_USAGE;
    set_windows(&h, &q);
    h.lines = mcp_arena_try_array(r->arena, (size_t)MAX_SERIES * MAX_CURRENCIES, sizeof(*h.lines));
    if (h.lines == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the history");
    gcp_statement_init(&st, r->gcp->config, r->table, &q, r->arena);
    /* get_costs has resolved the filters of the same question. */
    rc = gcp_costs_filters(r, &q, err);
    if (rc == 0)
        rc = put_statement(&st, err);
    ask.sql = &st.sql;
    if (rc == 0)
        rc = gcp_billing_run(r->gcp, r->call, r->table, &ask, &r->stats, err);
    if (rc == 0)
        rc = settle(&h, err);
    free(h.purchases);
    if (rc < 0)
        return rc;
    qsort(h.lines, h.n_lines, sizeof(*h.lines), by_place);
    series = mcp_arena_alloc(r->arena, (h.n_lines + 1) * sizeof(*series));
    for (size_t i = 0; i < h.n_lines; i++)
        fill_series(&h, &h.lines[i], &series[i]);
    *out = (struct cost_history){ .series = series, .n_series = h.n_lines };
    return 0;
}

static int ask_costs(void *ctx, const struct cost_query *query, struct cost_result *out,
                     struct mcp_error *err)
{
    return gcp_costs_resolved(ctx, query, out, err);
}

int gcp_forecast(void *ctx, struct mcp_call *call, const struct cost_query *query,
                 struct cost_forecast_result *out, struct mcp_error *err)
{
    struct gcp_costs_run r = { .gcp = ctx, .call = call, .arena = mcp_call_arena(call) };
    struct cost_projection p = {
        .query = query,
        .costs = ask_costs,
        .history = ask_history,
        .ctx = &r,
        .arena = r.arena,
        .empty_next = "Wait for the billing export to fill, or check gcp.authorized_projects.",
        .stale_next = "Check that the billing export still runs (Billing > Billing export).",
        .earlier_next = "Google's export does not reach back further.",
    };
    int rc = gcp_costs_open(&r, query, err);

    if (rc == 0)
        rc = gcp_billing_extent(r.gcp, call, r.table, true, &r.extent, &r.stats, err);
    if (rc < 0)
        return rc;
    gcp_extent_dates(&r.extent, gcp_table_zone(r.gcp->config, r.table), &p.extent);
    rc = cost_project(&p, out, err);
    if (rc == 0) {
        out->base.requests = out->base.bytes_scanned = 0;
        gcp_billing_describe(r.gcp, r.table, &r.extent, &r.stats, &out->base);
        gcp_describe(&out->base, "bigquery");
    }
    return rc;
}
