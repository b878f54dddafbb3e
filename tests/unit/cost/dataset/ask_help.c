/* For tests of answers: rows in, a dataset in a temporary folder, questions as JSON. */
#include "ask_help.h"

#include "../model/query_help.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static const char header[] =
    "BilledCost,EffectiveCost,ListCost,ContractedCost,BillingAccountId,BillingAccountName,"
    "BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargeClass,"
    "ChargeDescription,ChargeFrequency,ChargePeriodStart,ChargePeriodEnd,CommitmentDiscountId,"
    "CommitmentDiscountStatus,ConsumedQuantity,ConsumedUnit,InvoiceIssuerName,PricingCategory,"
    "PricingQuantity,PricingUnit,ServiceProviderName,HostProviderName,RegionId,RegionName,"
    "ResourceId,ResourceType,AllocatedResourceId,ServiceCategory,ServiceName,SkuId,SubAccountId,"
    "Tags\n";

static const char *or_else(const char *value, const char *other)
{
    return value == NULL ? other : value;
}

/* ' stands for " and CSV doubles it. */
static void put_tags(FILE *f, const char *tags)
{
    fputc('"', f);
    for (; tags != NULL && *tags != '\0'; tags++)
        fputs(*tags == '\'' ? "\"\"" : (const char[]){ *tags, '\0' }, f);
    fputc('"', f);
}

static void put_row(FILE *f, const struct test_row *r)
{
    const char *billed = or_else(r->billed, "1");
    int32_t day = test_day(r->day), month, next;
    int64_t start = (int64_t)day * 86400;
    char from[MCP_INSTANT_LEN + 1], to[MCP_INSTANT_LEN + 1], bill[MCP_DATE_LEN + 1];
    char bill_end[MCP_DATE_LEN + 1];

    month = r->period == NULL ? mcp_date_month_start(day) : test_day(r->period);
    next = mcp_date_add_months(month, 1);
    mcp_instant_format(start, from);
    mcp_instant_format(start + (r->hours == 0 ? 24 : r->hours) * 3600, to);
    mcp_date_format(month, bill);
    mcp_date_format(next, bill_end);
    fprintf(f, "%s,%s,%s,%s,%s,,%s,%sT00:00:00Z,%sT00:00:00Z,%s,,\"%s\",%s,%s,%s,%s,%s,%s,%s,",
            billed, or_else(r->effective, billed), or_else(r->list, billed),
            or_else(r->contracted, billed), or_else(r->account, "111"), or_else(r->currency, "USD"),
            bill, bill_end, or_else(r->charge, "Usage"), or_else(r->description, ""),
            or_else(r->frequency, "Usage-Based"), from, to, or_else(r->commitment, ""),
            or_else(r->status, ""), or_else(r->quantity, ""), or_else(r->unit, ""));
    fprintf(f, "\"%s\",%s,,,\"%s\",\"%s\",%s,%s,%s,%s,%s,%s,%s,%s,%s,",
            or_else(r->issuer, "Amazon Web Services, Inc."), or_else(r->pricing, "Standard"),
            or_else(r->issuer, "Amazon Web Services, Inc."),
            or_else(r->issuer, "Amazon Web Services, Inc."), or_else(r->region, ""),
            or_else(r->region_name, or_else(r->region, "")), or_else(r->resource, ""),
            or_else(r->resource_type, ""), or_else(r->allocated, ""),
            or_else(r->category, "Compute"), or_else(r->service, "Compute Engine A"),
            or_else(r->sku, ""), or_else(r->project, ""));
    put_tags(f, r->tags);
    fputc('\n', f);
}

static void begin(struct test_data *d)
{
    memset(d, 0, sizeof(*d));
    snprintf(d->dir, sizeof(d->dir), "/tmp/test-ask-XXXXXX");
    assert_non_null(mkdtemp(d->dir));
    snprintf(d->path, sizeof(d->path), "%s/dataset.db", d->dir);
    d->arena = mcp_arena_new(0, (size_t)512 << 20);
    assert_non_null(d->arena);
    d->today = test_day("2026-12-01");
}

