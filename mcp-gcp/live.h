/* What the BigQuery side gives to the live source, and what both sides share. */
#ifndef GCP_LIVE_H
#define GCP_LIVE_H

#include "api.h"

#include <cost/live.h>

/* ---- billing: BigQuery (billing.c, costs.c, forecast.c) -------------------------------------- */

/* State of the BigQuery side: introspected tables, bytes of the day. NULL: no memory. */
struct gcp_billing *gcp_billing_new(const struct gcp_config *config);
void gcp_billing_free(struct gcp_billing *billing);

/* The functions of struct cost_source, with ctx = struct gcp. Each fills out but for what
 * gcp_describe adds. */
int gcp_costs(void *ctx, struct mcp_call *call, const struct cost_query *query,
              struct cost_result *out, struct mcp_error *err);
int gcp_peek(void *ctx, struct cost_query *query, mcp_str *generation, struct mcp_arena *arena);
int gcp_forecast(void *ctx, struct mcp_call *call, const struct cost_query *query,
                 struct cost_forecast_result *out, struct mcp_error *err);
int gcp_values(void *ctx, struct mcp_call *call, enum cost_dim dim, const mcp_str **values,
               size_t *n, struct mcp_error *err);

/* The cost of one resource of the detailed export in the asked range; in the call's arena. */
struct gcp_resource_cost {
    mcp_str global_name; /* resource.global_name, or missing */
    mcp_str name; /* resource.name */
    mcp_str project; /* id */
    mcp_str service;
    mcp_str region;
    mcp_str currency;
    struct cost_money cost;
    int32_t first_seen, last_seen; /* days in the source's timezone */
};
struct gcp_resource_costs {
    const struct gcp_resource_cost *items; /* largest first */
    size_t n;
    bool cut; /* there are more than were fetched */
    const struct cost_resource_total *totals; /* per currency, of all rows in scope */
    size_t n_totals;
};
/* Resolves query against the data; its metric and filters hold. MCP_MISS when only the standard export
 * is there (err untouched). base: query, freshness, source and warnings go there. */
int gcp_billing_resources(const struct gcp *gcp, struct mcp_call *call,
                          const struct cost_query *query, struct gcp_resource_costs *out,
                          struct cost_result *base, struct mcp_error *err);
/* Resolves against today in the source's timezone, without asking anybody. */
int gcp_billing_resolve(const struct gcp *gcp, struct cost_query *query, struct mcp_error *err);
/* The projects (ids) and locations (zones, regions) that had cost in the last 30 days, for where to ask
 * recommenders; in the call's arena. */
int gcp_billing_places(const struct gcp *gcp, struct mcp_call *call, const mcp_str **projects,
                       size_t *n_projects, const mcp_str **locations, size_t *n_locations,
                       struct mcp_error *err);

/* The lines of `doctor` for what the BigQuery side needs: bigquery.jobs.create,
 * bigquery.tables.getData, the tables found, freshness. */
void gcp_billing_doctor(const struct gcp *gcp, struct mcp_call *call,
                        const struct cost_report *report);

/* ---- shared ---------------------------------------------------------------------------------- */

/* What the program's main.c gives to libcost. */
extern const struct cost_live_spec gcp_live;

/* Provider, backend, scope of an answer: what every tool of this server says. backend: "bigquery",
 * "recommender", "cloudasset". */
void gcp_describe(struct cost_result *r, const char *backend);
/* 0 when gcp.billing.project and dataset are set, else MCP_ECONFIG that says what to set and where. */
int gcp_need_billing(const struct gcp *gcp, struct mcp_error *err);
/* Contract section 11: whether this caller may see what belongs to a project (missing: to none). */
bool gcp_may_see(const struct gcp *gcp, mcp_str project);

#endif
