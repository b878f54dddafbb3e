/* The answer of get_costs before it is written: sums per currency, a page of groups, the evidence. */
#ifndef COST_RESULT_H
#define COST_RESULT_H

#include <cost/query.h>

/* A sum over rows in which some may lack the metric. */
struct cost_measure {
    struct cost_money sum; /* of the known rows */
    uint64_t rows; /* known and unknown */
    uint64_t rows_unknown;
    struct cost_money unknown_billed; /* billed sum of the unknown rows */
};
/* Nothing known although there are rows: printed as null. */
static inline bool cost_measure_is_null(const struct cost_measure *m)
{
    return m->rows > 0 && m->rows_unknown == m->rows;
}

struct cost_quantity {
    mcp_str unit; /* missing: rows without unit */
    struct cost_money sum;
};

struct cost_key {
    mcp_str value; /* exact id; missing: the missing value */
    mcp_str label; /* latest display name, or missing */
    mcp_str provider; /* set when a service's key needs its family to be unique */
};

struct cost_point {
    int64_t start; /* instant of the bucket's start */
    struct cost_money cost;
    bool any; /* false: no rows in this bucket */
};

struct cost_group {
    struct cost_key keys[COST_MAX_KEYS];
    struct cost_measure cost; /* the metric asked */
    struct cost_measure effective;
    struct cost_money previous; /* compare */
    const struct cost_quantity *quantities; /* Usage rows only, one per unit */
    size_t n_quantities;
    const struct cost_point *points; /* n_buckets of the block, or NULL */
};

/* Sums of the four metrics of one class; nulls make a step null. */
struct cost_class_sums {
    struct cost_money m[COST_N_METRICS];
    uint64_t unknown[COST_N_METRICS];
    uint64_t rows;
};

struct cost_bridge_in {
    struct cost_class_sums classes[COST_N_CLASSES];
    struct cost_class_sums eligible; /* the part of O that a commitment could cover */
    struct cost_money refunds_billed, refunds_effective; /* negative Usage and Purchase */
    uint64_t usage_rows_zero_effective; /* ordinary usage, billed <> 0, effective 0 */
    struct cost_money usage_zero_effective_billed, usage_ordinary_billed;
};

/* Credits of one type, as the provider names it. */
struct cost_credit {
    mcp_str type;
    struct cost_money amount;
};

/* One currency's part of the answer. */
struct cost_block_result {
    mcp_str currency;
    bool is_virtual;
    struct cost_measure total; /* by the second path */
    struct cost_money previous_total;
    const char *check_path; /* ledger | day_totals | facts */
    struct cost_money parts_total; /* sum over all groups, by the first path */
    const struct cost_group *groups; /* this page, ranked */
    size_t n_groups;
    size_t groups_total;
    size_t other_groups; /* after this page */
    struct cost_money other_cost, other_positive, other_negative;
    struct cost_money other_previous, before_previous;
    struct cost_money before_cost; /* earlier pages */
    size_t before_groups;
    struct cost_money none_cost; /* of the group whose keys are all missing */
    struct cost_measure totals[COST_N_METRICS];
    struct cost_money tax, credits, adjustments; /* in the metric billed */
    struct cost_bridge_in bridge;
    const struct cost_credit *credit_types; /* for the bridge, where the source knows them */
    size_t n_credit_types;
    const struct cost_quantity *quantities; /* of the total */
    size_t n_quantities;
    uint64_t spanning_rows;
    struct cost_money spanning_cost;
    uint64_t later_rows; /* rows in the range from later billing periods */
    struct cost_money later_cost;
    const struct cost_point *points; /* series of the total */
    size_t n_buckets;
    /* tag grouping */
    bool has_tag_split;
    struct cost_money untagged, untaggable, tagged; /* effective */
};

struct cost_slice_info {
    mcp_str source;
    mcp_str provider; /* family */
    mcp_str billing_account;
    int32_t period_start, period_end; /* inclusive days */
    int32_t data_through;
    bool complete;
    int closed; /* 1, 0, -1: unknown (null) */
    int64_t delivered_at; /* instant */
};

struct cost_provider_freshness {
    mcp_str provider;
    int32_t data_through;
};

struct cost_warning {
    const char *code;
    mcp_str text; /* a sentence */
    mcp_str next; /* what to do, or missing */
};

