/* For tests of what asks BigQuery: a live source towards a scripted server, and answers for it. */
#include "bq_help.h"

#include "mcp-gcp/statement.h"

#include <mcp/clock.h>

#include <stdio.h>

#define N_TEXTS 16
#define TEXT_BYTES 32768

static char texts[N_TEXTS][TEXT_BYTES];
static unsigned n_texts;

/* A text that grows in static storage. */
struct text {
    char *at;
    size_t n;
};

static struct text text_new(void)
{
    struct text t = { texts[n_texts++ % N_TEXTS], 0 };

    t.at[0] = '\0';
    return t;
}

static void put(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void put(struct text *t, const char *fmt, ...)
{
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vsnprintf(t->at + t->n, TEXT_BYTES - t->n, fmt, ap);
    va_end(ap);
    MCP_BUG_ON(n < 0 || (size_t)n >= TEXT_BYTES - t->n);
    t->n += (size_t)n;
}

int bq_at_noon(void **state)
{
    (void)state;
    mcp_clock_set(BQ_NOON);
    return 0;
}

int bq_group_end(void **state)
{
    (void)state;
    gcp_files_remove();
    return 0;
}

void bq_begin(struct bq *bq, struct gcp_script *rows)
{
    static char user[512];

    *bq = (struct bq){ .server = gcp_server_new(rows) };
    snprintf(user, sizeof(user),
             "{\"type\":\"authorized_user\",\"client_id\":\"c\",\"client_secret\":\"s\","
             "\"refresh_token\":\"r\",\"token_uri\":\"%s/token\"}",
             gcp_server_url(bq->server));
    bq->config = (struct gcp_config){ .credentials_file = mcp_str_z(gcp_file("user.json", user)),
                                      .project = MCP_STR("p-host"),
                                      .dataset = MCP_STR("billing"),
                                      .table = MCP_STR("export"),
                                      .timezone = GCP_ZONE_PACIFIC,
                                      .max_bytes_query = INT64_C(10) << 30,
                                      .price_per_tib_usd = MCP_STR("6.25") };
    for (int i = 0; i < GCP_N_SERVICES; i++)
        bq->config.endpoints[i] = mcp_str_z(gcp_server_url(bq->server));
    bq->gcp = (struct gcp){ .config = &bq->config,
                            .creds = gcp_credentials_new(&bq->config),
                            .billing = gcp_billing_new(&bq->config) };
    MCP_BUG_ON(bq->gcp.creds == NULL || bq->gcp.billing == NULL);
    bq->call = gcp_call();
    bq->arena = mcp_call_arena(bq->call);
}

void bq_end(struct bq *bq)
{
    gcp_call_end(bq->call);
    gcp_billing_free(bq->gcp.billing);
    gcp_credentials_free(bq->gcp.creds);
    gcp_server_free(bq->server);
}

/* ---- tables ---- */

const char bq_standard[] =
    "billing_account_id STRING, service RECORD(id STRING, description STRING), "
    "sku RECORD(id STRING, description STRING), usage_start_time TIMESTAMP, "
    "usage_end_time TIMESTAMP, project RECORD(id STRING, number STRING, name STRING, "
    "labels* RECORD(key STRING, value STRING)), labels* RECORD(key STRING, value STRING), "
    "tags* RECORD(key STRING, value STRING), location RECORD(location STRING, region STRING, "
    "zone STRING), seller_name STRING, export_time TIMESTAMP, cost FLOAT, currency STRING, "
    "usage RECORD(amount FLOAT, unit STRING, amount_in_pricing_units FLOAT, pricing_unit STRING), "
    "credits* RECORD(name STRING, amount FLOAT, type STRING), invoice RECORD(month STRING), "
    "cost_type STRING, cost_at_list FLOAT, subscription RECORD(instance_id STRING)";
const char bq_detailed[] =
    "billing_account_id STRING, service RECORD(id STRING, description STRING), "
    "sku RECORD(id STRING, description STRING), usage_start_time TIMESTAMP, "
    "usage_end_time TIMESTAMP, project RECORD(id STRING, number STRING, name STRING, "
    "labels* RECORD(key STRING, value STRING)), labels* RECORD(key STRING, value STRING), "
    "tags* RECORD(key STRING, value STRING), location RECORD(location STRING, region STRING, "
    "zone STRING), seller_name STRING, export_time TIMESTAMP, cost NUMERIC, currency STRING, "
    "usage RECORD(amount FLOAT, unit STRING, amount_in_pricing_units FLOAT, pricing_unit STRING), "
    "credits* RECORD(name STRING, amount NUMERIC, type STRING), invoice RECORD(month STRING), "
    "cost_type STRING, cost_at_list FLOAT64, subscription RECORD(instance_id STRING), "
    "cost_at_effective_price_default FLOAT, resource RECORD(name STRING, global_name STRING)";
const char bq_focus[] =
    "BilledCost NUMERIC, EffectiveCost NUMERIC, ListCost NUMERIC, ContractedCost NUMERIC, "
    "BillingAccountId STRING, BillingCurrency STRING, BillingPeriodStart TIMESTAMP, "
    "ChargePeriodStart TIMESTAMP, ChargePeriodEnd TIMESTAMP, ChargeCategory STRING, "
    "CommitmentDiscountId STRING, CommitmentDiscountStatus STRING, ConsumedQuantity NUMERIC, "
    "ConsumedUnit STRING, ServiceName STRING, ServiceCategory STRING, SubAccountId STRING, "
    "SubAccountName STRING, RegionId STRING, RegionName STRING, ResourceId STRING, "
    "ResourceName STRING, SkuId STRING, Tags* RECORD(key STRING, value STRING)";

/* name[*] TYPE[(members)], ... up to the end or a closing parenthesis. */
static const char *put_fields(struct text *t, const char *at)
{
    put(t, "[");
    for (;;) {
        size_t n = strcspn(at, "* "), kind;

        put(t, "{\"name\":\"%.*s\"", (int)n, at);
        at += n;
        if (*at == '*') {
            put(t, ",\"mode\":\"REPEATED\"");
            at++;
        }
        at++;
        kind = strcspn(at, "(),");
        put(t, ",\"type\":\"%.*s\"", (int)kind, at);
        at += kind;
        if (*at == '(') {
            put(t, ",\"fields\":");
            at = put_fields(t, at + 1) + 1;
        }
        put(t, "}");
        if (*at != ',')
            break;
        put(t, ",");
        at += 2;
    }
    put(t, "]");
    return at;
}

const char *bq_table(const char *columns, const char *more)
{
    struct text t = text_new();

    put(&t, "{\"schema\":{\"fields\":");
    put_fields(&t, columns);
    put(&t, "}%s}", more);
    return t.at;
}

/* ---- answers ---- */

static size_t put_row(struct text *t, const char *row, size_t n)
{
    const char *at = row;

    put(t, "{\"f\":[");
    for (size_t i = 0; i < n; i++) {
        size_t len = strcspn(at, "|\n");

        put(t, "%s{\"v\":", i == 0 ? "" : ",");
        if (len == 0)
            put(t, "null}");
        else
            put(t, "\"%.*s\"}", (int)len, at);
        at += len + (at[len] == '|');
    }
    put(t, "]}");
    return (size_t)(at - row);
}

const char *bq_answer(const char *const *columns, size_t n, const char *rows, const char *more)
{
    struct text t = text_new();
    size_t n_rows = 0;

    put(&t, "{\"jobComplete\":true,\"jobReference\":{\"projectId\":\"p-host\",\"jobId\":\"j1\","
            "\"location\":\"EU\"},\"schema\":{\"fields\":[");
    for (size_t i = 0; i < n; i++)
        put(&t, "%s{\"name\":\"%s\",\"type\":\"STRING\"}", i == 0 ? "" : ",", columns[i]);
    put(&t, "]},\"rows\":[");
    while (*rows != '\0') {
        put(&t, "%s", n_rows++ == 0 ? "" : ",");
        rows += put_row(&t, rows, n);
        rows += *rows == '\n';
    }
    put(&t, "],\"totalRows\":\"%zu\",\"totalBytesProcessed\":\"1000\"%s}", n_rows, more);
    return t.at;
}

/* The cell of a column in a row of bq_costs, or NULL for a column that is not in it. */
static const char *cell(const char *row, int column, size_t *len)
{
    static const int given[] = { GCP_COSTS_SECTION, GCP_COSTS_W,      GCP_COSTS_CURRENCY,
                                 GCP_COSTS_K1,      GCP_COSTS_BUCKET, GCP_COSTS_CHARGE,
                                 GCP_COSTS_CLASS,   GCP_COSTS_UNIT,   GCP_COSTS_PLACE,
                                 GCP_COSTS_GROUPS,  GCP_COSTS_ROWS,   GCP_COSTS_BILLED };

    if (column == GCP_COSTS_EFFECTIVE || column == GCP_COSTS_LIST || column == GCP_COSTS_CONTRACTED)
        column = GCP_COSTS_BILLED;
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        *len = strcspn(row, "|\n");
        if (given[i] == column)
            return row;
        row += *len + (row[*len] == '|');
    }
    return NULL;
}

