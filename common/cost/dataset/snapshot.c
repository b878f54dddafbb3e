/* One open state of a dataset file: its catalogue, and its blocks and sums as they are asked for. */
#include "snapshot_internal.h"
#include "snapshot_open.h"
#include "store.h"

#include <mcp/date.h>

#include <stdlib.h>
#include <unistd.h>

#define ARENA_LIMIT ((size_t)2 << 30)
#define DAY 86400

/* ---- opening ---- */

static int read_meta(struct cost_snapshot *s, sqlite3 *db, struct mcp_error *err)
{
    sqlite3_stmt *stmt =
        cost__store_prepare(db,
                            "SELECT (SELECT value FROM meta WHERE key='generation'),"
                            " (SELECT value FROM meta WHERE key='imported_at'),"
                            " (SELECT coalesce(max(first+n-1),0) FROM tagset)",
                            err);
    int rc = stmt == NULL ? MCP_EDATA : cost__store_step(stmt, err);

    if (rc == 1) {
        s->generation = mcp_arena_str(s->arena, cost__store_text(stmt, 0));
        s->imported_at = sqlite3_column_int64(stmt, 1);
        s->n_tagsets = (uint32_t)sqlite3_column_int64(stmt, 2);
        rc = 0;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int read_counts(struct cost_snapshot *s, sqlite3 *db, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, "SELECT max(id) FROM dict WHERE col=?", err);
    int rc = stmt == NULL ? MCP_EDATA : 0;

    for (int c = 0; rc == 0 && c < COST_N_COLS; c++) {
        rc = cost__store_bind(stmt, "i", (int64_t)c);
        if (rc == 0)
            rc = cost__store_step(stmt, err);
        if (rc == 1) {
            s->texts[c].n = (uint32_t)sqlite3_column_int64(stmt, 0);
            rc = 0;
        }
    }
    s->texts[COST_COL_TAGS].n = 0;
    sqlite3_finalize(stmt);
    return rc;
}

int cost__snapshot_closed(const struct cost_slice *s, int status, const struct cost_grace *grace)
{
    int64_t days = mcp_str_eq(s->provider, MCP_STR("aws")) ? grace->aws_days : grace->other_days;

    if (status >= 0)
        return status;
    if (s->data_through < s->period_end)
        return 0;
    return s->delivered_at < ((int64_t)s->period_end + 1 + days) * DAY ? 0 : -1;
}

static int count_rows(sqlite3 *db, const char *sql, size_t *n, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, sql, err);
    int rc = stmt == NULL ? MCP_EDATA : cost__store_step(stmt, err);

    if (rc == 1) {
        *n = (size_t)sqlite3_column_int64(stmt, 0);
        rc = 0;
    }
    sqlite3_finalize(stmt);
    return rc;
}

/* Room for one family each slice is there. */
static void add_days(struct cost_snapshot *s, const struct cost_slice *slice, int64_t short_end,
                     int64_t ended_end)
{
    struct cost__family_days *f = s->families;

    while (f < s->families + s->n_families && !mcp_str_eq(f->provider, slice->provider))
        f++;
    if (f == s->families + s->n_families) {
        *f = (struct cost__family_days){ slice->provider, slice->day_min, short_end, ended_end };
        s->n_families++;
        return;
    }
    f->first = slice->day_min < f->first ? slice->day_min : f->first;
    f->short_end = short_end > f->short_end ? short_end : f->short_end;
    f->ended_end = ended_end > f->ended_end ? ended_end : f->ended_end;
}

static void read_slice(struct cost_snapshot *s, sqlite3_stmt *stmt, const struct cost_grace *grace,
                       struct cost_slice *out)
{
    int64_t rollups = sqlite3_column_int64(stmt, 10);
    int status = sqlite3_column_type(stmt, 14) == SQLITE_NULL ? -1 : sqlite3_column_int(stmt, 14);
    int64_t short_end = sqlite3_column_int64(stmt, 12);
    int64_t ended_end = sqlite3_column_int64(stmt, 13);

    *out = (struct cost_slice){
        .id = (uint32_t)sqlite3_column_int64(stmt, 0),
        .source = mcp_arena_str(s->arena, cost__store_text(stmt, 1)),
        .provider = mcp_arena_str(s->arena, cost__store_text(stmt, 2)),
        .billing_account = mcp_arena_str(s->arena, cost__store_text(stmt, 3)),
        .period_start = sqlite3_column_int(stmt, 4),
        .period_end = sqlite3_column_int(stmt, 5),
        .day_min = sqlite3_column_int(stmt, 6),
        .day_max = sqlite3_column_int(stmt, 7),
        .delivered_at = sqlite3_column_int64(stmt, 8),
        .rows = (uint64_t)sqlite3_column_int64(stmt, 9),
    };
    out->data_through = cost__data_through(short_end, ended_end);
    add_days(s, out, short_end, ended_end);
    out->closed = cost__snapshot_closed(out, status, grace);
    out->has_rollup[COST_FACTS] = true;
    for (int k = COST_FACTS + 1; k < COST_N_BLOCK_KINDS; k++)
        out->has_rollup[k] = (rollups >> k & 1) != 0;
}

