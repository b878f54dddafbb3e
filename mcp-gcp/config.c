/* The option rows of mcp-gcp, and what settings mean together. */
#include "config.h"

#include "recommendations.h"

#define ROW(opt_type, opt_name, field, ...)                                                        \
    MCP_OPT(opt_type, opt_name, struct gcp_config, field, __VA_ARGS__)
#define BILLING "Google Cloud: billing export"
#define ADVICE "Google Cloud: recommendations and resources"
#define ACCESS "Google Cloud: credentials"
#define ENDPOINTS "Google Cloud: endpoints (https; http to this machine only)"

const struct mcp_opt gcp_opts[] = {
    ROW(MCP_OPT_ENUM, "gcp.billing.source", source, .words = "auto|bigquery", .fallback = "auto",
        .env = "GCP_BILLING_SOURCE", .group = BILLING,
        .help = "bigquery: goes before a dataset that was imported"),
    ROW(MCP_OPT_STR, "gcp.billing.project", project, .env = "GCP_BILLING_PROJECT", .arg = "PROJECT",
        .group = BILLING, .help = "project that holds the dataset"),
    ROW(MCP_OPT_STR, "gcp.billing.dataset", dataset, .env = "GCP_BILLING_DATASET", .arg = "DATASET",
        .group = BILLING, .help = "BigQuery dataset of the billing export"),
    ROW(MCP_OPT_STR, "gcp.billing.table", table, .env = "GCP_BILLING_TABLE", .arg = "TABLE",
        .group = BILLING, .help = "standard, detailed or FOCUS table [found in the dataset]"),
    ROW(MCP_OPT_STR, "gcp.billing.location", location, .env = "GCP_BILLING_LOCATION",
        .arg = "LOCATION", .group = BILLING, .help = "US, EU, ... [asked of the dataset]"),
    ROW(MCP_OPT_ENUM, "gcp.billing.timezone", timezone, .words = "UTC|America/Los_Angeles",
        .fallback = "America/Los_Angeles", .env = "GCP_BILLING_TIMEZONE", .group = BILLING,
        .help = "whose days count: that of Google's invoices, or UTC"),
    ROW(MCP_OPT_STR, "gcp.billing.job_project", job_project, .env = "GCP_BILLING_JOB_PROJECT",
        .arg = "PROJECT", .group = BILLING,
        .help = "runs and pays the queries [gcp.billing.project]"),
    ROW(MCP_OPT_BYTES, "gcp.billing.max_bytes_query", max_bytes_query, .fallback = "10GiB",
        .min = 10485760, .max = INT64_C(1) << 50, .env = "GCP_BILLING_MAX_BYTES_QUERY",
        .group = BILLING, .help = "a query that would scan more is refused"),
    ROW(MCP_OPT_BYTES, "gcp.billing.max_bytes_day", max_bytes_day, .fallback = "200GiB", .min = 0,
        .max = INT64_C(1) << 55, .env = "GCP_BILLING_MAX_BYTES_DAY", .group = BILLING,
        .help = "spend guard of this process; 0: none"),
    ROW(MCP_OPT_STR, "gcp.billing.price_per_tib", price_per_tib_usd, .fallback = "6.25",
        .env = "GCP_BILLING_PRICE_PER_TIB", .arg = "USD", .group = BILLING,
        .help = "for the price of a query in the answer"),
    ROW(MCP_OPT_LIST, "gcp.authorized_projects", authorized_projects,
        .env = "GCP_AUTHORIZED_PROJECTS", .arg = "PROJECT,...", .group = BILLING,
        .flags = MCP_OPT_EMPTY, /* a list that came out empty must not show everything */
        .help = "only these projects are shown; an empty list shows none"),
    ROW(MCP_OPT_BOOL, "gcp.unattributed", unattributed, .env = "GCP_UNATTRIBUTED", .group = BILLING,
        .help = "with a list: also cost of no project (tax, support)"),

    ROW(MCP_OPT_ENUM, "gcp.recommendations.source", recommendations_source,
        .words = "recommender_api", .fallback = "recommender_api",
        .env = "GCP_RECOMMENDATIONS_SOURCE", .group = ADVICE, .help = "where advice comes from"),
    ROW(MCP_OPT_LIST, "gcp.recommendations.recommenders", recommenders, .env = "GCP_RECOMMENDERS",
        .arg = "ID,...", .group = ADVICE, .help = "only these [all that reduce cost]"),
    ROW(MCP_OPT_LIST, "gcp.recommendations.scopes", scopes, .env = "GCP_RECOMMENDATION_SCOPES",
        .arg = "SCOPE,...", .group = ADVICE,
        .help = "projects/P, folders/N, organizations/N, billingAccounts/A"),
    ROW(MCP_OPT_LIST, "gcp.recommendations.locations", locations,
        .env = "GCP_RECOMMENDATION_LOCATIONS", .arg = "LOCATION,...", .group = ADVICE,
        .help = "zones and regions to ask [where the bill has cost]"),
    ROW(MCP_OPT_MS, "gcp.recommendations.cache", recommendations_ttl_ms, .fallback = "24h",
        .min = 0, .max = INT64_C(7) * 24 * 3600 * 1000, .env = "GCP_RECOMMENDATION_CACHE",
        .group = ADVICE, .help = "how long advice is kept: Google allows few reads a day"),
    ROW(MCP_OPT_STR, "gcp.resources.scope", resource_scope, .env = "GCP_RESOURCE_SCOPE",
        .arg = "SCOPE", .group = ADVICE,
        .help = "projects/P, folders/N, organizations/N [the billing project]"),

    ROW(MCP_OPT_ENUM, "gcp.authentication.method", method,
        .words = "auto|service_account|user|workload_identity|metadata", .fallback = "auto",
        .env = "GCP_AUTH_METHOD", .group = ACCESS,
        .help = "auto: Application Default Credentials; else that kind only"),
    ROW(MCP_OPT_PATH, "gcp.authentication.credentials_file", credentials_file,
        .env = "GOOGLE_APPLICATION_CREDENTIALS", .arg = "FILE", .group = ACCESS,
        .help = "JSON of a key, a user or a workload identity"),
    ROW(MCP_OPT_STR, "gcp.authentication.quota_project", quota_project,
        .env = "GOOGLE_CLOUD_QUOTA_PROJECT", .arg = "PROJECT", .group = ACCESS,
        .help = "whose quota and API enablement count"),
    ROW(MCP_OPT_STR, "gcp.authentication.impersonate", impersonate,
        .env = "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT", .arg = "EMAIL", .group = ACCESS,
        .help = "act as this service account"),
    ROW(MCP_OPT_STR, "gcp.authentication.universe_domain", universe_domain,
        .env = "GOOGLE_CLOUD_UNIVERSE_DOMAIN", .arg = "DOMAIN", .group = ACCESS,
        .help = "of a sovereign cloud [googleapis.com]"),

    ROW(MCP_OPT_STR, "gcp.endpoints.bigquery", endpoints[GCP_BIGQUERY],
        .env = "GCP_BIGQUERY_ENDPOINT", .arg = "URL", .group = ENDPOINTS,
        .help = "BigQuery [https://bigquery.googleapis.com]"),
    ROW(MCP_OPT_STR, "gcp.endpoints.recommender", endpoints[GCP_RECOMMENDER],
        .env = "GCP_RECOMMENDER_ENDPOINT", .arg = "URL", .group = ENDPOINTS, .help = "Recommender"),
    ROW(MCP_OPT_STR, "gcp.endpoints.cloudasset", endpoints[GCP_CLOUDASSET],
        .env = "GCP_CLOUDASSET_ENDPOINT", .arg = "URL", .group = ENDPOINTS,
        .help = "Cloud Asset Inventory"),
    ROW(MCP_OPT_STR, "gcp.endpoints.token", token_endpoint, .env = "GCP_TOKEN_ENDPOINT",
        .arg = "URL", .group = ENDPOINTS, .help = "OAuth tokens [what the file names]"),
    ROW(MCP_OPT_STR, "gcp.endpoints.sts", sts_endpoint, .env = "GCP_STS_ENDPOINT", .arg = "URL",
        .group = ENDPOINTS, .help = "Security Token Service [what the file names]"),
    ROW(MCP_OPT_STR, "gcp.endpoints.iamcredentials", iam_endpoint,
        .env = "GCP_IAMCREDENTIALS_ENDPOINT", .arg = "URL", .group = ENDPOINTS,
        .help = "IAM Credentials"),
    ROW(MCP_OPT_STR, "gcp.endpoints.metadata", metadata_host, .env = "GCE_METADATA_HOST",
        .arg = "HOST[:PORT]", .group = ENDPOINTS, .help = "metadata server [169.254.169.254]"),
};
const size_t gcp_n_opts = sizeof(gcp_opts) / sizeof(gcp_opts[0]);

