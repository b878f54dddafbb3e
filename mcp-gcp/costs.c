/* get_costs over a billing export in BigQuery: resolved, asked in one statement, gathered, described. */
#include "costs.h"

#include "fold.h"

#include <cost/writer.h>
#include <mcp/clock.h>
#include <mcp/date.h>

#define ARRIVING_DAYS 2 /* rows of a day keep coming for 24 to 48 hours */

static bool needs_resources(const struct cost_query *q)
{
    for (size_t i = 0; i < q->n_keys; i++) {
        if (q->keys[i].dim == COST_DIM_RESOURCE)
            return true;
    }
    return cost_query_filter(q, COST_DIM_RESOURCE, MCP_STR_NULL) != NULL;
}

static mcp_str native_metric(const struct gcp_table *table, enum cost_metric metric)
{
    static const char *const classic[COST_N_METRICS] = { "cost + credits", "cost + credits",
                                                         "cost_at_list", "cost" };
    static const char *const focus[COST_N_METRICS] = { "BilledCost", "EffectiveCost", "ListCost",
                                                       "ContractedCost" };

    if (metric == COST_CONTRACTED && gcp_table_has(table, "cost_at_effective_price_default"))
        return MCP_STR("cost_at_effective_price_default");
    return mcp_str_z(table->kind == GCP_TABLE_FOCUS ? focus[metric] : classic[metric]);
}

/* ---- asking ---- */

int gcp_costs_open(struct gcp_costs_run *r, const struct cost_query *query, struct mcp_error *err)
{
    bool resources = needs_resources(query);
    int rc = gcp_need_billing(r->gcp, err);

    if (rc == 0)
        rc = gcp_billing_table(r->gcp, r->call, resources, &r->table, &r->stats.requests, err);
    if (rc == MCP_MISS) /* the standard export says in its own words what it lacks */
        rc = gcp_billing_table(r->gcp, r->call, false, &r->table, &r->stats.requests, err);
    return rc;
}

int gcp_costs_filters(struct gcp_costs_run *r, struct cost_query *query, struct mcp_error *err)
{
    struct cost_result unheard;

    cost_result_init(&unheard, r->arena, query);
    return gcp_filters_resolve(r->gcp, r->call, r->table, query, &unheard, &r->stats, err);
}

/* One statement into out; *coarser as gcp_fold_finish says. */
static int ask(struct gcp_costs_run *r, enum cost_granularity *coarser, uint64_t *commitments,
               uint64_t *rounded, struct mcp_error *err)
{
    struct cost_query *q = r->query;
    size_t limit = q->limit > 0 ? (size_t)q->limit : COST_LIMIT_DEFAULT;
    size_t before = q->offset, last = before + limit;
    struct gcp_statement st;
    struct gcp_fold fold;
    struct gcp_query query = { .columns = gcp_costs_columns, .row = gcp_fold_row, .ctx = &fold };
    int rc;

    gcp_statement_init(&st, r->gcp->config, r->table, q, r->arena);
    rc = gcp_statement_costs(&st, before, last, err);
    if (rc == 0)
        rc = gcp_fold_init(&fold, &st, before, last, r->arena, err);
    if (rc < 0)
        return rc;
    query.sql = &st.sql;
    query.n_columns = fold.credits ? GCP_COSTS_N : GCP_COSTS_N_SHORT;
    rc = gcp_billing_run(r->gcp, r->call, r->table, &query, &r->stats, err);
    if (rc == 0)
        rc = gcp_fold_finish(&fold, r->out, coarser, err);
    *commitments = fold.commitments;
    *rounded = fold.rounded;
    return rc;
}

/* ---- what is said besides the sums ---- */

static void warn_commitments(struct gcp_costs_run *r, uint64_t commitments)
{
    bool bridge = r->query->bridge || r->query->metric == COST_EFFECTIVE;

    if (commitments == 0 || (!bridge && r->query->metric != COST_EFFECTIVE))
        return;
    cost_result_warn(r->out, "effective_unknown",
                     MCP_STR("Set gcp.billing.table to the FOCUS export "
                             "(gcp_billing_export_focus_...), or use metric billed."),
                     "%llu rows are fees or credits of commitments: what usage effectively cost is "
                     "not in this export.",
                     (unsigned long long)commitments);
}

