/* Encoding of column blocks: constants cost nothing, ids and amounts take the bits they need. */
#include "block_encode.h"
#include "block_format.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define USUAL_BYTES ((size_t)4 << 20)
#define BLOCK_CAP ((size_t)64 << 20) /* 65,536 rows of every column at full width are 30 MB */

struct cost_block_encoder {
    struct mcp_buf out;
    uint32_t rows;
    uint32_t n_columns;
    enum cost_block_kind kind;
    uint8_t directory[BLOCK_MAX_COLUMNS][BLOCK_ENTRY];
    uint32_t *index; /* owned: one index a row, into the palette */
    uint32_t *palette; /* owned */
    /* id -> index by open addressing; a slot counts only with the current stamp. */
    struct slot {
        uint32_t stamp, id, index;
    } * slots; /* owned, 2 * COST_BLOCK_ROWS */
    uint32_t stamp;
    int64_t *scaled; /* owned */
};

void *cost__touched(size_t n, size_t size)
{
    volatile char *p = calloc(n, size);

    for (size_t at = 0; p != NULL && at < n * size; at += 4096)
        p[at] = 0;
    return (void *)(uintptr_t)p;
}

struct cost_block_encoder *cost__block_encoder_new(void)
{
    struct cost_block_encoder *enc = calloc(1, sizeof(*enc));
    char *room;

    if (enc == NULL)
        return NULL;
    mcp_buf_init(&enc->out, BLOCK_CAP);
    enc->index = cost__touched(COST_BLOCK_ROWS, sizeof(*enc->index));
    enc->palette = cost__touched(COST_BLOCK_ROWS, sizeof(*enc->palette));
    enc->slots = cost__touched((size_t)2 * COST_BLOCK_ROWS, sizeof(*enc->slots));
    enc->scaled = cost__touched(COST_BLOCK_ROWS, sizeof(*enc->scaled));
    room = mcp_buf_reserve(&enc->out, USUAL_BYTES);
    if (enc->index == NULL || enc->palette == NULL || enc->slots == NULL || enc->scaled == NULL ||
        room == NULL) {
        cost__block_encoder_free(enc);
        return NULL;
    }
    memset(room, 0, USUAL_BYTES);
    return enc;
}

void cost__block_encoder_free(struct cost_block_encoder *enc)
{
    if (enc == NULL)
        return;
    mcp_buf_release(&enc->out);
    free(enc->index);
    free(enc->palette);
    free(enc->slots);
    free(enc->scaled);
    free(enc);
}

void cost__block_begin(struct cost_block_encoder *enc, enum cost_block_kind kind, uint32_t rows)
{
    MCP_BUG_ON(rows == 0 || rows > COST_BLOCK_ROWS);
    mcp_buf_clear(&enc->out);
    enc->rows = rows;
    enc->kind = kind;
    enc->n_columns = 0;
}

/* The place of the payloads is known at the end only: offsets are kept relative until then. */
static void begin_column(struct cost_block_encoder *enc, enum block_group group, unsigned index,
                         enum block_encoding encoding, unsigned bits, unsigned shift, bool nulls)
{
    uint8_t *e = enc->directory[enc->n_columns++];
    uint32_t offset = (uint32_t)enc->out.len;

    memset(e, 0, BLOCK_ENTRY);
    e[0] = (uint8_t)group;
    e[1] = (uint8_t)index;
    e[2] = (uint8_t)encoding;
    e[3] = (uint8_t)bits;
    e[4] = (uint8_t)shift;
    e[5] = nulls;
    memcpy(e + 8, &offset, sizeof(offset));
}

static void end_column(struct cost_block_encoder *enc)
{
    uint8_t *e = enc->directory[enc->n_columns - 1];
    uint32_t offset, length;

    memcpy(&offset, e + 8, sizeof(offset));
    length = (uint32_t)enc->out.len - offset;
    memcpy(e + 12, &length, sizeof(length));
}

static void put32(struct cost_block_encoder *enc, uint32_t v)
{
    mcp_buf_put(&enc->out, &v, sizeof(v));
}

static unsigned bits_for(uint32_t max)
{
    static const unsigned widths[] = { 1, 2, 4, 8, 16 };

    for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
        if (max >> widths[i] == 0)
            return widths[i];
    }
    return 32;
}

static void pack(struct cost_block_encoder *enc, const uint32_t *values, uint32_t base,
                 unsigned bits)
{
    size_t bytes = ((size_t)enc->rows * bits + 7) / 8;
    uint8_t *p = (uint8_t *)mcp_buf_reserve(&enc->out, bytes);

    if (p == NULL)
        return;
    if (bits == 32) {
        for (uint32_t i = 0; i < enc->rows; i++) {
            uint32_t v = values[i] - base;

            memcpy(p + (size_t)i * 4, &v, sizeof(v));
        }
    } else if (bits == 16) {
        for (uint32_t i = 0; i < enc->rows; i++) {
            uint16_t v = (uint16_t)(values[i] - base);

            memcpy(p + (size_t)i * 2, &v, sizeof(v));
        }
    } else if (bits == 8) {
        for (uint32_t i = 0; i < enc->rows; i++)
            p[i] = (uint8_t)(values[i] - base);
    } else {
        uint32_t per = 8 / bits;

        memset(p, 0, bytes);
        for (uint32_t i = 0; i < enc->rows; i++)
            p[i / per] = (uint8_t)(p[i / per] | (values[i] - base) << (i % per * bits));
    }
    mcp_buf_advance(&enc->out, bytes);
}

