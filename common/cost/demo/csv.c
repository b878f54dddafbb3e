/* Rows of the synthetic bills as FOCUS 1.2 CSV. */
#include <cost/demo.h>
#include <mcp/date.h>

#include <stdio.h>

#include "catalog.h"

static const char header[] =
    "AvailabilityZone,BilledCost,BillingAccountId,BillingAccountName,BillingAccountType,"
    "BillingCurrency,BillingPeriodEnd,BillingPeriodStart,ChargeCategory,ChargeClass,"
    "ChargeDescription,ChargeFrequency,ChargePeriodEnd,ChargePeriodStart,"
    "CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountName,"
    "CommitmentDiscountStatus,CommitmentDiscountType,ConsumedQuantity,ConsumedUnit,ContractedCost,"
    "EffectiveCost,InvoiceId,InvoiceIssuerName,ListCost,ListUnitPrice,PricingCategory,"
    "PricingCurrency,PricingCurrencyEffectiveCost,PricingQuantity,PricingUnit,ProviderName,"
    "PublisherName,RegionId,RegionName,ResourceId,ResourceName,ResourceType,ServiceCategory,"
    "ServiceName,ServiceSubcategory,SkuId,SkuMeter,SkuPriceId,SubAccountId,SubAccountName,"
    "SubAccountType,Tags,x_ResourceGroupName\n";

void cost_demo_csv_header(struct mcp_buf *buf)
{
    mcp_buf_put(buf, header, sizeof(header) - 1);
}

/* A missing value is an empty field. */
static void put(struct mcp_buf *buf, mcp_str s)
{
    bool quote = false;
    for (size_t i = 0; i < s.len && !quote; i++)
        quote = s.ptr[i] == ',' || s.ptr[i] == '"' || s.ptr[i] == '\n' || s.ptr[i] == '\r';
    if (!quote) {
        mcp_buf_str(buf, s);
    } else {
        mcp_buf_char(buf, '"');
        for (size_t i = 0; i < s.len; i++) {
            if (s.ptr[i] == '"')
                mcp_buf_char(buf, '"');
            mcp_buf_char(buf, s.ptr[i]);
        }
        mcp_buf_char(buf, '"');
    }
    mcp_buf_char(buf, ',');
}

static void put_z(struct mcp_buf *buf, const char *z)
{
    put(buf, mcp_str_z(z));
}

static void put_num(struct mcp_buf *buf, const struct cost_row *row, enum cost_num num)
{
    if (!row->null_num[num])
        cost_money_put(buf, row->num[num]);
    mcp_buf_char(buf, ',');
}

static void put_instant(struct mcp_buf *buf, int64_t instant)
{
    char text[MCP_INSTANT_LEN + 1];
    mcp_instant_format(instant, text);
    mcp_buf_put(buf, text, MCP_INSTANT_LEN);
    mcp_buf_char(buf, ',');
}

static const struct demo_account *account_of(const struct cost_row *row)
{
    for (int i = 0; i < DEMO_N_ACCOUNTS; i++)
        if (mcp_str_eq(row->text[COST_COL_BILLING_ACCOUNT], mcp_str_z(cost__demo_accounts[i].id)))
            return &cost__demo_accounts[i];
    return NULL;
}

static void put_description(struct mcp_buf *buf, const struct cost_row *row,
                            const struct demo_meter *meter)
{
    char text[256];
    mcp_str service = row->text[COST_COL_SERVICE];
    mcp_str what = meter != NULL ? mcp_str_z(meter->words) : row->text[COST_COL_CHARGE_CATEGORY];
    int n = snprintf(text, sizeof(text), "%.*s - %.*s", MCP_STR_ARG(service), MCP_STR_ARG(what));
    if (n > 0)
        put(buf, mcp_str_n(text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1));
    else
        mcp_buf_char(buf, ',');
}

static const char *commitment_category(const struct cost_row *row)
{
    for (size_t i = 0; i < cost__demo_n_commitments; i++)
        if (mcp_str_eq(row->text[COST_COL_COMMITMENT], mcp_str_z(cost__demo_commitments[i].id)))
            return cost__demo_commitments[i].category;
    return NULL;
}

