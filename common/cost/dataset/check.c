/* The second path: totals that come from elsewhere than the parts (contract.md section 2, check). */
#include "check.h"

#include "numbers.h"
#include "scan.h"

struct check {
    struct cost_view *view;
    const struct cost_preds *preds;
    struct cost_scan scan; /* tells which slices count; reads the facts when they must be read */
    struct cost_check_total *totals;
    uint32_t n_totals;
    /* of the block at hand */
    struct cost_ids currency;
    struct cost_column metric[COST_N_METRICS];
};

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static bool passes(const struct cost_preds *preds, uint32_t provider, uint32_t currency)
{
    for (size_t p = 0; p < preds->n; p++) {
        const struct cost_alt *alt = &preds->items[p].alts[0];

        if (!cost__bit(alt->bits, alt->n, alt->col == COST_COL_PROVIDER ? provider : currency))
            return false;
    }
    return true;
}

static int add_sums(struct check *c, uint32_t currency, uint64_t rows, const struct cost_money *sum,
                    const uint64_t *unknown, struct mcp_error *err)
{
    struct cost_check_total *t;

    if (currency >= c->n_totals)
        return mcp_error_set(err, MCP_EDATA,
                             "the ledger names a currency that the dataset has not");
    t = &c->totals[currency];
    t->rows += rows;
    for (int m = 0; m < COST_N_METRICS; m++) {
        t->unknown[m] += unknown[m];
        if (__builtin_add_overflow(t->sum[m], sum[m].units, &t->sum[m]))
            return overflow(err);
    }
    return 0;
}

static bool is_whole(const struct check *c, const struct cost_slice *slice)
{
    return c->scan.basis == COST_INVOICE ||
           (slice->day_min >= c->scan.range.start && slice->day_max <= c->scan.range.end);
}

static int add_days(struct check *c, const struct cost_slice *slice, struct mcp_error *err)
{
    const struct cost_day_total *rows;
    size_t n;
    int rc = cost__snapshot_day_totals(c->view->snap, slice->id, &c->scan.range, c->view->arena,
                                       &rows, &n, err);

    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (passes(c->preds, rows[i].provider, rows[i].currency))
            rc = add_sums(c, rows[i].currency, rows[i].rows, rows[i].sum, rows[i].unknown, err);
    }
    return rc;
}

/* The slice of an id; ledger rows come slice by slice, so the last one is tried first. */
static const struct cost_slice *slice_of(const struct cost_slice *slices, size_t n, uint32_t id,
                                         size_t *last)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = (*last + i) % n;

        if (slices[at].id == id) {
            *last = at;
            return &slices[at];
        }
    }
    return NULL;
}

static int from_ledger(struct check *c, const char **path, struct mcp_error *err)
{
    const struct cost_slice *slices;
    const struct cost_ledger_row *rows;
    size_t n_slices = cost__snapshot_slices(c->view->snap, &slices), last = 0;
    size_t n_rows = cost__snapshot_ledger(c->view->snap, &rows);
    int rc = 0;

    *path = "ledger";
    for (size_t i = 0; rc == 0 && i < n_rows; i++) {
        const struct cost_slice *slice = slice_of(slices, n_slices, rows[i].slice, &last);

        if (slice == NULL)
            return mcp_error_set(err, MCP_EDATA, "the ledger names a slice that is not there");
        if (!cost__scan_takes(&c->scan, slice) || !is_whole(c, slice) ||
            !passes(c->preds, rows[i].provider, rows[i].currency))
            continue;
        rc = add_sums(c, rows[i].currency, rows[i].rows, rows[i].sum, rows[i].unknown, err);
    }
    for (size_t i = 0; rc == 0 && i < n_slices; i++) {
        if (!cost__scan_takes(&c->scan, &slices[i]) || is_whole(c, &slices[i]))
            continue;
        *path = "day_totals";
        rc = add_days(c, &slices[i], err);
    }
    return rc;
}

static int facts_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                       struct cost_block *block, struct mcp_error *err)
{
    struct check *c = ctx;
    int rc = cost__block_ids(block, COST_COL_CURRENCY, &c->currency);

    (void)slice;
    MCP_BUG_ON(kind != COST_FACTS);
    for (int m = 0; rc == 0 && m < COST_N_METRICS; m++)
        rc = cost__column_open(block, (enum cost_num)m, &c->metric[m]);
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

/* Row by row and without groups: on purpose not the way of the group table. */
static int facts_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct check *c = ctx;

    for (size_t i = 0; i < n; i++) {
        uint32_t currency = cost__ids_at(&c->currency, rows[i]);
        struct cost_check_total *t;

        if (currency >= c->n_totals)
            return mcp_error_set(err, MCP_EDATA, "a block names a currency that is not there");
        t = &c->totals[currency];
        t->rows++;
        for (int m = 0; m < COST_N_METRICS; m++) {
            __int128 v;

            if (cost__column_null(&c->metric[m], rows[i])) {
                t->unknown[m]++;
                continue;
            }
            if (cost__column_at(&c->metric[m], rows[i], &v) ||
                __builtin_add_overflow(t->sum[m], v, &t->sum[m]))
                return overflow(err);
        }
    }
    return 0;
}

int cost__check_totals(struct cost_view *view, const struct cost_preds *preds,
                       enum cost_basis basis, const struct cost_range *range,
                       const struct cost_check_total **totals, const char **path,
                       struct mcp_error *err)
{
    uint32_t ledger_cols = COST_COL_BIT(COST_COL_PROVIDER) | COST_COL_BIT(COST_COL_CURRENCY);
    struct check c = { .view = view,
                       .preds = preds,
                       .scan = { .snap = view->snap,
                                 .scope = view->scope,
                                 .preds = preds,
                                 .basis = basis,
                                 .range = *range,
                                 .facts = true } };
    struct cost_scan_sink sink = { .block = facts_block, .rows = facts_rows, .ctx = &c };
    int rc = 0;

    c.n_totals = cost__dict_count(view->snap, COST_COL_CURRENCY) + 1;
    c.totals = mcp_arena_try_array(view->arena, c.n_totals, sizeof(*c.totals));
    if (c.totals == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the totals");
    *path = "ledger";
    if (!preds->never && (cost__preds_cols(preds) & ~ledger_cols) == 0) {
        rc = from_ledger(&c, path, err);
    } else if (!preds->never) {
        *path = "facts";
        rc = cost__scan_run(&c.scan, &sink, err);
    }
    if (rc == 0)
        *totals = c.totals;
    return rc;
}
