/* The rows of a get_costs statement, gathered into the answer: totals, page, rest, bridge, series. */
#ifndef GCP_FOLD_H
#define GCP_FOLD_H

#include "statement.h"

#include <cost/result.h>

struct gcp_fold_block;

struct gcp_fold {
    const struct cost_query *query;
    enum gcp_zone zone;
    struct mcp_arena *arena;
    bool credits; /* the rows carry credits by type */
    bool tags; /* tagged and untagged are known */
    size_t before, last; /* places of the page: before + 1 .. last */
    struct gcp_fold_block *blocks; /* in arena, one a currency */
    size_t n_blocks;
    const int64_t *buckets; /* starts; hours are instants, days and months their day in UTC */
    size_t n_buckets;
    uint64_t commitments; /* rows of commitments: effective is not known then */
    uint64_t compared_commitments; /* of the compared range */
    uint64_t rounded; /* amounts with more digits than are kept */
};

/* Buckets of the range. MCP_EREFUSED for too many. */
int gcp_fold_init(struct gcp_fold *fold, const struct gcp_statement *st, size_t before, size_t last,
                  struct mcp_arena *arena, struct mcp_error *err);
/* A row function of struct gcp_query; ctx is the fold. */
int gcp_fold_row(void *ctx, const mcp_str *cells, struct mcp_error *err);
/* blocks, bridge, series into out. MCP_EDATA "check_failed" when the compared period does not add up;
 * MCP_EREFUSED "too_coarse", "effective_unknown" of a comparison. *coarser: nobody asked for a
 * granularity and another one fits the data: ask again with that. In fold_end.c. */
int gcp_fold_finish(struct gcp_fold *fold, struct cost_result *out, enum cost_granularity *coarser,
                    struct mcp_error *err);

#endif