/* What names an identifier of Google's is put into paths and SQL: nothing else gets in. */
static bool is_project(mcp_str s)
{
    bool domain = mcp_str_find(s, ':') < s.len;

    /* example.com:project is the old form. */
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' &&
            !(domain && (c == '.' || c == ':')))
            return false;
    }
    return s.len > 0 && s.len <= 128;
}

static bool is_name(mcp_str s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
            (c == '\0' || strchr(more, c) == NULL))
            return false;
    }
    return s.len > 0 && s.len <= 1024;
}

bool gcp_config_is_scope(mcp_str scope)
{
    mcp_str rest = scope, kind;

    if (!mcp_str_cut(&rest, '/', &kind))
        return false;
    if (mcp_str_eq(kind, MCP_STR("projects")))
        return is_project(rest);
    if (mcp_str_eq(kind, MCP_STR("billingAccounts")))
        return is_name(rest, "-") && rest.len <= 64;
    if (mcp_str_eq(kind, MCP_STR("folders")) || mcp_str_eq(kind, MCP_STR("organizations")))
        return is_name(rest, "") && rest.len <= 64;
    return false;
}

static int wrong(struct mcp_error *err, const char *name, mcp_str value, const char *good)
{
    mcp_error_set(err, MCP_EINVAL, "%s is \"%.*s\", which is no %s", name,
                  MCP_STR_ARG(mcp_str_head(value, 80)), good);
    return mcp_error_next(err, "Correct %s. See --print-config for where it was set.", name);
}

