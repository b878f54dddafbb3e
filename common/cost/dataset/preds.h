/* What rows must carry to pass: sets of ids, column by column. */
#ifndef COST_DATASET_PREDS_H
#define COST_DATASET_PREDS_H

#include "snapshot.h"

#define COST_MAX_PREDS (COST_MAX_FILTERS + 4) /* the query's, and those of the scope */
#define COST_MAX_ALTS 3
#define COST_COL_BIT(col) (UINT32_C(1) << (col)) /* one of a set of columns */

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

#endif
