/* The statements over a billing export: one scan, grouped, ranked and paged where the data is. */
#ifndef GCP_STATEMENT_H
#define GCP_STATEMENT_H

#include "dims.h"
#include "zone.h"

/* A statement under construction. */
struct gcp_statement {
    const struct gcp_config *config;
    const struct gcp_table *table;
    const struct cost_query *query; /* resolved */
    enum gcp_zone zone;
    struct gcp_words words;
    struct gcp_sql sql;
    struct gcp_dim keys[COST_MAX_KEYS];
    unsigned n_tags; /* numbers of @tag_N given out */
};

/* The clock that an answer from this table follows: FOCUS tables are cut in UTC days. */
enum gcp_zone gcp_table_zone(const struct gcp_config *config, const struct gcp_table *table);

void gcp_statement_init(struct gcp_statement *st, const struct gcp_config *config,
                        const struct gcp_table *table, const struct cost_query *query,
                        struct mcp_arena *arena);

/* FROM and WHERE of the range (and of the compared one, as w = 1, when compares), the filters and the
 * allow-list; rows are called t. Sends the parameters that this uses, and @tz where it stands in the text so
 * far: what follows may not be the first to name it. */
int gcp_statement_from(struct gcp_statement *st, bool compares, struct mcp_error *err);
/* The days of the query, from the earlier of both ranges on, as what the table is partitioned by.
 * No upper bound: late rows and corrections lie in later partitions. */
void gcp_statement_prune(struct gcp_statement *st, int32_t from);
/* Who may see what (contract.md section 11): from the configuration alone, never from arguments. */
void gcp_statement_allow(struct gcp_statement *st);

/* get_costs: groups `before` .. `last` of each currency's ranking apart, the others gathered. */
int gcp_statement_costs(struct gcp_statement *st, size_t before, size_t last,
                        struct mcp_error *err);

/* The columns of its answer. Sums are summed in every stage; the name is the column's. */
#define GCP_COSTS_GROUPED(X)                                                                       \
    X(SECTION, "section") /* t: totals, b: before the page, p: page, o: behind it */               \
    X(W, "w") /* 0: the range, 1: the compared one */                                              \
    X(CURRENCY, "currency")                                                                        \
    X(K1, "k1")                                                                                    \
    X(K2, "k2")                                                                                    \
    X(K3, "k3")                                                                                    \
    X(BUCKET, "bucket") /* hours since 1970, days since 1970, or YYYYMM */                         \
    X(CHARGE, "charge")                                                                            \
    X(CLASS, "class")                                                                              \
    X(UNIT, "unit")                                                                                \
    X(NEGATIVE, "negative") /* the group's cost is below 0 */                                      \
    X(NONE, "none") /* all keys of the group are missing */                                        \
    X(PLACE, "place") /* of a group on the page */
#define GCP_COSTS_LABELS(X)                                                                        \
    X(L1, "l1") /* ten bytes of its hour, then the display name */                                 \
    X(L2, "l2")                                                                                    \
    X(L3, "l3")                                                                                    \
    X(GROUPS, "group_count") /* the highest place */
#define GCP_COSTS_SUMS(X)                                                                          \
    X(ROWS, "n", "COUNT(*)")                                                                       \
    X(BILLED, "billed", "SUM(billed)")                                                             \
    X(EFFECTIVE, "effective", "SUM(effective)")                                                    \
    X(LIST, "list", "SUM(list)")                                                                   \
    X(CONTRACTED, "contracted", "SUM(contracted)")                                                 \
    X(EFFECTIVE_N, "effective_n", "COUNTIF(effective IS NULL)")                                    \
    X(LIST_N, "list_n", "COUNTIF(list IS NULL)")                                                   \
    X(CONTRACTED_N, "contracted_n", "COUNTIF(contracted IS NULL)")                                 \
    X(EFFECTIVE_B, "effective_b", "SUM(IF(effective IS NULL, billed, NULL))")                      \
    X(LIST_B, "list_b", "SUM(IF(list IS NULL, billed, NULL))")                                     \
    X(CONTRACTED_B, "contracted_b", "SUM(IF(contracted IS NULL, billed, NULL))")                   \
    X(QUANTITY, "quantity", "SUM(IF(charge = 0, quantity, NULL))")                                 \
    X(REFUND_B, "refund_b", "SUM(IF(charge IN (0, 1) AND billed < 0, billed, NULL))")              \
    X(REFUND_E, "refund_e", "SUM(IF(charge IN (0, 1) AND billed < 0, effective, NULL))")           \
    X(SPAN_N, "span_n", "COUNTIF(spans)")                                                          \
    X(SPAN, "span", "SUM(IF(spans, metric, NULL))")                                                \
    X(LATER_N, "later_n", "COUNTIF(later)")                                                        \
    X(LATER, "later_cost", "SUM(IF(later, metric, NULL))")                                         \
    X(USAGE, "usage_cost", "SUM(IF(charge = 0, metric, NULL))")                                    \
    X(OVER_HOUR, "over_hour", "SUM(IF(charge = 0 AND seconds > 3600, metric, NULL))")              \
    X(OVER_DAY, "over_day", "SUM(IF(charge = 0 AND seconds > 90000, metric, NULL))")               \
    X(OVER_MONTH, "over_month", "SUM(IF(charge = 0 AND seconds > 2682000, metric, NULL))")         \
    X(ZERO_N, "zero_n", "COUNTIF(charge = 0 AND class = 3 AND billed <> 0 AND effective = 0)")     \
    X(ZERO_B, "zero_b",                                                                            \
      "SUM(IF(charge = 0 AND class = 3 AND billed <> 0 AND effective = 0, billed, NULL))")         \
    X(COMMITMENTS, "commitments", "COUNTIF(commitment)")                                           \
    X(TAGGED, "tagged", "SUM(IF(tag IS NOT NULL, effective, NULL))")                               \
    X(UNTAGGED, "untagged",                                                                        \
      "SUM(IF(tag IS NULL AND charge = 0 AND class <> 1 AND names_resource, effective, NULL))")    \
    X(CREDIT_0, "credit_0", "SUM(credit_0)")                                                       \
    X(CREDIT_1, "credit_1", "SUM(credit_1)")                                                       \
    X(CREDIT_2, "credit_2", "SUM(credit_2)")                                                       \
    X(CREDIT_3, "credit_3", "SUM(credit_3)")                                                       \
    X(CREDIT_4, "credit_4", "SUM(credit_4)")                                                       \
    X(CREDIT_5, "credit_5", "SUM(credit_5)")                                                       \
    X(CREDIT_6, "credit_6", "SUM(credit_6)")                                                       \
    X(CREDIT_7, "credit_7", "SUM(credit_7)")                                                       \
    X(CREDIT_8, "credit_8", "SUM(credit_8)")                                                       \
    X(CREDIT_9, "credit_9", "SUM(credit_9)")                                                       \
    X(CREDIT_10, "credit_10", "SUM(credit_10)")

enum gcp_costs_column {
#define GCP_COLUMN(sym, ...) GCP_COSTS_##sym,
    GCP_COSTS_GROUPED(GCP_COLUMN) GCP_COSTS_LABELS(GCP_COLUMN) GCP_COSTS_SUMS(GCP_COLUMN)
#undef GCP_COLUMN
        GCP_COSTS_N,
};
extern const char *const gcp_costs_columns[GCP_COSTS_N];
/* Without the bridge the credits by type are not asked for. */
#define GCP_COSTS_N_SHORT GCP_COSTS_CREDIT_0

#endif
