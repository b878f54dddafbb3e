/* Forecasting of one daily series: picks a method by backtest and measures its limits. */
#include <cost/forecast.h>

#include <math.h>

#include "interval.h"

#define MAX_HORIZON 400

static int check(const struct cost_forecast_in *in, struct mcp_error *err)
{
    if (in->n < COST_FORECAST_MIN_DAYS) {
        mcp_error_word(err, MCP_EREFUSED, "insufficient_history",
                       "a forecast needs at least %d days of history; there are %zu",
                       COST_FORECAST_MIN_DAYS, in->n);
        mcp_error_next(err,
                       "Ask again when %zu more days of usage are there, or import older data.",
                       COST_FORECAST_MIN_DAYS - in->n);
        return MCP_EREFUSED;
    }
    if (in->horizon < 1 || in->horizon > MAX_HORIZON)
        return mcp_error_set(err, MCP_EINVAL, "a forecast reaches 1 to %d days ahead, not %zu",
                             MAX_HORIZON, in->horizon);
    if (!(in->confidence >= 0.5 && in->confidence <= 0.99))
        return mcp_error_set(err, MCP_EINVAL, "confidence is a number from 0.5 to 0.99");
    for (size_t i = 0; i < in->n; i++)
        if (!isfinite(in->y[i]))
            return mcp_error_set(err, MCP_EDATA, "the history holds a value that is no number");
    return 0;
}

static int unknown_method(mcp_str name, struct mcp_error *err)
{
    mcp_error_set(err, MCP_EINVAL, "there is no forecast method \"%.*s\"",
                  MCP_STR_ARG(mcp_str_head(name, 64)));
    mcp_error_next(err, "Use auto, %s, %s, %s, %s, %s or %s.", cost_forecast_methods[0],
                   cost_forecast_methods[1], cost_forecast_methods[2], cost_forecast_methods[3],
                   cost_forecast_methods[4], cost_forecast_methods[5]);
    return MCP_EINVAL;
}

/* The named method, or the one with the smallest backtest error. Leaves its errors in b. */
static const struct cost__method *pick(mcp_str name, const struct cost__series *s,
                                       struct cost__backtest *b, double *scratch)
{
    const struct cost__method *best = NULL;
    bool automatic = name.len == 0 || mcp_str_eq(name, MCP_STR("auto"));
    double least = 0;
    for (size_t i = 0; i < cost__n_methods; i++) {
        const struct cost__method *m = &cost__methods[i];
        if (!automatic && !mcp_str_eq(name, mcp_str_z(m->name)))
            continue;
        cost__backtest_run(b, s, m, scratch);
        if (best == NULL || b->mase < least) {
            best = m;
            least = b->mase;
        }
    }
    if (best != NULL)
        cost__backtest_run(b, s, best, scratch);
    return best;
}

static double limited(double v, bool non_negative)
{
    return non_negative && v < 0 ? 0 : v;
}

static void set_limits(const struct cost_forecast_in *in, const struct cost__series *s,
                       const struct cost__backtest *b, double *scratch,
                       struct cost_forecast_out *out)
{
    double sum = 0;
    for (size_t h = 0; h < in->horizon; h++) {
        out->mean[h] = limited(out->mean[h], s->non_negative);
        sum += out->mean[h];
        struct cost__interval day = cost__interval_step(b, h + 1, false, in->confidence, scratch);
        struct cost__interval all = cost__interval_step(b, h + 1, true, in->confidence, scratch);
        out->lower[h] = limited(out->mean[h] - day.below, s->non_negative);
        out->upper[h] = out->mean[h] + day.above;
        out->sum_lower[h] = limited(sum - all.below, s->non_negative);
        out->sum_upper[h] = sum + all.above;
    }
}

int cost_forecast(const struct cost_forecast_in *in, struct mcp_arena *arena,
                  struct cost_forecast_out *out, struct mcp_error *err)
{
    struct cost__series s;
    struct cost__backtest b;
    struct cost_forecast_out f = { 0 };
    int rc = check(in, err);
    if (rc != 0)
        return rc;
    cost__series_init(&s, in->y, in->n, COST_FORECAST_MIN_DAYS);
    rc = cost__backtest_init(&b, s.n, in->horizon, arena);
    double *scratch =
        mcp_arena_try_array(arena, COST__INTERVAL_SCRATCH(b.folds) + b.steps, sizeof(double));
    double *values = mcp_arena_try_array(arena, in->horizon * 5, sizeof(double));
    if (rc != 0 || scratch == NULL || values == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the forecast");
    const struct cost__method *method = pick(in->method, &s, &b, scratch);
    if (method == NULL)
        return unknown_method(in->method, err);
    f.method = method->name;
    f.mean = values;
    f.lower = values + in->horizon;
    f.upper = values + in->horizon * 2;
    f.sum_lower = values + in->horizon * 3;
    f.sum_upper = values + in->horizon * 4;
    method->run(s.y, s.n, in->horizon, f.mean);
    set_limits(in, &s, &b, scratch, &f);
    f.smape = b.smape;
    f.mase = b.mase;
    f.coverage = cost__interval_coverage(&b, in->confidence, scratch);
    f.folds = (unsigned)b.folds;
    f.longest_backtest = b.steps;
    f.interval_extrapolated = in->horizon > b.steps;
    *out = f;
    return 0;
}
