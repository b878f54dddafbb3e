/* get_forecast over any source: what is known already, the modelled rest, and their interval. */
#include <cost/projection.h>

#include <cost/forecast.h>
#include <mcp/date.h>

#include <math.h>

#define MAX_HORIZON 400
#define STALE_DAYS 3

/* One run: the dates, and what was asked of the dataset. */
struct run {
    const struct cost_projection *p;
    struct cost_query query;
    struct cost_range range; /* asked, inclusive; not before first */
    int32_t first, through; /* of the data */
    int32_t asked_start;
    struct mcp_arena *arena;
    struct cost_history history;
    struct cost_result actuals; /* get_costs of the part that is known */
    bool has_actuals;
    int64_t *buckets; /* starts of the periods of range */
    size_t n_buckets;
};

/* The whole month that contains data_through, or the next one when that is complete (contract.md
 * section 8); else the dates asked for, which may lie ahead. */
static int range_of(struct run *r, const struct cost_extent *extent, struct mcp_error *err)
{
    struct cost_query *q = &r->query;
    bool asked = q->has_start || q->has_end || !mcp_str_is_null(q->period);
    int rc;

    r->first = extent->first;
    r->through = extent->data_through;
    if (!asked) {
        int32_t day = r->through;

        if (day == mcp_date_month_end(day))
            day++;
        r->range = (struct cost_range){ mcp_date_month_start(day), mcp_date_month_end(day) };
        q->period_defaulted = true;
    } else {
        rc = cost_query_resolve(q, extent, err);
        if (rc < 0)
            return rc;
        r->range = q->cut_to_data ? q->asked : q->range;
        q->cut_to_data = false;
    }
    if (r->range.end - r->through > MAX_HORIZON) {
        char last[MCP_DATE_LEN + 1];

        mcp_date_format(r->through + MAX_HORIZON, last);
        mcp_error_set(err, MCP_EINVAL,
                      "the forecast would reach %d days past the data; %d is the most",
                      (int)(r->range.end - r->through), MAX_HORIZON);
        return mcp_error_next(err, "Ask for an end_date up to %s.", last);
    }
    q->today = extent->today;
    /* Days before the data are unknown, not free. */
    r->asked_start = r->range.start;
    if (r->range.start < r->first && r->range.end >= r->first)
        r->range.start = r->first;
    q->range = r->range;
    if (!q->has_granularity)
        q->granularity = COST_MONTHLY;
    if (q->granularity == COST_HOURLY) {
        mcp_error_set(err, MCP_EINVAL, "a forecast has no HOURLY granularity");
        return mcp_error_next(err, "Use granularity DAILY, MONTHLY or TOTAL.");
    }
    return 0;
}

/* Sum of the known part of one bucket, for the series of that currency and key. */
static const struct cost_point *points_of(const struct run *r, const struct cost_history_series *h,
                                          size_t *n)
{
    *n = 0;
    if (!r->has_actuals)
        return NULL;
    for (size_t b = 0; b < r->actuals.n_blocks; b++) {
        const struct cost_block_result *block = &r->actuals.blocks[b];

        if (!mcp_str_eq(block->currency, h->currency))
            continue;
        *n = block->n_buckets;
        if (r->query.n_keys == 0)
            return block->points;
        for (size_t g = 0; g < block->n_groups; g++) {
            const struct cost_key *key = &block->groups[g].keys[0];

            if (mcp_str_is_null(key->value) == mcp_str_is_null(h->key.value) &&
                mcp_str_eq(key->value, h->key.value) && mcp_str_eq(key->provider, h->key.provider))
                return block->groups[g].points;
        }
    }
    *n = 0;
    return NULL;
}

/* Monthly recurring charges that fall on days from..to, which are all ahead. A day past a month's
 * end falls on its last. */
static int scheduled_in(const struct cost_history_series *h, int32_t from, int32_t to,
                        struct cost_money *sum)
{
    for (int32_t m = mcp_date_month_start(from); m <= to; m = mcp_date_add_months(m, 1)) {
        for (size_t i = 0; i < h->n_scheduled; i++) {
            int32_t day = m + h->scheduled[i].day_of_month - 1;

            if (day > mcp_date_month_end(m))
                day = mcp_date_month_end(m);
            if (day >= from && day <= to && cost_money_add(sum, h->scheduled[i].amount) < 0)
                return MCP_ERANGE;
        }
    }
    return 0;
}

struct span {
    double mean, below, above; /* below, above: distances to the limits */
};

/* Days first..last (1-based steps ahead) together. From the first step on the backtest knows the
 * error of such a sum; a sum that begins later is as uncertain as one of its length, widened like
 * any horizon by the square root. */
static struct span span_of(const struct cost_forecast_out *f, size_t first, size_t last)
{
    size_t len = last - first + 1;
    double lead = 0, wide = sqrt((double)last / (double)len);
    struct span s = { 0 };

