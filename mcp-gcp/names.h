/* The values of a dimension in the data, with display names: for filters, completion and lists. */
#ifndef GCP_NAMES_H
#define GCP_NAMES_H

#include "billing.h"

struct gcp_name {
    mcp_str key, label, alias; /* label and alias may be missing */
};

/* Values since a day, for whom the configuration lets see them, sorted. Constant once read. */
struct gcp_names {
    const struct gcp_name *items;
    size_t n;
    bool cut; /* there are more than are kept */
    struct mcp_arena *arena; /* owned: holds all this */
    int refs; /* atomic */
};

struct gcp_name_cache;
struct gcp_name_cache *gcp_name_cache_new(void);
void gcp_name_cache_free(struct gcp_name_cache *cache);
/* The state's own, never NULL. */
struct gcp_name_cache *gcp_billing_names(const struct gcp *gcp);

/* Of the last months, and of the years since the day from where that is earlier. Remembered for an hour;
 * held until the call's arena goes. Several calls may read the same at once. */
int gcp_names_of(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                 const struct cost_key_spec *spec, int32_t from, const struct gcp_names **out,
                 struct gcp_query_stats *stats, struct mcp_error *err);

#endif
