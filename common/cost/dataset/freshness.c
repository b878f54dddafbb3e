/* How fresh an answer is: data_through per provider family, and the slices behind it. */
#include "freshness.h"

#include "scan.h"

#include <mcp/date.h>

#define UNEVEN_DAYS 2

static bool is_complete(const struct cost_slice *slice)
{
    return slice->data_through != INT32_MIN && slice->data_through >= slice->period_end;
}

/* Families and slices that may be shown. */
struct shown {
    struct cost_view *view;
    const struct cost_slice *slices;
    size_t n_slices;
    bool *visible; /* by slice */
    struct cost_provider_freshness *families;
    size_t n_families;
};

static int mark_block(void *ctx, const struct cost_slice *slice, enum cost_block_kind kind,
                      struct cost_block *block, struct mcp_error *err)
{
    struct shown *s = ctx;

    (void)kind;
    (void)block;
    (void)err;
    s->visible[slice - s->slices] = true;
    return 0;
}

static int mark_rows(void *ctx, const uint32_t *rows, size_t n, struct mcp_error *err)
{
    (void)ctx;
    (void)rows;
    (void)n;
    (void)err;
    return 0;
}

/* With a tenant's list a slice without one of its rows must not show. */
static int mark_restricted(struct shown *s, struct mcp_error *err)
{
    struct cost_scan_sink sink = { .block = mark_block, .rows = mark_rows, .ctx = s };
    struct cost_scan scan = { .snap = s->view->snap,
                              .scope = s->view->scope,
                              .preds = &s->view->in_scope,
                              .basis = COST_INVOICE,
                              .range = { INT32_MIN, INT32_MAX } };

    return cost__scan_run(&scan, &sink, err);
}

static bool provider_passes(const struct cost_preds *preds, uint32_t provider)
{
    for (size_t p = 0; p < preds->n; p++) {
        const struct cost_alt *alt = &preds->items[p].alts[0];

        if (preds->items[p].n_alts == 1 && alt->col == COST_COL_PROVIDER &&
            !cost__bit(alt->bits, alt->n, provider))
            return false;
    }
    return true;
}

/* A slice shows when the ledger has rows of a family that passes. */
static void mark_ledger(struct shown *s, const struct cost_preds *preds)
{
    const struct cost_ledger_row *rows;
    size_t n = cost__snapshot_ledger(s->view->snap, &rows), at = 0;

    for (size_t i = 0; i < n; i++) {
        if (!provider_passes(preds, rows[i].provider))
            continue;
        for (size_t k = 0; k < s->n_slices; k++) {
            if (s->slices[(at + k) % s->n_slices].id != rows[i].slice)
                continue;
            at = (at + k) % s->n_slices;
            s->visible[at] = true;
            break;
        }
    }
}

static void add_family(struct shown *s, const struct cost_slice *slice)
{
    size_t i = 0;

    while (i < s->n_families && !mcp_str_eq(s->families[i].provider, slice->provider))
        i++;
    if (i == s->n_families) {
        s->families[s->n_families++] =
            (struct cost_provider_freshness){ slice->provider, slice->data_through };
        for (; i > 0 && mcp_str_cmp(s->families[i - 1].provider, slice->provider) > 0; i--) {
            s->families[i] = s->families[i - 1];
            s->families[i - 1] =
                (struct cost_provider_freshness){ slice->provider, slice->data_through };
        }
    }
    if (slice->data_through > s->families[i].data_through)
        s->families[i].data_through = slice->data_through;
}