struct cost_tag_variant {
    mcp_str key;
    mcp_str currency;
    struct cost_money cost;
};

struct cost_result {
    mcp_str provider; /* family, "opencost", or "multiple" */
    struct cost_query query; /* resolved */
    mcp_str timezone; /* "UTC" */
    int64_t time_start, time_end; /* instants, end exclusive */
    bool no_data;
    bool has_available;
    struct cost_range available;
    struct cost_block_result *blocks; /* one per currency, largest first */
    size_t n_blocks;
    /* freshness */
    bool has_data_through;
    int32_t data_through;
    int64_t exported_at; /* instant of the provider's latest export; 0: not known */
    const struct cost_provider_freshness *freshness;
    size_t n_freshness;
    const struct cost_slice_info *slices; /* at most 5, incomplete ones first */
    size_t n_slices, slices_total;
    /* source */
    mcp_str backend; /* "focus-files", "demo", "bigquery", ... */
    mcp_str native_metric;
    uint64_t requests, bytes_scanned;
    mcp_str price_usd; /* decimal text, or missing */
    mcp_str generation; /* of the data, for cursors */
    uint64_t ttl_ms; /* how long the answer may be kept; 0: as long as the generation stands */
    /* scope */
    const mcp_str *providers;
    size_t n_providers;
    const mcp_str *contains, *overlaps_with;
    size_t n_contains, n_overlaps;
    const struct cost_tag_variant *tag_variants;
    size_t n_tag_variants;
    struct cost_warning *warnings; /* grown by cost_result_warn */
    size_t n_warnings, warnings_size;
    mcp_str next_cursor; /* sealed by the tool, or missing */
    struct mcp_arena *arena; /* everything above lives here */
};

void cost_result_init(struct cost_result *r, struct mcp_arena *arena, const struct cost_query *q);
/* code is static. The same code twice keeps both. At most 20; further ones are counted in the last. */
void cost_result_warn(struct cost_result *r, const char *code, mcp_str next, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#define COST_NAMES_NEAREST 5
/* Up to COST_NAMES_NEAREST of the candidates that look like value, best first; the number. */
size_t cost_names_nearest(mcp_str value, const mcp_str *candidates, size_t n,
                          mcp_str out[COST_NAMES_NEAREST]);
/* Adds the warning unknown_value for a value of a dimension (what: its name in arguments). r NULL:
 * nothing. */
void cost_result_unknown_value(struct cost_result *r, const char *what, mcp_str value,
                               const mcp_str *candidates, size_t n);

/* Warnings that follow from the numbers and the resolved query alone, so that every source words them
 * alike: no_data, past_data_through, range_widened, compare_partial, compare_not_whole, mixed_currencies,
 * virtual_currency, use_effective_for_allocation, not_for_savings, effective_unreliable,
 * metric_unknown, uneven_freshness. Call it once, when the result is whole; a code that the source
 * has raised already is left alone. Those that need the data (unknown_value, outside_scope,
 * money_rounded, ...) are the source's. */
void cost_result_judge(struct cost_result *r);
/* before + page + other = total by both paths, other = its positive and negative part, classes =
 * totals, for every block: 0, or MCP_EDATA "check_failed" with the residual. The writers call it. */
int cost_result_check(const struct cost_result *r, struct mcp_error *err);

/* Ranking: the items get into the order of absolute `by` (cost or change), largest first, ties by the
 * keys' bytes through tie(ctx, index a, index b). cost_rank_top puts only the first `top` in order;
 * what follows them belongs behind them in any order: for a page of very many groups. */
struct cost_rank_item {
    struct cost_money by;
    size_t index;
};
void cost_rank(struct cost_rank_item *items, size_t n, int (*tie)(void *ctx, size_t a, size_t b),
               void *ctx);
void cost_rank_top(struct cost_rank_item *items, size_t n, size_t top,
                   int (*tie)(void *ctx, size_t a, size_t b), void *ctx);

/* Buckets of a range: the instants of their starts (UTC), n of them, in arena. HOURLY, DAILY,
 * MONTHLY; TOTAL gives one. MCP_ERANGE beyond max. */
int cost_buckets(const struct cost_range *range, enum cost_granularity g, size_t max,
                 struct mcp_arena *arena, int64_t **starts, size_t *n);

#endif
