/* Tag keys by the variant rule, tag filters, and the cost of each variant. */
#include "tags.h"

#include "group.h"
#include "names.h"

#define MAX_VARIANTS 20

mcp_str cost__tags_core(mcp_str key)
{
    static const char *const schemes[] = { "resourceTags/user:", "user:", "labels/" };

    key = mcp_str_trim(key);
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
        if (mcp_str_cut_prefix_nocase(&key, mcp_str_z(schemes[i])))
            return mcp_str_trim(key);
    }
    return key;
}

/* Whether a row in scope carries the key. */
static int key_visible(struct cost_view *view, mcp_str key, bool *visible, struct mcp_error *err)
{
    struct cost_tag_column column;
    const uint64_t *seen;
    uint32_t n = cost__dict_count(view->snap, COST_COL_TAGS) + 1;
    int rc = cost__view_seen(view, COST_COL_TAGS, &seen, err);

    *visible = false;
    if (rc < 0)
        return rc;
    rc = cost__tag_column(view->snap, key, view->arena, &column, err);
    for (size_t set = 0; rc == 0 && set < column.n_sets && !*visible; set++)
        *visible = column.of[set] != 0 && cost__bit(seen, n, (uint32_t)set);
    return rc;
}

static int no_such_key(struct cost_view *view, mcp_str key, struct mcp_error *err)
{
    const uint64_t *seen;
    const mcp_str *keys;
    size_t n;
    int rc = cost__view_seen(view, COST_COL_TAGS, &seen, err);

    if (rc == 0)
        rc = cost__tag_keys(view->snap, seen, view->arena, &keys, &n, err);
    if (rc == 0)
        cost_result_unknown_value(view->result, "tag key", key, keys, n);
    return rc;
}

static int ambiguous_key(mcp_str key, const mcp_str *variants, size_t n, struct mcp_error *err)
{
    mcp_error_word(err, MCP_EINVAL, "ambiguous_value",
                   "tag:%.*s means %zu different keys, among them \"%.*s\" and \"%.*s\"",
                   MCP_STR_ARG(mcp_str_head(key, 100)), n,
                   MCP_STR_ARG(mcp_str_head(variants[0], 100)),
                   MCP_STR_ARG(mcp_str_head(variants[1], 100)));
    return mcp_error_next(err, "Write the key exactly as it stands in the data: tag:%.*s",
                          MCP_STR_ARG(mcp_str_head(variants[0], 100)));
}

int cost__tags_use(struct cost_view *view, mcp_str key, struct cost_tag_use *use,
                   struct mcp_error *err)
{
    mcp_str *variants = mcp_arena_alloc(view->arena, MAX_VARIANTS * sizeof(*variants));
    mcp_str core = cost__tags_core(key), exact = MCP_STR_NULL;
    const mcp_str *keys;
    size_t n;
    int rc = cost__tag_keys(view->snap, NULL, view->arena, &keys, &n, err);

    *use = (struct cost_tag_use){ .variants = variants };
    for (size_t i = 0; rc == 0 && i < n; i++) {
        bool visible = false;

        if (!mcp_str_eq_nocase(cost__tags_core(keys[i]), core) || use->n_variants == MAX_VARIANTS)
            continue;
        rc = key_visible(view, keys[i], &visible, err);
        if (!visible)
            continue;
        variants[use->n_variants++] = keys[i];
        if (mcp_str_eq(keys[i], key))
            exact = keys[i];
    }
    if (rc < 0)
        return rc;
    if (use->n_variants == 0)
        return no_such_key(view, key, err);
    if (mcp_str_is_null(exact) && use->n_variants > 1)
        return ambiguous_key(key, variants, use->n_variants, err);
    use->found = true;
    return cost__tag_column(view->snap, mcp_str_is_null(exact) ? variants[0] : exact, view->arena,
                            &use->column, err);
}

