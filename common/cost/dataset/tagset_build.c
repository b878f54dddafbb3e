/* Tag sets while an import runs: each distinct effective set of tags gets a number. */
#include "tagset_build.h"
#include "kube.h"
#include "store.h"
#include "tag_parse.h"

#include <mcp/buf.h>

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define SCRATCH_LIMIT ((size_t)64 << 20) /* a tag field is at most 1 MiB, its tokens some more */

struct id_pair {
    uint32_t key, value;
};

int cost__tagsets_init(struct cost__tagsets *s, struct mcp_arena *arena)
{
    *s = (struct cost__tagsets){ 0 };
    s->keys.arena = s->values.arena = s->sets.arena = arena;
    s->scratch = mcp_arena_new((size_t)64 << 10, SCRATCH_LIMIT);
    s->list = malloc(sizeof(*s->list));
    if (s->scratch == NULL || s->list == NULL) {
        cost__tagsets_release(s);
        return MCP_ENOMEM;
    }
    return 0;
}

void cost__tagsets_release(struct cost__tagsets *s)
{
    mcp_arena_free(s->scratch);
    free(s->list);
    cost__dict_release(&s->keys);
    cost__dict_release(&s->values);
    cost__dict_release(&s->sets);
    free(s->memo);
    s->scratch = NULL;
    s->list = NULL;
    s->memo = NULL;
}

static struct tagset_memo *memo_at(struct tagset_memo *memo, size_t size, XXH128_hash_t h)
{
    size_t at = h.low64 & (size - 1);

    while (memo[at].id != 0 && (memo[at].low != h.low64 || memo[at].high != h.high64))
        at = (at + 1) & (size - 1);
    return &memo[at];
}

static int memo_grow(struct cost__tagsets *s)
{
    size_t size = s->memo_size == 0 ? 256 : s->memo_size * 2;
    struct tagset_memo *memo = calloc(size, sizeof(*memo));

    if (memo == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < s->memo_size; i++) {
        const struct tagset_memo *m = &s->memo[i];

        if (m->id != 0)
            *memo_at(memo, size, (XXH128_hash_t){ .low64 = m->low, .high64 = m->high }) = *m;
    }
    free(s->memo);
    s->memo = memo;
    s->memo_size = size;
    return 0;
}

/* Text and where it ends, so that ("a", "bc") and ("ab", "c") differ. */
static XXH128_hash_t hash_raw(mcp_str tags, mcp_str allocated)
{
    XXH128_hash_t h = XXH3_128bits(tags.len == 0 ? "" : tags.ptr, tags.len);

    if (allocated.len > 0) {
        XXH128_hash_t other = XXH3_128bits_withSeed(allocated.ptr, allocated.len, h.high64);

        h.low64 ^= other.low64;
        h.high64 = other.high64 + (h.low64 | 1);
    }
    return h;
}

static int by_key(const void *a, const void *b)
{
    const struct id_pair *x = a, *y = b;

    return x->key < y->key ? -1 : x->key > y->key;
}

/* The list's pairs as ids; a later pair of the same key wins. */
static int intern(struct cost__tagsets *s, uint32_t *id)
{
    const struct cost__tag_list *list = s->list;
    struct id_pair pairs[COST__MAX_TAGS];
    size_t n = 0;

    for (size_t i = list->n; i-- > 0;) {
        uint32_t key = cost__dict_id(&s->keys, list->pairs[i].key);
        size_t j = 0;

        if (key == 0)
            return MCP_ENOMEM;
        while (j < n && pairs[j].key != key)
            j++;
        if (j < n)
            continue;
        pairs[n] = (struct id_pair){ key, cost__dict_id(&s->values, list->pairs[i].value) };
        if (pairs[n++].value == 0)
            return MCP_ENOMEM;
    }
    if (n == 0) {
        *id = 0;
        return 0;
    }
    qsort(pairs, n, sizeof(*pairs), by_key);
    *id = cost__dict_id(&s->sets, mcp_str_n((const char *)pairs, n * sizeof(*pairs)));
    return *id == 0 ? MCP_ENOMEM : 0;
}

int cost__tagsets_id(struct cost__tagsets *s, mcp_str tags, mcp_str allocated, uint32_t *id,
                     const char **reason)
{
    XXH128_hash_t h;
    struct tagset_memo *m;
    int rc;

    if (tags.len == 0 && allocated.len == 0) {
        *id = 0;
        return 0;
    }
    h = hash_raw(tags, allocated);
    if (s->memo_used * 3 >= s->memo_size * 2 && memo_grow(s) != 0) {
        *reason = "out of memory";
        return MCP_ENOMEM;
    }
    m = memo_at(s->memo, s->memo_size, h);
    if (m->id != 0) {
        *id = m->id - 1;
        return 0;
    }
    mcp_arena_reset(s->scratch);
    s->list->n = 0;
    rc = cost__tag_parse(tags, s->scratch, s->list, reason);
    if (rc == 0)
        rc = cost__tag_parse(allocated, s->scratch, s->list, reason);
    if (rc != 0)
        return rc;
    *reason = "out of memory";
    rc = intern(s, id);
    if (rc != 0)
        return rc;
    *m = (struct tagset_memo){ h.low64, h.high64, *id + 1 };
    s->memo_used++;
    return 0;
}

