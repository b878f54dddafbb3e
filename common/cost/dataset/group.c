/* The group table: exact sums of all measures per combination of keys, unit and profile of a row. */
#include "group.h"

#include <mcp/date.h>

#include <stdlib.h>

#define FIRST_CELLS 128
#define FIRST_TABLE 512

/* The columns of the block at hand. */
struct cost_cube_block {
    struct cost_cell_key base; /* of the constant columns */
    size_t n_vary;
    struct {
        const uint32_t *ids;
        const struct cost_cube_key *key;
    } vary[COST_MAX_CUBE_KEYS + 1];
    struct cost_ids flags, charge, days, seconds, lengths;
    bool facts;
    int32_t later_than; /* rows of earlier days come from a later bill; INT32_MIN: none do */
    struct cost_column metric[COST_N_METRICS], quantity;
    struct cost_column rows, unknown[COST_N_METRICS], lacking[COST_N_METRICS];
    bool any_unknown;
    size_t slice_index;
};

static unsigned width_of(uint32_t n_ids)
{
    return 32 - (unsigned)__builtin_clz(n_ids | 1);
}

/* Gives each key its place in two words. */
static int lay_out(struct cost_cube *cube, struct mcp_error *err)
{
    unsigned used[2] = { 0, 0 };

    for (size_t i = 0; i < cube->n_keys + 2; i++) {
        struct cost_cube_key *k = &cube->keys[i];
        unsigned width = width_of(k->n_ids);

        k->word = used[0] + width <= 64 ? 0 : 1;
        if (used[k->word] + width > 64)
            return mcp_error_set(err, MCP_ETOOBIG,
                                 "these dimensions have too many values to be "
                                 "grouped together; use fewer of them");
        k->shift = used[k->word];
        used[k->word] += width;
        if (i < cube->n_keys)
            cube->group_mask.w[k->word] |= ((UINT64_C(1) << width) - 1) << k->shift;
    }
    return 0;
}

int cost__cube_init(struct cost_cube *cube, struct cost_snapshot *snap, struct mcp_arena *arena,
                    const struct cost_cube_key *keys, size_t n, const struct cost_frame *frame,
                    struct mcp_error *err)
{
    const struct cost_slice *slices;
    size_t n_slices = cost__snapshot_slices(snap, &slices);
    int rc;

    MCP_BUG_ON(n > COST_MAX_CUBE_KEYS);
    *cube = (struct cost_cube){ .n_keys = n, .frame = *frame, .slices = slices };
    for (size_t i = 0; i < n; i++) {
        cube->keys[i] = keys[i];
        if (keys[i].remap == NULL)
            cube->keys[i].n_ids = cost__dict_count(snap, keys[i].col) + 1;
    }
    cube->keys[n] = (struct cost_cube_key){ .col = COST_COL_UNIT,
                                            .n_ids = cost__dict_count(snap, COST_COL_UNIT) + 1 };
    cube->keys[n + 1] = (struct cost_cube_key){ .col = COST_N_COLS,
                                                .n_ids = (UINT32_C(1) << COST_PROFILE_BITS) - 1 };
    rc = lay_out(cube, err);
    if (rc == 0)
        rc = cost__charges_read(&cube->charges, snap, err);
    if (rc < 0)
        return rc;
    cube->block = MCP_ARENA_NEW(arena, struct cost_cube_block);
    cube->maybe_slices = mcp_arena_alloc(arena, n_slices + 1);
    cube->cells = malloc(FIRST_CELLS * sizeof(*cube->cells));
    cube->table = calloc(FIRST_TABLE, sizeof(*cube->table));
    if (cube->cells == NULL || cube->table == NULL) {
        cost__cube_release(cube);
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the groups");
    }
    cube->cells_size = FIRST_CELLS;
    cube->table_size = FIRST_TABLE;
    return 0;
}

void cost__cube_release(struct cost_cube *cube)
{
    free(cube->cells);
    free(cube->ext);
    free(cube->table);
    cube->cells = NULL;
    cube->ext = NULL;
    cube->table = NULL;
}