/* The values of a tag that a scope may see: those of the tag sets that occur. */
static int visible_values(struct cost_view *view, const struct cost_tag_column *column,
                          const mcp_str **values, size_t *n, struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, COST_COL_TAGS) + 1;
    const uint64_t *seen;
    mcp_str *list;
    int rc = cost__view_seen(view, COST_COL_TAGS, &seen, err);

    if (rc < 0)
        return rc;
    list = mcp_arena_try_array(view->arena, column->n_values + 1, sizeof(*list));
    if (list == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the values of a tag");
    for (size_t set = 0; set < column->n_sets; set++) {
        if (column->of[set] != 0 && cost__bit(seen, limit, (uint32_t)set))
            list[column->of[set] - 1] = column->values[column->of[set] - 1];
    }
    *values = list; /* hidden ones stay missing */
    *n = column->n_values;
    return 0;
}

/* The index of a value, exactly or, when there is one such only, without case: 1 + index, 0 none. */
static int find_value(const mcp_str *values, size_t n, mcp_str key, mcp_str value, size_t *at,
                      struct mcp_error *err)
{
    size_t folded = 0;

    *at = 0;
    for (size_t i = 0; i < n; i++) {
        if (mcp_str_is_null(values[i]))
            continue;
        if (mcp_str_eq(values[i], value)) {
            *at = i + 1;
            return 0;
        }
        if (!mcp_str_eq_nocase(values[i], value))
            continue;
        if (*at != 0 && folded == 0)
            folded = *at;
        *at = i + 1;
    }
    if (folded == 0)
        return 0;
    mcp_error_word(err, MCP_EINVAL, "ambiguous_value",
                   "filters.tag:%.*s: \"%.*s\" may be \"%.*s\" or \"%.*s\"",
                   MCP_STR_ARG(mcp_str_head(key, 60)), MCP_STR_ARG(mcp_str_head(value, 60)),
                   MCP_STR_ARG(mcp_str_head(values[folded - 1], 60)),
                   MCP_STR_ARG(mcp_str_head(values[*at - 1], 60)));
    return mcp_error_next(err, "Write the value with its exact case, or list both.");
}

/* wanted[i]: value i is among the filter's. */
static int match_values(struct cost_view *view, const struct cost_filter *filter,
                        const struct cost_tag_use *use, bool *wanted, struct mcp_error *err)
{
    const mcp_str *values = NULL;
    mcp_str *named;
    size_t n = 0, used = 0;
    int rc = visible_values(view, &use->column, &values, &n, err);

    if (rc < 0)
        return rc;
    for (size_t i = 0; i < filter->n_values; i++) {
        size_t at;

        rc = find_value(values, n, filter->key.tag_key, filter->values[i], &at, err);
        if (rc < 0)
            return rc;
        if (at > 0) {
            wanted[at - 1] = true;
            continue;
        }
        named = mcp_arena_try_array(view->arena, n + 1, sizeof(*named));
        for (size_t k = used = 0; named != NULL && k < n; k++) {
            if (!mcp_str_is_null(values[k]))
                named[used++] = values[k];
        }
        cost_result_unknown_value(
            view->result,
            mcp_arena_printf(view->arena, "tag:%.*s",
                             MCP_STR_ARG(mcp_str_head(filter->key.tag_key, 100)))
                .ptr,
            filter->values[i], named, used);
    }
    return 0;
}

int cost__tags_filter(struct cost_view *view, const struct cost_filter *filter,
                      const uint64_t **bits, uint32_t *n, struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, COST_COL_TAGS) + 1;
    uint64_t *set_bits = cost__bits_new(view->arena, limit);
    struct cost_tag_use use;
    bool *wanted;
    int rc = cost__tags_use(view, filter->key.tag_key, &use, err);

    if (rc < 0)
        return rc;
    wanted = mcp_arena_try_array(view->arena, use.column.n_values + 1, sizeof(*wanted));
    if (set_bits == NULL || wanted == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the filters");
    if (use.found)
        rc = match_values(view, filter, &use, wanted, err);
    if (rc < 0)
        return rc;
    for (uint32_t set = 0; set < limit; set++) {
        uint32_t value = use.found && set < use.column.n_sets ? use.column.of[set] : 0;
        bool listed = value == 0 ? filter->null_listed : wanted[value - 1];

        if (listed != filter->negate)
            cost__bit_set(set_bits, set);
    }
    *bits = set_bits;
    *n = limit;
    return 0;
}

