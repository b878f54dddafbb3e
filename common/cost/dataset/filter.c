/* Filters resolved once into sets of ids, so that the scan only tests bits. */
#include "filter.h"

#include "names.h"
#include "renames.h"
#include "tags.h"

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "no memory for the filters");
}

static int warn_unknown(struct cost_view *view, const struct cost_filter *filter, mcp_str value,
                        struct mcp_error *err)
{
    const mcp_str *names;
    size_t n;
    int rc;

    if (cost__names_closed(filter->key.dim, value))
        return 0; /* a good word that no row carries */
    rc = cost__names_all(view, cost__dim_col(filter->key.dim), &names, &n, err);
    if (rc < 0)
        return rc;
    cost_result_unknown_value(view->result, cost_dim_name(filter->key.dim), value, names, n);
    return 0;
}

/* One filter of the query on a plain column. */
static int resolve_one(struct cost_view *view, const struct cost_filter *filter,
                       struct cost_preds *preds, struct mcp_error *err)
{
    enum cost_col col = cost__dim_col(filter->key.dim);
    uint32_t limit = cost__dict_count(view->snap, col) + 1;
    uint64_t *bits = cost__bits_new(view->arena, limit);
    int rc;

    if (bits == NULL)
        return no_memory(err);
    for (size_t i = 0; i < filter->n_values; i++) {
        const uint32_t *ids;
        size_t n;

        rc = cost__names_find(view, filter->key.dim, filter->values[i], &ids, &n, err);
        if (rc == 0 && n == 0)
            rc = warn_unknown(view, filter, filter->values[i], err);
        if (rc < 0)
            return rc;
        for (size_t k = 0; k < n; k++)
            cost__bit_set(bits, ids[k]);
    }
    if (filter->key.dim == COST_DIM_SERVICE) {
        rc = cost__renames_spread(view->snap, bits, limit, err);
        if (rc < 0)
            return rc;
    }
    if (filter->null_listed)
        cost__bit_set(bits, 0);
    if (filter->negate) {
        for (uint32_t w = 0; w <= (limit - 1) / 64; w++)
            bits[w] = ~bits[w];
    }
    return cost__preds_add(preds, col, bits, limit, err);
}

int cost__filters_resolve(struct cost_view *view, const struct cost_query *query,
                          struct cost_preds *preds, struct mcp_error *err)
{
    *preds = view->in_scope;
    for (size_t i = 0; i < query->n_filters; i++) {
        const struct cost_filter *filter = &query->filters[i];
        const uint64_t *bits;
        uint32_t n;
        int rc;

        if (filter->key.dim == COST_DIM_TAG) {
            rc = cost__tags_filter(view, filter, &bits, &n, err);
            if (rc == 0)
                rc = cost__preds_add(preds, COST_COL_TAGS, bits, n, err);
        } else {
            rc = resolve_one(view, filter, preds, err);
        }
        if (rc < 0)
            return rc;
    }
    return 0;
}
