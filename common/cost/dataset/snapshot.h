/* One open, immutable state of a dataset file: its slices, dictionaries and blocks. */
#ifndef COST_DATASET_SNAPSHOT_H
#define COST_DATASET_SNAPSHOT_H

#include "block.h"

#include <cost/dataset.h>

/* A slice: (source, billing account, billing period). Sums are per currency in the ledger. */
struct cost_slice {
    uint32_t id;
    mcp_str source, provider /* family */, billing_account;
    int32_t period_start, period_end; /* inclusive days */
    int32_t day_min, day_max; /* of its rows' starts */
    int32_t data_through; /* by contract.md section 4, INT32_MIN: no such rows */
    int closed; /* 1, 0, -1 */
    int64_t delivered_at;
    uint64_t rows;
    bool has_rollup[COST_N_BLOCK_KINDS];
};

/* Sums of whole slices, written from the rows as they were read: (slice, currency id, provider id). */
struct cost_ledger_row {
    uint32_t slice;
    uint32_t currency, provider; /* ids */
    uint64_t rows;
    struct cost_money sum[COST_N_METRICS];
    uint64_t unknown[COST_N_METRICS];
};

/* The same per block and day: the check's second path for parts of slices. */
struct cost_day_total {
    int32_t day;
    uint32_t currency, provider;
    uint64_t rows;
    struct cost_money sum[COST_N_METRICS];
    uint64_t unknown[COST_N_METRICS];
};

/* From now on this thread's waits inside any snapshot end with MCP_ECANCELLED once cancelled(ctx) is
 * true; NULL: never. For the start and the end of a call. */
void cost__snapshot_watch(bool (*cancelled)(void *ctx), void *ctx);

size_t cost__snapshot_slices(const struct cost_snapshot *snap, const struct cost_slice **slices);
size_t cost__snapshot_ledger(const struct cost_snapshot *snap, const struct cost_ledger_row **rows);

/* Each block of that kind of a slice whose days meet [from, to]. Blocks come decoded from a bounded
 * cache shared by the snapshot's users (rollups stay, facts go by use). each: 0 to go on. */
int cost__snapshot_blocks(struct cost_snapshot *snap, uint32_t slice, enum cost_block_kind kind,
                          const struct cost_range *days,
                          int (*each)(void *ctx, struct cost_block *block, struct mcp_error *err),
                          void *ctx, struct mcp_error *err);
/* The day totals of a slice within [from, to], in arena. */
int cost__snapshot_day_totals(struct cost_snapshot *snap, uint32_t slice,
                              const struct cost_range *days, struct mcp_arena *arena,
                              const struct cost_day_total **rows, size_t *n, struct mcp_error *err);

/* Dictionaries. Ids are dense from 1; 0 is the missing value. A dictionary also holds values that
 * only replaced slices had. */
uint32_t cost__dict_count(struct cost_snapshot *snap, enum cost_col col);
/* The ids of a column that any row carries, a set of dict_count + 1 bits: NULL until they are kept. */
const uint64_t *cost__dict_live(const struct cost_snapshot *snap, enum cost_col col);
/* Keeps a copy of such a set for all who come later. */
int cost__dict_keep_live(struct cost_snapshot *snap, enum cost_col col, const uint64_t *bits,
                         struct mcp_error *err);
/* The text of an id; lives as long as the snapshot. Missing for id 0. */
int cost__dict_text(struct cost_snapshot *snap, enum cost_col col, uint32_t id, mcp_str *text,
                    struct mcp_error *err);
/* Ids whose text or display name matches: exactly, else case-insensitively. *n of them in arena;
 * by_name tells that only names matched. */
int cost__dict_find(struct cost_snapshot *snap, enum cost_col col, mcp_str value,
                    struct mcp_arena *arena, const uint32_t **ids, size_t *n, bool *by_name,
                    struct mcp_error *err);
/* The latest display name of an id, or missing. */
int cost__dict_label(struct cost_snapshot *snap, enum cost_col col, uint32_t id, mcp_str *label,
                     struct mcp_error *err);
/* All texts of a column, for nearest names (bounded: MCP_ETOOBIG beyond 100,000). */
int cost__dict_all(struct cost_snapshot *snap, enum cost_col col, struct mcp_arena *arena,
                   const mcp_str **texts, size_t *n, struct mcp_error *err);

/* Tag sets: the value of `key` for each tag set id, as ids of a value list that lives in arena:
 * of[tagset] is 0 (no such key) or 1 + index into values. */
struct cost_tag_column {
    mcp_str key; /* the exact key as it stands in the data */
    const uint32_t *of;
    size_t n_sets;
    const mcp_str *values;
    size_t n_values;
};
int cost__tag_column(struct cost_snapshot *snap, mcp_str exact_key, struct mcp_arena *arena,
                     struct cost_tag_column *out, struct mcp_error *err);
/* The keys of the tag sets whose bit is set in sets, a set of dict_count + 1 bits. NULL: all that
 * the file knows, those of replaced slices too. */
int cost__tag_keys(struct cost_snapshot *snap, const uint64_t *sets, struct mcp_arena *arena,
                   const mcp_str **keys, size_t *n, struct mcp_error *err);
/* The pairs of one tag set. */
int cost__tag_set(struct cost_snapshot *snap, uint32_t set, struct mcp_arena *arena,
                  const struct cost_tag **tags, size_t *n, struct mcp_error *err);

#endif
