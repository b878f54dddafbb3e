/* get_recommendations over a snapshot: findings of the bill as items with evidence and totals. */
#include "recommend.h"

#include "costs.h"
#include "filter.h"
#include "freshness.h"
#include "kubernetes.h"

#define MAX_EVIDENCE 4
#define DAY 86400

struct advice {
    struct cost_view view;
    struct cost_query *query;
    struct cost_recommendations *out;
    struct mcp_arena *arena;
    struct cost_preds preds;
    struct cost_findings found;
    struct cost_recommendation *items; /* in arena */
    size_t n;
};

static const struct {
    const char *category, *tag, *action, *recommended, *effort, *risk;
} kinds[] = {
    [COST_FOUND_UNUSED] = { "commitment", "unused", "Use or exchange the idle part",
                            "Move eligible usage under it; do not renew it at this size", "medium",
                            "low" },
    [COST_FOUND_IDLE] = { "idle", "idle", "Delete or attach", "Delete it when nothing needs it",
                          "low", "medium" },
    [COST_FOUND_CANDIDATE] = { "commitment", "candidate", "Consider a commitment",
                               "A commitment of at most the smallest daily cost", "medium",
                               "medium" },
    [COST_FOUND_UNTAGGED] = { "governance", "untagged", "Tag the resources",
                              "Tags that name owner and purpose", "medium", "low" },
};

static int text(const struct advice *a, enum cost_col col, uint32_t id, mcp_str *out,
                struct mcp_error *err)
{
    *out = MCP_STR_NULL;
    return id == 0 ? 0 : cost__dict_text(a->view.snap, col, id, out, err);
}

/* The same for the same finding in the same data: made of names, not of ids. */
static mcp_str make_id(struct advice *a, enum cost_finding_kind kind, const mcp_str *parts,
                       size_t n)
{
    struct mcp_buf buf;
    mcp_str id;

    mcp_buf_init(&buf, 1 << 16);
    for (size_t i = 0; i < n; i++) {
        mcp_buf_str(&buf, mcp_str_head(parts[i], 4096));
        mcp_buf_char(&buf, '\0');
    }
    id = mcp_arena_printf(a->arena, "bill-%s-%016llx", kinds[kind].tag,
                          (unsigned long long)mcp_str_hash(mcp_buf_view(&buf)));
    mcp_buf_release(&buf);
    return id;
}

static mcp_str amount(struct advice *a, __int128 v)
{
    char out[COST_MONEY_TEXT];
    size_t len = cost_money_format((struct cost_money){ v }, out);

    return mcp_arena_str(a->arena, mcp_str_n(out, len));
}

static void evidence(struct cost_recommendation *item, struct cost_evidence *list, const char *name,
                     mcp_str value)
{
    MCP_BUG_ON(item->n_evidence == MAX_EVIDENCE);
    list[item->n_evidence++] = (struct cost_evidence){ mcp_str_z(name), value };
    item->evidence = list;
}

static mcp_str share(struct advice *a, __int128 part, __int128 whole)
{
    char out[COST_MONEY_TEXT];

    if (!cost_money_share((struct cost_money){ part }, (struct cost_money){ whole }, out))
        return MCP_STR("unknown");
    return mcp_arena_str(a->arena, mcp_str_z(out));
}

static __int128 smallest_day(const struct cost_finding *f)
{
    __int128 least = f->daily[0];

    for (int i = 1; i < COST_FIND_DAYS; i++) {
        if (f->daily[i] < least)
            least = f->daily[i];
    }
    return least;
}

/* Whether what was seen proves anything. */
static bool holds(const struct cost_finding *f)
{
    switch ((enum cost_finding_kind)f->key.kind) {
    case COST_FOUND_UNUSED:
    case COST_FOUND_UNTAGGED:
        return f->sum > 0;
    case COST_FOUND_IDLE:
        return __builtin_popcount(f->days) >= COST_FIND_IDLE_DAYS && (f->sum > 0 || f->billed > 0);
    case COST_FOUND_CANDIDATE:
        return smallest_day(f) > 0;
    }
    return false;
}

