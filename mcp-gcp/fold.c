/* The rows of a get_costs statement, gathered into the answer: totals, page, rest, bridge, series. */
#include "fold_block.h"
#include "fold_row.h"

#define MAX_CURRENCIES 64
#define MAX_UNITS 200
#define MAX_BUCKETS 20000

/* ---- sums ---- */

static bool add_measure(struct cost_measure *m, const struct gcp_fold_row *row,
                        enum cost_metric metric)
{
    m->rows += row->n;
    m->rows_unknown += row->unknown[metric];
    return cost_money_add(&m->sum, row->sum[metric]) < 0 ||
           cost_money_add(&m->unknown_billed, row->lacking[metric]) < 0;
}

static int add_cell(struct gcp_fold *f, const struct gcp_fold_row *row,
                    enum gcp_costs_column column, struct cost_money *sum, struct mcp_error *err)
{
    struct cost_money m;
    int rc = gcp_fold_money(f, row->cells, column, &m, err);

    if (rc < 0)
        return rc;
    return cost_money_add(sum, m) < 0 ? gcp_fold_overflow(err) : 0;
}

static int add_count(const struct gcp_fold_row *row, enum gcp_costs_column column, uint64_t *sum,
                     struct mcp_error *err)
{
    uint64_t n = 0;
    int rc = gcp_fold_count(row->cells, column, &n, err);

    *sum += n;
    return rc;
}

static int add_bridge(struct gcp_fold *f, struct cost_block_result *r,
                      const struct gcp_fold_row *row, struct mcp_error *err)
{
    struct cost_bridge_in *b = &r->bridge;
    struct cost_class_sums *s = &b->classes[row->class];
    bool over = false;
    int rc;

    s->rows += row->n;
    for (int m = 0; m < COST_N_METRICS; m++) {
        over |= cost_money_add(&s->m[m], row->sum[m]) < 0;
        s->unknown[m] += row->unknown[m];
    }
    if (row->class == COST_CLASS_OTHER && row->charge == COST_CHARGE_USAGE)
        over |= cost_money_add(&b->usage_ordinary_billed, row->sum[COST_BILLED]) < 0;
    if (over)
        return gcp_fold_overflow(err);
    rc = add_cell(f, row, GCP_COSTS_REFUND_B, &b->refunds_billed, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_REFUND_E, &b->refunds_effective, err);
    if (rc == 0)
        rc = add_count(row, GCP_COSTS_ZERO_N, &b->usage_rows_zero_effective, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_ZERO_B, &b->usage_zero_effective_billed, err);
    return rc;
}

/* What is told of the whole block besides its cost. */
static int add_evidence(struct gcp_fold *f, struct gcp_fold_block *b,
                        const struct gcp_fold_row *row, struct mcp_error *err)
{
    struct cost_block_result *r = &b->r;
    struct cost_money tagged = COST_MONEY_ZERO, untagged = COST_MONEY_ZERO;
    int rc = add_bridge(f, r, row, err);

    if (rc == 0)
        rc = add_count(row, GCP_COSTS_SPAN_N, &r->spanning_rows, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_SPAN, &r->spanning_cost, err);
    if (rc == 0)
        rc = add_count(row, GCP_COSTS_LATER_N, &r->later_rows, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_LATER, &r->later_cost, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_USAGE, &b->usage, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_OVER_HOUR, &b->over_hour, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_OVER_DAY, &b->over_day, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_OVER_MONTH, &b->over_month, err);
    if (rc == 0)
        rc = add_count(row, GCP_COSTS_COMMITMENTS, &f->commitments, err);
    for (int i = 0; rc == 0 && f->credits && i < GCP_N_CREDITS; i++)
        rc = add_cell(f, row, (enum gcp_costs_column)(GCP_COSTS_CREDIT_0 + i), &b->credits[i], err);
    if (rc < 0 || !f->tags)
        return rc;
    rc = add_cell(f, row, GCP_COSTS_TAGGED, &tagged, err);
    if (rc == 0)
        rc = add_cell(f, row, GCP_COSTS_UNTAGGED, &untagged, err);
    if (rc < 0)
        return rc;
    r->has_tag_split = true;
    if (cost_money_add(&r->tagged, tagged) < 0 || cost_money_add(&r->untagged, untagged) < 0 ||
        cost_money_add(&r->untaggable, row->sum[COST_EFFECTIVE]) < 0 ||
        cost_money_sub(&r->untaggable, tagged) < 0 || cost_money_sub(&r->untaggable, untagged) < 0)
        return gcp_fold_overflow(err);
    return 0;
}

