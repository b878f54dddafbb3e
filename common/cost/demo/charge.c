/* The charges of a bill that are not metered: purchases, fees, credits, corrections, tax. */
#include "bill.h"

#include <mcp/date.h>

void cost__demo_set(struct cost_row *row, enum cost_col col, const char *z)
{
    row->text[col] = mcp_str_z(z);
}

void cost__demo_account_row(struct cost_row *row, enum demo_account_id account)
{
    const struct demo_account *a = &cost__demo_accounts[account];
    *row = (struct cost_row){ .billing_account_name = mcp_str_z(a->name) };
    cost__demo_set(row, COST_COL_PROVIDER, a->family);
    cost__demo_set(row, COST_COL_SERVICE_PROVIDER, a->provider);
    cost__demo_set(row, COST_COL_PUBLISHER, a->publisher);
    cost__demo_set(row, COST_COL_INVOICE_ISSUER, a->issuer);
    cost__demo_set(row, COST_COL_BILLING_ACCOUNT, a->id);
    cost__demo_set(row, COST_COL_CURRENCY, a->currency);
}

static void set_period(struct cost_row *row, int32_t start, int32_t end)
{
    row->charge_start = (int64_t)start * 86400;
    row->charge_end = (int64_t)(end + 1) * 86400;
    row->null_num[COST_NUM_QUANTITY] = true;
}

static void set_all(struct cost_row *row, struct cost_money m)
{
    row->num[COST_NUM_BILLED] = m;
    row->num[COST_NUM_EFFECTIVE] = m;
    row->num[COST_NUM_LIST] = m;
    row->num[COST_NUM_CONTRACTED] = m;
}

static void set_project(struct cost_row *row, enum demo_account_id account, unsigned index)
{
    const struct demo_project *p = cost__demo_project_of(account, index);
    cost__demo_set(row, COST_COL_PROJECT, p->id);
    row->project_name = mcp_str_z(p->name);
}

/* The fee of a commitment: billed now, effective in the usage it covers. */
static bool purchase(const struct cost_demo *demo, const struct demo_commitment *c,
                     struct cost_row *row)
{
    if (c->account != demo->account || (c->upfront && demo->month != 0))
        return false;
    int32_t end = demo->month_end;
    if (c->upfront)
        end = mcp_date_add_months(demo->first_day, c->term_months) - 1;
    const struct demo_meter *m = cost__demo_meter_find(mcp_str_z(c->sku));
    cost__demo_account_row(row, c->account);
    set_project(row, c->account, c->project);
    cost__demo_set(row, COST_COL_SERVICE, m->service);
    cost__demo_set(row, COST_COL_SERVICE_CATEGORY, m->category);
    cost__demo_set(row, COST_COL_SERVICE_SUBCATEGORY, m->subcategory);
    cost__demo_set(row, COST_COL_CHARGE_CATEGORY, "Purchase");
    cost__demo_set(row, COST_COL_CHARGE_FREQUENCY, c->upfront ? "One-Time" : "Recurring");
    cost__demo_set(row, COST_COL_PRICING_CATEGORY, "Committed");
    cost__demo_set(row, COST_COL_COMMITMENT, c->id);
    cost__demo_set(row, COST_COL_COMMITMENT_TYPE, c->type);
    row->commitment_name = mcp_str_z(c->name);
    set_period(row, demo->month_start, end);
    __int128 days = end - demo->month_start + 1;
    set_all(row,
            (struct cost_money){ days * c->share_nano * c->shares * 24 * DEMO_UNITS_PER_NANO });
    row->num[COST_NUM_EFFECTIVE] = COST_MONEY_ZERO;
    return true;
}

static int64_t fee_micro(const struct cost_demo *demo, const struct demo_fee *f)
{
    if (f->vary_pm == 0)
        return f->amount_micro;
    uint64_t key = cost__demo_mix(demo->options.seed, (uint64_t)(f - cost__demo_fees));
    return f->amount_micro * (1000 + cost__demo_vary(key, (uint64_t)demo->month, f->vary_pm)) /
           1000;
}

