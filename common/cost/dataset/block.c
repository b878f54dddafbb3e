/* Decoding of column blocks: every length is checked once, columns are unpacked at first use. */
#include "block_format.h"

#include <mcp/error.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

struct column {
    const uint8_t *payload; /* borrowed from the blob; NULL: the block has no such column */
    uint32_t length;
    uint8_t encoding, bits, shift, has_nulls;
    /* What threads that share the block touch: written once under the block's lock. */
    _Atomic(void *) decoded; /* owned; rows of uint32_t, int64_t or __int128 */
    uint32_t limit; /* ids: the largest allowed */
};

struct cost_block {
    pthread_mutex_t lock; /* decoding */
    uint32_t rows;
    atomic_size_t bytes; /* of decoded columns */
    struct column ids[COST_N_COLS];
    struct column nums[COST_N_NUMS];
    struct column special[BLOCK_N_SPECIAL];
};

static uint32_t get32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t get64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static __int128 get128(const uint8_t *p)
{
    __int128 v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static int bad(struct mcp_error *err, const char *what)
{
    return mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset has a damaged block: %s",
                          what);
}

static bool bits_ok(uint8_t bits, bool number)
{
    if (number)
        return bits == 8 || bits == 16 || bits == 32 || bits == 64;
    return bits == 1 || bits == 2 || bits == 4 || bits == 8 || bits == 16 || bits == 32;
}

static uint64_t packed_bytes(uint32_t rows, uint8_t bits)
{
    return ((uint64_t)rows * bits + 7) / 8;
}

/* The payload's length is exactly what its encoding needs. */
static bool ids_length_ok(const struct column *c, uint32_t rows)
{
    switch (c->encoding) {
    case BLOCK_CONST:
        return c->length == 4;
    case BLOCK_OFFSET:
        return bits_ok(c->bits, false) && c->length == 4 + packed_bytes(rows, c->bits);
    case BLOCK_PALETTE:
        if (!bits_ok(c->bits, false) || c->bits > 16 || c->length < 4)
            return false;
        return get32(c->payload) > 0 && get32(c->payload) <= COST_BLOCK_ROWS &&
               c->length == 4 + (uint64_t)get32(c->payload) * 4 + packed_bytes(rows, c->bits);
    default:
        return false;
    }
}

static bool nums_length_ok(const struct column *c, uint32_t rows)
{
    uint64_t nulls = c->has_nulls ? packed_bytes(rows, 1) : 0;

    if (c->shift > COST_MONEY_SCALE || c->has_nulls > 1)
        return false;
    switch (c->encoding) {
    case BLOCK_CONST:
        return c->length == nulls + 16;
    case BLOCK_OFFSET:
        return bits_ok(c->bits, true) && c->length == nulls + 8 + packed_bytes(rows, c->bits);
    case BLOCK_WIDE:
        return c->length == nulls + (uint64_t)rows * 16;
    default:
        return false;
    }
}

static struct column *column_of(struct cost_block *b, uint8_t group, uint8_t index)
{
    if (group == BLOCK_IDS && index < COST_N_COLS)
        return &b->ids[index];
    if (group == BLOCK_NUMS && index < COST_N_NUMS)
        return &b->nums[index];
    if (group == BLOCK_SPECIAL && index < BLOCK_N_SPECIAL)
        return &b->special[index];
    return NULL;
}

static int open_column(struct cost_block *b, const uint8_t *blob, size_t len, size_t data_from,
                       const uint8_t *entry, struct mcp_error *err)
{
    struct column *c = column_of(b, entry[0], entry[1]);
    uint32_t offset = get32(entry + 8), length = get32(entry + 12);

    if (c == NULL || c->payload != NULL)
        return bad(err, "a column that cannot be");
    if (offset < data_from || offset > len || length > len - offset)
        return bad(err, "a column outside the block");
    c->payload = blob + offset;
    c->length = length;
    c->encoding = entry[2];
    c->bits = entry[3];
    c->shift = entry[4];
    c->has_nulls = entry[5];
    if (entry[0] == BLOCK_NUMS ? !nums_length_ok(c, b->rows) : !ids_length_ok(c, b->rows))
        return bad(err, "a column of the wrong length");
    return 0;
}

