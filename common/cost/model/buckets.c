/* The hours, days or months that a range is cut into. */
#include <cost/result.h>

#include <mcp/date.h>

#define DAY ((int64_t)86400)

int cost_buckets(const struct cost_range *range, enum cost_granularity g, size_t max,
                 struct mcp_arena *arena, int64_t **starts, size_t *n)
{
    struct mcp_civil a = mcp_date_civil(range->start), b = mcp_date_civil(range->end);
    int64_t count = 1, first = range->start * DAY, *list;

    if (range->end < range->start)
        return MCP_EINVAL;
    if (g == COST_HOURLY)
        count = ((int64_t)range->end - range->start + 1) * 24;
    else if (g == COST_DAILY)
        count = (int64_t)range->end - range->start + 1;
    else if (g == COST_MONTHLY)
        count = (int64_t)(b.year - a.year) * 12 + b.month - a.month + 1;
    if (count > (int64_t)max)
        return MCP_ERANGE;
    list = mcp_arena_try_array(arena, (size_t)count, sizeof(*list));
    if (list == NULL)
        return MCP_ENOMEM;
    for (int64_t i = 0; i < count; i++) {
        if (g == COST_MONTHLY)
            /* The first and the last month may be covered in part: the first begins with the range. */
            list[i] = i == 0
                          ? first
                          : mcp_date_add_months(mcp_date_month_start(range->start), (int)i) * DAY;
        else
            list[i] = first + i * (g == COST_HOURLY ? 3600 : DAY);
    }
    *starts = list;
    *n = (size_t)count;
    return 0;
}
