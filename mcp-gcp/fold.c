/* The rows of a get_costs statement, gathered into the answer: totals, page, rest, bridge, series. */
#include "fold.h"

#include <mcp/date.h>

#define MAX_CURRENCIES 64
#define MAX_UNITS 200
#define MAX_BUCKETS 20000

/* Quantities, one line a unit. */
struct quantities {
    struct cost_quantity *list; /* in arena */
    size_t n, size;
};

struct page_group {
    bool named;
    struct cost_group out;
    struct quantities quantities;
    struct cost_point *points; /* in arena */
    mcp_str newest[COST_MAX_KEYS]; /* labels with their hour in front */
};

struct gcp_fold_block {
    struct cost_block_result r;
    struct page_group *page; /* in arena, last - before of them */
    size_t page_size;
    struct quantities quantities;
    struct cost_point *points;
    struct cost_money parts_previous;
    struct cost_money usage, over_hour, over_day, over_month;
    struct cost_money credits[GCP_N_CREDITS];
};

/* One row with its numbers read. */
struct row {
    const mcp_str *cells;
    int64_t charge, class, place, groups;
    size_t bucket; /* index, or SIZE_MAX */
    struct cost_money sum[COST_N_METRICS], lacking[COST_N_METRICS];
    uint64_t n, unknown[COST_N_METRICS];
};

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static int foreign(struct mcp_error *err, enum gcp_costs_column column, mcp_str text)
{
    return mcp_error_set(err, MCP_EUPSTREAM,
                         "BigQuery's answer holds \"%.*s\" in %s, which is no number: no figure is "
                         "given rather than a wrong one",
                         MCP_STR_ARG(mcp_str_head(text, 40)), gcp_costs_columns[column]);
}

/* ---- cells ---- */

static int money(struct gcp_fold *f, const mcp_str *cells, enum gcp_costs_column column,
                 struct cost_money *out, struct mcp_error *err)
{
    uint64_t rounded = 0;
    int rc;

    *out = COST_MONEY_ZERO;
    if (mcp_str_is_null(cells[column]))
        return 0;
    rc = cost_money_parse(cells[column], out, &rounded);
    if (rc == MCP_ERANGE)
        return overflow(err);
    if (rounded > 0)
        f->rounded++;
    return rc < 0 ? foreign(err, column, cells[column]) : 0;
}

static int integer(const mcp_str *cells, enum gcp_costs_column column, int64_t *out,
                   struct mcp_error *err)
{
    *out = 0;
    if (mcp_str_is_null(cells[column]) || mcp_str_int64(cells[column], out) == 0)
        return 0;
    return foreign(err, column, cells[column]);
}

static int count(const mcp_str *cells, enum gcp_costs_column column, uint64_t *out,
                 struct mcp_error *err)
{
    int64_t n;
    int rc = integer(cells, column, &n, err);

    if (rc == 0 && n < 0)
        return foreign(err, column, cells[column]);
    *out = (uint64_t)n;
    return rc;
}

/* The index of a bucket, SIZE_MAX for none. */
static int bucket(const struct gcp_fold *f, const mcp_str *cells, size_t *out,
                  struct mcp_error *err)
{
    int64_t v, i = 0;
    int rc = integer(cells, GCP_COSTS_BUCKET, &v, err);

    *out = SIZE_MAX;
    if (rc < 0 || mcp_str_is_null(cells[GCP_COSTS_BUCKET]))
        return rc;
    if (f->query->granularity == COST_HOURLY) {
        i = v - f->buckets[0] / 3600;
    } else if (f->query->granularity == COST_DAILY) {
        i = v - f->query->range.start;
    } else {
        struct mcp_civil c = mcp_date_civil(f->query->range.start);

        i = (v / 100 - c.year) * 12 + v % 100 - c.month;
    }
    if (i < 0 || (uint64_t)i >= f->n_buckets)
        return foreign(err, GCP_COSTS_BUCKET, cells[GCP_COSTS_BUCKET]);
    *out = (size_t)i;
    return 0;
}

static int read_row(struct gcp_fold *f, const mcp_str *cells, struct row *row,
                    struct mcp_error *err)
{
    static const enum gcp_costs_column sums[] = { GCP_COSTS_BILLED, GCP_COSTS_EFFECTIVE,
                                                  GCP_COSTS_LIST, GCP_COSTS_CONTRACTED };
    static const enum gcp_costs_column counts[] = { GCP_COSTS_N, GCP_COSTS_EFFECTIVE_N,
                                                    GCP_COSTS_LIST_N, GCP_COSTS_CONTRACTED_N };
    static const enum gcp_costs_column lacks[] = { GCP_COSTS_N, GCP_COSTS_EFFECTIVE_B,
                                                   GCP_COSTS_LIST_B, GCP_COSTS_CONTRACTED_B };
    int rc;

    *row = (struct row){ .cells = cells };
    rc = integer(cells, GCP_COSTS_CHARGE, &row->charge, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_CLASS, &row->class, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_PLACE, &row->place, err);
    if (rc == 0)
        rc = integer(cells, GCP_COSTS_GROUPS, &row->groups, err);
    if (rc == 0)
        rc = count(cells, GCP_COSTS_ROWS, &row->n, err);
    if (rc == 0)
        rc = bucket(f, cells, &row->bucket, err);
    for (int m = 0; rc == 0 && m < COST_N_METRICS; m++) {
        rc = money(f, cells, sums[m], &row->sum[m], err);
        if (rc == 0 && counts[m] != GCP_COSTS_N)
            rc = count(cells, counts[m], &row->unknown[m], err);
        if (rc == 0 && lacks[m] != GCP_COSTS_N)
            rc = money(f, cells, lacks[m], &row->lacking[m], err);
    }
    if (rc == 0 && (row->charge < 0 || row->charge >= COST_N_CHARGES || row->class < 0 ||
                    row->class >= COST_N_CLASSES))
        return foreign(err, GCP_COSTS_CLASS, cells[GCP_COSTS_CLASS]);
    return rc;
}

