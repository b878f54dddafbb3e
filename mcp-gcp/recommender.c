/* The recommenders that reduce cost, and what an answer of theirs says: tables and decoding, no I/O. */
#include "recommendations.h"

#include <stdlib.h>

#define MONTH_S 2592000 /* 30 days, the duration that recommenders project to */
#define MAX_EVIDENCE 6
#define MAX_OVERLAPS 50

#define ZONE GCP_PLACE_ZONE
#define REGION GCP_PLACE_REGION
#define GLOBAL GCP_PLACE_GLOBAL
#define MULTI GCP_PLACE_MULTI
#define PROJECT GCP_SCOPE_PROJECT
#define ACCOUNT GCP_SCOPE_ACCOUNT
#define ORGANIZATION GCP_SCOPE_ORGANIZATION
#define LIST(noun) "recommender." noun ".list"

const struct gcp_recommender gcp_recommenders[] = {
    { "google.bigquery.capacityCommitments.Recommender", REGION | MULTI | GLOBAL,
      PROJECT | ORGANIZATION, "commitment", "BigQuery", "medium", "medium",
      LIST("bigqueryCapacityCommitmentsRecommendations") },
    { "google.bigquery.table.PartitionClusterRecommender", REGION | MULTI, PROJECT, "database",
      "BigQuery", "medium", "low", LIST("bigqueryPartitionClusterRecommendations") },
    { "google.cloudbilling.commitment.SpendBasedCommitmentRecommender", GLOBAL, PROJECT | ACCOUNT,
      "commitment", "Cloud Billing", "low", "medium", LIST("spendBasedCommitmentRecommendations") },
    { "google.cloudsql.instance.IdleRecommender", REGION, PROJECT, "idle", "Cloud SQL", "low",
      "medium", LIST("cloudsqlIdleInstanceRecommendations") },
    { "google.cloudsql.instance.OverprovisionedRecommender", REGION, PROJECT, "database",
      "Cloud SQL", "medium", "medium", LIST("cloudsqlOverprovisionedInstanceRecommendations") },
    { "google.compute.address.IdleResourceRecommender", REGION | GLOBAL, PROJECT, "idle",
      "Compute Engine", "low", "low", LIST("computeAddressIdleResourceRecommendations") },
    { "google.compute.commitment.UsageCommitmentRecommender", REGION, PROJECT | ACCOUNT,
      "commitment", "Compute Engine", "low", "medium", LIST("usageCommitmentRecommendations") },
    { "google.compute.disk.IdleResourceRecommender", ZONE | REGION, PROJECT, "idle",
      "Compute Engine", "low", "low", LIST("computeDiskIdleResourceRecommendations") },
    { "google.compute.image.IdleResourceRecommender", GLOBAL, PROJECT, "idle", "Compute Engine",
      "low", "low", LIST("computeImageIdleResourceRecommendations") },
    { "google.compute.instance.IdleResourceRecommender", ZONE, PROJECT, "idle", "Compute Engine",
      "low", "medium", LIST("computeInstanceIdleResourceRecommendations") },
    { "google.compute.instance.MachineTypeRecommender", ZONE, PROJECT, "compute", "Compute Engine",
      "medium", "medium", LIST("computeInstanceMachineTypeRecommendations") },
    { "google.compute.instanceGroupManager.MachineTypeRecommender", ZONE | REGION, PROJECT,
      "compute", "Compute Engine", "medium", "medium",
      LIST("computeInstanceGroupManagerMachineTypeRecommendations") },
    { "google.container.DiagnosisRecommender", ZONE | REGION, PROJECT, "kubernetes",
      "Kubernetes Engine", "medium", "medium", LIST("containerDiagnosisRecommendations") },
    { "google.resourcemanager.projectUtilization.Recommender", GLOBAL, PROJECT, "idle",
      "Resource Manager", "medium", "high",
      LIST("resourcemanagerProjectUtilizationRecommendations") },
    { "google.run.service.CostRecommender", REGION, PROJECT, "compute", "Cloud Run", "low", "low",
      LIST("runServiceCostRecommendations") },
    { "google.storage.bucket.SoftDeleteRecommender", GLOBAL, PROJECT, "storage", "Cloud Storage",
      "low", "medium", LIST("storageBucketSoftDeleteRecommendations") },
};
const size_t gcp_n_recommenders = sizeof(gcp_recommenders) / sizeof(gcp_recommenders[0]);

