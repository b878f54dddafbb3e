/* `doctor` for the billing export: may we run queries, may we read the table, how fresh is it. */
#include "billing.h"

#include <mcp/date.h>

#define VIEWER "roles/bigquery.dataViewer on the dataset"

static int ignore_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    (void)ctx;
    (void)cells;
    (void)err;
    return 0;
}

static mcp_str job_project(const struct gcp *gcp)
{
    const struct gcp_config *c = gcp->config;

    return mcp_str_is_null(c->job_project) ? c->project : c->job_project;
}

static mcp_str dataset_of(const struct gcp *gcp, struct mcp_call *call)
{
    return mcp_arena_printf(mcp_call_arena(call), "%.*s.%.*s", MCP_STR_ARG(gcp->config->project),
                            MCP_STR_ARG(gcp->config->dataset));
}

/* What to grant, where the refusal itself does not say it: it then sends its reader to doctor, which is
 * here. */
static void grant(struct mcp_error *err, const char *permission, const char *role, mcp_str where)
{
    if (err->err != MCP_EDENIED || strstr(err->next, "mcp-gcp doctor") == NULL)
        return;
    err->next[0] = '\0';
    mcp_error_next(err, "It needs %s: grant %s %.*s.", permission, role, MCP_STR_ARG(where));
}

/* A query that reads no table, so that only the right to run one can be missing. */
static bool check_jobs(const struct gcp *gcp, struct mcp_call *call,
                       const struct cost_report *report)
{
    static const char *const columns[] = { "one" };
    struct gcp_query q = { .columns = columns,
                           .n_columns = 1,
                           .row = ignore_row,
                           .project = job_project(gcp),
                           .location = gcp->config->location,
                           .max_bytes = gcp->config->max_bytes_query };
    struct gcp_query_stats stats = { 0 };
    struct mcp_error err = { 0 };
    struct gcp_sql sql;

    gcp_sql_init(&sql, mcp_call_arena(call));
    gcp_sql_put(&sql, "SELECT 1 AS one");
    q.sql = &sql;
    if (gcp_bigquery_run(gcp, call, &q, &stats, &err) < 0) {
        grant(&err, "bigquery.jobs.create", "roles/bigquery.jobUser on project", q.project);
        cost_report_error(report, COST_MARK_FAIL, "bigquery.jobs.create", &err);
        return false;
    }
    cost_report_line(report, COST_MARK_OK, "bigquery.jobs.create: queries run in project %.*s",
                     MCP_STR_ARG(q.project));
    return true;
}

static const struct gcp_table *check_table(const struct gcp *gcp, struct mcp_call *call,
                                           const struct cost_report *report)
{
    static const char *const kinds[] = { "standard", "detailed", "FOCUS" };
    const struct gcp_table *table = NULL;
    struct mcp_error err = { 0 };
    uint64_t requests = 0;

    if (gcp_billing_table(gcp, call, false, &table, &requests, &err) < 0) {
        grant(&err, "bigquery.tables.get", VIEWER, dataset_of(gcp, call));
        cost_report_error(report, COST_MARK_FAIL, "bigquery.tables.get", &err);
        return NULL;
    }
    cost_report_line(report, COST_MARK_OK, "bigquery.tables.get: %s export %.*s.%.*s in %.*s, %s",
                     kinds[table->kind], MCP_STR_ARG(table->dataset), MCP_STR_ARG(table->name),
                     MCP_STR_ARG(table->location),
                     gcp_bytes_text(mcp_call_arena(call), table->bytes).ptr);
    if (table->partition == GCP_PARTITION_NONE)
        cost_report_line(report, COST_MARK_WARN,
                         "partitions: the table has none, so that every query reads all of it");
    if (!gcp_table_has(table, "resource.name") && table->kind != GCP_TABLE_FOCUS)
        cost_report_line(
            report, COST_MARK_WARN,
            "resources: the standard export names none. Enable the detailed usage cost "
            "export in Billing > Billing export.");
    return table;
}

static void check_data(const struct gcp *gcp, struct mcp_call *call, const struct gcp_table *table,
                       const struct cost_report *report)
{
    const struct gcp_config *c = gcp->config;
    struct gcp_query_stats stats = { 0 };
    struct gcp_extent extent;
    struct cost_extent dates;
    struct mcp_error err = { 0 };
    char day[MCP_DATE_LEN + 1];

    if (gcp_billing_extent(gcp, call, table, false, &extent, &stats, &err) < 0) {
        grant(&err, "bigquery.tables.getData", VIEWER, dataset_of(gcp, call));
        cost_report_error(report, COST_MARK_FAIL, "bigquery.tables.getData", &err);
        return;
    }
    gcp_extent_dates(&extent, gcp_table_zone(c, table), &dates);
    if (extent.empty) {
        cost_report_line(report, COST_MARK_WARN,
                         "bigquery.tables.getData: readable, but there is no usage in it that may "
                         "be shown");
        return;
    }
    mcp_date_format(dates.data_through, day);
    cost_report_line(report, dates.today - dates.data_through > 3 ? COST_MARK_WARN : COST_MARK_OK,
                     "bigquery.tables.getData: usage through %s (%d days ago, days of %.*s)", day,
                     (int)(dates.today - dates.data_through),
                     MCP_STR_ARG(gcp_zone_name(gcp_table_zone(c, table))));
}

void gcp_billing_doctor(const struct gcp *gcp, struct mcp_call *call,
                        const struct cost_report *report)
{
    const struct gcp_table *table;

    if (!check_jobs(gcp, call, report))
        return;
    table = check_table(gcp, call, report);
    if (table != NULL)
        check_data(gcp, call, table, report);
}
