/* The dimensions of the contract as expressions over a billing export. */
#include "dims.h"

#include <stdio.h>

/* What the classic export, standard or detailed, says. needs: a column that must have been seen. */
struct row {
    enum cost_dim dim;
    const char *key, *label, *alias, *needs;
};

#define CHARGE                                                                                     \
    "CASE WHEN promo THEN 3 WHEN t.cost_type = 'tax' THEN 2 "                                      \
    "WHEN t.cost_type IN ('adjustment', 'rounding_error') THEN 4 "                                 \
    "WHEN STARTS_WITH(IFNULL(t.sku.description, ''), 'Commitment') THEN 1 ELSE 0 END"
/* Credits that pay for usage out of a commitment (contract.md section 12). */
#define COMMITTED                                                                                  \
    "EXISTS(SELECT 1 FROM UNNEST(t.credits) AS c WHERE STARTS_WITH(c.type, "                       \
    "'COMMITTED_USAGE') OR c.type = 'FEE_UTILIZATION_OFFSET')"
#define LABEL(key) "(SELECT MAX(l.value) FROM UNNEST(t.labels) AS l WHERE l.key = '" key "')"

static const struct row classic[] = {
    { COST_DIM_PROVIDER, "'gcp'", NULL, NULL, NULL },
    { COST_DIM_SERVICE_PROVIDER, "'Google Cloud'", NULL, NULL, NULL },
    { COST_DIM_PUBLISHER, "t.seller_name", NULL, NULL, "seller_name" },
    { COST_DIM_INVOICE_ISSUER, "'Google Cloud'", NULL, NULL, NULL },
    { COST_DIM_BILLING_ACCOUNT, "t.billing_account_id", NULL, NULL, "billing_account_id" },
    { COST_DIM_INVOICE, "t.invoice.month", NULL, NULL, "invoice.month" },
    { COST_DIM_PROJECT, "t.project.id", "t.project.name", "t.project.number", "project.number" },
    { COST_DIM_REGION, "IFNULL(t.location.region, t.location.location)", NULL, NULL,
      "location.region" },
    { COST_DIM_SERVICE, "t.service.description", NULL, "t.service.id", "service.id" },
    { COST_DIM_SKU, "t.sku.id", "t.sku.description", NULL, "sku.description" },
    { COST_DIM_RESOURCE, "IFNULL(t.resource.global_name, t.resource.name)", "t.resource.name", NULL,
      "resource.global_name" },
    { COST_DIM_CHARGE_CATEGORY,
      "CASE WHEN promo THEN 'Credit' WHEN t.cost_type = 'tax' THEN 'Tax' "
      "WHEN t.cost_type IN ('adjustment', 'rounding_error') THEN 'Adjustment' "
      "WHEN STARTS_WITH(IFNULL(t.sku.description, ''), 'Commitment') THEN 'Purchase' "
      "ELSE 'Usage' END",
      NULL, NULL, NULL },
    { COST_DIM_COMMITMENT, "t.subscription.instance_id", NULL, NULL, "subscription.instance_id" },
    { COST_DIM_CLUSTER, LABEL("goog-k8s-cluster-name"), NULL, NULL, "labels.key" },
    { COST_DIM_NAMESPACE, LABEL("k8s-namespace"), NULL, NULL, "labels.key" },
    { COST_DIM_CURRENCY, "t.currency", NULL, NULL, NULL },
};

