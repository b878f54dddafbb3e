/* One row of a get_costs statement with its numbers read. */
#ifndef GCP_FOLD_ROW_H
#define GCP_FOLD_ROW_H

#include "fold.h"

struct gcp_fold_row {
    const mcp_str *cells;
    int64_t charge, class, place, groups;
    size_t bucket; /* index, or SIZE_MAX */
    struct cost_money sum[COST_N_METRICS], lacking[COST_N_METRICS];
    uint64_t n, unknown[COST_N_METRICS];
};

/* Errors of whole answers: a sum beyond the range, a cell that is no number. */
int gcp_fold_overflow(struct mcp_error *err);
int gcp_fold_foreign(struct mcp_error *err, enum gcp_costs_column column, mcp_str text);
/* A cell as an amount (null is zero; one with more digits than are kept counts in fold->rounded) and
 * as a number of rows. MCP_EUPSTREAM, MCP_ERANGE. */
int gcp_fold_money(struct gcp_fold *f, const mcp_str *cells, enum gcp_costs_column column,
                   struct cost_money *out, struct mcp_error *err);
int gcp_fold_count(const mcp_str *cells, enum gcp_costs_column column, uint64_t *out,
                   struct mcp_error *err);
/* What every section has. Borrows cells. */
int gcp_fold_read(struct gcp_fold *f, const mcp_str *cells, struct gcp_fold_row *row,
                  struct mcp_error *err);

#endif
