/* The live source of mcp-gcp: its functions, what they share, its doctor. */
#include "live.h"

#include "recommendations.h"
#include "resources.h"

#include <cost/result_cache.h>

#include <stdlib.h>

#define CACHE_BYTES ((size_t)32 << 20)

static const char *const overlaps_with[] = { "mcp-forecast", "mcp-policy", "mcp-opencost" };
#define N_OVERLAPS (sizeof(overlaps_with) / sizeof(overlaps_with[0]))

void gcp_describe(struct cost_result *r, const char *backend)
{
    mcp_str *overlaps = mcp_arena_alloc(r->arena, N_OVERLAPS * sizeof(*overlaps));

    for (size_t i = 0; i < N_OVERLAPS; i++)
        overlaps[i] = mcp_str_z(overlaps_with[i]);
    r->provider = MCP_STR("gcp");
    r->providers = &r->provider;
    r->n_providers = 1;
    r->overlaps_with = overlaps;
    r->n_overlaps = N_OVERLAPS;
    r->backend = mcp_str_z(backend);
}

int gcp_need_billing(const struct gcp *gcp, struct mcp_error *err)
{
    const struct gcp_config *c = gcp->config;
    const char *missing = c->project.len == 0 && c->dataset.len == 0
                              ? "gcp.billing.project and gcp.billing.dataset are not set"
                          : c->project.len == 0 ? "gcp.billing.project is not set"
                                                : "gcp.billing.dataset is not set";

    if (c->project.len > 0 && c->dataset.len > 0)
        return 0;
    mcp_error_word(err, MCP_ECONFIG, "not_configured",
                   "mcp-gcp has no billing data yet: %s, nothing was imported and no --data, "
                   "--dataset or --demo was given",
                   missing);
    return mcp_error_next(err, "Live: set GCP_BILLING_PROJECT and GCP_BILLING_DATASET (or "
                               "gcp.billing.project and gcp.billing.dataset in "
                               "~/.config/mcp-cost/config.yaml), then check with mcp-gcp doctor. "
                               "Files: mcp-gcp import FILE.csv. To try it: --demo.");
}

bool gcp_may_see(const struct gcp *gcp, mcp_str project)
{
    const struct gcp_config *c = gcp->config;

    if (!c->restricted)
        return true;
    if (project.len == 0)
        return c->unattributed;
    for (size_t i = 0; i < c->authorized_projects.count; i++) {
        if (mcp_str_eq(c->authorized_projects.items[i], project))
            return true;
    }
    return false;
}

static void close_live(struct cost_source *source)
{
    struct gcp *gcp = source->ctx;

    if (gcp == NULL)
        return;
    gcp_billing_free(gcp->billing);
    cost_result_cache_free(gcp->cache);
    gcp_credentials_free(gcp->creds);
    free(gcp);
    source->ctx = NULL;
}

static int open_live(const void *config, struct cost_source *out, struct mcp_error *err)
{
    struct gcp *gcp = calloc(1, sizeof(*gcp));

    *out = (struct cost_source){ .costs = gcp_costs,
                                 .forecast = gcp_forecast,
                                 .recommendations = gcp_recommendations,
                                 .resources = gcp_resources,
                                 .values = gcp_values,
                                 .peek = gcp_peek,
                                 .ctx = gcp };
    if (gcp != NULL) {
        gcp->config = config;
        gcp->creds = gcp_credentials_new(config);
        gcp->billing = gcp_billing_new(config);
        gcp->cache = cost_result_cache_new(CACHE_BYTES);
    }
    if (gcp == NULL || gcp->creds == NULL || gcp->billing == NULL || gcp->cache == NULL) {
        close_live(out);
        return mcp_error_set(err, MCP_ENOMEM, "no memory to start");
    }
    return 0;
}

/* False when nothing else can be examined. */
static bool check_credentials(const struct gcp *gcp, struct mcp_call *call,
                              const struct cost_report *report)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_error err = { 0 };
    mcp_str token, quota, who;

    if (gcp_credentials_token(gcp->creds, call, MCP_STR_NULL, &token, &err) < 0) {
        cost_report_error(report, COST_MARK_FAIL, "credentials", &err);
        return false;
    }
    who = gcp_credentials_describe(gcp->creds, arena);
    quota = gcp_credentials_quota_project(gcp->creds);
    cost_report_line(report, COST_MARK_OK, "credentials: %.*s%s%.*s", MCP_STR_ARG(who),
                     quota.len > 0 ? ", quota project " : "", MCP_STR_ARG(quota));
    return true;
}

static void check_settings(const struct gcp *gcp, const struct cost_report *report)
{
    const struct gcp_config *c = gcp->config;

    if (c->restricted && c->authorized_projects.count == 0)
        cost_report_line(
            report, COST_MARK_WARN,
            "projects: gcp.authorized_projects is an empty list, so that no project is "
            "shown. Name projects, or leave the setting out to show all.");
    else if (c->restricted)
        cost_report_line(report, COST_MARK_OK, "projects: %zu authorized, cost of no project %s",
                         c->authorized_projects.count, c->unattributed ? "shown" : "left out");
    else
        cost_report_line(report, COST_MARK_OK, "projects: not restricted");
}

static void doctor(const struct cost_source *source, struct mcp_call *call,
                   const struct cost_report *report)
{
    const struct gcp *gcp = source->ctx;
    struct mcp_error err = { 0 };

    check_settings(gcp, report);
    if (gcp_need_billing(gcp, &err) < 0)
        cost_report_error(report, COST_MARK_FAIL, "billing export", &err);
    if (!check_credentials(gcp, call, report))
        return;
    if (err.err == MCP_OK)
        gcp_billing_doctor(gcp, call, report);
    gcp_recommendations_doctor(gcp, call, report);
    gcp_resources_doctor(gcp, call, report);
}

const struct cost_live_spec gcp_live = {
    .section = "gcp",
    .title = "Google Cloud",
    .opts = gcp_opts,
    .n_opts = &gcp_n_opts,
    .config_size = sizeof(struct gcp_config),
    .settle = gcp_config_settle,
    .open = open_live,
    .close = close_live,
    .doctor = doctor,
};
