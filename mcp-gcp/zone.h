/* The clock of Google's bills: Pacific time, or UTC. */
#ifndef GCP_ZONE_H
#define GCP_ZONE_H

#include <mcp/str.h>

/* The two that a bill can be read in, in the order of the option's words. Pacific time by the rules of 2007: summer time from the second
 * Sunday of March to the first of November, both at 2:00. */
enum gcp_zone { GCP_ZONE_UTC, GCP_ZONE_PACIFIC };

/* "America/Los_Angeles" */
mcp_str gcp_zone_name(enum gcp_zone zone);
/* The day an instant falls on. */
int32_t gcp_zone_day(enum gcp_zone zone, int64_t instant);
/* The instant at which a day begins. Days have 23 or 25 hours when the clocks change. */
int64_t gcp_zone_midnight(enum gcp_zone zone, int32_t day);

#endif
