/* The answers as JSON and as tables: the only place that prints money. */
#ifndef COST_WRITER_H
#define COST_WRITER_H

#include <cost/forecast_result.h>
#include <cost/recommendation.h>
#include <cost/resource.h>
#include <cost/result.h>

/* The way of an answer, for each of the four nouns:
 *   1. cost_result_judge (result.h) adds the warnings that follow from the numbers;
 *   2. cost_NOUN_fit cuts the result to what one page holds;
 *   3. when cost_NOUN_next gives an offset, the caller seals it into result->next_cursor;
 *   4. cost_write_NOUN prints structuredContent, cost_text_NOUN the text block; what cost_NOUN_fit
 *      has left in the page is both of them, as long as no cursor is added and the text is a model's.
 * Nothing is printed before the residual check has passed (MCP_EDATA, "check_failed"). */

#define COST_PAGE_CHARS 25000 /* structuredContent and text of one page together */
#define COST_DEFAULT_CHARS 8192 /* the same of an answer whose size nobody asked for */
#define COST_LIMIT_DEFAULT 10 /* groups or items, when query.limit is 0 */

/* An answer as it is printed. */
struct cost_page {
    struct mcp_buf json, text; /* owned */
    size_t age_at; /* in json, for cost_age_split */
};
void cost_page_init(struct cost_page *page);
void cost_page_release(struct cost_page *page);

/* Drops groups from the end of the page until JSON and text together stay under page_chars (0:
 * COST_PAGE_CHARS); what is dropped moves into `other`. MCP_EREFUSED when one group's series alone
 * is too long, naming the coarser granularity or the longest range that fits. page is emptied and
 * holds what was measured last: r as it is now, with the text for a model. */
int cost_costs_fit(struct cost_result *r, size_t page_chars, struct cost_page *page,
                   struct mcp_error *err);
int cost_recommendations_fit(struct cost_recommendations *r, size_t page_chars,
                             struct cost_page *page, struct mcp_error *err);
int cost_resources_fit(struct cost_resources *r, size_t page_chars, struct cost_page *page,
                       struct mcp_error *err);
/* The offset of the page after this one, or 0 when this is the last. */
size_t cost_costs_next(const struct cost_result *r);
size_t cost_recommendations_next(const struct cost_recommendations *r);
size_t cost_resources_next(const struct cost_resources *r);

/* One JSON object, appended to json. *age_at (may be NULL) gets the offset in json of the bytes that
 * change when the answer comes out of a cache, for cost_age_split. */
int cost_write_costs(const struct cost_result *r, struct mcp_buf *json, size_t *age_at,
                     struct mcp_error *err);
int cost_write_forecast(const struct cost_forecast_result *r, struct mcp_buf *json, size_t *age_at,
                        struct mcp_error *err);
int cost_write_recommendations(const struct cost_recommendations *r, struct mcp_buf *json,
                               size_t *age_at, struct mcp_error *err);
int cost_write_resources(const struct cost_resources *r, struct mcp_buf *json, size_t *age_at,
                         struct mcp_error *err);
/* Takes a written answer apart for a cache: *head (copied into arena) ends just before the number of
 * source.age_s and says cached: true, *tail (borrowed from json) begins just behind that number. */
void cost_age_split(mcp_str json, size_t age_at, struct mcp_arena *arena, mcp_str *head,
                    mcp_str *tail);

/* The same facts as a short table; width 0: for a model (compact), else columns of a terminal. */
int cost_text_costs(const struct cost_result *r, unsigned width, struct mcp_buf *text,
                    struct mcp_error *err);
int cost_text_forecast(const struct cost_forecast_result *r, unsigned width, struct mcp_buf *text,
                       struct mcp_error *err);
int cost_text_recommendations(const struct cost_recommendations *r, unsigned width,
                              struct mcp_buf *text, struct mcp_error *err);
int cost_text_resources(const struct cost_resources *r, unsigned width, struct mcp_buf *text,
                        struct mcp_error *err);
/* get_costs as CSV with a header line (call --csv): the breakdown, or the series when one was
 * asked for. */
int cost_csv_costs(const struct cost_result *r, struct mcp_buf *csv, struct mcp_error *err);

#endif
