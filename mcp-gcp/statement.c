/* The statements over a billing export: one scan, grouped, ranked and paged where the data is. */
#include "statement.h"

#include <mcp/date.h>

#include <stdio.h>

#define STRINGIFY(sym, name, ...) name,
const char *const gcp_costs_columns[GCP_COSTS_N] = { GCP_COSTS_GROUPED(STRINGIFY) GCP_COSTS_LABELS(
    STRINGIFY) GCP_COSTS_SUMS(STRINGIFY) };
#undef STRINGIFY

enum gcp_zone gcp_table_zone(const struct gcp_config *config, const struct gcp_table *table)
{
    return table->kind == GCP_TABLE_FOCUS ? GCP_ZONE_UTC : (enum gcp_zone)config->timezone;
}

void gcp_statement_init(struct gcp_statement *st, const struct gcp_config *config,
                        const struct gcp_table *table, const struct cost_query *query,
                        struct mcp_arena *arena)
{
    *st = (struct gcp_statement){ .config = config, .table = table, .query = query };
    st->zone = gcp_table_zone(config, table);
    gcp_words_of(table, arena, &st->words);
    gcp_sql_init(&st->sql, arena);
}

/* ---- from and where ---- */

void gcp_statement_prune(struct gcp_statement *st, int32_t from)
{
    struct gcp_sql *sql = &st->sql;
    const struct gcp_table *t = st->table;
    bool by_start = t->kind == GCP_TABLE_FOCUS
                        ? mcp_str_eq(t->partition_column, MCP_STR("ChargePeriodStart"))
                        : mcp_str_eq(t->partition_column, MCP_STR("usage_start_time"));

    if (t->partition == GCP_PARTITION_NONE)
        return;
    if (t->partition == GCP_PARTITION_INGESTION) {
        gcp_sql_put(sql, "\n  AND _PARTITIONTIME >= TIMESTAMP_SUB(TIMESTAMP(@from_date, @tz), "
                         "INTERVAL 1 DAY)");
    } else if (by_start && st->query->basis == COST_USAGE) {
        gcp_sql_put(sql, "\n  AND %s >= TIMESTAMP(@from_date, @tz)", st->words.start);
    } else if (mcp_str_eq(t->partition_column, MCP_STR("export_time"))) {
        gcp_sql_put(sql, "\n  AND t.export_time >= TIMESTAMP(@from_date, @tz)");
    } else if (mcp_str_eq(t->partition_column, MCP_STR("BillingPeriodStart"))) {
        gcp_sql_put(sql,
                    "\n  AND t.BillingPeriodStart >= TIMESTAMP_SUB(TIMESTAMP(@from_date, @tz), "
                    "INTERVAL 40 DAY)");
    } else {
        /* An invoice may correct usage of any age: nothing to prune by. */
        if (t->filter_required && by_start)
            gcp_sql_put(sql, "\n  AND %s >= TIMESTAMP '2010-01-01 00:00:00+00'", st->words.start);
        return;
    }
    gcp_sql_date(sql, "from_date", from);
}

static void put_range(struct gcp_statement *st, const char *start, const char *end)
{
    if (st->query->basis == COST_INVOICE)
        gcp_sql_put(&st->sql,
                    "%s BETWEEN FORMAT_DATE('%%Y%%m', @%s) AND FORMAT_DATE('%%Y%%m', @%s)",
                    st->words.invoice_month, start, end);
    else
        gcp_sql_put(&st->sql,
                    "%s >= TIMESTAMP(@%s, @tz) AND %s < TIMESTAMP(DATE_ADD(@%s, INTERVAL 1 DAY), "
                    "@tz)",
                    st->words.start, start, st->words.start, end);
}

