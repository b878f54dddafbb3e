/* One row of a FOCUS Cost and Usage dataset as it travels from a reader or generator to the import. */
#ifndef COST_ROW_H
#define COST_ROW_H

#include <cost/dims.h>
#include <cost/money.h>

/* Text columns that are kept; each is dictionary-coded in the dataset, id 0 = missing. */
enum cost_col {
    COST_COL_PROVIDER, /* family: "aws" */
    COST_COL_SERVICE_PROVIDER,
    COST_COL_PUBLISHER,
    COST_COL_INVOICE_ISSUER,
    COST_COL_BILLING_ACCOUNT,
    COST_COL_INVOICE,
    COST_COL_PROJECT,
    COST_COL_REGION, /* RegionId, else RegionName */
    COST_COL_SERVICE,
    COST_COL_SERVICE_CATEGORY,
    COST_COL_SERVICE_SUBCATEGORY,
    COST_COL_SKU,
    COST_COL_RESOURCE,
    COST_COL_RESOURCE_TYPE,
    COST_COL_RESOURCE_GROUP,
    COST_COL_CHARGE_CATEGORY,
    COST_COL_CHARGE_CLASS,
    COST_COL_CHARGE_FREQUENCY,
    COST_COL_PRICING_CATEGORY,
    COST_COL_COMMITMENT,
    COST_COL_COMMITMENT_STATUS,
    COST_COL_COMMITMENT_TYPE,
    COST_COL_CLUSTER, /* from tags or AllocatedTags by the shipped key list */
    COST_COL_NAMESPACE,
    COST_COL_CURRENCY,
    COST_COL_UNIT, /* ConsumedUnit */
    COST_COL_ALLOCATED_RESOURCE,
    COST_COL_IDLE_METER, /* the provider's own words, where its SKU, meter or description says idle */
    COST_COL_TAGS, /* a tag set: see cost__tagset_* */
    COST_N_COLS,
};

/* Numbers that are kept, in cost_money. The first four are the metrics in enum cost_metric's order. */
enum cost_num {
    COST_NUM_BILLED,
    COST_NUM_EFFECTIVE,
    COST_NUM_LIST,
    COST_NUM_CONTRACTED,
    COST_NUM_QUANTITY, /* ConsumedQuantity; in rollups of Usage rows only */
    COST_N_ROW_NUMS,
    /* in rollups only: */
    COST_NUM_ROWS = COST_N_ROW_NUMS, /* counts are whole money units: 3 rows = 3.0 */
    COST_NUM_UNKNOWN_BILLED, /* rows where this metric is null: count */
    COST_NUM_UNKNOWN_EFFECTIVE,
    COST_NUM_UNKNOWN_LIST,
    COST_NUM_UNKNOWN_CONTRACTED,
    COST_NUM_LACKING_EFFECTIVE, /* billed sum of the rows whose effective is null */
    COST_NUM_LACKING_LIST,
    COST_NUM_LACKING_CONTRACTED,
    COST_N_NUMS,
};

/* Small flags of a row, a column of its own. */
enum cost_row_flags {
    COST_ROW_REFUND = 1 << 0, /* Usage or Purchase with billed < 0 */
    COST_ROW_ELIGIBLE = 1 << 1, /* Usage, Standard pricing, an eligible ServiceCategory */
    COST_ROW_ZERO_EFFECTIVE = 1 << 2, /* class O Usage, billed <> 0, effective 0 */
    COST_ROW_RESOURCE = 1 << 3, /* has a ResourceId */
    COST_ROW_SPAN_DAY = 1 << 4, /* longer than an hour, at most a day */
    COST_ROW_SPAN_MONTH = 2 << 4, /* longer than a day, at most 31 days */
    COST_ROW_SPAN_LONG = 3 << 4, /* longer than 31 days */
    COST_ROW_SPAN = 3 << 4, /* mask */
    COST_ROW_CROSSES_DAY = 1 << 6, /* ends after its start's UTC day */
    COST_ROW_CROSSES_MONTH = 1 << 7, /* ends after its start's month */
    COST_ROW_CLASS_SHIFT = 8, /* enum cost_class in three bits */
    COST_ROW_CLASS = 7 << 8,
};

/* A row as handed to the import: text borrowed for the time of the call. */
struct cost_row {
    mcp_str text[COST_N_COLS]; /* FOCUS values; COST_COL_TAGS: JSON object text of Tags */
    mcp_str allocated_tags; /* JSON object text, wins over Tags */
    mcp_str billing_account_name, project_name, region_name, resource_name, commitment_name;
    struct cost_money num[COST_N_ROW_NUMS];
    bool null_num[COST_N_ROW_NUMS];
    int64_t charge_start, charge_end; /* instants, end exclusive */
    int64_t billing_start, billing_end;
};

#endif
