/* Warnings that only the dataset can give; what follows from the sums is model/judge.c's. */
#include "costs.h"
#include "kubernetes.h"

#include <mcp/date.h>

/* |part| > |whole| * permille / 1000, without overflow for any money. */
static bool exceeds(struct cost_money part, struct cost_money whole, int permille)
{
    return cost_money_abs(part).units / permille > cost_money_abs(whole).units / 1000;
}

/* What the data holds: over half of the usage is no coarser. */
static enum cost_granularity finest(const struct cost_run *run, const struct cost_fold_block *b)
{
    __int128 spans[4] = { 0 }; /* usage by COST_ROW_SPAN */
    __int128 coarse = 0;

    for (size_t i = 0; i < run->cube.n_cells; i++) {
        const struct cost_cell *cell = &run->cube.cells[i];
        uint32_t profile = cost__cube_profile(&run->cube, &cell->key);

        if (cost__cube_id(&run->cube, &cell->key, run->currency_key) == b->currency &&
            cost__profile_charge(profile) == COST_CHARGE_USAGE)
            spans[(profile & COST_ROW_SPAN) >> 4] += cell->sum[run->query->metric];
    }
    coarse = spans[2] + spans[3];
    if (!exceeds((struct cost_money){ coarse }, b->usage, 500))
        return COST_DAILY;
    return exceeds((struct cost_money){ spans[3] }, b->usage, 500) ? COST_TOTAL : COST_MONTHLY;
}

int cost__costs_refuse_coarse(struct cost_run *run, struct mcp_error *err)
{
    struct cost_query *q = run->query;

    for (size_t i = 0; i < run->n_blocks; i++) {
        const struct cost_fold_block *b = &run->blocks[i];
        enum cost_granularity good;

        if (b->usage.units == 0 || !exceeds(b->usage_coarse, b->usage, 500))
            continue;
        good = finest(run, b);
        if (!q->has_granularity) {
            q->granularity = good; /* nobody asked: the series says what the data can */
            continue;
        }
        mcp_error_word(err, MCP_EREFUSED, "too_coarse",
                       "over half of the usage cost is in rows longer than the granularity %s "
                       "asked for",
                       cost_granularity_name(q->granularity));
        return mcp_error_next(err,
                              "Ask again with granularity %s, the finest that this data holds.",
                              cost_granularity_name(good));
    }
    return 0;
}

/* Days before the data are unknown, and nothing in a sum tells. */
static void warn_before(struct cost_view *view, const struct cost_query *q)
{
    char start[MCP_DATE_LEN + 1], first[MCP_DATE_LEN + 1];
    struct cost_extent extent;

    if (cost_snapshot_extent(view->snap, view->scope, &extent, NULL) < 0 || extent.empty ||
        q->range.start >= extent.first || q->range.end < extent.first)
        return;
    mcp_date_format(q->range.start, start);
    mcp_date_format(extent.first, first);
    cost_result_warn(
        view->result, "before_data", MCP_STR("Import older exports, or ask from there on."),
        "The data begins on %s; what was spent from %s until then is not known.", first, start);
}

void cost__costs_cut(struct cost_view *view, const struct cost_query *q)
{
    char asked[MCP_DATE_LEN + 1], end[MCP_DATE_LEN + 1];

    warn_before(view, q);
    if (!q->cut_to_data)
        return;
    mcp_date_format(q->asked.end, asked);
    mcp_date_format(q->range.end, end);
    cost_result_warn(view->result, "past_data_through",
                     MCP_STR("For the days to come call get_forecast."),
                     "The data ends on %s; the range asked for ends on %s and is answered up to "
                     "the data's end.",
                     end, asked);
}

static void warn_renames(struct cost_run *run)
{
    bool asked = false;

    for (size_t k = 0; k < run->query->n_keys; k++)
        asked |= run->query->keys[k].dim == COST_DIM_SERVICE && run->keys[k].remap != NULL;
    if (asked)
        cost_result_warn(run->out, "renamed_services", mcp_str_z(""),
                         "Services that their provider renamed are shown under the newer name.");
}

int cost__costs_warn(struct cost_run *run, struct mcp_error *err)
{
    int rc = 0;

    cost__costs_cut(&run->view, run->query);
    warn_renames(run);
    if (run->view.scope->restricted && !run->view.scope->unattributed)
        cost_result_warn(run->out, "outside_scope", mcp_str_z(""),
                         "Charges that belong to no project are not in this answer.");
    if (run->view.scope->kubernetes)
        rc = cost__kubernetes_double(&run->view, run->query, &run->preds, err);
    return rc;
}

int cost__costs_available(struct cost_view *view, struct mcp_error *err)
{
    struct cost_extent extent;
    int rc = cost_snapshot_extent(view->snap, view->scope, &extent, err);

    if (rc < 0 || extent.empty)
        return rc;
    view->result->has_available = true;
    view->result->available = (struct cost_range){ extent.first, extent.data_through };
    return 0;
}

int cost__costs_no_data(struct cost_view *view, const struct cost_query *query,
                        struct mcp_error *err)
{
    struct cost_result *out = view->result;
    char start[MCP_DATE_LEN + 1], end[MCP_DATE_LEN + 1], first[MCP_DATE_LEN + 1];
    char last[MCP_DATE_LEN + 1];
    int rc = cost__costs_available(view, err);

    if (rc < 0)
        return rc;
    out->no_data = true;
    if (!out->has_available) {
        cost_result_warn(out, "no_data", MCP_STR("Import an export that holds some."),
                         "There is no cost data in scope at all.");
        return 0;
    }
    mcp_date_format(query->range.start, start);
    mcp_date_format(query->range.end, end);
    mcp_date_format(out->available.start, first);
    mcp_date_format(out->available.end, last);
    if (query->range.start > out->available.end || query->range.end < out->available.start)
        cost_result_warn(
            out, "no_data",
            mcp_arena_printf(view->arena, "Ask again with start_date %s and end_date %s.", first,
                             last),
            "No data from %s to %s; data is available from %s to %s.", start, end, first, last);
    else
        cost_result_warn(out, "no_data", MCP_STR("Widen the filters or the range."),
                         "No rows from %s to %s match; data is available from %s to %s.", start,
                         end, first, last);
    return 0;
}
