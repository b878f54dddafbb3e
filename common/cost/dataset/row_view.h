/* The columns of a block that a sink reads row by row. */
#ifndef COST_DATASET_ROW_VIEW_H
#define COST_DATASET_ROW_VIEW_H

#include "numbers.h"
#include "scan.h"

struct cost_row_view {
    const struct cost_slice *slice;
    struct cost_ids ids[COST_N_COLS];
    struct cost_ids days, flags;
    struct cost_column cost;
};

/* Opens the columns in cols (one COST_COL_BIT each), days, flags and one metric. */
int cost__row_view_open(struct cost_row_view *view, const struct cost_slice *slice,
                        struct cost_block *block, uint32_t cols, enum cost_metric metric,
                        struct mcp_error *err);

static inline uint32_t cost__row_id(const struct cost_row_view *view, enum cost_col col,
                                    uint32_t row)
{
    return cost__ids_at(&view->ids[col], row);
}
static inline int32_t cost__row_day(const struct cost_row_view *view, uint32_t row)
{
    return (int32_t)cost__ids_at(&view->days, row);
}
static inline uint32_t cost__row_flags(const struct cost_row_view *view, uint32_t row)
{
    return cost__ids_at(&view->flags, row);
}

/* The ids of the charge categories, by enum cost_charge: an id outside them is Usage. */
struct cost_charges {
    uint8_t of[16];
};
int cost__charges_read(struct cost_charges *charges, struct cost_snapshot *snap,
                       struct mcp_error *err);
static inline enum cost_charge cost__charges_at(const struct cost_charges *charges, uint32_t id)
{
    return (enum cost_charge)charges->of[id & 15];
}

#endif
