/* The columns of a FOCUS file by name: where each goes. */
#include "focus_columns.h"

#include <pthread.h>

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

/* ---- names ---- */

#define SLOTS 512 /* power of two, several times the columns */
#define NAME_MAX_LEN 63

/* What a name is compared by: no case, no spaces, no underscores. Its length, 0 for none. */
static size_t fold(mcp_str name, char out[NAME_MAX_LEN])
{
    size_t n = 0;

    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];

        if (c == ' ' || c == '_')
            continue;
        if (n == NAME_MAX_LEN)
            return 0;
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
    return n;
}

/* Columns by the hash of their folded names: a header of a hundred names costs no thousands of
 * comparisons. */
static struct {
    pthread_once_t once;
    struct slot {
        char name[NAME_MAX_LEN];
        unsigned char len; /* 0: free */
        unsigned char column;
    } slots[SLOTS];
} names = { .once = PTHREAD_ONCE_INIT };

static struct slot *slot_of(const char *folded, size_t len)
{
    size_t at = mcp_str_hash(mcp_str_n(folded, len)) & (SLOTS - 1);

    while (names.slots[at].len != 0 &&
           (names.slots[at].len != len || memcmp(names.slots[at].name, folded, len) != 0))
        at = (at + 1) & (SLOTS - 1);
    return &names.slots[at];
}

static void index_names(void)
{
    for (size_t i = 0; i < cost__focus_n_columns; i++) {
        char folded[NAME_MAX_LEN];
        size_t len = fold(mcp_str_z(cost__focus_columns[i].name), folded);
        struct slot *slot = slot_of(folded, len);

        MCP_BUG_ON(len == 0 || i > UINT8_MAX);
        if (slot->len != 0) /* the first of two that are called the same */
            continue;
        memcpy(slot->name, folded, len);
        slot->len = (unsigned char)len;
        slot->column = (unsigned char)i;
    }
}

int cost__focus_column_find(mcp_str name)
{
    char folded[NAME_MAX_LEN];
    size_t len = fold(name, folded);
    const struct slot *slot;

    if (len == 0)
        return -1;
    pthread_once(&names.once, index_names);
    slot = slot_of(folded, len);
    return slot->len == 0 ? -1 : slot->column;
}
