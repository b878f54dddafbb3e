/* Values that people write, found among the names in scope, and the nearest ones for a miss. */
#ifndef COST_DATASET_NAMES_H
#define COST_DATASET_NAMES_H

#include "view.h"

/* The ids of a column that a value means: an id or display name exactly, else case-insensitively,
 * among what is in scope. *n 0: none. Several are MCP_EINVAL naming them (dim: how the argument is
 * called). ids live in the view's arena. */
int cost__names_find(struct cost_view *view, enum cost_dim dim, mcp_str value, const uint32_t **ids,
                     size_t *n, struct mcp_error *err);

/* The names of a column that are in scope, display names included, in the view's arena; bounded. */
int cost__names_all(struct cost_view *view, enum cost_col col, const mcp_str **names, size_t *n,
                    struct mcp_error *err);
/* A word of one of FOCUS's closed lists, whether or not the data holds it. */
bool cost__names_closed(enum cost_dim dim, mcp_str value);

#endif