/* Amounts and evidence by kind. */
static void weigh(struct advice *a, const struct cost_finding *f, struct cost_recommendation *item,
                  mcp_str meter)
{
    struct cost_evidence *list = mcp_arena_alloc(a->arena, MAX_EVIDENCE * sizeof(*list));
    mcp_str days =
        mcp_arena_printf(a->arena, "%d of %d", __builtin_popcount(f->days), COST_FIND_DAYS);

    switch ((enum cost_finding_kind)f->key.kind) {
    case COST_FOUND_UNUSED:
        item->has_at_stake = true;
        item->cost_at_stake.units = f->sum;
        evidence(item, list, "unused_effective_30_days", amount(a, f->sum));
        evidence(item, list, "used_effective_30_days", amount(a, f->other));
        evidence(item, list, "days_with_unused", days);
        item->current = MCP_STR("Paid for and partly unused; sunk until the term ends");
        break;
    case COST_FOUND_IDLE:
        /* Where effective is not kept by the export, the billed cost is what deleting it saves. */
        item->has_savings = item->has_at_stake = true;
        item->monthly_savings.units = f->sum > 0 ? f->sum : f->billed;
        item->cost_at_stake = item->monthly_savings;
        evidence(item, list, "meter", meter);
        evidence(item, list, "days_seen", days);
        evidence(item, list, f->sum > 0 ? "effective_30_days" : "billed_30_days",
                 amount(a, item->monthly_savings.units));
        item->current =
            mcp_arena_printf(a->arena, "Billed as \"%.*s\"", MCP_STR_ARG(mcp_str_head(meter, 200)));
        break;
    case COST_FOUND_CANDIDATE:
        /* What is paid on demand even on the quietest day: the part a commitment would cover. */
        item->has_at_stake =
            !__builtin_mul_overflow(smallest_day(f), COST_FIND_DAYS, &item->cost_at_stake.units);
        evidence(item, list, "smallest_daily_on_demand_cost", amount(a, smallest_day(f)));
        evidence(item, list, "on_demand_30_days", amount(a, f->billed));
        evidence(item, list, "days_seen", days);
        item->current = MCP_STR("On demand every day of the last 30");
        break;
    case COST_FOUND_UNTAGGED:
        item->has_at_stake = true;
        item->cost_at_stake.units = f->sum;
        evidence(item, list, "untagged_effective_30_days", amount(a, f->sum));
        evidence(item, list, "share_untagged", share(a, f->sum, f->other));
        item->current = MCP_STR("Usage of resources without any tag");
        break;
    }
}

static int make_item(struct advice *a, const struct cost_finding *f, struct mcp_error *err)
{
    enum cost_finding_kind kind = (enum cost_finding_kind)f->key.kind;
    struct cost_recommendation *item = &a->items[a->n];
    mcp_str meter = MCP_STR_NULL, parts[6];
    bool per_resource = kind == COST_FOUND_IDLE, per_service = kind != COST_FOUND_UNTAGGED;
    int rc = text(a, COST_COL_PROVIDER, f->key.provider, &item->provider, err);

    if (rc == 0)
        rc = text(a, COST_COL_CURRENCY, f->key.currency, &item->currency, err);
    if (rc == 0 && kind == COST_FOUND_UNUSED)
        rc = text(a, COST_COL_COMMITMENT, f->key.a, &item->resource, err);
    if (rc == 0 && kind == COST_FOUND_UNUSED)
        rc = cost__dict_label(a->view.snap, COST_COL_COMMITMENT, f->key.a, &item->resource_name,
                              err);
    if (rc == 0 && per_resource)
        rc = text(a, COST_COL_RESOURCE, f->key.a, &item->resource, err);
    if (rc == 0 && per_resource && f->key.a != 0)
        rc = cost__dict_label(a->view.snap, COST_COL_RESOURCE, f->key.a, &item->resource_name, err);
    if (rc == 0 && per_resource)
        rc = text(a, COST_COL_RESOURCE_TYPE, f->type, &item->resource_type, err);
    if (rc == 0 && per_resource)
        rc = text(a, COST_COL_IDLE_METER, f->key.b, &meter, err);
    if (rc == 0 && (per_resource || kind == COST_FOUND_UNTAGGED))
        rc = text(a, COST_COL_PROJECT, f->project, &item->project, err);
    if (rc == 0 && (per_resource || kind == COST_FOUND_CANDIDATE))
        rc = text(a, COST_COL_REGION, f->region, &item->region, err);
    if (rc == 0 && per_service)
        rc = text(a, COST_COL_SERVICE, f->service, &item->service, err);
    if (rc < 0)
        return rc;
    item->category = mcp_str_z(kinds[kind].category);
    item->action = mcp_str_z(kinds[kind].action);
    item->recommended = mcp_str_z(kinds[kind].recommended);
    item->effort = mcp_str_z(kinds[kind].effort);
    item->risk = mcp_str_z(kinds[kind].risk);
    item->source = MCP_STR("bill");
    weigh(a, f, item, meter);
    parts[0] = item->provider;
    parts[1] = item->currency;
    parts[2] = item->resource;
    parts[3] = meter;
    parts[4] = kind == COST_FOUND_CANDIDATE ? item->service : item->project;
    parts[5] = kind == COST_FOUND_CANDIDATE ? item->region : MCP_STR_NULL;
    item->id = make_id(a, kind, parts, 6);
    a->n++;
    return 0;
}

