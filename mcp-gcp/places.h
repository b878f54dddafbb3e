/* Whom to ask for advice, and where: scopes, their projects, and the locations that are in use. */
#ifndef GCP_PLACES_H
#define GCP_PLACES_H

#include "recommendations.h"

#define GCP_PROJECT_TYPE "cloudresourcemanager.googleapis.com/Project"

/* A parent of recommenders. */
struct gcp_target {
    mcp_str parent; /* "projects/p" */
    enum gcp_scope scope;
    mcp_str project; /* id, of projects */
};

/* In the call's arena. */
struct gcp_places {
    const struct gcp_target *targets;
    size_t n_targets;
    const mcp_str *locations; /* with "global", each once */
    size_t n_locations;
    uint64_t requests;
};

/* Targets: gcp.recommendations.scopes (folders and organizations with all their projects, from Cloud
 * Asset Inventory), else the authorized projects, else those with cost in the bill, else the billing
 * project. Locations: the setting, else where the bill has cost, else all that Recommender lists. What the
 * caller may not see is left out. base gets warnings. MCP_ECONFIG when there is nobody to ask. */
int gcp_places_find(const struct gcp *gcp, struct mcp_call *call, struct gcp_places *out,
                    struct cost_result *base, struct mcp_error *err);
/* Ids of the projects below projects/P, folders/N or organizations/N. */
int gcp_places_projects(const struct gcp *gcp, struct mcp_call *call, mcp_str scope,
                        const mcp_str **ids, size_t *n, uint64_t *requests, struct mcp_error *err);
/* One project to begin with: of the billing export, the credentials or their quota; missing: none. */
mcp_str gcp_places_home(const struct gcp *gcp);

#endif
