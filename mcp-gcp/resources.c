/* get_resources: Cloud Asset Inventory joined with the cost of the detailed billing export. */
#include "resources.h"

#include "places.h"
#include "zone.h"

#include <mcp/date.h>
#include <mcp/map.h>

#include <stdlib.h>

#define MAX_ASSETS 20000
#define MAX_PAGES 50 /* of 500 */
#define MAX_NUMBERS 4000
#define MAX_PAGE_BYTES ((size_t)8 << 20)
#define DAY 86400

struct run {
    const struct gcp *gcp;
    struct mcp_call *call;
    struct mcp_arena *arena;
    struct cost_resources *out;
    struct cost_resource *items; /* in arena */
    struct gcp_asset *assets; /* beside the first of items */
    size_t n, n_assets;
    mcp_str *ids; /* pairs: number, id */
    size_t n_ids;
    struct mcp_map by_name; /* owned; keys in arena, values: index + 1 */
    bool cut;
};

static void learn(struct run *r, mcp_str number, mcp_str id)
{
    if (number.len == 0 || id.len == 0 || mcp_str_eq(number, id) || r->n_ids == MAX_NUMBERS)
        return;
    for (size_t i = r->n_ids; i > 0; i--) {
        if (mcp_str_eq(r->ids[2 * i - 2], number))
            return;
    }
    r->ids[2 * r->n_ids] = number;
    r->ids[2 * r->n_ids++ + 1] = id;
}

/* Many names hold the project's id, as others hold its number: each tells of the others. */
static int read_assets(struct run *r, mcp_str scope, struct mcp_json root, struct mcp_error *err)
{
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(root, MCP_STR("results")));
    mcp_str project = scope;

    if (!mcp_str_cut_prefix(&project, MCP_STR("projects/")))
        project = MCP_STR_NULL;

    while (mcp_json_next(&it)) {
        struct gcp_asset *a = &r->assets[r->n_assets];

        if (r->n_assets == MAX_ASSETS) {
            r->cut = true;
            return 0;
        }
        if (gcp_asset_read(it.value, r->arena, a) < 0)
            return mcp_error_set(err, MCP_EUPSTREAM,
                                 "Cloud Asset Inventory gave a resource "
                                 "without a name");
        learn(r, a->number, a->project);
        learn(r, a->number, project);
        r->n_assets++;
    }
    return 0;
}

static int search(struct run *r, mcp_str scope, struct mcp_error *err)
{
    mcp_str type = r->out->base.query.resource_type, page = MCP_STR_NULL, path;
    /* A whole type is the API's own filter; anything else is matched here. */
    bool whole = mcp_str_find(type, '/') < type.len;
    unsigned pages = 0;

    /* Projects come along: they show which number is which id. */
    path = mcp_arena_printf(r->arena, "/v1/%.*s:searchAllResources?pageSize=500%s%.*s",
                            MCP_STR_ARG(scope),
                            whole ? "&assetTypes=" GCP_PROJECT_TYPE "&assetTypes=" : "",
                            MCP_STR_ARG(whole ? gcp_api_encode(r->arena, type) : MCP_STR("")));
    do {
        struct gcp_request request = { .service = GCP_CLOUDASSET,
                                       .method = MCP_GET,
                                       .path = path,
                                       .max_body_bytes = MAX_PAGE_BYTES };
        struct gcp_reply reply;
        struct mcp_json root;
        int rc;

        if (page.len > 0)
            request.path = mcp_arena_printf(r->arena, "%.*s&pageToken=%.*s", MCP_STR_ARG(path),
                                            MCP_STR_ARG(gcp_api_encode(r->arena, page)));
        r->out->base.requests++;
        rc = gcp_api_json(r->gcp, r->call, &request, &reply, &root, err);
        if (rc == 0)
            rc = read_assets(r, scope, root, err);
        if (rc < 0)
            return rc;
        page = mcp_json_get_str(root, MCP_STR("nextPageToken"), r->arena);
    } while (page.len > 0 && ++pages < MAX_PAGES && !r->cut);
    r->cut = r->cut || page.len > 0;
    return 0;
}

