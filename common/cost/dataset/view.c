/* One call's look at a snapshot: what the caller may see of it. */
#include "view.h"

#include "kubernetes.h"
#include "scan.h"

enum cost_col cost__dim_col(enum cost_dim dim)
{
    static const enum cost_col cols[COST_N_DIMS] = {
        [COST_DIM_PROVIDER] = COST_COL_PROVIDER,
        [COST_DIM_SERVICE_PROVIDER] = COST_COL_SERVICE_PROVIDER,
        [COST_DIM_PUBLISHER] = COST_COL_PUBLISHER,
        [COST_DIM_INVOICE_ISSUER] = COST_COL_INVOICE_ISSUER,
        [COST_DIM_BILLING_ACCOUNT] = COST_COL_BILLING_ACCOUNT,
        [COST_DIM_INVOICE] = COST_COL_INVOICE,
        [COST_DIM_PROJECT] = COST_COL_PROJECT,
        [COST_DIM_REGION] = COST_COL_REGION,
        [COST_DIM_SERVICE] = COST_COL_SERVICE,
        [COST_DIM_SERVICE_CATEGORY] = COST_COL_SERVICE_CATEGORY,
        [COST_DIM_SERVICE_SUBCATEGORY] = COST_COL_SERVICE_SUBCATEGORY,
        [COST_DIM_SKU] = COST_COL_SKU,
        [COST_DIM_RESOURCE] = COST_COL_RESOURCE,
        [COST_DIM_RESOURCE_TYPE] = COST_COL_RESOURCE_TYPE,
        [COST_DIM_RESOURCE_GROUP] = COST_COL_RESOURCE_GROUP,
        [COST_DIM_CHARGE_CATEGORY] = COST_COL_CHARGE_CATEGORY,
        [COST_DIM_CHARGE_CLASS] = COST_COL_CHARGE_CLASS,
        [COST_DIM_CHARGE_FREQUENCY] = COST_COL_CHARGE_FREQUENCY,
        [COST_DIM_PRICING_CATEGORY] = COST_COL_PRICING_CATEGORY,
        [COST_DIM_COMMITMENT] = COST_COL_COMMITMENT,
        [COST_DIM_COMMITMENT_STATUS] = COST_COL_COMMITMENT_STATUS,
        [COST_DIM_CLUSTER] = COST_COL_CLUSTER,
        [COST_DIM_NAMESPACE] = COST_COL_NAMESPACE,
        [COST_DIM_CURRENCY] = COST_COL_CURRENCY,
        [COST_DIM_TAG] = COST_COL_TAGS,
    };

    MCP_BUG_ON((unsigned)dim >= COST_N_DIMS || dim == COST_DIM_NONE);
    return cols[dim];
}

static int no_memory(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ENOMEM, "no memory for the filters");
}

/* The family of a server; nothing to test when the data holds no other. */
static int scope_family(struct cost_view *view, struct mcp_error *err)
{
    uint32_t count = cost__dict_count(view->snap, COST_COL_PROVIDER);
    uint64_t *bits = cost__bits_new(view->arena, count + 1);
    bool found = false;

    if (bits == NULL)
        return no_memory(err);
    for (uint32_t id = 1; id <= count; id++) {
        mcp_str text;
        int rc = cost__dict_text(view->snap, COST_COL_PROVIDER, id, &text, err);

        if (rc < 0)
            return rc;
        if (!mcp_str_eq(text, view->scope->family))
            continue;
        cost__bit_set(bits, id);
        found = true;
    }
    if (!found)
        view->in_scope.never = true;
    if (found && count == 1)
        return 0;
    view->scoped = true;
    return cost__preds_add(&view->in_scope, COST_COL_PROVIDER, bits, count + 1, err);
}

