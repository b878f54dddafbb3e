/* The files of deliveries: which are known by content, which are two snapshots of one bill. */
#include "delivery.h"
#include "focus_columns.h"
#include "store.h"

#include <mcp/map.h>

#include <stdlib.h>

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "out of memory");
}

/* ---- known files ---- */

static int known_file(sqlite3_stmt *stmt, const struct cost__file *file, struct cost__known *out,
                      struct mcp_error *err)
{
    struct cost__file_hash hash;
    bool hashed = false;
    int rc = cost__store_bind(stmt, "i", (int64_t)file->size);

    /* Reading it is worth it only when a file of that size is known. */
    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        mcp_str stored = cost__store_blob(stmt, 1);

        rc = 0;
        if (!hashed)
            rc = cost__file_hash(file->path.ptr, file->path, &hash, err);
        hashed = true;
        if (rc != 0 || stored.len != sizeof(hash.bytes) ||
            memcmp(stored.ptr, hash.bytes, sizeof(hash.bytes)) != 0)
            continue;
        out->known = true;
        out->id = sqlite3_column_int64(stmt, 0);
        out->in_effect = sqlite3_column_int64(stmt, 2) == sqlite3_column_int64(stmt, 3);
    }
    sqlite3_reset(stmt);
    return rc;
}

int cost__delivery_known(sqlite3 *db, const struct cost__file_list *list, struct mcp_arena *arena,
                         struct cost__known **known, struct mcp_error *err)
{
    struct cost__known *items = mcp_arena_try_array(arena, list->n + 1, sizeof(*items));
    sqlite3_stmt *stmt;
    int rc = 0;

    if (items == NULL)
        return no_memory(err);
    stmt = cost__store_prepare(db,
                               "SELECT id, hash, slices, (SELECT count(*) FROM slice_file sf WHERE"
                               " sf.file=f.id) AS links FROM file f WHERE size=? AND links>0",
                               err);
    if (stmt == NULL)
        return MCP_EIO;
    for (size_t i = 0; rc == 0 && i < list->n; i++)
        rc = known_file(stmt, &list->items[i], &items[i], err);
    sqlite3_finalize(stmt);
    if (rc == 0)
        *known = items;
    return rc;
}

/* One row a currency of one slice. */
static int unchanged_rows(sqlite3 *db, sqlite3_stmt *slice, struct mcp_arena *arena,
                          struct cost_import_slice *rows, size_t *n, size_t max,
                          struct mcp_error *err)
{
    mcp_str ledger = cost__store_blob(slice, 5);
    sqlite3_stmt *text = cost__store_prepare(db, "SELECT text FROM dict WHERE col=? AND id=?", err);
    size_t count = 0;
    int rc = text == NULL ? MCP_EIO : cost__ledger_count(ledger, &count);

    for (size_t i = 0; rc == 0 && i < count && *n < max; i++) {
        struct cost_day_total t;

        cost__ledger_read(ledger, i, &t);
        rc = cost__store_bind(text, "ii", (int64_t)COST_COL_CURRENCY, (int64_t)t.currency);
        if (rc == 0)
            rc = cost__store_step(text, err);
        if (rc < 0)
            break;
        rows[(*n)++] = (struct cost_import_slice){
            .source = mcp_arena_str(arena, cost__store_text(slice, 0)),
            .provider = mcp_arena_str(arena, cost__store_text(slice, 1)),
            .billing_account = mcp_arena_str(arena, cost__store_text(slice, 2)),
            .currency = mcp_arena_str(arena, rc == 1 ? cost__store_text(text, 0) : MCP_STR_NULL),
            .period_start = (int32_t)sqlite3_column_int64(slice, 3),
            .period_end = (int32_t)sqlite3_column_int64(slice, 4),
            .what = "unchanged",
            .rows_before = t.rows,
            .rows_after = t.rows,
            .billed_before = t.sum[COST_BILLED],
            .billed_after = t.sum[COST_BILLED],
        };
        rc = 0;
        sqlite3_reset(text);
    }
    sqlite3_finalize(text);
    return rc;
}

int cost__delivery_unchanged(sqlite3 *db, const struct cost__known *known, size_t n,
                             struct mcp_arena *arena, struct cost_import_report *report,
                             struct mcp_error *err)
{
    enum { MAX_ROWS = 10000 };
    struct cost_import_slice *rows = mcp_arena_try_array(arena, MAX_ROWS, sizeof(*rows));
    sqlite3_stmt *slices;
    struct mcp_map seen = { 0 };
    size_t n_rows = 0;
    int rc = 0;

