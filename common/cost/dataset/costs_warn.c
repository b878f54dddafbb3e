/* What a reader of an answer must be told: warnings and refusals that follow from its sums. */
#include "costs.h"
#include "kubernetes.h"

#include <mcp/date.h>

/* |part| > |whole| * permille / 1000, without overflow for any money. */
static bool exceeds(struct cost_money part, struct cost_money whole, int permille)
{
    return cost_money_abs(part).units / permille > cost_money_abs(whole).units / 1000;
}

static mcp_str text_of(struct cost_run *run, struct cost_money m, mcp_str currency)
{
    char text[COST_MONEY_TEXT];

    cost_money_format(m, text);
    return mcp_arena_printf(run->arena, "%s %.*s", text, MCP_STR_ARG(currency));
}

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

static bool is_allocation(enum cost_dim dim)
{
    return dim == COST_DIM_RESOURCE || dim == COST_DIM_TAG || dim == COST_DIM_NAMESPACE ||
           dim == COST_DIM_PROJECT;
}

static void warn_allocation(struct cost_run *run, const struct cost_block_result *r)
{
    const struct cost_measure *billed = &r->totals[COST_BILLED];
    const struct cost_measure *effective = &r->totals[COST_EFFECTIVE];
    struct cost_money difference = billed->sum;
    bool asked = false;

    for (size_t k = 0; k < run->query->n_keys; k++)
        asked |= is_allocation(run->query->keys[k].dim);
    if (!asked || run->query->metric != COST_BILLED || cost_measure_is_null(effective) ||
        cost_money_sub(&difference, effective->sum) < 0 || !exceeds(difference, billed->sum, 10))
        return;
    cost_result_warn(run->out, "use_effective_for_allocation",
                     MCP_STR("Call again with metric effective to share commitments fairly."),
                     "Billed (%.*s) and effective (%.*s) differ by more than 1 %%: purchases are "
                     "billed where they were bought, not where they are used.",
                     MCP_STR_ARG(text_of(run, billed->sum, r->currency)),
                     MCP_STR_ARG(text_of(run, effective->sum, r->currency)));
}

static void warn_effective(struct cost_run *run, const struct cost_block_result *r)
{
    if (r->bridge.usage_rows_zero_effective == 0 ||
        !exceeds(r->bridge.usage_zero_effective_billed, r->bridge.usage_ordinary_billed, 10))
        return;
    cost_result_warn(run->out, "effective_unreliable",
                     MCP_STR("Use metric billed; ask the provider of the export why EffectiveCost "
                             "is 0."),
                     "%llu usage rows were billed %.*s but have an effective cost of 0, so "
                     "effective is too low and the accrual steps are null.",
                     (unsigned long long)r->bridge.usage_rows_zero_effective,
                     MCP_STR_ARG(text_of(run, r->bridge.usage_zero_effective_billed, r->currency)));
}

static void warn_unknown_metric(struct cost_run *run, const struct cost_block_result *r)
{
    const struct cost_measure *m = &r->totals[run->query->metric];

    if (m->rows_unknown == 0)
        return;
    cost_result_warn(run->out, "metric_unknown",
                     MCP_STR("Compare with metric billed, which every row has."),
                     "%llu of %llu rows, billed %.*s, have no %s cost; the sum is of the others.",
                     (unsigned long long)m->rows_unknown, (unsigned long long)m->rows,
                     MCP_STR_ARG(text_of(run, m->unknown_billed, r->currency)),
                     cost_metric_name(run->query->metric));
}

void cost__costs_cut(struct cost_view *view, const struct cost_query *q)
{
    char asked[MCP_DATE_LEN + 1], end[MCP_DATE_LEN + 1];

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
    for (size_t i = 0; i < run->n_blocks; i++) {
        warn_allocation(run, &run->blocks[i].result);
        warn_effective(run, &run->blocks[i].result);
        warn_unknown_metric(run, &run->blocks[i].result);
    }
    if (run->view.scope->restricted && !run->view.scope->unattributed)
        cost_result_warn(run->out, "outside_scope", mcp_str_z(""),
                         "Charges that belong to no project are not in this answer.");
    if (run->view.scope->kubernetes)
        rc = cost__kubernetes_double(&run->view, run->query, &run->preds, err);
    return rc;
}

int cost__costs_no_data(struct cost_view *view, const struct cost_query *query,
                        struct mcp_error *err)
{
    struct cost_result *out = view->result;
    char start[MCP_DATE_LEN + 1], end[MCP_DATE_LEN + 1], first[MCP_DATE_LEN + 1];
    char last[MCP_DATE_LEN + 1];
    struct cost_extent extent;
    int rc = cost_snapshot_extent(view->snap, view->scope, &extent, err);

    if (rc < 0)
        return rc;
    out->no_data = true;
    mcp_date_format(query->range.start, start);
    mcp_date_format(query->range.end, end);
    if (extent.empty) {
        cost_result_warn(out, "no_data", MCP_STR("Import an export that holds some."),
                         "There is no cost data in scope at all.");
        return 0;
    }
    out->has_available = true;
    out->available = (struct cost_range){ extent.first, extent.data_through };
    mcp_date_format(extent.first, first);
    mcp_date_format(extent.data_through, last);
    if (query->range.start > extent.data_through || query->range.end < extent.first)
        cost_result_warn(
            out, "no_data",
            mcp_arena_printf(view->arena, "Call get_costs with start_date %s and end_date %s.",
                             first, last),
            "No data from %s to %s; data is available from %s to %s.", start, end, first, last);
    else
        cost_result_warn(out, "no_data", MCP_STR("Widen the filters or the range."),
                         "No rows from %s to %s match; data is available from %s to %s.", start,
                         end, first, last);
    return 0;
}
