/* How much a source may spend in a day: bytes that a warehouse bills, pages that an API does. */
#ifndef COST_SPEND_GUARD_H
#define COST_SPEND_GUARD_H

#include <stdbool.h>
#include <stdint.h>

struct cost_spend_guard;

/* limit: units a day (UTC); 0: no limit. NULL: no memory. Of one process, in memory. */
struct cost_spend_guard *cost_spend_guard_new(uint64_t limit);
void cost_spend_guard_free(struct cost_spend_guard *guard);
/* Sets `expected` aside until it is settled, so that calls side by side do not pass the limit
 * together. False, and nothing set aside, when that would pass it. Any thread, as the next two. */
bool cost_spend_guard_take(struct cost_spend_guard *guard, int32_t day, uint64_t expected);
/* What it came to. */
void cost_spend_guard_settle(struct cost_spend_guard *guard, int32_t day, uint64_t expected,
                             uint64_t spent);
/* What is left of the day; UINT64_MAX without a limit. */
uint64_t cost_spend_guard_left(struct cost_spend_guard *guard, int32_t day);

#endif
