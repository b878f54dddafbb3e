/* The end of gathering: what the rows were good for, judged, sorted and handed over. */
#include "fold_block.h"

/* |part| is over half of |whole|. */
static bool over_half(struct cost_money part, struct cost_money whole)
{
    return whole.units != 0 && cost_money_abs(part).units > cost_money_abs(whole).units / 2;
}

static int judge_coarse(const struct gcp_fold *f, const struct gcp_fold_block *b,
                        enum cost_granularity *coarser, struct mcp_error *err)
{
    enum cost_granularity g = f->query->granularity, good = COST_HOURLY;
    struct cost_money coarse = g == COST_HOURLY    ? b->over_hour
                               : g == COST_DAILY   ? b->over_day
                               : g == COST_MONTHLY ? b->over_month
                                                   : COST_MONEY_ZERO;

    if (!over_half(coarse, b->usage))
        return 0;
    good = !over_half(b->over_day, b->usage)     ? COST_DAILY
           : !over_half(b->over_month, b->usage) ? COST_MONTHLY
                                                 : COST_TOTAL;
    if (!f->query->has_granularity) {
        *coarser = good; /* nobody asked: the series says what the data can */
        return 0;
    }
    mcp_error_word(
        err, MCP_EREFUSED, "too_coarse",
        "over half of the usage cost is in rows longer than the granularity %s asked for",
        cost_granularity_name(g));
    return mcp_error_next(err, "Ask again with granularity %s, the finest that this data holds.",
                          cost_granularity_name(good));
}

static void forget_measure(struct cost_measure *m, struct cost_money billed)
{
    m->sum = COST_MONEY_ZERO;
    m->rows_unknown = m->rows;
    m->unknown_billed = billed;
}

/* Where there are commitments the classic export cannot tell what usage effectively cost. */
static void forget_effective(struct gcp_fold *f, struct gcp_fold_block *b)
{
    struct cost_block_result *r = &b->r;
    bool asked = f->query->metric == COST_EFFECTIVE;

    forget_measure(&r->totals[COST_EFFECTIVE], r->totals[COST_BILLED].sum);
    for (int c = 0; c < COST_N_CLASSES; c++) {
        r->bridge.classes[c].m[COST_EFFECTIVE] = COST_MONEY_ZERO;
        r->bridge.classes[c].unknown[COST_EFFECTIVE] = r->bridge.classes[c].rows;
    }
    r->bridge.refunds_effective = COST_MONEY_ZERO;
    r->has_tag_split = false;
    for (size_t i = 0; i < b->page_size; i++) {
        struct cost_group *g = &b->page[i].out;

        forget_measure(&g->effective, g->effective.sum);
        if (!asked)
            continue;
        forget_measure(&g->cost, g->cost.sum);
        b->page[i].points = NULL;
    }
    if (!asked)
        return;
    forget_measure(&r->total, r->totals[COST_BILLED].sum);
    b->points = NULL;
    r->parts_total = r->none_cost = r->before_cost = COST_MONEY_ZERO;
    r->other_cost = r->other_positive = r->other_negative = COST_MONEY_ZERO;
    r->spanning_cost = r->later_cost = COST_MONEY_ZERO;
}

static void sort_units(struct gcp_fold_quantities *q)
{
    for (size_t i = 1; i < q->n; i++) { /* few: by name, so that answers compare */
        struct cost_quantity one = q->list[i];
        size_t at = i;

        for (; at > 0 && mcp_str_cmp(q->list[at - 1].unit, one.unit) > 0; at--)
            q->list[at] = q->list[at - 1];
        q->list[at] = one;
    }
}

/* The types that there were. */
static void list_credits(struct gcp_fold *f, struct gcp_fold_block *b)
{
    struct cost_credit *list;

    if (!f->credits)
        return;
    list = mcp_arena_alloc(f->arena, GCP_N_CREDITS * sizeof(*list));
    b->r.credit_types = list;
    for (size_t i = 0; i < GCP_N_CREDITS; i++) {
        if (b->credits[i].units != 0)
            list[b->r.n_credit_types++] =
                (struct cost_credit){ mcp_str_z(gcp_credit_types[i]), b->credits[i] };
    }
}

