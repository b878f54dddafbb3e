/* The closed word lists: dimensions with their aliases, metrics, granularities, charge categories. */
#include <cost/dims.h>

#include <mcp/error.h>

struct word {
    const char *name;
    int value;
};

static const char *const dim_names[COST_N_DIMS] = {
    [COST_DIM_NONE] = "",
    [COST_DIM_PROVIDER] = "provider",
    [COST_DIM_SERVICE_PROVIDER] = "service_provider",
    [COST_DIM_PUBLISHER] = "publisher",
    [COST_DIM_INVOICE_ISSUER] = "invoice_issuer",
    [COST_DIM_BILLING_ACCOUNT] = "billing_account",
    [COST_DIM_INVOICE] = "invoice",
    [COST_DIM_PROJECT] = "project",
    [COST_DIM_REGION] = "region",
    [COST_DIM_SERVICE] = "service",
    [COST_DIM_SERVICE_CATEGORY] = "service_category",
    [COST_DIM_SERVICE_SUBCATEGORY] = "service_subcategory",
    [COST_DIM_SKU] = "sku",
    [COST_DIM_RESOURCE] = "resource",
    [COST_DIM_RESOURCE_TYPE] = "resource_type",
    [COST_DIM_RESOURCE_GROUP] = "resource_group",
    [COST_DIM_CHARGE_CATEGORY] = "charge_category",
    [COST_DIM_CHARGE_CLASS] = "charge_class",
    [COST_DIM_CHARGE_FREQUENCY] = "charge_frequency",
    [COST_DIM_PRICING_CATEGORY] = "pricing_category",
    [COST_DIM_COMMITMENT] = "commitment",
    [COST_DIM_COMMITMENT_STATUS] = "commitment_status",
    [COST_DIM_CLUSTER] = "cluster",
    [COST_DIM_NAMESPACE] = "namespace",
    [COST_DIM_CURRENCY] = "currency",
    [COST_DIM_TAG] = "tag",
};

/* The FOCUS column names are taken too: a model that has read the specification will use them. */
static const struct word dim_aliases[] = {
    { "account", COST_DIM_PROJECT },
    { "subscription", COST_DIM_PROJECT },
    { "sub_account", COST_DIM_PROJECT },
    { "SubAccountId", COST_DIM_PROJECT },
    { "ServiceProviderName", COST_DIM_SERVICE_PROVIDER },
    { "PublisherName", COST_DIM_PUBLISHER },
    { "InvoiceIssuerName", COST_DIM_INVOICE_ISSUER },
    { "BillingAccountId", COST_DIM_BILLING_ACCOUNT },
    { "InvoiceId", COST_DIM_INVOICE },
    { "RegionId", COST_DIM_REGION },
    { "ServiceName", COST_DIM_SERVICE },
    { "ServiceCategory", COST_DIM_SERVICE_CATEGORY },
    { "ServiceSubcategory", COST_DIM_SERVICE_SUBCATEGORY },
    { "SkuId", COST_DIM_SKU },
    { "ResourceId", COST_DIM_RESOURCE },
    { "ResourceType", COST_DIM_RESOURCE_TYPE },
    { "ChargeCategory", COST_DIM_CHARGE_CATEGORY },
    { "ChargeClass", COST_DIM_CHARGE_CLASS },
    { "ChargeFrequency", COST_DIM_CHARGE_FREQUENCY },
    { "PricingCategory", COST_DIM_PRICING_CATEGORY },
    { "CommitmentDiscountId", COST_DIM_COMMITMENT },
    { "CommitmentDiscountStatus", COST_DIM_COMMITMENT_STATUS },
    { "BillingCurrency", COST_DIM_CURRENCY },
};

static const struct word metrics[] = {
    { "billed", COST_BILLED },         { "effective", COST_EFFECTIVE }, { "list", COST_LIST },
    { "contracted", COST_CONTRACTED }, { "unblended", COST_BILLED },    { "actual", COST_BILLED },
    { "amortized", COST_EFFECTIVE },
};

static const struct word granularities[] = {
    { "TOTAL", COST_TOTAL },
    { "HOURLY", COST_HOURLY },
    { "DAILY", COST_DAILY },
    { "MONTHLY", COST_MONTHLY },
};

static const struct word charges[] = {
    { "Usage", COST_CHARGE_USAGE },
    { "Purchase", COST_CHARGE_PURCHASE },
    { "Tax", COST_CHARGE_TAX },
    { "Credit", COST_CHARGE_CREDIT },
    { "Adjustment", COST_CHARGE_ADJUSTMENT },
};

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static int find(const struct word *words, size_t n, mcp_str text, int *out)
{
    for (size_t i = 0; i < n; i++) {
        if (mcp_str_eq_nocase(mcp_str_z(words[i].name), text)) {
            *out = words[i].value;
            return 0;
        }
    }
    return -1;
}

