/* get_costs as a short table: the total first, then the rows, the rest, what to beware of. */
#include <cost/writer.h>

#include "bridge.h"
#include "put.h"
#include "text.h"

struct telling {
    const struct cost_result *r;
    struct mcp_arena *arena;
    unsigned width;
    struct mcp_buf *out;
};

static void put_days(struct telling *x, const struct cost_range *range)
{
    mcp_buf_printf(x->out, "%.*s to %.*s", MCP_STR_ARG(cost__text_date(x->arena, range->start)),
                   MCP_STR_ARG(cost__text_date(x->arena, range->end)));
}

static mcp_str change_text(struct telling *x, const struct cost_measure *cost,
                           struct cost_money previous, mcp_str currency)
{
    struct cost_money change = cost->sum;

    if (cost_measure_is_null(cost))
        return MCP_STR("unknown");
    return cost_money_sub(&change, previous) < 0 ? MCP_STR("")
                                                 : cost__text_change(x->arena, change, currency);
}

/* "previous 12.00 (2026-09-01 to 2026-09-30), change +3.00, +25%" */
static void put_comparison(struct telling *x, const struct cost_block_result *b)
{
    struct cost_money change = b->total.sum;
    char percent[COST_MONEY_TEXT];

    if (x->r->query.compare == COST_COMPARE_NONE || cost_money_sub(&change, b->previous_total) < 0)
        return;
    mcp_buf_printf(x->out, "Previous %.*s (",
                   MCP_STR_ARG(cost__text_money(x->arena, b->previous_total, b->currency)));
    put_days(x, &x->r->query.compared);
    mcp_buf_printf(x->out, "), change %.*s",
                   MCP_STR_ARG(change_text(x, &b->total, b->previous_total, b->currency)));
    if (!cost_measure_is_null(&b->total) && cost_money_percent(change, b->previous_total, percent))
        mcp_buf_printf(x->out, " (%s%s%%)", change.units > 0 ? "+" : "", percent);
    mcp_buf_char(x->out, '\n');
}

/* An empty line between the parts, where a person reads them. */
static void put_gap(struct telling *x)
{
    if (x->width > 0)
        mcp_buf_char(x->out, '\n');
}

static void put_headline(struct telling *x)
{
    const struct cost_result *r = x->r;
    const struct cost_query *q = &r->query;

    if (r->n_blocks == 0)
        mcp_buf_z(x->out, "No data");
    for (size_t i = 0; i < r->n_blocks; i++) {
        const struct cost_block_result *b = &r->blocks[i];

        mcp_buf_z(x->out, i == 0 ? "Total " : " and ");
        mcp_buf_str(x->out, cost__text_measure(x->arena, &b->total, b->currency));
        mcp_buf_char(x->out, ' ');
        cost__text_safe(x->out, b->currency);
    }
    mcp_buf_printf(x->out, " %s%s, ", cost_metric_name(q->metric),
                   q->basis == COST_INVOICE ? " on invoices" : "");
    put_days(x, &q->range);
    mcp_buf_z(x->out, ", ");
    cost__text_safe(x->out, cost__text_provider(r->provider));
    if (r->has_data_through)
        mcp_buf_printf(x->out, ", data through %.*s",
                       MCP_STR_ARG(cost__text_date(x->arena, r->data_through)));
    if (mcp_str_eq(r->backend, MCP_STR("demo")))
        mcp_buf_z(x->out, ", demo data");
    mcp_buf_char(x->out, '\n');
}

static mcp_str usage_text(struct telling *x, const struct cost_group *g)
{
    if (g->n_quantities == 0)
        return MCP_STR("");
    if (g->n_quantities > 1)
        return MCP_STR("mixed units");
    return mcp_arena_printf(
        x->arena, "%.*s %.*s", MCP_STR_ARG(cost__text_quantity(x->arena, g->quantities[0].sum)),
        MCP_STR_ARG(mcp_str_is_null(g->quantities[0].unit) ? MCP_STR("") : g->quantities[0].unit));
}

static bool differs(const struct cost_group *g)
{
    return g->effective.rows > 0 && (cost_measure_is_null(&g->effective) ||
                                     cost_money_cmp(g->effective.sum, g->cost.sum) != 0);
}

/* Which columns a block needs. */
struct columns {
    bool effective, usage, compare;
};

static struct columns choose_columns(struct telling *x, const struct cost_block_result *b)
{
    struct columns c = { .compare = x->r->query.compare != COST_COMPARE_NONE };

    for (size_t i = 0; i < b->n_groups; i++) {
        c.effective =
            c.effective || (x->r->query.metric != COST_EFFECTIVE && differs(&b->groups[i]));
        c.usage = c.usage || b->groups[i].n_quantities > 0;
    }
    /* A comparison is about costs, and so are several currencies: their columns have the room. */
    c.usage = c.usage && !c.compare && x->r->n_blocks == 1;
    return c;
}