static int search_all(struct run *r, struct mcp_error *err)
{
    const struct gcp_config *c = r->gcp->config;
    mcp_str home = gcp_places_home(r->gcp), scope = c->resource_scope;
    int rc = 0;

    if (mcp_str_is_null(scope) && c->restricted) {
        for (size_t i = 0; rc == 0 && i < c->authorized_projects.count; i++)
            rc = search(r,
                        mcp_arena_printf(r->arena, "projects/%.*s",
                                         MCP_STR_ARG(c->authorized_projects.items[i])),
                        err);
        return rc;
    }
    if (mcp_str_is_null(scope) && home.len > 0)
        scope = mcp_arena_printf(r->arena, "projects/%.*s", MCP_STR_ARG(home));
    if (!mcp_str_is_null(scope))
        return search(r, scope, err);
    mcp_error_word(err, MCP_ECONFIG, "not_configured",
                   "there is no scope to list resources in: gcp.resources.scope and "
                   "gcp.billing.project are not set, and the credentials name no project");
    return mcp_error_next(err, "Set GCP_RESOURCE_SCOPE=projects/PROJECT (or folders/N, "
                               "organizations/N).");
}

static mcp_str number_to_id(const struct run *r, mcp_str project)
{
    for (size_t i = 0; i < r->n_ids; i++) {
        if (mcp_str_eq(r->ids[2 * i], project))
            return r->ids[2 * i + 1];
    }
    return project;
}

/* Puts the index under the name as the inventory and as the bill would write it. */
static int index_asset(struct run *r, const struct gcp_asset *a, size_t at)
{
    const mcp_str keys[] = {
        gcp_asset_key(a->name, r->ids, r->n_ids, MCP_STR_NULL, r->arena),
        a->numeric_id.len == 0 ? MCP_STR_NULL
                               : gcp_asset_key(a->name, r->ids, r->n_ids, a->numeric_id, r->arena),
    };

    for (size_t i = 0; i < 2; i++) {
        struct mcp_map_slot *slot;
        bool made;

        if (keys[i].len == 0)
            continue;
        slot = mcp_map_put(&r->by_name, keys[i], &made);
        if (slot == NULL)
            return MCP_ENOMEM;
        if (made)
            slot->value.num = at + 1;
    }
    return 0;
}

static int take_assets(struct run *r, struct mcp_error *err)
{
    for (size_t i = 0; i < r->n_assets; i++) {
        const struct gcp_asset *a = &r->assets[i];
        struct cost_resource *item = &r->items[r->n];

        *item = (struct cost_resource){ .id = a->name,
                                        .name = a->display_name,
                                        .type = a->type,
                                        .region = a->location,
                                        .project = number_to_id(r, a->project),
                                        .provider = MCP_STR("gcp"),
                                        .tags = a->labels,
                                        .n_tags = a->n_labels,
                                        .first_seen = INT32_MIN,
                                        .last_seen = INT32_MIN };
        if (!gcp_may_see(r->gcp, item->project))
            continue;
        if (index_asset(r, a, r->n) < 0)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the resources");
        r->n++;
    }
    return 0;
}

/* A billed resource: of the inventory, or gone from it since. */
static int take_cost(struct run *r, const struct gcp_resource_cost *c, struct mcp_error *err)
{
    mcp_str name = c->global_name.len > 0 ? c->global_name : c->name;
    mcp_str key = gcp_asset_key(name, r->ids, r->n_ids, MCP_STR_NULL, r->arena);
    struct mcp_map_slot *slot = mcp_map_find(&r->by_name, key);
    struct cost_resource *item = slot == NULL ? NULL : &r->items[slot->value.num - 1];

    if (item != NULL && item->has_cost && !mcp_str_eq(item->currency, c->currency))
        item = NULL; /* the same resource in another currency is a line of its own */
    if (item == NULL) {
        if (r->n == 2 * MAX_ASSETS) {
            r->cut = true;
            return 0;
        }
        item = &r->items[r->n++];
        *item = (struct cost_resource){ .id = name,
                                        .name = c->name,
                                        .region = c->region,
                                        .project = c->project,
                                        .provider = MCP_STR("gcp") };
    }
    if (item->has_cost && cost_money_add(&item->cost, c->cost) < 0)
        return mcp_error_set(err, MCP_ERANGE, "a sum is beyond what an exact amount can hold");
    if (!item->has_cost) {
        item->cost = c->cost;
        item->first_seen = c->first_seen;
        item->last_seen = c->last_seen;
    }
    item->first_seen = c->first_seen < item->first_seen ? c->first_seen : item->first_seen;
    item->last_seen = c->last_seen > item->last_seen ? c->last_seen : item->last_seen;
    item->has_cost = true;
    item->currency = c->currency;
    item->service = c->service;
    return 0;
}

