/* What rows must carry to pass: sets of ids, column by column. */
#include "preds.h"

uint64_t *cost__bits_new(struct mcp_arena *arena, uint32_t n)
{
    return mcp_arena_try_array(arena, (size_t)n / 64 + 1, sizeof(uint64_t));
}

uint32_t cost__preds_cols(const struct cost_preds *preds)
{
    uint32_t cols = 0;

    for (size_t p = 0; p < preds->n; p++) {
        for (size_t a = 0; a < preds->items[p].n_alts; a++)
            cols |= COST_COL_BIT(preds->items[p].alts[a].col);
    }
    return cols;
}

int cost__preds_add(struct cost_preds *preds, enum cost_col col, const uint64_t *bits, uint32_t n,
                    struct mcp_error *err)
{
    if (preds->n == COST_MAX_PREDS)
        return mcp_error_set(err, MCP_ETOOBIG, "too many filters; %d are the most",
                             COST_MAX_FILTERS);
    preds->items[preds->n++] =
        (struct cost_pred){ .alts = { { .col = col, .bits = bits, .n = n } }, .n_alts = 1 };
    return 0;
}
