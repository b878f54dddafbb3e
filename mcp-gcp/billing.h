/* The BigQuery side's state: described tables, freshness of the data, bytes of the day. */
#ifndef GCP_BILLING_H
#define GCP_BILLING_H

#include "bigquery.h"
#include "live.h"
#include "statement.h"

/* What the data reaches to, for whom the configuration lets see it. */
struct gcp_extent {
    bool empty;
    int64_t usage_end; /* instant: the latest end of usage of at most a day */
    int64_t exported; /* instant of the latest export; of the FOCUS view: of its latest usage */
    bool has_first;
    int32_t first; /* the first day with usage */
};

/* The table to ask: with resources when those are needed. Held until the call's arena goes. MCP_MISS
 * (err untouched) when resources are needed and only the standard export is there. */
int gcp_billing_table(const struct gcp *gcp, struct mcp_call *call, bool resources,
                      const struct gcp_table **out, uint64_t *requests, struct mcp_error *err);
/* The same as gcp_billing_table and gcp_billing_extent, but only what is remembered and still fresh:
 * never waits. MCP_MISS. The table is held until arena goes. */
int gcp_billing_known(const struct gcp *gcp, bool resources, struct mcp_arena *arena,
                      const struct gcp_table **table, struct gcp_extent *extent);
/* Remembered for some minutes. first: the first day too, which reads a column of the whole table. */
int gcp_billing_extent(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                       bool first, struct gcp_extent *out, struct gcp_query_stats *stats,
                       struct mcp_error *err);
/* As cost_query_resolve needs it. */
void gcp_extent_dates(const struct gcp_extent *extent, enum gcp_zone zone, struct cost_extent *out);
/* Runs a query within the limits: what it may read at most, and what is left of the day. A dry run
 * tells its bytes first, where the table is larger than those. */
int gcp_billing_run(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                    struct gcp_query *query, struct gcp_query_stats *stats, struct mcp_error *err);
/* Nobody may see anything: the allow-list is there and empty. */
bool gcp_billing_sees_nothing(const struct gcp_config *config);

/* Changes with what the table holds: for cursors and the cache. In arena. */
mcp_str gcp_billing_generation(const struct gcp_table *table, const struct gcp_extent *extent,
                               struct mcp_arena *arena);
/* Time zone, state and price of an answer. */
void gcp_billing_describe(const struct gcp *gcp, const struct gcp_table *table,
                          const struct gcp_extent *extent, const struct gcp_query_stats *stats,
                          struct cost_result *out);

/* Filter values become the exact ids of the data (filters.c): an id or a display name, else the only
 * one that is equal but for its case. Ambiguous ones are MCP_EINVAL; unknown ones stay and are warned
 * of with the nearest names. *query is changed, values live in the call's arena. */
int gcp_filters_resolve(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                        struct cost_query *query, struct cost_result *out,
                        struct gcp_query_stats *stats, struct mcp_error *err);

#endif