static void add_row(struct telling *x, struct cost__table *t, const struct columns *c,
                    const struct cost_block_result *b, mcp_str name, const struct cost_group *g,
                    struct cost_money previous)
{
    cost__table_cell(t, name);
    cost__table_cell(t, cost__text_measure(x->arena, &g->cost, b->currency));
    if (c->compare) {
        cost__table_cell(t, cost__text_money(x->arena, previous, b->currency));
        cost__table_cell(t, change_text(x, &g->cost, previous, b->currency));
    } else {
        cost__table_cell(t, cost__text_share(x->arena, g->cost.sum, b->total.sum));
    }
    if (c->effective)
        cost__table_cell(t, !differs(g) ? MCP_STR("")
                                        : cost__text_measure(x->arena, &g->effective, b->currency));
    if (c->usage)
        cost__table_cell(t, usage_text(x, g));
}

/* What pages before and after this one hold, as a row. */
static void add_rest(struct telling *x, struct cost__table *t, const struct columns *c,
                     const struct cost_block_result *b, const char *what, size_t groups,
                     struct cost_money cost, struct cost_money previous)
{
    bool unknown = cost_measure_is_null(&b->total);
    struct cost_group g = { .cost = { .sum = cost, .rows = 1, .rows_unknown = unknown } };

    if (groups > 0)
        add_row(x, t, c, b, mcp_arena_printf(x->arena, "(%zu %s)", groups, what), &g, previous);
}

static void put_block(struct telling *x, const struct cost_block_result *b, mcp_str dimension)
{
    struct columns c = choose_columns(x, b);
    struct cost__table t;

    if (b->n_groups == 0)
        return;
    cost__table_init(&t, x->arena, x->width);
    cost__table_column(&t, dimension.ptr, false);
    cost__table_column(&t, mcp_arena_printf(x->arena, "%.*s", MCP_STR_ARG(b->currency)).ptr, true);
    if (c.compare) {
        cost__table_column(&t, "previous", true);
        cost__table_column(&t, "change", true);
    } else {
        cost__table_column(&t, "share", true);
    }
    if (c.effective)
        cost__table_column(&t, "effective", true);
    if (c.usage)
        cost__table_column(&t, "usage", false);
    add_rest(x, &t, &c, b, "on pages before", b->before_groups, b->before_cost, b->before_previous);
    for (size_t i = 0; i < b->n_groups; i++) {
        const struct cost_group *g = &b->groups[i];
        size_t n = x->r->query.n_keys;
        bool labelled;
        mcp_str id = cost__key_text(g->keys, n, false, x->arena, NULL);
        mcp_str name = cost__key_text(g->keys, n, true, x->arena, &labelled);

        if (labelled && x->width == 0)
            name = mcp_arena_printf(x->arena, "%.*s (%.*s)", MCP_STR_ARG(name), MCP_STR_ARG(id));
        add_row(x, &t, &c, b, name, g, g->previous);
    }
    add_rest(x, &t, &c, b, "more", b->other_groups, b->other_cost, b->other_previous);
    cost__table_print(&t, x->out);
}

/* What the metric alone does not say: the parts of the bill. */
static void put_totals(struct telling *x, const struct cost_block_result *b)
{
    mcp_str currency = b->currency;

#define MONEY(m) MCP_STR_ARG(cost__text_money(x->arena, m, currency))
    mcp_buf_printf(x->out,
                   "billed %.*s, effective %.*s, tax %.*s, credits %.*s, adjustments %.*s\n",
                   MCP_STR_ARG(cost__text_measure(x->arena, &b->totals[COST_BILLED], currency)),
                   MCP_STR_ARG(cost__text_measure(x->arena, &b->totals[COST_EFFECTIVE], currency)),
                   MONEY(b->tax), MONEY(b->credits), MONEY(b->adjustments));
    if (b->has_tag_split)
        mcp_buf_printf(x->out, "tagged %.*s, untagged %.*s, untaggable %.*s (effective)\n",
                       MONEY(b->tagged), MONEY(b->untagged), MONEY(b->untaggable));
    if (b->later_rows > 0 && !cost_measure_is_null(&b->total))
        mcp_buf_printf(x->out, "later bills changed this range by %.*s\n", MONEY(b->later_cost));
#undef MONEY
}

static void put_chain(struct telling *x, const char *title, const struct cost__chain *chain,
                      mcp_str currency)
{
    mcp_buf_z(x->out, title);
    for (size_t i = 0; i < chain->n; i++) {
        const struct cost__step *s = &chain->steps[i];

        mcp_buf_z(x->out, i == 0 ? ": " : s->is_sum ? " = " : ", ");
        for (const char *c = s->name; *c != '\0'; c++)
            mcp_buf_char(x->out, *c == '_' ? ' ' : *c);
        mcp_buf_char(x->out, ' ');
        mcp_buf_str(x->out, !s->known ? MCP_STR("unknown")
                            : i == 0 || s->is_sum
                                ? cost__text_money(x->arena, s->amount, currency)
                                : cost__text_change(x->arena, s->amount, currency));
    }
    mcp_buf_char(x->out, '\n');
}

