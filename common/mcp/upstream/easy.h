/* One transfer as libcurl sees it: its options, its callbacks, and what its end means. */
#ifndef MCP_UPSTREAM_EASY_H
#define MCP_UPSTREAM_EASY_H

#include "mcp/upstream/transfer.h"

/* A CURL handle for t that is ready to be added to the multi; NULL without memory. t is borrowed
 * and outlives it. The transfer thread's, as all here. */
void *mcp__easy_new(struct mcp__transfer *t, uint64_t now_ms);
/* What libcurl's result (a CURLcode) means for t; fills status and reason. */
enum mcp__outcome mcp__easy_outcome(struct mcp__transfer *t, int result);

#endif
