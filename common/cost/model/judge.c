/* Warnings that follow from the numbers and the question, worded once for all sources. */
#include "bridge.h"
#include "query_internal.h"

#include <mcp/date.h>

#define UNEVEN_DAYS 2

struct day_text {
    char text[MCP_DATE_LEN + 1];
};

static struct day_text day(int32_t date)
{
    struct day_text d;

    mcp_date_format(date, d.text);
    return d;
}

static bool raised(const struct cost_result *r, const char *code)
{
    for (size_t i = 0; i < r->n_warnings; i++) {
        if (strcmp(r->warnings[i].code, code) == 0)
            return true;
    }
    return false;
}

static void judge_range(struct cost_result *r)
{
    const struct cost_query *q = &r->query;

    if (r->no_data && !raised(r, "no_data")) {
        mcp_str next = MCP_STR("Check the filters, or import an export first.");

        if (r->has_available)
            next = mcp_arena_printf(r->arena, "Data is available: start_date %s, end_date %s.",
                                    day(r->available.start).text, day(r->available.end).text);
        cost_result_warn(r, "no_data", next,
                         "No rows from %s to %s%s: this is no finding of zero spend.",
                         day(q->range.start).text, day(q->range.end).text,
                         q->n_filters > 0 ? " under these filters" : "");
    }
    if (q->cut_to_data && !raised(r, "past_data_through"))
        cost_result_warn(r, "past_data_through", MCP_STR_NULL,
                         "The data ends on %s: answered up to that day, not to %s.",
                         day(q->range.end).text, day(q->asked.end).text);
    if (q->widened && !raised(r, "range_widened"))
        cost_result_warn(
            r, "range_widened", MCP_STR("For single days use basis usage."),
            "basis invoice covers whole billing periods: %s to %s instead of %s to %s.",
            day(q->range.start).text, day(q->range.end).text, day(q->asked.start).text,
            day(q->asked.end).text);
}

static void judge_compare(struct cost_result *r)
{
    const struct cost_query *q = &r->query;

    if (q->compare == COST_COMPARE_NONE)
        return;
    if (r->has_available && q->compared.start < r->available.start && !raised(r, "compare_partial"))
        cost_result_warn(r, "compare_partial", MCP_STR("Compare with a later period."),
                         "Data begins on %s: the period compared with, %s to %s, is not whole.",
                         day(r->available.start).text, day(q->compared.start).text,
                         day(q->compared.end).text);
    if ((q->compare == COST_COMPARE_MONTH || q->compare == COST_COMPARE_YEAR) &&
        cost__whole_months(q->range) > 0 && cost__whole_months(q->compared) == 0 &&
        !raised(r, "compare_not_whole"))
        cost_result_warn(r, "compare_not_whole",
                         MCP_STR("Use compare previous_period for whole months."),
                         "Both dates were shifted: %s to %s leaves out that month's last days.",
                         day(q->compared.start).text, day(q->compared.end).text);
}

static void judge_currencies(struct cost_result *r)
{
    if (r->n_blocks > 1 && !raised(r, "mixed_currencies"))
        cost_result_warn(r, "mixed_currencies", MCP_STR("Pass currency for one."),
                         "%zu currencies are never added: see each total.", r->n_blocks);
    for (size_t i = 0; i < r->n_blocks; i++) {
        if (r->blocks[i].is_virtual && !raised(r, "virtual_currency"))
            cost_result_warn(r, "virtual_currency", MCP_STR_NULL,
                             "%.*s is no ISO 4217 currency but units of the provider.",
                             COST__SHOW(r->blocks[i].currency));
    }
}

static bool allocates(const struct cost_query *q)
{
    for (size_t i = 0; i < q->n_keys; i++) {
        enum cost_dim d = q->keys[i].dim;

        if (d == COST_DIM_RESOURCE || d == COST_DIM_TAG || d == COST_DIM_NAMESPACE ||
            d == COST_DIM_PROJECT)
            return true;
    }
    return false;
}

/* They differ by more than 1 % of what is billed. */
static bool differ(const struct cost_block_result *b)
{
    struct cost_money d = b->totals[COST_BILLED].sum;

    if (b->totals[COST_EFFECTIVE].rows_unknown > 0 ||
        cost_money_sub(&d, b->totals[COST_EFFECTIVE].sum) < 0)
        return false;
    return cost_money_abs(d).units > cost_money_abs(b->totals[COST_BILLED].sum).units / 100;
}

static void judge_metric(struct cost_result *r, const struct cost_block_result *b)
{
    const struct cost_query *q = &r->query;

    if (q->metric == COST_BILLED && allocates(q) && differ(b) &&
        !raised(r, "use_effective_for_allocation"))
        cost_result_warn(r, "use_effective_for_allocation",
                         cost__effective_unreliable(&b->bridge)
                             ? MCP_STR("But effective is not to be relied on here.")
                             : MCP_STR("Ask again with metric effective."),
                         "billed books commitments where they were bought, not where they are "
                         "used; for who caused what, effective is the fair metric.");
    if ((q->metric == COST_LIST || q->metric == COST_CONTRACTED) && !raised(r, "not_for_savings"))
        cost_result_warn(r, "not_for_savings", MCP_STR("For savings use bridge: true."),
                         "%s is a plain column sum: covered usage and its purchase are both in it.",
                         cost_metric_name(q->metric));
    if (cost__effective_unreliable(&b->bridge) && !raised(r, "effective_unreliable"))
        cost_result_warn(r, "effective_unreliable", MCP_STR("Use metric billed."),
                         "%llu usage rows are billed but have an effective cost of 0: the export's "
                         "effective cost is not to be relied on.",
                         (unsigned long long)b->bridge.usage_rows_zero_effective);
    if (b->total.rows_unknown > 0 && !raised(r, "metric_unknown")) {
        char text[COST_MONEY_TEXT];

        cost_money_format(b->total.unknown_billed, text);
        cost_result_warn(r, "metric_unknown", MCP_STR("Use metric billed for all rows."),
                         "%llu of %llu rows have no %s cost; billed, they are %s %.*s.",
                         (unsigned long long)b->total.rows_unknown,
                         (unsigned long long)b->total.rows, cost_metric_name(q->metric), text,
                         COST__SHOW(b->currency));
    }
}

static void judge_freshness(struct cost_result *r)
{
    if (!r->has_data_through || raised(r, "uneven_freshness"))
        return;
    for (size_t i = 0; i < r->n_freshness; i++) {
        if (r->data_through - r->freshness[i].data_through > UNEVEN_DAYS) {
            cost_result_warn(r, "uneven_freshness",
                             mcp_arena_printf(r->arena, "Compare providers up to %s only.",
                                              day(r->freshness[i].data_through).text),
                             "%.*s has data through %s, others through %s.",
                             COST__SHOW(r->freshness[i].provider),
                             day(r->freshness[i].data_through).text, day(r->data_through).text);
            return;
        }
    }
}

void cost_result_judge(struct cost_result *r)
{
    judge_range(r);
    judge_compare(r);
    judge_currencies(r);
    for (size_t i = 0; i < r->n_blocks; i++)
        judge_metric(r, &r->blocks[i]);
    judge_freshness(r);
}