const char *bq_costs(const char *rows, int commitments)
{
    struct text t = text_new();

    for (const char *row = rows; *row != '\0'; row += row[strcspn(row, "\n")] == '\n') {
        for (int c = 0; c < GCP_COSTS_N_SHORT; c++) {
            size_t len;
            const char *given = cell(row, c, &len);

            if (given != NULL)
                put(&t, "%.*s|", (int)len, given);
            else if (c == GCP_COSTS_COMMITMENTS)
                put(&t, "%d|", commitments);
            else
                put(&t, "%s|",
                    c < GCP_COSTS_ROWS && c != GCP_COSTS_NEGATIVE && c != GCP_COSTS_NONE ? ""
                                                                                         : "0");
        }
        put(&t, "\n");
        row += strcspn(row, "\n");
    }
    return bq_answer(gcp_costs_columns, GCP_COSTS_N_SHORT, t.at,
                     ",\"totalBytesBilled\":\"10485760\"");
}

static const char *const extent_columns[] = { "usage_end", "exported", "first_day" };

const char *bq_extent(long long usage_end, int first_day)
{
    char row[100];

    snprintf(row, sizeof(row),
             first_day < 0 ? "%lld000000|%lld000000|" : "%lld000000|%lld000000|%d", usage_end,
             usage_end + 3600, first_day);
    return bq_answer(extent_columns, 3, row, "");
}

const char *bq_no_extent(void)
{
    return bq_answer(extent_columns, 3, "||", "");
}

bool bq_holds(const char *text, const char *part)
{
    return strstr(text, part) != NULL;
}