static bool is_recommender(mcp_str id)
{
    for (size_t i = 0; i < gcp_n_recommenders; i++) {
        if (mcp_str_eq(id, mcp_str_z(gcp_recommenders[i].id)))
            return true;
    }
    return false;
}

static int unknown_recommender(mcp_str id, struct mcp_error *err)
{
    struct mcp_buf list;

    mcp_error_set(
        err, MCP_EINVAL,
        "gcp.recommendations.recommenders holds \"%.*s\", which is none that reduces cost",
        MCP_STR_ARG(mcp_str_head(id, 100)));
    mcp_buf_init(&list, 4096);
    for (size_t i = 0; i < gcp_n_recommenders; i++) {
        mcp_str name = mcp_str_z(gcp_recommenders[i].id);

        mcp_str_cut_prefix(&name, MCP_STR("google."));
        mcp_buf_printf(&list, "%s%.*s", i > 0 ? ", " : "", MCP_STR_ARG(name));
    }
    mcp_error_next(err, "Known, each after \"google.\": %.*s", MCP_STR_ARG(mcp_buf_view(&list)));
    mcp_buf_release(&list);
    return MCP_EINVAL;
}

static int check_scopes(const struct gcp_config *c, struct mcp_error *err)
{
    for (size_t i = 0; i < c->scopes.count; i++) {
        if (!gcp_config_is_scope(c->scopes.items[i]))
            return wrong(err, "gcp.recommendations.scopes", c->scopes.items[i],
                         "projects/P, folders/N, organizations/N or billingAccounts/A");
    }
    for (size_t i = 0; i < c->locations.count; i++) {
        if (!is_name(c->locations.items[i], "-"))
            return wrong(err, "gcp.recommendations.locations", c->locations.items[i],
                         "zone or region");
    }
    for (size_t i = 0; i < c->recommenders.count; i++) {
        if (!is_recommender(c->recommenders.items[i]))
            return unknown_recommender(c->recommenders.items[i], err);
    }
    if (!mcp_str_is_null(c->resource_scope) &&
        (!gcp_config_is_scope(c->resource_scope) ||
         mcp_str_starts(c->resource_scope, MCP_STR("billingAccounts/"))))
        return wrong(err, "gcp.resources.scope", c->resource_scope,
                     "projects/P, folders/N or organizations/N");
    return 0;
}

/* Paths are put behind them: they end without a slash. */
static int check_endpoints(struct gcp_config *c, struct mcp_error *err)
{
    const struct {
        const char *name;
        mcp_str *url;
    } all[] = {
        { "gcp.endpoints.bigquery", &c->endpoints[GCP_BIGQUERY] },
        { "gcp.endpoints.recommender", &c->endpoints[GCP_RECOMMENDER] },
        { "gcp.endpoints.cloudasset", &c->endpoints[GCP_CLOUDASSET] },
        { "gcp.endpoints.token", &c->token_endpoint },
        { "gcp.endpoints.sts", &c->sts_endpoint },
        { "gcp.endpoints.iamcredentials", &c->iam_endpoint },
    };

    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        mcp_str *url = all[i].url;

        if (!mcp_str_is_null(*url) && !mcp_str_starts(*url, MCP_STR("https://")) &&
            !mcp_str_starts(*url, MCP_STR("http://")))
            return wrong(err, all[i].name, *url, "URL (https://HOST)");
        while (url->len > 0 && url->ptr[url->len - 1] == '/')
            url->len--;
    }
    return 0;
}

int gcp_config_settle(void *config, const struct mcp_options *options, bool *chosen,
                      struct mcp_error *err)
{
    struct gcp_config *c = config;
    const struct {
        const char *name;
        mcp_str project;
    } projects[] = {
        { "gcp.billing.project", c->project },
        { "gcp.billing.job_project", c->job_project },
        { "gcp.authentication.quota_project", c->quota_project },
    };

    c->restricted = mcp_options_source(options, "gcp.authorized_projects") != MCP_OPT_DEFAULT;
    *chosen = c->source == GCP_BILLING_BIGQUERY;
    for (size_t i = 0; i < sizeof(projects) / sizeof(projects[0]); i++) {
        if (!mcp_str_is_null(projects[i].project) && !is_project(projects[i].project))
            return wrong(err, projects[i].name, projects[i].project,
                         "project id (lower case letters, digits, dashes)");
    }
    if (!mcp_str_is_null(c->dataset) && !is_name(c->dataset, "_"))
        return wrong(err, "gcp.billing.dataset", c->dataset, "dataset name (letters, digits, _)");
    if (!mcp_str_is_null(c->table) && !is_name(c->table, "_-"))
        return wrong(err, "gcp.billing.table", c->table, "table name (letters, digits, _)");
    if (!mcp_str_is_null(c->location) && !is_name(c->location, "-"))
        return wrong(err, "gcp.billing.location", c->location, "BigQuery location");
    if (check_endpoints(c, err) < 0)
        return MCP_EINVAL;
    return check_scopes(c, err);
}
