/* Between the files that parse and resolve a query. */
#ifndef COST_MODEL_QUERY_INTERNAL_H
#define COST_MODEL_QUERY_INTERNAL_H

#include <cost/query.h>

/* What a message may show of a caller's text. */
#define COST__SHOWN 60
#define COST__SHOW(s) MCP_STR_ARG(mcp_str_head((s), COST__SHOWN))

/* A date argument: MCP_EINVAL says what is wrong with it and what to write. */
int cost__date_parse(const char *name, mcp_str text, int32_t *out, struct mcp_error *err);
/* start after end: MCP_EINVAL that explains the inclusive end and names the call that works. */
int cost__range_check(const char *tool, const char *start_name, const char *end_name,
                      struct cost_range range, struct mcp_error *err);

/* The days a period word means, and the whole period it is a part of (mtd: the month). */
struct cost__period {
    struct cost_range days, whole;
};
/* Accepts the words of contract.md section 1, in any case, and their plain variants (this_month,
 * last_90_days, next_quarter). MCP_EINVAL lists them. */
int cost__period_parse(mcp_str word, int32_t today, struct cost__period *out,
                       struct mcp_error *err);
/* The range that a resolved one is compared with. whole: the unfinished period it belongs to, or
 * the range itself. */
struct cost_range cost__compare_range(enum cost_compare compare, enum cost_basis basis,
                                      struct cost_range range, struct cost_range whole);
/* Whole calendar months from start to end: how many, or 0 when the range is none. */
int cost__whole_months(struct cost_range range);

const char *cost__tool_name(enum cost_tool tool);

#endif
