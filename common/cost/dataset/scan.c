/* The scanner: rows of each slice's smallest sufficient blocks that pass the filters, in batches. */
#include "scan.h"

#include "rollup.h"

/* A predicate within one block: the alternatives whose column varies. */
struct live_pred {
    const uint32_t *ids[COST_MAX_ALTS];
    const struct cost_alt *alts[COST_MAX_ALTS];
    size_t n;
};

/* One slice being read. */
struct run {
    const struct cost_scan *scan;
    const struct cost_scan_sink *sink;
    const struct cost_slice *slice;
    enum cost_block_kind kind;
    /* of the block */
    struct live_pred preds[COST_MAX_PREDS];
    size_t n_preds;
    const uint32_t *days; /* NULL: all rows are within the range */
};

bool cost__scan_takes(const struct cost_scan *scan, const struct cost_slice *slice)
{
    if (slice->rows == 0)
        return false;
    if (scan->basis == COST_INVOICE)
        return slice->period_start >= scan->range.start && slice->period_start <= scan->range.end;
    return slice->day_min <= scan->range.end && slice->day_max >= scan->range.start;
}

static uint32_t cols_of(enum cost_block_kind kind)
{
    uint32_t cols = 0;

    for (const enum cost_col *c = cost__rollup_columns(kind); *c != COST_N_COLS; c++)
        cols |= COST_COL_BIT(*c);
    return cols;
}

/* The rollup with the fewest columns that holds what is needed; its rows are the fewest. */
static enum cost_block_kind smallest(const struct cost_slice *slice, uint32_t cols)
{
    enum cost_block_kind best = COST_FACTS;
    int best_cols = 64;

    for (int k = COST_FACTS + 1; k < COST_N_BLOCK_KINDS; k++) {
        uint32_t has = cols_of((enum cost_block_kind)k);
        int n = __builtin_popcount(has);

        if (slice->has_rollup[k] && (cols & ~has) == 0 && n < best_cols) {
            best = (enum cost_block_kind)k;
            best_cols = n;
        }
    }
    return best;
}

/* Decides the predicate where all its columns are constant: 1 passes, 0 fails, -1 varies. */
static int pred_open(const struct cost_pred *pred, struct cost_block *block, struct live_pred *live)
{
    live->n = 0;
    for (size_t a = 0; a < pred->n_alts; a++) {
        const struct cost_alt *alt = &pred->alts[a];
        struct cost_ids ids;
        int rc = cost__block_ids(block, alt->col, &ids);

        if (rc < 0)
            return rc;
        if (!ids.present || ids.constant) {
            if (cost__bit(alt->bits, alt->n, ids.present ? ids.value : 0))
                return 1;
            continue;
        }
        live->ids[live->n] = ids.ids;
        live->alts[live->n++] = alt;
    }
    return live->n == 0 ? 0 : MCP_MISS;
}

/* Opens the columns that decide. 1: rows may pass; 0: none does. */
static int block_open(struct run *run, struct cost_block *block)
{
    const struct cost_range *range = &run->scan->range;
    struct cost_ids days;
    int rc;

    run->n_preds = 0;
    run->days = NULL;
    if (run->scan->basis == COST_USAGE &&
        (run->slice->day_min < range->start || run->slice->day_max > range->end)) {
        rc = cost__block_days(block, &days);
        if (rc < 0)
            return rc;
        if (!days.constant)
            run->days = days.ids;
        else if ((int32_t)days.value < range->start || (int32_t)days.value > range->end)
            return 0;
    }
    for (size_t p = 0; p < run->scan->preds->n; p++) {
        rc = pred_open(&run->scan->preds->items[p], block, &run->preds[run->n_preds]);
        if (rc == 0 || (rc < 0 && rc != MCP_MISS))
            return rc;
        if (rc == MCP_MISS)
            run->n_preds++;
    }
    return 1;
}

/* Keeps the rows that pass one predicate; the count. */
static size_t keep(const struct live_pred *pred, uint32_t *rows, size_t n)
{
    size_t kept = 0;

    if (pred->n == 1) {
        const uint32_t *ids = pred->ids[0];
        const uint64_t *bits = pred->alts[0]->bits;
        uint32_t max = pred->alts[0]->n;

        for (size_t i = 0; i < n; i++) {
            uint32_t row = rows[i];

            rows[kept] = row;
            kept += cost__bit(bits, max, ids[row]);
        }
        return kept;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t row = rows[i];
        bool pass = false;

        for (size_t a = 0; a < pred->n; a++)
            pass |= cost__bit(pred->alts[a]->bits, pred->alts[a]->n, pred->ids[a][row]);
        rows[kept] = row;
        kept += pass;
    }
    return kept;
}

/* The rows of [from, to) whose day is in the range. */
static size_t select_days(const struct run *run, uint32_t from, uint32_t to, uint32_t *rows)
{
    uint32_t start = (uint32_t)run->scan->range.start;
    uint32_t span = (uint32_t)run->scan->range.end - start;
    size_t n = 0;

    if (run->days == NULL) {
        for (uint32_t i = from; i < to; i++)
            rows[n++] = i;
        return n;
    }
    for (uint32_t i = from; i < to; i++) {
        rows[n] = i;
        n += run->days[i] - start <= span;
    }
    return n;
}

static int on_block(void *ctx, struct cost_block *block, struct mcp_error *err)
{
    struct run *run = ctx;
    const struct cost_scope *scope = run->scan->scope;
    uint32_t n_rows = cost__block_rows(block), rows[COST_SCAN_BATCH];
    bool begun = false;
    int rc;

    if (scope->cancelled != NULL && scope->cancelled(scope->ctx))
        return mcp_error_set(err, MCP_ECANCELLED, "the call was cancelled");
    rc = block_open(run, block);
    if (rc < 0)
        return mcp_error_set(err, rc, "a block of the dataset cannot be read");
    if (rc == 0)
        return 0;
    for (uint32_t from = 0; from < n_rows; from += COST_SCAN_BATCH) {
        uint32_t to = n_rows - from < COST_SCAN_BATCH ? n_rows : from + COST_SCAN_BATCH;
        size_t n = select_days(run, from, to, rows);

        for (size_t p = 0; p < run->n_preds && n > 0; p++)
            n = keep(&run->preds[p], rows, n);
        if (n == 0)
            continue;
        if (!begun) {
            rc = run->sink->block(run->sink->ctx, run->slice, run->kind, block, err);
            if (rc != 0)
                return rc;
            begun = true;
        }
        rc = run->sink->rows(run->sink->ctx, rows, n, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}

int cost__scan_run(const struct cost_scan *scan, const struct cost_scan_sink *sink,
                   struct mcp_error *err)
{
    uint32_t cols = scan->cols | cost__preds_cols(scan->preds);
    const struct cost_slice *slices;
    size_t n = cost__snapshot_slices(scan->snap, &slices);
    struct run run = { .scan = scan, .sink = sink };

    if (scan->preds->never)
        return 0;
    for (size_t i = 0; i < n; i++) {
        struct cost_range days = scan->range;
        int rc;

        if ((scan->only != NULL && !scan->only[i]) || !cost__scan_takes(scan, &slices[i]))
            continue;
        run.slice = &slices[i];
        run.kind = scan->facts ? COST_FACTS : smallest(&slices[i], cols);
        if (scan->basis == COST_INVOICE)
            days = (struct cost_range){ slices[i].day_min, slices[i].day_max };
        rc = cost__snapshot_blocks(scan->snap, slices[i].id, run.kind, &days, on_block, &run, err);
        if (rc != 0)
            return rc;
    }
    return 0;
}