static int take_costs(struct run *r, struct mcp_error *err)
{
    struct cost_result *base = &r->out->base;
    struct gcp_resource_costs costs = { .items = NULL };
    struct mcp_error why = { 0 };
    int rc = gcp_need_billing(r->gcp, &why);

    if (rc < 0) {
        cost_result_warn(base, "no_costs",
                         MCP_STR("Set GCP_BILLING_DATASET (gcp.billing.dataset)."),
                         "No billing export is configured, so that every cost is unknown.");
        return gcp_billing_resolve(r->gcp, &base->query, err);
    }
    rc = gcp_billing_resources(r->gcp, r->call, &base->query, &costs, base, err);
    if (rc == MCP_MISS) {
        cost_result_warn(base, "no_resource_costs",
                         MCP_STR("Enable the detailed usage cost export (Billing, Billing export) "
                                 "and name its table in gcp.billing.table."),
                         "The standard export does not say what a resource costs: every cost is "
                         "unknown.");
        return gcp_billing_resolve(r->gcp, &base->query, err);
    }
    for (size_t i = 0; rc == 0 && i < costs.n; i++)
        rc = take_cost(r, &costs.items[i], err);
    r->out->totals = costs.totals;
    r->out->n_totals = costs.n_totals;
    r->cut = r->cut || costs.cut;
    return rc;
}

static bool contains_nocase(mcp_str text, mcp_str part)
{
    for (size_t i = 0; part.len > 0 && i + part.len <= text.len; i++) {
        if (mcp_str_eq_nocase(mcp_str_n(text.ptr + i, part.len), part))
            return true;
    }
    return part.len == 0;
}

static bool is_listed(const struct cost_filter *f, mcp_str value)
{
    for (size_t i = 0; i < f->n_values; i++) {
        if (mcp_str_eq_nocase(f->values[i], value))
            return true;
    }
    return value.len == 0 && f->null_listed;
}

static bool passes(const struct cost_resource *item, const struct cost_filter *f)
{
    mcp_str value = MCP_STR_NULL;

    switch (f->key.dim) {
    case COST_DIM_PROJECT:
        value = item->project;
        break;
    case COST_DIM_REGION:
        value = item->region;
        break;
    case COST_DIM_RESOURCE:
        return (is_listed(f, item->id) || is_listed(f, item->name)) != f->negate;
    case COST_DIM_RESOURCE_TYPE:
        value = item->type;
        break;
    case COST_DIM_TAG:
        for (size_t i = 0; i < item->n_tags; i++) {
            if (mcp_str_eq(item->tags[i].key, f->key.tag_key))
                value = item->tags[i].value;
        }
        break;
    default:
        /* What only the bill knows: a resource without cost cannot be told from one outside. */
        return item->has_cost;
    }
    return is_listed(f, value) != f->negate;
}

static void keep_wanted(struct run *r)
{
    const struct cost_query *q = &r->out->base.query;
    size_t kept = 0;

    for (size_t i = 0; i < r->n; i++) {
        struct cost_resource *item = &r->items[i];
        bool wanted = contains_nocase(item->type, q->resource_type);

        for (size_t k = 0; wanted && k < q->n_filters; k++)
            wanted = passes(item, &q->filters[k]);
        if (wanted)
            r->items[kept++] = *item;
    }
    r->n = kept;
}

/* Most rows of the bill decide which currency comes first; what has no cost comes last. */
static int rank_of(const struct run *r, const struct cost_resource *x)
{
    for (size_t i = 0; x->has_cost && i < r->out->n_totals; i++) {
        if (mcp_str_eq(r->out->totals[i].currency, x->currency))
            return (int)i;
    }
    return x->has_cost ? 999 : 1000;
}

static int compare(const void *pa, const void *pb, void *ctx)
{
    const struct cost_resource *a = pa, *b = pb;
    int d = rank_of(ctx, a) - rank_of(ctx, b);

    if (d == 0 && a->has_cost)
        d = cost_money_cmp(cost_money_abs(b->cost), cost_money_abs(a->cost));
    return d != 0 ? d : mcp_str_cmp(a->id, b->id);
}

