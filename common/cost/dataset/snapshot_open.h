/* Opening and freeing a snapshot: for the dataset that watches the file. */
#ifndef COST_DATASET_SNAPSHOT_OPEN_H
#define COST_DATASET_SNAPSHOT_OPEN_H

#include "snapshot.h"

/* Takes fd over in every case. The snapshot has one user. */
int cost__snapshot_open(int fd, mcp_str path, struct cost_snapshot **snap, struct mcp_error *err);
void cost__snapshot_free(struct cost_snapshot *snap);

#endif
