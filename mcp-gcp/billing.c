/* The BigQuery side's state: described tables, freshness of the data, bytes of the day. */
#include "billing.h"

#include "names.h"

#include <cost/spend_guard.h>
#include <mcp/clock.h>
#include <mcp/date.h>

#include <pthread.h>
#include <stdlib.h>

#define TABLE_FRESH_MS (15 * 60 * 1000)
#define EXTENT_FRESH_MS (15 * 60 * 1000)
#define RECENT_DAYS 45 /* where the latest usage is looked for first */
#define DAY 86400

enum slot { PLAIN, DETAILED, N_SLOTS };

struct gcp_billing {
    struct cost_spend_guard *guard; /* owned, as the next */
    struct gcp_name_cache *names;
    pthread_mutex_t lock; /* guards what follows */
    bool known; /* tables were read at read_ms */
    uint64_t read_ms;
    struct gcp_table *tables[N_SLOTS]; /* counted; NULL: there is none */
    struct {
        uint64_t read_ms; /* 0: never */
        struct gcp_extent extent;
    } extents[N_SLOTS];
};

struct gcp_billing *gcp_billing_new(const struct gcp_config *config)
{
    struct gcp_billing *b = calloc(1, sizeof(*b));

    if (b == NULL)
        return NULL;
    b->guard = cost_spend_guard_new((uint64_t)config->max_bytes_day);
    b->names = gcp_name_cache_new();
    pthread_mutex_init(&b->lock, NULL);
    if (b->guard == NULL || b->names == NULL) {
        gcp_billing_free(b);
        return NULL;
    }
    return b;
}

void gcp_billing_free(struct gcp_billing *billing)
{
    if (billing == NULL)
        return;
    for (int i = 0; i < N_SLOTS; i++)
        gcp_table_unref(billing->tables[i]);
    gcp_name_cache_free(billing->names);
    cost_spend_guard_free(billing->guard);
    pthread_mutex_destroy(&billing->lock);
    free(billing);
}

struct gcp_name_cache *gcp_billing_names(const struct gcp *gcp)
{
    return gcp->billing->names;
}

bool gcp_billing_sees_nothing(const struct gcp_config *config)
{
    return config->restricted && config->authorized_projects.count == 0;
}

/* ---- tables ---- */

static void unref_table(void *table)
{
    gcp_table_unref(table);
}

static bool fresh(uint64_t since_ms, uint64_t limit_ms)
{
    return mcp_clock_mono_ms() - since_ms < limit_ms;
}

/* A counted table of the state, or NULL; *known: the state was read and is fresh. */
static struct gcp_table *take_known(struct gcp_billing *b, bool resources, bool *known)
{
    struct gcp_table *t = NULL;

    pthread_mutex_lock(&b->lock);
    *known = b->known && fresh(b->read_ms, TABLE_FRESH_MS);
    if (*known) {
        t = b->tables[DETAILED];
        if (!resources && b->tables[PLAIN] != NULL)
            t = b->tables[PLAIN];
        if (t != NULL)
            gcp_table_ref(t);
    }
    pthread_mutex_unlock(&b->lock);
    return t;
}

static int read_tables(const struct gcp *gcp, struct mcp_call *call,
                       struct gcp_table *tables[N_SLOTS], uint64_t *requests, struct mcp_error *err)
{
    mcp_str plain = gcp->config->table, detailed = MCP_STR_NULL;
    int rc = 0;

    if (mcp_str_is_null(plain))
        rc = gcp_table_discover(gcp, call, &plain, &detailed, requests, err);
    if (rc == 0 && !mcp_str_is_null(plain))
        rc = gcp_table_read(gcp, call, plain, &tables[PLAIN], requests, err);
    if (rc == 0 && !mcp_str_is_null(detailed))
        rc = gcp_table_read(gcp, call, detailed, &tables[DETAILED], requests, err);
    /* A FOCUS table and a configured detailed one serve both. */
    if (rc == 0 && tables[DETAILED] == NULL && tables[PLAIN]->kind != GCP_TABLE_STANDARD)
        tables[DETAILED] = gcp_table_ref(tables[PLAIN]);
    return rc;
}

