/* Whom to ask for advice, and where: scopes, their projects, and the locations that are in use. */
#include "places.h"

#define MAX_PROJECTS 2000
#define MAX_LOCATIONS 400
#define MAX_PAGES 10

struct list {
    mcp_str *items; /* in arena */
    size_t n, max;
    bool cut;
};

static int list_init(struct list *l, struct mcp_arena *arena, size_t max, struct mcp_error *err)
{
    *l = (struct list){ .items = mcp_arena_try_array(arena, max, sizeof(*l->items)), .max = max };
    return l->items != NULL ? 0 : mcp_error_set(err, MCP_ENOMEM, "no memory for %zu names", max);
}

/* Once. */
static void list_add(struct list *l, mcp_str s)
{
    if (s.len == 0)
        return;
    for (size_t i = 0; i < l->n; i++) {
        if (mcp_str_eq(l->items[i], s))
            return;
    }
    if (l->n < l->max)
        l->items[l->n++] = s;
    else
        l->cut = true;
}

mcp_str gcp_places_home(const struct gcp *gcp)
{
    mcp_str found = gcp->config->project;

    if (found.len == 0)
        found = gcp_credentials_project(gcp->creds);
    if (found.len == 0)
        found = gcp_credentials_quota_project(gcp->creds);
    return found;
}

/* Pages of a list; the next page's token in *page, empty at the end. */
static int ask_page(const struct gcp *gcp, struct mcp_call *call, enum gcp_service service,
                    mcp_str path, mcp_str *page, struct mcp_json *root, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct gcp_request request = { .service = service, .method = MCP_GET, .path = path };
    struct gcp_reply reply;
    int rc;

    if (page->len > 0)
        request.path = mcp_arena_printf(arena, "%.*s%cpageToken=%.*s", MCP_STR_ARG(path),
                                        mcp_str_find(path, '?') < path.len ? '&' : '?',
                                        MCP_STR_ARG(gcp_api_encode(arena, *page)));
    rc = gcp_api_json(gcp, call, &request, &reply, root, err);
    if (rc == 0)
        *page = mcp_json_get_str(*root, MCP_STR("nextPageToken"), arena);
    return rc;
}

static int add_projects(const struct gcp *gcp, struct mcp_call *call, mcp_str scope,
                        struct list *ids, uint64_t *requests, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str page = MCP_STR_NULL;
    mcp_str path = mcp_arena_printf(arena, "/v1/%.*s:searchAllResources?assetTypes=%s&pageSize=500",
                                    MCP_STR_ARG(scope), GCP_PROJECT_TYPE);
    unsigned pages = 0;

    do {
        struct mcp_json_iter it;
        struct mcp_json root;
        int rc = ask_page(gcp, call, GCP_CLOUDASSET, path, &page, &root, err);

        ++*requests;
        if (rc < 0)
            return rc;
        it = mcp_json_iter(mcp_json_get(root, MCP_STR("results")));
        while (mcp_json_next(&it)) {
            mcp_str name = mcp_json_get_str(it.value, MCP_STR("name"), arena);

            if (mcp_str_cut_prefix(&name,
                                   MCP_STR("//cloudresourcemanager.googleapis.com/projects/")))
                list_add(ids, name);
        }
    } while (page.len > 0 && ++pages < MAX_PAGES);
    ids->cut = ids->cut || page.len > 0;
    return 0;
}

int gcp_places_projects(const struct gcp *gcp, struct mcp_call *call, mcp_str scope,
                        const mcp_str **ids, size_t *n, uint64_t *requests, struct mcp_error *err)
{
    struct list l;
    int rc = list_init(&l, mcp_call_arena(call), MAX_PROJECTS, err);

    if (rc == 0)
        rc = add_projects(gcp, call, scope, &l, requests, err);
    *ids = l.items;
    *n = l.n;
    return rc;
}

/* What the bill knows, where there is one. Without it advice is asked all the same. */
static void ask_bill(const struct gcp *gcp, struct mcp_call *call, struct list *projects,
                     struct list *locations, struct cost_result *base)
{
    struct mcp_error why = { 0 };
    const mcp_str *p, *l;
    size_t n_p, n_l;

    if (gcp_need_billing(gcp, &why) < 0)
        return;
    if (gcp_billing_places(gcp, call, &p, &n_p, &l, &n_l, &why) < 0) {
        cost_result_warn(base, "places_unknown", mcp_arena_str(base->arena, mcp_str_z(why.next)),
                         "The billing export could not be asked where cost arises: %s.",
                         why.message);
        return;
    }
    for (size_t i = 0; i < n_p; i++)
        list_add(projects, p[i]);
    for (size_t i = 0; i < n_l; i++)
        list_add(locations, l[i]);
}

static int list_locations(const struct gcp *gcp, struct mcp_call *call, struct gcp_places *out,
                          struct list *locations, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str page = MCP_STR_NULL;
    mcp_str path =
        mcp_arena_printf(arena, "/v1beta1/%.*s/locations", MCP_STR_ARG(out->targets[0].parent));
    unsigned pages = 0;

    do {
        struct mcp_json_iter it;
        struct mcp_json root;
        int rc = ask_page(gcp, call, GCP_RECOMMENDER, path, &page, &root, err);

        out->requests++;
        if (rc < 0)
            return rc;
        it = mcp_json_iter(mcp_json_get(root, MCP_STR("locations")));
        while (mcp_json_next(&it))
            list_add(locations, mcp_json_get_str(it.value, MCP_STR("locationId"), arena));
    } while (page.len > 0 && ++pages < MAX_PAGES);
    return 0;
}

