/* Which rows of a bill are Kubernetes (contract.md section 7). */
#include "kubernetes.h"

#include "group.h"
#include "numbers.h"

/* Services whose own charge is a managed control plane, as the clouds bill them. */
static const char *const control_planes[] = {
    "Amazon Elastic Container Service for Kubernetes",
    "Amazon Elastic Kubernetes Service",
    "AmazonEKS",
    "Azure Kubernetes Service",
    "Container Engine for Kubernetes",
    "Google Kubernetes Engine",
    "Kubernetes Engine",
    "OCI Kubernetes Engine",
};

/* Every id but the missing value. */
static int any_id(struct cost_snapshot *snap, struct mcp_arena *arena, enum cost_col col,
                  struct cost_alt *alt, struct mcp_error *err)
{
    uint32_t n = cost__dict_count(snap, col) + 1;
    uint64_t *bits = cost__bits_new(arena, n);

    if (bits == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the scope");
    for (uint32_t id = 1; id < n; id++)
        cost__bit_set(bits, id);
    *alt = (struct cost_alt){ .col = col, .bits = bits, .n = n };
    return 0;
}

static int control_plane_ids(struct cost_snapshot *snap, struct mcp_arena *arena,
                             struct cost_alt *alt, struct mcp_error *err)
{
    uint32_t n = cost__dict_count(snap, COST_COL_SERVICE) + 1;
    uint64_t *bits = cost__bits_new(arena, n);

    if (bits == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the scope");
    for (uint32_t id = 1; id < n; id++) {
        mcp_str name;
        int rc = cost__dict_text(snap, COST_COL_SERVICE, id, &name, err);

        if (rc < 0)
            return rc;
        for (size_t i = 0; i < sizeof(control_planes) / sizeof(control_planes[0]); i++) {
            if (mcp_str_eq_nocase(name, mcp_str_z(control_planes[i])))
                cost__bit_set(bits, id);
        }
    }
    *alt = (struct cost_alt){ .col = COST_COL_SERVICE, .bits = bits, .n = n };
    return 0;
}

int cost__kubernetes_pred(struct cost_snapshot *snap, struct mcp_arena *arena,
                          struct cost_preds *preds, struct mcp_error *err)
{
    struct cost_pred pred = { .n_alts = 3 };
    int rc = any_id(snap, arena, COST_COL_CLUSTER, &pred.alts[0], err);

    if (rc == 0)
        rc = any_id(snap, arena, COST_COL_NAMESPACE, &pred.alts[1], err);
    if (rc == 0)
        rc = control_plane_ids(snap, arena, &pred.alts[2], err);
    if (rc < 0)
        return rc;
    MCP_BUG_ON(preds->n == COST_MAX_PREDS);
    preds->items[preds->n++] = pred;
    return 0;
}

static bool asks_for(const struct cost_query *query, enum cost_dim dim)
{
    for (size_t i = 0; i < query->n_keys; i++) {
        if (query->keys[i].dim == dim)
            return true;
    }
    for (size_t i = 0; i < query->n_filters; i++) {
        if (query->filters[i].key.dim == dim)
            return true;
    }
    return false;
}

static int require(struct cost_view *view, const struct cost_query *query, enum cost_dim dim,
                   struct mcp_error *err)
{
    enum cost_col col = cost__dim_col(dim);
    uint32_t n = cost__dict_count(view->snap, col) + 1;
    const uint64_t *seen;
    int rc;

    if (!asks_for(query, dim))
        return 0;
    rc = cost__view_seen(view, col, &seen, err);
    if (rc < 0)
        return rc;
    for (uint32_t id = 1; id < n; id++) {
        if (cost__bit(seen, n, id))
            return 0;
    }
    mcp_error_word(err, MCP_EREFUSED, "no_kubernetes_data",
                   "no row in scope names a %s: the bill was exported without it, so its cost "
                   "cannot be told",
                   cost_dim_name(dim));
    return mcp_error_next(err, "Add it to the export and import again. AWS: split cost allocation "
                               "data for EKS in Billing preferences and in the data export. "
                               "Google: gcloud container clusters update NAME "
                               "--enable-cost-allocation. Azure: az aks update "
                               "--enable-cost-analysis. Until then group by service or cluster.");
}

int cost__kubernetes_check(struct cost_view *view, const struct cost_query *query,
                           struct mcp_error *err)
{
    int rc;

