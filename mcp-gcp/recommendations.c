/* get_recommendations from Google's Recommender API: whom to ask, in parallel, and kept for a day. */
#include "recommendations.h"

#include "oauth.h"
#include "places.h"
#include "zone.h"

#include <cost/result_cache.h>
#include <mcp/date.h>

#define MAX_REQUESTS 1500 /* of one answer: quotas are small */
#define MAX_ITEMS 5000
#define PAGE_SIZE 200
#define PARALLEL 8
#define ROUND 64 /* requests between two looks at which quotas are used up */
#define MAX_PAGE_BYTES ((size_t)4 << 20)
#define DAY 86400
/* stateInfo.state = ACTIVE OR stateInfo.state = CLAIMED */
static const char filter[] =
    "stateInfo.state%20%3D%20ACTIVE%20OR%20stateInfo.state%20%3D%20CLAIMED";

/* One list to fetch, page by page. */
struct ask {
    const struct gcp_recommender *recommender;
    const struct gcp_target *target;
    mcp_str path; /* of the page to fetch */
};

struct run {
    const struct gcp *gcp;
    struct mcp_call *call;
    struct mcp_arena *arena;
    struct cost_recommendations *out;
    struct ask *asks; /* in arena: all that were planned, then further pages */
    size_t n_asks;
    struct gcp_request *requests; /* of one round, and whose they are */
    size_t *of;
    struct cost_recommendation *items;
    mcp_str *groups;
    size_t n_items, dearer;
    size_t answered, refused;
    uint32_t spent; /* a bit for each recommender whose quota is used up */
    struct mcp_error first; /* the first refusal */
    bool cut;
};

static bool is_wanted(const struct gcp_config *c, const char *id)
{
    for (size_t i = 0; i < c->recommenders.count; i++) {
        if (mcp_str_eq(c->recommenders.items[i], mcp_str_z(id)))
            return true;
    }
    return c->recommenders.count == 0;
}

static void plan(struct run *r, const struct gcp_places *places)
{
    for (size_t t = 0; t < places->n_targets; t++) {
        for (size_t k = 0; k < gcp_n_recommenders; k++) {
            const struct gcp_recommender *rec = &gcp_recommenders[k];
            const struct gcp_target *target = &places->targets[t];

            if ((rec->scopes & target->scope) == 0 || !is_wanted(r->gcp->config, rec->id))
                continue;
            for (size_t l = 0; l < places->n_locations; l++) {
                if ((rec->places & gcp_place_of(places->locations[l])) == 0)
                    continue;
                if (r->n_asks == MAX_REQUESTS) {
                    r->cut = true;
                    return;
                }
                r->asks[r->n_asks++] = (struct ask){
                    rec, target,
                    mcp_arena_printf(r->arena,
                                     "/v1/%.*s/locations/%.*s/recommenders/%s/recommendations"
                                     "?filter=%s&pageSize=%d",
                                     MCP_STR_ARG(target->parent), MCP_STR_ARG(places->locations[l]),
                                     rec->id, filter, PAGE_SIZE)
                };
            }
        }
    }
}

static int add_item(struct run *r, const struct ask *ask, struct mcp_json json,
                    struct mcp_error *err)
{
    struct cost_recommendation *item = &r->items[r->n_items];
    int rc;

    if (r->n_items == MAX_ITEMS) {
        r->cut = true;
        return 0;
    }
    rc = gcp_recommendation_read(ask->recommender, json, ask->target->project, r->arena, item,
                                 &r->groups[r->n_items], err);
    if (rc == MCP_MISS) {
        r->dearer++;
        return 0;
    }
    if (rc == 0 && gcp_may_see(r->gcp, item->project))
        r->n_items++;
    return rc;
}

