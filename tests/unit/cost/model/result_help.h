/* For tests of answers: a result made by hand, and what every printed answer must pass. */
#ifndef TEST_RESULT_HELP_H
#define TEST_RESULT_HELP_H

#include <cost/writer.h>
#include <mcp/tool.h>

struct cost_money model_money(const char *text);

/* The query of args (JSON with ' for "), resolved with today 2026-11-21 and data from 2025-10-05
 * through 2026-11-19; provider aws, backend focus-files. In arena. */
struct cost_result *model_result(enum cost_tool tool, const char *args, struct mcp_arena *arena);
/* One more currency; room for 64 groups. */
struct cost_block_result *model_block(struct cost_result *r, const char *currency);
/* One more group on the page: totals and parts grow with it. NULL value: the missing one. */
struct cost_group *model_group(struct cost_result *r, struct cost_block_result *b,
                               const char *value, const char *cost, const char *effective);
/* A bucket for each day (or month) of the range, the first `n` of them with `cost` each. */
const struct cost_point *model_points(struct cost_result *r, struct cost_block_result *b, size_t n,
                                      const char *cost);

/* Fails the test unless json is one JSON object that the schema accepts. */
void model_accepts(const struct mcp_schema_text *schema, mcp_str json);
/* The answers in fresh buffers of the arena, checked against their schemas. */
mcp_str model_costs_json(const struct cost_result *r);
mcp_str model_costs_text(const struct cost_result *r, unsigned width);
/* Text with ' for " in both, for golden answers. */
void model_same(mcp_str got, const char *want);

#endif
