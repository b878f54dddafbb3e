/* Exact sums over a block's number columns. */
#ifndef COST_DATASET_NUMBERS_H
#define COST_DATASET_NUMBERS_H

#include "block.h"

#define COST_UNIT (((__int128)1000000000) * 1000000000) /* 1 in units of 1e-18 */

/* 10^shift for a column's shift, 0..18. */
static inline int64_t cost__pow10(int shift)
{
    int64_t p = 1;

    while (shift-- > 0)
        p *= 10;
    return p;
}

/* A number column with its scale worked out once. */
struct cost_column {
    struct cost_nums nums;
    int64_t scale;
    bool zero; /* absent, or 0 in every row */
};

/* 0 or the block's error; MCP_EDATA for a shift that cannot be. */
static inline int cost__column_open(struct cost_block *block, enum cost_num num,
                                    struct cost_column *out)
{
    int rc = cost__block_nums(block, num, &out->nums);

    if (rc < 0)
        return rc;
    if (out->nums.shift < 0 || out->nums.shift > COST_MONEY_SCALE)
        return MCP_EDATA;
    out->scale = cost__pow10(out->nums.shift);
    out->zero = !out->nums.present || (out->nums.constant && out->nums.value == 0);
    return 0;
}

static inline bool cost__column_null(const struct cost_column *c, uint32_t row)
{
    return c->nums.nulls != NULL && (c->nums.nulls[row >> 3] >> (row & 7) & 1) != 0;
}

/* The value of a row in units of 1e-18; true when it does not fit. A null reads as stored. */
static inline bool cost__column_at(const struct cost_column *c, uint32_t row, __int128 *out)
{
    if (c->zero) {
        *out = 0;
        return false;
    }
    if (c->nums.v64 != NULL) {
        *out = (__int128)c->nums.v64[row] * c->scale; /* 63 bits times 60 bits fit */
        return false;
    }
    return __builtin_mul_overflow(c->nums.constant ? c->nums.value : c->nums.v128[row],
                                  (__int128)c->scale, out);
}

#endif
