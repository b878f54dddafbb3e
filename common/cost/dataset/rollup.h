/* Rollups: the rows of a slice added up over the columns that a question rarely needs. */
#ifndef COST_DATASET_ROLLUP_H
#define COST_DATASET_ROLLUP_H

#include "block_encode.h"
#include "fact.h"

/* The columns of a rollup's kind besides day and flags, ended by COST_N_COLS; for COST_FACTS every
 * column. */
const enum cost_col *cost__rollup_columns(enum cost_block_kind kind);
bool cost__rollup_has(enum cost_block_kind kind, enum cost_col col);

/* The combinations of the columns that all kinds share, numbered: one per import. */
struct cost__combos;
struct cost__combos *cost__combos_new(void);
void cost__combos_free(struct cost__combos *combos);

/* The rollups of one slice while it is read. NULL when memory is out. */
struct cost__rollups;
struct cost__rollups *cost__rollups_new(void);
void cost__rollups_free(struct cost__rollups *rollups);
/* Adds a row to each kind. MCP_ERANGE when a sum overflows, MCP_ENOMEM. */
int cost__rollups_add(struct cost__rollups *rollups, struct cost__combos *combos,
                      const struct cost__fact *fact);
/* Whether the kind is worth keeping for a slice of so many rows: at most a quarter of them. */
bool cost__rollups_worth(const struct cost__rollups *rollups, enum cost_block_kind kind,
                         uint64_t rows);
/* Encodes the kind block by block; write gets each with its days and rows. */
int cost__rollups_write(const struct cost__rollups *rollups, enum cost_block_kind kind,
                        const struct cost__combos *combos, struct cost_block_encoder *enc,
                        int (*write)(void *ctx, enum cost_block_kind kind, mcp_str blob,
                                     int32_t day_min, int32_t day_max, uint32_t rows),
                        void *ctx);

#endif