    for (size_t i = 0; i < len; i++)
        lead += f->mean[i];
    for (size_t i = first; i <= last; i++)
        s.mean += f->mean[i - 1];
    s.below = (lead - f->sum_lower[len - 1]) * wide;
    s.above = (f->sum_upper[len - 1] - lead) * wide;
    return s;
}

/* One period: its known part, its modelled days, its scheduled charges. */
static int fill_period(const struct run *r, const struct cost_history_series *h,
                       const struct cost_forecast_out *f, const struct cost_point *known,
                       struct cost_forecast_period *p)
{
    struct cost_money sure = known != NULL ? known->cost : COST_MONEY_ZERO;
    struct span ahead = { 0 };

    if (p->end > r->through) {
        int32_t from = p->start > r->through ? p->start : r->through + 1;

        if (scheduled_in(h, from, p->end, &sure) < 0)
            return MCP_ERANGE;
        ahead = span_of(f, (size_t)(from - r->through), (size_t)(p->end - r->through));
    }
    p->actual = p->end <= r->through;
    p->actual_cost = sure;
    p->mean = cost_money_double(sure) + ahead.mean;
    p->lower = p->mean - ahead.below;
    p->upper = p->mean + ahead.above;
    return 0;
}

static int32_t bucket_day(const struct run *r, size_t i)
{
    int32_t day = mcp_instant_date(r->buckets[i]);

    return day < r->range.start ? r->range.start : day;
}

static int fill_periods(const struct run *r, const struct cost_history_series *h,
                        const struct cost_forecast_out *f, struct cost_forecast_series *s)
{
    struct cost_forecast_period *periods =
        mcp_arena_alloc(r->arena, r->n_buckets * sizeof(*periods));
    size_t n_points;
    const struct cost_point *points = points_of(r, h, &n_points);

    s->actual_to_date = COST_MONEY_ZERO;
    for (size_t i = 0; i < r->n_buckets; i++) {
        struct cost_forecast_period *p = &periods[i];
        const struct cost_point *known = points != NULL && i < n_points ? &points[i] : NULL;

        p->start = bucket_day(r, i);
        p->end = i + 1 < r->n_buckets ? bucket_day(r, i + 1) - 1 : r->range.end;
        if (fill_period(r, h, f, known, p) < 0)
            return MCP_ERANGE;
        if (known != NULL && cost_money_add(&s->actual_to_date, known->cost) < 0)
            return MCP_ERANGE;
    }
    s->periods = periods;
    s->n_periods = r->n_buckets;
    return 0;
}

static int fill_total(const struct run *r, const struct cost_history_series *h,
                      const struct cost_forecast_out *f, struct cost_forecast_series *s)
{
    struct span ahead = { 0 };

    s->scheduled = COST_MONEY_ZERO;
    if (r->range.end > r->through) {
        int32_t from = r->range.start > r->through ? r->range.start : r->through + 1;

        if (scheduled_in(h, from, r->range.end, &s->scheduled) < 0)
            return MCP_ERANGE;
        ahead = span_of(f, (size_t)(from - r->through), (size_t)(r->range.end - r->through));
    }
    s->remaining = ahead.mean;
    s->mean = cost_money_double(s->actual_to_date) + cost_money_double(s->scheduled) + ahead.mean;
    s->lower = s->mean - ahead.below;
    s->upper = s->mean + ahead.above;
    return 0;
}

/* The model of one series; nothing to model when the whole range is known. */
static int model(const struct run *r, const struct cost_history_series *h,
                 struct cost_forecast_out *f, struct cost_forecast_series *s, struct mcp_error *err)
{
    double *y = mcp_arena_try_array(r->arena, h->n + 1, sizeof(*y));
    struct cost_forecast_in in = { .y = y,
                                   .n = h->n,
                                   .first_day = h->first_day,
                                   .confidence = r->query.confidence_pct / 1000.0,
                                   .method = r->query.method };
    int rc;

    *f = (struct cost_forecast_out){ 0 };
    s->method = MCP_STR("actual");
    s->smape = s->mase = s->coverage = -1;
    if (r->range.end <= r->through)
        return 0;
    if (y == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the history");
    for (size_t i = 0; i < h->n; i++)
        y[i] = cost_money_double(h->days[i]);
    in.horizon = (size_t)(r->range.end - r->through);
    rc = cost_forecast(&in, r->arena, f, err);
    if (rc < 0)
        return rc;
    s->method = mcp_str_z(f->method);
    s->smape = f->smape;
    s->mase = f->mase;
    s->coverage = f->coverage;
    s->folds = f->folds;
    s->interval_extrapolated = f->interval_extrapolated;
    return 0;
}

static int fill_series(const struct run *r, const struct cost_history_series *h,
                       struct cost_forecast_series *s, struct mcp_error *err)
{
    struct cost_forecast_out f;
    int rc;

