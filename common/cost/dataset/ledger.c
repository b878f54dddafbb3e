/* Sums of a slice, whole and by day, written from the rows as they are read. */
#include "ledger.h"

#include <stdlib.h>
#include <string.h>

void cost__ledger_release(struct cost__ledger *ledger)
{
    free(ledger->rows);
    free(ledger->index);
    *ledger = (struct cost__ledger){ 0 };
}

static size_t hash(int32_t day, uint32_t currency, uint32_t provider)
{
    uint64_t h = (uint64_t)(uint32_t)day * 0x9e3779b97f4a7c15u;

    h ^= ((uint64_t)currency << 32 | provider) * 0xd6e8feb86659fd93u;
    return (size_t)(h ^ h >> 29);
}

static bool is_key(const struct cost_day_total *t, int32_t day, const struct cost__fact *f)
{
    return t->day == day && t->currency == f->ids[COST_COL_CURRENCY] &&
           t->provider == f->ids[COST_COL_PROVIDER];
}

static int grow(struct cost__ledger *l)
{
    size_t size = l->size == 0 ? 16 : l->size * 2;
    struct cost_day_total *rows = realloc(l->rows, size * sizeof(*rows));
    uint32_t *index;

    if (rows == NULL)
        return MCP_ENOMEM;
    l->rows = rows;
    index = calloc(size * 2, sizeof(*index));
    if (index == NULL)
        return MCP_ENOMEM;
    free(l->index);
    l->index = index;
    l->index_size = size * 2;
    l->size = size;
    for (size_t i = 0; i < l->n; i++) {
        size_t at = hash(rows[i].day, rows[i].currency, rows[i].provider) & (size * 2 - 1);

        while (index[at] != 0)
            at = (at + 1) & (size * 2 - 1);
        index[at] = (uint32_t)(i + 1);
    }
    return 0;
}

static int find(struct cost__ledger *l, int32_t day, const struct cost__fact *f)
{
    size_t at;

    if (l->n == l->size && grow(l) != 0)
        return MCP_ENOMEM;
    at = hash(day, f->ids[COST_COL_CURRENCY], f->ids[COST_COL_PROVIDER]) & (l->index_size - 1);
    while (l->index[at] != 0 && !is_key(&l->rows[l->index[at] - 1], day, f))
        at = (at + 1) & (l->index_size - 1);
    if (l->index[at] == 0) {
        l->rows[l->n] = (struct cost_day_total){ .day = day,
                                                 .currency = f->ids[COST_COL_CURRENCY],
                                                 .provider = f->ids[COST_COL_PROVIDER] };
        l->index[at] = (uint32_t)++l->n;
    }
    l->last = l->index[at] - 1;
    return 0;
}

int cost__ledger_add(struct cost__ledger *l, int32_t day, const struct cost__fact *f)
{
    struct cost_day_total *t;

    if ((l->n == 0 || !is_key(&l->rows[l->last], day, f)) && find(l, day, f) != 0)
        return MCP_ENOMEM;
    t = &l->rows[l->last];
    t->rows++;
    for (size_t m = 0; m < COST_N_METRICS; m++) {
        if (f->nulls >> m & 1)
            t->unknown[m]++;
        else if (__builtin_add_overflow(t->sum[m].units, f->num[m].units, &t->sum[m].units))
            return MCP_ERANGE;
    }
    return 0;
}

void cost__ledger_write(const struct cost__ledger *l, struct mcp_buf *buf)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct cost_day_total *t = &l->rows[i];
        const uint32_t zero = 0;

        mcp_buf_put(buf, &t->day, 4);
        mcp_buf_put(buf, &t->currency, 4);
        mcp_buf_put(buf, &t->provider, 4);
        mcp_buf_put(buf, &zero, 4);
        mcp_buf_put(buf, &t->rows, 8);
        mcp_buf_put(buf, t->sum, sizeof(t->sum));
        mcp_buf_put(buf, t->unknown, sizeof(t->unknown));
    }
}

int cost__ledger_count(mcp_str blob, size_t *n)
{
    if (blob.len % COST__LEDGER_BYTES != 0)
        return MCP_EDATA;
    *n = blob.len / COST__LEDGER_BYTES;
    return 0;
}

void cost__ledger_read(mcp_str blob, size_t i, struct cost_day_total *t)
{
    const char *p = blob.ptr + i * COST__LEDGER_BYTES;

    memcpy(&t->day, p, 4);
    memcpy(&t->currency, p + 4, 4);
    memcpy(&t->provider, p + 8, 4);
    memcpy(&t->rows, p + 16, 8);
    memcpy(t->sum, p + 24, sizeof(t->sum));
    memcpy(t->unknown, p + 24 + sizeof(t->sum), sizeof(t->unknown));
}
