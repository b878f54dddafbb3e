/* The bytes of a block, shared by the encoder and the decoder: header, directory, payloads. */
#ifndef COST_DATASET_BLOCK_FORMAT_H
#define COST_DATASET_BLOCK_FORMAT_H

#include "block.h"

/* Little-endian. Header: 'C' 'B' version kind, u32 rows, u32 number of columns, u32 total length,
 * u64 XXH3 of the 16 bytes before it and of the directory. Then the directory, 16 bytes a column,
 * in ascending order of (group, index): u8 group, u8 index, u8 encoding, u8 bits, u8 shift,
 * u8 nulls, u16 0, u32 offset, u32 length. Then the payloads. */
#define BLOCK_VERSION 1
#define BLOCK_HEAD 24
#define BLOCK_ENTRY 16
#define BLOCK_MAX_COLUMNS (COST_N_COLS + COST_N_NUMS + BLOCK_N_SPECIAL)

enum block_group { BLOCK_IDS, BLOCK_NUMS, BLOCK_SPECIAL };
enum block_special {
    BLOCK_DAYS,
    BLOCK_FLAGS,
    BLOCK_SECONDS,
    BLOCK_LENGTHS,
    BLOCK_N_SPECIAL,
};

/* Ids: CONST u32; OFFSET u32 base, then packed differences; PALETTE u32 n, n ids, packed indexes.
 * Numbers: CONST 16 bytes; OFFSET 8 bytes base, then packed differences (the sums fit 64 bits);
 * WIDE 16 bytes a row. A number column with nulls starts with the bitmap. Packed: `bits` (1, 2, 4,
 * 8, 16, 32, for numbers 8 to 64) bits a row, the first row in the lowest bits. */
enum block_encoding { BLOCK_CONST, BLOCK_OFFSET, BLOCK_PALETTE, BLOCK_WIDE };

#endif