uint32_t cost__cube_cols(const struct cost_cube *cube)
{
    uint32_t cols = COST_COL_BIT(COST_COL_UNIT) | COST_COL_BIT(COST_COL_CHARGE_CATEGORY);

    for (size_t i = 0; i < cube->n_keys; i++)
        cols |= COST_COL_BIT(cube->keys[i].col);
    return cols;
}

static uint32_t remapped(const struct cost_cube_key *key, uint32_t id)
{
    if (key->remap != NULL)
        return id < key->n_remap ? key->remap[id] : 0;
    return id < key->n_ids ? id : 0;
}

/* The i-th column of the keys: into the base when constant, else among the varying ones. */
static int open_key(struct cost_cube *cube, size_t i, struct cost_block *block,
                    struct mcp_error *err)
{
    struct cost_cube_block *b = cube->block;
    struct cost_cube_key *key = &cube->keys[i];
    struct cost_ids ids;
    int rc = cost__block_ids(block, key->col, &ids);

    if (rc < 0)
        return mcp_error_set(err, rc, "a block of the dataset cannot be read");
    if (!ids.present || ids.constant) {
        b->base.w[key->word] |= (uint64_t)remapped(key, ids.value) << key->shift;
        return 0;
    }
    b->vary[b->n_vary].ids = ids.ids;
    b->vary[b->n_vary++].key = key;
    return 0;
}

int cost__cube_open_keys(struct cost_cube *cube, struct cost_block *block, struct mcp_error *err)
{
    cube->block->n_vary = 0;
    cube->block->base = (struct cost_cell_key){ { 0, 0 } };
    for (size_t i = 0; i < cube->n_keys; i++) {
        int rc = open_key(cube, i, block, err);

        if (rc < 0)
            return rc;
    }
    return 0;
}

void cost__cube_row_keys(const struct cost_cube *cube, const uint32_t *rows, size_t n,
                         struct cost_cell_key *out)
{
    const struct cost_cube_block *b = cube->block;

    for (size_t i = 0; i < n; i++)
        out[i] = b->base;
    for (size_t v = 0; v < b->n_vary; v++) {
        const struct cost_cube_key *key = b->vary[v].key;
        const uint32_t *ids = b->vary[v].ids;
        unsigned word = key->word, shift = key->shift;

        if (key->remap == NULL) {
            uint32_t max = key->n_ids - 1;

            for (size_t i = 0; i < n; i++) {
                uint32_t id = ids[rows[i]];

                out[i].w[word] |= (uint64_t)(id <= max ? id : 0) << shift;
            }
        } else {
            for (size_t i = 0; i < n; i++)
                out[i].w[word] |= (uint64_t)remapped(key, ids[rows[i]]) << shift;
        }
    }
}

/* The number columns; in a rollup also the counts. */
static int open_numbers(struct cost_cube_block *b, struct cost_block *block)
{
    int rc = cost__column_open(block, COST_NUM_QUANTITY, &b->quantity);

    b->any_unknown = false;
    for (int m = 0; rc == 0 && m < COST_N_METRICS; m++) {
        rc = cost__column_open(block, (enum cost_num)(COST_NUM_BILLED + m), &b->metric[m]);
        if (rc == 0 && b->facts) {
            b->any_unknown |= b->metric[m].nums.nulls != NULL;
            continue;
        }
        if (rc == 0)
            rc = cost__column_open(block, (enum cost_num)(COST_NUM_UNKNOWN_BILLED + m),
                                   &b->unknown[m]);
        b->lacking[m].zero = true;
        if (rc == 0 && m > 0)
            rc = cost__column_open(block, (enum cost_num)(COST_NUM_LACKING_EFFECTIVE + m - 1),
                                   &b->lacking[m]);
        b->any_unknown |= !b->unknown[m].zero;
    }
    if (rc == 0 && !b->facts)
        rc = cost__column_open(block, COST_NUM_ROWS, &b->rows);
    return rc;
}

