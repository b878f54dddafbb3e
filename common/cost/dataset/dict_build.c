/* A dictionary while an import runs: text to id by hash, kept whole in memory. */
#include "dict_build.h"
#include "store.h"

#include <stdlib.h>

void cost__dict_release(struct cost__dict *d)
{
    free(d->texts);
    free(d->names);
    free(d->name_periods);
    free(d->slots);
    *d = (struct cost__dict){ .arena = d->arena };
}

static struct cost__dict_slot *probe(struct cost__dict_slot *slots, size_t size, mcp_str text,
                                     uint32_t hash)
{
    size_t at = hash & (size - 1);

    while (slots[at].id != 0 && (slots[at].hash != hash || !mcp_str_eq(slots[at].text, text)))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static int slots_grow(struct cost__dict *d)
{
    size_t size = d->slots_size == 0 ? 64 : d->slots_size * 2;
    struct cost__dict_slot *slots = calloc(size, sizeof(*slots));

    if (slots == NULL)
        return MCP_ENOMEM;
    for (size_t i = 0; i < d->slots_size; i++) {
        const struct cost__dict_slot *old = &d->slots[i];

        if (old->id != 0)
            *probe(slots, size, old->text, old->hash) = *old;
    }
    free(d->slots);
    d->slots = slots;
    d->slots_size = size;
    return 0;
}

/* A copy of text in the arena; the missing value on failure. */
static mcp_str keep(struct cost__dict *d, mcp_str text)
{
    char *copy = mcp_arena_try(d->arena, text.len == 0 ? 1 : text.len);

    if (copy == NULL)
        return MCP_STR_NULL;
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return mcp_str_n(copy, text.len);
}

static int append(struct cost__dict *d, mcp_str text)
{
    if (d->n == d->size) {
        uint32_t size = d->size == 0 ? 32 : d->size * 2;
        mcp_str *texts = realloc(d->texts, size * sizeof(*texts));

        if (texts == NULL || size > COST__DICT_MAX)
            return MCP_ENOMEM;
        d->texts = texts;
        d->size = size;
    }
    d->texts[d->n++] = text;
    return 0;
}

uint32_t cost__dict_lookup(const struct cost__dict *d, mcp_str raw)
{
    if (d->slots_size == 0)
        return 0;
    return probe(d->slots, d->slots_size, raw, (uint32_t)mcp_str_hash(raw))->id;
}

uint32_t cost__dict_id(struct cost__dict *d, mcp_str text)
{
    uint32_t hash = (uint32_t)mcp_str_hash(text);
    struct cost__dict_slot *slot;
    mcp_str copy;

    if (d->slots_used * 3 >= d->slots_size * 2 && slots_grow(d) != 0)
        return 0;
    slot = probe(d->slots, d->slots_size, text, hash);
    if (slot->id != 0)
        return slot->id;
    copy = keep(d, text);
    if (mcp_str_is_null(copy) || append(d, copy) != 0)
        return 0;
    *slot = (struct cost__dict_slot){ copy, hash, d->n };
    d->slots_used++;
    return d->n;
}

int cost__dict_alias(struct cost__dict *d, mcp_str raw, uint32_t id)
{
    uint32_t hash = (uint32_t)mcp_str_hash(raw);
    struct cost__dict_slot *slot;
    mcp_str copy;

    if (d->slots_used * 3 >= d->slots_size * 2 && slots_grow(d) != 0)
        return MCP_ENOMEM;
    slot = probe(d->slots, d->slots_size, raw, hash);
    if (slot->id != 0)
        return 0;
    copy = keep(d, raw);
    if (mcp_str_is_null(copy))
        return MCP_ENOMEM;
    *slot = (struct cost__dict_slot){ copy, hash, id };
    d->slots_used++;
    return 0;
}

mcp_str cost__dict_get(const struct cost__dict *d, uint32_t id)
{
    return id == 0 || id > d->n ? MCP_STR_NULL : d->texts[id - 1];
}

static int names_room(struct cost__dict *d)
{
    uint32_t size = d->size;
    mcp_str *names;
    int32_t *periods;

    names = realloc(d->names, size * sizeof(*names));
    if (names == NULL)
        return MCP_ENOMEM;
    d->names = names;
    periods = realloc(d->name_periods, size * sizeof(*periods));
    if (periods == NULL)
        return MCP_ENOMEM;
    d->name_periods = periods;
    for (uint32_t i = d->names_size; i < size; i++) {
        names[i] = MCP_STR_NULL;
        periods[i] = INT32_MIN;
    }
    d->names_size = size;
    return 0;
}

int cost__dict_name(struct cost__dict *d, uint32_t id, mcp_str name, int32_t period)
{
    mcp_str copy;

    if (id == 0 || id > d->n || name.len == 0)
        return 0;
    if (id > d->names_size && names_room(d) != 0)
        return MCP_ENOMEM;
    if (period < d->name_periods[id - 1])
        return 0;
    if (mcp_str_eq(d->names[id - 1], name)) {
        d->name_periods[id - 1] = period;
        return 0;
    }
    /* Two names within one period: the first in byte order, so that the order of rows is nothing. */
    if (period == d->name_periods[id - 1] && mcp_str_cmp(d->names[id - 1], name) < 0)
        return 0;
    copy = keep(d, name);
    if (mcp_str_is_null(copy))
        return MCP_ENOMEM;
    d->names[id - 1] = copy;
    d->name_periods[id - 1] = period;
    return 0;
}

int cost__dict_load(struct cost__dict *d, sqlite3 *db, int col, struct mcp_error *err)
{
    sqlite3_stmt *stmt =
        cost__store_prepare(db, "SELECT id, text FROM dict WHERE col=? ORDER BY id", err);
    int rc = stmt == NULL ? MCP_EIO : cost__store_bind(stmt, "i", (int64_t)col);

    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        uint32_t id = cost__dict_id(d, cost__store_text(stmt, 1));

        rc = 0;
        if (id == 0)
            rc = mcp_error_set(err, MCP_ENOMEM, "out of memory");
        else if ((int64_t)id != sqlite3_column_int64(stmt, 0))
            rc = mcp_error_word(err, MCP_EDATA, "bad_dataset",
                                "the dataset's dictionary is damaged");
    }
    sqlite3_finalize(stmt);
    d->n_stored = d->n;
    if (rc != 0)
        return rc;
    stmt = cost__store_prepare(db, "SELECT id, name, period FROM name WHERE col=?", err);
    rc = stmt == NULL ? MCP_EIO : cost__store_bind(stmt, "i", (int64_t)col);
    while (rc == 0 && (rc = cost__store_step(stmt, err)) == 1) {
        rc = cost__dict_name(d, (uint32_t)sqlite3_column_int64(stmt, 0), cost__store_text(stmt, 1),
                             (int32_t)sqlite3_column_int64(stmt, 2));
        if (rc != 0)
            mcp_error_set(err, (enum mcp_err)rc, "out of memory");
    }
    sqlite3_finalize(stmt);
    return rc;
}

