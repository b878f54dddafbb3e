/* get_resources: Cloud Asset Inventory joined with the cost of the detailed billing export. */
#ifndef GCP_RESOURCES_H
#define GCP_RESOURCES_H

#include "live.h"

/* ---- asset.c: what an asset is, and when two names mean the same; pure, no I/O ---------------- */

/* One element of results[] of searchAllResources. */
struct gcp_asset {
    mcp_str name; /* "//compute.googleapis.com/projects/p/zones/z/instances/vm" */
    mcp_str type, display_name, location;
    mcp_str project; /* id, or number where the name holds none */
    mcp_str number; /* of the project, "123", or missing */
    mcp_str numeric_id; /* as the bill names what Compute Engine made, or missing */
    const struct cost_tag *labels;
    size_t n_labels;
};
int gcp_asset_read(struct mcp_json json, struct mcp_arena *arena, struct gcp_asset *out);
/* A resource's name as a key: service, project (number as id where ids holds it: pairs number, id),
 * location, kind and last name, without versions and in one order. In arena. */
mcp_str gcp_asset_key(mcp_str name, const mcp_str *ids, size_t n_ids, mcp_str last,
                      struct mcp_arena *arena);

/* ---- resources.c ------------------------------------------------------------------------------ */

/* resources of struct cost_source, with ctx = struct gcp. */
int gcp_resources(void *ctx, struct mcp_call *call, const struct cost_query *query,
                  struct cost_resources *out, struct mcp_error *err);
/* A line for cloudasset.assets.searchAllResources. */
void gcp_resources_doctor(const struct gcp *gcp, struct mcp_call *call,
                          const struct cost_report *report);

#endif
