/* doctor for the bill: each permission has its line, and a refusal says what to grant to whom. */
#include "bq_help.h"

#include <mcp/clock.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define ONE                                                                                        \
    "{\"jobComplete\":true,\"schema\":{\"fields\":[{\"name\":\"one\",\"type\":\"INTEGER\"}]},"     \
    "\"totalRows\":\"1\",\"rows\":[{\"f\":[{\"v\":\"1\"}]}]}"
#define DENIED(text)                                                                               \
    "{\"error\":{\"code\":403,\"message\":\"Access Denied: " text                                  \
    "\",\"errors\":[{\"reason\":\"accessDenied\"}]}}"

static struct gcp_lines lines;

static void examine(struct gcp_script *rows)
{
    struct cost_report report;
    struct bq bq;

    mcp_clock_set(INT64_C(1795176000)); /* 20 November 2026, noon */
    bq_begin(&bq, rows);
    report = gcp_lines_report(&lines);
    gcp_billing_doctor(&bq.gcp, bq.call, &report);
    bq_end(&bq);
}

static void says(const char *line, const char *part)
{
    const char *found = gcp_lines_find(&lines, line);

    if (found == NULL || strstr(found, part) == NULL)
        fail_msg("no \"%s ... %s\" in %zu lines, the last: %s", line, part, lines.n,
                 lines.n == 0 ? "" : lines.text[lines.n - 1]);
}

static void all_is_well_and_a_standard_export_is_told(void **state)
{
    /* Usage up to midnight of 18 November in California. */
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 200, NULL, ONE, 1 },
                                 { BQ_TABLE, 200, NULL,
                                   bq_table(bq_standard, ",\"numBytes\":\"4096\""), 0 },
                                 { BQ_QUERY, 200, NULL, bq_extent(1795075200, -1), 0 },
                                 { NULL } };

    (void)state;
    examine(rows);
    says("ok bigquery.jobs.create: ", "project p-host");
    says("ok bigquery.tables.get: standard export ", "billing.export in EU, 4.0 KiB");
    says("warn partitions: ", "every query reads all of it");
    says("warn resources: ", "Enable the detailed usage cost export");
    says("ok bigquery.tables.getData: usage through 2026-11-18 ",
         "(2 days ago, days of America/Los_Angeles)");
    assert_int_equal(lines.n, 5);
}

static void who_may_not_run_queries_is_told_whom_to_ask(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 403, NULL,
                                   DENIED("Project p-host: User does not have bigquery.jobs.create "
                                          "permission in project p-host."),
                                   0 },
                                 { NULL } };

    (void)state;
    examine(rows);
    says("FAIL bigquery.jobs.create: ",
         "Grant roles/bigquery.jobUser on the project that runs the queries");
    assert_int_equal(lines.n, 1);
}

static void an_api_that_is_not_enabled_is_no_missing_role(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 403, NULL,
          "{\"error\":{\"message\":\"BigQuery API has not been used\",\"errors\":[{\"reason\":"
          "\"accessNotConfigured\"}],\"details\":[{\"reason\":\"SERVICE_DISABLED\",\"metadata\":{"
          "\"consumer\":\"projects/p-host\"}}]}}",
          0 },
        { NULL }
    };

    (void)state;
    examine(rows);
    says("FAIL bigquery.jobs.create: ",
         "gcloud services enable bigquery.googleapis.com --project p-host");
    assert_null(strstr(lines.text[0], "jobUser"));
}

static void a_dataset_that_is_not_there_names_its_settings(void **state)
{
    struct gcp_script rows[] = { GCP_TOKEN_ROW,
                                 { BQ_QUERY, 200, NULL, ONE, 1 },
                                 { BQ_DATASET, 404, NULL,
                                   "{\"error\":{\"message\":\"Not found: Dataset "
                                   "p-host:billing\",\"errors\":[{\"reason\":\"notFound\"}]}}",
                                   0 },
                                 { NULL } };

    (void)state;
    examine(rows);
    says("FAIL bigquery.tables.get: ", "Not found: Dataset p-host:billing");
    says("FAIL bigquery.tables.get: ", "gcp.billing.");
    assert_null(strstr(lines.text[1], "dataViewer"));
}

static void who_may_not_read_the_table_is_told_the_role(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL, ONE, 1 },
        { BQ_TABLE, 200, NULL, bq_table(bq_standard, ""), 0 },
        { BQ_QUERY, 403, NULL,
          DENIED("Table p-host:billing.export: User does not have permission to query table"), 0 },
        { NULL }
    };

    (void)state;
    examine(rows);
    says("FAIL bigquery.tables.getData: ",
         "grant roles/bigquery.dataViewer on the dataset p-host.billing.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_is_well_and_a_standard_export_is_told),
        cmocka_unit_test(who_may_not_run_queries_is_told_whom_to_ask),
        cmocka_unit_test(an_api_that_is_not_enabled_is_no_missing_role),
        cmocka_unit_test(a_dataset_that_is_not_there_names_its_settings),
        cmocka_unit_test(who_may_not_read_the_table_is_told_the_role),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);

    gcp_files_remove();
    return failed;
}