static const struct row focus[] = {
    { COST_DIM_PROVIDER, "'gcp'", NULL, NULL, NULL },
    { COST_DIM_SERVICE_PROVIDER, "t.ProviderName", NULL, NULL, "ProviderName" },
    { COST_DIM_PUBLISHER, "t.PublisherName", NULL, NULL, "PublisherName" },
    { COST_DIM_INVOICE_ISSUER, "t.InvoiceIssuerName", NULL, NULL, "InvoiceIssuerName" },
    { COST_DIM_BILLING_ACCOUNT, "t.BillingAccountId", NULL, NULL, "BillingAccountId" },
    { COST_DIM_INVOICE, "t.InvoiceId", NULL, NULL, "InvoiceId" },
    { COST_DIM_PROJECT, "t.SubAccountId", "t.SubAccountName", NULL, "SubAccountName" },
    { COST_DIM_REGION, "IFNULL(t.RegionId, t.RegionName)", "t.RegionName", NULL, "RegionName" },
    { COST_DIM_SERVICE, "t.ServiceName", NULL, NULL, NULL },
    { COST_DIM_SERVICE_CATEGORY, "t.ServiceCategory", NULL, NULL, "ServiceCategory" },
    { COST_DIM_SERVICE_SUBCATEGORY, "t.ServiceSubcategory", NULL, NULL, "ServiceSubcategory" },
    { COST_DIM_SKU, "t.SkuId", NULL, NULL, "SkuId" },
    { COST_DIM_RESOURCE, "t.ResourceId", "t.ResourceName", NULL, "ResourceName" },
    { COST_DIM_RESOURCE_TYPE, "t.ResourceType", NULL, NULL, "ResourceType" },
    { COST_DIM_CHARGE_CATEGORY, "t.ChargeCategory", NULL, NULL, NULL },
    { COST_DIM_CHARGE_CLASS, "t.ChargeClass", NULL, NULL, "ChargeClass" },
    { COST_DIM_CHARGE_FREQUENCY, "t.ChargeFrequency", NULL, NULL, "ChargeFrequency" },
    { COST_DIM_PRICING_CATEGORY, "t.PricingCategory", NULL, NULL, "PricingCategory" },
    { COST_DIM_COMMITMENT, "t.CommitmentDiscountId", NULL, NULL, "CommitmentDiscountId" },
    { COST_DIM_COMMITMENT_STATUS, "t.CommitmentDiscountStatus", NULL, NULL,
      "CommitmentDiscountStatus" },
    { COST_DIM_CURRENCY, "t.BillingCurrency", NULL, NULL, NULL },
};

static const struct row *rows_of(const struct gcp_table *table, size_t *n)
{
    bool is_focus = table->kind == GCP_TABLE_FOCUS;

    *n = is_focus ? sizeof(focus) / sizeof(focus[0]) : sizeof(classic) / sizeof(classic[0]);
    return is_focus ? focus : classic;
}

static int refuse(const struct gcp_table *table, enum cost_dim dim, struct mcp_error *err)
{
    static const char *const kinds[] = { "standard", "detailed", "FOCUS" };
    struct mcp_buf list;
    size_t n;
    const struct row *rows = rows_of(table, &n);

    mcp_error_word(err, MCP_EREFUSED, "dimension_not_exported",
                   "the %s export %.*s does not tell %s", kinds[table->kind],
                   MCP_STR_ARG(table->name), cost_dim_name(dim));
    if (dim == COST_DIM_RESOURCE)
        return mcp_error_next(err,
                              "Enable the detailed usage cost export in Billing > Billing export; "
                              "it names resources. Or use group_by sku or project.");
    mcp_buf_init(&list, 1024);
    for (size_t i = 0; i < n; i++) {
        if (rows[i].needs == NULL || gcp_table_has(table, rows[i].needs))
            mcp_buf_printf(&list, "%s, ", cost_dim_name(rows[i].dim));
    }
    mcp_buf_z(&list, "tag:KEY");
    mcp_error_next(err, "Use one of: %.*s.", MCP_STR_ARG(mcp_buf_view(&list)));
    mcp_buf_release(&list);
    return MCP_EREFUSED;
}

/* ---- tags ---- */

/* tag:KEY reads labels, then resource tags, then the project's labels. A prefix names one of them. */
static const struct holder {
    const char *prefix, *column, *needs;
} holders[] = {
    { "labels/", "t.labels", "labels.key" },
    { "tags/", "t.tags", "tags.key" },
    { "project.labels/", "t.project.labels", "project.labels.key" },
    { "Tags/", "t.Tags", "Tags.key" },
};
#define N_HOLDERS (sizeof(holders) / sizeof(holders[0]))

static int tag_of(const struct gcp_table *table, mcp_str key, unsigned n, struct gcp_sql *sql,
                  struct gcp_dim *out, struct mcp_error *err)
{
    struct mcp_str parts[N_HOLDERS];
    size_t n_parts = 0;
    mcp_str only = MCP_STR_NULL;
    char name[16];

    key = mcp_str_trim(key);
    for (size_t i = 0; i < N_HOLDERS && mcp_str_is_null(only); i++) {
        if (mcp_str_cut_prefix(&key, mcp_str_z(holders[i].prefix)))
            only = mcp_str_z(holders[i].prefix);
    }
    for (size_t i = 0; i < N_HOLDERS; i++) {
        if (!gcp_table_has(table, holders[i].needs) ||
            (!mcp_str_is_null(only) && !mcp_str_eq(only, mcp_str_z(holders[i].prefix))))
            continue;
        /* Label keys are lower case by Google's rules; others may not be. */
        parts[n_parts++] =
            mcp_arena_printf(sql->arena,
                             "(SELECT MAX(l.value) FROM UNNEST(%s) AS l WHERE l.key IN (@tag_%u, "
                             "LOWER(@tag_%u)))",
                             holders[i].column, n, n);
    }
    if (n_parts == 0)
        return refuse(table, COST_DIM_TAG, err);
    snprintf(name, sizeof(name), "tag_%u", n);
    gcp_sql_string(sql, name, key);
    *out = (struct gcp_dim){ .key = parts[0] };
    for (size_t i = 1; i < n_parts; i++)
        out->key = mcp_arena_printf(sql->arena, "IFNULL(%s, %s)", out->key.ptr, parts[i].ptr);
    return 0;
}

