/* Filter values as people write them, made the exact ids of the data; and the values of a dimension. */
#include "names.h"

#include <mcp/clock.h>

#define MAX_LISTED 5

/* Lists too long to be read are asked for exactly. */
static bool looked_up(enum cost_dim dim)
{
    return dim != COST_DIM_RESOURCE && dim != COST_DIM_PROVIDER &&
           dim != COST_DIM_CHARGE_CATEGORY && dim != COST_DIM_INVOICE && dim != COST_DIM_CURRENCY;
}

/* Closed lists match without case and need no data. */
static mcp_str closed_value(enum cost_dim dim, mcp_str value, struct mcp_arena *arena)
{
    enum cost_charge charge;
    const char *family;

    if (dim == COST_DIM_CHARGE_CATEGORY && cost_charge_parse(value, &charge) == 0)
        return mcp_str_z(cost_charge_name(charge));
    if (dim == COST_DIM_PROVIDER) {
        family = cost_provider_family(value);
        return family == NULL ? value : mcp_str_z(family);
    }
    if (dim == COST_DIM_CURRENCY && value.len == 3) {
        char code[3];

        for (int i = 0; i < 3; i++)
            code[i] = (char)(value.ptr[i] >= 'a' && value.ptr[i] <= 'z' ? value.ptr[i] - 32
                                                                        : value.ptr[i]);
        return mcp_arena_str(arena, mcp_str_n(code, 3));
    }
    return value;
}

/* How a name is meant by a value: by its key, by another name of it, or but for case. */
static bool meant(const struct gcp_name *name, mcp_str value, int way)
{
    bool (*eq)(mcp_str, mcp_str) = mcp_str_eq_nocase;

    switch (way) {
    case 0:
        return mcp_str_eq(name->key, value);
    case 1:
        return (name->label.len > 0 && mcp_str_eq(name->label, value)) ||
               (name->alias.len > 0 && mcp_str_eq(name->alias, value));
    default:
        return eq(name->key, value) || (name->label.len > 0 && eq(name->label, value)) ||
               (name->alias.len > 0 && eq(name->alias, value));
    }
}

static int ambiguous(const struct gcp_names *names, enum cost_dim dim, mcp_str value, int way,
                     size_t n, struct mcp_error *err)
{
    struct mcp_buf list;
    size_t shown = 0;

    mcp_buf_init(&list, 700);
    for (size_t i = 0; i < names->n && shown < MAX_LISTED; i++) {
        const struct gcp_name *name = &names->items[i];

        if (!meant(name, value, way))
            continue;
        mcp_buf_printf(&list, "%s\"%.*s\"", shown++ == 0 ? "" : ", ",
                       MCP_STR_ARG(mcp_str_head(name->key, 100)));
    }
    mcp_error_word(err, MCP_EINVAL, "ambiguous_value",
                   "filters.%s: \"%.*s\" means %zu different ids: %.*s", cost_dim_name(dim),
                   MCP_STR_ARG(mcp_str_head(value, 100)), n, MCP_STR_ARG(mcp_buf_view(&list)));
    mcp_buf_release(&list);
    return mcp_error_next(err, "Give the id that is meant, or list several ids as values of %s.",
                          cost_dim_name(dim));
}

static void unknown(const struct gcp_names *names, const struct cost_key_spec *spec, mcp_str value,
                    struct cost_result *out)
{
    mcp_str *all = mcp_arena_try_array(out->arena, names->n * 2 + 1, sizeof(*all));
    size_t n = 0;

    for (size_t i = 0; all != NULL && i < names->n; i++) {
        all[n++] = names->items[i].key;
        if (names->items[i].label.len > 0)
            all[n++] = names->items[i].label;
    }
    cost_result_unknown_value(
        out,
        spec->dim == COST_DIM_TAG
            ? mcp_arena_printf(out->arena, "tag:%.*s", MCP_STR_ARG(spec->tag_key)).ptr
            : cost_dim_name(spec->dim),
        value, all, n);
}

static int find(const struct gcp_names *names, const struct cost_key_spec *spec, mcp_str *value,
                struct cost_result *out, struct mcp_error *err)
{
    for (int way = 0; way < 3; way++) {
        const struct gcp_name *found = NULL;
        size_t n = 0;

        for (size_t i = 0; i < names->n; i++) {
            if (meant(&names->items[i], *value, way)) {
                found = &names->items[i];
                n++;
            }
        }
        if (n > 1)
            return ambiguous(names, spec->dim, *value, way, n, err);
        if (n == 1) {
            *value = found->key;
            return 0;
        }
    }
    if (!names->cut)
        unknown(names, spec, *value, out);
    return 0;
}

