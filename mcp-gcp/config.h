/* The settings of mcp-gcp: the section gcp of the configuration file. */
#ifndef GCP_CONFIG_H
#define GCP_CONFIG_H

#include <mcp/options.h>

/* The Google services that are called; each has an endpoint. */
enum gcp_service {
    GCP_BIGQUERY,
    GCP_RECOMMENDER,
    GCP_CLOUDASSET,
    GCP_N_SERVICES,
};

enum gcp_billing_source { GCP_BILLING_AUTO, GCP_BILLING_BIGQUERY };

enum gcp_auth_method {
    GCP_AUTH_AUTO, /* the order of Application Default Credentials */
    GCP_AUTH_SERVICE_ACCOUNT,
    GCP_AUTH_USER,
    GCP_AUTH_WORKLOAD_IDENTITY,
    GCP_AUTH_METADATA,
};

/* Filled by mcp_options_load, constant afterwards. A missing mcp_str is a setting that nobody made. */
struct gcp_config {
    /* gcp.billing */
    int source; /* enum gcp_billing_source */
    mcp_str project; /* that holds the dataset */
    mcp_str job_project; /* that runs and pays the queries; missing: project */
    mcp_str dataset;
    mcp_str table; /* missing: discovered in the dataset */
    mcp_str location; /* of the dataset; missing: introspected */
    int timezone; /* enum gcp_zone */
    int64_t max_bytes_query; /* refused above: maximumBytesBilled */
    int64_t max_bytes_day; /* spend guard; 0: none */
    mcp_str price_per_tib_usd; /* decimal text; of on-demand queries */
    /* Whom the answers may show (contract.md section 11). */
    struct mcp_opt_list authorized_projects;
    bool restricted; /* a list was given, even an empty one */
    bool unattributed; /* rows without a project are shown in spite of the list */
    /* gcp.recommendations */
    int recommendations_source; /* one word so far */
    struct mcp_opt_list recommenders; /* empty: all cost recommenders */
    struct mcp_opt_list scopes; /* projects/P, folders/N, organizations/N, billingAccounts/A */
    struct mcp_opt_list locations; /* empty: as listed by the API */
    int64_t recommendations_ttl_ms;
    /* gcp.resources */
    mcp_str resource_scope; /* projects/P, folders/N, organizations/N */
    /* gcp.authentication */
    int method; /* enum gcp_auth_method */
    mcp_str credentials_file;
    mcp_str quota_project;
    mcp_str universe_domain;
    mcp_str impersonate; /* service account to become */
    /* gcp.endpoints: https://HOST[/PREFIX], http towards loopback only; missing: SERVICE.UNIVERSE */
    mcp_str endpoints[GCP_N_SERVICES];
    mcp_str token_endpoint; /* instead of the one that a key file names */
    mcp_str sts_endpoint;
    mcp_str iam_endpoint;
    mcp_str metadata_host; /* HOST[:PORT] */
};

/* The rows of struct gcp_config. */
extern const struct mcp_opt gcp_opts[];
extern const size_t gcp_n_opts;

/* settle of struct cost_live_spec: names are what Google allows (they go into paths and SQL), endpoints
 * are URLs, scopes have a kind. MCP_EINVAL names the option. */
int gcp_config_settle(void *config, const struct mcp_options *options, bool *chosen,
                      struct mcp_error *err);
/* projects/P, folders/N, organizations/N or billingAccounts/A. */
bool gcp_config_is_scope(mcp_str scope);

#endif
