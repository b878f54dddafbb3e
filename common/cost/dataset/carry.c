/* Rows that stay when a slice is written anew: read from its old blocks into the new slice. */
#include "carry.h"
#include "derive.h"
#include "store.h"

#include <stdlib.h>

/* A block's columns, decoded. */
struct columns {
    struct cost_ids ids[COST_N_COLS];
    struct cost_nums nums[COST_N_ROW_NUMS];
    struct cost_ids days, flags, seconds, lengths;
};

static uint32_t id_at(const struct cost_ids *c, uint32_t i)
{
    return !c->present ? 0 : c->constant ? c->value : c->ids[i];
}

static struct cost_money num_at(const struct cost_nums *c, uint32_t i)
{
    struct cost_money m = COST_MONEY_ZERO;

    if (c->present)
        m.units = c->constant ? c->value : c->v64 != NULL ? c->v64[i] : c->v128[i];
    for (int s = 0; s < c->shift; s++)
        m.units *= 10;
    return m;
}

static int decode(struct cost__importer *imp, struct cost_block *b, struct columns *c)
{
    int rc = 0;

    for (int i = 0; rc == 0 && i < COST_N_COLS; i++) {
        uint32_t limit = i == COST_COL_TAGS ? imp->tags.sets.n : imp->dicts[i].n;

        cost__block_limit(b, (enum cost_col)i, limit);
        rc = cost__block_ids(b, (enum cost_col)i, &c->ids[i]);
    }
    for (int i = 0; rc == 0 && i < COST_N_ROW_NUMS; i++)
        rc = cost__block_nums(b, (enum cost_num)i, &c->nums[i]);
    if (rc == 0)
        rc = cost__block_days(b, &c->days);
    if (rc == 0)
        rc = cost__block_flags(b, &c->flags);
    if (rc == 0)
        rc = cost__block_seconds(b, &c->seconds);
    return rc != 0 ? rc : cost__block_lengths(b, &c->lengths);
}

static void fact_at(struct cost__importer *imp, const struct columns *c, uint32_t i,
                    struct cost__fact *f)
{
    *f = (struct cost__fact){ .nulls = 0 };
    for (int k = 0; k < COST_N_COLS; k++)
        f->ids[k] = id_at(&c->ids[k], i);
    for (int m = 0; m < COST_N_ROW_NUMS; m++) {
        const struct cost_nums *n = &c->nums[m];

        f->num[m] = num_at(n, i);
        f->decimals[m] = (uint8_t)(COST_MONEY_SCALE - n->shift);
        if (n->nulls != NULL && (n->nulls[i / 8] >> (i % 8) & 1) != 0)
            f->nulls |= (uint8_t)(1u << m);
    }
    f->day = (int32_t)id_at(&c->days, i);
    f->second = id_at(&c->seconds, i);
    f->length = id_at(&c->lengths, i);
    f->flags = id_at(&c->flags, i);
    f->charge_end = (int64_t)f->day * 86400 + f->second + f->length;
    f->charge = (uint8_t)cost__derive_charge(imp, f->ids[COST_COL_CHARGE_CATEGORY]);
    f->kubernetes = f->ids[COST_COL_CLUSTER] != 0 || f->ids[COST_COL_NAMESPACE] != 0;
}

static int carry_block(struct cost__importer *imp, mcp_str blob, struct cost__slice *slice,
                       bool (*drop)(void *ctx, uint32_t project, int32_t day), void *ctx,
                       struct mcp_error *err)
{
    struct columns *c = calloc(1, sizeof(*c));
    struct cost_block *b = NULL;
    int rc = c == NULL ? MCP_ENOMEM : cost__block_open(blob.ptr, blob.len, &b, err);

    if (rc == 0)
        rc = decode(imp, b, c);
    if (rc != 0)
        mcp_error_set(err, (enum mcp_err)rc, "the dataset's old rows cannot be read");
    for (uint32_t i = 0; rc == 0 && i < cost__block_rows(b); i++) {
        struct cost__fact f;

        fact_at(imp, c, i, &f);
        if (drop != NULL && drop(ctx, f.ids[COST_COL_PROJECT], f.day))
            continue;
        rc = cost__importer_carry(imp, slice, &f, err);
    }
    cost__block_free(b);
    free(c);
    return rc;
}

int cost__carry(struct cost__importer *imp, int64_t old_slice, struct cost__slice *slice,
                bool (*drop)(void *ctx, uint32_t project, int32_t day), void *ctx,
                struct mcp_error *err)
{
    sqlite3_stmt *next = cost__store_prepare(
        imp->db, "SELECT id, data FROM block WHERE slice=? AND kind=0 AND id>? ORDER BY id LIMIT 1",
        err);
    int64_t last = 0;
    int rc = next == NULL ? MCP_EIO : 0;

    /* One block at a time, by its number: new blocks are written into the same table meanwhile. */
    while (rc == 0) {
        mcp_str blob;
        char *copy;

        rc = cost__store_bind(next, "ii", old_slice, last);
        if (rc == 0)
            rc = cost__store_step(next, err);
        if (rc <= 0)
            break;
        last = sqlite3_column_int64(next, 0);
        blob = cost__store_blob(next, 1);
        copy = malloc(blob.len + 1);
        if (copy == NULL) {
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
            break;
        }
        memcpy(copy, blob.ptr, blob.len);
        sqlite3_reset(next);
        rc = carry_block(imp, mcp_str_n(copy, blob.len), slice, drop, ctx, err);
        free(copy);
    }
    sqlite3_finalize(next);
    return rc;
}
