/* What a bill itself shows to be changeable: findings of the last 30 days (contract.md section 9). */
#ifndef COST_DATASET_RECOMMEND_H
#define COST_DATASET_RECOMMEND_H

#include "row_view.h"
#include "view.h"

#include <mcp/map.h>

#define COST_FIND_DAYS 30
#define COST_FIND_IDLE_DAYS 14 /* an idle meter must have run on at least so many of them */
#define COST_MAX_FINDINGS 200000

enum cost_finding_kind {
    COST_FOUND_UNUSED, /* a commitment with unused rows */
    COST_FOUND_IDLE, /* a meter that the provider itself calls idle */
    COST_FOUND_CANDIDATE, /* steady on-demand usage that a commitment could cover */
    COST_FOUND_UNTAGGED, /* usage of resources without any tag */
};

/* What makes two rows the same finding; all bytes count. */
struct cost_finding_key {
    uint32_t kind, provider, currency;
    uint32_t a, b; /* commitment; resource, meter; service, region; project */
};

struct cost_finding {
    struct cost_finding_key key;
    uint32_t resource, type, project, region, service; /* ids of the latest row */
    uint64_t rows;
    uint32_t days; /* bit i: seen on the i-th day of the window */
    __int128 sum; /* effective: unused; idle; untagged */
    __int128 other; /* effective: used; -; -; all that could be tagged */
    __int128 billed; /* of the rows in sum */
    __int128 *daily; /* candidates: billed on-demand cost of each day; in arena */
};

struct cost_findings {
    struct cost_view *view;
    const struct cost_preds *preds;
    int32_t *window_end; /* in arena, by provider id: its data_through, or INT32_MIN */
    uint32_t n_providers;
    struct cost_range range; /* that holds every window */
    struct cost_finding **list; /* owned, heap; the findings are in the arena */
    size_t n, size;
    /* of the scan */
    struct mcp_map map; /* owned */
    struct cost_charges charges;
    struct cost_row_view rows;
    struct cost_column billed;
    uint8_t *tag_state; /* in arena, by tag set: 0 not looked at, 1 empty, 2 has tags */
    uint32_t n_tag_sets;
};

/* Scans the windows of all providers. The view's result must have its freshness filled. */
int cost__findings_scan(struct cost_findings *f, struct cost_view *view,
                        const struct cost_preds *preds, struct mcp_error *err);
void cost__findings_release(struct cost_findings *f);

#endif