const char *cost_dim_name(enum cost_dim dim)
{
    MCP_BUG_ON((unsigned)dim >= COST_N_DIMS);
    return dim_names[dim];
}

enum cost_dim cost_dim_parse(mcp_str text, mcp_str *tag_key)
{
    int dim;

    if (tag_key != NULL)
        *tag_key = MCP_STR_NULL;
    if (mcp_str_cut_prefix_nocase(&text, MCP_STR("tag:"))) {
        if (text.len == 0)
            return COST_DIM_NONE;
        if (tag_key != NULL)
            *tag_key = text;
        return COST_DIM_TAG;
    }
    for (dim = COST_DIM_NONE + 1; dim < COST_DIM_TAG; dim++) {
        if (mcp_str_eq_nocase(mcp_str_z(dim_names[dim]), text))
            return (enum cost_dim)dim;
    }
    if (find(dim_aliases, COUNT(dim_aliases), text, &dim) == 0)
        return (enum cost_dim)dim;
    return COST_DIM_NONE;
}

static void nearer(mcp_str text, const char *candidate, unsigned *best, const char **name,
                   const char *answer)
{
    unsigned d = mcp_str_distance(text, mcp_str_z(candidate), *best);

    if (d < *best) {
        *best = d;
        *name = answer;
    }
}

const char *cost_dim_nearest(mcp_str text)
{
    /* A third of the letters may differ: beyond that a guess misleads. */
    unsigned best = (unsigned)(text.len > 60 ? 20 : text.len / 3) + 1;
    const char *name = NULL;

    for (int dim = COST_DIM_NONE + 1; dim < COST_DIM_TAG; dim++)
        nearer(text, dim_names[dim], &best, &name, dim_names[dim]);
    for (size_t i = 0; i < COUNT(dim_aliases); i++)
        nearer(text, dim_aliases[i].name, &best, &name, dim_names[dim_aliases[i].value]);
    if (name != NULL)
        return name;
    /* Words that people use for these things and no dimension is called. */
    static const struct word habits[] = {
        { "usage_type", COST_DIM_SKU },
        { "linked_account", COST_DIM_PROJECT },
        { "location", COST_DIM_REGION },
        { "product", COST_DIM_SERVICE },
        { "record_type", COST_DIM_CHARGE_CATEGORY },
        { "label", COST_DIM_TAG },
        { "tags", COST_DIM_TAG },
        { "vendor", COST_DIM_PROVIDER },
        { "cloud", COST_DIM_PROVIDER },
        { "meter", COST_DIM_SKU },
        { "instance", COST_DIM_RESOURCE },
        { "charge_type", COST_DIM_CHARGE_CATEGORY },
    };
    int dim;

    if (find(habits, COUNT(habits), text, &dim) == 0)
        return dim == COST_DIM_TAG ? "tag:KEY" : dim_names[dim];
    return NULL;
}

const char *cost_dim_list(void)
{
    return "provider, service_provider, publisher, invoice_issuer, billing_account, invoice, "
           "project, region, service, service_category, service_subcategory, sku, resource, "
           "resource_type, resource_group, charge_category, charge_class, charge_frequency, "
           "pricing_category, commitment, commitment_status, cluster, namespace, currency, tag:KEY";
}

const char *cost_metric_name(enum cost_metric m)
{
    MCP_BUG_ON((unsigned)m >= COST_N_METRICS);
    return metrics[m].name;
}

const char *cost_granularity_name(enum cost_granularity g)
{
    MCP_BUG_ON((unsigned)g >= COUNT(granularities));
    return granularities[g].name;
}

const char *cost_charge_name(enum cost_charge c)
{
    MCP_BUG_ON((unsigned)c >= COST_N_CHARGES);
    return charges[c].name;
}

int cost_metric_parse(mcp_str text, enum cost_metric *out)
{
    int value;

    if (find(metrics, COUNT(metrics), text, &value) < 0)
        return -1;
    *out = (enum cost_metric)value;
    return 0;
}

int cost_granularity_parse(mcp_str text, enum cost_granularity *out)
{
    int value;

    if (find(granularities, COUNT(granularities), text, &value) < 0)
        return -1;
    *out = (enum cost_granularity)value;
    return 0;
}

int cost_charge_parse(mcp_str text, enum cost_charge *out)
{
    int value;

    if (find(charges, COUNT(charges), text, &value) < 0)
        return -1;
    *out = (enum cost_charge)value;
    return 0;
}
