/* Which rows of a bill are Kubernetes (contract.md section 7). */
#ifndef COST_DATASET_KUBERNETES_H
#define COST_DATASET_KUBERNETES_H

#include "view.h"

/* Adds the predicate: a cluster or a namespace, or a managed control plane. */
int cost__kubernetes_pred(struct cost_snapshot *snap, struct mcp_arena *arena,
                          struct cost_preds *preds, struct mcp_error *err);
/* MCP_EREFUSED, naming the export setting that adds it, when the query groups or filters by
 * namespace or cluster and no row in scope carries one. */
int cost__kubernetes_check(struct cost_view *view, const struct cost_query *query,
                           struct mcp_error *err);
/* Warns split_double_count when a slice holds both the allocated rows of a resource and the
 * unsplit row that they come from. */
int cost__kubernetes_double(struct cost_view *view, const struct cost_query *query,
                            const struct cost_preds *preds, struct mcp_error *err);

#endif