/* Resources are too many for a list of their names: they are found by either here. */
static void put_match(struct gcp_sql *sql, const struct cost_filter *f, const struct gcp_dim *dim,
                      const char *name)
{
    const char *not = f->negate ? "NOT " : "", *key = dim->key.ptr;

    if (f->key.dim == COST_DIM_RESOURCE && !mcp_str_is_null(dim->label))
        gcp_sql_put(sql, "%s(%s IN UNNEST(@%s) OR IFNULL(%s, %s) IN UNNEST(@%s))", not, key, name,
                    dim->label.ptr, key, name);
    else
        gcp_sql_put(sql, "%s %sIN UNNEST(@%s)", key, not, name);
}

/* Values OR; a listed null is the missing value; `not` keeps missing values unless null is listed. */
static int put_filter(struct gcp_statement *st, size_t i, struct mcp_error *err)
{
    const struct cost_filter *f = &st->query->filters[i];
    struct gcp_sql *sql = &st->sql;
    struct gcp_dim dim;
    char name[16];
    int rc = gcp_dim_of(st->table, &f->key, st->n_tags, sql, &dim, err);

    if (rc < 0)
        return rc;
    st->n_tags++;
    snprintf(name, sizeof(name), "filter_%u", (unsigned)i);
    if (f->n_values == 0) {
        gcp_sql_put(sql, "\n  AND %s IS %sNULL", dim.key.ptr, f->negate ? "NOT " : "");
        return 0;
    }
    gcp_sql_strings(sql, name, f->values, f->n_values);
    /* Spelled out: what IN makes of NULL is not left to anybody's reading. */
    gcp_sql_put(sql, "\n  AND (");
    put_match(sql, f, &dim, name);
    gcp_sql_put(sql, " %s %s IS %sNULL)", f->negate == f->null_listed ? "AND" : "OR", dim.key.ptr,
                f->negate == f->null_listed ? "NOT " : "");
    return 0;
}

void gcp_statement_allow(struct gcp_statement *st)
{
    const struct gcp_config *c = st->config;

    if (!c->restricted)
        return;
    gcp_sql_strings(&st->sql, "authorized_projects", c->authorized_projects.items,
                    c->authorized_projects.count);
    gcp_sql_put(&st->sql, "\n  AND (%s IN UNNEST(@authorized_projects)%s%s%s)", st->words.project,
                c->unattributed ? " OR " : "", c->unattributed ? st->words.project : "",
                c->unattributed ? " IS NULL" : "");
}

int gcp_statement_from(struct gcp_statement *st, bool compares, struct mcp_error *err)
{
    const struct cost_query *q = st->query;
    struct gcp_sql *sql = &st->sql;
    int32_t from = q->range.start;

    gcp_sql_put(sql, "\nFROM `%.*s.%.*s.%.*s` AS t", MCP_STR_ARG(st->table->project),
                MCP_STR_ARG(st->table->dataset), MCP_STR_ARG(st->table->name));
    if (compares)
        gcp_sql_put(sql, "\nCROSS JOIN UNNEST([0, 1]) AS w");
    if (st->words.splits)
        gcp_sql_put(sql, "\nCROSS JOIN UNNEST([FALSE, TRUE]) AS promo");
    gcp_sql_put(sql, "\nWHERE (%s", compares ? "(w = 0 AND " : "");
    put_range(st, "start_date", "end_date");
    gcp_sql_date(sql, "start_date", q->range.start);
    gcp_sql_date(sql, "end_date", q->range.end);
    if (compares) {
        gcp_sql_put(sql, ")\n    OR (w = 1 AND ");
        put_range(st, "compared_start", "compared_end");
        gcp_sql_put(sql, ")");
        gcp_sql_date(sql, "compared_start", q->compared.start);
        gcp_sql_date(sql, "compared_end", q->compared.end);
        if (q->compared.start < from)
            from = q->compared.start;
    }
    gcp_sql_put(sql, ")");
    gcp_statement_prune(st, from);
    if (st->words.splits)
        gcp_sql_put(sql, "\n  AND (NOT promo OR EXISTS(SELECT 1 FROM UNNEST(t.credits) AS c WHERE "
                         "c.type = 'PROMOTION'))");
    gcp_statement_allow(st);
    for (size_t i = 0; i < q->n_filters; i++) {
        int rc = put_filter(st, i, err);

        if (rc < 0)
            return rc;
    }
    /* Invoices of a table that is not cut have no clock. */
    if (sql->text->len > 0 && memmem(sql->text->ptr, sql->text->len, "@tz", 3) != NULL)
        gcp_sql_string(sql, "tz", gcp_zone_name(st->zone));
    return 0;
}

