/* Filters resolved once into sets of ids, so that the scan only tests bits. */
#ifndef COST_DATASET_FILTER_H
#define COST_DATASET_FILTER_H

#include "view.h"

/* The scope's predicates and those of the query's filters. A value that nothing matches adds the
 * warning unknown_value with the nearest names; an ambiguous one is MCP_EINVAL naming both. */
int cost__filters_resolve(struct cost_view *view, const struct cost_query *query,
                          struct cost_preds *preds, struct mcp_error *err);

#endif