static int add_quantity(struct gcp_fold *f, struct gcp_fold_quantities *q, mcp_str unit,
                        struct cost_money v, struct mcp_error *err)
{
    size_t i = 0;

    while (i < q->n && !(mcp_str_is_null(q->list[i].unit) == mcp_str_is_null(unit) &&
                         mcp_str_eq(q->list[i].unit, unit)))
        i++;
    if (i == q->n) {
        if (q->n == MAX_UNITS)
            return mcp_error_set(err, MCP_ETOOBIG, "the answer has more than %d units", MAX_UNITS);
        if (q->n == q->size) {
            size_t size = q->size == 0 ? 4 : q->size * 2;
            struct cost_quantity *list = mcp_arena_try_array(f->arena, size, sizeof(*list));

            if (list == NULL)
                return mcp_error_set(err, MCP_ENOMEM, "no memory for the quantities");
            if (q->n > 0)
                memcpy(list, q->list, q->n * sizeof(*list));
            q->list = list;
            q->size = size;
        }
        q->list[q->n++] = (struct cost_quantity){ .unit = mcp_arena_str(f->arena, unit) };
    }
    return cost_money_add(&q->list[i].sum, v) < 0 ? gcp_fold_overflow(err) : 0;
}

static int add_quantities(struct gcp_fold *f, struct gcp_fold_block *b, struct gcp_fold_group *g,
                          const struct gcp_fold_row *row, struct mcp_error *err)
{
    mcp_str unit = row->cells[GCP_COSTS_UNIT];
    struct cost_money v;
    int rc = gcp_fold_money(f, row->cells, GCP_COSTS_QUANTITY, &v, err);

    if (rc < 0 || row->charge != COST_CHARGE_USAGE || (v.units == 0 && mcp_str_is_null(unit)))
        return rc;
    rc = add_quantity(f, &b->quantities, unit, v, err);
    return rc < 0 || g == NULL ? rc : add_quantity(f, &g->quantities, unit, v, err);
}

static bool add_point(struct cost_point *points, const struct gcp_fold_row *row,
                      enum cost_metric metric)
{
    if (points == NULL || row->bucket == SIZE_MAX)
        return false;
    points[row->bucket].any = true;
    return cost_money_add(&points[row->bucket].cost, row->sum[metric]) < 0;
}

/* ---- blocks and groups ---- */

static struct cost_point *new_points(struct gcp_fold *f)
{
    struct cost_point *points = mcp_arena_try_array(f->arena, f->n_buckets + 1, sizeof(*points));

    for (size_t i = 0; points != NULL && i < f->n_buckets; i++)
        points[i].start = f->buckets[i];
    return points;
}

static struct gcp_fold_block *block_of(struct gcp_fold *f, mcp_str currency, struct mcp_error *err)
{
    struct gcp_fold_block *b = f->blocks;

    for (size_t i = 0; i < f->n_blocks; i++, b++) {
        if (mcp_str_eq(b->r.currency, currency))
            return b;
    }
    if (f->n_blocks == MAX_CURRENCIES) {
        mcp_error_set(err, MCP_EDATA, "the data holds more than %d currencies", MAX_CURRENCIES);
        return NULL;
    }
    b->r.currency = mcp_arena_str(f->arena, mcp_str_is_null(currency) ? mcp_str_z("") : currency);
    b->r.is_virtual = cost_currency_decimals(b->r.currency) < 0;
    b->r.check_path = "warehouse_totals";
    b->page_size = f->last - f->before;
    b->page = mcp_arena_try_array(f->arena, b->page_size + 1, sizeof(*b->page));
    if (f->n_buckets > 0)
        b->points = new_points(f);
    if (b->page == NULL || (f->n_buckets > 0 && b->points == NULL)) {
        mcp_error_set(err, MCP_ENOMEM, "no memory for the page");
        return NULL;
    }
    f->n_blocks++;
    return b;
}