static bool is_kind(const struct cost_recommendation *item, enum cost_finding_kind kind)
{
    mcp_str id = item->id;

    return mcp_str_cut_prefix(&id, MCP_STR("bill-")) &&
           mcp_str_starts(id, mcp_str_z(kinds[kind].tag));
}

/* New commitments and unused ones of the same provider answer the same usage. */
static int link_overlaps(struct advice *a, struct mcp_error *err)
{
    for (size_t i = 0; i < a->n; i++) {
        bool unused = is_kind(&a->items[i], COST_FOUND_UNUSED);
        enum cost_finding_kind other = unused ? COST_FOUND_CANDIDATE : COST_FOUND_UNUSED;
        mcp_str *ids;
        size_t n = 0;

        if (!unused && !is_kind(&a->items[i], COST_FOUND_CANDIDATE))
            continue;
        ids = mcp_arena_try_array(a->arena, a->n + 1, sizeof(*ids));
        if (ids == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the recommendations");
        for (size_t k = 0; k < a->n && n < 20; k++) {
            if (is_kind(&a->items[k], other) &&
                mcp_str_eq(a->items[k].provider, a->items[i].provider) &&
                mcp_str_eq(a->items[k].currency, a->items[i].currency))
                ids[n++] = a->items[k].id;
        }
        a->items[i].overlaps_with = ids;
        a->items[i].n_overlaps = n;
    }
    return 0;
}

static int advise(struct advice *a, struct mcp_error *err)
{
    int rc = cost__findings_scan(&a->found, &a->view, &a->preds, err);

    if (rc < 0)
        return rc;
    a->items = mcp_arena_try_array(a->arena, a->found.n + 1, sizeof(*a->items));
    if (a->items == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the recommendations");
    for (size_t i = 0; rc == 0 && i < a->found.n; i++) {
        if (holds(a->found.list[i]))
            rc = make_item(a, a->found.list[i], err);
    }
    if (rc == 0)
        rc = link_overlaps(a, err);
    if (rc < 0)
        return rc;
    rc = cost_recommendations_page(a->out, a->items, a->n, err);
    if (a->found.range.end >= a->found.range.start) {
        a->query->range = a->found.range;
        a->out->base.time_start = (int64_t)a->found.range.start * DAY;
        a->out->base.time_end = ((int64_t)a->found.range.end + 1) * DAY;
    }
    return rc;
}

int cost_dataset_recommendations(struct cost_snapshot *snap, const struct cost_scope *scope,
                                 const struct cost_query *query, struct mcp_arena *arena,
                                 struct cost_recommendations *out, struct mcp_error *err)
{
    struct advice *a = MCP_ARENA_NEW(arena, struct advice);
    int rc;

    *out = (struct cost_recommendations){ 0 };
    cost_result_init(&out->base, arena, query);
    out->base.generation = mcp_arena_str(arena, cost_snapshot_generation(snap));
    a->query = &out->base.query;
    a->out = out;
    a->arena = arena;
    rc = cost__view_init(&a->view, snap, scope, &out->base, err);
    if (rc == 0)
        rc = cost__kubernetes_check(&a->view, a->query, err);
    if (rc == 0)
        rc = cost__filters_resolve(&a->view, a->query, &a->preds, err);
    if (rc == 0)
        rc = cost__freshness_fill(&a->view, &a->preds, a->query, err);
    if (rc == 0)
        rc = advise(a, err);
    cost__findings_release(&a->found);
    return rc;
}
