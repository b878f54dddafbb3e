/* The bridge class and the other flags of a row (contract.md section 3). */
#include "fact.h"

#include <mcp/date.h>

#define DAY 86400

static enum cost_class class_of(const struct cost__fact *f, const struct cost__fact_words *w)
{
    bool e_null = (f->nulls >> COST_EFFECTIVE & 1) != 0,
         b_null = (f->nulls >> COST_BILLED & 1) != 0;
    bool e_zero = !e_null && f->num[COST_EFFECTIVE].units == 0;
    bool b_zero = !b_null && f->num[COST_BILLED].units == 0;

    /* A null satisfies no comparison. */
    if (f->charge == COST_CHARGE_PURCHASE && e_zero && !b_null && !b_zero)
        return COST_CLASS_COVERING;
    if (w->unused)
        return COST_CLASS_UNUSED;
    if (f->charge == COST_CHARGE_USAGE && (w->used || (b_zero && !e_null && !e_zero)))
        return COST_CLASS_COVERED;
    switch (f->charge) {
    case COST_CHARGE_TAX:
        return COST_CLASS_TAX;
    case COST_CHARGE_CREDIT:
        return COST_CLASS_CREDIT;
    case COST_CHARGE_ADJUSTMENT:
        return COST_CLASS_ADJUSTMENT;
    default:
        return COST_CLASS_OTHER;
    }
}

static uint32_t spans_of(const struct cost__fact *f)
{
    uint32_t flags = 0;
    int64_t last = f->charge_end - 1;
    int32_t last_day = mcp_instant_date(last);

    if (f->length == 0)
        return 0;
    if (f->length > 31 * DAY)
        flags |= COST_ROW_SPAN_LONG;
    else if (f->length > DAY)
        flags |= COST_ROW_SPAN_MONTH;
    else if (f->length > 3600)
        flags |= COST_ROW_SPAN_DAY;
    if (last_day > f->day) {
        flags |= COST_ROW_CROSSES_DAY;
        if (last_day > mcp_date_month_end(f->day))
            flags |= COST_ROW_CROSSES_MONTH;
    }
    return flags;
}

uint32_t cost__fact_flags(const struct cost__fact *f, const struct cost__fact_words *w)
{
    enum cost_class class = class_of(f, w);
    uint32_t flags = (uint32_t) class << COST_ROW_CLASS_SHIFT | spans_of(f);
    bool usage = f->charge == COST_CHARGE_USAGE;
    bool b_known = (f->nulls >> COST_BILLED & 1) == 0;

    if ((usage || f->charge == COST_CHARGE_PURCHASE) && b_known && f->num[COST_BILLED].units < 0)
        flags |= COST_ROW_REFUND;
    if (usage && w->standard && w->eligible_category)
        flags |= COST_ROW_ELIGIBLE;
    if (usage && class == COST_CLASS_OTHER && b_known && f->num[COST_BILLED].units != 0 &&
        (f->nulls >> COST_EFFECTIVE & 1) == 0 && f->num[COST_EFFECTIVE].units == 0)
        flags |= COST_ROW_ZERO_EFFECTIVE;
    if (f->ids[COST_COL_RESOURCE] != 0)
        flags |= COST_ROW_RESOURCE;
    return flags;
}