static void page(struct run *r)
{
    struct cost_resources *out = r->out;
    const struct cost_query *q = &out->base.query;
    size_t limit = q->limit > 0 ? (size_t)q->limit : COST_DEFAULT_LIMIT;

    qsort_r(r->items, r->n, sizeof(*r->items), compare, r);
    out->offset = q->offset < r->n ? q->offset : r->n;
    out->items = r->items + out->offset;
    out->n_items = r->n - out->offset < limit ? r->n - out->offset : limit;
    out->items_total = r->n;
}

static mcp_str generation_of(const struct run *r)
{
    uint64_t sum = r->n;

    for (size_t i = 0; i < r->n; i++)
        sum += mcp_str_hash(r->items[i].id) ^ (uint64_t)r->items[i].cost.units;
    return mcp_arena_printf(r->arena, "resources-%016llx", (unsigned long long)sum);
}

int gcp_resources(void *ctx, struct mcp_call *call, const struct cost_query *query,
                  struct cost_resources *out, struct mcp_error *err)
{
    struct run r = { .gcp = ctx, .call = call, .arena = mcp_call_arena(call), .out = out };
    struct cost_query *q;
    mcp_str token;
    int rc;

    *out = (struct cost_resources){ 0 };
    cost_result_init(&out->base, r.arena, query);
    q = &out->base.query;
    r.items = mcp_arena_try_array(r.arena, 2 * MAX_ASSETS + 1, sizeof(*r.items));
    r.assets = mcp_arena_try_array(r.arena, MAX_ASSETS + 1, sizeof(*r.assets));
    r.ids = mcp_arena_try_array(r.arena, (size_t)2 * MAX_NUMBERS, sizeof(*r.ids));
    if (r.items == NULL || r.assets == NULL || r.ids == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the resources");
    /* Which project is theirs is known with a token only. */
    rc = gcp_credentials_token(r.gcp->creds, call, MCP_STR_NULL, &token, err);
    if (rc == 0)
        rc = search_all(&r, err);
    if (rc == 0)
        rc = take_assets(&r, err);
    if (rc == 0)
        rc = take_costs(&r, err);
    mcp_map_release(&r.by_name);
    if (rc < 0)
        return rc;
    keep_wanted(&r);
    page(&r);
    gcp_describe(&out->base, "cloudasset");
    out->base.timezone = gcp_zone_name((enum gcp_zone)r.gcp->config->timezone);
    out->base.time_start = (int64_t)q->range.start * DAY;
    out->base.time_end = ((int64_t)q->range.end + 1) * DAY;
    out->base.generation = generation_of(&r);
    if (r.cut)
        cost_result_warn(&out->base, "resources_cut",
                         MCP_STR("Filter by resource_type, or set gcp.resources.scope to a folder "
                                 "or project."),
                         "There are more resources than the %d that are looked at.", MAX_ASSETS);
    return 0;
}

void gcp_resources_doctor(const struct gcp *gcp, struct mcp_call *call,
                          const struct cost_report *report)
{
    static const char permission[] = "cloudasset.assets.searchAllResources";
    struct mcp_arena *arena = mcp_call_arena(call);
    struct gcp_request request = { .service = GCP_CLOUDASSET, .method = MCP_GET };
    mcp_str scope = gcp->config->resource_scope, home = gcp_places_home(gcp);
    struct mcp_error err = { 0 };
    struct gcp_reply reply;

    if (mcp_str_is_null(scope) && home.len > 0)
        scope = mcp_arena_printf(arena, "projects/%.*s", MCP_STR_ARG(home));
    if (mcp_str_is_null(scope)) {
        cost_report_line(
            report, COST_MARK_WARN,
            "%s: not asked, there is no scope. Set GCP_RESOURCE_SCOPE=projects/PROJECT "
            "(or folders/N, organizations/N).",
            permission);
        return;
    }
    request.path =
        mcp_arena_printf(arena, "/v1/%.*s:searchAllResources?pageSize=1", MCP_STR_ARG(scope));
    if (gcp_api_call(gcp, call, &request, &reply, &err) < 0)
        cost_report_error(report, COST_MARK_FAIL, permission, &err);
    else
        cost_report_line(report, COST_MARK_OK, "%s", permission);
}
