/* The values of a dimension in the data, with display names: for filters, completion and lists. */
#include "names.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_NAMES 20000
#define MAX_ENTRIES 32 /* dimensions and tag keys that are remembered */
#define FRESH_MS (60 * 60 * 1000)
#define NAME_DAYS 100 /* where values are looked for, if no older ones are asked for */
#define ARENA_BYTES ((size_t)32 << 20)

struct entry {
    char key[300]; /* table, first day, dimension, tag key */
    uint64_t read_ms;
    struct gcp_names *names; /* counted */
};

struct gcp_name_cache {
    pthread_mutex_t lock; /* guards entries */
    struct entry entries[MAX_ENTRIES];
};

struct gcp_name_cache *gcp_name_cache_new(void)
{
    struct gcp_name_cache *cache = calloc(1, sizeof(*cache));

    if (cache != NULL)
        pthread_mutex_init(&cache->lock, NULL);
    return cache;
}

static void unref(void *names)
{
    struct gcp_names *n = names;

    if (n != NULL && __atomic_sub_fetch(&n->refs, 1, __ATOMIC_ACQ_REL) == 0)
        mcp_arena_free(n->arena);
}

void gcp_name_cache_free(struct gcp_name_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < MAX_ENTRIES; i++)
        unref(cache->entries[i].names);
    pthread_mutex_destroy(&cache->lock);
    free(cache);
}

static struct gcp_names *recall(struct gcp_name_cache *cache, const char *key)
{
    struct gcp_names *names = NULL;

    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < MAX_ENTRIES && names == NULL; i++) {
        const struct entry *e = &cache->entries[i];

        if (e->names == NULL || strcmp(e->key, key) != 0 ||
            mcp_clock_mono_ms() - e->read_ms > FRESH_MS)
            continue;
        names = e->names;
        __atomic_add_fetch(&names->refs, 1, __ATOMIC_RELAXED);
    }
    pthread_mutex_unlock(&cache->lock);
    return names;
}

/* The same key's entry, a free one, or the oldest. */
static void remember(struct gcp_name_cache *cache, const char *key, struct gcp_names *names)
{
    struct entry *at = &cache->entries[0];

    pthread_mutex_lock(&cache->lock);
    for (size_t i = 0; i < MAX_ENTRIES; i++) {
        struct entry *e = &cache->entries[i];

        if (e->names == NULL || strcmp(e->key, key) == 0) {
            at = e;
            break;
        }
        if (e->read_ms < at->read_ms)
            at = e;
    }
    unref(at->names);
    snprintf(at->key, sizeof(at->key), "%s", key);
    at->read_ms = mcp_clock_mono_ms();
    at->names = names;
    __atomic_add_fetch(&names->refs, 1, __ATOMIC_RELAXED);
    pthread_mutex_unlock(&cache->lock);
}

/* ---- reading ---- */

struct reading {
    struct gcp_names *names;
    struct gcp_name *items;
};

static int name_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct reading *r = ctx;
    struct gcp_name *name = &r->items[r->names->n];
    mcp_str *to[3] = { &name->key, &name->label, &name->alias };

    if (mcp_str_is_null(cells[0]))
        return 0;
    if (r->names->n == MAX_NAMES) {
        r->names->cut = true;
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        size_t len = cells[i].len;
        char *copy;

        if (mcp_str_is_null(cells[i]))
            continue;
        copy = mcp_arena_try(r->names->arena, len + 1);
        if (copy == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "the names take too much memory");
        memcpy(copy, cells[i].ptr, len);
        *to[i] = mcp_str_n(copy, len);
    }
    r->names->n++;
    return 0;
}

static int ask(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
               const struct cost_key_spec *spec, int32_t from, struct reading *r,
               struct gcp_query_stats *stats, struct mcp_error *err)
{
    static const char *const columns[] = { "name", "label", "alias" };
    struct cost_query q = { .tool = COST_GET_COSTS, .metric = COST_BILLED };
    struct gcp_query query = {
        .columns = columns, .n_columns = 3, .row = name_row, .ctx = r, .max_rows = MAX_NAMES + 1
    };
    struct gcp_statement st;
    struct gcp_dim dim;
    int rc;

    gcp_statement_init(&st, gcp->config, table, &q, mcp_call_arena(call));
    q.range.end = gcp_zone_day(st.zone, mcp_clock_now()) + 1;
    q.range.start = from;
    rc = gcp_dim_of(table, spec, 0, &st.sql, &dim, err);
    if (rc < 0)
        return rc;
    st.n_tags = 1;
    gcp_sql_put(&st.sql,
                "SELECT name, MAX(label) AS label, MAX(alias) AS alias\nFROM (SELECT %s AS "
                "name, %s AS label, %s AS alias",
                dim.key.ptr, mcp_str_is_null(dim.label) ? "CAST(NULL AS STRING)" : dim.label.ptr,
                mcp_str_is_null(dim.alias) ? "CAST(NULL AS STRING)" : dim.alias.ptr);
    rc = gcp_statement_from(&st, false, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(&st.sql, ")\nGROUP BY name ORDER BY name LIMIT %d", MAX_NAMES + 1);
    query.sql = &st.sql;
    return gcp_billing_run(gcp, call, table, &query, stats, err);
}

static int read_names(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                      const struct cost_key_spec *spec, int32_t from, struct gcp_names **out,
                      struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_arena_new(0, ARENA_BYTES);
    struct reading r = { 0 };
    int rc;

    if (arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the names");
    r.names = MCP_ARENA_NEW(arena, struct gcp_names);
    r.names->arena = arena;
    r.names->refs = 1;
    r.items = mcp_arena_try_array(arena, MAX_NAMES + 1, sizeof(*r.items));
    r.names->items = r.items;
    rc = r.items == NULL ? mcp_error_set(err, MCP_ENOMEM, "no memory for the names")
                         : ask(gcp, call, table, spec, from, &r, stats, err);
    if (rc < 0)
        unref(r.names);
    else
        *out = r.names;
    return rc;
}

/* Whole years, so that many ranges share a list. */
static int32_t first_day(const struct gcp *gcp, const struct gcp_table *table, int32_t from)
{
    int32_t usual = gcp_zone_day(gcp_table_zone(gcp->config, table), mcp_clock_now()) - NAME_DAYS;

    if (from >= usual)
        return usual;
    return mcp_date_from_civil((struct mcp_civil){ mcp_date_civil(from).year, 1, 1 });
}

int gcp_names_of(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                 const struct cost_key_spec *spec, int32_t from, const struct gcp_names **out,
                 struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct gcp_name_cache *cache = gcp_billing_names(gcp);
    struct gcp_names *names;
    char key[300];

    from = first_day(gcp, table, from);
    snprintf(key, sizeof(key), "%.*s %d %d %.*s", MCP_STR_ARG(mcp_str_head(table->name, 100)),
             (int)from, (int)spec->dim, MCP_STR_ARG(mcp_str_head(spec->tag_key, 150)));
    names = recall(cache, key);
    if (names == NULL) {
        int rc = read_names(gcp, call, table, spec, from, &names, stats, err);

        if (rc < 0)
            return rc;
        remember(cache, key, names);
    }
    mcp_arena_defer(mcp_call_arena(call), unref, names);
    *out = names;
    return 0;
}
