/* get_recommendations from Google's Recommender API. */
#ifndef GCP_RECOMMENDATIONS_H
#define GCP_RECOMMENDATIONS_H

#include "live.h"

/* ---- recommender.c: the recommenders that reduce cost, and what an answer of theirs says ------ */

enum gcp_place {
    GCP_PLACE_ZONE = 1,
    GCP_PLACE_REGION = 2,
    GCP_PLACE_GLOBAL = 4,
    GCP_PLACE_MULTI = 8, /* "us", "eu": of several regions */
};
enum gcp_scope { GCP_SCOPE_PROJECT = 1, GCP_SCOPE_ACCOUNT = 2, GCP_SCOPE_ORGANIZATION = 4 };

struct gcp_recommender {
    const char *id; /* "google.compute.disk.IdleResourceRecommender" */
    unsigned places; /* enum gcp_place: where it can be asked; elsewhere it answers an empty list */
    unsigned scopes; /* enum gcp_scope */
    const char *category, *service;
    const char *effort, *risk;
    const char *permission; /* to list: "recommender.computeDiskIdle...Recommendations.list" */
};
extern const struct gcp_recommender gcp_recommenders[];
extern const size_t gcp_n_recommenders;

/* GCP_PLACE_ZONE for "us-central1-a", GCP_PLACE_REGION for "us-central1", GCP_PLACE_MULTI for "us". */
enum gcp_place gcp_place_of(mcp_str location);

/* One element of recommendations[] as an item: pure, no I/O. project: of the scope that was asked, or
 * missing; text lives in arena or in the document. group: its xorGroupId, or missing. 0; MCP_MISS when it
 * would cost more than now or is about something else, so that it is no way to save; MCP_EUPSTREAM for amounts that are none. */
int gcp_recommendation_read(const struct gcp_recommender *recommender, struct mcp_json json,
                            mcp_str project, struct mcp_arena *arena,
                            struct cost_recommendation *out, mcp_str *group, struct mcp_error *err);
/* google.type.Money: units (a string, may be absent) and nanos. */
int gcp_money(struct mcp_json money, struct mcp_arena *arena, struct cost_money *out);
/* Overlaps: members of one xor group, and commitments with what they would cover. groups: by item. */
int gcp_recommendations_link(struct cost_recommendation *items, const mcp_str *groups, size_t n,
                             struct mcp_arena *arena, struct mcp_error *err);

/* ---- recommendations.c ------------------------------------------------------------------------ */

/* recommendations of struct cost_source, with ctx = struct gcp. */
int gcp_recommendations(void *ctx, struct mcp_call *call, const struct cost_query *query,
                        struct cost_recommendations *out, struct mcp_error *err);
/* A line for each recommender's permission. */
void gcp_recommendations_doctor(const struct gcp *gcp, struct mcp_call *call,
                                const struct cost_report *report);

#endif
