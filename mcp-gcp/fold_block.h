/* What get_costs knows of one currency while its rows come in. */
#ifndef GCP_FOLD_BLOCK_H
#define GCP_FOLD_BLOCK_H

#include "fold.h"

/* Quantities, one line a unit. */
struct gcp_fold_quantities {
    struct cost_quantity *list; /* in arena */
    size_t n, size;
};

struct gcp_fold_group {
    bool named;
    struct cost_group out;
    struct gcp_fold_quantities quantities;
    struct cost_point *points; /* in arena */
    mcp_str newest[COST_MAX_KEYS]; /* labels with their hour in front */
};

struct gcp_fold_block {
    struct cost_block_result r;
    struct gcp_fold_group *page; /* in arena, last - before of them */
    size_t page_size;
    struct gcp_fold_quantities quantities;
    struct cost_point *points;
    struct cost_money parts_previous;
    struct cost_money usage, over_hour, over_day, over_month;
    struct cost_money credits[GCP_N_CREDITS];
};

#endif