/* One page's items; what follows it is planned. */
static int read_page(struct run *r, size_t at, mcp_str body, struct mcp_error *err)
{
    const struct mcp_json_limits limits = { .max_bytes = MAX_PAGE_BYTES };
    const struct ask ask = r->asks[at];
    struct mcp_json_iter it;
    struct mcp_json root;
    mcp_str page;
    size_t end;

    if (mcp_json_parse(r->arena, body, &limits, &root, NULL) < 0 ||
        mcp_json_type(root) != MCP_JSON_OBJECT)
        return mcp_error_set(
            err, MCP_EUPSTREAM, "%.*s answered no JSON object",
            MCP_STR_ARG(gcp_url_host(gcp_api_endpoint(r->gcp, GCP_RECOMMENDER, r->arena))));
    it = mcp_json_iter(mcp_json_get(root, MCP_STR("recommendations")));
    while (mcp_json_next(&it)) {
        int rc = add_item(r, &ask, it.value, err);

        if (rc < 0)
            return rc;
    }
    page = mcp_json_get_str(root, MCP_STR("nextPageToken"), r->arena);
    if (page.len == 0)
        return 0;
    if (r->n_asks == 2 * MAX_REQUESTS) {
        r->cut = true;
        return 0;
    }
    end = ask.path.len;
    for (size_t i = 0; i + 11 < ask.path.len; i++) {
        if (memcmp(ask.path.ptr + i, "&pageToken=", 11) == 0)
            end = i;
    }
    r->asks[r->n_asks] = ask;
    r->asks[r->n_asks++].path =
        mcp_arena_printf(r->arena, "%.*s&pageToken=%.*s", (int)end, ask.path.ptr,
                         MCP_STR_ARG(gcp_api_encode(r->arena, page)));
    return 0;
}

/* Quotas are counted by recommender. */
static uint32_t bit_of(const struct gcp_recommender *recommender)
{
    return UINT32_C(1) << (recommender - gcp_recommenders);
}

static int end_of_one(void *ctx, size_t i, const struct gcp_reply *reply, int code,
                      struct mcp_error *err)
{
    struct run *r = ctx;
    struct cost_cached value = { .head = reply->http.body, .tail = MCP_STR("") };

    if (code < 0 && mcp_call_cancelled(r->call))
        return code;
    r->out->base.requests++;
    if (code == 0) {
        code = read_page(r, r->of[i], value.head, err);
        if (code == 0) {
            value.content = MCP_STR("");
            cost_result_cache_put(r->gcp->cache, r->asks[r->of[i]].path, MCP_STR(""), &value,
                                  (uint64_t)r->gcp->config->recommendations_ttl_ms);
            r->answered++;
        }
        return code;
    }
    /* One that cannot be asked leaves the others: it is told. */
    if (code == MCP_EBUSY)
        r->spent |= bit_of(r->asks[r->of[i]].recommender);
    if (r->refused++ == 0)
        r->first = *err;
    return 0;
}

/* Everything planned, and the pages that show up on the way. */
static int fetch(struct run *r, struct mcp_error *err)
{
    size_t done = 0;

    while (done < r->n_asks) {
        size_t n = 0, until = r->n_asks;
        int rc = 0;

        for (; rc == 0 && done < until && n < ROUND; done++) {
            struct cost_cached hit;

            if (r->gcp->config->recommendations_ttl_ms > 0 &&
                cost_result_cache_get(r->gcp->cache, r->asks[done].path, MCP_STR(""), r->arena,
                                      &hit)) {
                r->answered++;
                rc = read_page(r, done, hit.head, err);
                continue;
            }
            if ((r->spent & bit_of(r->asks[done].recommender)) != 0) {
                r->refused++; /* more reads would only keep its quota used up */
                continue;
            }
            r->of[n] = done;
            r->requests[n++] = (struct gcp_request){ .service = GCP_RECOMMENDER,
                                                     .method = MCP_GET,
                                                     .path = r->asks[done].path,
                                                     .max_body_bytes = MAX_PAGE_BYTES };
        }
        if (rc == 0 && n > 0)
            rc = gcp_api_all(r->gcp, r->call, r->requests, n, PARALLEL, end_of_one, r, err);
        if (rc < 0)
            return rc;
    }
    if (r->answered == 0 && r->refused > 0) {
        *err = r->first;
        return r->first.err;
    }
    return 0;
}

static bool matches(const struct cost_filter *f, mcp_str value)
{
    bool found = value.len == 0 && f->null_listed;

    for (size_t i = 0; !found && value.len > 0 && i < f->n_values; i++)
        found = mcp_str_eq_nocase(f->values[i], value);
    return found != f->negate;
}