int gcp_dim_of(const struct gcp_table *table, const struct cost_key_spec *spec, unsigned n,
               struct gcp_sql *sql, struct gcp_dim *out, struct mcp_error *err)
{
    size_t n_rows;
    const struct row *rows = rows_of(table, &n_rows);

    if (spec->dim == COST_DIM_TAG)
        return tag_of(table, spec->tag_key, n, sql, out, err);
    for (size_t i = 0; i < n_rows; i++) {
        if (rows[i].dim != spec->dim)
            continue;
        if (rows[i].needs != NULL && !gcp_table_has(table, rows[i].needs))
            break;
        *out = (struct gcp_dim){ mcp_str_z(rows[i].key), mcp_str_z(rows[i].label),
                                 mcp_str_z(rows[i].alias) };
        return 0;
    }
    return refuse(table, spec->dim, err);
}

/* ---- words ---- */

/* Only what is a FLOAT is cast, as Google's console does: to NUMERIC, row by row, before it is
 * summed. */
static const char *exact(const struct gcp_table *table, struct mcp_arena *arena, const char *path,
                         const char *expression)
{
    const struct gcp_column *c = gcp_table_column(table, path);

    if (c == NULL)
        return "CAST(NULL AS NUMERIC)";
    if (mcp_str_eq(c->type, MCP_STR("NUMERIC")) || mcp_str_eq(c->type, MCP_STR("BIGNUMERIC")))
        return expression;
    return mcp_arena_printf(arena, "CAST(%s AS NUMERIC)", expression).ptr;
}

static void classic_words(const struct gcp_table *t, struct mcp_arena *arena, struct gcp_words *w)
{
    const char *amount = exact(t, arena, "credits.amount", "c.amount");
    const char *cost = exact(t, arena, "cost", "t.cost"), *contracted = cost, *covered = COMMITTED;

    /* Since 2025 commitments lower the price itself: what it were without one is told beside it. */
    if (gcp_table_has(t, "cost_at_effective_price_default")) {
        contracted =
            exact(t, arena, "cost_at_effective_price_default", "t.cost_at_effective_price_default");
        covered =
            mcp_arena_printf(arena, "(" COMMITTED " OR IFNULL(%s <> %s, FALSE))", contracted, cost)
                .ptr;
        contracted = mcp_arena_printf(arena, "IFNULL(%s, %s)", contracted, cost).ptr;
    }
    *w = (struct gcp_words){
        .start = "t.usage_start_time",
        .end = "t.usage_end_time",
        .currency = "t.currency",
        .project = "t.project.id",
        .invoice_month = "t.invoice.month",
        .charge = CHARGE,
        .class = mcp_arena_printf(arena,
                                  "CASE WHEN promo THEN 5 WHEN t.cost_type = 'tax' THEN 4 "
                                  "WHEN t.cost_type IN ('adjustment', 'rounding_error') THEN 6 "
                                  "WHEN %s THEN 2 ELSE 3 END",
                                  covered)
                     .ptr,
        .unit = "IF(promo, NULL, t.usage.pricing_unit)",
        .commitment = "(" COMMITTED " OR STARTS_WITH(IFNULL(t.sku.description, ''), 'Commitment'))",
        .resource = t->kind == GCP_TABLE_DETAILED ? "t.resource.name IS NOT NULL" : NULL,
        .splits = true,
    };
    w->quantity = mcp_arena_printf(arena, "IF(promo, NULL, %s)",
                                   exact(t, arena, "usage.amount_in_pricing_units",
                                         "t.usage.amount_in_pricing_units"))
                      .ptr;
    w->billed = mcp_arena_printf(arena,
                                 "IF(promo, NUMERIC '0', %s) + IFNULL((SELECT SUM(%s) FROM "
                                 "UNNEST(t.credits) AS c WHERE (IFNULL(c.type, '') = 'PROMOTION') "
                                 "= promo), NUMERIC '0')",
                                 cost, amount)
                    .ptr;
    w->effective = w->billed; /* made unknown later where there are commitments */
    w->list = mcp_arena_printf(arena, "IF(promo, NUMERIC '0', %s)",
                               exact(t, arena, "cost_at_list", "t.cost_at_list"))
                  .ptr;
    w->contracted = mcp_arena_printf(arena, "IF(promo, NUMERIC '0', %s)", contracted).ptr;
}

