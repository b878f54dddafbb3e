/* Rows that wait for their block: a bounded pool of columnar chunks shared by all slices. */
#ifndef COST_DATASET_STAGE_H
#define COST_DATASET_STAGE_H

#include "block_encode.h"
#include "fact.h"

#define STAGE_CHUNK_ROWS 256
#define STAGE_CHUNKS 384 /* 98,304 rows, 22 MB: room for a whole block and what comes meanwhile */

struct stage_chunk;

struct cost__stage {
    struct stage_chunk *chunks; /* owned: STAGE_CHUNKS of them */
    struct stage_chunk *free;
    struct cost_block_encoder *enc; /* owned */
    uint32_t *ids; /* owned: one gathered column */
    struct cost_money *nums; /* owned */
    uint8_t *nulls; /* owned */
};

/* The rows of one slice that wait; all zero is empty. */
struct cost__stage_rows {
    struct stage_chunk *first, *last; /* borrowed from the pool */
    uint32_t n;
    int32_t day_min, day_max;
    uint8_t nulls; /* numbers that are null somewhere */
    uint8_t decimals[COST_N_ROW_NUMS];
};

int cost__stage_init(struct cost__stage *stage);
void cost__stage_release(struct cost__stage *stage);
/* False: the pool is empty and some slice must be flushed first. rows->n stays below
 * COST_BLOCK_ROWS when the caller flushes at that number. */
bool cost__stage_put(struct cost__stage *stage, struct cost__stage_rows *rows,
                     const struct cost__fact *fact);
/* The waiting rows as an encoded block of facts, valid until the next call; rows is empty then. */
int cost__stage_flush(struct cost__stage *stage, struct cost__stage_rows *rows, mcp_str *blob);

#endif