static int read_slices(struct cost_snapshot *s, sqlite3 *db, const struct cost_grace *grace,
                       struct mcp_error *err)
{
    sqlite3_stmt *stmt = NULL;
    struct cost_slice *slices;
    struct cost_ledger_row *ledger;
    size_t n = 0, n_ledger = 0, i = 0;
    int rc = count_rows(db, "SELECT count(*) FROM slice", &n, err);

    if (rc == 0)
        rc =
            count_rows(db, "SELECT coalesce(sum(length(ledger)),0)/120 FROM slice", &n_ledger, err);
    if (rc != 0)
        return rc;
    slices = mcp_arena_try_array(s->arena, n + 1, sizeof(*slices));
    ledger = mcp_arena_try_array(s->arena, n_ledger + 1, sizeof(*ledger));
    s->families = mcp_arena_try_array(s->arena, n + 1, sizeof(*s->families));
    s->parts = mcp_arena_try_array(s->arena, n + 1, sizeof(*s->parts));
    if (slices == NULL || ledger == NULL || s->families == NULL || s->parts == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    stmt = cost__store_prepare(
        db,
        "SELECT s.id, s.source, s.provider, coalesce(s.account,''), s.period_start, s.period_end,"
        " s.day_min, s.day_max, s.delivered_at, s.rows, s.rollups, s.ledger, s.short_end,"
        " s.ended_end, p.closed FROM slice s LEFT JOIN period_status p ON p.family=s.provider"
        " AND p.period_start=s.period_start ORDER BY s.id",
        err);
    rc = stmt == NULL ? MCP_EDATA : 0;
    while (rc == 0 && i < n && (rc = cost__store_step(stmt, err)) == 1) {
        mcp_str blob = cost__store_blob(stmt, 11);
        size_t rows = 0;

        rc = cost__ledger_count(blob, &rows);
        read_slice(s, stmt, grace, &slices[i]);
        for (size_t k = 0; rc == 0 && k < rows && s->n_ledger < n_ledger; k++) {
            struct cost_day_total t;
            struct cost_ledger_row *l = &ledger[s->n_ledger++];

            cost__ledger_read(blob, k, &t);
            l->slice = slices[i].id;
            l->currency = t.currency;
            l->provider = t.provider;
            l->rows = t.rows;
            memcpy(l->sum, t.sum, sizeof(l->sum));
            memcpy(l->unknown, t.unknown, sizeof(l->unknown));
        }
        i++;
    }
    sqlite3_finalize(stmt);
    s->slices = slices;
    s->n_slices = i;
    s->ledger = ledger;
    return rc;
}

int cost__snapshot_open(int fd, mcp_str path, const struct cost_grace *grace,
                        struct cost_snapshot **out, struct mcp_error *err)
{
    struct cost_snapshot *s = calloc(1, sizeof(*s));
    struct cost__conn *conn = NULL;
    int rc;

