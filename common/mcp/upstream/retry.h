/* When an attempt that failed is worth another one, and after how long. */
#ifndef MCP_UPSTREAM_RETRY_H
#define MCP_UPSTREAM_RETRY_H

#include "mcp/upstream/transfer.h"

/* Of a posted transfer after `attempts` attempts: true with the milliseconds to wait. False when
 * it succeeded, must not be repeated, or the wait would not end before the call does. */
bool mcp__retry_wait(const struct mcp__transfer *t, const struct mcp_http_req *req,
                     enum mcp_http_method method, unsigned attempts, uint64_t remaining_ms,
                     uint64_t *wait_ms);
/* Of header lines: milliseconds of Retry-After (seconds, or a date compared with now), UINT64_MAX
 * when there is none that can be read. */
uint64_t mcp__retry_after_ms(mcp_str head, int64_t now);
/* Exponential from 200 ms to 8 s with jitter (from half to the whole), by a random number. */
uint64_t mcp__retry_backoff_ms(unsigned attempts, uint32_t random);

#endif