static void add_target(struct gcp_target *targets, size_t *n, struct mcp_arena *arena,
                       const struct gcp *gcp, mcp_str project)
{
    if (gcp_may_see(gcp, project))
        targets[(*n)++] =
            (struct gcp_target){ mcp_arena_printf(arena, "projects/%.*s", MCP_STR_ARG(project)),
                                 GCP_SCOPE_PROJECT, project };
}

/* The scopes of the settings, folders and organizations taken apart. */
static int read_scopes(const struct gcp *gcp, struct mcp_call *call, struct gcp_places *out,
                       struct gcp_target *targets, struct list *projects, struct mcp_error *err)
{
    const struct gcp_config *c = gcp->config;

    for (size_t i = 0; i < c->scopes.count && i < MAX_PROJECTS; i++) {
        mcp_str scope = c->scopes.items[i], rest = scope, kind;
        int rc = 0;

        mcp_str_cut(&rest, '/', &kind);
        if (mcp_str_eq(kind, MCP_STR("projects"))) {
            list_add(projects, rest);
            continue;
        }
        if (mcp_str_eq(kind, MCP_STR("billingAccounts")))
            targets[out->n_targets++] =
                (struct gcp_target){ .parent = scope, .scope = GCP_SCOPE_ACCOUNT };
        else if (mcp_str_eq(kind, MCP_STR("organizations")))
            targets[out->n_targets++] =
                (struct gcp_target){ .parent = scope, .scope = GCP_SCOPE_ORGANIZATION };
        if (!mcp_str_eq(kind, MCP_STR("billingAccounts")))
            rc = add_projects(gcp, call, scope, projects, &out->requests, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int nobody(struct mcp_error *err)
{
    mcp_error_word(err, MCP_ECONFIG, "not_configured",
                   "there is no project to ask for advice: gcp.recommendations.scopes and "
                   "gcp.billing.project are not set, and the credentials name none");
    return mcp_error_next(err, "Set GCP_RECOMMENDATION_SCOPES=projects/PROJECT (or folders/N, "
                               "organizations/N, billingAccounts/A), or GCP_BILLING_PROJECT.");
}

static int find_targets(const struct gcp *gcp, struct mcp_call *call, struct gcp_places *out,
                        struct list *projects, struct mcp_error *err)
{
    const struct gcp_config *c = gcp->config;
    struct mcp_arena *arena = mcp_call_arena(call);
    struct gcp_target *targets = mcp_arena_try_array(arena, 2 * MAX_PROJECTS, sizeof(*targets));
    struct list named;
    int rc = list_init(&named, arena, MAX_PROJECTS, err);

    if (targets == NULL || rc < 0)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for the projects");
    rc = read_scopes(gcp, call, out, targets, &named, err);
    if (rc < 0)
        return rc;
    if (c->scopes.count == 0 && c->restricted) {
        for (size_t i = 0; i < c->authorized_projects.count; i++)
            list_add(&named, c->authorized_projects.items[i]);
    } else if (c->scopes.count == 0) {
        for (size_t i = 0; i < projects->n; i++)
            list_add(&named, projects->items[i]);
        if (projects->n == 0)
            list_add(&named, gcp_places_home(gcp));
        if (named.n == 0)
            return nobody(err);
    }
    for (size_t i = 0; i < named.n; i++)
        add_target(targets, &out->n_targets, arena, gcp, named.items[i]);
    projects->cut = projects->cut || named.cut;
    out->targets = targets;
    return 0;
}

int gcp_places_find(const struct gcp *gcp, struct mcp_call *call, struct gcp_places *out,
                    struct cost_result *base, struct mcp_error *err)
{
    const struct gcp_config *c = gcp->config;
    struct mcp_arena *arena = mcp_call_arena(call);
    struct list projects, locations;
    int rc = list_init(&projects, arena, MAX_PROJECTS, err);

    *out = (struct gcp_places){ .n_targets = 0 };
    if (rc == 0)
        rc = list_init(&locations, arena, MAX_LOCATIONS, err);
    if (rc < 0)
        return rc;
    if (c->locations.count == 0 || (c->scopes.count == 0 && !c->restricted))
        ask_bill(gcp, call, &projects, &locations, base);
    rc = find_targets(gcp, call, out, &projects, err);
    if (rc < 0 || out->n_targets == 0)
        return rc;
    if (c->locations.count > 0) {
        locations.n = 0;
        for (size_t i = 0; i < c->locations.count; i++)
            list_add(&locations, c->locations.items[i]);
    } else if (locations.n == 0) {
        rc = list_locations(gcp, call, out, &locations, err);
    }
    list_add(&locations, MCP_STR("global"));
    /* A bill of Compute Engine names zones; what is regional there is asked in their regions. */
    for (size_t i = 0, n = locations.n; i < n; i++) {
        if (gcp_place_of(locations.items[i]) == GCP_PLACE_ZONE && c->locations.count == 0)
            list_add(&locations, mcp_str_n(locations.items[i].ptr, locations.items[i].len - 2));
    }
    if (projects.cut || locations.cut)
        cost_result_warn(
            base, "places_cut", MCP_STR("Name them: gcp.recommendations.scopes and .locations."),
            "Only %d projects and %d locations are asked.", MAX_PROJECTS, MAX_LOCATIONS);
    out->locations = locations.items;
    out->n_locations = locations.n;
    return rc;
}
