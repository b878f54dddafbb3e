/* The charges that come back every day, one for each meter and resource. */
#include "bill.h"

#include <mcp/date.h>

static const char *const teams[] = { "core", "edge", "data", "research", "operations" };

/* Tag keys as people type them; the answer must not merge them. */
static const char *const env_keys[] = { "env",  "env", "env", "env",      "Env", "env",
                                        " env", "env", "env", "user:env", NULL };
#define N_ENV_KEYS (sizeof(env_keys) / sizeof(env_keys[0]))

/* Shares of a cluster's machines, the last one idle. */
static const int namespace_pm[] = { 900, 700, 520, 260, 180, 340 };

static unsigned n_namespaces(void)
{
    unsigned n = 0;
    while (cost__demo_namespaces[n] != NULL)
        n++;
    return n;
}

/* "EC2 Instance" of platform-prod: ec2-instance-platform-prod-01. */
static mcp_str name_of(struct cost_demo *demo, const struct demo_template *t, unsigned nth)
{
    char kind[64];
    const char *from = (t->meter->flags & DEMO_NAMESPACES) != 0 ? "node" : t->meter->resource_type;
    size_t n = 0;
    for (; from[n] != '\0' && n + 1 < sizeof(kind); n++) {
        char c = from[n];
        kind[n] = (char)(c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    kind[n] = '\0';
    return mcp_arena_printf(demo->arena, "%s-%s-%02u", kind, t->project->name, nth);
}

static mcp_str path_of(struct cost_demo *demo, const struct demo_meter *m,
                       const struct demo_project *project, const struct demo_region *region,
                       uint64_t id, unsigned nth, mcp_str name)
{
    const char *place = region == NULL ? "" : region->id != NULL ? region->id : region->name;
    unsigned long long hash = (unsigned long long)(id & 0xffffffffffffULL);
    switch (m->account) {
    case DEMO_AWS:
        return mcp_arena_printf(demo->arena, "arn:aws:%s:%s:%s:%s0%012llx", m->path_a, place,
                                project->id, m->path_b, hash);
    case DEMO_AZURE:
        return mcp_arena_printf(
            demo->arena, "/subscriptions/%s/resourceGroups/rg-%s/providers/%s/%s%s-%02u",
            project->id, project->name, m->path_a, m->path_b, project->env, nth);
    case DEMO_GCP:
    case DEMO_GCP_EU:
        return mcp_arena_printf(demo->arena, "//%s/projects/%s/locations/%s/%s/%.*s", m->path_a,
                                project->id, place, m->path_b, MCP_STR_ARG(name));
    default:
        return mcp_arena_printf(demo->arena, "ocid1.%s.oc1.%s.example%012llx", m->path_a, place,
                                hash);
    }
}

static mcp_str tags_of(struct cost_demo *demo, const struct demo_template *t, mcp_str cluster,
                       mcp_str space)
{
    const char *key = env_keys[(t->instance + (unsigned)(t->key >> 20) % 3) % N_ENV_KEYS];
    if ((t->meter->flags & DEMO_UNTAGGED) != 0 || (key == NULL && cluster.len == 0))
        return MCP_STR_NULL;
    struct mcp_buf b;
    mcp_buf_init(&b, 1024);
    mcp_buf_char(&b, '{');
    if (key != NULL) {
        mcp_buf_printf(&b, "\"%s\": \"%s\", \"team\": \"%s\"", key, t->project->env,
                       teams[(t->key >> 8) % (sizeof(teams) / sizeof(teams[0]))]);
        if (t->instance % 2 == 0)
            mcp_buf_printf(&b, ", \"cost_center\": \"%u\"",
                           1000 + (unsigned)(t->key >> 12) % 7 * 100);
    }
    if (cluster.len > 0) {
        static const char *const cluster_keys[] = { "aws:eks:cluster-name",
                                                    "aks-managed-cluster-name",
                                                    "goog-k8s-cluster-name" };
        mcp_buf_printf(&b, "%s\"%s\": \"%.*s\"", key == NULL ? "" : ", ",
                       cluster_keys[t->meter->account], MCP_STR_ARG(cluster));
    }
    if (space.len > 0)
        mcp_buf_printf(&b, ", \"%s\": \"%.*s\"",
                       t->meter->account == DEMO_AWS ? "aws:eks:namespace" : "k8s-namespace",
                       MCP_STR_ARG(space));
    mcp_buf_char(&b, '}');
    mcp_str tags = mcp_arena_str(demo->arena, mcp_buf_view(&b));
    mcp_buf_release(&b);
    return tags;
}

/* Cluster and namespace columns, and the tags that say the same. */
static void label(struct cost_demo *demo, struct demo_template *t)
{
    static const char *const clusters[] = { "platform-eks", "web-aks", "ml-gke" };
    mcp_str cluster = MCP_STR_NULL, space = MCP_STR_NULL;
    if ((t->meter->flags & (DEMO_NAMESPACES | DEMO_CLUSTER)) != 0)
        cluster = mcp_str_z(clusters[t->meter->account]);
    if ((t->meter->flags & DEMO_NAMESPACES) != 0) {
        t->factor_pm = namespace_pm[t->instance % (sizeof(namespace_pm) / sizeof(int))];
        if (t->instance < n_namespaces())
            space = mcp_str_z(cost__demo_namespaces[t->instance]);
        else if (t->meter->account == DEMO_GCP)
            space = MCP_STR("kube:unallocated"); /* as Google names what no pod asked for */
    }
    t->row.text[COST_COL_CLUSTER] = cluster;
    t->row.text[COST_COL_NAMESPACE] = space;
    t->row.text[COST_COL_TAGS] = tags_of(demo, t, cluster, space);
}

static void set_resource(struct cost_demo *demo, struct demo_template *t,
                         const struct demo_region *region)
{
    const struct demo_meter *m = t->meter;
    if (m->path_a == NULL)
        return;
    /* Meters with the same path meet on the same resources: a database and its storage. The
     * namespaces of a cluster share its machines. */
    unsigned nth = (m->flags & DEMO_NAMESPACES) != 0 ? t->instance % 3 : t->instance;
    uint64_t id = demo->options.seed;
    for (const char *p = m->path_b != NULL ? m->path_b : m->path_a; *p != '\0'; p++)
        id = cost__demo_mix(id, (unsigned char)*p);
    id = cost__demo_mix(id, (m->flags & DEMO_NAMESPACES) != 0 ? 1000 + nth : nth);
    t->row.resource_name = name_of(demo, t, nth + 1);
    t->row.text[COST_COL_RESOURCE] =
        path_of(demo, m, t->project, region, id, nth + 1, t->row.resource_name);
    cost__demo_set(&t->row, COST_COL_RESOURCE_TYPE, m->resource_type);
    if (m->account == DEMO_AZURE)
        t->row.text[COST_COL_RESOURCE_GROUP] =
            mcp_arena_printf(demo->arena, "rg-%s", t->project->name);
}

/* Some resources come later and some go earlier than the bills do. */
static void set_life(const struct cost_demo *demo, struct demo_template *t)
{
    int32_t days = demo->options.last_day - demo->first_day + 1;
    t->first = demo->first_day;
    t->last = demo->options.last_day;
    if ((t->meter->flags & (DEMO_KEEP | DEMO_NAMESPACES)) != 0 || t->commitment != NULL)
        return;
    if (t->instance % 4 == 3)
        t->first += (int32_t)(cost__demo_mix(t->key, 1) % (uint64_t)(days / 2 + 1));
    else if (t->instance % 9 == 8)
        t->last -= (int32_t)(cost__demo_mix(t->key, 2) % (uint64_t)(days / 3 + 1));
}

static void set_texts(struct demo_template *t, const struct demo_region *region)
{
    const struct demo_meter *m = t->meter;
    struct cost_row *row = &t->row;
    cost__demo_account_row(row, m->account);
    if (m->seller != NULL) {
        cost__demo_set(row, COST_COL_SERVICE_PROVIDER, m->seller);
        cost__demo_set(row, COST_COL_PUBLISHER, m->seller);
    }
    if (t->project != NULL) {
        cost__demo_set(row, COST_COL_PROJECT, t->project->id);
        row->project_name = mcp_str_z(t->project->name);
    }
    if (region != NULL) {
        cost__demo_set(row, COST_COL_REGION, region->id != NULL ? region->id : region->name);
        row->region_name = mcp_str_z(region->name);
    }
    bool fee = (m->flags & DEMO_DAILY_FEE) != 0;
    cost__demo_set(row, COST_COL_SERVICE, m->service);
    cost__demo_set(row, COST_COL_SERVICE_CATEGORY, m->category);
    cost__demo_set(row, COST_COL_SERVICE_SUBCATEGORY, m->subcategory);
    cost__demo_set(row, COST_COL_SKU, m->sku);
    cost__demo_set(row, COST_COL_CHARGE_CATEGORY, fee ? "Purchase" : "Usage");
    cost__demo_set(row, COST_COL_CHARGE_FREQUENCY, fee ? "Recurring" : "Usage-Based");
    cost__demo_set(row, COST_COL_PRICING_CATEGORY,
                   (m->flags & DEMO_SPOT) != 0 ? "Dynamic" : "Standard");
    if (!fee)
        cost__demo_set(row, COST_COL_UNIT, m->unit);
    if ((m->flags & DEMO_IDLE) != 0)
        cost__demo_set(row, COST_COL_IDLE_METER, m->words);
}

static void set_commitment(struct demo_template *t)
{
    const struct demo_commitment *c = t->commitment;
    cost__demo_set(&t->row, COST_COL_PRICING_CATEGORY, "Committed");
    cost__demo_set(&t->row, COST_COL_COMMITMENT, c->id);
    cost__demo_set(&t->row, COST_COL_COMMITMENT_TYPE, c->type);
    cost__demo_set(&t->row, COST_COL_COMMITMENT_STATUS, t->unused ? "Unused" : "Used");
    t->row.commitment_name = mcp_str_z(c->name);
    if (t->unused)
        t->row.text[COST_COL_UNIT] = MCP_STR_NULL;
}

static void build(struct cost_demo *demo, struct demo_template *t, const struct demo_meter *m,
                  const struct demo_commitment *c, unsigned instance, bool unused)
{
    const struct demo_region *region = NULL;
    *t = (struct demo_template){
        .meter = m, .commitment = c, .unused = unused, .instance = instance
    };
    t->key = cost__demo_mix(demo->options.seed, (uint64_t)(m - cost__demo_meters) * 1000 +
                                                    (c != NULL ? 500 : 0) + instance);
    t->factor_pm = (m->flags & DEMO_CAPPED) != 0 ? 1000 : 1000 + cost__demo_vary(t->key, 7, 300);
    unsigned at = instance;
    if (c != NULL) {
        at = unused ? c->project : instance;
        /* Covered resources are others than those paid on demand. */
        t->instance = instance + 100;
    }
    t->project = cost__demo_project_of(m->account, at);
    if ((m->flags & (DEMO_NAMESPACES | DEMO_CLUSTER)) != 0)
        t->project = cost__demo_project_of(m->account, 0);
    if ((m->flags & DEMO_GLOBAL) == 0)
        region = cost__demo_region_of(m->account, (m->flags & DEMO_NAMESPACES) != 0 ? 0 : at / 3);
    set_texts(t, region);
    if (!unused) {
        set_resource(demo, t, region);
        if (c != NULL)
            t->instance = instance;
        label(demo, t);
    }
    if (c != NULL)
        set_commitment(t);
    set_life(demo, t);
}

void cost__demo_templates(struct cost_demo *demo)
{
    size_t n = 0, at = 0;
    for (size_t i = 0; i < cost__demo_n_meters; i++)
        n += cost__demo_meters[i].resources;
    for (size_t i = 0; i < cost__demo_n_commitments; i++)
        n += cost__demo_commitments[i].shares + 1;
    demo->templates = mcp_arena_alloc(demo->arena, n * sizeof(*demo->templates));
    for (int a = 0; a < DEMO_N_ACCOUNTS; a++) {
        demo->account_first[a] = at;
        for (size_t i = 0; i < cost__demo_n_meters; i++)
            if ((int)cost__demo_meters[i].account == a)
                for (unsigned k = 0; k < cost__demo_meters[i].resources; k++)
                    build(demo, &demo->templates[at++], &cost__demo_meters[i], NULL, k, false);
        for (size_t i = 0; i < cost__demo_n_commitments; i++) {
            const struct demo_commitment *c = &cost__demo_commitments[i];
            if ((int)c->account != a)
                continue;
            const struct demo_meter *m = cost__demo_meter_find(mcp_str_z(c->sku));
            for (unsigned k = 0; k < c->shares; k++)
                build(demo, &demo->templates[at++], m, c, k, false);
            build(demo, &demo->templates[at++], m, c, 0, true);
        }
    }
    demo->account_first[DEMO_N_ACCOUNTS] = at;
}
