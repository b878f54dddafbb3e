/* Column blocks: up to 65,536 rows of one slice (facts or a rollup), encoded into one BLOB. */
#ifndef COST_DATASET_BLOCK_H
#define COST_DATASET_BLOCK_H

#include <cost/row.h>
#include <mcp/arena.h>

#define COST_BLOCK_ROWS 65536

/* Facts, or a rollup: rows aggregated over all columns that the rollup has not. A rollup of a slice
 * is kept only where it has at most a quarter of the rows it stands for. Each rollup has day, flags
 * and the columns of its row in rollup.c's table. */
enum cost_block_kind {
    COST_FACTS,
    COST_ROLLUP_SERVICE, /* provider, service, category, subcategory, charge *, currency, unit ... */
    COST_ROLLUP_ACCOUNT, /* + project, service */
    COST_ROLLUP_REGION, /* + region, service */
    COST_N_BLOCK_KINDS,
};

/* One decoded column of text ids: constant, or one id a row. */
struct cost_ids {
    bool present; /* false: the block has no such column (a rollup) */
    bool constant;
    uint32_t value; /* constant */
    const uint32_t *ids; /* else; borrowed from the block */
};

/* One decoded column of numbers: value = v * 10^shift in units of 1e-18. Exactly one of v64, v128
 * is set unless constant; nulls goes with each of the three, a null's own value is 0. */
struct cost_nums {
    bool present;
    bool constant;
    int shift;
    __int128 value; /* constant, with shift */
    const int64_t *v64;
    const __int128 *v128;
    const uint8_t *nulls; /* bitmap, bit i of byte i/8; NULL: none is null */
};

struct cost_block; /* a decoded view; columns are decoded on demand and kept until release */

/* blob is borrowed and must outlive the block. MCP_EDATA for bytes that are no block. Every length
 * in it is checked: a hostile file gives an error, never a read outside. */
int cost__block_open(const void *blob, size_t len, struct cost_block **block,
                     struct mcp_error *err);
void cost__block_free(struct cost_block *block);
uint32_t cost__block_rows(const struct cost_block *block);
/* The largest id that the column's dictionary has: decoding a larger one is MCP_EDATA. To be called
 * before the block is shared. */
void cost__block_limit(struct cost_block *block, enum cost_col col, uint32_t max_id);
/* What the block and its decoded columns take, without the blob. */
size_t cost__block_bytes(const struct cost_block *block);
/* The column accessors: 0, MCP_EDATA for damaged bytes, MCP_ENOMEM. A column is decoded at its
 * first use and kept; any number of threads. */
int cost__block_ids(struct cost_block *block, enum cost_col col, struct cost_ids *out);
int cost__block_nums(struct cost_block *block, enum cost_num num, struct cost_nums *out);
/* Day of the charge's start; one a row, or constant. */
int cost__block_days(struct cost_block *block, struct cost_ids *out); /* value: day as uint32_t */
int cost__block_flags(struct cost_block *block, struct cost_ids *out); /* enum cost_row_flags */
/* Facts only: second of the day of the start, and length of the charge period in seconds. */
int cost__block_seconds(struct cost_block *block, struct cost_ids *out);
int cost__block_lengths(struct cost_block *block, struct cost_ids *out);

#endif
