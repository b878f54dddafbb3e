/* What doctor tells about a dataset: slices, currencies, gaps, missing columns, unmapped providers. */
#include "snapshot_internal.h"
#include "store.h"

#include <stdlib.h>

#define MAX_GAPS 1000

struct account_days {
    mcp_str provider, account;
    int32_t day;
};

struct info {
    struct cost_snapshot *snap;
    struct cost__conn *conn;
    struct mcp_arena *arena;
    struct cost_dataset_info *out;
    struct mcp_error *err;
};

static int no_memory(struct info *in)
{
    return mcp_error_set(in->err, MCP_ENOMEM, "out of memory");
}

static int add_slices(struct info *in)
{
    const struct cost_snapshot *s = in->snap;
    struct cost_slice_info *slices =
        mcp_arena_try_array(in->arena, s->n_slices + 1, sizeof(*slices));

    if (slices == NULL)
        return no_memory(in);
    for (size_t i = 0; i < s->n_slices; i++) {
        const struct cost_slice *c = &s->slices[i];

        slices[i] = (struct cost_slice_info){
            .source = mcp_arena_str(in->arena, c->source),
            .provider = mcp_arena_str(in->arena, c->provider),
            .billing_account = mcp_arena_str(in->arena, c->billing_account),
            .period_start = c->period_start,
            .period_end = c->period_end,
            .data_through = c->data_through,
            .complete = c->data_through >= c->period_end,
            .closed = c->closed,
            .delivered_at = c->delivered_at,
        };
        in->out->rows += c->rows;
    }
    in->out->slices = slices;
    in->out->n_slices = s->n_slices;
    return 0;
}

static int add_currencies(struct info *in)
{
    const struct cost_snapshot *s = in->snap;
    uint32_t count = cost__dict_count(in->snap, COST_COL_CURRENCY);
    bool *used = mcp_arena_try(in->arena, (size_t)count + 1);
    mcp_str *texts = mcp_arena_try_array(in->arena, (size_t)count + 1, sizeof(*texts));
    int rc = 0;

    if (used == NULL || texts == NULL)
        return no_memory(in);
    for (size_t i = 0; i < s->n_ledger; i++) {
        if (s->ledger[i].currency <= count)
            used[s->ledger[i].currency] = true;
    }
    for (uint32_t id = 1; rc == 0 && id <= count; id++) {
        mcp_str text;

        if (!used[id])
            continue;
        rc = cost__dict_text(in->snap, COST_COL_CURRENCY, id, &text, in->err);
        if (rc == 0)
            texts[in->out->n_currencies++] = mcp_arena_str(in->arena, text);
    }
    in->out->currencies = texts;
    return rc;
}

static int by_account(const void *a, const void *b)
{
    const struct account_days *x = a, *y = b;
    int c = mcp_str_cmp(x->provider, y->provider);

    if (c == 0)
        c = mcp_str_cmp(x->account, y->account);
    if (c == 0)
        c = x->day < y->day ? -1 : x->day > y->day;
    return c;
}

/* Days without usage between days with usage, per provider and account. */
static int gaps_of(struct info *in, struct account_days *days, size_t n)
{
    struct cost_dataset_gap *gaps = mcp_arena_try_array(in->arena, MAX_GAPS, sizeof(*gaps));

    if (gaps == NULL)
        return no_memory(in);
    if (n > 0)
        qsort(days, n, sizeof(*days), by_account);
    for (size_t i = 1; i < n && in->out->n_gaps < MAX_GAPS; i++) {
        const struct account_days *a = &days[i - 1], *b = &days[i];

        if (!mcp_str_eq(a->provider, b->provider) || !mcp_str_eq(a->account, b->account) ||
            b->day <= a->day + 1)
            continue;
        gaps[in->out->n_gaps++] = (struct cost_dataset_gap){
            .provider = mcp_arena_str(in->arena, a->provider),
            .billing_account = mcp_arena_str(in->arena, a->account),
            .days = { a->day + 1, b->day - 1 },
        };
    }
    in->out->gaps = gaps;
    return 0;
}