/* ---- get_costs ---- */

static const char *const metric_columns[COST_N_METRICS] = {
    [COST_BILLED] = "billed",
    [COST_EFFECTIVE] = "effective",
    [COST_LIST] = "list",
    [COST_CONTRACTED] = "contracted",
};

static void put_bucket(struct gcp_statement *st, bool compares)
{
    const struct cost_query *q = st->query;
    const char *start = st->words.start;
    struct gcp_sql *sql = &st->sql;

    gcp_sql_put(sql, ",\n    %s", compares ? "IF(w = 1, NULL, " : "");
    if (q->granularity == COST_TOTAL)
        gcp_sql_put(sql, "CAST(NULL AS INT64)");
    else if (q->granularity == COST_HOURLY)
        gcp_sql_put(sql, "DIV(UNIX_SECONDS(%s), 3600)", start);
    else if (q->granularity == COST_DAILY)
        gcp_sql_put(sql, "UNIX_DATE(DATE(%s, @tz))", start);
    else if (q->basis == COST_INVOICE)
        gcp_sql_put(sql, "CAST(%s AS INT64)", st->words.invoice_month);
    else
        gcp_sql_put(sql, "CAST(FORMAT_DATE('%%Y%%m', DATE(%s, @tz)) AS INT64)", start);
    gcp_sql_put(sql, "%s AS bucket", compares ? ")" : "");
}

/* Longer than the bucket, or reaching beyond the range. */
static void put_spans(struct gcp_statement *st)
{
    const struct cost_query *q = st->query;
    const char *start = st->words.start, *end = st->words.end;
    struct gcp_sql *sql = &st->sql;

    gcp_sql_put(sql, ",\n    ");
    if (q->basis == COST_INVOICE) {
        gcp_sql_put(sql, "FALSE AS spans");
        return;
    }
    gcp_sql_put(sql, "(%s > TIMESTAMP(DATE_ADD(@end_date, INTERVAL 1 DAY), @tz)", end);
    if (q->granularity == COST_HOURLY)
        gcp_sql_put(sql, " OR TIMESTAMP_DIFF(%s, %s, SECOND) > 3600", end, start);
    else if (q->granularity != COST_TOTAL)
        gcp_sql_put(sql,
                    " OR FORMAT_DATE('%s', DATE(TIMESTAMP_SUB(%s, INTERVAL 1 SECOND), @tz)) > "
                    "FORMAT_DATE('%s', DATE(%s, @tz))",
                    q->granularity == COST_DAILY ? "%F" : "%Y%m", end,
                    q->granularity == COST_DAILY ? "%F" : "%Y%m", start);
    gcp_sql_put(sql, ") AS spans");
}