static void fee_numbers(const struct cost_demo *demo, const struct demo_fee *f,
                        const struct demo_meter *m, struct cost_row *row)
{
    __int128 micro = fee_micro(demo, f);
    set_all(row, (struct cost_money){ micro * 1000 * DEMO_UNITS_PER_NANO });
    if (strcmp(f->charge, "Credit") == 0) {
        row->num[COST_NUM_LIST] = COST_MONEY_ZERO;
        row->num[COST_NUM_CONTRACTED] = COST_MONEY_ZERO;
    }
    if (m != NULL) {
        /* A refund takes usage back: a quantity below zero, to six decimals. */
        row->null_num[COST_NUM_QUANTITY] = false;
        row->num[COST_NUM_QUANTITY] =
            (struct cost_money){ micro * 1000 * 1000000 / m->price_nano * 1000000000000 };
        cost__demo_set(row, COST_COL_UNIT, m->unit);
    }
}

static bool fee(const struct cost_demo *demo, const struct demo_fee *f, struct cost_row *row)
{
    if (f->account != demo->account || demo->month % f->every != f->phase ||
        (f->last_month && demo->month != demo->options.months - 1) ||
        (f->previous && demo->month == 0))
        return false;
    int32_t day = f->day == 0 ? demo->month_end : demo->month_start + f->day - 1;
    /* What this bill corrects was known by the tenth; the open month's later days have no rows. */
    int32_t known = f->previous ? demo->month_start + 9 : day;
    if (known > demo->options.last_day)
        return false;
    if (f->previous)
        day = mcp_date_add_months(day, -1);
    const struct demo_meter *m = f->sku == NULL ? NULL : cost__demo_meter_find(mcp_str_z(f->sku));
    cost__demo_account_row(row, f->account);
    if (f->seller != NULL) {
        cost__demo_set(row, COST_COL_SERVICE_PROVIDER, f->seller);
        cost__demo_set(row, COST_COL_PUBLISHER, f->seller);
    }
    if (f->project >= 0)
        set_project(row, f->account, (unsigned)f->project);
    cost__demo_set(row, COST_COL_SERVICE, f->service);
    cost__demo_set(row, COST_COL_SERVICE_CATEGORY, f->category);
    cost__demo_set(row, COST_COL_SERVICE_SUBCATEGORY, f->subcategory);
    cost__demo_set(row, COST_COL_SKU, f->sku);
    cost__demo_set(row, COST_COL_CHARGE_CATEGORY, f->charge);
    cost__demo_set(row, COST_COL_CHARGE_CLASS, f->charge_class);
    cost__demo_set(row, COST_COL_CHARGE_FREQUENCY, f->frequency);
    cost__demo_set(row, COST_COL_PRICING_CATEGORY, m != NULL ? "Standard" : "Other");
    set_period(row, f->whole_month ? demo->month_start : day,
               f->whole_month ? demo->month_end : day);
    fee_numbers(demo, f, m, row);
    return true;
}

bool cost__demo_charge(const struct cost_demo *demo, size_t index, struct cost_row *row)
{
    if (index < cost__demo_n_commitments)
        return purchase(demo, &cost__demo_commitments[index], row);
    return fee(demo, &cost__demo_fees[index - cost__demo_n_commitments], row);
}

bool cost__demo_tax(const struct cost_demo *demo, struct cost_row *row)
{
    int pm = cost__demo_accounts[demo->account].tax_pm;
    __int128 cent = DEMO_UNITS_PER_NANO * 10000000;
    __int128 tax = demo->billed.units / cent * pm / 1000 * cent;
    if (tax <= 0)
        return false;
    cost__demo_account_row(row, demo->account);
    cost__demo_set(row, COST_COL_SERVICE, "Tax");
    cost__demo_set(row, COST_COL_SERVICE_CATEGORY, "Other");
    cost__demo_set(row, COST_COL_SERVICE_SUBCATEGORY, "Other (Other)");
    cost__demo_set(row, COST_COL_CHARGE_CATEGORY, "Tax");
    cost__demo_set(row, COST_COL_CHARGE_FREQUENCY, "Recurring");
    set_period(row, demo->month_start, demo->month_end);
    set_all(row, (struct cost_money){ tax });
    return true;
}
