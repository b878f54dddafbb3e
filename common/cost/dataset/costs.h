/* One get_costs over a snapshot: what its steps (costs*.c) hand to each other. */
#ifndef COST_DATASET_COSTS_H
#define COST_DATASET_COSTS_H

#include "check.h"
#include "group.h"
#include "tags.h"

#define COST_NO_PAGE UINT32_MAX

/* A group of the answer before it is ranked: the sums of its cells. */
struct cost_fold_group {
    struct cost_cell_key key;
    uint32_t currency; /* id */
    uint32_t page; /* its place in the block's page, or COST_NO_PAGE */
    struct cost_measure cost, effective;
    struct cost_money previous;
};

/* One currency of the answer while it is made. */
struct cost_fold_block {
    uint32_t currency; /* id */
    struct cost_block_result result;
    struct cost_money parts_previous;
    struct cost_money usage, usage_coarse; /* usage in the metric; coarser than the granularity */
    uint32_t *order; /* freed with the arena: its groups, ranked */
    struct cost_group *page; /* in arena: result.groups */
};

struct cost_run {
    struct cost_view view;
    struct cost_query *query; /* the result's own */
    struct cost_result *out;
    struct mcp_arena *arena;
    struct cost_preds preds;
    struct cost_frame frame;
    struct cost_cube_key keys[COST_MAX_CUBE_KEYS];
    struct cost_tag_use tags[COST_MAX_KEYS]; /* of the query's keys that are tags */
    size_t n_keys; /* the query's, then the provider's if has_provider, then the currency's */
    bool has_provider;
    size_t provider_key, currency_key; /* indexes into keys */
    bool compares;
    struct cost_cube cube, previous; /* heap inside */
    const struct cost_check_total *check, *check_previous;
    const char *check_path;
    struct cost_fold_group *groups; /* owned, heap */
    size_t n_groups, groups_size;
    uint32_t *table; /* owned, heap: 1 + index of a group */
    size_t table_size;
    struct cost_fold_block *blocks; /* in arena, one a currency */
    size_t n_blocks;
};

/* Scope, filters and keys of a query; out gets its parts that need no rows (costs.c). */
int cost__costs_open(struct cost_run *run, struct cost_snapshot *snap,
                     const struct cost_scope *scope, const struct cost_query *query,
                     struct mcp_arena *arena, struct cost_result *out, struct mcp_error *err);
/* Both paths over the range, and over the compared one. */
int cost__costs_read(struct cost_run *run, struct mcp_error *err);
/* Frees what is heap; a run that was only zeroed is fine. */
void cost__costs_release(struct cost_run *run);

/* Cells to groups and blocks (costs_fold.c). */
int cost__costs_fold(struct cost_run *run, struct mcp_error *err);
void cost__costs_fold_release(struct cost_run *run);
/* The group of a key, or NULL. */
struct cost_fold_group *cost__costs_find(struct cost_run *run, const struct cost_cell_key *key);
/* Ranks, cuts the page and names its groups (costs_page.c). */
int cost__costs_page(struct cost_run *run, struct mcp_error *err);
/* The series of the total, and of the page's groups when a granularity was asked for
 * (costs_series.c). */
int cost__costs_series(struct cost_run *run, struct mcp_error *err);
/* Rows that only their exact length can tell from spanning ones, counted from the facts. */
int cost__costs_spanning(struct cost_run *run, struct mcp_error *err);
/* Warnings that follow from the sums (costs_warn.c). MCP_EREFUSED when over half of the usage is
 * coarser than the granularity asked. */
int cost__costs_refuse_coarse(struct cost_run *run, struct mcp_error *err);
int cost__costs_warn(struct cost_run *run, struct mcp_error *err);
/* Fills the range of days that there is data for. */
int cost__costs_available(struct cost_view *view, struct mcp_error *err);
/* An answer of no rows: says so, and what is available. */
int cost__costs_no_data(struct cost_view *view, const struct cost_query *query,
                        struct mcp_error *err);
/* Warns that the range asked for reaches past the data. */
void cost__costs_cut(struct cost_view *view, const struct cost_query *query);

#endif
