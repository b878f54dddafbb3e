/* Services that a provider renamed: one service before and after (contract.md section 1). */
#ifndef COST_DATASET_RENAMES_H
#define COST_DATASET_RENAMES_H

#include "snapshot.h"

/* Each id of COST_COL_SERVICE to the id that stands for it, dict_count + 1 of them in arena, or
 * NULL in *remap when the data holds both names of no rename. */
int cost__renames_remap(struct cost_snapshot *snap, struct mcp_arena *arena, const uint32_t **remap,
                        struct mcp_error *err);
/* Adds to a set of service ids the other names of its members. */
int cost__renames_spread(struct cost_snapshot *snap, uint64_t *bits, uint32_t n,
                         struct mcp_error *err);
/* The table: row i, or NULL past its end. */
struct cost_rename {
    const char *before, *after;
};
const struct cost_rename *cost__renames_row(size_t i);

#endif