static int name_group(struct gcp_fold *f, struct gcp_fold_group *g, const struct gcp_fold_row *row,
                      struct mcp_error *err)
{
    for (size_t k = 0; k < f->query->n_keys; k++) {
        mcp_str label = row->cells[GCP_COSTS_L1 + k];

        if (!g->named)
            g->out.keys[k].value = mcp_arena_str(f->arena, row->cells[GCP_COSTS_K1 + k]);
        if (label.len > 10 && mcp_str_cmp(label, g->newest[k]) > 0) {
            g->newest[k] = mcp_arena_str(f->arena, label);
            g->out.keys[k].label = mcp_str_n(g->newest[k].ptr + 10, g->newest[k].len - 10);
        }
        if (f->query->keys[k].dim == COST_DIM_PROVIDER)
            g->out.keys[k].label = mcp_str_z(cost_provider_title(g->out.keys[k].value));
    }
    if (!g->named && f->n_buckets > 0 && !f->query->series_total_only) {
        g->points = new_points(f);
        if (g->points == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the series");
    }
    g->named = true;
    return 0;
}

static int group_of(struct gcp_fold *f, struct gcp_fold_block *b, const struct gcp_fold_row *row,
                    struct gcp_fold_group **out, struct mcp_error *err)
{
    size_t at = (size_t)row->place;

    if (row->place <= 0 || at <= f->before || at > f->last)
        return gcp_fold_foreign(err, GCP_COSTS_PLACE, row->cells[GCP_COSTS_PLACE]);
    *out = &b->page[at - f->before - 1];
    return name_group(f, *out, row, err);
}

static bool is_none(const struct gcp_fold *f, const struct gcp_fold_group *g)
{
    for (size_t k = 0; k < f->query->n_keys; k++) {
        if (!mcp_str_is_null(g->out.keys[k].value))
            return false;
    }
    return f->query->n_keys > 0;
}

/* ---- rows ---- */

/* By the second path. */
static int total_row(struct gcp_fold *f, struct gcp_fold_block *b, const struct gcp_fold_row *row,
                     bool previous, struct mcp_error *err)
{
    enum cost_metric metric = f->query->metric;
    bool over;

    if (previous)
        over = cost_money_add(&b->r.previous_total, row->sum[metric]) < 0;
    else
        over = add_measure(&b->r.total, row, metric);
    return over ? gcp_fold_overflow(err) : 0;
}

/* A part of the compared period. */
static int previous_row(struct gcp_fold *f, struct gcp_fold_block *b,
                        const struct gcp_fold_row *row, struct gcp_fold_group *g, char section,
                        struct mcp_error *err)
{
    struct cost_money v = row->sum[f->query->metric];
    struct cost_money *sum = g != NULL        ? &g->out.previous
                             : section == 'b' ? &b->r.before_previous
                                              : &b->r.other_previous;

    if (cost_money_add(sum, v) < 0 || cost_money_add(&b->parts_previous, v) < 0)
        return gcp_fold_overflow(err);
    return add_count(row, GCP_COSTS_COMMITMENTS, &f->compared_commitments, err);
}

static bool add_charge(struct cost_block_result *r, const struct gcp_fold_row *row)
{
    struct cost_money v = row->sum[COST_BILLED];

    switch (row->charge) {
    case COST_CHARGE_TAX:
        return cost_money_add(&r->tax, v) < 0;
    case COST_CHARGE_CREDIT:
        return cost_money_add(&r->credits, v) < 0;
    case COST_CHARGE_ADJUSTMENT:
        return cost_money_add(&r->adjustments, v) < 0;
    default:
        return false;
    }
}

static int part_row(struct gcp_fold *f, struct gcp_fold_block *b, const struct gcp_fold_row *row,
                    struct gcp_fold_group *g, char section, struct mcp_error *err)
{
    struct cost_block_result *r = &b->r;
    enum cost_metric metric = f->query->metric;
    struct cost_money cost = row->sum[metric];
    bool over = cost_money_add(&r->parts_total, cost) < 0, none;
    int rc;