static void fill_families(struct shown *s)
{
    struct cost_result *r = s->view->result;
    mcp_str *names = mcp_arena_alloc(r->arena, (s->n_slices + 1) * sizeof(*names));
    int32_t latest = INT32_MIN;

    s->families = mcp_arena_alloc(r->arena, (s->n_slices + 1) * sizeof(*s->families));
    for (size_t i = 0; i < s->n_slices; i++) {
        if (s->visible[i])
            add_family(s, &s->slices[i]);
    }
    for (size_t i = 0; i < s->n_families; i++) {
        names[i] = s->families[i].provider;
        if (s->families[i].data_through > latest)
            latest = s->families[i].data_through;
    }
    r->providers = names;
    r->n_providers = s->n_families;
    r->freshness = s->families;
    r->n_freshness = s->n_families;
    r->has_data_through = latest != INT32_MIN;
    r->data_through = latest;
    if (s->view->scope->kubernetes)
        r->provider = MCP_STR("opencost");
    else if (!mcp_str_is_null(s->view->scope->family))
        r->provider = s->view->scope->family;
    else
        r->provider = s->n_families == 1 ? names[0] : MCP_STR("multiple");
}

static void warn_uneven(struct shown *s)
{
    struct cost_result *r = s->view->result;

    for (size_t i = 0; i < s->n_families; i++) {
        char behind[MCP_DATE_LEN + 1], latest[MCP_DATE_LEN + 1];

        if (s->families[i].data_through == INT32_MIN ||
            r->data_through - s->families[i].data_through <= UNEVEN_DAYS)
            continue;
        mcp_date_format(s->families[i].data_through, behind);
        mcp_date_format(r->data_through, latest);
        cost_result_warn(r, "uneven_freshness",
                         mcp_arena_printf(r->arena, "Compare providers up to %s only.", behind),
                         "%.*s has data through %s, others through %s.",
                         MCP_STR_ARG(s->families[i].provider), behind, latest);
    }
}

/* Incomplete before complete, then the latest period first. */
static bool before(const struct cost_slice *a, const struct cost_slice *b)
{
    bool ca = is_complete(a), cb = is_complete(b);

    if (ca != cb)
        return cb;
    if (a->period_start != b->period_start)
        return a->period_start > b->period_start;
    return a->id < b->id;
}

static void fill_slices(struct shown *s, const struct cost_query *query)
{
    struct cost_result *r = s->view->result;
    struct cost_scan scan = { .basis = query->basis, .range = query->range };
    struct cost_slice_info *out = mcp_arena_alloc(r->arena, COST_SLICES_LISTED * sizeof(*out));
    const struct cost_slice *best[COST_SLICES_LISTED];
    size_t n = 0;

    for (size_t i = 0; i < s->n_slices; i++) {
        const struct cost_slice *slice = &s->slices[i];
        size_t at;

        if (!s->visible[i] || !cost__scan_takes(&scan, slice))
            continue;
        r->slices_total++;
        for (at = n; at > 0 && before(slice, best[at - 1]); at--)
            ;
        if (at == COST_SLICES_LISTED)
            continue;
        if (n < COST_SLICES_LISTED)
            n++;
        for (size_t k = n - 1; k > at; k--)
            best[k] = best[k - 1];
        best[at] = slice;
    }
    for (size_t i = 0; i < n; i++) {
        const struct cost_slice *b = best[i];

        out[i] = (struct cost_slice_info){ .source = b->source,
                                           .provider = b->provider,
                                           .billing_account = b->billing_account,
                                           .period_start = b->period_start,
                                           .period_end = b->period_end,
                                           .data_through = b->data_through == INT32_MIN
                                                               ? b->day_max
                                                               : b->data_through,
                                           .complete = is_complete(b),
                                           .closed = b->closed,
                                           .delivered_at = b->delivered_at };
    }
    r->slices = out;
    r->n_slices = n;
}

int cost__freshness_fill(struct cost_view *view, const struct cost_preds *preds,
                         const struct cost_query *query, struct mcp_error *err)
{
    struct shown s = { .view = view };
    int rc = 0;

    s.n_slices = cost__snapshot_slices(view->snap, &s.slices);
    s.visible = mcp_arena_alloc(view->arena, s.n_slices + 1);
    if (view->scope->restricted)
        rc = mark_restricted(&s, err);
    else if (!view->in_scope.never)
        mark_ledger(&s, preds);
    if (rc < 0)
        return rc;
    fill_families(&s);
    warn_uneven(&s);
    fill_slices(&s, query);
    return 0;
}
