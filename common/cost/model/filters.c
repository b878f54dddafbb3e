/* The argument `filters`: which rows count, as {dimension: [values] or {"not": [values]}}. */
#include "query_internal.h"

/* State of one filter while its values are read. */
struct reading {
    struct mcp_arena *arena;
    struct mcp_error *err;
    mcp_str name; /* as the caller wrote it */
    mcp_str *values;
    size_t n;
    bool null_listed;
};

static int unknown_dimension(mcp_str name, struct mcp_error *err)
{
    const char *nearest = cost_dim_nearest(name);

    mcp_error_word(err, MCP_EINVAL, "unknown_dimension", "filters: \"%.*s\" is no dimension.",
                   COST__SHOW(name));
    if (nearest != NULL)
        return mcp_error_next(err, "Did you mean %s? The dimensions are %s.", nearest,
                              cost_dim_list());
    return mcp_error_next(err, "The dimensions are %s.", cost_dim_list());
}

static int wrong_values(const struct reading *rd)
{
    mcp_error_set(rd->err, MCP_EINVAL, "filters.%.*s is not a list of texts.",
                  COST__SHOW(rd->name));
    return mcp_error_next(rd->err,
                          "Use {\"%.*s\": [\"A\", \"B\"]}, or {\"%.*s\": {\"not\": "
                          "[\"A\"]}}; null stands for the missing value.",
                          COST__SHOW(rd->name), COST__SHOW(rd->name));
}

static int add_value(struct reading *rd, struct mcp_json v)
{
    mcp_str text;

    if (mcp_json_type(v) == MCP_JSON_NULL) {
        rd->null_listed = true;
        return 0;
    }
    if (mcp_json_str(v, rd->arena, &text) < 0)
        return wrong_values(rd);
    if (mcp_str_eq_nocase(text, MCP_STR("(none)"))) {
        rd->null_listed = true;
        return 0;
    }
    if (rd->n == COST_MAX_VALUES) {
        mcp_error_set(rd->err, MCP_EINVAL, "filters.%.*s has more than %d values.",
                      COST__SHOW(rd->name), COST_MAX_VALUES);
        return mcp_error_next(rd->err, "Name at most %d, or use \"not\" with those to leave out.",
                              COST_MAX_VALUES);
    }
    rd->values[rd->n++] = mcp_arena_str(rd->arena, text);
    return 0;
}

/* A list, or one value without its brackets. */
static int read_values(struct reading *rd, struct mcp_json v)
{
    size_t room;

    if (mcp_json_type(v) != MCP_JSON_ARRAY) {
        rd->values = MCP_ARENA_NEW(rd->arena, mcp_str);
        return add_value(rd, v);
    }
    room = mcp_json_count(v);
    if (room > COST_MAX_VALUES)
        room = COST_MAX_VALUES;
    rd->values = mcp_arena_alloc(rd->arena, (room + 1) * sizeof(mcp_str));
    for (struct mcp_json_iter it = mcp_json_iter(v); mcp_json_next(&it);) {
        int rc = add_value(rd, it.value);

        if (rc < 0)
            return rc;
    }
    return 0;
}

static bool same_key(const struct cost_key_spec *a, const struct cost_key_spec *b)
{
    return a->dim == b->dim && mcp_str_eq(a->tag_key, b->tag_key);
}

/* "AWS" and "Amazon Web Services" mean the family aws. */
static void map_providers(struct reading *rd)
{
    for (size_t i = 0; i < rd->n; i++) {
        const char *family = cost_provider_family(rd->values[i]);

        if (family != NULL)
            rd->values[i] = mcp_str_z(family);
    }
}

static int read_filter(struct reading *rd, struct mcp_json value, struct cost_filter *out)
{
    struct mcp_json list = value;
    int rc;

    out->key.dim = cost_dim_parse(rd->name, &out->key.tag_key);
    if (out->key.dim == COST_DIM_NONE)
        return unknown_dimension(rd->name, rd->err);
    out->key.tag_key = mcp_arena_str(rd->arena, out->key.tag_key);
    if (mcp_json_type(value) == MCP_JSON_OBJECT) {
        list = mcp_json_get(value, MCP_STR("not"));
        if (!mcp_json_exists(list) || mcp_json_count(value) != 1)
            return wrong_values(rd);
        out->negate = true;
    }
    rc = read_values(rd, list);
    if (rc < 0)
        return rc;
    if (rd->n == 0 && !rd->null_listed) {
        mcp_error_set(rd->err, MCP_EINVAL, "filters.%.*s lists no value.", COST__SHOW(rd->name));
        return mcp_error_next(rd->err, "Leave it out to count everything.");
    }
    if (out->key.dim == COST_DIM_PROVIDER)
        map_providers(rd);
    out->values = rd->values;
    out->n_values = rd->n;
    out->null_listed = rd->null_listed;
    return 0;
}

int cost_filters_parse(struct mcp_json filters, struct mcp_arena *arena,
                       struct cost_filter out[COST_MAX_FILTERS], size_t *n, struct mcp_error *err)
{
    size_t count = 0;

    if (mcp_json_type(filters) != MCP_JSON_OBJECT) {
        mcp_error_set(err, MCP_EINVAL, "filters is not an object.");
        return mcp_error_next(err, "Use {\"service\": [\"A\"], \"region\": {\"not\": [\"B\"]}}.");
    }
    for (struct mcp_json_iter it = mcp_json_iter(filters); mcp_json_next(&it);) {
        struct reading rd = { .arena = arena, .err = err };
        int rc;

        if (count == COST_MAX_FILTERS) {
            mcp_error_set(err, MCP_EINVAL, "filters has more than %d dimensions.",
                          COST_MAX_FILTERS);
            return mcp_error_next(err, "Use at most %d.", COST_MAX_FILTERS);
        }
        if (mcp_json_str(it.key, arena, &rd.name) < 0)
            return mcp_error_set(err, MCP_EINTERNAL, "A member without a name.");
        out[count] = (struct cost_filter){ .key = { COST_DIM_NONE, MCP_STR_NULL } };
        rc = read_filter(&rd, it.value, &out[count]);
        if (rc < 0)
            return rc;
        for (size_t i = 0; i < count; i++) {
            if (!same_key(&out[i].key, &out[count].key))
                continue;
            mcp_error_set(err, MCP_EINVAL, "filters names the dimension %s twice.",
                          cost_dim_name(out[i].key.dim));
            return mcp_error_next(err, "Put all its values in one list.");
        }
        count++;
    }
    *n = count;
    return 0;
}

const struct cost_filter *cost_query_filter(const struct cost_query *q, enum cost_dim dim,
                                            mcp_str tag_key)
{
    struct cost_key_spec key = { dim, tag_key };

    for (size_t i = 0; i < q->n_filters; i++) {
        if (same_key(&q->filters[i].key, &key))
            return &q->filters[i];
    }
    return NULL;
}