enum gcp_place gcp_place_of(mcp_str location)
{
    size_t n = location.len;

    if (mcp_str_eq(location, MCP_STR("global")))
        return GCP_PLACE_GLOBAL;
    /* A zone is its region with one letter more: us-central1-a. */
    if (n > 3 && location.ptr[n - 2] == '-' && location.ptr[n - 1] >= 'a' &&
        location.ptr[n - 1] <= 'z' && location.ptr[n - 3] >= '0' && location.ptr[n - 3] <= '9')
        return GCP_PLACE_ZONE;
    return mcp_str_find(location, '-') < n ? GCP_PLACE_REGION : GCP_PLACE_MULTI;
}

int gcp_money(struct mcp_json money, struct mcp_arena *arena, struct cost_money *out)
{
    mcp_str units = mcp_json_get_str(money, MCP_STR("units"), arena);
    int64_t whole = 0, nanos = mcp_json_get_int64(money, MCP_STR("nanos"), 0);

    if (mcp_json_type(money) != MCP_JSON_OBJECT)
        return MCP_EUPSTREAM;
    if (units.len == 0)
        whole = mcp_json_get_int64(money, MCP_STR("units"), 0);
    else if (mcp_str_int64(units, &whole) < 0)
        return MCP_EUPSTREAM;
    if (nanos <= -1000000000 || nanos >= 1000000000 || (whole > 0 && nanos < 0) ||
        (whole < 0 && nanos > 0))
        return MCP_EUPSTREAM;
    /* 1e18 units of ours are one of money; an int64 of them fits 128 bits well. */
    out->units = (__int128)whole * 1000000000 * 1000000000 + (__int128)nanos * 1000000000;
    return 0;
}

/* "2592000s" */
static int64_t seconds_of(mcp_str duration)
{
    int64_t seconds;
    mcp_str whole;

    if (duration.len == 0 || duration.ptr[duration.len - 1] != 's')
        return 0;
    duration.len--;
    mcp_str_cut(&duration, '.', &whole);
    return mcp_str_int64(whole, &seconds) < 0 || seconds < 0 ? 0 : seconds;
}

/* amount * 30 days / seconds, half to even. */
static int to_month(struct cost_money *amount, int64_t seconds)
{
    __int128 v, q, r;

    if (seconds == MONTH_S)
        return 0;
    if (seconds <= 0 || __builtin_mul_overflow(amount->units, (__int128)MONTH_S, &v))
        return MCP_EUPSTREAM;
    q = v / seconds;
    r = v % seconds;
    r = r < 0 ? -r : r;
    if (2 * r > seconds || (2 * r == seconds && q % 2 != 0))
        q += v < 0 ? -1 : 1;
    amount->units = q;
    return 0;
}

/* The projection of what it saves: of the primary impact, else of another one about cost. */
static struct mcp_json projection_of(struct mcp_json json)
{
    struct mcp_json impact = mcp_json_get(json, MCP_STR("primaryImpact"));
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(json, MCP_STR("additionalImpact")));

    while (!mcp_json_exists(mcp_json_get(impact, MCP_STR("costProjection"))) && mcp_json_next(&it))
        impact = it.value;
    return mcp_json_get(impact, MCP_STR("costProjection"));
}

/* A recommender for cost also speaks of reliability, security and what will be removed: that is no saving.
 * The subtypes of idle and oversized clusters are, whatever they are counted under. */
static bool is_about_cost(struct mcp_json json, struct mcp_arena *arena)
{
    struct mcp_json impact = mcp_json_get(json, MCP_STR("primaryImpact"));
    mcp_str category = mcp_json_get_str(impact, MCP_STR("category"), arena);
    mcp_str subtype = mcp_json_get_str(json, MCP_STR("recommenderSubtype"), arena);

    return category.len == 0 || mcp_str_eq(category, MCP_STR("COST")) ||
           mcp_str_ends(subtype, MCP_STR("IDLE")) ||
           mcp_str_ends(subtype, MCP_STR("OVERPROVISIONED"));
}

static int read_savings(struct mcp_json json, struct mcp_arena *arena,
                        struct cost_recommendation *out, struct mcp_error *err)
{
    struct mcp_json projection = projection_of(json);
    struct mcp_json cost = mcp_json_get(projection, MCP_STR("costInLocalCurrency"));
    struct cost_money amount;