    if (!view->scope->kubernetes || view->in_scope.never)
        return 0;
    rc = require(view, query, COST_DIM_NAMESPACE, err);
    return rc < 0 ? rc : require(view, query, COST_DIM_CLUSTER, err);
}

/* One slice: first the resources that were split are marked, then their unsplit rows summed. */
struct double_sink {
    uint64_t *split; /* owned by the arena: resource ids that have allocated rows */
    uint32_t n;
    bool summing, any;
    enum cost_metric metric;
    struct cost_ids resource, allocated, currency;
    struct cost_column cost;
    __int128 *sums; /* by currency id */
    uint32_t n_sums;
};

static int double_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                        struct cost_block *block, struct mcp_error *err)
{
    struct double_sink *s = ctx;
    int rc = cost__block_ids(block, COST_COL_RESOURCE, &s->resource);

    (void)slice;
    (void)kind;
    if (rc == 0)
        rc = cost__block_ids(block, COST_COL_ALLOCATED_RESOURCE, &s->allocated);
    if (rc == 0)
        rc = cost__block_ids(block, COST_COL_CURRENCY, &s->currency);
    if (rc == 0)
        rc = cost__column_open(block, (enum cost_num)s->metric, &s->cost);
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

static int double_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct double_sink *s = ctx;

    for (size_t i = 0; i < n; i++) {
        uint32_t resource = cost__ids_at(&s->resource, rows[i]);
        uint32_t currency = cost__ids_at(&s->currency, rows[i]);
        bool allocated = cost__ids_at(&s->allocated, rows[i]) != 0;
        __int128 v;

        if (resource == 0 || resource >= s->n || currency >= s->n_sums)
            continue;
        if (!s->summing) {
            if (allocated)
                cost__bit_set(s->split, resource);
            s->any |= allocated;
            continue;
        }
        if (allocated || !cost__bit(s->split, s->n, resource) ||
            cost__column_null(&s->cost, rows[i]))
            continue;
        if (cost__column_at(&s->cost, rows[i], &v) ||
            __builtin_add_overflow(s->sums[currency], v, &s->sums[currency]))
            return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an amount can hold");
    }
    return 0;
}

static int double_slice(struct double_sink *s, const struct cost_scan *scan, struct mcp_error *err)
{
    struct cost_scan_sink sink = { .block = double_block, .rows = double_rows, .ctx = s };
    int rc;

    memset(s->split, 0, ((size_t)s->n / 64 + 1) * sizeof(*s->split));
    s->any = s->summing = false;
    rc = cost__scan_run(scan, &sink, err);
    if (rc < 0 || !s->any)
        return rc;
    s->summing = true;
    return cost__scan_run(scan, &sink, err);
}

int cost__kubernetes_double(struct cost_view *view, const struct cost_query *query,
                            const struct cost_preds *preds, struct mcp_error *err)
{
    const struct cost_slice *slices;
    size_t n_slices = cost__snapshot_slices(view->snap, &slices);
    bool *only = mcp_arena_alloc(view->arena, n_slices + 1);
    struct cost_scan scan = { .snap = view->snap,
                              .scope = view->scope,
                              .preds = preds,
                              .basis = query->basis,
                              .range = query->range,
                              .facts = true,
                              .only = only };
    struct double_sink s = { .metric = query->metric,
                             .n = cost__dict_count(view->snap, COST_COL_RESOURCE) + 1,
                             .n_sums = cost__dict_count(view->snap, COST_COL_CURRENCY) + 1 };

    if (cost__dict_count(view->snap, COST_COL_ALLOCATED_RESOURCE) == 0)
        return 0;
    s.split = cost__bits_new(view->arena, s.n);
    s.sums = mcp_arena_try_array(view->arena, s.n_sums, sizeof(*s.sums));
    if (s.split == NULL || s.sums == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to compare split rows");
    for (size_t i = 0; i < n_slices; i++) {
        int rc;

        only[i] = true;
        rc = double_slice(&s, &scan, err);
        only[i] = false;
        if (rc < 0)
            return rc;
    }
    for (uint32_t c = 0; c < s.n_sums; c++) {
        char text[COST_MONEY_TEXT];
        mcp_str currency = MCP_STR_NULL;
        int rc;

        if (s.sums[c] == 0)
            continue;
        rc = cost__dict_text(view->snap, COST_COL_CURRENCY, c, &currency, err);
        if (rc < 0)
            return rc;
        cost_money_format((struct cost_money){ s.sums[c] }, text);
        cost_result_warn(view->result, "split_double_count",
                         MCP_STR("Export either the split rows or the rows they come from."),
                         "%s %.*s is in this answer twice: as resources and split between the "
                         "workloads on them.",
                         text, MCP_STR_ARG(currency));
    }
    return 0;
}
