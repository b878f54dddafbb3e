/* Whether a row spans: by flags alone and by its exact length. */
#include "cost/dataset/group.h"

#include "ask_help.h"
#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static int32_t day(int y, int m, int d)
{
    return mcp_date_from_civil((struct mcp_civil){ y, m, d });
}

/* As the import flags a row that starts at midnight. */
static uint32_t flags_of(int32_t start, uint32_t length)
{
    int64_t last = (int64_t)start * 86400 + length - 1;
    int32_t last_day = (int32_t)(last / 86400);
    uint32_t flags = 0;

    if (length > 31 * 86400)
        flags = COST_ROW_SPAN_LONG;
    else if (length > 86400)
        flags = COST_ROW_SPAN_MONTH;
    else if (length > 3600)
        flags = COST_ROW_SPAN_DAY;
    if (last_day > start)
        flags |= COST_ROW_CROSSES_DAY;
    if (last_day > mcp_date_month_end(start))
        flags |= COST_ROW_CROSSES_MONTH;
    return flags;
}

/* What the flags decide must be what the length says; the rest is left open. */
static void flags_never_contradict_the_length(void **state)
{
    static const enum cost_granularity granularities[] = { COST_TOTAL, COST_HOURLY, COST_DAILY,
                                                           COST_MONTHLY };
    static const int hours[] = { 1, 5, 24, 25, 48, 240, 672, 720, 744, 745, 8760 };
    const struct cost_range ranges[] = {
        { day(2026, 2, 1), day(2026, 2, 28) },
        { day(2026, 2, 1), day(2026, 4, 30) },
        { day(2026, 1, 15), day(2026, 3, 10) },
    };
    size_t open = 0, decided = 0;

    (void)state;
    for (size_t g = 0; g < 4; g++) {
        for (size_t r = 0; r < 3; r++) {
            struct cost_frame frame = { COST_USAGE, granularities[g], ranges[r] };

            for (int32_t at = ranges[r].start; at <= ranges[r].end; at++) {
                for (size_t h = 0; h < sizeof(hours) / sizeof(hours[0]); h++) {
                    uint32_t length = (uint32_t)hours[h] * 3600;
                    int spans = cost__frame_spans(&frame, flags_of(at, length), at);

                    open += spans < 0;
                    decided += spans >= 0;
                    if (spans >= 0 &&
                        spans != (int)cost__frame_spans_exactly(&frame, at, 0, length))
                        fail_msg("granularity %zu range %zu day %d hours %d", g, r,
                                 (int)(at - ranges[r].start), hours[h]);
                }
            }
        }
    }
    assert_true(open > 0 && decided > 10 * open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(flags_never_contradict_the_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