/* Fills index and palette; the number of distinct ids, or 0 when they are more than max. */
static uint32_t build_palette(struct cost_block_encoder *enc, const uint32_t *ids, uint32_t max)
{
    uint32_t n = 0, last_id = 0, last_index = 0;
    const uint32_t mask = 2 * COST_BLOCK_ROWS - 1;

    if (++enc->stamp == 0) {
        memset(enc->slots, 0, (size_t)2 * COST_BLOCK_ROWS * sizeof(*enc->slots));
        enc->stamp = 1;
    }
    for (uint32_t i = 0; i < enc->rows; i++) {
        uint32_t id = ids[i], at;

        if (n > 0 && id == last_id) {
            enc->index[i] = last_index;
            continue;
        }
        at = (id * 2654435761u) >> 15 & mask;
        while (enc->slots[at].stamp == enc->stamp && enc->slots[at].id != id)
            at = (at + 1) & mask;
        if (enc->slots[at].stamp != enc->stamp) {
            if (n == max)
                return 0;
            enc->slots[at] = (struct slot){ enc->stamp, id, n };
            enc->palette[n++] = id;
        }
        last_id = id;
        last_index = enc->index[i] = enc->slots[at].index;
    }
    return n;
}

static void put_ids(struct cost_block_encoder *enc, enum block_group group, unsigned index,
                    const uint32_t *ids)
{
    uint32_t min = ids[0], max = ids[0], n = 0;
    unsigned direct, by_palette;

    for (uint32_t i = 1; i < enc->rows; i++) {
        min = ids[i] < min ? ids[i] : min;
        max = ids[i] > max ? ids[i] : max;
    }
    if (min == max) {
        begin_column(enc, group, index, BLOCK_CONST, 0, 0, false);
        put32(enc, min);
        end_column(enc);
        return;
    }
    direct = bits_for(max - min);
    /* A palette is worth building only where fewer bits are possible. */
    if (direct > 4)
        n = build_palette(enc, ids, direct == 8 ? 16 : 65536 / 2);
    by_palette = n == 0 ? 32 : bits_for(n - 1);
    if (n > 0 &&
        (uint64_t)n * 32 + (uint64_t)enc->rows * by_palette < (uint64_t)enc->rows * direct) {
        begin_column(enc, group, index, BLOCK_PALETTE, by_palette, 0, false);
        put32(enc, n);
        mcp_buf_put(&enc->out, enc->palette, (size_t)n * sizeof(*enc->palette));
        pack(enc, enc->index, 0, by_palette);
    } else {
        begin_column(enc, group, index, BLOCK_OFFSET, direct, 0, false);
        put32(enc, min);
        pack(enc, ids, min, direct);
    }
    end_column(enc);
}

void cost__block_put_ids(struct cost_block_encoder *enc, enum cost_col col, const uint32_t *ids)
{
    put_ids(enc, BLOCK_IDS, (unsigned)col, ids);
}

void cost__block_put_days(struct cost_block_encoder *enc, const uint32_t *days)
{
    put_ids(enc, BLOCK_SPECIAL, BLOCK_DAYS, days);
}

void cost__block_put_flags(struct cost_block_encoder *enc, const uint32_t *flags)
{
    put_ids(enc, BLOCK_SPECIAL, BLOCK_FLAGS, flags);
}

void cost__block_put_seconds(struct cost_block_encoder *enc, const uint32_t *seconds)
{
    put_ids(enc, BLOCK_SPECIAL, BLOCK_SECONDS, seconds);
}

void cost__block_put_lengths(struct cost_block_encoder *enc, const uint32_t *lengths)
{
    put_ids(enc, BLOCK_SPECIAL, BLOCK_LENGTHS, lengths);
}

/* values / 10^shift into scaled; false when one does not fit 64 bits. */
static bool scale(struct cost_block_encoder *enc, const struct cost_money *values, uint64_t divisor)
{
    for (uint32_t i = 0; i < enc->rows; i++) {
        __int128 v = values[i].units;

        if (v >= INT64_MIN && v <= INT64_MAX)
            v = (int64_t)v / (int64_t)divisor; /* most are, and this division is the cheap one */
        else
            v /= (__int128)divisor;
        if (v < INT64_MIN || v > INT64_MAX)
            return false;
        enc->scaled[i] = (int64_t)v;
    }
    return true;
}