static int finish_block(struct gcp_fold *f, struct gcp_fold_block *b, struct mcp_error *err)
{
    struct cost_block_result *r = &b->r;
    size_t shown = r->groups_total > f->last ? f->last : r->groups_total;
    struct cost_group *groups;

    r->before_groups = f->before < r->groups_total ? f->before : r->groups_total;
    r->n_groups = shown > f->before ? shown - f->before : 0;
    r->other_groups = r->groups_total - shown;
    groups = mcp_arena_try_array(f->arena, r->n_groups + 1, sizeof(*groups));
    if (groups == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the page");
    if (f->query->compare != COST_COMPARE_NONE &&
        cost_money_cmp(b->parts_previous, r->previous_total) != 0)
        return mcp_error_word(err, MCP_EDATA, "check_failed",
                              "the groups of the compared period do not add up to its total");
    if (f->commitments > 0)
        forget_effective(f, b);
    /* Which usage a commitment could cover is not told here. */
    r->bridge.eligible.unknown[COST_EFFECTIVE] = 1;
    for (size_t i = 0; i < r->n_groups; i++) {
        struct gcp_fold_group *g = &b->page[i];

        if (!g->named)
            return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer lacks a group of the page");
        sort_units(&g->quantities);
        g->out.quantities = g->quantities.list;
        g->out.n_quantities = g->quantities.n;
        g->out.points = g->points;
        groups[i] = g->out;
    }
    sort_units(&b->quantities);
    list_credits(f, b);
    r->groups = groups;
    r->quantities = b->quantities.list;
    r->n_quantities = b->quantities.n;
    r->points = b->points;
    r->n_buckets = b->points == NULL ? 0 : f->n_buckets;
    return 0;
}

/* More rows first; the code decides between equals. Amounts of two currencies do not compare. */
static bool comes_before(const struct cost_block_result *a, const struct cost_block_result *b)
{
    if (a->total.rows != b->total.rows)
        return a->total.rows > b->total.rows;
    return mcp_str_cmp(a->currency, b->currency) < 0;
}

/* Both sides of a comparison have to be known. */
static int judge_comparison(const struct gcp_fold *f, struct mcp_error *err)
{
    const struct cost_query *q = f->query;

    if (q->compare == COST_COMPARE_NONE || q->metric != COST_EFFECTIVE ||
        f->commitments + f->compared_commitments == 0)
        return 0;
    mcp_error_word(err, MCP_EREFUSED, "effective_unknown",
                   "the periods hold fees or credits of commitments: what usage effectively cost "
                   "is not in this export, so that it cannot be compared");
    return mcp_error_next(err,
                          "Compare metric billed, or set gcp.billing.table to the FOCUS export "
                          "(gcp_billing_export_focus_...).");
}

int gcp_fold_finish(struct gcp_fold *fold, struct cost_result *out, enum cost_granularity *coarser,
                    struct mcp_error *err)
{
    *coarser = fold->query->granularity;
    if (judge_comparison(fold, err) < 0)
        return MCP_EREFUSED;
    for (size_t i = 0; i < fold->n_blocks; i++) {
        int rc = judge_coarse(fold, &fold->blocks[i], coarser, err);

        if (rc < 0 || *coarser != fold->query->granularity)
            return rc;
    }
    out->blocks = mcp_arena_alloc(fold->arena, (fold->n_blocks + 1) * sizeof(*out->blocks));
    out->n_blocks = 0;
    for (size_t i = 0; i < fold->n_blocks; i++) {
        struct cost_block_result *r = &fold->blocks[i].r;
        size_t at = out->n_blocks;
        int rc = finish_block(fold, &fold->blocks[i], err);

        if (rc < 0)
            return rc;
        for (; at > 0 && comes_before(r, &out->blocks[at - 1]); at--)
            out->blocks[at] = out->blocks[at - 1];
        out->blocks[at] = *r;
        out->n_blocks++;
    }
    return 0;
}
