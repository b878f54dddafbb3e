/* Encoding of column blocks from rows that were gathered column by column. */
#ifndef COST_DATASET_BLOCK_ENCODE_H
#define COST_DATASET_BLOCK_ENCODE_H

#include "block.h"

#include <mcp/buf.h>

struct cost_block_encoder;

/* As calloc, with every page in memory at once: what an import takes must not depend on how many
 * rows come. */
void *cost__touched(size_t n, size_t size) __attribute__((malloc));

/* NULL when memory is out. One encoder makes any number of blocks, one after the other. */
struct cost_block_encoder *cost__block_encoder_new(void);
void cost__block_encoder_free(struct cost_block_encoder *enc);

/* Starts a block of 1..COST_BLOCK_ROWS rows. Columns must then be put in the order ids, numbers,
 * specials, each ascending. */
void cost__block_begin(struct cost_block_encoder *enc, enum cost_block_kind kind, uint32_t rows);
void cost__block_put_ids(struct cost_block_encoder *enc, enum cost_col col, const uint32_t *ids);
/* decimals: digits behind the point that any of the values has at most (0..18). nulls: a bitmap, or
 * NULL; the value of a null must be 0. */
void cost__block_put_nums(struct cost_block_encoder *enc, enum cost_num num,
                          const struct cost_money *values, int decimals, const uint8_t *nulls);
void cost__block_put_days(struct cost_block_encoder *enc, const uint32_t *days);
void cost__block_put_flags(struct cost_block_encoder *enc, const uint32_t *flags);
void cost__block_put_seconds(struct cost_block_encoder *enc, const uint32_t *seconds);
void cost__block_put_lengths(struct cost_block_encoder *enc, const uint32_t *lengths);
/* The finished bytes, valid until the next begin. MCP_ENOMEM when anything failed. */
int cost__block_end(struct cost_block_encoder *enc, mcp_str *blob);

#endif
