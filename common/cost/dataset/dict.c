/* Dictionaries of a snapshot: texts and names by id, ids by text, read from the file as needed. */
#include "snapshot_internal.h"
#include "store.h"

#include <stdlib.h>

#define LOAD_WHOLE 2048 /* a dictionary of at most so many texts is read in one go */
#define MAX_ALL 100000

const struct cost__text cost__label_none = { 0 };

uint32_t cost__dict_count(struct cost_snapshot *s, enum cost_col col)
{
    return col == COST_COL_TAGS ? s->n_tagsets : s->texts[col].n;
}

const uint64_t *cost__dict_live(const struct cost_snapshot *s, enum cost_col col)
{
    return atomic_load_explicit(&s->live[col], memory_order_acquire);
}

int cost__dict_keep_live(struct cost_snapshot *s, enum cost_col col, const uint64_t *bits,
                         struct mcp_error *err)
{
    size_t words = ((size_t)cost__dict_count(s, col) + 1) / 64 + 1;
    uint64_t *copy;
    int rc = 0;

    pthread_mutex_lock(&s->lock);
    if (atomic_load(&s->live[col]) == NULL) {
        copy = mcp_arena_try_array(s->arena, words, sizeof(*copy));
        if (copy == NULL) {
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        } else {
            memcpy(copy, bits, words * sizeof(*copy));
            atomic_store_explicit(&s->live[col], copy, memory_order_release);
        }
    }
    pthread_mutex_unlock(&s->lock);
    return rc;
}

/* The slots of a column, made at first use; their pages are touched only where ids are asked for. */
static struct cost__slots *slots_of(_Atomic(struct cost__slots *) *at, uint32_t n)
{
    struct cost__slots *t = atomic_load_explicit(at, memory_order_acquire), *none = NULL;

    if (t != NULL)
        return t;
    t = calloc(1, sizeof(*t) + ((size_t)n + 1) * sizeof(t->at[0]));
    if (t == NULL)
        return NULL;
    t->n = n;
    if (!atomic_compare_exchange_strong(at, &none, t)) {
        free(t);
        t = none;
    }
    return t;
}

static const struct cost__text *keep(struct cost_snapshot *s, mcp_str text)
{
    struct cost__text *t;

    pthread_mutex_lock(&s->lock);
    t = mcp_arena_try(s->arena, sizeof(*t) + text.len + 1);
    pthread_mutex_unlock(&s->lock);
    if (t == NULL)
        return NULL;
    t->len = (uint32_t)text.len;
    if (text.len > 0)
        memcpy(t->bytes, text.ptr, text.len);
    return t;
}

/* Two threads may read the same text: the first one's copy stays. */
static void publish(struct cost__slots *t, uint32_t id, const struct cost__text *text)
{
    const struct cost__text *old = NULL;

    (void)atomic_compare_exchange_strong(&t->at[id], &old, text);
}

static int load_whole(struct cost_snapshot *s, struct cost__conn *conn, enum cost_col col,
                      enum cost__sql sql, struct cost__slots *t, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, sql, err);
    int rc = stmt == NULL ? MCP_EDATA
             : sql == COST__SQL_DICT_ALL
                 ? cost__store_bind(stmt, "ii", (int64_t)col, (int64_t)LOAD_WHOLE)
                 : cost__store_bind(stmt, "i", (int64_t)col);

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        int64_t id = sqlite3_column_int64(stmt, 0);
        const struct cost__text *text;

        rc = 0;
        if (id < 1 || id > t->n || atomic_load(&t->at[id]) != NULL)
            continue;
        text = keep(s, cost__store_text(stmt, 1));
        if (text == NULL)
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        else
            publish(t, (uint32_t)id, text);
    }
    return rc;
}

/* Reads what t[id] should be; a row that the file lacks is remembered too. */
static int load(struct cost_snapshot *s, enum cost_col col, uint32_t id, bool labels,
                struct cost__slots *t, struct mcp_error *err)
{
    struct cost__texts *texts = &s->texts[col];
    atomic_bool *all = labels ? &texts->all_labels : &texts->all;
    struct cost__conn *conn = NULL;
    sqlite3_stmt *stmt;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    if (texts->n <= LOAD_WHOLE) {
        rc = load_whole(s, conn, col, labels ? COST__SQL_NAME_ALL : COST__SQL_DICT_ALL, t, err);
        if (rc == 0)
            atomic_store(all, true);
    } else {
        stmt = cost__conn_stmt(conn, labels ? COST__SQL_NAME : COST__SQL_DICT_TEXT, err);
        rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "ii", (int64_t)col, (int64_t)id);
        if (rc == 0)
            rc = cost__store_step(stmt, err);
        if (rc >= 0) {
            const struct cost__text *text =
                rc == 1 ? keep(s, cost__store_text(stmt, 0)) : COST__LABEL_NONE;

            rc = 0;
            if (text == NULL)
                rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
            else
                publish(t, id, text);
            sqlite3_reset(stmt);
        }
    }
    cost__conn_give(s, conn);
    return rc;
}

