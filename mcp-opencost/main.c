/* mcp-opencost: What Kubernetes clusters and namespaces cost, as part of the cloud bills. */
#include <cost/program.h>

static const char *const overlaps_with[] = { "mcp-aws",      "mcp-azure",  "mcp-gcp",
                                             "mcp-forecast", "mcp-policy", NULL };

static const struct cost_server_spec spec = {
    .name = "mcp-opencost",
    .title = "Kubernetes costs",
    .description = "What Kubernetes clusters and namespaces cost, as part of the cloud bills.",
    .instructions = "Call get_costs with {} first: it answers the latest month by service. Dates "
                    "are inclusive; prefer period (mtd, last_month, 2026-05, 2026-Q2) to dates you "
                    "compute yourself. Billed follows the invoice, effective spreads commitments: "
                    "use effective to allocate cost to teams, tags or resources. total_cost is "
                    "exact; do not add rows yourself, and never add amounts of different "
                    "currencies. Read warnings: they say what an answer does not contain. "
                    "next_cursor fetches the rows left out. These costs are inside the cloud bills:"
                    " never add them to mcp-aws, mcp-azure or mcp-gcp. Default metric: effective. "
                    "Group by cluster or namespace; a missing namespace is cluster cost not "
                    "allocated to one.",
    .kubernetes = true,
    .default_metric = COST_EFFECTIVE,
    .overlaps_with = overlaps_with,
};

int main(int argc, char **argv)
{
    return cost_main(&spec, argc, argv);
}
