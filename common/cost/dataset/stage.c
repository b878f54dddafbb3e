/* Rows that wait for their block: a bounded pool of columnar chunks shared by all slices. */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

struct stage_chunk {
    struct stage_chunk *next; /* of the slice, or of the free list */
    uint32_t n;
    uint32_t ids[COST_N_COLS][STAGE_CHUNK_ROWS];
    uint32_t day[STAGE_CHUNK_ROWS], second[STAGE_CHUNK_ROWS], length[STAGE_CHUNK_ROWS];
    uint32_t flags[STAGE_CHUNK_ROWS];
    uint8_t nulls[STAGE_CHUNK_ROWS];
    struct cost_money num[COST_N_ROW_NUMS][STAGE_CHUNK_ROWS];
};

int cost__stage_init(struct cost__stage *s)
{
    *s = (struct cost__stage){ 0 };
    s->chunks = cost__touched(STAGE_CHUNKS, sizeof(*s->chunks));
    s->ids = cost__touched(COST_BLOCK_ROWS, sizeof(*s->ids));
    s->nums = cost__touched(COST_BLOCK_ROWS, sizeof(*s->nums));
    s->nulls = cost__touched(COST_BLOCK_ROWS / 8, 1);
    s->enc = cost__block_encoder_new();
    if (s->chunks == NULL || s->ids == NULL || s->nums == NULL || s->nulls == NULL ||
        s->enc == NULL) {
        cost__stage_release(s);
        return MCP_ENOMEM;
    }
    for (size_t i = STAGE_CHUNKS; i-- > 0;) {
        s->chunks[i].next = s->free;
        s->free = &s->chunks[i];
    }
    return 0;
}

void cost__stage_release(struct cost__stage *s)
{
    free(s->chunks);
    free(s->ids);
    free(s->nums);
    free(s->nulls);
    cost__block_encoder_free(s->enc);
    *s = (struct cost__stage){ 0 };
}

bool cost__stage_put(struct cost__stage *s, struct cost__stage_rows *rows,
                     const struct cost__fact *f)
{
    struct stage_chunk *c = rows->last;
    uint32_t i;

    if (c == NULL || c->n == STAGE_CHUNK_ROWS) {
        c = s->free;
        if (c == NULL)
            return false;
        s->free = c->next;
        c->next = NULL;
        c->n = 0;
        if (rows->last == NULL)
            rows->first = c;
        else
            rows->last->next = c;
        rows->last = c;
    }
    i = c->n++;
    for (size_t col = 0; col < COST_N_COLS; col++)
        c->ids[col][i] = f->ids[col];
    for (size_t m = 0; m < COST_N_ROW_NUMS; m++) {
        c->num[m][i] = f->num[m];
        if (f->decimals[m] > rows->decimals[m])
            rows->decimals[m] = f->decimals[m];
    }
    c->day[i] = (uint32_t)f->day;
    c->second[i] = f->second;
    c->length[i] = f->length;
    c->flags[i] = f->flags;
    c->nulls[i] = f->nulls;
    rows->nulls |= f->nulls;
    if (rows->n == 0 || f->day < rows->day_min)
        rows->day_min = f->day;
    if (rows->n == 0 || f->day > rows->day_max)
        rows->day_max = f->day;
    rows->n++;
    return true;
}

/* Copies one 32-bit column, whose place in a chunk is `offset`, into s->ids. */
static const uint32_t *gather(struct cost__stage *s, const struct cost__stage_rows *rows,
                              size_t offset)
{
    uint32_t at = 0;

    for (const struct stage_chunk *c = rows->first; c != NULL; c = c->next) {
        memcpy(s->ids + at, (const char *)c + offset, c->n * sizeof(*s->ids));
        at += c->n;
    }
    return s->ids;
}

static void put_nums(struct cost__stage *s, const struct cost__stage_rows *rows, unsigned m)
{
    bool any_null = (rows->nulls >> m & 1) != 0;
    uint32_t at = 0;

    if (any_null)
        memset(s->nulls, 0, COST_BLOCK_ROWS / 8);
    for (const struct stage_chunk *c = rows->first; c != NULL; c = c->next) {
        memcpy(s->nums + at, c->num[m], c->n * sizeof(*s->nums));
        for (uint32_t i = 0; any_null && i < c->n; i++) {
            if (c->nulls[i] >> m & 1)
                s->nulls[(at + i) / 8] |= (uint8_t)(1u << ((at + i) % 8));
        }
        at += c->n;
    }
    cost__block_put_nums(s->enc, (enum cost_num)m, s->nums, rows->decimals[m],
                         any_null ? s->nulls : NULL);
}

int cost__stage_flush(struct cost__stage *s, struct cost__stage_rows *rows, mcp_str *blob)
{
    int rc;

    cost__block_begin(s->enc, COST_FACTS, rows->n);
    for (size_t col = 0; col < COST_N_COLS; col++)
        cost__block_put_ids(
            s->enc, (enum cost_col)col,
            gather(s, rows,
                   offsetof(struct stage_chunk, ids) + col * sizeof(uint32_t[STAGE_CHUNK_ROWS])));
    for (unsigned m = 0; m < COST_N_ROW_NUMS; m++)
        put_nums(s, rows, m);
    cost__block_put_days(s->enc, gather(s, rows, offsetof(struct stage_chunk, day)));
    cost__block_put_flags(s->enc, gather(s, rows, offsetof(struct stage_chunk, flags)));
    cost__block_put_seconds(s->enc, gather(s, rows, offsetof(struct stage_chunk, second)));
    cost__block_put_lengths(s->enc, gather(s, rows, offsetof(struct stage_chunk, length)));
    rc = cost__block_end(s->enc, blob);
    if (rows->last != NULL) {
        rows->last->next = s->free;
        s->free = rows->first;
    }
    *rows = (struct cost__stage_rows){ 0 };
    return rc;
}
