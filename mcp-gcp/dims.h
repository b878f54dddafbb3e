/* The dimensions of the contract as expressions over a billing export. */
#ifndef GCP_DIMS_H
#define GCP_DIMS_H

#include "sql.h"
#include "table.h"

#include <cost/query.h>

/* One dimension of one table, whose rows are called t. All static but a tag's. */
struct gcp_dim {
    mcp_str key; /* the exact value; NULL where it is missing */
    mcp_str label; /* the display name, or missing */
    mcp_str alias; /* another id that a filter may name, or missing */
};

/* MCP_EREFUSED when this table cannot tell that dimension, with what can. A tag's key becomes the
 * parameter @tag_N, N = n: the caller numbers its uses. */
int gcp_dim_of(const struct gcp_table *table, const struct cost_key_spec *spec, unsigned n,
               struct gcp_sql *sql, struct gcp_dim *out, struct mcp_error *err);

/* Expressions that every statement is made of. */
struct gcp_words {
    const char *start, *end; /* of usage */
    const char *currency;
    const char *project;
    const char *invoice_month; /* "202610", text */
    const char *charge; /* enum cost_charge */
    const char *class; /* enum cost_class */
    const char *unit, *quantity;
    const char *billed, *effective, *list, *contracted; /* NUMERIC; NULL where unknown */
    const char *commitment; /* BOOL: a fee or a credit of a commitment */
    const char *resource; /* BOOL: names a resource */
    bool splits; /* rows are split in two by `promo`: a promotion is a credit of its own */
};
/* In arena: what depends on the table's columns is put together here. */
void gcp_words_of(const struct gcp_table *table, struct mcp_arena *arena, struct gcp_words *out);

/* Types of credits.type that the bridge shows apart; the last one gathers what is none of them. */
#define GCP_N_CREDITS 11
extern const char *const gcp_credit_types[GCP_N_CREDITS];
/* SUM over this row's credits of that type, by index: an expression, in arena. */
mcp_str gcp_credit_sum(const struct gcp_table *table, size_t type, struct mcp_arena *arena);

#endif
