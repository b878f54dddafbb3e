/* For tests of queries: arguments as JSON text in, a query out. */
#ifndef TEST_QUERY_HELP_H
#define TEST_QUERY_HELP_H

#include <cost/query.h>

/* args: JSON with ' for ". The return value of cost_query_parse. */
int test_query(enum cost_tool tool, const char *args, struct mcp_arena *arena,
               struct cost_query *out, struct mcp_error *err);
int32_t test_day(const char *date);
/* "2026-09-01..2026-09-30" into out[24]. */
const char *test_range(struct cost_range r, char out[24]);

#endif