static int cube_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                      struct cost_block *block, struct mcp_error *err)
{
    struct cost_cube *cube = ctx;
    struct cost_cube_block *b = cube->block;
    int rc = cost__cube_open_keys(cube, block, err);

    if (rc == 0)
        rc = open_key(cube, cube->n_keys, block, err);
    if (rc < 0)
        return rc;
    b->facts = kind == COST_FACTS;
    b->later_than = cube->frame.basis == COST_USAGE && slice->day_min < slice->period_start
                        ? slice->period_start
                        : INT32_MIN;
    b->slice_index = (size_t)(slice - cube->slices);
    rc = open_numbers(b, block);
    if (rc == 0)
        rc = cost__block_flags(block, &b->flags);
    if (rc == 0)
        rc = cost__block_ids(block, COST_COL_CHARGE_CATEGORY, &b->charge);
    if (rc == 0)
        rc = cost__block_days(block, &b->days);
    if (rc == 0 && b->facts)
        rc = cost__block_seconds(block, &b->seconds);
    if (rc == 0 && b->facts)
        rc = cost__block_lengths(block, &b->lengths);
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

#define MAY_SPAN (COST_ROW_SPAN | COST_ROW_CROSSES_DAY | COST_ROW_CROSSES_MONTH)

/* The bits that say whether a row spans. */
static uint32_t span_bits(struct cost_cube *cube, uint32_t flags, uint32_t row)
{
    const struct cost_cube_block *b = cube->block;
    int32_t day = (int32_t)cost__ids_at(&b->days, row);
    int spans = cost__frame_spans(&cube->frame, flags, day);

    if (spans >= 0)
        return spans > 0 ? COST_PROFILE_SPANNING : 0;
    if (b->facts)
        return cost__frame_spans_exactly(&cube->frame, day, cost__ids_at(&b->seconds, row),
                                         cost__ids_at(&b->lengths, row))
                   ? COST_PROFILE_SPANNING
                   : 0;
    cube->maybe = true;
    cube->maybe_slices[b->slice_index] = true;
    return COST_PROFILE_MAYBE;
}

/* Adds unit and profile to the keys of the rows. */
static void add_profiles(struct cost_cube *cube, const uint32_t *rows, size_t n,
                         struct cost_cell_key *keys)
{
    const struct cost_cube_block *b = cube->block;
    const struct cost_cube_key *k = &cube->keys[cube->n_keys + 1];

    for (size_t i = 0; i < n; i++) {
        uint32_t flags = cost__ids_at(&b->flags, rows[i]);
        uint32_t charge = cost__ids_at(&b->charge, rows[i]);
        uint32_t profile =
            (flags & 0x7ff & ~(uint32_t)(COST_ROW_CROSSES_DAY | COST_ROW_CROSSES_MONTH)) |
            (uint32_t)cost__charges_at(&cube->charges, charge) << COST_PROFILE_CHARGE_SHIFT;

        if (b->later_than != INT32_MIN && (int32_t)cost__ids_at(&b->days, rows[i]) < b->later_than)
            profile |= COST_PROFILE_LATER;
        if (flags & MAY_SPAN)
            profile |= span_bits(cube, flags, rows[i]);
        keys[i].w[k->word] |= (uint64_t)profile << k->shift;
    }
}

static int grow_table(struct cost_cube *cube)
{
    size_t size = cube->table_size * 2;
    uint32_t *table = calloc(size, sizeof(*table));

    if (table == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < cube->n_cells; i++) {
        size_t at = cost__key_hash(&cube->cells[i].key) & (size - 1);

        while (table[at] != 0)
            at = (at + 1) & (size - 1);
        table[at] = (uint32_t)i + 1;
    }
    free(cube->table);
    cube->table = table;
    cube->table_size = size;
    return 0;
}

static int new_cell(struct cost_cube *cube, const struct cost_cell_key *key, uint32_t *index)
{
    if (cube->n_cells == COST_MAX_CELLS)
        return MCP_ETOOBIG;
    if (cube->n_cells == cube->cells_size) {
        size_t size = cube->cells_size * 2;
        struct cost_cell *cells = realloc(cube->cells, size * sizeof(*cells));

        if (cells == NULL)
            return MCP_ENOMEM;
        cube->cells = cells;
        cube->cells_size = size;
    }
    *index = (uint32_t)cube->n_cells;
    cube->cells[cube->n_cells++] = (struct cost_cell){ .key = *key };
    return 0;
}

/* The cell of a key, made when it is missing. */
static int find_cell(struct cost_cube *cube, const struct cost_cell_key *key, uint32_t *index)
{
    size_t at;

    if ((cube->n_cells + 1) * 2 > cube->table_size && grow_table(cube) < 0)
        return MCP_ENOMEM;
    at = cost__key_hash(key) & (cube->table_size - 1);
    while (cube->table[at] != 0) {
        const struct cost_cell *cell = &cube->cells[cube->table[at] - 1];

        if (cell->key.w[0] == key->w[0] && cell->key.w[1] == key->w[1]) {
            *index = cube->table[at] - 1;
            return 0;
        }
        at = (at + 1) & (cube->table_size - 1);
    }
    if (new_cell(cube, key, index) < 0)
        return cube->n_cells == COST_MAX_CELLS ? MCP_ETOOBIG : MCP_ENOMEM;
    cube->table[at] = *index + 1;
    return 0;
}

static struct cost_cell_ext *ext_of(struct cost_cube *cube, uint32_t cell)
{
    struct cost_cell *c = &cube->cells[cell];

    if (c->ext == 0) {
        if (cube->n_ext == cube->ext_size) {
            size_t size = cube->ext_size == 0 ? FIRST_CELLS : cube->ext_size * 2;
            struct cost_cell_ext *ext = realloc(cube->ext, size * sizeof(*ext));

            if (ext == NULL)
                return NULL;
            cube->ext = ext;
            cube->ext_size = size;
        }
        cube->ext[cube->n_ext++] = (struct cost_cell_ext){ 0 };
        c->ext = (uint32_t)cube->n_ext;
    }
    return &cube->ext[c->ext - 1];
}

/* Facts: the nulls are in the columns themselves. */
static int add_unknown_facts(struct cost_cube *cube, const uint32_t *rows, size_t n,
                             const uint32_t *cells, int m)
{
    const struct cost_cube_block *b = cube->block;

    for (size_t i = 0; i < n; i++) {
        struct cost_cell_ext *ext;
        __int128 billed = 0;

        if (!cost__column_null(&b->metric[m], rows[i]))
            continue;
        ext = ext_of(cube, cells[i]);
        if (ext == NULL)
            return MCP_ENOMEM;
        ext->unknown[m]++;
        if (!cost__column_null(&b->metric[COST_BILLED], rows[i]) &&
            cost__column_at(&b->metric[COST_BILLED], rows[i], &billed))
            return MCP_ERANGE;
        if (__builtin_add_overflow(ext->lacking[m], billed, &ext->lacking[m]))
            return MCP_ERANGE;
    }
    return 0;
}

/* A rollup: they were counted when it was made. */
static int add_unknown_rollup(struct cost_cube *cube, const uint32_t *rows, size_t n,
                              const uint32_t *cells, int m)
{
    const struct cost_cube_block *b = cube->block;

    for (size_t i = 0; i < n; i++) {
        struct cost_cell_ext *ext;
        __int128 count, lacking;

        if (cost__column_at(&b->unknown[m], rows[i], &count) ||
            cost__column_at(&b->lacking[m], rows[i], &lacking))
            return MCP_ERANGE;
        if (count == 0)
            continue;
        ext = ext_of(cube, cells[i]);
        if (ext == NULL)
            return MCP_ENOMEM;
        ext->unknown[m] += (uint64_t)(count / COST_UNIT);
        if (__builtin_add_overflow(ext->lacking[m], lacking, &ext->lacking[m]))
            return MCP_ERANGE;
    }
    return 0;
}

/* One metric's sums; what is null adds nothing. */
static int add_metric(struct cost_cube *cube, const uint32_t *rows, size_t n, const uint32_t *cells,
                      int m)
{
    const struct cost_column *c = &cube->block->metric[m];
    bool overflow = false;

    if (c->zero)
        return 0;
    if (c->nums.v64 != NULL && c->nums.nulls == NULL) {
        for (size_t i = 0; i < n; i++) {
            __int128 *sum = &cube->cells[cells[i]].sum[m];

            overflow |=
                __builtin_add_overflow(*sum, (__int128)c->nums.v64[rows[i]] * c->scale, sum);
        }
        return overflow ? MCP_ERANGE : 0;
    }
    for (size_t i = 0; i < n; i++) {
        __int128 *sum = &cube->cells[cells[i]].sum[m], v;

        if (cube->block->facts && cost__column_null(c, rows[i]))
            continue;
        overflow |= cost__column_at(c, rows[i], &v);
        overflow |= __builtin_add_overflow(*sum, v, sum);
    }
    return overflow ? MCP_ERANGE : 0;
}

static int add_rows_and_quantity(struct cost_cube *cube, const uint32_t *rows, size_t n,
                                 const uint32_t *cells)
{
    const struct cost_cube_block *b = cube->block;
    bool overflow = false;

    if (b->facts) {
        for (size_t i = 0; i < n; i++)
            cube->cells[cells[i]].rows++;
    } else {
        for (size_t i = 0; i < n; i++) {
            __int128 count;

            overflow |= cost__column_at(&b->rows, rows[i], &count);
            cube->cells[cells[i]].rows += (uint64_t)((unsigned __int128)count / COST_UNIT);
        }
    }
    if (b->quantity.zero)
        return overflow ? MCP_ERANGE : 0;
    for (size_t i = 0; i < n; i++) {
        __int128 *sum = &cube->cells[cells[i]].quantity, v;

        if (cost__column_null(&b->quantity, rows[i]))
            continue;
        overflow |= cost__column_at(&b->quantity, rows[i], &v);
        overflow |= __builtin_add_overflow(*sum, v, sum);
    }
    return overflow ? MCP_ERANGE : 0;
}

static int add_numbers(struct cost_cube *cube, const uint32_t *rows, size_t n,
                       const uint32_t *cells)
{
    const struct cost_cube_block *b = cube->block;
    int rc = add_rows_and_quantity(cube, rows, n, cells);

    for (int m = 0; rc == 0 && m < COST_N_METRICS; m++) {
        rc = add_metric(cube, rows, n, cells, m);
        if (rc < 0 || !b->any_unknown)
            continue;
        if (b->facts && b->metric[m].nums.nulls != NULL)
            rc = add_unknown_facts(cube, rows, n, cells, m);
        else if (!b->facts && !b->unknown[m].zero)
            rc = add_unknown_rollup(cube, rows, n, cells, m);
    }
    return rc;
}

static int cube_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct cost_cube *cube = ctx;
    struct cost_cell_key keys[COST_SCAN_BATCH];
    uint32_t cells[COST_SCAN_BATCH];
    int rc = 0;

    cost__cube_row_keys(cube, rows, n, keys);
    add_profiles(cube, rows, n, keys);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && keys[i].w[0] == keys[i - 1].w[0] && keys[i].w[1] == keys[i - 1].w[1]) {
            cells[i] = cells[i - 1];
            continue;
        }
        rc = find_cell(cube, &keys[i], &cells[i]);
        if (rc == MCP_ETOOBIG) {
            mcp_error_set(err, rc, "more than %d groups; that is too many to rank", COST_MAX_CELLS);
            return mcp_error_next(err,
                                  "Group by fewer dimensions, or filter or shorten the range.");
        }
        if (rc < 0)
            return mcp_error_set(err, rc, "no memory for the groups");
    }
    rc = add_numbers(cube, rows, n, cells);
    if (rc == MCP_ERANGE)
        return mcp_error_set(err, rc, "a sum is beyond what an exact amount can hold (1.7e20)");
    return rc < 0 ? mcp_error_set(err, rc, "no memory for the groups") : 0;
}

int cost__cube_scan(struct cost_cube *cube, const struct cost_scan *scan, struct mcp_error *err)
{
    struct cost_scan_sink sink = { .block = cube_block, .rows = cube_rows, .ctx = cube };

    return cost__scan_run(scan, &sink, err);
}