/* Of several calls one reads; the others find what it found. */
static int refresh(struct mcp_call *call, void *ctx, mcp_str *value, struct mcp_error *err)
{
    const struct gcp *gcp = ctx;
    struct gcp_billing *b = gcp->billing;
    struct gcp_table *tables[N_SLOTS] = { NULL, NULL };
    uint64_t requests = 0;
    bool known;
    int rc;

    gcp_table_unref(take_known(b, false, &known));
    *value = MCP_STR("0");
    if (known)
        return 0;
    rc = read_tables(gcp, call, tables, &requests, err);
    if (rc == 0) {
        pthread_mutex_lock(&b->lock);
        for (int i = 0; i < N_SLOTS; i++) {
            struct gcp_table *old = b->tables[i];

            b->tables[i] = tables[i];
            tables[i] = old;
        }
        b->known = true;
        b->read_ms = mcp_clock_mono_ms();
        pthread_mutex_unlock(&b->lock);
        *value = mcp_arena_printf(mcp_call_arena(call), "%llu", (unsigned long long)requests);
    }
    for (int i = 0; i < N_SLOTS; i++)
        gcp_table_unref(tables[i]);
    return rc;
}

int gcp_billing_table(const struct gcp *gcp, struct mcp_call *call, bool resources,
                      const struct gcp_table **out, uint64_t *requests, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    bool known;
    struct gcp_table *t = take_known(gcp->billing, resources, &known);

    if (!known) {
        struct gcp shared = *gcp;
        mcp_str value;
        int64_t n = 0;
        int rc = mcp_once(call, mcp_arena_printf(arena, "gcp tables %p", (void *)gcp->billing),
                          refresh, &shared, &value, err);

        if (rc < 0)
            return rc;
        if (mcp_str_int64(value, &n) == 0)
            *requests += (uint64_t)n;
        t = take_known(gcp->billing, resources, &known);
    }
    if (t == NULL && resources)
        return MCP_MISS;
    if (t == NULL)
        return mcp_error_set(err, MCP_EUNAVAILABLE, "the description of the export has expired");
    mcp_arena_defer(arena, unref_table, t);
    *out = t;
    return 0;
}

/* ---- freshness ---- */

/* The slot of a table, or -1 when it was replaced meanwhile. */
static int slot_of(const struct gcp_billing *b, const struct gcp_table *table)
{
    for (int i = 0; i < N_SLOTS; i++) {
        if (b->tables[i] != NULL && mcp_str_eq(b->tables[i]->name, table->name))
            return i;
    }
    return -1;
}

static bool recall(struct gcp_billing *b, const struct gcp_table *table, bool first,
                   struct gcp_extent *out)
{
    bool found = false;
    int i;

    pthread_mutex_lock(&b->lock);
    i = slot_of(b, table);
    if (i >= 0 && b->extents[i].read_ms != 0 && fresh(b->extents[i].read_ms, EXTENT_FRESH_MS) &&
        (!first || b->extents[i].extent.has_first)) {
        *out = b->extents[i].extent;
        found = true;
    }
    pthread_mutex_unlock(&b->lock);
    return found;
}

static void remember(struct gcp_billing *b, const struct gcp_table *table,
                     const struct gcp_extent *extent)
{
    int i;

    pthread_mutex_lock(&b->lock);
    i = slot_of(b, table);
    if (i >= 0) {
        b->extents[i].extent = *extent;
        b->extents[i].read_ms = mcp_clock_mono_ms();
    }
    pthread_mutex_unlock(&b->lock);
}

int gcp_billing_known(const struct gcp *gcp, bool resources, struct mcp_arena *arena,
                      const struct gcp_table **table, struct gcp_extent *extent)
{
    bool known;
    struct gcp_table *t = take_known(gcp->billing, resources, &known);

    if (t == NULL)
        return MCP_MISS;
    mcp_arena_defer(arena, unref_table, t);
    *table = t;
    return recall(gcp->billing, t, false, extent) ? 0 : MCP_MISS;
}

/* Microseconds since 1970 as a text. */
static int instant(mcp_str cell, int64_t *out, struct mcp_error *err)
{
    int64_t us;

    if (mcp_str_int64(cell, &us) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer holds a time that is none");
    *out = us / 1000000 - (us % 1000000 < 0);
    return 0;
}

static int extent_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    struct gcp_extent *e = ctx;
    int64_t first;
    int rc = 0;

    e->empty = mcp_str_is_null(cells[0]);
    if (!e->empty)
        rc = instant(cells[0], &e->usage_end, err);
    if (rc == 0 && !mcp_str_is_null(cells[1]))
        rc = instant(cells[1], &e->exported, err);
    if (rc == 0 && !mcp_str_is_null(cells[2])) {
        if (mcp_str_int64(cells[2], &first) < 0)
            return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's answer holds a day that is none");
        e->has_first = true;
        e->first = (int32_t)first;
    }
    return rc;
}