/* The dimensions that advice has. */
static mcp_str dimension(const struct cost_recommendation *item, enum cost_dim dim, bool *known)
{
    *known = true;
    switch (dim) {
    case COST_DIM_PROVIDER:
        return item->provider;
    case COST_DIM_PROJECT:
        return item->project;
    case COST_DIM_REGION:
        return item->region;
    case COST_DIM_SERVICE:
        return item->service;
    case COST_DIM_RESOURCE:
        return item->resource;
    case COST_DIM_RESOURCE_TYPE:
        return item->resource_type;
    case COST_DIM_CURRENCY:
        return item->currency;
    default:
        *known = false;
        return MCP_STR_NULL;
    }
}

static int check_filters(const struct cost_query *q, struct mcp_error *err)
{
    const struct cost_recommendation none = { .id = MCP_STR_NULL };
    bool known;

    for (size_t i = 0; i < q->n_filters; i++) {
        dimension(&none, q->filters[i].key.dim, &known);
        if (known)
            continue;
        mcp_error_word(err, MCP_EINVAL, "unknown_dimension",
                       "Google's recommendations have no dimension %s",
                       cost_dim_name(q->filters[i].key.dim));
        return mcp_error_next(err, "Filter by project, region, service, resource, resource_type or "
                                   "currency.");
    }
    return 0;
}

/* A zone belongs to the region that was asked for. */
static bool in_place(const struct cost_filter *f, mcp_str region)
{
    if (matches(f, region))
        return true;
    return !f->negate && gcp_place_of(region) == GCP_PLACE_ZONE &&
           matches(f, mcp_str_n(region.ptr, region.len - 2));
}

static void keep_wanted(struct run *r, const struct cost_query *q)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->n_items; i++) {
        bool wanted = true, known;

        for (size_t k = 0; wanted && k < q->n_filters; k++) {
            const struct cost_filter *f = &q->filters[k];
            mcp_str value = dimension(&r->items[i], f->key.dim, &known);

            wanted = f->key.dim == COST_DIM_REGION ? in_place(f, value) : matches(f, value);
        }
        if (!wanted)
            continue;
        r->items[kept] = r->items[i];
        r->groups[kept++] = r->groups[i];
    }
    r->n_items = kept;
}

static void warn(struct run *r)
{
    struct cost_result *base = &r->out->base;

    if (r->refused > 0)
        cost_result_warn(base, "recommenders_unavailable",
                         mcp_arena_str(base->arena, mcp_str_z(r->first.next)),
                         "%zu of %zu lists of recommendations could not be had; the first because: "
                         "%s",
                         r->refused, r->refused + r->answered, r->first.message);
    if (r->cut)
        cost_result_warn(base, "recommendations_cut",
                         MCP_STR("Name scopes, recommenders or locations in the settings "
                                 "(gcp.recommendations)."),
                         "There is more to ask than %d lists with %d recommendations.",
                         MAX_REQUESTS, MAX_ITEMS);
    if (r->dearer > 0)
        cost_result_warn(
            base, "not_savings", MCP_STR_NULL,
            "%zu recommendations are no savings (they cost more than now, or are about "
            "performance or safety) and are left out.",
            r->dearer);
}

/* The same for the same advice: a cursor goes on in what it was made for. */
static mcp_str generation_of(const struct run *r)
{
    uint64_t sum = r->n_items;

    for (size_t i = 0; i < r->n_items; i++)
        sum += mcp_str_hash(r->items[i].id) ^ (uint64_t)r->items[i].monthly_savings.units;
    return mcp_arena_printf(r->arena, "recommender-%016llx", (unsigned long long)sum);
}

