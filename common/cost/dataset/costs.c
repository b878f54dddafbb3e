/* get_costs over a snapshot: filters, one scan into groups, the second path, page and evidence. */
#include "costs.h"

#include "filter.h"
#include "freshness.h"
#include "kubernetes.h"
#include "renames.h"

#define DAY 86400

static const char *const native_metrics[COST_N_METRICS] = {
    [COST_BILLED] = "BilledCost",
    [COST_EFFECTIVE] = "EffectiveCost",
    [COST_LIST] = "ListCost",
    [COST_CONTRACTED] = "ContractedCost",
};

/* Invoice basis: the whole billing periods that the range touches. Calendar months are whole
 * already; a provider's own periods may reach further. */
static int widen_to_periods(struct cost_run *run, struct mcp_error *err)
{
    struct cost_query *q = run->query;
    struct cost_range wide = q->range;
    const struct cost_slice *slices;
    size_t n = cost__snapshot_slices(run->view.snap, &slices);

    if (q->has_granularity && (q->granularity == COST_DAILY || q->granularity == COST_HOURLY)) {
        mcp_error_set(
            err, MCP_EINVAL,
            "basis invoice has no %s granularity: a bill is made of whole billing periods",
            cost_granularity_name(q->granularity));
        return mcp_error_next(err, "Use granularity MONTHLY or TOTAL, or basis usage.");
    }
    if (!q->has_granularity)
        q->granularity = COST_MONTHLY;
    for (size_t i = 0; i < n; i++) {
        const struct cost_slice *s = &slices[i];

        if (s->rows == 0 || s->period_start > q->range.end || s->period_end < q->range.start)
            continue;
        if (s->period_start < wide.start)
            wide.start = s->period_start;
        if (s->period_end > wide.end)
            wide.end = s->period_end;
    }
    if (wide.start == q->range.start && wide.end == q->range.end)
        return 0;
    if (!q->widened && !q->cut_to_data)
        q->asked = q->range;
    q->widened = true;
    q->range = wide;
    return 0;
}

/* The column behind each key; a tag's through its values, a service's through the renames. */
static int add_key(struct cost_run *run, size_t k, struct mcp_error *err)
{
    const struct cost_key_spec *spec = &run->query->keys[k];
    struct cost_cube_key *key = &run->keys[k];
    struct cost_tag_use *use = &run->tags[k];
    static const uint32_t none[1];
    int rc = 0;

    *key = (struct cost_cube_key){ .col = cost__dim_col(spec->dim) };
    if (spec->dim == COST_DIM_SERVICE) {
        rc = cost__renames_remap(run->view.snap, run->arena, &key->remap, err);
        key->n_ids = key->n_remap = cost__dict_count(run->view.snap, COST_COL_SERVICE) + 1;
    } else if (spec->dim == COST_DIM_TAG) {
        rc = cost__tags_use(&run->view, spec->tag_key, use, err);
        key->remap = use->found ? use->column.of : none;
        key->n_remap = use->found ? (uint32_t)use->column.n_sets : 0;
        key->n_ids = (uint32_t)use->column.n_values + 1;
    }
    return rc;
}

/* The query's keys, the provider where a service needs it to be one thing, and the currency. */
static int make_keys(struct cost_run *run, struct mcp_error *err)
{
    bool service = false;

    for (size_t k = 0; k < run->query->n_keys; k++) {
        int rc = add_key(run, k, err);

        if (rc < 0)
            return rc;
        service |= run->query->keys[k].dim == COST_DIM_SERVICE;
    }
    run->n_keys = run->query->n_keys;
    run->has_provider = service && cost__dict_count(run->view.snap, COST_COL_PROVIDER) > 1 &&
                        mcp_str_is_null(run->view.scope->family);
    if (run->has_provider) {
        run->provider_key = run->n_keys;
        run->keys[run->n_keys++] = (struct cost_cube_key){ .col = COST_COL_PROVIDER };
    }
    run->currency_key = run->n_keys;
    run->keys[run->n_keys++] = (struct cost_cube_key){ .col = COST_COL_CURRENCY };
    return 0;
}

static int scan_range(struct cost_run *run, struct cost_cube *cube, const struct cost_range *range,
                      struct mcp_error *err)
{
    struct cost_frame frame = { run->query->basis, run->query->granularity, *range };
    struct cost_scan scan = { .snap = run->view.snap,
                              .scope = run->view.scope,
                              .preds = &run->preds,
                              .basis = run->query->basis,
                              .range = *range };
    int rc = cost__cube_init(cube, run->view.snap, run->arena, run->keys, run->n_keys, &frame, err);

    if (rc < 0)
        return rc;
    scan.cols = cost__cube_cols(cube);
    return cost__cube_scan(cube, &scan, err);
}