/* The keys and, where there is one, the tag among them. */
static int put_keys(struct gcp_statement *st, struct mcp_error *err)
{
    const struct cost_query *q = st->query;
    struct gcp_sql *sql = &st->sql;
    const char *tag = NULL;

    for (size_t k = 0; k < q->n_keys; k++) {
        struct gcp_dim *dim = &st->keys[k];
        int rc = gcp_dim_of(st->table, &q->keys[k], st->n_tags, sql, dim, err);

        if (rc < 0)
            return rc;
        st->n_tags++;
        gcp_sql_put(sql, ",\n    %s AS k%zu", dim->key.ptr, k + 1);
        if (!mcp_str_is_null(dim->label))
            /* The largest text is the latest one's. */
            gcp_sql_put(sql, ",\n    CONCAT(FORMAT_TIMESTAMP('%%Y%%m%%d%%H', %s), %s) AS l%zu",
                        st->words.start, dim->label.ptr, k + 1);
        else
            gcp_sql_put(sql, ",\n    CAST(NULL AS STRING) AS l%zu", k + 1);
        if (q->keys[k].dim == COST_DIM_TAG && tag == NULL)
            tag = dim->key.ptr;
    }
    for (size_t k = q->n_keys; k < COST_MAX_KEYS; k++)
        gcp_sql_put(sql, ",\n    CAST(NULL AS STRING) AS k%zu, CAST(NULL AS STRING) AS l%zu", k + 1,
                    k + 1);
    gcp_sql_put(sql, ",\n    %s AS tag, %s AS names_resource",
                tag == NULL ? "CAST(NULL AS STRING)" : tag,
                st->words.resource == NULL ? "FALSE" : st->words.resource);
    return 0;
}

static int put_facts(struct gcp_statement *st, bool compares, struct mcp_error *err)
{
    const struct gcp_words *w = &st->words;
    const struct cost_query *q = st->query;
    struct gcp_sql *sql = &st->sql;
    int rc;

    gcp_sql_put(sql, "SELECT %s AS w,\n    %s AS currency", compares ? "w" : "0", w->currency);
    rc = put_keys(st, err);
    if (rc < 0)
        return rc;
    put_bucket(st, compares);
    gcp_sql_put(sql, ",\n    %s AS charge,\n    %s AS class", w->charge, w->class);
    gcp_sql_put(sql, ",\n    %s AS unit,\n    %s AS quantity", w->unit, w->quantity);
    gcp_sql_put(sql, ",\n    %s AS billed,\n    %s AS effective", w->billed, w->effective);
    gcp_sql_put(sql, ",\n    %s AS list,\n    %s AS contracted", w->list, w->contracted);
    gcp_sql_put(sql, ",\n    TIMESTAMP_DIFF(%s, %s, SECOND) AS seconds", w->end, w->start);
    put_spans(st);
    if (q->basis == COST_USAGE)
        gcp_sql_put(sql, ",\n    %s > FORMAT_DATE('%%Y%%m', DATE(%s, @tz)) AS later",
                    w->invoice_month, w->start);
    else
        gcp_sql_put(sql, ",\n    FALSE AS later");
    gcp_sql_put(sql, ",\n    %s AS commitment", w->commitment);
    for (size_t i = 0; q->bridge && w->splits && i < GCP_N_CREDITS; i++)
        gcp_sql_put(sql, ",\n    IF(promo, NUMERIC '0', %s) AS credit_%zu",
                    gcp_credit_sum(st->table, i, sql->arena).ptr, i);
    return gcp_statement_from(st, compares, err);
}

/* The groups' cells (level 0), each group's sums to rank it by (1), and the totals by the engine's own
 * second path (2). */