    if (s == NULL) {
        close(fd);
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    }
    pthread_mutex_init(&s->lock, NULL);
    atomic_init(&s->refs, 1);
    s->fd = fd;
    s->arena = mcp_arena_new((size_t)16 << 10, ARENA_LIMIT);
    s->cache = cost__block_cache_new();
    rc = s->arena == NULL || s->cache == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
    if (rc == 0) {
        s->path = mcp_arena_str(s->arena, path);
        rc = cost__conn_take(s, &conn, err);
    }
    if (rc == 0)
        rc = cost__store_check(conn->db, path, err);
    if (rc == 0)
        rc = read_meta(s, conn->db, err);
    if (rc == 0)
        rc = read_counts(s, conn->db, err);
    if (rc == 0)
        rc = read_slices(s, conn->db, grace, err);
    cost__conn_give(s, conn);
    if (rc != 0) {
        cost__snapshot_free(s);
        return rc;
    }
    *out = s;
    return 0;
}

void cost__snapshot_free(struct cost_snapshot *s)
{
    if (s == NULL)
        return;
    while (s->idle != NULL) {
        struct cost__conn *conn = s->idle;

        s->idle = conn->next;
        cost__conn_free(conn);
    }
    for (size_t c = 0; c < COST_N_COLS; c++) {
        free(atomic_load(&s->texts[c].by_id));
        free(atomic_load(&s->texts[c].labels));
    }
    cost__tag_cache_free(s->tags);
    cost__block_cache_free(s->cache);
    mcp_arena_free(s->arena);
    if (s->fd >= 0)
        close(s->fd);
    pthread_mutex_destroy(&s->lock);
    free(s);
}

mcp_str cost_snapshot_generation(const struct cost_snapshot *snap)
{
    return snap->generation;
}

size_t cost__snapshot_slices(const struct cost_snapshot *snap, const struct cost_slice **slices)
{
    *slices = snap->slices;
    return snap->n_slices;
}

size_t cost__snapshot_ledger(const struct cost_snapshot *snap, const struct cost_ledger_row **rows)
{
    *rows = snap->ledger;
    return snap->n_ledger;
}

size_t cost__snapshot_slice_index(const struct cost_snapshot *s, uint32_t slice)
{
    size_t lo = 0, hi = s->n_slices;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (s->slices[mid].id < slice)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < s->n_slices && s->slices[lo].id == slice ? lo : SIZE_MAX;
}

/* ---- blocks ---- */

static int list_blocks(struct cost_snapshot *s, struct mcp_error *err)
{
    struct cost__conn *conn = NULL;
    sqlite3_stmt *stmt;
    struct cost__block_ref *refs = NULL;
    size_t n = 0, size = 0;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    stmt = cost__conn_stmt(conn, COST__SQL_BLOCK_LIST, err);
    rc = stmt == NULL ? MCP_EDATA : 0;
    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        rc = 0;
        if (n == size) {
            struct cost__block_ref *more =
                realloc(refs, (size == 0 ? 64 : size * 2) * sizeof(*refs));

            if (more == NULL) {
                rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
                break;
            }
            refs = more;
            size = size == 0 ? 64 : size * 2;
        }
        refs[n++] = (struct cost__block_ref){
            sqlite3_column_int64(stmt, 4), (uint32_t)sqlite3_column_int64(stmt, 0),
            sqlite3_column_int(stmt, 1), sqlite3_column_int(stmt, 2), sqlite3_column_int(stmt, 3)
        };
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    cost__conn_give(s, conn);
    if (rc == 0) {
        pthread_mutex_lock(&s->lock);
        if (atomic_load(&s->blocks) == NULL) {
            struct cost__block_ref *kept = mcp_arena_try_array(s->arena, n + 1, sizeof(*kept));

            if (kept == NULL) {
                rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
            } else {
                if (n > 0)
                    memcpy(kept, refs, n * sizeof(*kept));
                s->n_blocks = n;
                atomic_store(&s->blocks, kept);
            }
        }
        pthread_mutex_unlock(&s->lock);
    }
    free(refs);
    return rc;
}

static int load_block(struct cost_snapshot *s, const struct cost__block_ref *ref,
                      struct cost__cached **out, struct mcp_error *err)
{
    struct cost__conn *conn = NULL;
    struct cost_block *block = NULL;
    sqlite3_stmt *stmt;
    mcp_str blob = MCP_STR_NULL;
    char *copy = NULL;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    stmt = cost__conn_stmt(conn, COST__SQL_BLOCK, err);
    rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "i", ref->id);
    if (rc == 0)
        rc = cost__store_step(stmt, err);
    if (rc == 0)
        rc = mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset lacks a block");
    if (rc == 1) {
        blob = cost__store_blob(stmt, 0);
        copy = malloc(blob.len + 1);
        rc = copy == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
        if (rc == 0) {
            memcpy(copy, blob.ptr, blob.len);
            rc = cost__block_open(copy, blob.len, &block, err);
        }
        sqlite3_reset(stmt);
    }
    cost__conn_give(s, conn);
    if (rc != 0) {
        free(copy);
        return rc;
    }
    for (int c = 0; c < COST_N_COLS; c++)
        cost__block_limit(block, (enum cost_col)c, cost__dict_count(s, (enum cost_col)c));
    *out = cost__block_cache_put(s->cache, ref->id, ref->kind != COST_FACTS, copy, blob.len, block);
    return *out == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
}

/* The first block of (slice, kind). */
static size_t first_block(const struct cost__block_ref *refs, size_t n, uint32_t slice, int kind)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        const struct cost__block_ref *r = &refs[mid];

        if (r->slice < slice || (r->slice == slice && r->kind < kind))
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