int cost__dict_save(struct cost__dict *d, sqlite3 *db, int col, struct mcp_error *err)
{
    sqlite3_stmt *stmt = cost__store_prepare(db, "INSERT INTO dict VALUES(?,?,?)", err);
    int rc = stmt == NULL ? MCP_EIO : 0;

    for (uint32_t i = d->n_stored; rc == 0 && i < d->n; i++) {
        rc = cost__store_bind(stmt, "iis", (int64_t)col, (int64_t)i + 1, d->texts[i]);
        if (rc == 0)
            rc = cost__store_run(stmt, err);
    }
    sqlite3_finalize(stmt);
    if (rc != 0)
        return rc;
    d->n_stored = d->n;
    stmt = cost__store_prepare(db, "INSERT OR REPLACE INTO name VALUES(?,?,?,?)", err);
    rc = stmt == NULL ? MCP_EIO : 0;
    for (uint32_t i = 0; rc == 0 && i < d->names_size && i < d->n; i++) {
        if (mcp_str_is_null(d->names[i]))
            continue;
        rc = cost__store_bind(stmt, "iisi", (int64_t)col, (int64_t)i + 1, d->names[i],
                              (int64_t)d->name_periods[i]);
        if (rc == 0)
            rc = cost__store_run(stmt, err);
    }
    sqlite3_finalize(stmt);
    return rc;
}
