/* Tag sets of a snapshot: one key as a column over all sets, a set's pairs, the keys there are. */
#include "snapshot_internal.h"
#include "store.h"

#include <stdlib.h>

#define CACHED_COLUMNS 8
#define PAIR_BYTES 8

/* Columns of keys asked for lately, so that grouping by a tag again costs no scan of the sets. */
struct cost__tag_cache {
    pthread_mutex_t lock;
    uint64_t clock;
    struct entry {
        uint32_t key; /* 0: free */
        uint64_t used;
        uint32_t *of; /* owned: n_sets + 1 */
        mcp_str *values; /* owned: array and one heap block of bytes behind values[0] */
        char *bytes;
        size_t n_values;
    } entries[CACHED_COLUMNS];
};

static void entry_release(struct entry *e)
{
    free(e->of);
    free(e->values);
    free(e->bytes);
    *e = (struct entry){ 0 };
}

void cost__tag_cache_free(struct cost__tag_cache *c)
{
    if (c == NULL)
        return;
    for (size_t i = 0; i < CACHED_COLUMNS; i++)
        entry_release(&c->entries[i]);
    pthread_mutex_destroy(&c->lock);
    free(c);
}

static struct cost__tag_cache *cache_of(struct cost_snapshot *s)
{
    struct cost__tag_cache *c;

    pthread_mutex_lock(&s->lock);
    if (s->tags == NULL) {
        s->tags = calloc(1, sizeof(*s->tags));
        if (s->tags != NULL)
            pthread_mutex_init(&s->tags->lock, NULL);
    }
    c = s->tags;
    pthread_mutex_unlock(&s->lock);
    return c;
}

static int damaged(struct mcp_error *err)
{
    return mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset's tags are damaged");
}

/* The pairs of the next set of a chunk at *at: their bytes and number, or -1. */
static int next_set(mcp_str data, size_t *at, const char **pairs, uint32_t *n)
{
    if (data.len - *at < sizeof(*n))
        return -1;
    memcpy(n, data.ptr + *at, sizeof(*n));
    *at += sizeof(*n);
    if (*n > (data.len - *at) / PAIR_BYTES)
        return -1;
    *pairs = data.ptr + *at;
    *at += (size_t)*n * PAIR_BYTES;
    return 0;
}

/* The value id of key among pairs, or 0. */
static uint32_t value_in(const char *pairs, uint32_t n, uint32_t key)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t pair[2];

        memcpy(pair, pairs + (size_t)i * PAIR_BYTES, sizeof(pair));
        if (pair[0] == key)
            return pair[1];
    }
    return 0;
}

/* of[set]: value id. */
static int scan_sets(struct cost_snapshot *s, struct cost__conn *conn, uint32_t key, uint32_t *of,
                     struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, COST__SQL_TAGSETS, err);
    int rc = stmt == NULL ? MCP_EDATA : 0;

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        int64_t first = sqlite3_column_int64(stmt, 0), n = sqlite3_column_int64(stmt, 1);
        mcp_str data = cost__store_blob(stmt, 2);
        size_t at = 0;

        rc = 0;
        for (int64_t i = 0; rc == 0 && i < n; i++) {
            const char *pairs;
            uint32_t n_pairs;

            if (first + i < 1 || first + i > s->n_tagsets ||
                next_set(data, &at, &pairs, &n_pairs) != 0)
                rc = damaged(err);
            else
                of[first + i] = value_in(pairs, n_pairs, key);
        }
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    return rc;
}