void test_data_open_file(struct test_data *d, const char *csv)
{
    mcp_str path = mcp_str_z(csv);
    struct cost_import_options options = { .paths = &path, .n_paths = 1 };
    struct cost_import_report report;
    struct mcp_error err = { 0 };

    if (d->arena == NULL)
        begin(d);
    if (cost_import(mcp_str_z(d->path), &options, d->arena, &report, &err) != 0)
        fail_msg("import: %s %s", err.message, err.next);
    d->ds = cost_dataset_new(mcp_str_z(d->path), "focus-files");
    assert_non_null(d->ds);
    if (cost_dataset_acquire(d->ds, &d->snap, &err) != 0)
        fail_msg("acquire: %s", err.message);
}

void test_data_open(struct test_data *d, const struct test_row *rows, size_t n)
{
    char csv[128];
    FILE *f;

    begin(d);
    snprintf(csv, sizeof(csv), "%s/rows.csv", d->dir);
    f = fopen(csv, "w");
    assert_non_null(f);
    fputs(header, f);
    for (size_t i = 0; i < n; i++)
        put_row(f, &rows[i]);
    assert_int_equal(fclose(f), 0);
    test_data_open_file(d, csv);
    unlink(csv);
}

void test_data_open_many(struct test_data *d)
{
    static struct test_row rows[TEST_MANY_ROWS];
    static const char *const services[] = { "A", "B", "C" };
    static char amounts[TEST_MANY_ROWS][12], days[62][12];

    for (int i = 0; i < 30; i++) {
        snprintf(days[i], sizeof(days[i]), "2026-09-%02d", i + 1);
        snprintf(days[30 + i], sizeof(days[i]), "2026-10-%02d", i + 1);
    }
    for (int i = 0; i < TEST_MANY_ROWS; i++) {
        snprintf(amounts[i], sizeof(amounts[i]), "%d.25", i);
        rows[i] = (struct test_row){ .day = days[i / 3000 * 30 + i % 30],
                                     .billed = amounts[i],
                                     .service = services[i / 30 % 3],
                                     .unit = "Hours",
                                     .quantity = "1.5" };
    }
    test_data_open(d, rows, TEST_MANY_ROWS);
}

void test_data_close(struct test_data *d)
{
    char lock[128];

    cost_snapshot_release(d->snap);
    cost_dataset_free(d->ds);
    mcp_arena_free(d->arena);
    snprintf(lock, sizeof(lock), "%s.lock", d->path);
    unlink(lock);
    unlink(d->path);
    rmdir(d->dir);
    memset(d, 0, sizeof(*d));
}

