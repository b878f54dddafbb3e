/* Changing a dataset file as a whole: lock, copy, sync, rename. */
#ifndef COST_DATASET_SWAP_H
#define COST_DATASET_SWAP_H

#include <mcp/error.h>

struct cost__swap {
    char *path, *lock_path, *new_path, *folder; /* owned */
    int lock_fd; /* -1: not held */
    bool made; /* new_path exists and is ours */
};

/* Takes FILE.lock without waiting: MCP_EBUSY ("import_running") when another import has it. Removes
 * a FILE.new that a killed import left. Missing folders of the path are made (0700). */
int cost__swap_begin(struct cost__swap *swap, mcp_str path, struct mcp_error *err);
/* FILE.new as a copy of FILE (empty when there is none). */
int cost__swap_copy(struct cost__swap *swap, struct mcp_error *err);
/* Syncs FILE.new, renames it over FILE, syncs the folder. */
int cost__swap_commit(struct cost__swap *swap, struct mcp_error *err);
/* Removes FILE.new unless it was committed, lets the lock go. */
void cost__swap_end(struct cost__swap *swap);

#endif
