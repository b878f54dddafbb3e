/* The scanner: rows of each slice's smallest sufficient blocks that pass the filters, in batches. */
#ifndef COST_DATASET_SCAN_H
#define COST_DATASET_SCAN_H

#include "preds.h"

#define COST_SCAN_BATCH 1024 /* rows handed to a sink at once */

/* What to read. All pointers are borrowed for the time of the scan. */
struct cost_scan {
    struct cost_snapshot *snap;
    const struct cost_scope *scope; /* asked for cancellation, once a block */
    const struct cost_preds *preds;
    enum cost_basis basis; /* usage: days within range; invoice: slices whose period begins in it */
    struct cost_range range;
    uint32_t cols; /* the sink's columns: one COST_COL_BIT each */
    bool facts; /* never a rollup: seconds, lengths, or a second path */
    const bool *only; /* by index of cost__snapshot_slices, or NULL: these slices only */
};

/* Where the rows go. block is called before the first rows of each block; rows holds the indexes of
 * at most COST_SCAN_BATCH rows that passed, ascending. Both return 0 to go on. */
struct cost_scan_sink {
    int (*block)(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                 struct cost_block *block, struct mcp_error *err);
    int (*rows)(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err);
    void *ctx;
};

/* 0; MCP_ECANCELLED when the scope's caller is gone; what the sink or the snapshot returns. */
int cost__scan_run(const struct cost_scan *scan, const struct cost_scan_sink *sink,
                   struct mcp_error *err);
/* Whether the scan reads this slice at all. */
bool cost__scan_takes(const struct cost_scan *scan, const struct cost_slice *slice);

/* The id of a row; a column that the block has not reads as missing. */
static inline uint32_t cost__ids_at(const struct cost_ids *ids, uint32_t row)
{
    return ids->constant || ids->ids == NULL ? ids->value : ids->ids[row];
}

#endif