static int text_of(struct cost_snapshot *s, enum cost_col col, uint32_t id, bool labels,
                   mcp_str *out, struct mcp_error *err)
{
    struct cost__texts *texts = &s->texts[col];
    const struct cost__text *text;
    struct cost__slots *t;

    *out = MCP_STR_NULL;
    if (id == 0 || id > texts->n)
        return 0;
    t = slots_of(labels ? &texts->labels : &texts->by_id, texts->n);
    if (t == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    text = atomic_load_explicit(&t->at[id], memory_order_acquire);
    if (text == NULL && !atomic_load(labels ? &texts->all_labels : &texts->all)) {
        int rc = load(s, col, id, labels, t, err);

        if (rc != 0)
            return rc;
        text = atomic_load_explicit(&t->at[id], memory_order_acquire);
    }
    if (text != NULL && text != COST__LABEL_NONE)
        *out = mcp_str_n(text->bytes, text->len);
    return 0;
}

int cost__dict_text(struct cost_snapshot *s, enum cost_col col, uint32_t id, mcp_str *text,
                    struct mcp_error *err)
{
    return text_of(s, col, id, false, text, err);
}

int cost__dict_label(struct cost_snapshot *s, enum cost_col col, uint32_t id, mcp_str *label,
                     struct mcp_error *err)
{
    return text_of(s, col, id, true, label, err);
}

struct found {
    uint32_t *ids; /* heap */
    size_t n, size;
};

static int found_add(struct found *f, uint32_t id)
{
    if (f->n == f->size) {
        size_t size = f->size == 0 ? 16 : f->size * 2;
        uint32_t *ids = realloc(f->ids, size * sizeof(*ids));

        if (ids == NULL)
            return MCP_ENOMEM;
        f->ids = ids;
        f->size = size;
    }
    f->ids[f->n++] = id;
    return 0;
}

/* Ids of one table that match without case, and those of them that match exactly. */
static int find_in(struct cost__conn *conn, enum cost__sql sql, enum cost_col col, mcp_str value,
                   struct found *exact, struct found *folded, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__conn_stmt(conn, sql, err);
    int rc = stmt == NULL
                 ? MCP_EDATA
                 : cost__store_bind(stmt, "is", (int64_t)col, value.len == 0 ? MCP_STR("") : value);

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        bool same = mcp_str_eq(cost__store_text(stmt, 1), value);

        rc = found_add(same ? exact : folded, (uint32_t)sqlite3_column_int64(stmt, 0));
        if (rc != 0)
            mcp_error_set(err, MCP_ENOMEM, "out of memory");
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    return rc;
}

int cost__dict_find(struct cost_snapshot *s, enum cost_col col, mcp_str value,
                    struct mcp_arena *arena, const uint32_t **ids, size_t *n, bool *by_name,
                    struct mcp_error *err)
{
    /* In the order of what wins: exact text, exact name, text without case, name without case. */
    struct found found[4] = { { 0 } };
    struct cost__conn *conn = NULL;
    uint32_t *out;
    size_t best = 0;
    int rc = cost__conn_take(s, &conn, err);

    if (rc != 0)
        return rc;
    rc = find_in(conn, COST__SQL_DICT_FIND, col, value, &found[0], &found[2], err);
    if (rc == 0)
        rc = find_in(conn, COST__SQL_NAME_FIND, col, value, &found[1], &found[3], err);
    cost__conn_give(s, conn);
    while (best < 3 && found[best].n == 0)
        best++;
    if (rc == 0) {
        out = mcp_arena_try_array(arena, found[best].n + 1, sizeof(*out));
        if (out == NULL) {
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        } else {
            if (found[best].n > 0)
                memcpy(out, found[best].ids, found[best].n * sizeof(*out));
            *ids = out;
            *n = found[best].n;
            *by_name = found[best].n > 0 && best % 2 == 1;
        }
    }
    for (size_t i = 0; i < 4; i++)
        free(found[i].ids);
    return rc;
}

int cost__dict_all(struct cost_snapshot *s, enum cost_col col, struct mcp_arena *arena,
                   const mcp_str **texts, size_t *n, struct mcp_error *err)
{
    uint32_t count = s->texts[col].n;
    struct cost__conn *conn = NULL;
    sqlite3_stmt *stmt;
    mcp_str *out;
    int rc;

    if (count > MAX_ALL)
        return mcp_error_set(err, MCP_ETOOBIG, "more than %d values", MAX_ALL);
    out = mcp_arena_try_array(arena, (size_t)count + 1, sizeof(*out));
    if (out == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "out of memory");
    rc = cost__conn_take(s, &conn, err);
    if (rc != 0)
        return rc;
    *n = 0;
    stmt = cost__conn_stmt(conn, COST__SQL_DICT_ALL, err);
    rc = stmt == NULL ? MCP_EDATA : cost__store_bind(stmt, "ii", (int64_t)col, (int64_t)count);
    while (rc == 0 && *n < count && (rc = cost__store_step(stmt, err)) == 1) {
        mcp_str text = cost__store_text(stmt, 1);
        char *copy = mcp_arena_try(arena, text.len + 1);

        rc = copy == NULL ? mcp_error_set(err, MCP_ENOMEM, "out of memory") : 0;
        if (rc == 0) {
            if (text.len > 0)
                memcpy(copy, text.ptr, text.len);
            out[(*n)++] = mcp_str_n(copy, text.len);
        }
    }
    if (stmt != NULL)
        sqlite3_reset(stmt);
    cost__conn_give(s, conn);
    *texts = out;
    return rc;
}
