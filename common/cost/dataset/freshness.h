/* How fresh an answer is: data_through per provider family, and the slices behind it. */
#ifndef COST_DATASET_FRESHNESS_H
#define COST_DATASET_FRESHNESS_H

#include "view.h"

#define COST_SLICES_LISTED 5

/* Fills providers, provider, data_through, freshness and slices of the view's result, and warns
 * uneven_freshness (contract.md section 4). preds: the query's, for the families they leave in. */
int cost__freshness_fill(struct cost_view *view, const struct cost_preds *preds,
                         const struct cost_query *query, struct mcp_error *err);

#endif
