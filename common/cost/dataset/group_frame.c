/* Whether a row is longer than its bucket or ends after the range. */
#include "group.h"

#include <mcp/date.h>

#define DAY 86400
#define LONGEST_MONTH 31

bool cost__span_exceeds(enum cost_granularity granularity, uint32_t flags)
{
    uint32_t span = flags & COST_ROW_SPAN;

    switch (granularity) {
    case COST_HOURLY:
        return span != 0;
    case COST_DAILY:
        return span >= COST_ROW_SPAN_MONTH;
    case COST_MONTHLY:
        return span == COST_ROW_SPAN_LONG;
    case COST_TOTAL:
        break; /* what is longer than the range ends after it */
    }
    return false;
}

/* 1, 0, or -1 when only the exact length tells. */
static int ends_after(int32_t last, uint32_t flags, int32_t day)
{
    uint32_t span = flags & COST_ROW_SPAN;
    int32_t month_end;

    if (day > last)
        return 1; /* a billing period's row of a later day */
    if ((flags & COST_ROW_CROSSES_DAY) == 0)
        return 0;
    if (day == last)
        return 1;
    month_end = mcp_date_month_end(day);
    if (last == month_end)
        return (flags & COST_ROW_CROSSES_MONTH) != 0;
    if (last < month_end && (flags & COST_ROW_CROSSES_MONTH) != 0)
        return 1;
    if (last > month_end && (flags & COST_ROW_CROSSES_MONTH) == 0)
        return 0;
    if (span <= COST_ROW_SPAN_DAY) /* ends on the day after at the latest */
        return 0;
    if (span == COST_ROW_SPAN_MONTH && last - day >= LONGEST_MONTH)
        return 0;
    return -1;
}

int cost__frame_spans(const struct cost_frame *frame, uint32_t flags, int32_t day)
{
    if (cost__span_exceeds(frame->granularity, flags))
        return 1;
    return ends_after(frame->range.end, flags, day);
}

bool cost__frame_spans_exactly(const struct cost_frame *frame, int32_t day, uint32_t second,
                               uint32_t length)
{
    int64_t end = (int64_t)day * DAY + second + length;

    if (end > ((int64_t)frame->range.end + 1) * DAY)
        return true;
    switch (frame->granularity) {
    case COST_HOURLY:
        return length > 3600;
    case COST_DAILY:
        return length > DAY;
    case COST_MONTHLY:
        return length > (uint32_t)LONGEST_MONTH * DAY;
    case COST_TOTAL:
        break;
    }
    return false;
}
