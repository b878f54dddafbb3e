/* The order of groups: by absolute amount, ties by their keys. */
#include <cost/result.h>

#include <stdlib.h>

struct order {
    int (*tie)(void *ctx, size_t a, size_t b);
    void *ctx;
};

static int compare(const void *pa, const void *pb, void *ctx)
{
    const struct cost_rank_item *a = pa, *b = pb;
    const struct order *o = ctx;
    int order = cost_money_cmp(cost_money_abs(b->by), cost_money_abs(a->by));

    if (order == 0 && o->tie != NULL)
        order = o->tie(o->ctx, a->index, b->index);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static void swap(struct cost_rank_item *a, struct cost_rank_item *b)
{
    struct cost_rank_item t = *a;

    *a = *b;
    *b = t;
}

/* Moves the middle of three to items[0]: sorted input then splits in halves. */
static void choose_pivot(struct cost_rank_item *items, size_t n, struct order *o)
{
    struct cost_rank_item *a = &items[n / 4], *b = &items[n / 2], *c = &items[n / 4 * 3];

    if (compare(a, b, o) > 0)
        swap(a, b);
    if (compare(b, c, o) > 0)
        swap(b, c);
    if (compare(a, b, o) > 0)
        swap(a, b);
    swap(&items[0], b);
}

/* Quickselect: afterwards the first `top` of n are those that belong there. */
static void gather_top(struct cost_rank_item *items, size_t n, size_t top, struct order *o)
{
    while (n > 16 && top > 0 && top < n) {
        size_t less = 0;

        choose_pivot(items, n, o);
        for (size_t i = 1; i < n; i++) {
            if (compare(&items[i], &items[0], o) < 0)
                swap(&items[i], &items[++less]);
        }
        swap(&items[0], &items[less]);
        if (top <= less) {
            n = less;
        } else {
            items += less + 1;
            n -= less + 1;
            top -= less + 1;
        }
    }
    if (n <= 16)
        qsort_r(items, n, sizeof(*items), compare, o);
}

void cost_rank_top(struct cost_rank_item *items, size_t n, size_t top,
                   int (*tie)(void *ctx, size_t a, size_t b), void *ctx)
{
    struct order o = { tie, ctx };

    if (n < 2)
        return;
    if (top < n)
        gather_top(items, n, top, &o);
    else
        top = n;
    qsort_r(items, top, sizeof(*items), compare, &o);
}

void cost_rank(struct cost_rank_item *items, size_t n, int (*tie)(void *ctx, size_t a, size_t b),
               void *ctx)
{
    cost_rank_top(items, n, n, tie, ctx);
}