/* recent: of the last weeks only, which is all that has to be read in the common case. */
static int ask_extent(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                      bool recent, struct gcp_extent *out, struct gcp_query_stats *stats,
                      struct mcp_error *err)
{
    static const char *const columns[] = { "usage_end", "exported", "first_day" };
    const struct gcp_config *c = gcp->config;
    struct cost_query none = { .tool = COST_GET_COSTS };
    struct gcp_statement st;
    struct gcp_query q = { .columns = columns, .n_columns = 3, .row = extent_row, .ctx = out };
    struct gcp_sql *sql = &st.sql;
    const char *usage =
        table->kind == GCP_TABLE_FOCUS ? "t.ChargeCategory = 'Usage'" : "t.cost_type = 'regular'";
    int32_t today;

    gcp_statement_init(&st, c, table, &none, mcp_call_arena(call));
    today = gcp_zone_day(st.zone, mcp_clock_now());
    gcp_sql_put(sql, "SELECT MAX(%s) AS usage_end, MAX(%s) AS exported, ", st.words.end,
                table->kind == GCP_TABLE_FOCUS ? st.words.start : "t.export_time");
    gcp_sql_put(sql, recent ? "CAST(NULL AS INT64)" : "MIN(UNIX_DATE(DATE(%s, @tz)))",
                st.words.start);
    gcp_sql_put(sql,
                " AS first_day\nFROM `%.*s.%.*s.%.*s` AS t\nWHERE %s AND TIMESTAMP_DIFF(%s, %s, "
                "SECOND) <= 90000 AND %s < TIMESTAMP(@today, @tz)",
                MCP_STR_ARG(table->project), MCP_STR_ARG(table->dataset), MCP_STR_ARG(table->name),
                usage, st.words.end, st.words.start, st.words.start);
    gcp_sql_date(sql, "today", today + 1);
    gcp_sql_string(sql, "tz", gcp_zone_name(st.zone));
    if (recent || table->filter_required)
        gcp_statement_prune(&st, recent ? today - RECENT_DAYS : today - 3650);
    gcp_statement_allow(&st);
    q.sql = sql;
    *out = (struct gcp_extent){ 0 };
    return gcp_billing_run(gcp, call, table, &q, stats, err);
}

int gcp_billing_extent(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                       bool first, struct gcp_extent *out, struct gcp_query_stats *stats,
                       struct mcp_error *err)
{
    int rc;

    if (recall(gcp->billing, table, first, out))
        return 0;
    if (gcp_billing_sees_nothing(gcp->config)) {
        *out = (struct gcp_extent){ .empty = true };
        return 0;
    }
    rc = ask_extent(gcp, call, table, !first, out, stats, err);
    if (rc == 0 && !first && out->empty)
        rc = ask_extent(gcp, call, table, false, out, stats, err);
    if (rc == 0)
        remember(gcp->billing, table, out);
    return rc;
}

void gcp_extent_dates(const struct gcp_extent *extent, enum gcp_zone zone, struct cost_extent *out)
{
    int32_t today = gcp_zone_day(zone, mcp_clock_now());

    *out = (struct cost_extent){ .live = true,
                                 .empty = extent->empty,
                                 .today = today,
                                 .data_through = today,
                                 .has_days = true };
    if (!extent->empty) /* the last day whose end usage has reached */
        out->data_through = gcp_zone_day(zone, extent->usage_end) - 1;
    if (out->data_through > today)
        out->data_through = today;
    out->first = extent->has_first ? extent->first : out->data_through;
}

/* ---- limits ---- */

static int over_day(const struct gcp *gcp, uint64_t bytes, uint64_t left, struct mcp_arena *arena,
                    struct mcp_error *err)
{
    mcp_error_word(err, MCP_EREFUSED, "daily_bytes",
                   "the query may read %s; %s are left of the %s that this server reads from "
                   "BigQuery in a day (UTC)",
                   gcp_bytes_text(arena, bytes).ptr, gcp_bytes_text(arena, left).ptr,
                   gcp_bytes_text(arena, (uint64_t)gcp->config->max_bytes_day).ptr);
    return mcp_error_next(err, "Ask for a later start_date or fewer keys, wait until tomorrow, or "
                               "raise gcp.billing.max_bytes_day.");
}