static void focus_words(const struct gcp_table *t, struct mcp_arena *arena, struct gcp_words *w)
{
    *w = (struct gcp_words){
        .start = "t.ChargePeriodStart",
        .end = "t.ChargePeriodEnd",
        .currency = "t.BillingCurrency",
        .project = "t.SubAccountId",
        .invoice_month = "FORMAT_TIMESTAMP('%Y%m', t.BillingPeriodStart)",
        .charge = "CASE t.ChargeCategory WHEN 'Purchase' THEN 1 WHEN 'Tax' THEN 2 "
                  "WHEN 'Credit' THEN 3 WHEN 'Adjustment' THEN 4 ELSE 0 END",
        .unit = gcp_table_has(t, "ConsumedUnit") ? "t.ConsumedUnit" : "CAST(NULL AS STRING)",
        .quantity = exact(t, arena, "ConsumedQuantity", "t.ConsumedQuantity"),
        .billed = exact(t, arena, "BilledCost", "t.BilledCost"),
        .effective = exact(t, arena, "EffectiveCost", "t.EffectiveCost"),
        .list = exact(t, arena, "ListCost", "t.ListCost"),
        .contracted = exact(t, arena, "ContractedCost", "t.ContractedCost"),
        .commitment = "FALSE",
        .resource = gcp_table_has(t, "ResourceId") ? "t.ResourceId IS NOT NULL" : NULL,
    };
    /* The classes of the bridge, the first that fits (contract.md section 3). */
    w->class = gcp_table_has(t, "CommitmentDiscountStatus")
                   ? "CASE WHEN t.ChargeCategory = 'Tax' THEN 4 "
                     "WHEN t.ChargeCategory = 'Credit' THEN 5 "
                     "WHEN t.ChargeCategory = 'Adjustment' THEN 6 "
                     "WHEN t.ChargeCategory = 'Purchase' AND t.EffectiveCost = 0 AND "
                     "t.BilledCost <> 0 THEN 0 "
                     "WHEN t.CommitmentDiscountStatus = 'Unused' THEN 1 "
                     "WHEN t.ChargeCategory = 'Usage' AND (t.CommitmentDiscountStatus = 'Used' OR "
                     "(t.BilledCost = 0 AND t.EffectiveCost <> 0)) THEN 2 ELSE 3 END"
                   : "CASE t.ChargeCategory WHEN 'Tax' THEN 4 WHEN 'Credit' THEN 5 "
                     "WHEN 'Adjustment' THEN 6 ELSE 3 END";
}

void gcp_words_of(const struct gcp_table *table, struct mcp_arena *arena, struct gcp_words *out)
{
    if (table->kind == GCP_TABLE_FOCUS)
        focus_words(table, arena, out);
    else
        classic_words(table, arena, out);
}

/* ---- credits ---- */

const char *const gcp_credit_types[GCP_N_CREDITS] = {
    "COMMITTED_USAGE_DISCOUNT",
    "COMMITTED_USAGE_DISCOUNT_DOLLAR_BASE",
    "FEE_UTILIZATION_OFFSET",
    "SUSTAINED_USAGE_DISCOUNT",
    "DISCOUNT",
    "PROMOTION",
    "FREE_TIER",
    "SUBSCRIPTION_BENEFIT",
    "RESELLER_MARGIN",
    "CREDIT_TYPE_UNSPECIFIED",
    "OTHER",
};

mcp_str gcp_credit_sum(const struct gcp_table *table, size_t type, struct mcp_arena *arena)
{
    const char *amount = exact(table, arena, "credits.amount", "c.amount");
    struct mcp_buf known;
    mcp_str out;

    if (type + 1 < GCP_N_CREDITS)
        return mcp_arena_printf(arena,
                                "IFNULL((SELECT SUM(%s) FROM UNNEST(t.credits) AS c WHERE "
                                "c.type = '%s'), NUMERIC '0')",
                                amount, gcp_credit_types[type]);
    mcp_buf_init(&known, 4096);
    for (size_t i = 0; i + 1 < GCP_N_CREDITS; i++)
        mcp_buf_printf(&known, "%s'%s'", i == 0 ? "" : ", ", gcp_credit_types[i]);
    out = mcp_arena_printf(arena,
                           "IFNULL((SELECT SUM(%s) FROM UNNEST(t.credits) AS c WHERE "
                           "IFNULL(c.type, '') NOT IN (%.*s)), NUMERIC '0')",
                           amount, MCP_STR_ARG(mcp_buf_view(&known)));
    mcp_buf_release(&known);
    return out;
}
