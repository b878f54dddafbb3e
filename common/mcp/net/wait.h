/* How a worker waits: for a flag of its call, for time, or for one of the computing slots. */
#ifndef MCP_NET_WAIT_H
#define MCP_NET_WAIT_H

#include "mcp/proto/call_internal.h"

/* How many handlers compute at once in this process; 0: as many as there are cores, which is also
 * the state before the first call. */
void mcp__cpu_slots_set(unsigned slots);

#endif
