/* The clock of Google's bills: Pacific time, or UTC. */
#include "zone.h"

#include <mcp/date.h>

#define HOUR 3600
#define DAY ((int64_t)86400)
#define STANDARD (-8 * HOUR)
#define SUMMER (-7 * HOUR)

mcp_str gcp_zone_name(enum gcp_zone zone)
{
    return zone == GCP_ZONE_UTC ? MCP_STR("UTC") : MCP_STR("America/Los_Angeles");
}

/* The nth Sunday of a month. */
static int32_t sunday(int year, int month, int nth)
{
    int32_t first = mcp_date_from_civil((struct mcp_civil){ year, month, 1 });

    return first + (7 - mcp_date_weekday(first)) + 7 * (nth - 1);
}

/* Seconds to add to an instant for the clock on the wall. */
static int64_t offset(enum gcp_zone zone, int64_t instant)
{
    struct mcp_civil c;
    int64_t from, to;

    if (zone == GCP_ZONE_UTC)
        return 0;
    c = mcp_date_civil(mcp_instant_date(instant + STANDARD));
    from = sunday(c.year, 3, 2) * DAY + 2 * HOUR - STANDARD;
    to = sunday(c.year, 11, 1) * DAY + 2 * HOUR - SUMMER;
    return instant >= from && instant < to ? SUMMER : STANDARD;
}

int32_t gcp_zone_day(enum gcp_zone zone, int64_t instant)
{
    return mcp_instant_date(instant + offset(zone, instant));
}

int64_t gcp_zone_midnight(enum gcp_zone zone, int32_t day)
{
    int64_t wall = day * DAY;

    /* The clocks change at 2:00, so what holds at 0:00 by either offset is the same. */
    return wall - offset(zone, wall - (zone == GCP_ZONE_UTC ? 0 : STANDARD));
}