    *s = (struct cost_forecast_series){ .currency = h->currency,
                                        .key = h->key,
                                        .excluded = h->excluded,
                                        .n_excluded = h->n_excluded,
                                        .history_start = h->first_day,
                                        .history_end = h->first_day + (int32_t)h->n - 1,
                                        .history_points = h->n };
    rc = model(r, h, &f, s, err);
    if (rc < 0)
        return rc;
    if (fill_periods(r, h, &f, s) < 0 || fill_total(r, h, &f, s) < 0)
        return mcp_error_set(err, MCP_ERANGE, "the sums of the forecast overflow");
    return 0;
}

/* The known part by the same path as get_costs, so that both say the same of the same days. */
static int ask_actuals(struct run *r, struct mcp_error *err)
{
    struct cost_query q = r->query;

    q.tool = COST_GET_COSTS;
    q.has_granularity = true;
    q.series_total_only = false;
    q.limit = 1000;
    q.range.end = r->range.end < r->through ? r->range.end : r->through;
    r->has_actuals = r->range.start <= q.range.end;
    if (!r->has_actuals) /* still for what it says of provider, freshness and scope */
        q.range.start = q.range.end;
    return r->p->costs(r->p->ctx, &q, &r->actuals, err);
}

static int ask_history(struct run *r, struct mcp_error *err)
{
    struct cost_query q = r->query;

    q.range = (struct cost_range){ r->first, r->through };
    return r->p->history(r->p->ctx, &q, &r->history, err);
}

static void describe(const struct run *r, struct cost_forecast_result *out)
{
    struct cost_result *base = &out->base;

    *base = r->actuals;
    base->query = r->query;
    base->time_start = (int64_t)r->range.start * 86400;
    base->time_end = ((int64_t)r->range.end + 1) * 86400;
    out->confidence_pct = r->query.confidence_pct;
    if (r->query.today - r->through > STALE_DAYS)
        cost_result_warn(base, "stale_data", mcp_str_z(r->p->stale_next),
                         "The data ends %d days ago; the forecast starts there.",
                         (int)(r->query.today - r->through));
    if (r->asked_start < r->range.start) {
        char first[MCP_DATE_LEN + 1];

        mcp_date_format(r->range.start, first);
        cost_result_warn(base, "before_data", mcp_str_z(r->p->earlier_next),
                         "The data begins on %s: answered from there on.", first);
    }
}

static int fill_all(const struct run *r, struct cost_forecast_result *out, struct mcp_error *err)
{
    size_t limit = r->query.limit > 0 ? (size_t)r->query.limit : 10;
    struct cost_forecast_series *series =
        mcp_arena_alloc(r->arena, (r->history.n_series + 1) * sizeof(*series));
    struct mcp_error first = { 0 };
    size_t left_out = 0;

    out->series = series;
    if (r->range.end < r->first)
        return 0; /* no data: the warning of get_costs is there already */
    for (size_t i = 0; i < r->history.n_series; i++) {
        const struct cost_history_series *h = &r->history.series[i];
        struct mcp_error why = { 0 };

        if (r->query.n_keys > 0 && out->n_series == limit) {
            left_out++;
            continue;
        }
        if (fill_series(r, h, &series[out->n_series], &why) == 0) {
            out->n_series++;
            continue;
        }
        if (first.err == 0)
            first = why;
        cost_result_warn(&out->base, "group_refused", mcp_str_z(""),
                         "No forecast for %.*s %.*s: %s", MCP_STR_ARG(h->currency),
                         MCP_STR_ARG(h->key.value), why.message);
    }
    if (left_out > 0)
        cost_result_warn(&out->base, "groups_left_out", MCP_STR("Raise limit to see more."),
                         "%zu smaller groups are not shown; each is forecast on its own.",
                         left_out);
    if (out->n_series > 0 || first.err == 0)
        return 0;
    *err = first;
    return first.err;
}

int cost_project(const struct cost_projection *projection, struct cost_forecast_result *out,
                 struct mcp_error *err)
{
    struct run r = { .p = projection, .query = *projection->query, .arena = projection->arena };
    int rc;

    if (projection->extent.empty) {
        mcp_error_word(err, MCP_EREFUSED, "insufficient_history",
                       "there is no cost data in scope to forecast from; %d days are needed",
                       COST_FORECAST_MIN_DAYS);
        return mcp_error_next(err, "%s", projection->empty_next);
    }
    rc = range_of(&r, &projection->extent, err);
    if (rc == 0)
        rc = cost_buckets(&r.range, r.query.granularity, 1000, r.arena, &r.buckets, &r.n_buckets);
    if (rc == 0)
        rc = ask_actuals(&r, err);
    if (rc == 0)
        rc = ask_history(&r, err);
    if (rc < 0)
        return mcp_error_set(err, rc, "the range cannot be forecast");
    *out = (struct cost_forecast_result){ 0 };
    describe(&r, out);
    return fill_all(&r, out, err);
}
