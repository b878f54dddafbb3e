/* What resources cost by the detailed export, and where projects have had costs. */
#include "costs.h"

#include <mcp/clock.h>
#include <mcp/date.h>

#include <stdlib.h>

#define MAX_RESOURCES 20000 /* the largest ones */
#define MAX_PLACES 5000
#define PLACE_DAYS 30

enum column {
    IS_TOTAL,
    CURRENCY,
    GLOBAL_NAME,
    NAME,
    PROJECT,
    SERVICE,
    REGION,
    COST,
    UNNAMED,
    FIRST,
    LAST,
    COMMITMENTS,
    N_COLUMNS
};
static const char *const columns[N_COLUMNS] = { "is_total",  "currency", "global_name",
                                                "name",      "project",  "service",
                                                "region",    "cost",     "unnamed",
                                                "first_day", "last_day", "commitments" };

struct reading {
    struct mcp_arena *arena;
    struct gcp_resource_cost *items; /* in arena */
    size_t n;
    bool cut;
    struct cost_resource_total *totals; /* in arena */
    size_t n_totals;
    uint64_t commitments;
};
#define MAX_TOTALS 64

int gcp_billing_resolve(const struct gcp *gcp, struct cost_query *query, struct mcp_error *err)
{
    int32_t today = gcp_zone_day((enum gcp_zone)gcp->config->timezone, mcp_clock_now());
    struct cost_extent dates = {
        .live = true, .today = today, .first = today, .data_through = today, .has_days = true
    };

    return cost_query_resolve(query, &dates, err);
}

/* ---- rows ---- */

