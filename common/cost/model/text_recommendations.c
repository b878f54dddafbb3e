/* get_recommendations as a short table. */
#include <cost/writer.h>

#include "put.h"
#include "text.h"

static mcp_str what(const struct cost_recommendation *x)
{
    if (x->resource_name.len > 0)
        return x->resource_name;
    if (x->resource.len > 0)
        return x->resource;
    return x->service.len > 0 ? x->service : x->project;
}

static void put_headline(const struct cost_recommendations *r, struct mcp_buf *out)
{
    struct mcp_arena *arena = r->base.arena;

    mcp_buf_printf(out, "%zu recommendation%s", r->items_total, r->items_total == 1 ? "" : "s");
    for (size_t i = 0; i < r->n_totals; i++) {
        const struct cost_savings_total *t = &r->totals[i];

        mcp_buf_z(out, i == 0 ? ", estimated monthly savings " : " and ");
        if (t->savings.units == 0 && t->without_estimate > 0)
            mcp_buf_z(out, "unknown");
        else
            mcp_buf_str(out, cost__text_money(arena, t->savings, t->currency));
        mcp_buf_char(out, ' ');
        cost__text_safe(out, t->currency);
        if (t->without_estimate > 0)
            mcp_buf_printf(out, " (%zu without an estimate)", t->without_estimate);
    }
    mcp_buf_printf(out, ", evidence from %.*s to %.*s\n",
                   MCP_STR_ARG(cost__text_date(arena, r->base.query.range.start)),
                   MCP_STR_ARG(cost__text_date(arena, r->base.query.range.end)));
}

static bool any_at_stake(const struct cost_recommendations *r)
{
    for (size_t i = 0; i < r->n_items; i++) {
        if (r->items[i].has_at_stake)
            return true;
    }
    return false;
}

/* A terminal shows what to do; a model gets the evidence too. */
static void put_evidence(const struct cost_recommendation *x, struct mcp_buf *out)
{
    mcp_buf_z(out, "  ");
    cost__text_safe(out, x->id);
    for (size_t i = 0; i < x->n_evidence; i++) {
        mcp_buf_z(out, i == 0 ? ": " : ", ");
        cost__text_safe(out, x->evidence[i].name);
        mcp_buf_char(out, ' ');
        cost__text_safe(out, x->evidence[i].value);
    }
    mcp_buf_char(out, '\n');
}

int cost_text_recommendations(const struct cost_recommendations *r, unsigned width,
                              struct mcp_buf *text, struct mcp_error *err)
{
    struct mcp_arena *arena = r->base.arena;
    bool at_stake = any_at_stake(r); /* a column of nothing would only take room */
    struct cost__table t;

    put_headline(r, text);
    if (r->n_items > 0) {
        if (width > 0)
            mcp_buf_char(text, '\n');
        cost__table_init(&t, arena, width);
        cost__table_column(&t, "category", false);
        cost__table_column(&t, "action", false);
        cost__table_column(&t, "resource", false);
        cost__table_column(&t, "region", false);
        cost__table_column(&t, width > 0 ? "a month" : "savings/month", true);
        if (at_stake)
            cost__table_column(&t, "at stake", true);
        cost__table_column(&t, width > 0 ? "" : "currency", false);
        for (size_t i = 0; i < r->n_items; i++) {
            const struct cost_recommendation *x = &r->items[i];

            cost__table_cell(&t, x->category);
            cost__table_cell(&t, x->action);
            cost__table_cell(&t, what(x));
            cost__table_cell(&t, x->region);
            cost__table_cell(&t, x->has_savings
                                     ? cost__text_money(arena, x->monthly_savings, x->currency)
                                     : MCP_STR("unknown"));
            if (at_stake)
                cost__table_cell(&t, x->has_at_stake
                                         ? cost__text_money(arena, x->cost_at_stake, x->currency)
                                         : MCP_STR(""));
            cost__table_cell(&t, x->currency);
        }
        cost__table_print(&t, text);
        for (size_t i = 0; width == 0 && i < r->n_items; i++)
            put_evidence(&r->items[i], text);
        if (cost_recommendations_next(r) > 0)
            mcp_buf_printf(text, "%zu more\n", r->items_total - r->offset - r->n_items);
    }
    cost__text_tail(&r->base, width, text);
    return cost__put_done(text, err);
}
