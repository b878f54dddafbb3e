/* The columns of a block that a sink reads row by row. */
#include "row_view.h"

int cost__row_view_open(struct cost_row_view *view, const struct cost_slice *slice,
                        struct cost_block *block, uint32_t cols, enum cost_metric metric,
                        struct mcp_error *err)
{
    int rc = cost__block_days(block, &view->days);

    view->slice = slice;
    if (rc == 0)
        rc = cost__block_flags(block, &view->flags);
    if (rc == 0)
        rc = cost__column_open(block, (enum cost_num)metric, &view->cost);
    for (int col = 0; rc == 0 && col < COST_N_COLS; col++) {
        if (cols & COST_COL_BIT(col))
            rc = cost__block_ids(block, (enum cost_col)col, &view->ids[col]);
    }
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

int cost__charges_read(struct cost_charges *charges, struct cost_snapshot *snap,
                       struct mcp_error *err)
{
    uint32_t count = cost__dict_count(snap, COST_COL_CHARGE_CATEGORY);

    *charges = (struct cost_charges){ .of = { COST_CHARGE_USAGE } };
    for (uint32_t id = 1; id <= count && id < sizeof(charges->of); id++) {
        mcp_str text;
        int rc = cost__dict_text(snap, COST_COL_CHARGE_CATEGORY, id, &text, err);

        if (rc < 0)
            return rc;
        for (int c = 0; c < COST_N_CHARGES; c++) {
            if (mcp_str_eq_nocase(text, mcp_str_z(cost_charge_name((enum cost_charge)c))))
                charges->of[id] = (uint8_t)c;
        }
    }
    return 0;
}