/* BilledCost up to EffectiveCost, in the order of the header. */
static void put_charge(const struct cost_row *row, const struct demo_account *account,
                       const struct demo_meter *meter, struct mcp_buf *buf)
{
    mcp_buf_char(buf, ','); /* AvailabilityZone */
    put_num(buf, row, COST_NUM_BILLED);
    put(buf, row->text[COST_COL_BILLING_ACCOUNT]);
    put(buf, row->billing_account_name);
    put_z(buf, "Billing Account");
    put(buf, row->text[COST_COL_CURRENCY]);
    put_instant(buf, row->billing_end);
    put_instant(buf, row->billing_start);
    put(buf, row->text[COST_COL_CHARGE_CATEGORY]);
    put(buf, row->text[COST_COL_CHARGE_CLASS]);
    put_description(buf, row, meter);
    put(buf, row->text[COST_COL_CHARGE_FREQUENCY]);
    put_instant(buf, row->charge_end);
    put_instant(buf, row->charge_start);
    put_z(buf, commitment_category(row));
    put(buf, row->text[COST_COL_COMMITMENT]);
    put(buf, row->commitment_name);
    put(buf, row->text[COST_COL_COMMITMENT_STATUS]);
    put(buf, row->text[COST_COL_COMMITMENT_TYPE]);
    put_num(buf, row, COST_NUM_QUANTITY);
    put(buf, row->text[COST_COL_UNIT]);
    put_num(buf, row, COST_NUM_CONTRACTED);
    put_num(buf, row, COST_NUM_EFFECTIVE);
    put(buf, row->text[COST_COL_INVOICE]);
    put_z(buf, account != NULL ? account->issuer : NULL);
    put_num(buf, row, COST_NUM_LIST);
}

/* Prices are in US dollars even where the bill is in another currency: a trap for readers that add
 * the wrong column. */
static void put_price(const struct cost_row *row, const struct demo_meter *meter,
                      struct mcp_buf *buf)
{
    bool dollars = mcp_str_eq(row->text[COST_COL_CURRENCY], MCP_STR("USD"));
    if (meter != NULL)
        cost_money_put(buf, (struct cost_money){ (__int128)meter->price_nano * 1000000000 });
    mcp_buf_char(buf, ',');
    put(buf, row->text[COST_COL_PRICING_CATEGORY]);
    put_z(buf, "USD");
    if (!dollars) {
        __int128 e = row->num[COST_NUM_EFFECTIVE].units;
        cost_money_put(buf, (struct cost_money){ e + e / 4 });
    }
    mcp_buf_char(buf, ',');
    put_num(buf, row, COST_NUM_QUANTITY);
    put(buf, row->text[COST_COL_UNIT]);
}

void cost_demo_csv_row(const struct cost_row *row, struct mcp_buf *buf)
{
    const struct demo_account *account = account_of(row);
    const struct demo_meter *meter =
        row->text[COST_COL_SKU].len == 0 ? NULL : cost__demo_meter_find(row->text[COST_COL_SKU]);
    put_charge(row, account, meter, buf);
    put_price(row, meter, buf);
    put(buf, row->text[COST_COL_SERVICE_PROVIDER]);
    put(buf, row->text[COST_COL_PUBLISHER]);
    /* A region without an id is known by its name. */
    bool has_id = !mcp_str_eq(row->text[COST_COL_REGION], row->region_name);
    put(buf, has_id ? row->text[COST_COL_REGION] : MCP_STR_NULL);
    put(buf, row->region_name);
    put(buf, row->text[COST_COL_RESOURCE]);
    put(buf, row->resource_name);
    put(buf, row->text[COST_COL_RESOURCE_TYPE]);
    put(buf, row->text[COST_COL_SERVICE_CATEGORY]);
    put(buf, row->text[COST_COL_SERVICE]);
    put(buf, row->text[COST_COL_SERVICE_SUBCATEGORY]);
    put(buf, row->text[COST_COL_SKU]);
    put_z(buf, meter != NULL ? meter->words : NULL);
    put(buf, row->text[COST_COL_SKU]);
    put(buf, row->text[COST_COL_PROJECT]);
    put(buf, row->project_name);
    put_z(buf, account != NULL && row->text[COST_COL_PROJECT].len > 0 ? account->sub_account_type
                                                                      : NULL);
    put(buf, row->text[COST_COL_TAGS]);
    mcp_str group = row->text[COST_COL_RESOURCE_GROUP];
    if (group.len > 0)
        mcp_buf_str(buf, group); /* rg-NAME: needs no quotes */
    mcp_buf_char(buf, '\n');
}
