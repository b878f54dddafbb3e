/* One call's look at a snapshot: who asks, what they may see, and where the answer's memory is. */
#ifndef COST_DATASET_VIEW_H
#define COST_DATASET_VIEW_H

#include "preds.h"

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

#endif