static int by_id(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Replaces value ids by 1 + index into the distinct values, whose texts are read. */
static int number_values(struct cost_snapshot *s, struct cost__conn *conn, struct entry *e,
                         struct mcp_error *err)
{
    size_t total = (size_t)s->n_tagsets + 1, n = 0;
    uint32_t *ids = malloc(total * sizeof(*ids));
    struct mcp_buf bytes;
    size_t *ends = NULL;
    sqlite3_stmt *stmt;
    int rc = 0;

    mcp_buf_init(&bytes, (size_t)1 << 30);
    if (ids == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    for (size_t i = 0; i < total; i++) {
        if (e->of[i] != 0)
            ids[n++] = e->of[i];
    }
    qsort(ids, n, sizeof(*ids), by_id);
    for (size_t i = 0, from = n; i < from; i++) {
        if (i == 0)
            n = 0;
        if (n == 0 || ids[n - 1] != ids[i])
            ids[n++] = ids[i];
    }
    ends = malloc((n + 1) * sizeof(*ends));
    e->values = calloc(n + 1, sizeof(*e->values));
    stmt = cost__conn_stmt(conn, COST__SQL_TAG_VALUE, err);
    if (ends == NULL || e->values == NULL)
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
    else if (stmt == NULL)
        rc = MCP_EDATA;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        rc = cost__store_bind(stmt, "i", (int64_t)ids[i]);
        if (rc == 0)
            rc = cost__store_step(stmt, err);
        if (rc == 0)
            rc = damaged(err);
        if (rc == 1) {
            mcp_buf_str(&bytes, cost__store_text(stmt, 0));
            ends[i] = bytes.len;
            rc = 0;
        }
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    if (rc == 0 && mcp_buf_error(&bytes) != 0)
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
    if (rc == 0) {
        size_t len;

        mcp_buf_char(&bytes, '\0'); /* so that there is always a byte to point to */
        e->bytes = mcp_buf_steal(&bytes, &len);
        rc = e->bytes == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
    }
    for (size_t i = 0; rc == 0 && i < n; i++) {
        size_t from = i == 0 ? 0 : ends[i - 1];

        e->values[i] = mcp_str_n(e->bytes + from, ends[i] - from);
    }
    for (size_t i = 0; rc == 0 && i < total; i++) {
        const uint32_t *at = e->of[i] == 0 ? NULL : bsearch(&e->of[i], ids, n, sizeof(*ids), by_id);

        e->of[i] = at == NULL ? 0 : (uint32_t)(at - ids) + 1;
    }
    e->n_values = n;
    free(ids);
    free(ends);
    mcp_buf_release(&bytes);
    return rc;
}

static int build(struct cost_snapshot *s, struct cost__conn *conn, uint32_t key, struct entry *e,
                 struct mcp_error *err)
{
    int rc;

    e->of = calloc((size_t)s->n_tagsets + 1, sizeof(*e->of));
    if (e->of == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = scan_sets(s, conn, key, e->of, err);
    return rc != 0 ? rc : number_values(s, conn, e, err);
}

/* A copy in the caller's arena: the cached column may go while the call still reads. */
static int hand_out(const struct cost_snapshot *s, const struct entry *e, struct mcp_arena *arena,
                    struct cost_tag_column *out, struct mcp_error *err)
{
    size_t total = (size_t)s->n_tagsets + 1;
    uint32_t *of = mcp_arena_try_array(arena, total, sizeof(*of));
    mcp_str *values = mcp_arena_try_array(arena, e->n_values + 1, sizeof(*values));
    size_t bytes = 0, at = 0;
    char *text;

    for (size_t i = 0; i < e->n_values; i++)
        bytes += e->values[i].len;
    text = mcp_arena_try(arena, bytes + 1);
    if (of == NULL || values == NULL || text == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    memcpy(of, e->of, total * sizeof(*of));
    memcpy(text, e->bytes, bytes);
    for (size_t i = 0; i < e->n_values; i++) {
        values[i] = mcp_str_n(text + at, e->values[i].len);
        at += e->values[i].len;
    }
    out->of = of;
    out->n_sets = total;
    out->values = values;
    out->n_values = e->n_values;
    return 0;
}

static int find_key(struct cost__conn *conn, mcp_str key, uint32_t *id, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, COST__SQL_TAG_KEY_FIND, err);
    int rc =
        stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "s", key.len == 0 ? MCP_STR("") : key);

    *id = 0;
    if (rc == 0)
        rc = cost__store_step(stmt, err);
    if (rc == 1) {
        *id = (uint32_t)sqlite3_column_int64(stmt, 0);
        sqlite3_reset(stmt);
        rc = 0;
    }
    return rc;
}

static int column_from_cache(struct cost_snapshot *s, struct cost__conn *conn, uint32_t key,
                             struct mcp_arena *arena, struct cost_tag_column *out,
                             struct mcp_error *err)
{
    struct cost__tag_cache *c = cache_of(s);
    struct entry *e = NULL, *oldest;
    int rc = 0;

    if (c == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    pthread_mutex_lock(&c->lock);
    oldest = &c->entries[0];
    for (size_t i = 0; i < CACHED_COLUMNS; i++) {
        if (c->entries[i].key == key)
            e = &c->entries[i];
        if (c->entries[i].used < oldest->used)
            oldest = &c->entries[i];
    }
    if (e == NULL) {
        e = oldest;
        entry_release(e);
        rc = build(s, conn, key, e, err);
        if (rc != 0)
            entry_release(e);
        else
            e->key = key;
    }
    if (rc == 0) {
        e->used = ++c->clock;
        rc = hand_out(s, e, arena, out, err);
    }
    pthread_mutex_unlock(&c->lock);
    return rc;
}

int cost__tag_column(struct cost_snapshot *s, mcp_str exact_key, struct mcp_arena *arena,
                     struct cost_tag_column *out, struct mcp_error *err)
{
    struct cost__conn *conn = NULL;
    uint32_t key, *of;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    *out = (struct cost_tag_column){ .key = mcp_arena_str(arena, exact_key) };
    rc = find_key(conn, exact_key, &key, err);
    if (rc == 0 && key == 0) {
        of = mcp_arena_try_array(arena, (size_t)s->n_tagsets + 1, sizeof(*of));
        rc = of == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
        out->of = of;
        out->n_sets = (size_t)s->n_tagsets + 1;
    } else if (rc == 0) {
        rc = column_from_cache(s, conn, key, arena, out, err);
    }
    cost__conn_give(s, conn);
    return rc;
}

/* Sets the bits of the keys that the sets have; key ids are below limit. */
static int mark_keys(struct cost_snapshot *s, struct cost__conn *conn, const uint64_t *sets,
                     uint64_t *keys, size_t limit, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, COST__SQL_TAGSETS, err);
    int rc = stmt == NULL ? MCP_EDATA : 0;

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        int64_t first = sqlite3_column_int64(stmt, 0), n = sqlite3_column_int64(stmt, 1);
        mcp_str data = cost__store_blob(stmt, 2);
        size_t at = 0;

        rc = first < 1 || n < 0 || first + n - 1 > s->n_tagsets ? damaged(err) : 0;
        for (int64_t i = first; rc == 0 && i < first + n; i++) {
            const char *pairs;
            uint32_t n_pairs, key;

            if (next_set(data, &at, &pairs, &n_pairs) != 0)
                rc = damaged(err);
            if (rc != 0 || (sets[i >> 6] >> (i & 63) & 1) == 0)
                continue;
            for (uint32_t p = 0; p < n_pairs; p++) {
                memcpy(&key, pairs + (size_t)p * PAIR_BYTES, sizeof(key));
                if (key < limit)
                    keys[key >> 6] |= UINT64_C(1) << (key & 63);
            }
        }
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    return rc;
}

/* Leaves of all keys (the one of id i at i - 1) those that the sets have. */
static int keep_used(struct cost_snapshot *s, struct cost__conn *conn, const uint64_t *sets,
                     struct mcp_arena *arena, mcp_str *keys, size_t *n, struct mcp_error *err)
{
    uint64_t *used = mcp_arena_try_array(arena, (*n + 1) / 64 + 1, sizeof(*used));
    size_t kept = 0;
    int rc;

    if (used == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = mark_keys(s, conn, sets, used, *n + 1, err);
    for (size_t id = 1; rc == 0 && id <= *n; id++) {
        if ((used[id >> 6] >> (id & 63) & 1) != 0)
            keys[kept++] = keys[id - 1];
    }
    if (rc == 0)
        *n = kept;
    return rc;
}

int cost__tag_keys(struct cost_snapshot *s, const uint64_t *sets, struct mcp_arena *arena,
                   const mcp_str **keys, size_t *n, struct mcp_error *err)
{
    struct cost__conn *conn = NULL;
    sqlite3_stmt *stmt;
    mcp_str *out = NULL;
    size_t size = 0, count = 0;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    stmt = cost__conn_stmt(conn, COST__SQL_TAG_KEYS, err);
    rc = stmt == NULL ? MCP_EDATA : 0;
    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        mcp_str text = cost__store_text(stmt, 0);
        char *copy = mcp_arena_try(arena, text.len + 1);

        rc = 0;
        if (count == size) {
            mcp_str *more = mcp_arena_try_array(arena, size == 0 ? 32 : size * 2, sizeof(*more));

            if (more != NULL && size > 0)
                memcpy(more, out, size * sizeof(*more));
            out = more;
            size = size == 0 ? 32 : size * 2;
        }
        if (copy == NULL || out == NULL) {
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
            break;
        }
        if (text.len > 0)
            memcpy(copy, text.ptr, text.len);
        out[count++] = mcp_str_n(copy, text.len);
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    if (rc == 0 && sets != NULL)
        rc = keep_used(s, conn, sets, arena, out, &count, err);
    cost__conn_give(s, conn);
    if (rc == 0) {
        *keys = out;
        *n = count;
    }
    return rc;
}

static int text_by_id(struct cost__conn *conn, enum cost__sql sql, uint32_t id,
                      struct mcp_arena *arena, mcp_str *out, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, sql, err);
    int rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "i", (int64_t)id);

    if (rc == 0)
        rc = cost__store_step(stmt, err);
    if (rc == 0)
        return damaged(err);
    if (rc == 1) {
        *out = mcp_arena_str(arena, cost__store_text(stmt, 0));
        sqlite3_reset(stmt);
        rc = 0;
    }
    return rc;
}

/* The set's pairs as ids in arena. */
static int read_set(struct cost__conn *conn, uint32_t set, struct mcp_arena *arena,
                    uint32_t **pairs, uint32_t *n, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, COST__SQL_TAGSET_OF, err);
    const char *p = NULL;
    int rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "i", (int64_t)set);

    if (rc == 0)
        rc = cost__store_step(stmt, err);
    if (rc == 0)
        return damaged(err);
    if (rc == 1) {
        int64_t first = sqlite3_column_int64(stmt, 0), count = sqlite3_column_int64(stmt, 1);
        mcp_str data = cost__store_blob(stmt, 2);
        size_t at = 0;

        rc = set - first >= count ? damaged(err) : 0;
        for (int64_t i = first; rc == 0 && i <= set; i++)
            rc = next_set(data, &at, &p, n) == 0 ? 0 : damaged(err);
        if (rc == 0) {
            *pairs = mcp_arena_try_array(arena, (size_t)*n + 1, PAIR_BYTES);
            if (*pairs == NULL)
                rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
            else
                memcpy(*pairs, p, (size_t)*n * PAIR_BYTES);
        }
        sqlite3_reset(stmt);
    }
    return rc;
}

