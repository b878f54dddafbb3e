/* Dimensions, metrics and the other closed word lists of the contract (contract.md section 1). */
#ifndef COST_DIMS_H
#define COST_DIMS_H

#include <mcp/str.h>

enum cost_dim {
    COST_DIM_NONE,
    COST_DIM_PROVIDER,
    COST_DIM_SERVICE_PROVIDER,
    COST_DIM_PUBLISHER,
    COST_DIM_INVOICE_ISSUER,
    COST_DIM_BILLING_ACCOUNT,
    COST_DIM_INVOICE,
    COST_DIM_PROJECT, /* SubAccountId; aliases account, subscription, sub_account */
    COST_DIM_REGION,
    COST_DIM_SERVICE,
    COST_DIM_SERVICE_CATEGORY,
    COST_DIM_SERVICE_SUBCATEGORY,
    COST_DIM_SKU,
    COST_DIM_RESOURCE,
    COST_DIM_RESOURCE_TYPE,
    COST_DIM_RESOURCE_GROUP,
    COST_DIM_CHARGE_CATEGORY,
    COST_DIM_CHARGE_CLASS,
    COST_DIM_CHARGE_FREQUENCY,
    COST_DIM_PRICING_CATEGORY,
    COST_DIM_COMMITMENT,
    COST_DIM_COMMITMENT_STATUS,
    COST_DIM_CLUSTER,
    COST_DIM_NAMESPACE,
    COST_DIM_CURRENCY,
    COST_DIM_TAG, /* with a key: tag:KEY */
    COST_N_DIMS,
};

enum cost_metric { COST_BILLED, COST_EFFECTIVE, COST_LIST, COST_CONTRACTED, COST_N_METRICS };
enum cost_basis { COST_USAGE, COST_INVOICE };
enum cost_granularity { COST_TOTAL, COST_HOURLY, COST_DAILY, COST_MONTHLY };

/* FOCUS ChargeCategory. */
enum cost_charge {
    COST_CHARGE_USAGE,
    COST_CHARGE_PURCHASE,
    COST_CHARGE_TAX,
    COST_CHARGE_CREDIT,
    COST_CHARGE_ADJUSTMENT,
    COST_N_CHARGES
};

/* The class of a row in the bridge, contract.md section 3: the first that fits. */
enum cost_class {
    COST_CLASS_COVERING, /* V: Purchase, E = 0, B <> 0 */
    COST_CLASS_UNUSED, /* W */
    COST_CLASS_COVERED, /* U */
    COST_CLASS_OTHER, /* O */
    COST_CLASS_TAX, /* T */
    COST_CLASS_CREDIT, /* C */
    COST_CLASS_ADJUSTMENT, /* A */
    COST_N_CLASSES,
};

/* A dimension's name in arguments and answers ("service"); the tag's is "tag". */
const char *cost_dim_name(enum cost_dim dim);
/* By name or alias, case folded; "tag:KEY" gives COST_DIM_TAG and *tag_key. NONE when unknown. */
enum cost_dim cost_dim_parse(mcp_str text, mcp_str *tag_key);
/* The nearest known name for "did you mean", or NULL. */
const char *cost_dim_nearest(mcp_str text);
const char *cost_metric_name(enum cost_metric m);
const char *cost_granularity_name(enum cost_granularity g);
const char *cost_charge_name(enum cost_charge c);
/* By name or synonym (unblended, actual = billed; amortized = effective), case folded: 0, else -1. */
int cost_metric_parse(mcp_str text, enum cost_metric *out);
int cost_granularity_parse(mcp_str text, enum cost_granularity *out);
int cost_charge_parse(mcp_str text, enum cost_charge *out);
/* The names of all dimensions for messages: "provider, service_provider, ..., tag:KEY". */
const char *cost_dim_list(void);

/* Provider families: "aws", "azure", "gcp", "oracle", or the slug of a name. From the shipped alias
 * table over InvoiceIssuerName, then ServiceProviderName or ProviderName (contract.md section 5).
 * Returns static storage, or NULL when unmapped. */
const char *cost_provider_family(mcp_str name);
/* Lower case letters, digits and single dashes of a name, at most 63: "Acme Cloud" -> acme-cloud. A
 * name without any gets "provider-" and eight hex digits of its hash. The length. */
size_t cost_provider_slug(mcp_str name, char out[64]);
/* The family's name for people: "AWS". */
const char *cost_provider_title(mcp_str family);

#endif
