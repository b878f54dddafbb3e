/* Finds in the last 30 days of a bill what is unused, idle, steady on demand, or untagged. */
#include "recommend.h"

#include <stdlib.h>

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold (1.7e20)");
}

static const uint32_t find_cols =
    COST_COL_BIT(COST_COL_PROVIDER) | COST_COL_BIT(COST_COL_CURRENCY) |
    COST_COL_BIT(COST_COL_CHARGE_CATEGORY) | COST_COL_BIT(COST_COL_COMMITMENT) |
    COST_COL_BIT(COST_COL_RESOURCE) | COST_COL_BIT(COST_COL_RESOURCE_TYPE) |
    COST_COL_BIT(COST_COL_PROJECT) | COST_COL_BIT(COST_COL_REGION) |
    COST_COL_BIT(COST_COL_SERVICE) | COST_COL_BIT(COST_COL_IDLE_METER) |
    COST_COL_BIT(COST_COL_TAGS);

/* The finding of a key, made when it is new. */
static int finding_of(struct cost_findings *f, const struct cost_finding_key *key,
                      struct cost_finding **out, struct mcp_error *err)
{
    mcp_str bytes = mcp_str_n((const char *)key, sizeof(*key));
    struct mcp_map_slot *slot = mcp_map_find(&f->map, bytes);
    struct cost_finding *made;
    bool is_new;