int cost__tag_set(struct cost_snapshot *s, uint32_t set, struct mcp_arena *arena,
                  const struct cost_tag **tags, size_t *n, struct mcp_error *err)
{
    struct cost__conn *conn = NULL;
    struct cost_tag *out;
    uint32_t *pairs = NULL, n_pairs = 0;
    int rc;

    *tags = NULL;
    *n = 0;
    if (set == 0 || set > s->n_tagsets)
        return 0;
    rc = cost__conn_take(s, &conn, err);
    if (rc != 0)
        return rc;
    rc = read_set(conn, set, arena, &pairs, &n_pairs, err);
    out = rc != 0 ? NULL : mcp_arena_try_array(arena, (size_t)n_pairs + 1, sizeof(*out));
    if (rc == 0 && out == NULL)
        rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
    for (uint32_t i = 0; rc == 0 && i < n_pairs; i++) {
        rc = text_by_id(conn, COST__SQL_TAG_KEY, pairs[2 * i], arena, &out[i].key, err);
        if (rc == 0)
            rc = text_by_id(conn, COST__SQL_TAG_VALUE, pairs[2 * i + 1], arena, &out[i].value, err);
    }
    cost__conn_give(s, conn);
    if (rc == 0) {
        *tags = out;
        *n = n_pairs;
    }
    return rc;
}