/* A tenant's projects, byte for byte: a name that only looks like one opens nothing. */
static int scope_projects(struct cost_view *view, struct mcp_error *err)
{
    uint32_t limit = cost__dict_count(view->snap, COST_COL_PROJECT) + 1;
    uint64_t *bits = cost__bits_new(view->arena, limit);

    if (bits == NULL)
        return no_memory(err);
    for (size_t i = 0; i < view->scope->n_projects; i++) {
        const uint32_t *ids;
        size_t n;
        bool by_name;
        int rc = cost__dict_find(view->snap, COST_COL_PROJECT, view->scope->projects[i],
                                 view->arena, &ids, &n, &by_name, err);

        if (rc < 0)
            return rc;
        for (size_t k = 0; k < n; k++) {
            mcp_str text;

            rc = cost__dict_text(view->snap, COST_COL_PROJECT, ids[k], &text, err);
            if (rc < 0)
                return rc;
            if (mcp_str_eq(text, view->scope->projects[i]))
                cost__bit_set(bits, ids[k]);
        }
    }
    if (view->scope->unattributed && view->scope->n_projects > 0)
        cost__bit_set(bits, 0);
    if (view->scope->n_projects == 0)
        view->in_scope.never = true; /* an empty list: no rows */
    view->scoped = true;
    return cost__preds_add(&view->in_scope, COST_COL_PROJECT, bits, limit, err);
}

int cost__view_init(struct cost_view *view, struct cost_snapshot *snap,
                    const struct cost_scope *scope, struct cost_result *result,
                    struct mcp_error *err)
{
    int rc = 0;

    *view = (struct cost_view){
        .snap = snap, .scope = scope, .arena = result->arena, .result = result
    };
    if (!mcp_str_is_null(scope->family))
        rc = scope_family(view, err);
    if (rc == 0 && scope->kubernetes) {
        view->scoped = true;
        rc = cost__kubernetes_pred(snap, view->arena, &view->in_scope, err);
    }
    if (rc == 0 && scope->restricted)
        rc = scope_projects(view, err);
    return rc;
}

/* A sink that marks the ids of one column. */
struct seen_sink {
    enum cost_col col;
    uint64_t *bits;
    uint32_t n;
    struct cost_ids ids;
};

static int seen_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                      struct cost_block *block, struct mcp_error *err)
{
    struct seen_sink *s = ctx;
    int rc = cost__block_ids(block, s->col, &s->ids);

    (void)slice;
    (void)kind;
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

static int seen_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct seen_sink *s = ctx;
    size_t step = s->ids.constant ? n : 1; /* one look is enough at a constant */

    for (size_t i = 0; i < n; i += step) {
        uint32_t id = cost__ids_at(&s->ids, rows[i]);

        if (id >= s->n)
            return mcp_error_set(err, MCP_EDATA, "a block names an id that the dataset has not");
        cost__bit_set(s->bits, id);
    }
    return 0;
}

int cost__view_seen(struct cost_view *view, enum cost_col col, const uint64_t **bits,
                    struct mcp_error *err)
{
    struct seen_sink s = { .col = col, .n = cost__dict_count(view->snap, col) + 1 };
    struct cost_scan_sink sink = { .block = seen_block, .rows = seen_rows, .ctx = &s };
    struct cost_scan scan = { .snap = view->snap,
                              .scope = view->scope,
                              .preds = &view->in_scope,
                              .basis = COST_INVOICE, /* whole slices: no day is tested */
                              .range = { INT32_MIN, INT32_MAX },
                              .cols = COST_COL_BIT(col) };
    int rc;

    /* What all rows carry is worked out once for all calls. */
    *bits = view->scoped ? view->seen[col] : cost__dict_live(view->snap, col);
    if (*bits != NULL)
        return 0;
    s.bits = cost__bits_new(view->arena, s.n);
    if (s.bits == NULL)
        return no_memory(err);
    rc = cost__scan_run(&scan, &sink, err);
    if (rc < 0)
        return rc;
    view->seen[col] = *bits = s.bits;
    return view->scoped ? 0 : cost__dict_keep_live(view->snap, col, s.bits, err);
}