static int allocate(struct run *r, struct mcp_error *err)
{
    r->asks = mcp_arena_try_array(r->arena, 2 * MAX_REQUESTS, sizeof(*r->asks));
    r->requests = mcp_arena_try_array(r->arena, 2 * MAX_REQUESTS, sizeof(*r->requests));
    r->of = mcp_arena_try_array(r->arena, 2 * MAX_REQUESTS, sizeof(*r->of));
    r->items = mcp_arena_try_array(r->arena, MAX_ITEMS + 1, sizeof(*r->items));
    r->groups = mcp_arena_try_array(r->arena, MAX_ITEMS + 1, sizeof(*r->groups));
    if (r->asks == NULL || r->requests == NULL || r->of == NULL || r->items == NULL ||
        r->groups == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the recommendations");
    return 0;
}

int gcp_recommendations(void *ctx, struct mcp_call *call, const struct cost_query *query,
                        struct cost_recommendations *out, struct mcp_error *err)
{
    struct run r = { .gcp = ctx, .call = call, .arena = mcp_call_arena(call), .out = out };
    struct gcp_places places;
    struct cost_query *q;
    mcp_str token;
    int rc;

    *out = (struct cost_recommendations){ 0 };
    cost_result_init(&out->base, r.arena, query);
    q = &out->base.query;
    rc = check_filters(q, err);
    if (rc == 0) /* which project is theirs is known with a token only */
        rc = gcp_credentials_token(r.gcp->creds, call, MCP_STR_NULL, &token, err);
    if (rc == 0)
        rc = gcp_billing_resolve(r.gcp, q, err);
    if (rc == 0)
        rc = allocate(&r, err);
    if (rc == 0)
        rc = gcp_places_find(r.gcp, call, &places, &out->base, err);
    if (rc < 0)
        return rc;
    out->base.requests = places.requests;
    plan(&r, &places);
    rc = fetch(&r, err);
    if (rc < 0)
        return rc;
    keep_wanted(&r, q);
    rc = gcp_recommendations_link(r.items, r.groups, r.n_items, r.arena, err);
    if (rc == 0)
        rc = cost_recommendations_page(out, r.items, r.n_items, err);
    gcp_describe(&out->base, "recommender");
    out->base.native_metric = MCP_STR("costProjection");
    out->base.timezone = gcp_zone_name((enum gcp_zone)r.gcp->config->timezone);
    out->base.time_start = (int64_t)q->range.start * DAY;
    out->base.time_end = ((int64_t)q->range.end + 1) * DAY;
    out->base.generation = generation_of(&r);
    warn(&r);
    return rc;
}

/* One list of each recommender, where it can be asked first. */
void gcp_recommendations_doctor(const struct gcp *gcp, struct mcp_call *call,
                                const struct cost_report *report)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct cost_query none = { .tool = COST_GET_RECOMMENDATIONS };
    struct gcp_places places;
    struct mcp_error err = { 0 };
    struct cost_result base;

    cost_result_init(&base, arena, &none);
    if (gcp_places_find(gcp, call, &places, &base, &err) < 0) {
        cost_report_error(report, COST_MARK_FAIL, "recommendations", &err);
        return;
    }
    for (size_t k = 0; k < gcp_n_recommenders; k++) {
        const struct gcp_recommender *rec = &gcp_recommenders[k];
        struct gcp_request request = { .service = GCP_RECOMMENDER, .method = MCP_GET };
        struct gcp_reply reply;

        for (size_t t = 0; t < places.n_targets && mcp_str_is_null(request.path); t++) {
            for (size_t l = 0; l < places.n_locations && mcp_str_is_null(request.path); l++) {
                if ((rec->scopes & places.targets[t].scope) == 0 ||
                    !is_wanted(gcp->config, rec->id) ||
                    (rec->places & gcp_place_of(places.locations[l])) == 0)
                    continue;
                request.path = mcp_arena_printf(
                    arena, "/v1/%.*s/locations/%.*s/recommenders/%s/recommendations?pageSize=1",
                    MCP_STR_ARG(places.targets[t].parent), MCP_STR_ARG(places.locations[l]),
                    rec->id);
            }
        }
        if (mcp_str_is_null(request.path))
            continue; /* nothing of its kind is in use */
        mcp_error_clear(&err);
        if (gcp_api_call(gcp, call, &request, &reply, &err) < 0)
            cost_report_error(report, COST_MARK_FAIL, rec->permission, &err);
        else
            cost_report_line(report, COST_MARK_OK, "%s", rec->permission);
    }
}
