/* The generator of synthetic bills: a pure function of seed, last day and size. */
#ifndef COST_DEMO_H
#define COST_DEMO_H

#include <cost/row.h>
#include <mcp/buf.h>

struct cost_demo_options {
    uint64_t seed; /* 0: the built-in one */
    int32_t last_day; /* the last day with usage */
    int months; /* [13] months up to last_day's */
    /* About so many rows; 0: the demo's own size (some 72,000 for 13 months). More rows are the same
     * money cut into hours; fewer thin out plain usage, but never what each day must show, some 600
     * rows a month: ask for fewer months too. */
    uint64_t rows;
};

struct cost_demo;
struct cost_demo *cost_demo_new(const struct cost_demo_options *options);
void cost_demo_free(struct cost_demo *demo);
/* For cost_import_rows: 1 with a row (text valid until the next call), 0 at the end. Rows come in
 * FOCUS order of no meaning; the same options give the same bytes. ctx: struct cost_demo. */
int cost_demo_next(void *ctx, struct cost_row *row, struct mcp_error *err);
/* The same rows as FOCUS 1.2 CSV: header, then rows; appends to buf. */
void cost_demo_csv_header(struct mcp_buf *buf);
void cost_demo_csv_row(const struct cost_row *row, struct mcp_buf *buf);

/* YAML of budgets over these rows, for mcp-policy --demo without a file of its own. */
extern const char cost_demo_budgets[];

#endif