    for (int m = 0; m < COST_N_METRICS; m++)
        over |= add_measure(&r->totals[m], row, (enum cost_metric)m);
    over |= add_charge(r, row);
    over |= add_point(b->points, row, metric);
    if (g != NULL) {
        over |= add_measure(&g->out.cost, row, metric);
        over |= add_measure(&g->out.effective, row, COST_EFFECTIVE);
        over |= add_point(g->points, row, metric);
        none = is_none(f, g);
    } else {
        none = mcp_str_eq(row->cells[GCP_COSTS_NONE], MCP_STR("1"));
        over |= cost_money_add(section == 'b' ? &r->before_cost : &r->other_cost, cost) < 0;
        if (section == 'o')
            over |= cost_money_add(mcp_str_eq(row->cells[GCP_COSTS_NEGATIVE], MCP_STR("1"))
                                       ? &r->other_negative
                                       : &r->other_positive,
                                   cost) < 0;
    }
    if (none)
        over |= cost_money_add(&r->none_cost, cost) < 0;
    if (over)
        return gcp_fold_overflow(err);
    rc = add_quantities(f, b, g, row, err);
    return rc < 0 ? rc : add_evidence(f, b, row, err);
}

int gcp_fold_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct gcp_fold *f = ctx;
    mcp_str section = cells[GCP_COSTS_SECTION];
    bool previous = mcp_str_eq(cells[GCP_COSTS_W], MCP_STR("1"));
    struct gcp_fold_block *b = block_of(f, cells[GCP_COSTS_CURRENCY], err);
    struct gcp_fold_group *g = NULL;
    struct gcp_fold_row row;
    int rc;

    if (b == NULL)
        return MCP_EDATA;
    rc = gcp_fold_read(f, cells, &row, err);
    if (rc < 0)
        return rc;
    if (section.len != 1 || memchr("tbpo", section.ptr[0], 4) == NULL)
        return gcp_fold_foreign(err, GCP_COSTS_SECTION, section);
    if (section.ptr[0] == 't')
        return total_row(f, b, &row, previous, err);
    if ((size_t)row.groups > b->r.groups_total)
        b->r.groups_total = (size_t)row.groups;
    if (section.ptr[0] == 'p')
        rc = group_of(f, b, &row, &g, err);
    if (rc < 0)
        return rc;
    return previous ? previous_row(f, b, &row, g, section.ptr[0], err)
                    : part_row(f, b, &row, g, section.ptr[0], err);
}

/* ---- begin ---- */

static int hours(struct gcp_fold *f, struct mcp_error *err)
{
    int64_t from = gcp_zone_midnight(f->zone, f->query->range.start);
    int64_t to = gcp_zone_midnight(f->zone, f->query->range.end + 1), *list;

    f->n_buckets = (size_t)((to - from) / 3600);
    list = f->n_buckets > MAX_BUCKETS
               ? NULL
               : mcp_arena_try_array(f->arena, f->n_buckets + 1, sizeof(*list));
    if (list == NULL)
        return mcp_error_set(err, MCP_EREFUSED, "the range has too many hours");
    for (size_t i = 0; i < f->n_buckets; i++)
        list[i] = from + (int64_t)i * 3600;
    f->buckets = list;
    return 0;
}

int gcp_fold_init(struct gcp_fold *fold, const struct gcp_statement *st, size_t before, size_t last,
                  struct mcp_arena *arena, struct mcp_error *err)
{
    const struct cost_query *q = st->query;
    int64_t *starts = NULL;
    int rc = 0;

    *fold = (struct gcp_fold){ .query = q,
                               .zone = st->zone,
                               .arena = arena,
                               .credits = q->bridge && st->words.splits,
                               .before = before,
                               .last = last };
    for (size_t k = 0; k < q->n_keys; k++)
        fold->tags |= q->keys[k].dim == COST_DIM_TAG && st->words.resource != NULL;
    fold->blocks = mcp_arena_try_array(arena, MAX_CURRENCIES, sizeof(*fold->blocks));
    if (fold->blocks == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the answer");
    if (q->granularity == COST_HOURLY)
        return hours(fold, err);
    if (q->granularity != COST_TOTAL)
        rc = cost_buckets(&q->range, q->granularity, MAX_BUCKETS, arena, &starts, &fold->n_buckets);
    fold->buckets = starts;
    return rc < 0 ? mcp_error_set(err, rc, "the range has too many periods") : 0;
}
