/* get_forecast as a short table. */
#include <cost/writer.h>

#include "put.h"
#include "text.h"

struct telling {
    const struct cost_forecast_result *r;
    struct mcp_arena *arena;
    unsigned width;
    struct mcp_buf *out;
};

static mcp_str amount(struct telling *x, double v, mcp_str currency)
{
    int decimals = cost_currency_decimals(currency);
    struct cost_money m;

    if (cost_money_from_double(v, decimals < 0 ? 2 : decimals, &m) < 0)
        return MCP_STR("unknown");
    return cost__text_money(x->arena, m, currency);
}

static void put_headline(struct telling *x)
{
    const struct cost_result *base = &x->r->base;

    mcp_buf_printf(x->out, "Forecast %s, %.*s to %.*s, ", cost_metric_name(base->query.metric),
                   MCP_STR_ARG(cost__text_date(x->arena, base->query.range.start)),
                   MCP_STR_ARG(cost__text_date(x->arena, base->query.range.end)));
    cost__text_safe(x->out, cost__text_provider(base->provider));
    if (base->has_data_through)
        mcp_buf_printf(x->out, ", data through %.*s",
                       MCP_STR_ARG(cost__text_date(x->arena, base->data_through)));
    mcp_buf_char(x->out, '\n');
}

static void put_sums(struct telling *x, const struct cost_forecast_series *s)
{
    int tenths = x->r->confidence_pct;
    mcp_str percent = tenths % 10 == 0
                          ? mcp_arena_printf(x->arena, "%d", tenths / 10)
                          : mcp_arena_printf(x->arena, "%d.%d", tenths / 10, tenths % 10);

    if (x->r->base.query.n_keys > 0) {
        cost__text_safe(x->out, cost__key_text(&s->key, 1, true, x->arena, NULL));
        mcp_buf_z(x->out, ": ");
    }
    if (cost_forecast_is_actual(s)) {
        mcp_buf_printf(x->out, "%.*s %.*s, all of it actual cost\n",
                       MCP_STR_ARG(cost__text_money(x->arena, s->actual_to_date, s->currency)),
                       MCP_STR_ARG(s->currency));
        return;
    }
    mcp_buf_printf(x->out, "%.*s %.*s (%.*s to %.*s at %s%%)\n",
                   MCP_STR_ARG(amount(x, s->mean, s->currency)), MCP_STR_ARG(s->currency),
                   MCP_STR_ARG(amount(x, s->lower, s->currency)),
                   MCP_STR_ARG(amount(x, s->upper, s->currency)), percent.ptr);
    mcp_buf_printf(x->out, "= %.*s actual to date + %.*s modelled + %.*s scheduled\n",
                   MCP_STR_ARG(cost__text_money(x->arena, s->actual_to_date, s->currency)),
                   MCP_STR_ARG(amount(x, s->remaining, s->currency)),
                   MCP_STR_ARG(cost__text_money(x->arena, s->scheduled, s->currency)));
}

static void put_periods(struct telling *x, const struct cost_forecast_series *s)
{
    struct cost__table t;

    if (s->n_periods < 2)
        return; /* the sums have said it */
    cost__table_init(&t, x->arena, x->width);
    cost__table_column(&t, "period", false);
    cost__table_column(&t, mcp_arena_str(x->arena, s->currency).ptr, true);
    cost__table_column(&t, "lower", true);
    cost__table_column(&t, "upper", true);
    for (size_t i = 0; i < s->n_periods; i++) {
        const struct cost_forecast_period *p = &s->periods[i];
        mcp_str start = cost__text_date(x->arena, p->start);

        cost__table_cell(&t,
                         p->start == p->end
                             ? start
                             : mcp_arena_printf(x->arena, "%.*s..%.*s", MCP_STR_ARG(start),
                                                MCP_STR_ARG(cost__text_date(x->arena, p->end))));
        cost__table_cell(&t, p->actual ? cost__text_money(x->arena, p->actual_cost, s->currency)
                                       : amount(x, p->mean, s->currency));
        cost__table_cell(&t, p->actual ? MCP_STR("actual") : amount(x, p->lower, s->currency));
        cost__table_cell(&t, p->actual ? MCP_STR("") : amount(x, p->upper, s->currency));
    }
    cost__table_print(&t, x->out);
}

static mcp_str spaced(struct mcp_arena *arena, mcp_str word)
{
    char *text = mcp_arena_alloc(arena, word.len + 1);

    for (size_t i = 0; i < word.len; i++)
        text[i] = word.ptr[i] == '_' ? ' ' : word.ptr[i];
    return mcp_str_n(text, word.len);
}

static void put_model(struct telling *x, const struct cost_forecast_series *s)
{
    for (size_t i = 0; i < s->n_excluded; i++)
        mcp_buf_printf(
            x->out, "%s%.*s (last month %.*s)%s", i == 0 ? "Not forecast: " : ", ",
            MCP_STR_ARG(spaced(x->arena, s->excluded[i].what)),
            MCP_STR_ARG(cost__text_money(x->arena, s->excluded[i].last_month, s->currency)),
            i + 1 == s->n_excluded ? "\n" : "");
    if (cost_forecast_is_actual(s))
        return;
    mcp_buf_printf(x->out, "Method %.*s, history of %zu days", MCP_STR_ARG(s->method),
                   s->history_points);
    if (s->folds > 0 && s->smape >= 0)
        mcp_buf_printf(x->out, ", backtest in %u folds: sMAPE %.2f, MASE %.2f", s->folds, s->smape,
                       s->mase);
    if (s->folds > 0 && s->coverage >= 0)
        mcp_buf_printf(x->out, ", coverage %.2f", s->coverage);
    mcp_buf_printf(x->out, "%s\n",
                   s->interval_extrapolated ? "; interval widened beyond the backtest" : "");
    if (s->has_provider_forecast)
        mcp_buf_printf(x->out, "The provider itself forecasts %.*s\n",
                       MCP_STR_ARG(cost__text_money(x->arena, s->provider_forecast, s->currency)));
}

int cost_text_forecast(const struct cost_forecast_result *r, unsigned width, struct mcp_buf *text,
                       struct mcp_error *err)
{
    struct telling x = { r, r->base.arena, width, text };

    put_headline(&x);
    for (size_t i = 0; i < r->n_series; i++) {
        if (width > 0)
            mcp_buf_char(text, '\n');
        put_sums(&x, &r->series[i]);
        put_periods(&x, &r->series[i]);
        put_model(&x, &r->series[i]);
    }
    if (r->n_series == 0)
        mcp_buf_z(text, "No data to forecast from\n");
    cost__text_tail(&r->base, width, text);
    return cost__put_done(text, err);
}