int gcp_filters_resolve(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                        struct cost_query *query, struct cost_result *out,
                        struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    int32_t from = query->range.start;

    if (query->compare != COST_COMPARE_NONE && query->compared.start < from)
        from = query->compared.start;
    for (size_t i = 0; i < query->n_filters; i++) {
        struct cost_filter *f = &query->filters[i];
        mcp_str *values = mcp_arena_alloc(arena, (f->n_values + 1) * sizeof(*values));
        const struct gcp_names *names = NULL;
        int rc = 0;

        if (looked_up(f->key.dim) && f->n_values > 0)
            rc = gcp_names_of(gcp, call, table, &f->key, from, &names, stats, err);
        for (size_t k = 0; rc == 0 && k < f->n_values; k++) {
            values[k] = closed_value(f->key.dim, f->values[k], arena);
            if (names != NULL)
                rc = find(names, &f->key, &values[k], out, err);
        }
        if (rc < 0)
            return rc;
        f->values = values;
    }
    return 0;
}

/* ---- the values of a dimension ---- */

static const char *const tag_columns[] = { "name", "label", "alias" };

struct tag_keys {
    struct mcp_arena *arena;
    mcp_str *keys;
    size_t n;
};
#define MAX_TAG_KEYS 2000

static int tag_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct tag_keys *t = ctx;

    (void)err;
    if (!mcp_str_is_null(cells[0]) && t->n < MAX_TAG_KEYS)
        t->keys[t->n++] = mcp_arena_str(t->arena, cells[0]);
    return 0;
}

/* The keys of labels, tags and project labels of the last month. */
static int tag_keys(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                    struct tag_keys *t, struct gcp_query_stats *stats, struct mcp_error *err)
{
    static const char *const holders[][2] = { { "labels.key", "t.labels" },
                                              { "tags.key", "t.tags" },
                                              { "project.labels.key", "t.project.labels" },
                                              { "Tags.key", "t.Tags" } };
    struct cost_query q = { .tool = COST_GET_COSTS, .metric = COST_BILLED };
    struct gcp_query query = {
        .columns = tag_columns, .n_columns = 3, .row = tag_row, .ctx = t, .max_rows = MAX_TAG_KEYS
    };
    struct gcp_statement st;
    const char *comma = "";
    int rc;

    gcp_statement_init(&st, gcp->config, table, &q, mcp_call_arena(call));
    q.range.end = gcp_zone_day(st.zone, mcp_clock_now());
    q.range.start = q.range.end - 30;
    gcp_sql_put(&st.sql,
                "SELECT name, CAST(NULL AS STRING) AS label, CAST(NULL AS STRING) AS alias\n"
                "FROM (SELECT ARRAY_CONCAT(");
    for (size_t i = 0; i < sizeof(holders) / sizeof(holders[0]); i++) {
        if (!gcp_table_has(table, holders[i][0]))
            continue;
        gcp_sql_put(&st.sql, "%sARRAY(SELECT l.key FROM UNNEST(%s) AS l)", comma, holders[i][1]);
        comma = ", ";
    }
    gcp_sql_put(&st.sql, ") AS keys");
    rc = gcp_statement_from(&st, false, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(&st.sql, "), UNNEST(keys) AS name\nGROUP BY name ORDER BY name LIMIT %d",
                MAX_TAG_KEYS);
    query.sql = &st.sql;
    return gcp_billing_run(gcp, call, table, &query, stats, err);
}

int gcp_values(void *ctx, struct mcp_call *call, enum cost_dim dim, const mcp_str **values,
               size_t *n, struct mcp_error *err)
{
    const struct gcp *gcp = ctx;
    struct mcp_arena *arena = mcp_call_arena(call);
    struct cost_key_spec spec = { .dim = dim };
    struct gcp_query_stats stats = { 0 };
    const struct gcp_table *table;
    const struct gcp_names *names;
    struct tag_keys tags = { .arena = arena };
    mcp_str *all;
    int rc = gcp_need_billing(gcp, err);

    *n = 0;
    if (rc == 0 && gcp_billing_sees_nothing(gcp->config))
        return 0;
    if (rc == 0)
        rc = gcp_billing_table(gcp, call, false, &table, &stats.requests, err);
    if (rc < 0)
        return rc;
    if (dim == COST_DIM_TAG) {
        tags.keys = mcp_arena_alloc(arena, MAX_TAG_KEYS * sizeof(*tags.keys));
        rc = tag_keys(gcp, call, table, &tags, &stats, err);
        *values = tags.keys;
        *n = tags.n;
        return rc;
    }
    rc = gcp_names_of(gcp, call, table, &spec, INT32_MAX, &names, &stats, err);
    if (rc < 0)
        return rc;
    all = mcp_arena_try_array(arena, names->n * 2 + 1, sizeof(*all));
    if (all == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the names");
    for (size_t i = 0; i < names->n; i++) {
        all[(*n)++] = names->items[i].key;
        if (names->items[i].label.len > 0 &&
            !mcp_str_eq(names->items[i].label, names->items[i].key))
            all[(*n)++] = names->items[i].label;
    }
    *values = all;
    return 0;
}