int cost__block_open(const void *blob, size_t len, struct cost_block **block, struct mcp_error *err)
{
    const uint8_t *p = blob;
    struct cost_block *b = NULL;
    uint32_t n_columns;
    uint64_t sum;
    XXH3_state_t state;
    int rc;

    if (len < BLOCK_HEAD || p[0] != 'C' || p[1] != 'B')
        return bad(err, "no block");
    if (p[2] != BLOCK_VERSION)
        return bad(err, "a block of another version");
    n_columns = get32(p + 8);
    if (p[3] >= COST_N_BLOCK_KINDS || get32(p + 12) != len || n_columns > BLOCK_MAX_COLUMNS ||
        len < BLOCK_HEAD + (size_t)n_columns * BLOCK_ENTRY || get32(p + 4) > COST_BLOCK_ROWS ||
        get32(p + 4) == 0)
        return bad(err, "lengths that cannot be");
    memcpy(&sum, p + 16, sizeof(sum));
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, p, 16);
    XXH3_64bits_update(&state, p + BLOCK_HEAD, (size_t)n_columns * BLOCK_ENTRY);
    if (XXH3_64bits_digest(&state) != sum)
        return bad(err, "its checksum differs");
    b = calloc(1, sizeof(*b));
    if (b == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    b->rows = get32(p + 4);
    for (size_t i = 0; i < COST_N_COLS; i++)
        b->ids[i].limit = UINT32_MAX;
    for (size_t i = 0; i < BLOCK_N_SPECIAL; i++)
        b->special[i].limit = UINT32_MAX;
    /* A reader indexes tables by the class and takes seconds of a day as they come. */
    b->special[BLOCK_FLAGS].limit = (uint32_t)COST_N_CLASSES << COST_ROW_CLASS_SHIFT;
    b->special[BLOCK_FLAGS].limit -= 1;
    b->special[BLOCK_SECONDS].limit = 86399;
    for (uint32_t i = 0; i < n_columns; i++) {
        rc = open_column(b, p, len, BLOCK_HEAD + (size_t)n_columns * BLOCK_ENTRY,
                         p + BLOCK_HEAD + (size_t)i * BLOCK_ENTRY, err);
        if (rc != 0) {
            free(b);
            return rc;
        }
    }
    pthread_mutex_init(&b->lock, NULL);
    *block = b;
    return 0;
}

void cost__block_free(struct cost_block *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < COST_N_COLS; i++)
        free(atomic_load(&b->ids[i].decoded));
    for (size_t i = 0; i < COST_N_NUMS; i++)
        free(atomic_load(&b->nums[i].decoded));
    for (size_t i = 0; i < BLOCK_N_SPECIAL; i++)
        free(atomic_load(&b->special[i].decoded));
    pthread_mutex_destroy(&b->lock);
    free(b);
}

uint32_t cost__block_rows(const struct cost_block *block)
{
    return block->rows;
}

void cost__block_limit(struct cost_block *block, enum cost_col col, uint32_t max_id)
{
    block->ids[col].limit = max_id;
}

size_t cost__block_bytes(const struct cost_block *block)
{
    return sizeof(*block) + atomic_load_explicit(&block->bytes, memory_order_relaxed);
}

/* One packed value a row into out; base is added. */
static void unpack32(const uint8_t *p, uint8_t bits, uint32_t rows, uint32_t base, uint32_t *out)
{
    switch (bits) {
    case 32:
        for (uint32_t i = 0; i < rows; i++)
            out[i] = base + get32(p + (size_t)i * 4);
        return;
    case 16:
        for (uint32_t i = 0; i < rows; i++)
            out[i] = base + (uint32_t)(p[(size_t)i * 2] | p[(size_t)i * 2 + 1] << 8);
        return;
    case 8:
        for (uint32_t i = 0; i < rows; i++)
            out[i] = base + p[i];
        return;
    default: {
        uint32_t per = 8u / bits, mask = (1u << bits) - 1;

        for (uint32_t i = 0; i < rows; i++)
            out[i] = base + (p[i / per] >> (i % per * bits) & mask);
    }
    }
}

static int decode_ids(const struct cost_block *b, const struct column *c, uint32_t **decoded)
{
    uint32_t *out = malloc((size_t)b->rows * sizeof(*out));
    uint32_t n, max = 0;

    if (out == NULL)
        return MCP_ENOMEM;
    if (c->encoding == BLOCK_OFFSET) {
        unpack32(c->payload + 4, c->bits, b->rows, get32(c->payload), out);
    } else {
        n = get32(c->payload);
        unpack32(c->payload + 4 + (size_t)n * 4, c->bits, b->rows, 0, out);
        for (uint32_t i = 0; i < b->rows; i++) {
            if (out[i] >= n) {
                free(out);
                return MCP_EDATA;
            }
            out[i] = get32(c->payload + 4 + (size_t)out[i] * 4);
        }
    }
    for (uint32_t i = 0; i < b->rows; i++)
        max = out[i] > max ? out[i] : max;
    if (max > c->limit) {
        free(out);
        return MCP_EDATA;
    }
    *decoded = out;
    return 0;
}

