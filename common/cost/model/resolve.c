/* From what was asked to the days that are answered: defaults, cuts, granularity, comparison. */
#include "query_internal.h"

#include <mcp/date.h>

#define DAILY_DAYS_MAX 62 /* a longer range gets a monthly series unless one was asked for */
#define RECOMMENDATION_DAYS 30

static struct cost_range month_of(int32_t day)
{
    return (struct cost_range){ mcp_date_month_start(day), mcp_date_month_end(day) };
}

/* Neither dates nor period. */
static struct cost__period default_period(const struct cost_query *q, const struct cost_extent *e)
{
    int32_t last = e->empty ? e->today : e->data_through;
    struct cost__period p;

    if (q->tool == COST_GET_RECOMMENDATIONS) {
        p.days = (struct cost_range){ last - RECOMMENDATION_DAYS + 1, last };
        p.whole = p.days;
        return p;
    }
    p.whole = month_of(last);
    if (q->tool == COST_GET_FORECAST) {
        if (last == p.whole.end)
            p.whole = month_of(last + 1);
        p.days = p.whole;
        return p;
    }
    /* A live cloud: this month to date, unless its first data is still to come. */
    if (e->live && mcp_date_month_start(e->today) <= last) {
        last = e->today;
        p.whole = month_of(last);
    }
    p.days = (struct cost_range){ p.whole.start, last };
    return p;
}

/* One date alone: from there up to the data's end, or from that month's start. */
static struct cost_range from_dates(const struct cost_query *q, const struct cost_extent *e)
{
    struct cost_range r = { q->start, q->end };

    if (!q->has_end) {
        int32_t last =
            e->live || e->empty || e->data_through < q->start ? e->today : e->data_through;
        if (q->tool == COST_GET_FORECAST)
            last = mcp_date_month_end(q->start > last ? q->start : last);
        r.end = last < q->start ? q->start : last;
    } else if (!q->has_start) {
        r.start = mcp_date_month_start(q->end);
    }
    return r;
}

static int64_t bucket_count(struct cost_range r, enum cost_granularity g)
{
    int64_t days = (int64_t)r.end - r.start + 1;
    struct mcp_civil a, b;

    switch (g) {
    case COST_HOURLY:
        return days * 24;
    case COST_DAILY:
        return days;
    case COST_MONTHLY:
        a = mcp_date_civil(r.start);
        b = mcp_date_civil(r.end);
        return (b.year - a.year) * 12 + b.month - a.month + 1;
    case COST_TOTAL:
        break;
    }
    return 1;
}

static void default_granularity(struct cost_query *q, const struct cost_extent *e)
{
    bool long_range = q->range.end - q->range.start + 1 > DAILY_DAYS_MAX;

    if (q->tool == COST_GET_FORECAST) {
        q->granularity = COST_MONTHLY;
        return;
    }
    q->series_total_only = true;
    q->granularity = COST_DAILY;
    if (q->basis == COST_INVOICE || long_range || (!e->empty && !e->has_days))
        q->granularity = COST_MONTHLY;
    if (bucket_count(q->range, q->granularity) > COST_MAX_POINTS)
        q->granularity = COST_TOTAL;
}

static int check_granularity(const struct cost_query *q, const struct cost_extent *e,
                             struct mcp_error *err)
{
    enum cost_granularity g = q->granularity;
    bool fine = g == COST_DAILY || g == COST_HOURLY;
    int64_t n = bucket_count(q->range, g);

    if (fine && q->basis == COST_INVOICE) {
        mcp_error_set(err, MCP_EINVAL,
                      "granularity %s has no meaning with basis invoice: a bill "
                      "covers a whole billing period.",
                      cost_granularity_name(g));
        return mcp_error_next(err, "Use granularity MONTHLY or TOTAL, or basis usage.");
    }
    if (fine && !e->empty && !e->has_days) {
        mcp_error_set(err, MCP_EREFUSED,
                      "The data holds months, no days: granularity %s cannot be "
                      "answered.",
                      cost_granularity_name(g));
        return mcp_error_next(err, "Use granularity MONTHLY.");
    }
    if (n > COST_MAX_POINTS) {
        int per_day = g == COST_HOURLY ? 24 : 1;

        mcp_error_word(err, MCP_EREFUSED, "series_too_long",
                       "granularity %s over this range is %lld values, more than one page holds.",
                       cost_granularity_name(g), (long long)n);
        if (g == COST_MONTHLY)
            return mcp_error_next(err, "Use granularity TOTAL, or a shorter range.");
        return mcp_error_next(err, "Use granularity %s, or at most %d days.",
                              g == COST_HOURLY && n / 24 <= COST_MAX_POINTS ? "DAILY" : "MONTHLY",
                              COST_MAX_POINTS / per_day);
    }
    return 0;
}

int cost_query_resolve(struct cost_query *q, const struct cost_extent *e, struct mcp_error *err)
{
    struct cost__period p;
    int rc = 0;

    q->today = e->today;
    q->period_defaulted = q->cut_to_data = q->widened = q->series_total_only = false;
    if (!mcp_str_is_null(q->period)) {
        rc = cost__period_parse(q->period, e->today, &p, err);
        if (rc < 0)
            return rc;
    } else if (q->has_start || q->has_end) {
        p.days = p.whole = from_dates(q, e);
    } else {
        p = default_period(q, e);
        q->period_defaulted = true;
    }
    q->asked = q->range = p.days;

    if (q->basis == COST_INVOICE) {
        q->range.start = mcp_date_month_start(p.days.start);
        q->range.end = mcp_date_month_end(p.days.end);
        q->widened =
            !q->period_defaulted && (q->range.start != p.days.start || q->range.end != p.days.end);
    } else if (q->tool != COST_GET_FORECAST && !e->empty && q->range.end > e->data_through &&
               q->range.start <= e->data_through) {
        q->range.end = e->data_through;
        q->cut_to_data = !q->period_defaulted;
    }

    if (!q->has_granularity)
        default_granularity(q, e);
    else
        rc = check_granularity(q, e, err);
    if (rc < 0)
        return rc;

    if (q->compare == COST_COMPARE_DATES)
        q->compared = q->compare_dates;
    else if (q->compare != COST_COMPARE_NONE)
        q->compared = cost__compare_range(q->compare, q->basis, q->range, p.whole);
    return 0;
}
