/* get_forecast as JSON. */
#include <cost/writer.h>

#include "put.h"

/* A modelled amount to the currency's decimals; what no longer fits is unknown. */
static void put_double(struct mcp_jsonw *w, const char *key, double v, mcp_str currency)
{
    int decimals = cost_currency_decimals(currency);
    struct cost_money m;

    if (cost_money_from_double(v, decimals < 0 ? 2 : decimals, &m) < 0)
        mcp_jsonw_knull(w, key);
    else
        cost__put_money(w, key, m);
}

/* A measure of the backtest; below 0: not available. */
static void put_score(struct mcp_jsonw *w, const char *key, double v)
{
    struct cost_money m;

    if (!(v >= 0) || cost_money_from_double(v, 4, &m) < 0)
        mcp_jsonw_knull(w, key);
    else
        cost__put_money(w, key, m);
}

static void put_sums(struct mcp_jsonw *w, const struct cost_forecast_series *s)
{
    static const char *const names[] = { "mean", "lower", "upper" };
    const double values[] = { s->mean, s->lower, s->upper };
    bool actual = cost_forecast_is_actual(s);

    for (size_t i = 0; i < 3; i++) {
        if (actual)
            cost__put_money(w, names[i], s->actual_to_date);
        else
            put_double(w, names[i], values[i], s->currency);
    }
    cost__put_money(w, "actual_to_date", s->actual_to_date);
    put_double(w, "remaining", s->remaining, s->currency);
    cost__put_money(w, "scheduled", s->scheduled);
}

static void put_period(struct mcp_jsonw *w, const struct cost_forecast_period *p, mcp_str currency)
{
    mcp_jsonw_object(w);
    cost__put_date(w, "start", p->start);
    cost__put_date(w, "end", p->end);
    if (p->actual) {
        cost__put_money(w, "mean", p->actual_cost);
        mcp_jsonw_knull(w, "lower");
        mcp_jsonw_knull(w, "upper");
    } else {
        put_double(w, "mean", p->mean, currency);
        put_double(w, "lower", p->lower, currency);
        put_double(w, "upper", p->upper, currency);
    }
    mcp_jsonw_kbool(w, "actual", p->actual);
    mcp_jsonw_end(w);
}

static void put_model(struct mcp_jsonw *w, const struct cost_forecast_series *s)
{
    mcp_jsonw_kstr(w, "method", mcp_str_is_null(s->method) ? MCP_STR("none") : s->method);
    mcp_jsonw_kobject(w, "backtest");
    put_score(w, "smape", s->folds == 0 ? -1 : s->smape);
    put_score(w, "mase", s->folds == 0 ? -1 : s->mase);
    put_score(w, "coverage", s->folds == 0 ? -1 : s->coverage);
    mcp_jsonw_kint(w, "folds", (int64_t)s->folds);
    mcp_jsonw_end(w);
    mcp_jsonw_kobject(w, "history");
    if (s->history_points > 0) {
        cost__put_date(w, "start", s->history_start);
        cost__put_date(w, "end", s->history_end);
    }
    mcp_jsonw_kint(w, "points", (int64_t)s->history_points);
    mcp_jsonw_end(w);
    mcp_jsonw_kbool(w, "interval_extrapolated", s->interval_extrapolated);
    if (s->has_provider_forecast)
        cost__put_money(w, "provider_forecast", s->provider_forecast);
}

static void put_forecast(struct mcp_jsonw *w, const struct cost_result *base,
                         const struct cost_forecast_series *s)
{
    mcp_jsonw_object(w);
    if (base->query.n_keys > 0) {
        mcp_jsonw_kobject(w, "keys");
        mcp_jsonw_key(w, cost__key_name(&base->query.keys[0], base->arena));
        mcp_jsonw_str(w, s->key.value);
        cost__put_some(w, "provider", s->key.provider);
        mcp_jsonw_end(w);
        cost__put_some(w, "label", s->key.label);
    }
    mcp_jsonw_kstr(w, "currency", s->currency);
    put_sums(w, s);
    mcp_jsonw_karray(w, "periods");
    for (size_t i = 0; i < s->n_periods; i++)
        put_period(w, &s->periods[i], s->currency);
    mcp_jsonw_end(w);
    mcp_jsonw_karray(w, "excluded");
    for (size_t i = 0; i < s->n_excluded; i++) {
        mcp_jsonw_object(w);
        mcp_jsonw_kstr(w, "what", s->excluded[i].what);
        cost__put_money(w, "last_month", s->excluded[i].last_month);
        mcp_jsonw_end(w);
    }
    mcp_jsonw_end(w);
    put_model(w, s);
    mcp_jsonw_end(w);
}

static int check_length(const struct cost_forecast_result *r, struct mcp_error *err)
{
    enum cost_granularity g = r->base.query.granularity;
    size_t periods = 0;

    for (size_t i = 0; i < r->n_series; i++)
        periods += r->series[i].n_periods;
    if (periods * 90 <= COST_PAGE_CHARS)
        return 0;
    mcp_error_word(err, MCP_EREFUSED, "series_too_long",
                   "%zu periods of %zu forecasts are more than one page holds.", periods,
                   r->n_series);
    return mcp_error_next(err, "Use granularity %s, a shorter range or fewer groups.",
                          g == COST_DAILY ? "MONTHLY" : "TOTAL");
}

int cost_write_forecast(const struct cost_forecast_result *r, struct mcp_buf *json, size_t *age_at,
                        struct mcp_error *err)
{
    const struct cost_result *base = &r->base;
    struct mcp_jsonw w;
    int rc = check_length(r, err);

    if (rc < 0)
        return rc;
    mcp_jsonw_init(&w, json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "provider", base->provider);
    mcp_jsonw_kstr(&w, "currency", r->n_series == 1 ? r->series[0].currency : MCP_STR_NULL);
    cost__put_time_period(&w, base);
    if (r->n_series == 1) {
        mcp_jsonw_kobject(&w, "total");
        put_sums(&w, &r->series[0]);
        mcp_jsonw_end(&w);
    } else {
        mcp_jsonw_knull(&w, "total");
    }
    mcp_jsonw_karray(&w, "forecasts");
    for (size_t i = 0; i < r->n_series; i++)
        put_forecast(&w, base, &r->series[i]);
    mcp_jsonw_end(&w);
    mcp_jsonw_kz(&w, "metric", cost_metric_name(base->query.metric));
    cost__put_money(&w, "confidence",
                    (struct cost_money){ (__int128)r->confidence_pct * 1000000000000000 });
    cost__put_tail(&w, base, age_at);
    mcp_jsonw_end(&w);
    return cost__put_done(json, err);
}
