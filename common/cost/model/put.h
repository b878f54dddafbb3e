/* JSON members that the four answers share. */
#ifndef COST_MODEL_PUT_H
#define COST_MODEL_PUT_H

#include <cost/result.h>
#include <mcp/json_writer.h>

void cost__put_money(struct mcp_jsonw *w, const char *key, struct cost_money m);
/* As an element of an array. */
void cost__put_amount(struct mcp_jsonw *w, struct cost_money m);
/* null when nothing is known. */
void cost__put_measure(struct mcp_jsonw *w, const char *key, const struct cost_measure *m);
/* A decimal text, for proofs. */
void cost__put_money_text(struct mcp_jsonw *w, const char *key, struct cost_money m);
void cost__put_date(struct mcp_jsonw *w, const char *key, int32_t day);
void cost__put_range(struct mcp_jsonw *w, const char *key, const struct cost_range *r);
/* A text, or no member at all when it is missing. */
void cost__put_some(struct mcp_jsonw *w, const char *key, mcp_str s);
void cost__put_list(struct mcp_jsonw *w, const char *key, const mcp_str *list, size_t n);

/* time_period; freshness, source, scope, warnings, next_cursor: the head and the tail of an answer.
 * age_at: see writer.h. */
void cost__put_time_period(struct mcp_jsonw *w, const struct cost_result *r);
void cost__put_tail(struct mcp_jsonw *w, const struct cost_result *r, size_t *age_at);

/* The start of a bucket as a text: 2026-10, 2026-10-01 or 2026-10-01T05:00:00Z. */
#define COST__PERIOD_TEXT 24
void cost__period_text(int64_t start, enum cost_granularity g, char out[COST__PERIOD_TEXT]);
/* "service" or "tag:team". */
mcp_str cost__key_name(const struct cost_key_spec *spec, struct mcp_arena *arena);
/* Several keys in one text; a missing value is "(none)". label: display names where they are known.
 * *labelled (may be NULL) says whether any was. */
mcp_str cost__key_text(const struct cost_key *keys, size_t n, bool label, struct mcp_arena *arena,
                       bool *labelled);
/* 0, or the buffer's error with a reason. */
int cost__put_done(const struct mcp_buf *buf, struct mcp_error *err);

#endif