    /* The bill is in the local currency, and so is every other answer. */
    if (!mcp_json_exists(cost))
        cost = mcp_json_get(projection, MCP_STR("cost"));
    if (!mcp_json_exists(cost))
        return is_about_cost(json, arena) ? 0 : MCP_MISS;
    out->currency = mcp_json_get_str(cost, MCP_STR("currencyCode"), arena);
    if (gcp_money(cost, arena, &amount) < 0 ||
        to_month(&amount, seconds_of(mcp_json_get_str(projection, MCP_STR("duration"), arena))) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "recommendation %.*s holds an amount that is none",
                             MCP_STR_ARG(mcp_str_head(out->id, 200)));
    if (amount.units > 0)
        return MCP_MISS;
    out->has_savings = true;
    out->monthly_savings = cost_money_neg(amount);
    return 0;
}

/* The part of a path behind "/name/": "projects" of "//compute.googleapis.com/projects/p/zones/z". */
static mcp_str after(mcp_str path, const char *name)
{
    mcp_str rest = path, part;
    bool more = path.len > 0, found = false;

    while (more) {
        more = mcp_str_cut(&rest, '/', &part);
        if (found)
            return part;
        found = mcp_str_eq(part, mcp_str_z(name));
    }
    return MCP_STR_NULL;
}

static mcp_str last_part(mcp_str path)
{
    size_t n = path.len;

    while (n > 0 && path.ptr[n - 1] != '/')
        n--;
    return path.len == 0 ? MCP_STR_NULL : mcp_str_n(path.ptr + n, path.len - n);
}

/* What it is about: the overview's word, else a target, else what an operation changes or removes. */
static void read_resource(struct mcp_json json, struct mcp_json overview, struct mcp_arena *arena,
                          struct cost_recommendation *out)
{
    struct mcp_json content = mcp_json_get(json, MCP_STR("content"));
    struct mcp_json_iter targets = mcp_json_iter(mcp_json_get(json, MCP_STR("targetResources")));
    struct mcp_json_iter groups = mcp_json_iter(mcp_json_get(content, MCP_STR("operationGroups")));

    out->resource = mcp_json_get_str(overview, MCP_STR("resource"), arena);
    if (out->resource.len == 0 && mcp_json_next(&targets))
        mcp_json_str(targets.value, arena, &out->resource);
    while (mcp_json_next(&groups)) {
        struct mcp_json_iter it = mcp_json_iter(mcp_json_get(groups.value, MCP_STR("operations")));

        while (mcp_json_next(&it)) {
            mcp_str resource = mcp_json_get_str(it.value, MCP_STR("resource"), arena);
            bool adds = mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("action")), MCP_STR("add"));

            if (adds || resource.len == 0)
                continue;
            if (out->resource.len == 0)
                out->resource = resource;
            if (mcp_str_eq(out->resource, resource) && out->resource_type.len == 0)
                out->resource_type = mcp_json_get_str(it.value, MCP_STR("resourceType"), arena);
        }
    }
    if (out->resource.len == 0)
        out->resource = MCP_STR_NULL;
    out->resource_name = mcp_json_get_str(overview, MCP_STR("resourceName"), arena);
    if (out->resource_name.len == 0)
        out->resource_name = last_part(out->resource);
}

static mcp_str name_in(struct mcp_json overview, const char *member, struct mcp_arena *arena)
{
    struct mcp_json v = mcp_json_get(overview, mcp_str_z(member));

    return mcp_json_type(v) == MCP_JSON_OBJECT
               ? mcp_json_get_str(v, MCP_STR("name"), arena)
               : mcp_json_get_str(overview, mcp_str_z(member), arena);
}

static void add_evidence(struct cost_recommendation *out, struct cost_evidence *list,
                         const char *name, mcp_str value)
{
    if (value.len == 0)
        return;
    MCP_BUG_ON(out->n_evidence == MAX_EVIDENCE);
    list[out->n_evidence++] = (struct cost_evidence){ mcp_str_z(name), value };
}

