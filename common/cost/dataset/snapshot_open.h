/* Opening and freeing a snapshot: for the dataset that watches the file. */
#ifndef COST_DATASET_SNAPSHOT_OPEN_H
#define COST_DATASET_SNAPSHOT_OPEN_H

#include "snapshot.h"

/* Takes fd over in every case. The snapshot has one user. grace: borrowed for the call. */
int cost__snapshot_open(int fd, mcp_str path, const struct cost_grace *grace,
                        struct cost_snapshot **snap, struct mcp_error *err);
/* A slice's `closed` (1, 0, -1 for null) by contract.md section 4. status: the same as the export
 * itself says it, -1 where it does not. */
int cost__snapshot_closed(const struct cost_slice *slice, int status,
                          const struct cost_grace *grace);
void cost__snapshot_free(struct cost_snapshot *snap);

#endif