/* ---- sums ---- */

static bool add_measure(struct cost_measure *m, const struct row *row, enum cost_metric metric)
{
    m->rows += row->n;
    m->rows_unknown += row->unknown[metric];
    return cost_money_add(&m->sum, row->sum[metric]) < 0 ||
           cost_money_add(&m->unknown_billed, row->lacking[metric]) < 0;
}

static int add_cell(struct gcp_fold *f, const struct row *row, enum gcp_costs_column column,
                    struct cost_money *sum, struct mcp_error *err)
{
    struct cost_money m;
    int rc = money(f, row->cells, column, &m, err);

    if (rc < 0)
        return rc;
    return cost_money_add(sum, m) < 0 ? overflow(err) : 0;
}

static int add_count(const struct row *row, enum gcp_costs_column column, uint64_t *sum,
                     struct mcp_error *err)
{
    uint64_t n = 0;
    int rc = count(row->cells, column, &n, err);

    *sum += n;
    return rc;
}

static int add_bridge(struct gcp_fold *f, struct cost_block_result *r, const struct row *row,
                      struct mcp_error *err)
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
        return overflow(err);
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
static int add_evidence(struct gcp_fold *f, struct gcp_fold_block *b, const struct row *row,
                        struct mcp_error *err)
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
        return overflow(err);
    return 0;
}

static int add_quantity(struct gcp_fold *f, struct quantities *q, mcp_str unit, struct cost_money v,
                        struct mcp_error *err)
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
    return cost_money_add(&q->list[i].sum, v) < 0 ? overflow(err) : 0;
}

static int add_quantities(struct gcp_fold *f, struct gcp_fold_block *b, struct page_group *g,
                          const struct row *row, struct mcp_error *err)
{
    mcp_str unit = row->cells[GCP_COSTS_UNIT];
    struct cost_money v;
    int rc = money(f, row->cells, GCP_COSTS_QUANTITY, &v, err);

    if (rc < 0 || row->charge != COST_CHARGE_USAGE || (v.units == 0 && mcp_str_is_null(unit)))
        return rc;
    rc = add_quantity(f, &b->quantities, unit, v, err);
    return rc < 0 || g == NULL ? rc : add_quantity(f, &g->quantities, unit, v, err);
}

static bool add_point(struct cost_point *points, const struct row *row, enum cost_metric metric)
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

static int name_group(struct gcp_fold *f, struct page_group *g, const struct row *row,
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

static int group_of(struct gcp_fold *f, struct gcp_fold_block *b, const struct row *row,
                    struct page_group **out, struct mcp_error *err)
{
    size_t at = (size_t)row->place;

    if (row->place <= 0 || at <= f->before || at > f->last)
        return foreign(err, GCP_COSTS_PLACE, row->cells[GCP_COSTS_PLACE]);
    *out = &b->page[at - f->before - 1];
    return name_group(f, *out, row, err);
}

static bool is_none(const struct gcp_fold *f, const struct page_group *g)
{
    for (size_t k = 0; k < f->query->n_keys; k++) {
        if (!mcp_str_is_null(g->out.keys[k].value))
            return false;
    }
    return f->query->n_keys > 0;
}

/* ---- rows ---- */

/* By the second path. */
static int total_row(struct gcp_fold *f, struct gcp_fold_block *b, const struct row *row,
                     bool previous, struct mcp_error *err)
{
    enum cost_metric metric = f->query->metric;
    bool over;

    if (previous)
        over = cost_money_add(&b->r.previous_total, row->sum[metric]) < 0;
    else
        over = add_measure(&b->r.total, row, metric);
    return over ? overflow(err) : 0;
}

/* A part of the compared period. */
static int previous_row(struct gcp_fold *f, struct gcp_fold_block *b, const struct row *row,
                        struct page_group *g, char section, struct mcp_error *err)
{
    struct cost_money v = row->sum[f->query->metric];
    struct cost_money *sum = g != NULL        ? &g->out.previous
                             : section == 'b' ? &b->r.before_previous
                                              : &b->r.other_previous;

    if (cost_money_add(sum, v) < 0 || cost_money_add(&b->parts_previous, v) < 0)
        return overflow(err);
    return add_count(row, GCP_COSTS_COMMITMENTS, &f->compared_commitments, err);
}

static bool add_charge(struct cost_block_result *r, const struct row *row)
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

static int part_row(struct gcp_fold *f, struct gcp_fold_block *b, const struct row *row,
                    struct page_group *g, char section, struct mcp_error *err)
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
        return overflow(err);
    rc = add_quantities(f, b, g, row, err);
    return rc < 0 ? rc : add_evidence(f, b, row, err);
}

int gcp_fold_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct gcp_fold *f = ctx;
    mcp_str section = cells[GCP_COSTS_SECTION];
    bool previous = mcp_str_eq(cells[GCP_COSTS_W], MCP_STR("1"));
    struct gcp_fold_block *b = block_of(f, cells[GCP_COSTS_CURRENCY], err);
    struct page_group *g = NULL;
    struct row row;
    int rc;

    if (b == NULL)
        return MCP_EDATA;
    rc = read_row(f, cells, &row, err);
    if (rc < 0)
        return rc;
    if (section.len != 1 || memchr("tbpo", section.ptr[0], 4) == NULL)
        return foreign(err, GCP_COSTS_SECTION, section);
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

/* ---- begin and end ---- */

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

static void sort_units(struct quantities *q)
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
        struct page_group *g = &b->page[i];

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
