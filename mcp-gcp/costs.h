/* One question to a billing export, in the steps that get_costs, get_forecast and get_resources share. */
#ifndef GCP_COSTS_H
#define GCP_COSTS_H

#include "billing.h"

struct gcp_costs_run {
    const struct gcp *gcp;
    struct mcp_call *call;
    struct mcp_arena *arena; /* the call's */
    const struct gcp_table *table; /* set by gcp_costs_open */
    struct gcp_extent extent;
    struct gcp_query_stats stats;
    struct cost_result *out;
    struct cost_query *query; /* out's own */
};

/* The settings are there, and the table: with resources where the question is about those. */
int gcp_costs_open(struct gcp_costs_run *r, const struct cost_query *query, struct mcp_error *err);
/* The answer to a resolved query, described but for gcp_describe. */
int gcp_costs_resolved(struct gcp_costs_run *r, const struct cost_query *query,
                       struct cost_result *out, struct mcp_error *err);
/* As gcp_filters_resolve, without warnings. */
int gcp_costs_filters(struct gcp_costs_run *r, struct cost_query *query, struct mcp_error *err);

#endif
