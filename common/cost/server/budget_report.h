/* How each budget stands: what was spent, what is expected, which thresholds fire. */
#ifndef COST_SERVER_BUDGET_REPORT_H
#define COST_SERVER_BUDGET_REPORT_H

#include <cost/tools.h>

/* Asks the source once or twice a budget, as of data_through; day chooses the periods (the end of
 * the range asked). json gets the array `budgets`, text a table; both are fresh. Budgets whose period
 * does not contain day are left out; so are, when they would take more than half a page, the least
 * urgent: *left_out of them. */
int cost__budget_report(const struct cost_tools *tools, struct mcp_call *call, int32_t day,
                        struct mcp_buf *json, struct mcp_buf *text, size_t *left_out,
                        struct mcp_error *err);

#endif
