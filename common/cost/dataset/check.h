/* The second path: totals that come from elsewhere than the parts (contract.md section 2, check). */
#ifndef COST_DATASET_CHECK_H
#define COST_DATASET_CHECK_H

#include "view.h"

/* One currency's total by the second path. */
struct cost_check_total {
    uint64_t rows, unknown[COST_N_METRICS];
    __int128 sum[COST_N_METRICS];
};

/* totals: by currency id, dict_count + 1 of them, in the view's arena. *path: "ledger" when the
 * range is made of whole slices, "day_totals" when some are cut by days, "facts" when filters need
 * the rows themselves. MCP_ERANGE when a sum overflows. */
int cost__check_totals(struct cost_view *view, const struct cost_preds *preds,
                       enum cost_basis basis, const struct cost_range *range,
                       const struct cost_check_total **totals, const char **path,
                       struct mcp_error *err);

#endif
