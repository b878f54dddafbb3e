/* Rows that stay when a slice is written anew: read from its old blocks into the new slice. */
#ifndef COST_DATASET_CARRY_H
#define COST_DATASET_CARRY_H

#include "importer.h"

/* Adds the facts of the old slice (id in the file) to slice, but those that drop (may be NULL) says
 * are replaced. */
int cost__carry(struct cost__importer *imp, int64_t old_slice, struct cost__slice *slice,
                bool (*drop)(void *ctx, uint32_t project, int32_t day), void *ctx,
                struct mcp_error *err);

#endif