static void warn_arriving(struct gcp_costs_run *r)
{
    char day[MCP_DATE_LEN + 1];

    if (r->extent.empty || r->query->range.end <= r->query->today - 1 - ARRIVING_DAYS)
        return;
    mcp_date_format(r->query->today - ARRIVING_DAYS, day);
    cost_result_warn(r->out, "still_arriving", MCP_STR_NULL,
                     "Google delivers usage for a day or two: what is from %s on may still grow.",
                     day);
}

static void warn(struct gcp_costs_run *r, uint64_t commitments, uint64_t rounded)
{
    const struct gcp_config *c = r->gcp->config;

    warn_commitments(r, commitments);
    warn_arriving(r);
    if (rounded > 0)
        cost_result_warn(r->out, "money_rounded", MCP_STR_NULL,
                         "%llu sums had more than 18 decimals and were rounded.",
                         (unsigned long long)rounded);
    if (c->restricted && !c->unattributed)
        cost_result_warn(r->out, "outside_scope", mcp_str_z(""),
                         "Charges that belong to no project are not in this answer.");
}

/* What days there are: for an answer without rows, and for a comparison that reaches before them. */
static int available(struct gcp_costs_run *r, struct mcp_error *err)
{
    struct gcp_extent extent = { .empty = true };
    struct cost_extent dates;
    int rc = 0;

    if (!r->extent.empty)
        rc = gcp_billing_extent(r->gcp, r->call, r->table, true, &extent, &r->stats, err);
    if (rc < 0 || extent.empty)
        return rc;
    gcp_extent_dates(&extent, gcp_table_zone(r->gcp->config, r->table), &dates);
    r->out->has_available = true;
    r->out->available = (struct cost_range){ dates.first, dates.data_through };
    return 0;
}

int gcp_costs_resolved(struct gcp_costs_run *r, const struct cost_query *query,
                       struct cost_result *out, struct mcp_error *err)
{
    uint64_t commitments = 0, rounded = 0;
    enum cost_granularity coarser = query->granularity;
    int rc = 0;

    cost_result_init(out, r->arena, query);
    r->out = out;
    r->query = &out->query;
    out->native_metric = native_metric(r->table, query->metric);
    if (!gcp_billing_sees_nothing(r->gcp->config)) {
        rc = gcp_filters_resolve(r->gcp, r->call, r->table, r->query, out, &r->stats, err);
        if (rc == 0)
            rc = ask(r, &coarser, &commitments, &rounded, err);
        if (rc == 0 && coarser != r->query->granularity) {
            r->query->granularity = coarser;
            rc = ask(r, &coarser, &commitments, &rounded, err);
        }
    }
    if (rc == 0 && (out->n_blocks == 0 || r->query->compare != COST_COMPARE_NONE))
        rc = available(r, err);
    if (rc < 0)
        return rc;
    out->no_data = out->n_blocks == 0;
    warn(r, commitments, rounded);
    gcp_billing_describe(r->gcp, r->table, &r->extent, &r->stats, out);
    return 0;
}

int gcp_costs(void *ctx, struct mcp_call *call, const struct cost_query *query,
              struct cost_result *out, struct mcp_error *err)
{
    struct gcp_costs_run r = { .gcp = ctx, .call = call, .arena = mcp_call_arena(call) };
    struct cost_query resolved = *query;
    struct cost_extent dates;
    int rc = gcp_costs_open(&r, query, err);

    if (rc == 0)
        rc = gcp_billing_extent(r.gcp, call, r.table, false, &r.extent, &r.stats, err);
    if (rc < 0)
        return rc;
    gcp_extent_dates(&r.extent, gcp_table_zone(r.gcp->config, r.table), &dates);
    rc = cost_query_resolve(&resolved, &dates, err);
    if (rc == 0)
        rc = gcp_costs_resolved(&r, &resolved, out, err);
    if (rc == 0)
        gcp_describe(out, "bigquery");
    return rc;
}

int gcp_peek(void *ctx, struct cost_query *query, mcp_str *generation, struct mcp_arena *arena)
{
    const struct gcp *gcp = ctx;
    const struct gcp_table *table;
    struct gcp_extent extent;
    struct cost_extent dates;
    struct mcp_error err = { 0 };

    if (gcp_billing_known(gcp, needs_resources(query), arena, &table, &extent) < 0)
        return MCP_MISS;
    gcp_extent_dates(&extent, gcp_table_zone(gcp->config, table), &dates);
    if (cost_query_resolve(query, &dates, &err) < 0)
        return MCP_MISS;
    *generation = gcp_billing_generation(table, &extent, arena);
    return 0;
}