void cost__tagsets_kube(const struct cost__tagsets *s, uint32_t set, mcp_str *cluster,
                        mcp_str *namespace)
{
    mcp_str bytes = cost__dict_get(&s->sets, set);

    *cluster = *namespace = MCP_STR_NULL;
    for (size_t i = 0; i + sizeof(struct id_pair) <= bytes.len; i += sizeof(struct id_pair)) {
        struct id_pair pair;
        mcp_str key, value;

        memcpy(&pair, bytes.ptr + i, sizeof(pair));
        key = cost__dict_get(&s->keys, pair.key);
        value = cost__dict_get(&s->values, pair.value);
        if (value.len == 0)
            continue;
        if (mcp_str_is_null(*cluster) && cost__kube_cluster_key(key))
            *cluster = value;
        else if (mcp_str_is_null(*namespace) && cost__kube_namespace_key(key))
            *namespace = value;
    }
}

static int load_texts(struct cost__dict *d, sqlite3 *db, const char *sql, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, sql, err);
    int rc = stmt == NULL ? MCP_EIO : 0;

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1)
        rc = cost__dict_id(d, cost__store_text(stmt, 0)) == 0
                 ? mcp_error_set(err, MCP_ENOMEM, "out of memory")
                 : 0;
    sqlite3_finalize(stmt);
    d->n_stored = d->n;
    return rc;
}

static int load_chunk(struct cost__tagsets *s, mcp_str data, int64_t n, struct mcp_error *err)
{
    size_t at = 0;

    for (int64_t i = 0; i < n; i++) {
        uint32_t pairs;

        if (data.len - at < sizeof(pairs))
            return mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset's tags are damaged");
        memcpy(&pairs, data.ptr + at, sizeof(pairs));
        at += sizeof(pairs);
        if (pairs == 0 || pairs > COST__MAX_TAGS || data.len - at < pairs * sizeof(struct id_pair))
            return mcp_error_word(err, MCP_EDATA, "bad_dataset", "the dataset's tags are damaged");
        if (cost__dict_id(&s->sets, mcp_str_n(data.ptr + at, pairs * sizeof(struct id_pair))) == 0)
            return mcp_error_set(err, MCP_ENOMEM, "out of memory");
        at += pairs * sizeof(struct id_pair);
    }
    return 0;
}

int cost__tagsets_load(struct cost__tagsets *s, sqlite3 *db, struct mcp_error *err)
{
    sqlite3_stmt *stmt;
    int rc = load_texts(&s->keys, db, "SELECT text FROM tag_key ORDER BY id", err);

    if (rc == 0)
        rc = load_texts(&s->values, db, "SELECT text FROM tag_value ORDER BY id", err);
    if (rc != 0)
        return rc;
    stmt = cost__store_prepare(db, "SELECT data, n FROM tagset ORDER BY first", err);
    rc = stmt == NULL ? MCP_EIO : 0;
    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1)
        rc = load_chunk(s, cost__store_blob(stmt, 0), sqlite3_column_int64(stmt, 1), err);
    sqlite3_finalize(stmt);
    s->sets.n_stored = s->sets.n;
    return rc;
}

static int save_texts(struct cost__dict *d, sqlite3 *db, const char *sql, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, sql, err);
    int rc = stmt == NULL ? MCP_EIO : 0;

    for (uint32_t i = d->n_stored; rc == 0 && i < d->n; i++) {
        rc = cost__store_bind(stmt, "is", (int64_t)i + 1, d->texts[i]);
        if (rc == 0)
            rc = cost__store_run(stmt, err);
    }
    sqlite3_finalize(stmt);
    d->n_stored = d->n;
    return rc;
}

int cost__tagsets_save(struct cost__tagsets *s, sqlite3 *db, struct mcp_error *err)
{
    sqlite3_stmt *stmt;
    struct mcp_buf buf;
    int rc = save_texts(&s->keys, db, "INSERT INTO tag_key VALUES(?,?)", err);

    if (rc == 0)
        rc = save_texts(&s->values, db, "INSERT INTO tag_value VALUES(?,?)", err);
    if (rc != 0)
        return rc;
    mcp_buf_init(&buf, (size_t)COST__TAGSET_CHUNK * (4 + COST__MAX_TAGS * sizeof(struct id_pair)));
    stmt = cost__store_prepare(db, "INSERT INTO tagset VALUES(?,?,?)", err);
    rc = stmt == NULL ? MCP_EIO : 0;
    for (uint32_t from = s->sets.n_stored; rc == 0 && from < s->sets.n;
         from += COST__TAGSET_CHUNK) {
        uint32_t n = s->sets.n - from < COST__TAGSET_CHUNK ? s->sets.n - from : COST__TAGSET_CHUNK;

        mcp_buf_clear(&buf);
        for (uint32_t i = 0; i < n; i++) {
            mcp_str bytes = s->sets.texts[from + i];
            uint32_t pairs = (uint32_t)(bytes.len / sizeof(struct id_pair));

            mcp_buf_put(&buf, &pairs, sizeof(pairs));
            mcp_buf_str(&buf, bytes);
        }
        rc = mcp_buf_error(&buf);
        if (rc != 0)
            mcp_error_set(err, (enum mcp_err)rc, "out of memory");
        else
            rc = cost__store_bind(stmt, "iib", (int64_t)from + 1, (int64_t)n, mcp_buf_view(&buf));
        if (rc == 0)
            rc = cost__store_run(stmt, err);
    }
    sqlite3_finalize(stmt);
    mcp_buf_release(&buf);
    s->sets.n_stored = s->sets.n;
    return rc;
}
