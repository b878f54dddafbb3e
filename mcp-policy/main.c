/* mcp-policy: What was budgeted, what was spent, and what is expected. */
#include <cost/program.h>

static const char *const contains[] = { "mcp-aws", "mcp-azure", "mcp-gcp", "mcp-opencost", NULL };
static const char *const overlaps_with[] = { "mcp-forecast", NULL };

static const struct cost_server_spec spec = {
    .name = "mcp-policy",
    .title = "Budgets",
    .description = "What was budgeted, what was spent, and what is expected.",
    .instructions = "Call get_costs with {} first: it answers the latest month by service. Dates "
                    "are inclusive; prefer period (mtd, last_month, 2026-05, 2026-Q2) to dates you "
                    "compute yourself. Billed follows the invoice, effective spreads commitments: "
                    "use effective to allocate cost to teams, tags or resources. total_cost is "
                    "exact; do not add rows yourself, and never add amounts of different "
                    "currencies. Read warnings: they say what an answer does not contain. "
                    "next_cursor fetches the rows left out. get_costs answers budgets[] beside the "
                    "cost: actual, percent, forecast, status (ok, warning, exceeded, unknown). "
                    "Unknown is not ok. Budgets may overlap: never add them.",
    .budgets = true,
    .default_metric = COST_BILLED,
    .contains = contains,
    .overlaps_with = overlaps_with,
};

int main(int argc, char **argv)
{
    return cost_main(&spec, argc, argv);
}