    if (rows == NULL)
        return no_memory(err);
    slices = cost__store_prepare(
        db,
        "SELECT source, provider, coalesce(account,''), period_start, period_end, ledger, id"
        " FROM slice WHERE id IN (SELECT slice FROM slice_file WHERE file=?) ORDER BY id",
        err);
    if (slices == NULL)
        return MCP_EIO;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        if (!known[i].known)
            continue;
        rc = cost__store_bind(slices, "i", known[i].id);
        while (rc == 0 && (rc = cost__store_step(slices, err)) == 1) {
            int64_t *id = MCP_ARENA_NEW(arena, int64_t);
            bool made = false;

            rc = 0;
            *id = sqlite3_column_int64(slices, 6);
            if (mcp_map_put(&seen, mcp_str_n((const char *)id, sizeof(*id)), &made) == NULL)
                rc = no_memory(err);
            else if (made)
                rc = unchanged_rows(db, slices, arena, rows, &n_rows, MAX_ROWS, err);
        }
    }
    sqlite3_finalize(slices);
    mcp_map_release(&seen);
    report->slices = rows;
    report->n_slices = n_rows;
    return rc;
}

/* ---- two snapshots of one bill ---- */

struct sample {
    uint64_t hash;
    uint32_t file;
};

static int by_hash(const void *a, const void *b)
{
    const struct sample *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return x->file < y->file ? -1 : x->file > y->file;
}

static int by_pair(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

static bool is_older(const struct cost__delivered *a, const struct cost__delivered *b)
{
    if (a->focus->last_charge != b->focus->last_charge)
        return a->focus->last_charge < b->focus->last_charge;
    if (a->file->mtime != b->file->mtime)
        return a->file->mtime < b->file->mtime;
    return a->focus->rows < b->focus->rows;
}

/* Pairs of files with a hash in common, each once, in *pairs (heap). */
static int candidate_pairs(const struct cost__delivered *files, size_t n, uint64_t **pairs,
                           size_t *n_pairs)
{
    enum { MAX_IN_RUN = 64 };
    struct sample *samples;
    size_t total = 0, at = 0, size = 0, kept = 0;
    uint64_t *out = NULL;

    for (size_t i = 0; i < n; i++)
        total += files[i].focus->sketch.n;
    samples = malloc((total + 1) * sizeof(*samples));
    if (samples == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < files[i].focus->sketch.n; j++)
            samples[at++] = (struct sample){ files[i].focus->sketch.heap[j], (uint32_t)i };
    }
    qsort(samples, total, sizeof(*samples), by_hash);
    *n_pairs = 0;
    for (size_t i = 0; i < total; i++) {
        for (size_t j = i + 1;
             j < total && j < i + MAX_IN_RUN && samples[j].hash == samples[i].hash; j++) {
            if (*n_pairs == size) {
                uint64_t *more = realloc(out, (size == 0 ? 256 : size * 2) * sizeof(*more));

                if (more == NULL) {
                    free(samples);
                    free(out);
                    return MCP_ENOMEM;
                }
                out = more;
                size = size == 0 ? 256 : size * 2;
            }
            out[(*n_pairs)++] = (uint64_t)samples[i].file << 32 | samples[j].file;
        }
    }
    free(samples);
    if (*n_pairs > 0)
        qsort(out, *n_pairs, sizeof(*out), by_pair);
    for (size_t i = 0; i < *n_pairs; i++) {
        if (i == 0 || out[i] != out[i - 1])
            out[kept++] = out[i];
    }
    *n_pairs = kept;
    *pairs = out;
    return 0;
}

int cost__delivery_overlaps(const struct cost__delivered *files, size_t n, struct mcp_arena *arena,
                            struct cost__overlap **out, size_t *n_out)
{
    uint64_t *pairs = NULL;
    size_t n_pairs = 0;
    int rc = candidate_pairs(files, n, &pairs, &n_pairs);

    *n_out = 0;
    *out = rc == 0 ? mcp_arena_try_array(arena, n_pairs + 1, sizeof(**out)) : NULL;
    if (rc == 0 && *out == NULL)
        rc = MCP_ENOMEM;
    for (size_t i = 0; rc == 0 && i < n_pairs; i++) {
        size_t a = (size_t)(pairs[i] >> 32), b = (size_t)(pairs[i] & UINT32_MAX);

        if (!cost__sketch_shares(&files[a].focus->sketch, &files[b].focus->sketch))
            continue;
        if (is_older(&files[a], &files[b]))
            (*out)[(*n_out)++] = (struct cost__overlap){ a, b };
        else
            (*out)[(*n_out)++] = (struct cost__overlap){ b, a };
    }
    free(pairs);
    return rc;
}

/* ---- what a delivery leaves behind ---- */

