/* The one wall clock that --now can set, and the monotonic one that it cannot. */
#ifndef MCP_CLOCK_H
#define MCP_CLOCK_H

#include <stdint.h>

/* Seconds since 1970 in UTC. After mcp_clock_set it is frozen at that instant. Any thread. */
int64_t mcp_clock_now(void);
/* Milliseconds since 1970 in UTC, likewise. */
int64_t mcp_clock_now_ms(void);
/* Freezes the wall clock (tests, --now); before any thread starts. */
void mcp_clock_set(int64_t instant);
/* Monotonic, for deadlines and durations; never frozen. */
uint64_t mcp_clock_mono_ms(void);
uint64_t mcp_clock_mono_ns(void);

#endif
