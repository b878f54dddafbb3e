/* The columns of a FOCUS file by name: where each goes. */
#include "focus_columns.h"

/* Order matters twice: a FALLBACK stands behind the TEXT it stands in for, and rows are converted in
 * this order, so that a NAME finds its id. */
const struct cost__focus_column cost__focus_columns[] = {
    { "BillingPeriodStart", COST__FOCUS_DATE, COST__BILLING_START, true, false },
    { "BillingPeriodEnd", COST__FOCUS_DATE, COST__BILLING_END, false, false },
    { "ChargePeriodStart", COST__FOCUS_DATE, COST__CHARGE_START, true, false },
    { "ChargePeriodEnd", COST__FOCUS_DATE, COST__CHARGE_END, true, false },
    { "BilledCost", COST__FOCUS_NUM, COST_NUM_BILLED, true, false },
    { "EffectiveCost", COST__FOCUS_NUM, COST_NUM_EFFECTIVE, false, true },
    { "ListCost", COST__FOCUS_NUM, COST_NUM_LIST, false, true },
    { "ContractedCost", COST__FOCUS_NUM, COST_NUM_CONTRACTED, false, true },
    { "ConsumedQuantity", COST__FOCUS_NUM, COST_NUM_QUANTITY, false, true },
    { "ConsumedUnit", COST__FOCUS_TEXT, COST_COL_UNIT, false, true },
    { "BillingCurrency", COST__FOCUS_TEXT, COST_COL_CURRENCY, true, false },
    { "BillingAccountId", COST__FOCUS_TEXT, COST_COL_BILLING_ACCOUNT, true, false },
    { "BillingAccountName", COST__FOCUS_NAME, COST_COL_BILLING_ACCOUNT, false, false },
    { "SubAccountId", COST__FOCUS_TEXT, COST_COL_PROJECT, false, true },
    { "SubAccountName", COST__FOCUS_NAME, COST_COL_PROJECT, false, false },
    { "InvoiceId", COST__FOCUS_TEXT, COST_COL_INVOICE, false, true },
    { "InvoiceIssuerName", COST__FOCUS_TEXT, COST_COL_INVOICE_ISSUER, false, true },
    { "ServiceProviderName", COST__FOCUS_TEXT, COST_COL_SERVICE_PROVIDER, false, false },
    { "ProviderName", COST__FOCUS_FALLBACK, COST_COL_SERVICE_PROVIDER, false, false },
    { "PublisherName", COST__FOCUS_TEXT, COST_COL_PUBLISHER, false, false },
    { "HostProviderName", COST__FOCUS_FALLBACK, COST_COL_PUBLISHER, false, false },
    { "RegionId", COST__FOCUS_TEXT, COST_COL_REGION, false, true },
    { "RegionName", COST__FOCUS_NAME, COST_COL_REGION, false, false },
    { "ServiceName", COST__FOCUS_TEXT, COST_COL_SERVICE, false, true },
    { "ServiceCategory", COST__FOCUS_TEXT, COST_COL_SERVICE_CATEGORY, false, true },
    { "ServiceSubcategory", COST__FOCUS_TEXT, COST_COL_SERVICE_SUBCATEGORY, false, true },
    { "SkuId", COST__FOCUS_TEXT, COST_COL_SKU, false, true },
    { "ResourceId", COST__FOCUS_TEXT, COST_COL_RESOURCE, false, true },
    { "ResourceName", COST__FOCUS_NAME, COST_COL_RESOURCE, false, false },
    { "ResourceType", COST__FOCUS_TEXT, COST_COL_RESOURCE_TYPE, false, true },
    { "x_ResourceGroupName", COST__FOCUS_TEXT, COST_COL_RESOURCE_GROUP, false, false },
    { "ChargeCategory", COST__FOCUS_TEXT, COST_COL_CHARGE_CATEGORY, true, false },
    { "ChargeClass", COST__FOCUS_TEXT, COST_COL_CHARGE_CLASS, false, true },
    { "ChargeFrequency", COST__FOCUS_TEXT, COST_COL_CHARGE_FREQUENCY, false, true },
    { "PricingCategory", COST__FOCUS_TEXT, COST_COL_PRICING_CATEGORY, false, true },
    { "CommitmentDiscountId", COST__FOCUS_TEXT, COST_COL_COMMITMENT, false, true },
    { "CommitmentDiscountName", COST__FOCUS_NAME, COST_COL_COMMITMENT, false, false },
    { "CommitmentDiscountStatus", COST__FOCUS_TEXT, COST_COL_COMMITMENT_STATUS, false, true },
    { "CommitmentDiscountType", COST__FOCUS_TEXT, COST_COL_COMMITMENT_TYPE, false, true },
    { "AllocatedResourceId", COST__FOCUS_TEXT, COST_COL_ALLOCATED_RESOURCE, false, false },
    { "AllocatedResourceName", COST__FOCUS_NAME, COST_COL_ALLOCATED_RESOURCE, false, false },
    { "Tags", COST__FOCUS_TAGS, 0, false, true },
    { "AllocatedTags", COST__FOCUS_ALLOCATED_TAGS, 0, false, false },
    { "ChargeDescription", COST__FOCUS_DESCRIPTION, 0, false, false },
    { "SkuMeter", COST__FOCUS_DESCRIPTION, 0, false, false },
    { "x_SkuMeterName", COST__FOCUS_DESCRIPTION, 0, false, false },
    { "x_SkuDescription", COST__FOCUS_DESCRIPTION, 0, false, false },
    { "BillingPeriodStatus", COST__FOCUS_STATUS, 0, false, false },
};
const size_t cost__focus_n_columns = sizeof(cost__focus_columns) / sizeof(*cost__focus_columns);

static bool same_name(mcp_str a, const char *b)
{
    size_t i = 0;

    for (;; b++) {
        char x, y;

        while (i < a.len && (a.ptr[i] == ' ' || a.ptr[i] == '_'))
            i++;
        while (*b == '_')
            b++;
        if (i == a.len || *b == '\0')
            return i == a.len && *b == '\0';
        x = a.ptr[i++];
        y = *b;
        x = (char)(x >= 'A' && x <= 'Z' ? x + 32 : x);
        y = (char)(y >= 'A' && y <= 'Z' ? y + 32 : y);
        if (x != y)
            return false;
    }
}

int cost__focus_column_find(mcp_str name)
{
    for (size_t i = 0; i < cost__focus_n_columns; i++) {
        if (same_name(name, cost__focus_columns[i].name))
            return (int)i;
    }
    return -1;
}