static int put_bridge(struct telling *x, const struct cost_block_result *b, struct mcp_error *err)
{
    struct cost__bridge bridge;
    int rc;

    if (!x->r->query.bridge)
        return 0;
    rc = cost__bridge_build(&b->bridge, &bridge, err);
    if (rc < 0)
        return rc;
    put_chain(x, "from list price to bill", &bridge.invoice, b->currency);
    put_chain(x, "from list price to effective", &bridge.accrual, b->currency);
    put_chain(x, "from bill to effective", &bridge.link, b->currency);
    return 0;
}

/* ---- the series that was asked for ---- */

static const struct cost_point *point_at(const struct cost_group *g, size_t i)
{
    return g->points != NULL && g->points[i].any ? &g->points[i] : NULL;
}

static bool any_at(const struct cost_block_result *b, size_t i)
{
    for (size_t k = 0; k < b->n_groups; k++) {
        if (point_at(&b->groups[k], i) != NULL)
            return true;
    }
    return false;
}

/* For a model: a line for each period, a column for each group in the order of the table above. */
static void put_matrix(struct telling *x, const struct cost_block_result *b)
{
    mcp_buf_z(x->out, "period");
    for (size_t k = 0; k < b->n_groups; k++) {
        mcp_buf_z(x->out, " | ");
        cost__text_safe(
            x->out, cost__key_text(b->groups[k].keys, x->r->query.n_keys, true, x->arena, NULL));
    }
    mcp_buf_char(x->out, '\n');
    for (size_t i = 0; i < b->n_buckets; i++) {
        char period[COST__PERIOD_TEXT] = "";

        if (!any_at(b, i))
            continue;
        for (size_t k = 0; k < b->n_groups; k++) {
            const struct cost_point *point = point_at(&b->groups[k], i);

            if (point != NULL && period[0] == '\0')
                cost__period_text(point->start, x->r->query.granularity, period);
        }
        mcp_buf_z(x->out, period);
        for (size_t k = 0; k < b->n_groups; k++) {
            const struct cost_point *point = point_at(&b->groups[k], i);

            mcp_buf_z(x->out, " | ");
            if (point != NULL)
                mcp_buf_str(x->out, cost__text_money(x->arena, point->cost, b->currency));
        }
        mcp_buf_char(x->out, '\n');
    }
}

/* For a terminal: a line for each period and group. */
static void put_lines(struct telling *x, const struct cost_block_result *b, mcp_str dimension)
{
    struct cost__table t;

    cost__table_init(&t, x->arena, x->width);
    cost__table_column(&t, "period", false);
    cost__table_column(&t, dimension.ptr, false);
    cost__table_column(&t, mcp_arena_str(x->arena, b->currency).ptr, true);
    for (size_t k = 0; k < b->n_groups; k++) {
        for (size_t i = 0; i < b->n_buckets; i++) {
            const struct cost_point *point = point_at(&b->groups[k], i);
            char period[COST__PERIOD_TEXT];

            if (point == NULL)
                continue;
            cost__period_text(point->start, x->r->query.granularity, period);
            cost__table_cell(&t, mcp_arena_str(x->arena, mcp_str_z(period)));
            cost__table_cell(
                &t, cost__key_text(b->groups[k].keys, x->r->query.n_keys, true, x->arena, NULL));
            cost__table_cell(&t, cost__text_money(x->arena, point->cost, b->currency));
        }
    }
    cost__table_print(&t, x->out);
}

static void put_series(struct telling *x, const struct cost_block_result *b, mcp_str dimension)
{
    const struct cost_query *q = &x->r->query;

    if (q->series_total_only || q->granularity == COST_TOTAL || b->n_groups == 0)
        return;
    if (x->width == 0)
        put_matrix(x, b);
    else
        put_lines(x, b, dimension);
}

static mcp_str dimension_text(struct telling *x)
{
    const struct cost_query *q = &x->r->query;
    mcp_str text = MCP_STR("all");

    for (size_t i = 0; i < q->n_keys; i++) {
        mcp_str name = cost__key_name(&q->keys[i], x->arena);

        text = i == 0 ? name
                      : mcp_arena_printf(x->arena, "%.*s / %.*s", MCP_STR_ARG(text),
                                         MCP_STR_ARG(name));
    }
    return mcp_arena_str(x->arena, text);
}

int cost_text_costs(const struct cost_result *r, unsigned width, struct mcp_buf *text,
                    struct mcp_error *err)
{
    struct telling x = { r, r->arena, width, text };
    int rc = cost_result_check(r, err);
    mcp_str dimension;

    if (rc < 0)
        return rc;
    dimension = dimension_text(&x);
    put_headline(&x);
    for (size_t i = 0; rc == 0 && i < r->n_blocks; i++) {
        if (r->query.compare != COST_COMPARE_NONE && i > 0)
            put_gap(&x);
        put_comparison(&x, &r->blocks[i]);
        put_gap(&x);
        put_block(&x, &r->blocks[i], dimension);
        put_totals(&x, &r->blocks[i]);
        rc = put_bridge(&x, &r->blocks[i], err);
        put_series(&x, &r->blocks[i], dimension);
    }
    cost__text_tail(r, width, text);
    return rc < 0 ? rc : cost__put_done(text, err);
}