static void put_wide(struct cost_block_encoder *enc, const struct cost_money *values,
                     uint64_t divisor)
{
    size_t bytes = (size_t)enc->rows * sizeof(__int128);
    char *p = mcp_buf_reserve(&enc->out, bytes);

    if (p == NULL)
        return;
    for (uint32_t i = 0; i < enc->rows; i++) {
        __int128 v = values[i].units / (__int128)divisor;

        memcpy(p + (size_t)i * sizeof(v), &v, sizeof(v));
    }
    mcp_buf_advance(&enc->out, bytes);
}

static void put_offsets(struct cost_block_encoder *enc, int64_t base, unsigned bits)
{
    size_t width = bits / 8, bytes = (size_t)enc->rows * width;
    char *p;

    mcp_buf_put(&enc->out, &base, sizeof(base));
    p = mcp_buf_reserve(&enc->out, bytes);
    if (p == NULL)
        return;
    for (uint32_t i = 0; i < enc->rows; i++) {
        uint64_t d = (uint64_t)enc->scaled[i] - (uint64_t)base;

        memcpy(p + i * width, &d, width);
    }
    mcp_buf_advance(&enc->out, bytes);
}

void cost__block_put_nums(struct cost_block_encoder *enc, enum cost_num num,
                          const struct cost_money *values, int decimals, const uint8_t *nulls)
{
    unsigned shift = (unsigned)(COST_MONEY_SCALE - decimals), bits;
    uint64_t divisor = 1, span;
    int64_t min, max;
    bool constant = true;
    size_t null_bytes = nulls == NULL ? 0 : ((size_t)enc->rows + 7) / 8;

    MCP_BUG_ON(decimals < 0 || decimals > COST_MONEY_SCALE);
    for (unsigned i = 0; i < shift; i++)
        divisor *= 10;
    for (uint32_t i = 1; i < enc->rows && constant; i++)
        constant = values[i].units == values[0].units;
    if (constant) {
        __int128 v = values[0].units / (__int128)divisor;

        begin_column(enc, BLOCK_NUMS, (unsigned)num, BLOCK_CONST, 0, shift, nulls != NULL);
        mcp_buf_put(&enc->out, nulls, null_bytes);
        mcp_buf_put(&enc->out, &v, sizeof(v));
        end_column(enc);
        return;
    }
    if (!scale(enc, values, divisor)) {
        begin_column(enc, BLOCK_NUMS, (unsigned)num, BLOCK_WIDE, 0, shift, nulls != NULL);
        mcp_buf_put(&enc->out, nulls, null_bytes);
        put_wide(enc, values, divisor);
        end_column(enc);
        return;
    }
    min = max = enc->scaled[0];
    for (uint32_t i = 1; i < enc->rows; i++) {
        min = enc->scaled[i] < min ? enc->scaled[i] : min;
        max = enc->scaled[i] > max ? enc->scaled[i] : max;
    }
    span = (uint64_t)max - (uint64_t)min;
    bits = span >> 8 == 0 ? 8 : span >> 16 == 0 ? 16 : span >> 32 == 0 ? 32 : 64;
    begin_column(enc, BLOCK_NUMS, (unsigned)num, BLOCK_OFFSET, bits, shift, nulls != NULL);
    mcp_buf_put(&enc->out, nulls, null_bytes);
    put_offsets(enc, min, bits);
    end_column(enc);
}

int cost__block_end(struct cost_block_encoder *enc, mcp_str *blob)
{
    size_t head = BLOCK_HEAD + (size_t)enc->n_columns * BLOCK_ENTRY;
    size_t payload = enc->out.len;
    uint32_t total = (uint32_t)(head + payload);
    uint8_t *p;
    XXH3_state_t state;
    uint64_t sum;

    if (mcp_buf_reserve(&enc->out, head) == NULL || mcp_buf_error(&enc->out) != 0)
        return MCP_ENOMEM;
    p = (uint8_t *)enc->out.ptr;
    memmove(p + head, p, payload);
    mcp_buf_advance(&enc->out, head);
    p[0] = 'C';
    p[1] = 'B';
    p[2] = BLOCK_VERSION;
    p[3] = (uint8_t)enc->kind;
    memcpy(p + 4, &enc->rows, 4);
    memcpy(p + 8, &enc->n_columns, 4);
    memcpy(p + 12, &total, 4);
    for (uint32_t i = 0; i < enc->n_columns; i++) {
        uint32_t offset;

        memcpy(&offset, enc->directory[i] + 8, sizeof(offset));
        offset += (uint32_t)head;
        memcpy(enc->directory[i] + 8, &offset, sizeof(offset));
        memcpy(p + BLOCK_HEAD + (size_t)i * BLOCK_ENTRY, enc->directory[i], BLOCK_ENTRY);
    }
    XXH3_64bits_reset(&state);
    XXH3_64bits_update(&state, p, 16);
    XXH3_64bits_update(&state, p + BLOCK_HEAD, (size_t)enc->n_columns * BLOCK_ENTRY);
    sum = XXH3_64bits_digest(&state);
    memcpy(p + 16, &sum, sizeof(sum));
    *blob = mcp_str_n((const char *)p, total);
    return 0;
}
