/* Amounts and tables as people and models read them. */
#ifndef COST_MODEL_TEXT_H
#define COST_MODEL_TEXT_H

#include <cost/result.h>

/* Rounded to the currency's minor unit (2 decimals for what is no ISO 4217 currency), with
 * thousands separators; <0.01 or >-0.01 for what would round to nothing. */
mcp_str cost__text_money(struct mcp_arena *arena, struct cost_money m, mcp_str currency);
/* The same with a + before what is above 0. */
mcp_str cost__text_change(struct mcp_arena *arena, struct cost_money m, mcp_str currency);
/* "unknown" when nothing is known. */
mcp_str cost__text_measure(struct mcp_arena *arena, const struct cost_measure *m, mcp_str currency);
/* A quantity to 2 decimals, without zeros at its end. */
mcp_str cost__text_quantity(struct mcp_arena *arena, struct cost_money m);
/* "49.0%", or "" when there is no share. */
mcp_str cost__text_share(struct mcp_arena *arena, struct cost_money part, struct cost_money whole);
mcp_str cost__text_date(struct mcp_arena *arena, int32_t day);
/* Columns that s takes on a terminal: wide characters two, combining ones none. */
unsigned cost__text_width(mcp_str s);
/* At most `columns` wide, ending in an ellipsis when something was cut. */
mcp_str cost__text_cut(struct mcp_arena *arena, mcp_str s, unsigned columns);

#define COST__TABLE_COLUMNS 10
struct cost__table {
    struct mcp_arena *arena; /* borrowed */
    unsigned width; /* columns of the terminal; 0: cells divided by " | ", nothing aligned */
    size_t n_columns;
    bool right[COST__TABLE_COLUMNS];
    mcp_str *cells; /* in arena, the header first */
    size_t n, size;
};
void cost__table_init(struct cost__table *t, struct mcp_arena *arena, unsigned width);
/* All columns before the first cell. */
void cost__table_column(struct cost__table *t, const char *title, bool right);
/* The next cell, row after row. Control characters become spaces: a name must not steer a
 * terminal. */
void cost__table_cell(struct cost__table *t, mcp_str text);
void cost__table_print(const struct cost__table *t, struct mcp_buf *out);

/* The provider within a sentence. */
mcp_str cost__text_provider(mcp_str provider);
/* The end of every text: warnings, and how to get the next page. */
void cost__text_tail(const struct cost_result *r, unsigned width, struct mcp_buf *out);
/* A text from outside, control characters as spaces. */
void cost__text_safe(struct mcp_buf *out, mcp_str s);

#endif