int cost__snapshot_blocks(struct cost_snapshot *s, uint32_t slice, enum cost_block_kind kind,
                          const struct cost_range *days,
                          int (*each)(void *ctx, struct cost_block *block, struct mcp_error *err),
                          void *ctx, struct mcp_error *err)
{
    const struct cost__block_ref *refs = atomic_load(&s->blocks);
    int rc = 0;

    if (refs == NULL) {
        rc = list_blocks(s, err);
        if (rc != 0)
            return rc;
        refs = atomic_load(&s->blocks);
    }
    for (size_t i = first_block(refs, s->n_blocks, slice, (int)kind);
         rc == 0 && i < s->n_blocks && refs[i].slice == slice && refs[i].kind == (int)kind; i++) {
        struct cost__cached *cached;

        if (days != NULL && (refs[i].day_max < days->start || refs[i].day_min > days->end))
            continue;
        cached = cost__block_cache_get(s->cache, refs[i].id);
        if (cached == NULL)
            rc = load_block(s, &refs[i], &cached, err);
        if (rc != 0)
            return rc;
        rc = each(ctx, cost__cached_block(cached), err);
        cost__block_cache_done(s->cache, cached);
    }
    return rc;
}

/* ---- sums by day, projects ---- */

static int parse_parts(struct cost_snapshot *s, mcp_str days, mcp_str projects,
                       struct cost__slice_parts *p)
{
    struct cost_day_total *d;
    struct cost__project_facts *f;

    if (cost__ledger_count(days, &p->n_days) != 0 || projects.len % COST__PROJECT_BYTES != 0)
        return MCP_EDATA;
    p->n_projects = projects.len / COST__PROJECT_BYTES;
    d = mcp_arena_try_array(s->arena, p->n_days + 1, sizeof(*d));
    f = mcp_arena_try_array(s->arena, p->n_projects + 1, sizeof(*f));
    if (d == NULL || f == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < p->n_days; i++)
        cost__ledger_read(days, i, &d[i]);
    if (projects.len > 0)
        memcpy(f, projects.ptr, projects.len);
    p->days = d;
    p->projects = f;
    return 0;
}

int cost__snapshot_parts(struct cost_snapshot *s, uint32_t slice,
                         const struct cost__slice_parts **out, struct mcp_error *err)
{
    size_t at = cost__snapshot_slice_index(s, slice);
    struct cost__slice_parts *parts;
    struct cost__conn *conn = NULL;
    sqlite3_stmt *stmt;
    int rc;

    MCP_BUG_ON(at == SIZE_MAX);
    parts = atomic_load_explicit(&s->parts[at], memory_order_acquire);
    if (parts != NULL) {
        *out = parts;
        return 0;
    }
    rc = cost__conn_take(s, &conn, err);
    if (rc != 0)
        return rc;
    stmt = cost__conn_stmt(conn, COST__SQL_SLICE_FACTS, err);
    rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "i", (int64_t)slice);
    if (rc == 0)
        rc = cost__store_step(stmt, err);
    if (rc == 1) {
        pthread_mutex_lock(&s->lock);
        parts = atomic_load(&s->parts[at]);
        rc = 0;
        if (parts == NULL) {
            parts = mcp_arena_try(s->arena, sizeof(*parts));
            rc = parts == NULL
                     ? MCP_ENOMEM
                     : parse_parts(s, cost__store_blob(stmt, 0), cost__store_blob(stmt, 1), parts);
            if (rc == 0)
                atomic_store_explicit(&s->parts[at], parts, memory_order_release);
        }
        pthread_mutex_unlock(&s->lock);
        sqlite3_reset(stmt);
    } else if (rc == 0) {
        rc = MCP_EDATA;
    }
    cost__conn_give(s, conn);
    if (rc != 0)
        return mcp_error_set(err, (enum mcp_err)rc, "the dataset's sums by day cannot be read");
    *out = parts;
    return 0;
}

int cost__snapshot_day_totals(struct cost_snapshot *s, uint32_t slice,
                              const struct cost_range *days, struct mcp_arena *arena,
                              const struct cost_day_total **rows, size_t *n, struct mcp_error *err)
{
    const struct cost__slice_parts *parts;
    struct cost_day_total *out;
    int rc = cost__snapshot_parts(s, slice, &parts, err);

    if (rc != 0)
        return rc;
    out = mcp_arena_try_array(arena, parts->n_days + 1, sizeof(*out));
    if (out == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    *n = 0;
    for (size_t i = 0; i < parts->n_days; i++) {
        if (days == NULL || (parts->days[i].day >= days->start && parts->days[i].day <= days->end))
            out[(*n)++] = parts->days[i];
    }
    *rows = out;
    return 0;
}
