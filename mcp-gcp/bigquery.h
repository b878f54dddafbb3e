/* BigQuery's REST API: run a query, wait for it, read its rows; what it reads and costs. */
#ifndef GCP_BIGQUERY_H
#define GCP_BIGQUERY_H

#include "api.h"
#include "sql.h"

/* One query. All borrowed for the time of the call. */
struct gcp_query {
    const struct gcp_sql *sql;
    mcp_str project; /* that runs and pays it */
    mcp_str location; /* of the dataset, or missing */
    int64_t
        max_bytes; /* maximumBytesBilled: BigQuery refuses, free of charge, what would read more */
    const char *const *columns; /* the names of the answer's columns, in order */
    size_t n_columns;
    /* Every row, in order, as texts; missing: NULL. A negative answer ends the query. */
    int (*row)(void *ctx, const mcp_str *cells, struct mcp_error *err);
    void *ctx;
    size_t max_rows; /* more are an error; 0: 1,000,000 */
};

struct gcp_query_stats {
    uint64_t requests; /* HTTP requests that were answered */
    uint64_t bytes_processed, bytes_billed;
    uint64_t rows;
    bool cache_hit;
    bool abandoned; /* a job was left before its end: what it reads is not told */
};

/* Runs a query to its end: jobs.query, getQueryResults until it is complete and for every page. A
 * call that is cancelled or out of time cancels its job. Rows that do not add up to totalRows, a
 * schema that is not the columns', nested or missing cells: MCP_EUPSTREAM. Over max_bytes:
 * MCP_EREFUSED "too_expensive". *stats grows. */
int gcp_bigquery_run(const struct gcp *gcp, struct mcp_call *call, const struct gcp_query *query,
                     struct gcp_query_stats *stats, struct mcp_error *err);
/* What it would read, in bytes, by a dry run. */
int gcp_bigquery_estimate(const struct gcp *gcp, struct mcp_call *call,
                          const struct gcp_query *query, uint64_t *bytes,
                          struct gcp_query_stats *stats, struct mcp_error *err);
/* The words of a refusal for a query that reads too much. */
int gcp_bigquery_too_expensive(const struct gcp *gcp, uint64_t bytes, struct mcp_error *err);

/* "12.4 GiB" */
mcp_str gcp_bytes_text(struct mcp_arena *arena, uint64_t bytes);

#endif
