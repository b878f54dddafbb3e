/* The table of a billing export, as BigQuery describes it: what to select, and what to prune by. */
#ifndef GCP_TABLE_H
#define GCP_TABLE_H

#include "api.h"

enum gcp_table_kind {
    GCP_TABLE_STANDARD,
    GCP_TABLE_DETAILED, /* with resources */
    GCP_TABLE_FOCUS,
};

enum gcp_partition {
    GCP_PARTITION_NONE,
    GCP_PARTITION_INGESTION, /* _PARTITIONTIME */
    GCP_PARTITION_COLUMN,
};

/* Constant once made; counted, because a newer description replaces it while calls still use it. */
struct gcp_table {
    mcp_str project, dataset, name;
    mcp_str location;
    enum gcp_table_kind kind;
    enum gcp_partition partition;
    mcp_str partition_column;
    bool filter_required; /* requirePartitionFilter */
    uint64_t bytes; /* 0: not told */
    int64_t modified_ms; /* 0: not told */
    struct mcp_arena *arena; /* owned: holds the above and the columns */
    struct gcp_column *columns;
    size_t n_columns;
    int refs; /* atomic */
};

struct gcp_column {
    mcp_str path; /* "project.labels.key" */
    mcp_str type; /* in upper case, in the older words: "FLOAT", "NUMERIC", "RECORD" */
    bool repeated;
};

/* Asks for datasets.get and tables.get. A table that is no billing export: MCP_ECONFIG. */
int gcp_table_read(const struct gcp *gcp, struct mcp_call *call, mcp_str name,
                   struct gcp_table **out, uint64_t *requests, struct mcp_error *err);
struct gcp_table *gcp_table_ref(struct gcp_table *table);
void gcp_table_unref(struct gcp_table *table);

/* The names of the billing exports in the dataset, found by tables.list; either may be missing, not
 * both (MCP_ECONFIG). Exports of several billing accounts: MCP_ECONFIG, naming them. plain: standard
 * or FOCUS; detailed: with resources. In the call's arena. */
int gcp_table_discover(const struct gcp *gcp, struct mcp_call *call, mcp_str *plain,
                       mcp_str *detailed, uint64_t *requests, struct mcp_error *err);

/* The column of that path, or NULL: newer columns are selected only where they were seen. */
const struct gcp_column *gcp_table_column(const struct gcp_table *table, const char *path);
static inline bool gcp_table_has(const struct gcp_table *table, const char *path)
{
    return gcp_table_column(table, path) != NULL;
}

#endif
