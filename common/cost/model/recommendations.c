/* The page of a get_recommendations answer: which items, in which order, and what they save. */
#include <cost/recommendation.h>

#include <stdlib.h>

/* How many items a currency has: amounts of two currencies do not compare, so the one with more
 * to say comes first. */
struct by_currency {
    mcp_str currency;
    size_t n;
};
struct order {
    const struct by_currency *currencies;
    size_t n;
};

static size_t items_of(const struct order *order, mcp_str currency)
{
    size_t i = 0;

    while (i < order->n && !mcp_str_eq(order->currencies[i].currency, currency))
        i++;
    return i < order->n ? order->currencies[i].n : 0;
}

static void count_currencies(const struct cost_recommendation *items, size_t n,
                             struct mcp_arena *arena, struct order *order)
{
    struct by_currency *list = mcp_arena_alloc(arena, (n + 1) * sizeof(*list));

    order->currencies = list;
    order->n = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = 0;

        while (k < order->n && !mcp_str_eq(list[k].currency, items[i].currency))
            k++;
        if (k == order->n)
            list[order->n++] = (struct by_currency){ .currency = items[i].currency };
        list[k].n++;
    }
}

/* Currency, then what is saved, then what is at stake; ids decide the rest. */
static int compare(const void *pa, const void *pb, void *ctx)
{
    const struct cost_recommendation *a = pa, *b = pb;
    size_t na = items_of(ctx, a->currency), nb = items_of(ctx, b->currency);
    int d = na != nb ? (na > nb ? -1 : 1) : mcp_str_cmp(a->currency, b->currency);

    if (d == 0 && a->has_savings != b->has_savings)
        d = a->has_savings ? -1 : 1;
    if (d == 0 && a->has_savings)
        d = cost_money_cmp(b->monthly_savings, a->monthly_savings);
    if (d == 0 && a->has_at_stake != b->has_at_stake)
        d = a->has_at_stake ? -1 : 1;
    if (d == 0 && a->has_at_stake)
        d = cost_money_cmp(b->cost_at_stake, a->cost_at_stake);
    return d != 0 ? d : mcp_str_cmp(a->id, b->id);
}

static bool wanted(const struct cost_query *q, const struct cost_recommendation *item)
{
    if (!mcp_str_is_null(q->category) && !mcp_str_eq_nocase(q->category, item->category))
        return false;
    if (!q->has_min_savings)
        return true;
    return item->has_savings && cost_money_cmp(item->monthly_savings, q->min_savings) >= 0;
}

/* Whether an earlier item, already counted, covers the same saving. */
static bool counted_before(const struct cost_recommendation *items, size_t at)
{
    for (size_t i = 0; items[at].n_overlaps > 0 && i < at; i++) {
        for (size_t k = 0; items[i].has_savings && k < items[at].n_overlaps; k++) {
            if (mcp_str_eq(items[at].overlaps_with[k], items[i].id))
                return true;
        }
    }
    return false;
}

static int sum_up(struct cost_recommendations *out, const struct cost_recommendation *items,
                  size_t n_items, struct mcp_error *err)
{
    struct cost_savings_total *totals =
        mcp_arena_alloc(out->base.arena, (n_items + 1) * sizeof(*totals));
    size_t n = 0;

    for (size_t i = 0; i < n_items; i++) {
        if (n == 0 || !mcp_str_eq(totals[n - 1].currency, items[i].currency))
            totals[n++] = (struct cost_savings_total){ .currency = items[i].currency };
        if (!items[i].has_savings)
            totals[n - 1].without_estimate++;
        else if (!counted_before(items, i) &&
                 cost_money_add(&totals[n - 1].savings, items[i].monthly_savings) < 0)
            return mcp_error_set(err, MCP_ERANGE, "the savings are beyond what can be added");
    }
    out->totals = totals;
    out->n_totals = n;
    return 0;
}

int cost_recommendations_page(struct cost_recommendations *out, struct cost_recommendation *items,
                              size_t n_items, struct mcp_error *err)
{
    const struct cost_query *q = &out->base.query;
    size_t limit = q->limit > 0 ? (size_t)q->limit : COST_DEFAULT_LIMIT, n = 0, offset;
    struct order order;

    for (size_t i = 0; i < n_items; i++) {
        if (wanted(q, &items[i]))
            items[n++] = items[i];
    }
    count_currencies(items, n, out->base.arena, &order);
    qsort_r(items, n, sizeof(*items), compare, &order);
    offset = q->offset < n ? q->offset : n;
    out->items = items + offset;
    out->n_items = n - offset < limit ? n - offset : limit;
    out->items_total = n;
    out->offset = offset;
    return sum_up(out, items, n, err);
}
