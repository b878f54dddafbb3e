/* What a tool call asks, as parsed from its arguments and resolved against a source's dates. */
#ifndef COST_QUERY_H
#define COST_QUERY_H

#include <cost/dims.h>
#include <cost/money.h>
#include <mcp/arena.h>
#include <mcp/json.h>

#define COST_MAX_KEYS 3
#define COST_MAX_FILTERS 24
#define COST_MAX_VALUES 200
#define COST_DEFAULT_LIMIT 10

struct cost_key_spec {
    enum cost_dim dim;
    mcp_str tag_key; /* COST_DIM_TAG; in arena */
};

/* One entry of `filters`. Values OR; entries AND. */
struct cost_filter {
    struct cost_key_spec key;
    bool negate; /* {"not": [...]} */
    bool null_listed; /* JSON null or "(none)" among the values */
    const mcp_str *values; /* in arena; may be empty when only null is listed */
    size_t n_values;
};

/* Inclusive days. */
struct cost_range {
    int32_t start, end;
};

enum cost_compare {
    COST_COMPARE_NONE,
    COST_COMPARE_PERIOD,
    COST_COMPARE_MONTH,
    COST_COMPARE_YEAR,
    COST_COMPARE_DATES
};
enum cost_tool { COST_GET_COSTS, COST_GET_FORECAST, COST_GET_RECOMMENDATIONS, COST_GET_RESOURCES };

/* One struct for the four tools: fields that a tool has no argument for stay at their default. */
struct cost_query {
    enum cost_tool tool;
    /* As asked. */
    bool has_start, has_end;
    int32_t start, end;
    mcp_str period; /* word or missing */
    bool has_granularity;
    enum cost_granularity granularity;
    struct cost_key_spec keys[COST_MAX_KEYS];
    size_t n_keys;
    struct cost_filter filters[COST_MAX_FILTERS];
    size_t n_filters;
    enum cost_metric metric;
    bool has_metric;
    enum cost_basis basis;
    enum cost_compare compare;
    struct cost_range compare_dates; /* COST_COMPARE_DATES */
    bool bridge;
    int limit; /* 0: COST_DEFAULT_LIMIT */
    mcp_str cursor; /* sealed, or missing */
    /* get_forecast */
    int confidence_pct; /* in 1/10 percent: 800 */
    mcp_str method; /* auto or named */
    /* get_recommendations */
    mcp_str category;
    bool has_min_savings;
    struct cost_money min_savings;
    /* get_resources */
    mcp_str resource_type;

    /* Resolved by cost_query_resolve. */
    struct cost_range range;
    struct cost_range compared; /* compare only */
    bool period_defaulted;
    bool cut_to_data; /* the asked range reached past data_through */
    bool widened; /* basis invoice: to whole billing periods */
    struct cost_range asked; /* before the cut or the widening */
    bool series_total_only; /* granularity left out: one series of the total (TOTAL: none fits) */
    int32_t today;
    size_t offset; /* groups on earlier pages, from the cursor */
};

/* arguments: have passed the tool's schema. Text lives in arena. Checks what a schema cannot: dates
 * that exist and their order, dimensions, duplicate keys, filters. Errors MCP_EINVAL with the next
 * step. metric is the tool's default (billed, get_resources effective) unless has_metric: a server
 * with another default sets it afterwards. Values of the filter `provider` are mapped to families. */
int cost_query_parse(enum cost_tool tool, struct mcp_json arguments, struct mcp_arena *arena,
                     struct cost_query *out, struct mcp_error *err);

/* The member `filters` alone, as in get_costs: at most COST_MAX_FILTERS into filters, *n of them. */
int cost_filters_parse(struct mcp_json filters, struct mcp_arena *arena,
                       struct cost_filter filters_out[COST_MAX_FILTERS], size_t *n,
                       struct mcp_error *err);
/* The filter on that dimension (tag: with that key), or NULL. */
const struct cost_filter *cost_query_filter(const struct cost_query *query, enum cost_dim dim,
                                            mcp_str tag_key);

/* What a source knows about its dates. */
struct cost_extent {
    bool live; /* a cloud: neither dates nor period = the current month to date */
    bool empty; /* no rows at all */
    int32_t today; /* in the source's timezone */
    int32_t first; /* first day with data */
    int32_t data_through; /* live and unknown: today */
    bool has_days; /* false: the data holds only months */
};

#define COST_MAX_POINTS 800 /* buckets of a series: more cannot fit a page */
/* Dates of period words, defaults, cuts and compare ranges by contract.md section 1. A range wholly
 * past data_through resolves (the answer is no_data). MCP_EINVAL for what cannot be, MCP_EREFUSED
 * for a series of more than COST_MAX_POINTS. get_forecast: the whole month of data_through or the
 * next, never cut; get_recommendations: the 30 days up to data_through. */
int cost_query_resolve(struct cost_query *query, const struct cost_extent *extent,
                       struct mcp_error *err);
/* A digest of all that decides the answer but paging and today's date: for cursors and the cache
 * (whose key adds limit, offset and today). Of a resolved query. Two queries with the same meaning
 * (order of filters, aliases) have the same digest. */
#define COST_DIGEST_BYTES 16
void cost_query_digest(const struct cost_query *query, unsigned char out[COST_DIGEST_BYTES]);
/* The same in hexadecimal, NUL-terminated. */
void cost_query_digest_hex(const struct cost_query *query, char out[2 * COST_DIGEST_BYTES + 1]);

#endif