int cost__costs_read(struct cost_run *run, struct mcp_error *err)
{
    struct cost_query *q = run->query;
    const char *path;
    int rc;

    run->frame = (struct cost_frame){ q->basis, q->granularity, q->range };
    rc = scan_range(run, &run->cube, &q->range, err);
    if (rc == 0)
        rc = cost__check_totals(&run->view, &run->preds, q->basis, &q->range, &run->check,
                                &run->check_path, err);
    run->compares = q->compare != COST_COMPARE_NONE;
    if (rc < 0 || !run->compares)
        return rc;
    rc = scan_range(run, &run->previous, &q->compared, err);
    return rc < 0 ? rc
                  : cost__check_totals(&run->view, &run->preds, q->basis, &q->compared,
                                       &run->check_previous, &path, err);
}

static bool has_rows(const struct cost_run *run)
{
    for (size_t i = 0; i < run->n_blocks; i++) {
        if (run->blocks[i].result.total.rows > 0 || run->blocks[i].result.totals[0].rows > 0)
            return true;
    }
    return false;
}

/* What the answer says of rows: groups, page, series, warnings. */
static int answer(struct cost_run *run, struct mcp_error *err)
{
    enum cost_granularity asked = run->query->granularity;
    int rc = cost__costs_fold(run, err);

    if (rc < 0)
        return rc;
    if (!has_rows(run)) {
        run->n_blocks = 0;
        return cost__costs_no_data(&run->view, run->query, err);
    }
    rc = cost__costs_refuse_coarse(run, err);
    if (rc == 0 && run->query->granularity != asked) {
        /* A coarser default: what spans a bucket is another question now. */
        cost__costs_release(run);
        run->n_groups = run->n_blocks = 0;
        rc = cost__costs_read(run, err);
        if (rc == 0)
            rc = cost__costs_fold(run, err);
    }
    if (rc == 0)
        rc = cost__costs_page(run, err);
    if (rc == 0)
        rc = cost__costs_series(run, err);
    if (rc == 0)
        rc = cost__costs_spanning(run, err);
    if (rc == 0)
        rc = cost__tags_variants(&run->view, run->query, &run->preds, run->tags, run->query->n_keys,
                                 err);
    if (rc == 0 && run->compares)
        rc = cost__costs_available(&run->view, err);
    return rc < 0 ? rc : cost__costs_warn(run, err);
}

static void hand_over(struct cost_run *run)
{
    struct cost_result *out = run->out;

    out->blocks = mcp_arena_alloc(run->arena, (run->n_blocks + 1) * sizeof(*out->blocks));
    for (size_t i = 0; i < run->n_blocks; i++)
        out->blocks[i] = run->blocks[i].result;
    out->n_blocks = run->n_blocks;
    out->time_start = (int64_t)run->query->range.start * DAY;
    out->time_end = ((int64_t)run->query->range.end + 1) * DAY;
}

int cost__costs_open(struct cost_run *run, struct cost_snapshot *snap,
                     const struct cost_scope *scope, const struct cost_query *query,
                     struct mcp_arena *arena, struct cost_result *out, struct mcp_error *err)
{
    int rc;

    cost_result_init(out, arena, query);
    out->timezone = MCP_STR("UTC");
    out->native_metric = mcp_str_z(native_metrics[query->metric]);
    out->generation = mcp_arena_str(arena, cost_snapshot_generation(snap));
    run->query = &out->query;
    run->out = out;
    run->arena = arena;
    rc = cost__view_init(&run->view, snap, scope, out, err);
    if (rc == 0)
        rc = cost__kubernetes_check(&run->view, run->query, err);
    if (rc == 0)
        rc = cost__filters_resolve(&run->view, run->query, &run->preds, err);
    if (rc == 0 && run->query->basis == COST_INVOICE)
        rc = widen_to_periods(run, err);
    return rc < 0 ? rc : make_keys(run, err);
}

void cost__costs_release(struct cost_run *run)
{
    cost__costs_fold_release(run);
    cost__cube_release(&run->cube);
    cost__cube_release(&run->previous);
}

int cost_dataset_costs(struct cost_snapshot *snap, const struct cost_scope *scope,
                       const struct cost_query *query, struct mcp_arena *arena,
                       struct cost_result *out, struct mcp_error *err)
{
    struct cost_run *run = MCP_ARENA_NEW(arena, struct cost_run);
    int rc = cost__costs_open(run, snap, scope, query, arena, out, err);

    if (rc == 0)
        rc = cost__costs_read(run, err);
    if (rc == 0)
        rc = answer(run, err);
    if (rc == 0)
        rc = cost__freshness_fill(&run->view, &run->preds, run->query, err);
    if (rc == 0)
        hand_over(run);
    cost__costs_release(run);
    return rc;
}