    if (slot != NULL) {
        *out = slot->value.ptr;
        return 0;
    }
    if (f->n == COST_MAX_FINDINGS)
        return mcp_error_set(err, MCP_ETOOBIG,
                             "more than %d findings; filter by project or service",
                             COST_MAX_FINDINGS);
    if (f->n == f->size) {
        size_t size = f->size == 0 ? 64 : f->size * 2;
        struct cost_finding **list = realloc(f->list, size * sizeof(*list));

        if (list == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the findings");
        f->list = list;
        f->size = size;
    }
    made = mcp_arena_try(f->view->arena, sizeof(*made));
    if (made != NULL && key->kind == COST_FOUND_CANDIDATE)
        made->daily = mcp_arena_try_array(f->view->arena, COST_FIND_DAYS, sizeof(*made->daily));
    if (made == NULL || (key->kind == COST_FOUND_CANDIDATE && made->daily == NULL))
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the findings");
    made->key = *key;
    slot = mcp_map_put(&f->map, mcp_str_n((const char *)&made->key, sizeof(made->key)), &is_new);
    if (slot == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the findings");
    slot->value.ptr = made;
    f->list[f->n++] = made;
    *out = made;
    return 0;
}

/* What every row adds to its finding. */
static bool add(struct cost_findings *f, struct cost_finding *found, uint32_t row, int index,
                __int128 effective, __int128 billed)
{
    static const enum cost_col cols[] = { COST_COL_RESOURCE, COST_COL_RESOURCE_TYPE,
                                          COST_COL_PROJECT, COST_COL_REGION, COST_COL_SERVICE };
    uint32_t *ids[] = { &found->resource, &found->type, &found->project, &found->region,
                        &found->service };

    found->rows++;
    found->days |= UINT32_C(1) << index;
    for (size_t i = 0; i < sizeof(cols) / sizeof(cols[0]); i++) {
        uint32_t id = cost__row_id(&f->rows, cols[i], row);

        if (id != 0)
            *ids[i] = id;
    }
    return __builtin_add_overflow(found->sum, effective, &found->sum) ||
           __builtin_add_overflow(found->billed, billed, &found->billed);
}

/* One row as the scan sees it. */
struct seen_row {
    uint32_t row, provider, currency, flags;
    int index; /* of its day in the provider's window */
    enum cost_class class;
    bool usage;
    __int128 effective, billed;
};

static int see_commitment(struct cost_findings *f, const struct seen_row *r, struct mcp_error *err)
{
    struct cost_finding_key key = { COST_FOUND_UNUSED, r->provider, r->currency,
                                    cost__row_id(&f->rows, COST_COL_COMMITMENT, r->row), 0 };
    struct cost_finding *found;
    int rc;

    if (key.a == 0 || (r->class != COST_CLASS_UNUSED && r->class != COST_CLASS_COVERED))
        return 0;
    rc = finding_of(f, &key, &found, err);
    if (rc < 0)
        return rc;
    if (r->class == COST_CLASS_COVERED)
        return __builtin_add_overflow(found->other, r->effective, &found->other) ? overflow(err)
                                                                                 : 0;
    return add(f, found, r->row, r->index, r->effective, r->billed) ? overflow(err) : 0;
}

static int see_idle(struct cost_findings *f, const struct seen_row *r, struct mcp_error *err)
{
    struct cost_finding_key key = { COST_FOUND_IDLE, r->provider, r->currency,
                                    cost__row_id(&f->rows, COST_COL_RESOURCE, r->row),
                                    cost__row_id(&f->rows, COST_COL_IDLE_METER, r->row) };
    struct cost_finding *found;
    int rc;

    if (key.b == 0 || !r->usage)
        return 0;
    rc = finding_of(f, &key, &found, err);
    if (rc == 0 && add(f, found, r->row, r->index, r->effective, r->billed))
        return overflow(err);
    return rc;
}

static int see_candidate(struct cost_findings *f, const struct seen_row *r, struct mcp_error *err)
{
    struct cost_finding_key key = { COST_FOUND_CANDIDATE, r->provider, r->currency,
                                    cost__row_id(&f->rows, COST_COL_SERVICE, r->row),
                                    cost__row_id(&f->rows, COST_COL_REGION, r->row) };
    struct cost_finding *found;
    int rc;

    if ((r->flags & COST_ROW_ELIGIBLE) == 0 || r->class != COST_CLASS_OTHER)
        return 0;
    rc = finding_of(f, &key, &found, err);
    if (rc < 0)
        return rc;
    if (add(f, found, r->row, r->index, r->effective, r->billed) ||
        __builtin_add_overflow(found->daily[r->index], r->billed, &found->daily[r->index]))
        return overflow(err);
    return 0;
}

/* A tag set without a single pair says as little as none. */
static int has_tags(struct cost_findings *f, uint32_t set, bool *out, struct mcp_error *err)
{
    *out = false;
    if (set == 0 || set >= f->n_tag_sets)
        return 0;
    if (f->tag_state[set] == 0) {
        const struct cost_tag *tags;
        size_t n;
        int rc = cost__tag_set(f->view->snap, set, f->view->arena, &tags, &n, err);

        if (rc < 0)
            return rc;
        f->tag_state[set] = n == 0 ? 1 : 2;
    }
    *out = f->tag_state[set] == 2;
    return 0;
}

static int see_untagged(struct cost_findings *f, const struct seen_row *r, struct mcp_error *err)
{
    struct cost_finding_key key = { COST_FOUND_UNTAGGED, r->provider, r->currency,
                                    cost__row_id(&f->rows, COST_COL_PROJECT, r->row), 0 };
    struct cost_finding *found;
    bool tagged;
    int rc;

    if (!r->usage || r->class == COST_CLASS_UNUSED || (r->flags & COST_ROW_RESOURCE) == 0)
        return 0;
    rc = has_tags(f, cost__row_id(&f->rows, COST_COL_TAGS, r->row), &tagged, err);
    if (rc == 0)
        rc = finding_of(f, &key, &found, err);
    if (rc < 0)
        return rc;
    if (__builtin_add_overflow(found->other, r->effective, &found->other) ||
        (!tagged && add(f, found, r->row, r->index, r->effective, r->billed)))
        return overflow(err);
    return 0;
}

static int find_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                      struct cost_block *block, struct mcp_error *err)
{
    struct cost_findings *f = ctx;
    int rc = cost__row_view_open(&f->rows, slice, block, find_cols, COST_EFFECTIVE, err);

    (void)kind;
    if (rc < 0)
        return rc;
    rc = cost__column_open(block, COST_NUM_BILLED, &f->billed);
    return rc < 0 ? mcp_error_set(err, rc, "a block of the dataset cannot be read") : 0;
}

static int find_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    struct cost_findings *f = ctx;