static int column_ids(struct cost_block *b, struct column *c, struct cost_ids *out)
{
    uint32_t *decoded;
    int rc = 0;

    *out = (struct cost_ids){ .present = c->payload != NULL };
    if (c->payload == NULL)
        return 0;
    if (c->encoding == BLOCK_CONST) {
        out->constant = true;
        out->value = get32(c->payload);
        return out->value > c->limit ? MCP_EDATA : 0;
    }
    decoded = atomic_load_explicit(&c->decoded, memory_order_acquire);
    if (decoded == NULL) {
        pthread_mutex_lock(&b->lock);
        decoded = atomic_load_explicit(&c->decoded, memory_order_relaxed);
        if (decoded == NULL) {
            rc = decode_ids(b, c, &decoded);
            if (rc == 0) {
                atomic_fetch_add_explicit(&b->bytes, (size_t)b->rows * sizeof(uint32_t),
                                          memory_order_relaxed);
                atomic_store_explicit(&c->decoded, decoded, memory_order_release);
            }
        }
        pthread_mutex_unlock(&b->lock);
    }
    out->ids = decoded;
    return rc;
}

/* value = base + unsigned difference; wraps only in a damaged block, where any number is as good. */
#define UNPACK(type)                                                                               \
    for (uint32_t i = 0; i < rows; i++) {                                                          \
        type d;                                                                                    \
        memcpy(&d, p + (size_t)i * sizeof(d), sizeof(d));                                          \
        out[i] = (int64_t)(base + d);                                                              \
    }

static void unpack64(const uint8_t *p, uint8_t bits, uint32_t rows, uint64_t base, int64_t *out)
{
    if (bits == 8)
        UNPACK(uint8_t)
    else if (bits == 16)
        UNPACK(uint16_t)
    else if (bits == 32)
        UNPACK(uint32_t)
    else
        UNPACK(uint64_t)
}

static void *decode_nums(struct cost_block *b, const struct column *c)
{
    const uint8_t *p = c->payload + (c->has_nulls ? packed_bytes(b->rows, 1) : 0);
    bool narrow = c->encoding == BLOCK_OFFSET;
    size_t bytes = (size_t)b->rows * (narrow ? sizeof(int64_t) : sizeof(__int128));
    void *out = malloc(bytes);

    if (out == NULL)
        return NULL;
    if (narrow)
        unpack64(p + 8, c->bits, b->rows, get64(p), out);
    else
        memcpy(out, p, bytes);
    atomic_fetch_add_explicit(&b->bytes, bytes, memory_order_relaxed);
    return out;
}

int cost__block_ids(struct cost_block *block, enum cost_col col, struct cost_ids *out)
{
    return column_ids(block, &block->ids[col], out);
}

int cost__block_nums(struct cost_block *b, enum cost_num num, struct cost_nums *out)
{
    struct column *c = &b->nums[num];
    void *decoded;

    *out = (struct cost_nums){ .present = c->payload != NULL };
    if (c->payload == NULL)
        return 0;
    out->shift = c->shift;
    if (c->has_nulls)
        out->nulls = c->payload;
    if (c->encoding == BLOCK_CONST) {
        out->constant = true;
        out->value = get128(c->payload + c->length - 16);
        return 0;
    }
    decoded = atomic_load_explicit(&c->decoded, memory_order_acquire);
    if (decoded == NULL) {
        pthread_mutex_lock(&b->lock);
        decoded = atomic_load_explicit(&c->decoded, memory_order_relaxed);
        if (decoded == NULL) {
            decoded = decode_nums(b, c);
            if (decoded != NULL)
                atomic_store_explicit(&c->decoded, decoded, memory_order_release);
        }
        pthread_mutex_unlock(&b->lock);
        if (decoded == NULL)
            return MCP_ENOMEM;
    }
    if (c->encoding == BLOCK_OFFSET)
        out->v64 = decoded;
    else
        out->v128 = decoded;
    return 0;
}

int cost__block_days(struct cost_block *block, struct cost_ids *out)
{
    return column_ids(block, &block->special[BLOCK_DAYS], out);
}

int cost__block_flags(struct cost_block *block, struct cost_ids *out)
{
    return column_ids(block, &block->special[BLOCK_FLAGS], out);
}

int cost__block_seconds(struct cost_block *block, struct cost_ids *out)
{
    return column_ids(block, &block->special[BLOCK_SECONDS], out);
}

int cost__block_lengths(struct cost_block *block, struct cost_ids *out)
{
    return column_ids(block, &block->special[BLOCK_LENGTHS], out);
}