static int record_files(struct cost__delivery *d, struct mcp_error *err)
{
    const struct cost__importer *imp = d->imp;
    sqlite3_stmt *file = cost__store_prepare(
        imp->db,
        "INSERT INTO file(hash,size,name,rows,slices,sketch,delivered_at) VALUES(?,?,?,?,?,?,?)",
        err);
    sqlite3_stmt *link = cost__store_prepare(imp->db, "INSERT INTO slice_file VALUES(?,?)", err);
    int rc = file == NULL || link == NULL ? MCP_EIO : 0;

    for (size_t i = 0; rc == 0 && i < d->n_files; i++) {
        const struct cost__focus_file *f = d->files[i].focus;
        int64_t id, slices = 0;

        for (size_t s = 0; s < imp->n_slices; s++) {
            for (size_t k = 0; k < imp->slices[s]->n_files; k++)
                slices += imp->slices[s]->files[k] == i;
        }
        if (slices == 0)
            continue;
        rc = cost__store_bind(file, "bisiibi",
                              mcp_str_n((const char *)f->hash.bytes, sizeof(f->hash.bytes)),
                              (int64_t)d->files[i].file->size, d->files[i].file->path,
                              (int64_t)f->rows, slices, cost__sketch_bytes(&f->sketch), imp->now);
        if (rc == 0)
            rc = cost__store_run(file, err);
        id = sqlite3_last_insert_rowid(imp->db);
        for (size_t s = 0; rc == 0 && s < imp->n_slices; s++) {
            for (size_t k = 0; rc == 0 && k < imp->slices[s]->n_files; k++) {
                if (imp->slices[s]->files[k] != i)
                    continue;
                rc = cost__store_bind(link, "ii", imp->slices[s]->id, id);
                if (rc == 0)
                    rc = cost__store_run(link, err);
            }
        }
    }
    sqlite3_finalize(file);
    sqlite3_finalize(link);
    if (rc == 0)
        rc = cost__store_exec(
            imp->db, "DELETE FROM file WHERE id NOT IN (SELECT file FROM slice_file)", err);
    return rc;
}

/* The newest delivery of a family says which columns its exports lack. */
static int record_columns(struct cost__delivery *d, struct mcp_error *err)
{
    const struct cost__importer *imp = d->imp;
    sqlite3_stmt *forget =
        cost__store_prepare(imp->db, "DELETE FROM missing_column WHERE family=?", err);
    sqlite3_stmt *put =
        cost__store_prepare(imp->db, "INSERT OR IGNORE INTO missing_column VALUES(?,?)", err);
    int rc = forget == NULL || put == NULL ? MCP_EIO : 0;

    for (size_t s = 0; rc == 0 && s < imp->n_slices; s++) {
        rc = cost__store_bind(forget, "s", cost__slice_provider(imp, imp->slices[s]));
        if (rc == 0)
            rc = cost__store_run(forget, err);
    }
    for (size_t s = 0; rc == 0 && s < imp->n_slices; s++) {
        for (size_t k = 0; k < imp->slices[s]->n_files; k++) {
            uint32_t file = imp->slices[s]->files[k];
            /* Rows that came without a file have every column. */
            uint64_t missing = file < d->n_files ? d->files[file].focus->columns_missing : 0;

            for (size_t c = 0; rc == 0 && c < cost__focus_n_columns; c++) {
                if ((missing >> c & 1) == 0)
                    continue;
                rc = cost__store_bind(put, "ss", cost__slice_provider(imp, imp->slices[s]),
                                      mcp_str_z(cost__focus_columns[c].name));
                if (rc == 0)
                    rc = cost__store_run(put, err);
            }
        }
    }
    sqlite3_finalize(forget);
    sqlite3_finalize(put);
    return rc;
}

static int record_periods(struct cost__delivery *d, struct mcp_error *err)
{
    const struct cost__importer *imp = d->imp;
    sqlite3_stmt *put =
        cost__store_prepare(imp->db, "INSERT OR REPLACE INTO period_status VALUES(?,?,?)", err);
    int rc = put == NULL ? MCP_EIO : 0;

    for (size_t i = 0; rc == 0 && i < imp->n_periods; i++) {
        rc = cost__store_bind(put, "sii", imp->periods[i].family,
                              (int64_t)imp->periods[i].period_start,
                              (int64_t)imp->periods[i].closed);
        if (rc == 0)
            rc = cost__store_run(put, err);
    }
    sqlite3_finalize(put);
    return rc;
}

int cost__delivery_record(struct cost__delivery *d, struct mcp_error *err)
{
    const struct cost__importer *imp = d->imp;
    sqlite3_stmt *put;
    int rc = record_files(d, err);

    if (rc == 0)
        rc = record_columns(d, err);
    if (rc == 0)
        rc = record_periods(d, err);
    if (rc != 0)
        return rc;
    put = cost__store_prepare(imp->db, "INSERT OR REPLACE INTO unmapped VALUES(?,?)", err);
    rc = put == NULL ? MCP_EIO : 0;
    for (uint32_t i = 1; rc == 0 && i <= imp->unmapped.n; i++) {
        mcp_str slug = cost__dict_get(&imp->unmapped, i);

        rc = cost__store_bind(put, "ss", slug, slug);
        if (rc == 0)
            rc = cost__store_run(put, err);
    }
    sqlite3_finalize(put);
    return rc;
}