static int total_row(struct reading *r, const mcp_str *cells, struct mcp_error *err)
{
    struct cost_resource_total *t = &r->totals[r->n_totals];
    int64_t n = 0;

    if (r->n_totals == MAX_TOTALS)
        return mcp_error_set(err, MCP_EDATA, "the data holds more than %d currencies", MAX_TOTALS);
    t->currency = mcp_arena_str(r->arena, cells[CURRENCY]);
    if (cost_money_parse(cells[COST], &t->cost, NULL) < 0 ||
        (!mcp_str_is_null(cells[UNNAMED]) &&
         cost_money_parse(cells[UNNAMED], &t->without_resource, NULL) < 0) ||
        mcp_str_int64(cells[COMMITMENTS], &n) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer holds a sum that is none");
    r->commitments += (uint64_t)n;
    r->n_totals++;
    return 0;
}

static int resource_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct reading *r = ctx;
    struct gcp_resource_cost *item = &r->items[r->n];
    int64_t first = 0, last = 0;

    if (mcp_str_eq(cells[IS_TOTAL], MCP_STR("1")))
        return total_row(r, cells, err);
    if (r->n == MAX_RESOURCES) {
        r->cut = true;
        return 0;
    }
    *item = (struct gcp_resource_cost){ .global_name = mcp_arena_str(r->arena, cells[GLOBAL_NAME]),
                                        .name = mcp_arena_str(r->arena, cells[NAME]),
                                        .project = mcp_arena_str(r->arena, cells[PROJECT]),
                                        .service = mcp_arena_str(r->arena, cells[SERVICE]),
                                        .region = mcp_arena_str(r->arena, cells[REGION]),
                                        .currency = mcp_arena_str(r->arena, cells[CURRENCY]) };
    if (cost_money_parse(cells[COST], &item->cost, NULL) < 0 ||
        mcp_str_int64(cells[FIRST], &first) < 0 || mcp_str_int64(cells[LAST], &last) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer holds a cost that is none");
    item->first_seen = (int32_t)first;
    item->last_seen = (int32_t)last;
    r->n++;
    return 0;
}

/* ---- statements ---- */

/* Where the table says where things are. */
static const char *region_of(const struct gcp_table *t)
{
    if (t->kind == GCP_TABLE_FOCUS)
        return gcp_table_has(t, "RegionId") ? "t.RegionId" : "CAST(NULL AS STRING)";
    return gcp_table_has(t, "location.region") ? "IFNULL(t.location.region, t.location.location)"
                                               : "t.location.location";
}

static int put_resources(struct gcp_statement *st, struct mcp_error *err)
{
    static const char over[] = "GROUPING SETS ((currency, global_name, name, project), (currency))";
    const struct gcp_words *w = &st->words;
    const char *const values[COST_N_METRICS] = { w->billed, w->effective, w->list, w->contracted };
    bool focus = st->table->kind == GCP_TABLE_FOCUS;
    struct gcp_sql *sql = &st->sql;
    int rc;

    gcp_sql_put(sql,
                "WITH facts AS (\nSELECT %s AS currency, %s AS global_name, %s AS name, %s AS "
                "project, %s AS service, %s AS region, ",
                w->currency, focus ? "t.ResourceId" : "t.resource.global_name",
                focus ? "t.ResourceName" : "t.resource.name", w->project,
                focus ? "t.ServiceName" : "t.service.description", region_of(st->table));
    gcp_sql_put(sql, "%s AS metric, UNIX_DATE(DATE(%s, @tz)) AS day, %s AS commitment",
                values[st->query->metric], w->start, w->commitment);
    rc = gcp_statement_from(st, false, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(sql,
                "\n), summed AS (\nSELECT GROUPING(name) AS is_total, currency, global_name, name, "
                "project, MAX(service) AS service, MAX(region) AS region, SUM(metric) AS cost, "
                "SUM(IF(IFNULL(global_name, name) IS NULL, metric, NULL)) AS unnamed, MIN(day) AS "
                "first_day, MAX(day) AS last_day, COUNTIF(commitment) AS commitments\nFROM facts "
                "GROUP BY %s\n)\nSELECT is_total, currency, global_name, name, project, service, "
                "region, cost, unnamed, first_day, last_day, commitments FROM summed\n"
                "WHERE cost IS NOT NULL AND (is_total = 1 OR IFNULL(global_name, name) IS NOT "
                "NULL)\n"
                "ORDER BY is_total DESC, ABS(cost) DESC, global_name, name LIMIT %d",
                over, MAX_TOTALS + MAX_RESOURCES + 1);
    return gcp_sql_error(sql, err);
}

static int ask(struct gcp_costs_run *r, struct cost_query *q, struct reading *reading,
               struct mcp_error *err)
{
    struct gcp_statement st;
    struct gcp_query ask = { .columns = columns,
                             .n_columns = N_COLUMNS,
                             .row = resource_row,
                             .ctx = reading,
                             .max_rows = MAX_TOTALS + MAX_RESOURCES + 1 };
    int rc;

    reading->arena = r->arena;
    reading->items = mcp_arena_try_array(r->arena, MAX_RESOURCES + 1, sizeof(*reading->items));
    reading->totals = mcp_arena_try_array(r->arena, MAX_TOTALS, sizeof(*reading->totals));
    if (reading->items == NULL || reading->totals == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the resources");
    gcp_statement_init(&st, r->gcp->config, r->table, q, r->arena);
    rc = put_resources(&st, err);
    ask.sql = &st.sql;
    return rc < 0 ? rc : gcp_billing_run(r->gcp, r->call, r->table, &ask, &r->stats, err);
}

int gcp_billing_resources(const struct gcp *gcp, struct mcp_call *call,
                          const struct cost_query *query, struct gcp_resource_costs *out,
                          struct cost_result *base, struct mcp_error *err)
{
    struct gcp_costs_run r = {
        .gcp = gcp, .call = call, .arena = mcp_call_arena(call), .out = base, .query = &base->query
    };
    struct reading reading = { 0 };
    struct cost_extent dates;
    int rc = gcp_need_billing(gcp, err);

    *out = (struct gcp_resource_costs){ 0 };
    if (rc == 0)
        rc = gcp_billing_table(gcp, call, true, &r.table, &r.stats.requests, err);
    if (rc == 0 && r.table->kind == GCP_TABLE_FOCUS && !gcp_table_has(r.table, "ResourceName"))
        return MCP_MISS;
    if (rc == 0)
        rc = gcp_billing_extent(gcp, call, r.table, false, &r.extent, &r.stats, err);
    if (rc < 0)
        return rc;
    if (&base->query != query)
        base->query = *query;
    gcp_extent_dates(&r.extent, gcp_table_zone(gcp->config, r.table), &dates);
    rc = cost_query_resolve(&base->query, &dates, err);
    if (rc == 0 && !gcp_billing_sees_nothing(gcp->config)) {
        rc = gcp_filters_resolve(gcp, call, r.table, &base->query, base, &r.stats, err);
        if (rc == 0)
            rc = ask(&r, &base->query, &reading, err);
    }
    if (rc < 0)
        return rc;
    if (reading.commitments > 0 && base->query.metric == COST_EFFECTIVE) {
        base->query.metric = COST_BILLED; /* the sums are cost and credits: what is billed */
        cost_result_warn(base, "effective_unknown",
                         MCP_STR("Set gcp.billing.table to the FOCUS export for effective cost."),
                         "%llu rows are fees or credits of commitments: effective cost is not in "
                         "this export; shown is what is billed.",
                         (unsigned long long)reading.commitments);
    }
    out->items = reading.items;
    out->n = reading.n;
    out->cut = reading.cut;
    out->totals = reading.totals;
    out->n_totals = reading.n_totals;
    gcp_billing_describe(gcp, r.table, &r.extent, &r.stats, base);
    return 0;
}

/* ---- places ---- */

struct places {
    struct mcp_arena *arena;
    mcp_str *projects, *locations; /* in arena */
    size_t n_projects, n_locations;
};

static int place_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct places *p = ctx;

    (void)err;
    if (mcp_str_is_null(cells[1]))
        return 0;
    if (mcp_str_eq(cells[0], MCP_STR("project")) && p->n_projects < MAX_PLACES)
        p->projects[p->n_projects++] = mcp_arena_str(p->arena, cells[1]);
    else if (mcp_str_eq(cells[0], MCP_STR("location")) && p->n_locations < MAX_PLACES)
        p->locations[p->n_locations++] = mcp_arena_str(p->arena, cells[1]);
    return 0;
}

static int ask_places(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                      struct places *p, struct mcp_error *err)
{
    static const char *const names[] = { "kind", "place" };
    struct gcp_query ask = {
        .columns = names, .n_columns = 2, .row = place_row, .ctx = p, .max_rows = 4 * MAX_PLACES
    };
    struct cost_query q = { .tool = COST_GET_COSTS };
    struct gcp_query_stats stats = { 0 };
    struct gcp_statement st;
    int rc;

    gcp_statement_init(&st, gcp->config, table, &q, p->arena);
    q.range.end = gcp_zone_day(st.zone, mcp_clock_now());
    q.range.start = q.range.end - PLACE_DAYS;
    gcp_sql_put(&st.sql, "SELECT kind, place FROM (SELECT %s AS project, %s AS zone, %s AS region",
                st.words.project,
                gcp_table_has(table, "location.zone") ? "t.location.zone" : "CAST(NULL AS STRING)",
                region_of(table));
    rc = gcp_statement_from(&st, false, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(&st.sql,
                "), UNNEST([STRUCT('project' AS kind, project AS place), STRUCT('location' "
                "AS kind, zone AS place), STRUCT('location' AS kind, region AS place)])\n"
                "WHERE place IS NOT NULL GROUP BY kind, place ORDER BY kind, place LIMIT "
                "%d",
                2 * MAX_PLACES);
    ask.sql = &st.sql;
    return gcp_billing_run(gcp, call, table, &ask, &stats, err);
}

int gcp_billing_places(const struct gcp *gcp, struct mcp_call *call, const mcp_str **projects,
                       size_t *n_projects, const mcp_str **locations, size_t *n_locations,
                       struct mcp_error *err)
{
    struct places p = { .arena = mcp_call_arena(call) };
    const struct gcp_table *table;
    uint64_t requests = 0;
    int rc = gcp_need_billing(gcp, err);

    *n_projects = *n_locations = 0;
    if (rc < 0 || gcp_billing_sees_nothing(gcp->config))
        return rc;
    p.projects = mcp_arena_try_array(p.arena, MAX_PLACES, sizeof(*p.projects));
    p.locations = mcp_arena_try_array(p.arena, MAX_PLACES, sizeof(*p.locations));
    if (p.projects == NULL || p.locations == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the list of projects");
    rc = gcp_billing_table(gcp, call, false, &table, &requests, err);
    if (rc == 0)
        rc = ask_places(gcp, call, table, &p, err);
    if (rc < 0)
        return rc;
    *projects = p.projects;
    *n_projects = p.n_projects;
    *locations = p.locations;
    *n_locations = p.n_locations;
    return 0;
}
