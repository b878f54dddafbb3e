/* The group table: exact sums of all measures per combination of keys, unit and profile of a row. */
#ifndef COST_DATASET_GROUP_H
#define COST_DATASET_GROUP_H

#include "row_view.h"

#define COST_MAX_CUBE_KEYS (COST_MAX_KEYS + 2) /* the query's, the provider, the currency */
#define COST_MAX_CELLS 1500000

/* The profile of a row: what decides in which totals it counts, 15 bits of a cell's key. It is the
 * row's flags with the two bits that say where it ends replaced by whether it spans. */
#define COST_PROFILE_SPANNING (UINT32_C(1) << 6)
#define COST_PROFILE_MAYBE (UINT32_C(1) << 7) /* the rollup cannot tell whether it spans */
#define COST_PROFILE_LATER (UINT32_C(1) << 11) /* of a day before its billing period */
#define COST_PROFILE_CHARGE_SHIFT 12 /* enum cost_charge in three bits */
#define COST_PROFILE_BITS 15

struct cost_cube_key {
    enum cost_col col;
    const uint32_t *remap; /* ids to group by instead, or NULL; borrowed */
    uint32_t n_remap;
    uint32_t n_ids; /* ids after remapping are below */
    /* where it stands in a cell's key */
    unsigned word, shift;
};

struct cost_cell_key {
    uint64_t w[2];
};

/* Sums of the rows of one key, unit and profile. */
struct cost_cell {
    struct cost_cell_key key;
    __int128 sum[COST_N_METRICS];
    __int128 quantity;
    uint64_t rows;
    uint32_t ext; /* 1 + index into ext, 0: no metric is unknown in any row */
};
struct cost_cell_ext {
    uint64_t unknown[COST_N_METRICS];
    __int128 lacking[COST_N_METRICS]; /* billed sum of the rows whose metric is unknown */
};

/* How rows fall into spans and buckets; shared with the series. */
struct cost_frame {
    enum cost_basis basis;
    enum cost_granularity granularity;
    struct cost_range range;
};

struct cost_cube {
    struct cost_cube_key keys[COST_MAX_CUBE_KEYS + 2]; /* + unit, profile */
    size_t n_keys; /* without unit and profile */
    struct cost_cell_key group_mask; /* the bits of the keys proper */
    struct cost_frame frame;
    struct cost_charges charges;
    struct cost_cell *cells; /* owned, heap */
    size_t n_cells, cells_size;
    struct cost_cell_ext *ext; /* owned, heap */
    size_t n_ext, ext_size;
    uint32_t *table; /* owned, heap: 1 + index of a cell; size is a power of two */
    size_t table_size;
    bool maybe; /* a rollup left open whether some row spans */
    bool *maybe_slices; /* in arena, by index of the slices: where */
    const struct cost_slice *slices; /* borrowed from the snapshot */
    struct cost_cube_block *block; /* in arena: the columns of the block at hand */
};

/* keys: n of them, col and remap filled. MCP_ETOOBIG when their ids do not fit a cell's key. */
int cost__cube_init(struct cost_cube *cube, struct cost_snapshot *snap, struct mcp_arena *arena,
                    const struct cost_cube_key *keys, size_t n, const struct cost_frame *frame,
                    struct mcp_error *err);
void cost__cube_release(struct cost_cube *cube);
/* The columns the cube reads. */
uint32_t cost__cube_cols(const struct cost_cube *cube);
/* Adds the rows that pass. MCP_ERANGE when a sum overflows, MCP_ETOOBIG past COST_MAX_CELLS. */
int cost__cube_scan(struct cost_cube *cube, const struct cost_scan *scan, struct mcp_error *err);

static inline uint32_t cost__cube_id(const struct cost_cube *cube, const struct cost_cell_key *key,
                                     size_t i)
{
    const struct cost_cube_key *k = &cube->keys[i];
    uint64_t bits = key->w[k->word] >> k->shift;
    unsigned width = 32 - (unsigned)__builtin_clz(k->n_ids | 1);

    return (uint32_t)(bits & ((UINT64_C(1) << width) - 1));
}
static inline uint32_t cost__cube_unit(const struct cost_cube *cube,
                                       const struct cost_cell_key *key)
{
    return cost__cube_id(cube, key, cube->n_keys);
}
static inline uint32_t cost__cube_profile(const struct cost_cube *cube,
                                          const struct cost_cell_key *key)
{
    return cost__cube_id(cube, key, cube->n_keys + 1);
}
static inline struct cost_cell_key cost__cube_group(const struct cost_cube *cube,
                                                    const struct cost_cell_key *key)
{
    return (struct cost_cell_key){ { key->w[0] & cube->group_mask.w[0],
                                     key->w[1] & cube->group_mask.w[1] } };
}
static inline enum cost_charge cost__profile_charge(uint32_t profile)
{
    return (enum cost_charge)(profile >> COST_PROFILE_CHARGE_SHIFT & 7);
}
static inline enum cost_class cost__profile_class(uint32_t profile)
{
    return (enum cost_class)((profile & COST_ROW_CLASS) >> COST_ROW_CLASS_SHIFT);
}
static inline uint64_t cost__key_hash(const struct cost_cell_key *key)
{
    uint64_t h =
        (key->w[0] ^ (key->w[1] * UINT64_C(0x9e3779b97f4a7c15))) * UINT64_C(0xff51afd7ed558ccd);

    return h ^ h >> 32;
}

/* Fills the keys proper of n rows of the block a scan is at: for sinks that group like the cube. */
int cost__cube_open_keys(struct cost_cube *cube, struct cost_block *block, struct mcp_error *err);
void cost__cube_row_keys(const struct cost_cube *cube, const uint32_t *rows, size_t n,
                         struct cost_cell_key *out);

/* Whether a row of these flags is longer than any bucket of the granularity; a month's takes rows of
 * up to 31 days, whichever month it is. */
bool cost__span_exceeds(enum cost_granularity granularity, uint32_t flags);
/* Whether a row of these flags on this day is longer than its bucket or ends after the range:
 * 1 yes, 0 no, -1 only its exact length can tell. */
int cost__frame_spans(const struct cost_frame *frame, uint32_t flags, int32_t day);
/* The same, of its exact start (seconds of the day) and length. */
bool cost__frame_spans_exactly(const struct cost_frame *frame, int32_t day, uint32_t second,
                               uint32_t length);

#endif