const char *test_sample(void)
{
    static char path[512];
    const char *shared = getenv("MCP_SHARED");

    snprintf(path, sizeof(path), "%s/data/focus/focus_1_0_sample_1000.csv",
             shared == NULL ? "../shared" : shared);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* Parsed and resolved as the server does it. */
static int query_of(struct test_data *d, enum cost_tool tool, const char *args,
                    struct cost_query *q, struct mcp_error *err)
{
    struct cost_extent extent;
    int rc = test_query(tool, args, d->arena, q, err);

    if (rc == 0)
        rc = cost_snapshot_extent(d->snap, &d->scope, &extent, err);
    extent.today = d->today;
    return rc < 0 ? rc : cost_query_resolve(q, &extent, err);
}

const struct cost_result *test_costs(struct test_data *d, const char *args)
{
    struct cost_result *r = mcp_arena_alloc(d->arena, sizeof(*r));
    struct mcp_error err = { 0 };
    struct cost_query q;

    if (query_of(d, COST_GET_COSTS, args, &q, &err) < 0 ||
        cost_dataset_costs(d->snap, &d->scope, &q, d->arena, r, &err) < 0)
        fail_msg("%s: %s %s", args, err.message, err.next);
    return r;
}

const struct mcp_error *test_costs_refused(struct test_data *d, const char *args)
{
    static struct mcp_error err;
    struct cost_result r;
    struct cost_query q;

    mcp_error_clear(&err);
    if (query_of(d, COST_GET_COSTS, args, &q, &err) == 0 &&
        cost_dataset_costs(d->snap, &d->scope, &q, d->arena, &r, &err) == 0)
        fail_msg("%s was answered", args);
    return &err;
}

const struct cost_resources *test_resources(struct test_data *d, const char *args)
{
    struct cost_resources *r = mcp_arena_alloc(d->arena, sizeof(*r));
    struct mcp_error err = { 0 };
    struct cost_query q;

    if (query_of(d, COST_GET_RESOURCES, args, &q, &err) < 0 ||
        cost_dataset_resources(d->snap, &d->scope, &q, d->arena, r, &err) < 0)
        fail_msg("%s: %s %s", args, err.message, err.next);
    return r;
}

const struct cost_recommendations *test_recommendations(struct test_data *d, const char *args)
{
    struct cost_recommendations *r = mcp_arena_alloc(d->arena, sizeof(*r));
    struct mcp_error err = { 0 };
    struct cost_query q;

    if (query_of(d, COST_GET_RECOMMENDATIONS, args, &q, &err) < 0 ||
        cost_dataset_recommendations(d->snap, &d->scope, &q, d->arena, r, &err) < 0)
        fail_msg("%s: %s %s", args, err.message, err.next);
    return r;
}

const struct cost_history *test_history(struct test_data *d, const char *args)
{
    struct cost_history *h = mcp_arena_alloc(d->arena, sizeof(*h));
    struct cost_extent extent;
    struct mcp_error err = { 0 };
    struct cost_query q;

    if (query_of(d, COST_GET_FORECAST, args, &q, &err) < 0 ||
        cost_snapshot_extent(d->snap, &d->scope, &extent, &err) < 0)
        fail_msg("%s: %s", args, err.message);
    q.range = (struct cost_range){ extent.first, extent.data_through };
    if (cost_dataset_history(d->snap, &d->scope, &q, d->arena, h, &err) < 0)
        fail_msg("%s: %s", args, err.message);
    return h;
}

const char *test_money(struct cost_money m)
{
    static char texts[8][COST_MONEY_TEXT];
    static unsigned at;
    char *out = texts[at++ % 8];

    cost_money_format(m, out);
    return out;
}

const char *test_groups(const struct cost_block_result *b)
{
    static char out[4096];
    size_t len = 0;

    out[0] = '\0';
    for (size_t i = 0; i < b->n_groups; i++) {
        mcp_str v = b->groups[i].keys[0].value;

        len += (size_t)snprintf(out + len, sizeof(out) - len, "%s%.*s=%s", i == 0 ? "" : " ",
                                v.ptr == NULL ? 1 : (int)v.len, v.ptr == NULL ? "-" : v.ptr,
                                test_money(b->groups[i].cost.sum));
    }
    return out;
}

bool test_warned(const struct cost_result *r, const char *code)
{
    for (size_t i = 0; i < r->n_warnings; i++) {
        if (strcmp(r->warnings[i].code, code) == 0)
            return true;
    }
    return false;
}

static void assert_same(struct cost_money a, struct cost_money b, const char *what)
{
    if (a.units != b.units)
        fail_msg("%s: %s, not %s", what, test_money(a), test_money(b));
}

void test_holds(const struct cost_result *r)
{
    for (size_t i = 0; i < r->n_blocks; i++) {
        const struct cost_block_result *b = &r->blocks[i];
        struct cost_money pages = b->before_cost, series = COST_MONEY_ZERO;
        uint64_t rows = 0;

        assert_same(b->parts_total, b->total.sum, "parts");
        for (size_t g = 0; g < b->n_groups; g++)
            pages.units += b->groups[g].cost.sum.units;
        pages.units += b->other_cost.units;
        assert_same(pages, b->total.sum, "pages");
        for (size_t p = 0; p < b->n_buckets; p++)
            series.units += b->points[p].cost.units;
        assert_same(series, b->total.sum, "series");
        for (int c = 0; c < COST_N_CLASSES; c++)
            rows += b->bridge.classes[c].rows;
        assert_int_equal(rows, b->total.rows);
        assert_int_equal(b->totals[r->query.metric].rows_unknown, b->total.rows_unknown);
    }
}