int gcp_recommendation_read(const struct gcp_recommender *recommender, struct mcp_json json,
                            mcp_str project, struct mcp_arena *arena,
                            struct cost_recommendation *out, mcp_str *group, struct mcp_error *err)
{
    struct mcp_json overview =
        mcp_json_get(mcp_json_get(json, MCP_STR("content")), MCP_STR("overview"));
    struct cost_evidence *evidence = mcp_arena_alloc(arena, MAX_EVIDENCE * sizeof(*evidence));
    int rc;

    *out = (struct cost_recommendation){ .category = mcp_str_z(recommender->category),
                                         .service = mcp_str_z(recommender->service),
                                         .effort = mcp_str_z(recommender->effort),
                                         .risk = mcp_str_z(recommender->risk),
                                         .provider = MCP_STR("gcp"),
                                         .source = mcp_str_z(recommender->id),
                                         .evidence = evidence };
    out->id = mcp_json_get_str(json, MCP_STR("name"), arena);
    if (out->id.len == 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "a recommendation of %s has no name",
                             recommender->id);
    rc = read_savings(json, arena, out, err);
    if (rc < 0)
        return rc;
    out->action = mcp_json_get_str(json, MCP_STR("description"), arena);
    if (out->action.len == 0)
        out->action = mcp_json_get_str(overview, MCP_STR("recommendedAction"), arena);
    if (out->action.len == 0)
        out->action = mcp_json_get_str(json, MCP_STR("recommenderSubtype"), arena);
    read_resource(json, overview, arena, out);
    out->project = after(out->resource, "projects");
    if (out->project.len == 0 || out->project.ptr[0] <= '9')
        out->project = project.len > 0 ? project : after(out->id, "projects");
    out->region = mcp_json_get_str(overview, MCP_STR("location"), arena);
    if (out->region.len == 0)
        out->region = after(out->id, "locations");
    out->current = name_in(overview, "currentMachineType", arena);
    out->recommended = name_in(overview, "recommendedMachineType", arena);
    if (out->recommended.len == 0)
        out->recommended = mcp_json_get_str(overview, MCP_STR("recommendedAction"), arena);
    add_evidence(out, evidence, "priority", mcp_json_get_str(json, MCP_STR("priority"), arena));
    add_evidence(
        out, evidence, "state",
        mcp_json_get_str(mcp_json_get(json, MCP_STR("stateInfo")), MCP_STR("state"), arena));
    add_evidence(out, evidence, "subtype",
                 mcp_json_get_str(json, MCP_STR("recommenderSubtype"), arena));
    add_evidence(out, evidence, "refreshed",
                 mcp_json_get_str(json, MCP_STR("lastRefreshTime"), arena));
    *group = mcp_json_get_str(json, MCP_STR("xorGroupId"), arena);
    return 0;
}

/* A commitment pays for usage that idle and rightsizing advice would end. */
static bool covers(const struct cost_recommendation *commitment,
                   const struct cost_recommendation *other)
{
    return mcp_str_eq(commitment->category, MCP_STR("commitment")) &&
           mcp_str_eq(other->service, MCP_STR("Compute Engine")) &&
           !mcp_str_eq(other->category, MCP_STR("commitment")) &&
           !mcp_str_eq(commitment->service, MCP_STR("BigQuery")) &&
           (commitment->project.len == 0 || mcp_str_eq(commitment->project, other->project));
}

int gcp_recommendations_link(struct cost_recommendation *items, const mcp_str *groups, size_t n,
                             struct mcp_arena *arena, struct mcp_error *err)
{
    for (size_t i = 0; i < n; i++) {
        mcp_str ids[MAX_OVERLAPS], *kept;
        size_t n_ids = 0;

        for (size_t k = 0; k < n && n_ids < MAX_OVERLAPS; k++) {
            if (k != i && ((groups[i].len > 0 && mcp_str_eq(groups[i], groups[k])) ||
                           covers(&items[i], &items[k]) || covers(&items[k], &items[i])))
                ids[n_ids++] = items[k].id;
        }
        if (n_ids == 0)
            continue;
        kept = mcp_arena_try_array(arena, n_ids, sizeof(*kept));
        if (kept == NULL)
            return mcp_error_set(err, MCP_ENOMEM, "no memory for the recommendations");
        memcpy(kept, ids, n_ids * sizeof(*kept));
        items[i].overlaps_with = kept;
        items[i].n_overlaps = n_ids;
    }
    return 0;
}
