/* mcp-forecast: What all clouds together cost and will cost. */
#include <cost/program.h>

static const char *const contains[] = { "mcp-aws", "mcp-azure", "mcp-gcp", "mcp-opencost", NULL };
static const char *const overlaps_with[] = { "mcp-policy", NULL };

static const struct cost_server_spec spec = {
    .name = "mcp-forecast",
    .title = "Cloud costs and forecasts",
    .description = "What all clouds together cost and will cost.",
    .instructions = "Call get_costs with {} first: it answers the latest month by service. Dates "
                    "are inclusive; prefer period (mtd, last_month, 2026-05, 2026-Q2) to dates you "
                    "compute yourself. Billed follows the invoice, effective spreads commitments: "
                    "use effective to allocate cost to teams, tags or resources. total_cost is "
                    "exact; do not add rows yourself, and never add amounts of different "
                    "currencies. Read warnings: they say what an answer does not contain. "
                    "next_cursor fetches the rows left out. This server covers all providers at "
                    "once: do not add its figures to those of mcp-aws, mcp-azure or mcp-gcp. "
                    "get_forecast answers the month that is running; an interval belongs to every "
                    "figure.",
    .default_metric = COST_BILLED,
    .contains = contains,
    .overlaps_with = overlaps_with,
};

int main(int argc, char **argv)
{
    return cost_main(&spec, argc, argv);
}
