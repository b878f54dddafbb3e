/* One answer on its way out: its cursor, its bytes, its place in the result cache. */
#ifndef COST_SERVER_ANSWER_H
#define COST_SERVER_ANSWER_H

#include <cost/tools.h>
#include <cost/writer.h>

/* Lives in the call's arena; its buffers are freed with that. */
struct cost__answer {
    struct cost_page page;
    /* What the cursor of the arguments was made for. */
    bool continued;
    mcp_str digest, generation;
};

/* A new answer in the call's arena. Takes the query's cursor apart: its offset goes into the query,
 * what it was made for into the answer. MCP_EINVAL for a cursor that was not made here for this
 * caller. */
int cost__answer_open(struct cost__answer **out, struct mcp_call *call, struct cost_query *query,
                      struct mcp_error *err);
/* After the source resolved the query: MCP_ESTALE when the cursor belongs to another question or
 * to older data. */
int cost__answer_check(const struct cost__answer *a, const struct cost_result *r,
                       struct mcp_error *err);
/* Seals r->next_cursor to the page that begins at offset; 0: there is none. */
int cost__answer_cursor(struct mcp_call *call, struct cost_result *r, size_t offset,
                        struct mcp_error *err);
/* Hands the bytes to the call, and to the cache for the next one that asks the same. */
int cost__answer_send(struct cost__answer *a, const struct cost_tools *tools, struct mcp_call *call,
                      const struct cost_result *r, struct mcp_error *err);
/* On the loop: 0 when the cache answered, else MCP_MISS. */
int cost__answer_cached(const struct cost_tools *tools, struct mcp_call *call,
                        struct cost_query *query);

#endif