int gcp_billing_run(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                    struct gcp_query *query, struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct cost_spend_guard *guard = gcp->billing->guard;
    int32_t day = mcp_instant_date(mcp_clock_now());
    uint64_t cap = (uint64_t)gcp->config->max_bytes_query, left = cost_spend_guard_left(guard, day);
    uint64_t expected = table->bytes, before = stats->bytes_billed;
    int rc = 0;

    query->project =
        mcp_str_is_null(gcp->config->job_project) ? gcp->config->project : gcp->config->job_project;
    query->location = table->location;
    if (table->bytes == 0 || table->bytes > cap || table->bytes > left)
        rc = gcp_bigquery_estimate(gcp, call, query, &expected, stats, err);
    if (rc < 0)
        return rc;
    if (expected > cap)
        return gcp_bigquery_too_expensive(gcp, expected, err);
    if (!cost_spend_guard_take(guard, day, expected))
        return over_day(gcp, expected, left, mcp_call_arena(call), err);
    query->max_bytes = (int64_t)cap;
    rc = gcp_bigquery_run(gcp, call, query, stats, err);
    cost_spend_guard_settle(guard, day, expected,
                            stats->abandoned ? expected : stats->bytes_billed - before);
    return rc;
}

/* ---- what is said of an answer ---- */

mcp_str gcp_billing_generation(const struct gcp_table *table, const struct gcp_extent *extent,
                               struct mcp_arena *arena)
{
    return mcp_arena_printf(arena, "%.*s.%.*s@%lld.%lld", MCP_STR_ARG(table->dataset),
                            MCP_STR_ARG(table->name), (long long)table->modified_ms,
                            (long long)extent->exported);
}

/* bytes * price / 2^40, to a millionth: a price of dollars has room for it in 128 bits. */
static mcp_str price_of(const struct gcp *gcp, uint64_t bytes, struct mcp_arena *arena)
{
    char text[COST_MONEY_TEXT];
    struct cost_money price;

    if (cost_money_parse(gcp->config->price_per_tib_usd, &price, NULL) < 0 || price.units < 0 ||
        price.units > ((__int128)1 << 66) || bytes > ((uint64_t)1 << 58))
        return MCP_STR_NULL;
    price.units = (price.units * (__int128)bytes) >> 40;
    /* Read again, so that no zeros follow. */
    if (cost_money_parse(mcp_str_n(text, cost_money_format_rounded(price, 6, text)), &price, NULL) <
        0)
        return MCP_STR_NULL;
    return mcp_arena_str(arena, mcp_str_n(text, cost_money_format(price, text)));
}

/* Google changes a day for two days, corrects it until the month's invoice is closed, and rarely
 * afterwards. */
static uint64_t ttl_of(const struct cost_query *q)
{
    const uint64_t minute = 60 * 1000;
    int32_t age = q->today - q->range.end;

    return age <= 3 ? 15 * minute : age <= 45 ? 6 * 60 * minute : 24 * 60 * minute;
}

void gcp_billing_describe(const struct gcp *gcp, const struct gcp_table *table,
                          const struct gcp_extent *extent, const struct gcp_query_stats *stats,
                          struct cost_result *out)
{
    enum gcp_zone zone = gcp_table_zone(gcp->config, table);
    struct cost_extent dates;

    gcp_extent_dates(extent, zone, &dates);
    out->timezone = gcp_zone_name(zone);
    out->generation = gcp_billing_generation(table, extent, out->arena);
    out->ttl_ms = ttl_of(&out->query);
    out->has_data_through = !extent->empty;
    out->data_through = dates.data_through;
    /* The FOCUS view does not tell when its rows came. */
    out->exported_at = table->kind == GCP_TABLE_FOCUS ? 0 : extent->exported;
    out->requests += stats->requests;
    out->bytes_scanned += stats->bytes_processed;
    out->price_usd = price_of(gcp, stats->bytes_billed, out->arena);
    out->time_start = gcp_zone_midnight(zone, out->query.range.start);
    out->time_end = gcp_zone_midnight(zone, out->query.range.end + 1);
}
