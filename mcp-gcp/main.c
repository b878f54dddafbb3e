/* mcp-gcp: What Google Cloud cost, will cost, should cost less, and for which resources. */
#include "live.h"

#include <cost/program.h>

static const char *const overlaps_with[] = { "mcp-forecast", "mcp-policy", "mcp-opencost", NULL };

static const struct cost_server_spec spec = {
    .name = "mcp-gcp",
    .title = "Google Cloud costs",
    .description = "What Google Cloud cost, will cost, should cost less, and for which resources.",
    .instructions = "Call get_costs with {} first: it answers the latest month by service. Dates "
                    "are inclusive; prefer period (mtd, last_month, 2026-05, 2026-Q2) to dates you "
                    "compute yourself. Billed follows the invoice, effective spreads commitments: "
                    "use effective to allocate cost to teams, tags or resources. total_cost is "
                    "exact; do not add rows yourself, and never add amounts of different "
                    "currencies. Read warnings: they say what an answer does not contain. "
                    "next_cursor fetches the rows left out. This server answers for Google Cloud "
                    "alone.",
    .family = "gcp",
    .default_metric = COST_BILLED,
    .overlaps_with = overlaps_with,
    .live = &gcp_live,
};

int main(int argc, char **argv)
{
    return cost_main(&spec, argc, argv);
}