    for (size_t i = 0; i < n; i++) {
        struct seen_row r = { .row = rows[i],
                              .provider = cost__row_id(&f->rows, COST_COL_PROVIDER, rows[i]),
                              .currency = cost__row_id(&f->rows, COST_COL_CURRENCY, rows[i]),
                              .flags = cost__row_flags(&f->rows, rows[i]) };
        int32_t day = cost__row_day(&f->rows, rows[i]), end;
        int rc;

        end = r.provider < f->n_providers ? f->window_end[r.provider] : INT32_MIN;
        if (end == INT32_MIN || day > end || day <= end - COST_FIND_DAYS)
            continue;
        r.index = day - (end - COST_FIND_DAYS + 1);
        r.class = (enum cost_class)((r.flags & COST_ROW_CLASS) >> COST_ROW_CLASS_SHIFT);
        r.usage = cost__charges_at(&f->charges, cost__row_id(&f->rows, COST_COL_CHARGE_CATEGORY,
                                                             rows[i])) == COST_CHARGE_USAGE;
        if ((!cost__column_null(&f->rows.cost, rows[i]) &&
             cost__column_at(&f->rows.cost, rows[i], &r.effective)) ||
            (!cost__column_null(&f->billed, rows[i]) &&
             cost__column_at(&f->billed, rows[i], &r.billed)))
            return overflow(err);
        rc = see_commitment(f, &r, err);
        if (rc == 0)
            rc = see_idle(f, &r, err);
        if (rc == 0)
            rc = see_candidate(f, &r, err);
        if (rc == 0)
            rc = see_untagged(f, &r, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* Each provider's window ends where its own data ends. */
static int make_windows(struct cost_findings *f, struct mcp_error *err)
{
    const struct cost_result *r = f->view->result;

    f->n_providers = cost__dict_count(f->view->snap, COST_COL_PROVIDER) + 1;
    f->window_end = mcp_arena_alloc(f->view->arena, f->n_providers * sizeof(*f->window_end));
    f->range = (struct cost_range){ INT32_MAX, INT32_MIN };
    for (uint32_t id = 0; id < f->n_providers; id++) {
        mcp_str name = MCP_STR_NULL;
        int rc = id == 0 ? 0 : cost__dict_text(f->view->snap, COST_COL_PROVIDER, id, &name, err);

        if (rc < 0)
            return rc;
        f->window_end[id] = INT32_MIN;
        for (size_t i = 0; id > 0 && i < r->n_freshness; i++) {
            int32_t end = r->freshness[i].data_through;

            if (!mcp_str_eq(r->freshness[i].provider, name) || end == INT32_MIN)
                continue;
            f->window_end[id] = end;
            if (end - COST_FIND_DAYS + 1 < f->range.start)
                f->range.start = end - COST_FIND_DAYS + 1;
            if (end > f->range.end)
                f->range.end = end;
        }
    }
    return 0;
}

int cost__findings_scan(struct cost_findings *f, struct cost_view *view,
                        const struct cost_preds *preds, struct mcp_error *err)
{
    struct cost_scan_sink sink = { .block = find_block, .rows = find_rows, .ctx = f };
    struct cost_scan scan = {
        .snap = view->snap, .scope = view->scope, .preds = preds, .facts = true, .cols = find_cols
    };
    int rc;

    *f = (struct cost_findings){ .view = view, .preds = preds };
    rc = make_windows(f, err);
    if (rc == 0)
        rc = cost__charges_read(&f->charges, view->snap, err);
    if (rc < 0 || f->range.end < f->range.start)
        return rc;
    f->n_tag_sets = cost__dict_count(view->snap, COST_COL_TAGS) + 1;
    f->tag_state = mcp_arena_try_array(view->arena, f->n_tag_sets, sizeof(*f->tag_state));
    if (f->tag_state == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the tags");
    scan.range = f->range;
    return cost__scan_run(&scan, &sink, err);
}

void cost__findings_release(struct cost_findings *f)
{
    mcp_map_release(&f->map);
    free(f->list);
    f->list = NULL;
}