static int add_gaps(struct info *in)
{
    sqlite3_stmt *stmt = cost__store_prepare(
        in->conn->db, "SELECT slice, usage_days FROM slice_facts ORDER BY slice", in->err);
    struct account_days *days = NULL;
    size_t n = 0, size = 0;
    int rc = stmt == NULL ? MCP_EDATA : 0;

    while (rc == 0 && (rc = cost__store_step(stmt, in->err)) == 1) {
        size_t at = cost__snapshot_slice_index(in->snap, (uint32_t)sqlite3_column_int64(stmt, 0));
        mcp_str blob = cost__store_blob(stmt, 1);
        size_t more = blob.len / sizeof(int32_t);

        rc = 0;
        if (at == SIZE_MAX)
            continue;
        if (n + more > size) {
            struct account_days *grown = realloc(days, (n + more + 1024) * sizeof(*days));

            if (grown == NULL) {
                rc = no_memory(in);
                break;
            }
            days = grown;
            size = n + more + 1024;
        }
        for (size_t i = 0; i < more; i++) {
            days[n] = (struct account_days){ in->snap->slices[at].provider,
                                             in->snap->slices[at].billing_account, 0 };
            memcpy(&days[n++].day, blob.ptr + i * sizeof(int32_t), sizeof(int32_t));
        }
    }
    sqlite3_finalize(stmt);
    if (rc == 0)
        rc = gaps_of(in, days, n);
    free(days);
    return rc;
}

/* Texts of a query's first column. */
static int add_texts(struct info *in, const char *sql, const mcp_str **texts, size_t *n)
{
    sqlite3_stmt *stmt = cost__store_prepare(in->conn->db, sql, in->err);
    mcp_str *out = NULL;
    size_t size = 0;
    int rc = stmt == NULL ? MCP_EDATA : 0;

    *n = 0;
    while (rc == 0 && (rc = cost__store_step(stmt, in->err)) == 1) {
        rc = 0;
        if (*n == size) {
            mcp_str *more =
                mcp_arena_try_array(in->arena, size == 0 ? 16 : size * 2, sizeof(*more));

            if (more == NULL) {
                rc = no_memory(in);
                break;
            }
            if (size > 0)
                memcpy(more, out, size * sizeof(*more));
            out = more;
            size = size == 0 ? 16 : size * 2;
        }
        out[(*n)++] = mcp_arena_str(in->arena, cost__store_text(stmt, 0));
    }
    sqlite3_finalize(stmt);
    *texts = out;
    return rc;
}

static int count_blocks(struct info *in)
{
    sqlite3_stmt *stmt = cost__store_prepare(
        in->conn->db, "SELECT count(*) FROM block INDEXED BY block_slice WHERE kind=0", in->err);
    int rc = stmt == NULL ? MCP_EDATA : cost__store_step(stmt, in->err);

    if (rc == 1) {
        in->out->facts_blocks = (uint64_t)sqlite3_column_int64(stmt, 0);
        rc = 0;
    }
    sqlite3_finalize(stmt);
    return rc;
}

int cost_snapshot_info(struct cost_snapshot *snap, struct mcp_arena *arena,
                       struct cost_dataset_info *out, struct mcp_error *err)
{
    struct cost_dataset_info result = {
        .path = mcp_arena_str(arena, snap->path),
        .file_bytes = snap->file_bytes,
        .imported_at = snap->imported_at,
    };
    struct info in = { .snap = snap, .arena = arena, .out = &result, .err = err };
    int rc = cost__conn_take(snap, &in.conn, err);

    if (rc == 0)
        rc = add_slices(&in);
    if (rc == 0)
        rc = add_currencies(&in);
    if (rc == 0)
        rc = add_gaps(&in);
    if (rc == 0)
        rc = count_blocks(&in);
    if (rc == 0)
        rc = add_texts(&in,
                       "SELECT family || ': ' || group_concat(name, ', ') FROM missing_column"
                       " GROUP BY family ORDER BY family",
                       &result.missing_columns, &result.n_missing);
    if (rc == 0)
        rc = add_texts(&in,
                       "SELECT family FROM unmapped WHERE family IN (SELECT provider FROM slice)"
                       " ORDER BY family",
                       &result.unmapped, &result.n_unmapped);
    cost__conn_give(snap, in.conn);
    if (rc == 0)
        *out = result;
    return rc;
}