/* The sums of the rows whose tag sets hold the key, one line a currency. */
static int variant_costs(struct cost_view *view, const struct cost_query *query,
                         const struct cost_preds *preds, mcp_str key,
                         struct cost_tag_variant *lines, size_t size, size_t *n,
                         struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, COST_COL_TAGS) + 1;
    uint64_t *bits = cost__bits_new(view->arena, limit);
    struct cost_preds with = *preds;
    struct cost_cube_key keys[] = { { .col = COST_COL_CURRENCY } };
    struct cost_frame frame = { query->basis, COST_TOTAL, query->range };
    struct cost_scan scan = { .snap = view->snap,
                              .scope = view->scope,
                              .preds = &with,
                              .basis = query->basis,
                              .range = query->range };
    struct cost_tag_column column;
    struct cost_cube cube = { 0 };
    int rc = cost__tag_column(view->snap, key, view->arena, &column, err);

    if (rc == 0 && bits == NULL)
        rc = mcp_error_set(err, MCP_ENOMEM, "no memory for the tags");
    for (uint32_t set = 0; rc == 0 && set < limit && set < column.n_sets; set++) {
        if (column.of[set] != 0)
            cost__bit_set(bits, set);
    }
    if (rc == 0)
        rc = cost__preds_add(&with, COST_COL_TAGS, bits, limit, err);
    if (rc == 0)
        rc = cost__cube_init(&cube, view->snap, view->arena, keys, 1, &frame, err);
    scan.cols = cost__cube_cols(&cube);
    if (rc == 0)
        rc = cost__cube_scan(&cube, &scan, err);
    for (size_t i = 0; rc == 0 && i < cube.n_cells; i++) {
        struct cost_money sum = { cube.cells[i].sum[query->metric] };
        mcp_str currency;
        size_t at = 0;

        rc = cost__dict_text(view->snap, COST_COL_CURRENCY,
                             cost__cube_id(&cube, &cube.cells[i].key, 0), &currency, err);
        while (at < *n &&
               !(mcp_str_eq(lines[at].key, key) && mcp_str_eq(lines[at].currency, currency)))
            at++;
        if (rc == 0 && at == *n && *n < size)
            lines[(*n)++] = (struct cost_tag_variant){ .key = key, .currency = currency };
        if (rc == 0 && at < *n && cost_money_add(&lines[at].cost, sum) < 0)
            rc = mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold");
    }
    cost__cube_release(&cube);
    return rc;
}

int cost__tags_variants(struct cost_view *view, const struct cost_query *query,
                        const struct cost_preds *preds, const struct cost_tag_use *uses,
                        size_t n_uses, struct mcp_error *err)
{
    size_t size = COST_MAX_KEYS * MAX_VARIANTS * 4, n = 0;
    struct cost_tag_variant *lines = NULL;

    for (size_t u = 0; u < n_uses; u++) {
        if (uses[u].n_variants < 2)
            continue;
        if (lines == NULL)
            lines = mcp_arena_alloc(view->arena, size * sizeof(*lines));
        for (size_t v = 0; v < uses[u].n_variants; v++) {
            int rc = variant_costs(view, query, preds, uses[u].variants[v], lines, size, &n, err);

            if (rc < 0)
                return rc;
        }
    }
    view->result->tag_variants = lines;
    view->result->n_tag_variants = n;
    return 0;
}
