/* Filters resolved once into sets of ids, so that the scan only tests bits. */
#ifndef COST_DATASET_FILTER_H
#define COST_DATASET_FILTER_H

#include "snapshot.h"

#define COST_MAX_PREDS (COST_MAX_FILTERS + 4) /* the query's, and those of the scope */
#define COST_MAX_ALTS 3

/* One column's set of ids that pass; an id at or past n does not. */
struct cost_alt {
    enum cost_col col;
    const uint64_t *bits;
    uint32_t n;
};
/* A row passes when any of the alternatives does. */
struct cost_pred {
    struct cost_alt alts[COST_MAX_ALTS];
    size_t n_alts;
};
/* A row passes when every predicate does. */
struct cost_preds {
    struct cost_pred items[COST_MAX_PREDS];
    size_t n;
    bool never; /* no row can pass */
};

static inline bool cost__bit(const uint64_t *bits, uint32_t n, uint32_t id)
{
    return id < n && ((bits[id >> 6] >> (id & 63)) & 1) != 0;
}
static inline void cost__bit_set(uint64_t *bits, uint32_t id)
{
    bits[id >> 6] |= UINT64_C(1) << (id & 63);
}
/* Zeroed, for ids 0..n-1; NULL when the arena is exhausted. */
uint64_t *cost__bits_new(struct mcp_arena *arena, uint32_t n);

/* The columns that the predicates read, one COST_COL_BIT each. */
uint32_t cost__preds_cols(const struct cost_preds *preds);
/* Adds a predicate of one column. MCP_ETOOBIG when there are too many. */
int cost__preds_add(struct cost_preds *preds, enum cost_col col, const uint64_t *bits, uint32_t n,
                    struct mcp_error *err);

/* One call's look at a snapshot: who asks, what they may see, and where the answer's memory is. */
struct cost_view {
    struct cost_snapshot *snap; /* borrowed */
    const struct cost_scope *scope; /* borrowed */
    struct mcp_arena *arena; /* borrowed */
    struct cost_result *result; /* borrowed: takes the warnings */
    struct cost_preds in_scope; /* what the scope admits */
    bool scoped; /* in_scope leaves rows out */
    const uint64_t *seen[COST_N_COLS]; /* ids that occur in scope; filled by cost__view_seen */
};

/* Resolves the scope. result: its arena is the call's. */
int cost__view_init(struct cost_view *view, struct cost_snapshot *snap,
                    const struct cost_scope *scope, struct cost_result *result,
                    struct mcp_error *err);
/* The ids of a column that rows in scope carry: a set of dict_count + 1 bits. What is outside, or
 * stood only in rows that were replaced, must look as if it did not exist (contract.md section 11). */
int cost__view_seen(struct cost_view *view, enum cost_col col, const uint64_t **bits,
                    struct mcp_error *err);
/* The column of a dimension; COST_DIM_TAG gives the tag sets. */
enum cost_col cost__dim_col(enum cost_dim dim);

/* The scope's predicates and those of the query's filters. A value that nothing matches adds the
 * warning unknown_value with the nearest names; an ambiguous one is MCP_EINVAL naming both. */
int cost__filters_resolve(struct cost_view *view, const struct cost_query *query,
                          struct cost_preds *preds, struct mcp_error *err);

#endif