static void put_cells(struct gcp_statement *st, bool credits)
{
    struct gcp_sql *sql = &st->sql;

    gcp_sql_put(sql,
                "SELECT GROUPING(charge) * (2 - GROUPING(w)) AS level, w, currency, k1, k2, k3, "
                "bucket, charge, class, unit,\n  MAX(l1) AS l1, MAX(l2) AS l2, MAX(l3) AS l3,\n  "
                "SUM(IF(side = 0, metric, NUMERIC '0')) AS sum_now, SUM(IF(side = 1, metric, "
                "NUMERIC '0')) AS sum_then");
#define PUT(sym, name, expression)                                                                 \
    if (credits || GCP_COSTS_##sym < GCP_COSTS_N_SHORT)                                            \
        gcp_sql_put(sql, ",\n  %s AS %s", expression, name);
    GCP_COSTS_SUMS(PUT)
#undef PUT
    gcp_sql_put(sql,
                "\nFROM (SELECT *, w AS side, %s AS metric FROM facts)\n"
                "GROUP BY GROUPING SETS ((w, currency, k1, k2, k3, bucket, charge, class, unit), "
                "(currency, k1, k2, k3), (w, currency))",
                metric_columns[st->query->metric]);
}

/* What a cell's group costs, and by what it is ranked: its cost, or its change. Not by SUM over a
 * window: the emulator of the tests makes 0 of that for NUMERIC. */
static void put_ranked(struct gcp_statement *st)
{
    static const char over[] = "OVER (PARTITION BY IF(level = 2, 1, 0), currency, k1, k2, k3)";
    struct gcp_sql *sql = &st->sql;

    gcp_sql_put(sql,
                "SELECT *, MAX(IF(level = 1, IFNULL(sum_now, NUMERIC '0'), NULL)) %s AS cost,\n"
                "  MAX(IF(level = 1, IFNULL(sum_now, NUMERIC '0') - IFNULL(sum_then, NUMERIC "
                "'0'), NULL)) %s AS ranked_by\nFROM cells",
                over, over);
}

int gcp_statement_costs(struct gcp_statement *st, size_t before, size_t last, struct mcp_error *err)
{
    const struct cost_query *q = st->query;
    bool compares = q->compare != COST_COMPARE_NONE, credits = q->bridge && st->words.splits;
    struct gcp_sql *sql = &st->sql;
    int rc;

    gcp_sql_put(sql, "WITH facts AS (\n");
    rc = put_facts(st, compares, err);
    if (rc < 0)
        return rc;
    gcp_sql_put(sql, "\n), cells AS (\n");
    put_cells(st, credits);
    gcp_sql_put(sql, "\n), ranked AS (\n");
    put_ranked(st);
    gcp_sql_put(sql,
                "\n), placed AS (\nSELECT *, DENSE_RANK() OVER (PARTITION BY IF(level = 2, 1, 0), "
                "currency ORDER BY ABS(ranked_by) DESC, k1, k2, k3) AS position FROM ranked\n"
                "), paged AS (\nSELECT *, CASE WHEN level = 2 THEN 't' WHEN position <= "
                "@before THEN 'b' WHEN position <= @last THEN 'p' ELSE 'o' END AS part "
                "FROM placed WHERE level <> 1\n)\n");
    gcp_sql_int(sql, "before", (int64_t)before);
    gcp_sql_int(sql, "last", (int64_t)last);
    gcp_sql_put(sql,
                "SELECT part AS section, w, currency, IF(part = 'p', k1, NULL) AS k1, "
                "IF(part = 'p', k2, NULL) AS k2, IF(part = 'p', k3, NULL) AS k3, bucket, charge, "
                "class, unit, IF(part IN ('b', 'o') AND cost < 0, 1, 0) AS negative, "
                "IF(part IN ('b', 'o') AND %s, 1, 0) AS none, IF(part = 'p', position, 0) AS place"
                ",\n  MAX(IF(part = 'p', l1, NULL)) AS l1, MAX(IF(part = 'p', l2, NULL)) AS l2, "
                "MAX(IF(part = 'p', l3, NULL)) AS l3, MAX(position) AS group_count",
                q->n_keys == 0   ? "FALSE"
                : q->n_keys == 1 ? "k1 IS NULL"
                : q->n_keys == 2 ? "k1 IS NULL AND k2 IS NULL"
                                 : "k1 IS NULL AND k2 IS NULL AND k3 IS NULL");
#define PUT(sym, name, expression)                                                                 \
    if (credits || GCP_COSTS_##sym < GCP_COSTS_N_SHORT)                                            \
        gcp_sql_put(sql, ", SUM(%s) AS %s", name, name);
    GCP_COSTS_SUMS(PUT)
#undef PUT
    gcp_sql_put(sql, "\nFROM paged GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13");
    return gcp_sql_error(sql, err);
}
