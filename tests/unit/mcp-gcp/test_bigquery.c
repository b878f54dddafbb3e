/* A query to its end: waited for, read page by page, cancelled, refused; never a number that is not whole. */
#include "mcp-gcp/bigquery.h"

#include "bq_help.h"

#include "mcp/proto/call_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define JOB "\"jobReference\":{\"projectId\":\"payer\",\"jobId\":\"j 1\",\"location\":\"EU\"}"
#define SCHEMA "\"schema\":{\"fields\":[{\"name\":\"a\"},{\"name\":\"b\"}]}"
#define ROW1 "{\"f\":[{\"v\":\"1\"},{\"v\":null}]}"
#define ROW2 "{\"f\":[{\"v\":\"2\"},{\"v\":\"x\\ny\"}]}"
#define RESULTS "/bigquery/v2/projects/payer/queries/j%201?location=EU"
#define CANCEL "/bigquery/v2/projects/payer/jobs/j%201/cancel?location=EU"
#define ERROR(reason)                                                                              \
    "{\"error\":{\"message\":\"made up\",\"errors\":[{\"reason\":\"" reason "\"}]}}"

static struct bq bq;
static struct gcp_query_stats stats;
static char seen[256];
static uint64_t estimate;

static int note_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    size_t n = strlen(seen);

    (void)ctx;
    (void)err;
    snprintf(seen + n, sizeof(seen) - n, "%.*s=%.*s;", MCP_STR_ARG(cells[0]),
             mcp_str_is_null(cells[1]) ? 4 : (int)cells[1].len,
             mcp_str_is_null(cells[1]) ? "NULL" : cells[1].ptr);
    return 0;
}

static int refuse_row(void *ctx, const mcp_str *cells, struct mcp_error *err)
{
    (void)ctx;
    (void)cells;
    return mcp_error_set(err, MCP_EDATA, "not that row");
}

/* Runs SELECT against the script; bq stays open until bq_end. */
static int run(struct gcp_script *rows, size_t max_rows, bool dry)
{
    static const char *const columns[] = { "a", "b" };
    struct gcp_query q = { .project = MCP_STR("p-host"),
                           .location = MCP_STR("EU"),
                           .max_bytes = 1 << 30,
                           .columns = columns,
                           .n_columns = 2,
                           .row = max_rows == 99 ? refuse_row : note_row,
                           .max_rows = max_rows };
    struct gcp_sql sql;

    bq_begin(&bq, rows);
    stats = (struct gcp_query_stats){ 0 };
    seen[0] = '\0';
    gcp_sql_init(&sql, bq.arena);
    gcp_sql_put(&sql, "SELECT @day AS a, 1 AS b");
    gcp_sql_date(&sql, "day", 20000);
    q.sql = &sql;
    return dry ? gcp_bigquery_estimate(&bq.gcp, bq.call, &q, &estimate, &stats, &bq.err)
               : gcp_bigquery_run(&bq.gcp, bq.call, &q, &stats, &bq.err);
}

static void rows_come_as_texts_with_what_they_cost(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 200, NULL,
                                   "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[" ROW1
                                   "," ROW2 "],\"totalRows\":\"2\",\"totalBytesProcessed\":\"77\","
                                   "\"totalBytesBilled\":\"10485760\",\"cacheHit\":false}",
                                   0 },
                                 { NULL } };
    const char *sent;

    (void)state;
    assert_int_equal(run(rows, 0, false), 0);
    assert_string_equal(seen, "1=NULL;2=x\ny;");
    assert_true(stats.rows == 2 && stats.requests == 1);
    assert_true(stats.bytes_processed == 77 && stats.bytes_billed == 10485760);
    sent = gcp_server_last(bq.server);
    assert_true(bq_holds(sent, "\"useLegacySql\":false"));
    assert_true(bq_holds(sent, "\"maximumBytesBilled\":\"1073741824\""));
    assert_true(bq_holds(sent, "\"formatOptions\":{\"useInt64Timestamp\":true}"));
    assert_true(
        bq_holds(sent, "\"parameterMode\":\"NAMED\",\"queryParameters\":[{\"name\":\"day\""));
    assert_true(bq_holds(sent, "\"location\":\"EU\""));
    assert_true(bq_holds(sent, "\"requestId\":\""));
    bq_end(&bq);
}

static void no_rows_are_an_answer(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL, "{\"jobComplete\":true," JOB "," SCHEMA ",\"totalRows\":\"0\"}", 0 },
        { NULL }
    };

    (void)state;
    assert_int_equal(run(rows, 0, false), 0);
    assert_string_equal(seen, "");
    bq_end(&bq);
}

static void a_job_is_waited_for_and_read_page_by_page_where_it_runs(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL, "{\"jobComplete\":false," JOB "}", 0 },
        { RESULTS, 200, NULL, "{\"jobComplete\":false," JOB "}", 1 },
        { RESULTS, 200, NULL,
          "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[" ROW1
          "],\"totalRows\":\"2\",\"pageToken\":\"p/2\"}",
          1 },
        { RESULTS, 200, NULL,
          "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[" ROW2 "],\"totalRows\":\"2\"}", 1 },
        { NULL }
    };

    (void)state;
    assert_int_equal(run(rows, 0, false), 0);
    assert_string_equal(seen, "1=NULL;2=x\ny;");
    assert_int_equal(bq.call->progress.seq, 3); /* twice for the job, once for its second page */
    assert_string_equal(bq.call->progress.message, "reading BigQuery's rows");
    assert_int_equal(gcp_server_count(bq.server, RESULTS), 3);
    assert_true(bq_holds(gcp_server_last(bq.server), "&pageToken=p%2F2 "));
    assert_true(bq_holds(gcp_server_last(bq.server), "formatOptions.useInt64Timestamp=true"));
    assert_int_equal(gcp_server_count(bq.server, CANCEL), 0);
    bq_end(&bq);
}

static void an_answer_that_is_not_whole_is_none(void **state)
{
    static const struct {
        const char *body, *says;
    } cases[] = {
        { "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[" ROW1 "],\"totalRows\":\"2\"}",
          "sent 1 of 2 rows" },
        { "{\"jobComplete\":true," JOB ",\"schema\":{\"fields\":[{\"name\":\"a\"}]},\"rows\":[],"
          "\"totalRows\":\"0\"}",
          "other columns" },
        { "{\"jobComplete\":true," JOB
          ",\"schema\":{\"fields\":[{\"name\":\"a\"},{\"name\":\"c\"}]},"
          "\"totalRows\":\"0\"}",
          "other columns" },
        { "{\"jobComplete\":true," JOB ",\"schema\":{\"fields\":[{\"name\":\"a\"},{\"name\":\"b\","
          "\"mode\":\"REPEATED\"}]},\"totalRows\":\"0\"}",
          "other columns" },
        { "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[{\"f\":[{\"v\":\"1\"}]}],"
          "\"totalRows\":\"1\"}",
          "too few cells" },
        { "{\"jobComplete\":true," JOB
          ",\"errors\":[{\"reason\":\"backend\",\"message\":\"gone\"}]}",
          "gone" },
        { "{\"jobComplete\":false}", "named no job" },
        { "[]", "no JSON object" },
        { "{\"jobComplete\":tru", "no JSON" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gcp_script rows[] = { BQ_USUAL,
                                     { BQ_QUERY, 200, NULL, cases[i].body, 0 },
                                     { NULL } };

        if (run(rows, 0, false) != MCP_EUPSTREAM || !bq_holds(bq.err.message, cases[i].says))
            fail_msg("%s: %s", cases[i].body, bq.err.message);
        bq_end(&bq);
    }
}

static void more_rows_than_are_wanted_are_refused_with_what_helps(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL, "{\"jobComplete\":true," JOB "," SCHEMA ",\"totalRows\":\"9\"}", 0 },
        { NULL }
    };

    (void)state;
    assert_int_equal(run(rows, 8, false), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "too_many_groups");
    assert_true(bq_holds(bq.err.next, "fewer keys"));
    bq_end(&bq);
}

static void a_row_that_is_refused_ends_the_query(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL,
          "{\"jobComplete\":true," JOB "," SCHEMA ",\"rows\":[" ROW1 "],\"totalRows\":\"1\"}", 0 },
        { NULL }
    };

    (void)state;
    assert_int_equal(run(rows, 99, false), MCP_EDATA);
    assert_string_equal(bq.err.message, "not that row");
    bq_end(&bq);
}

static void a_job_that_nobody_waits_for_is_cancelled_where_it_runs(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 200, NULL, "{\"jobComplete\":false," JOB "}", 0 },
                                 { RESULTS, 400, NULL, ERROR("invalid"), 0 },
                                 { CANCEL, 200, NULL, "{}", 0 },
                                 { NULL } };

    (void)state;
    assert_int_equal(run(rows, 0, false), MCP_EREFUSED);
    assert_int_equal(gcp_server_count(bq.server, CANCEL), 1);
    assert_true(stats.abandoned);
    bq_end(&bq);
}

static void reasons_of_bigquery_say_what_to_do(void **state)
{
    static const struct {
        int status;
        const char *body;
        int rc;
        const char *code, *next;
    } cases[] = {
        { 400, ERROR("bytesBilledLimitExceeded"), MCP_EREFUSED, "too_expensive", "start_date" },
        { 400, ERROR("stopped"), MCP_EREFUSED, "job_stopped", "shorter range" },
        { 400, ERROR("resourcesExceeded"), MCP_EREFUSED, NULL, "shorter range" },
        { 400, ERROR("responseTooLarge"), MCP_EREFUSED, NULL, "fewer keys" },
        { 403, ERROR("quotaExceeded"), MCP_EREFUSED, NULL, "Quotas" },
        { 403, ERROR("billingNotEnabled"), MCP_EREFUSED, NULL, "job_project" },
        { 404, ERROR("notFound"), MCP_ENOTFOUND, NULL, "location" },
        { 409, ERROR("duplicate"), MCP_EREFUSED, NULL, "" },
        { 400, ERROR("invalidQuery"), MCP_EREFUSED, NULL, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct gcp_script rows[] = { BQ_USUAL,
                                     { BQ_QUERY, cases[i].status, NULL, cases[i].body, 0 },
                                     { NULL } };

        bq.err = (struct mcp_error){ 0 };
        if (run(rows, 0, false) != cases[i].rc)
            fail_msg("%s: %d %s", cases[i].body, bq.err.err, bq.err.message);
        if (cases[i].code != NULL)
            assert_string_equal(bq.err.code, cases[i].code);
        assert_true(bq_holds(bq.err.next, cases[i].next));
        assert_int_equal(gcp_server_count(bq.server, BQ_QUERY), 1);
        bq_end(&bq);
    }
}

static void a_failed_job_is_explained_like_a_refusal(void **state)
{
    struct gcp_script rows[] = { BQ_USUAL,
                                 { BQ_QUERY, 200, NULL,
                                   "{\"jobComplete\":true," JOB
                                   ",\"errors\":[{\"reason\":\"bytesBilledLimitExceeded\"}]}",
                                   0 },
                                 { NULL } };

    (void)state;
    assert_int_equal(run(rows, 0, false), MCP_EREFUSED);
    assert_string_equal(bq.err.code, "too_expensive");
    assert_true(bq_holds(bq.err.message, "10.0 GiB"));
    bq_end(&bq);
}

static void a_dry_run_tells_bytes_and_runs_nothing(void **state)
{
    struct gcp_script rows[] = {
        BQ_USUAL,
        { BQ_QUERY, 200, NULL,
          "{\"jobComplete\":true," SCHEMA ",\"totalBytesProcessed\":\"12345\"}", 0 },
        { NULL }
    };
    const char *sent;

    (void)state;
    assert_int_equal(run(rows, 0, true), 0);
    assert_true(estimate == 12345);
    assert_true(stats.bytes_processed == 0 && stats.bytes_billed == 0);
    sent = gcp_server_last(bq.server);
    assert_true(bq_holds(sent, "\"dryRun\":true"));
    assert_false(bq_holds(sent, "requestId"));
    assert_false(bq_holds(sent, "maximumBytesBilled"));
    bq_end(&bq);
}

static void bytes_read_well(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } rows[] = {
        { 0, "0 bytes" },
        { 1023, "1023 bytes" },
        { 1024, "1.0 KiB" },
        { 1536, "1.5 KiB" },
        { UINT64_C(10) << 30, "10.0 GiB" },
        { (UINT64_C(1) << 40) - 1, "1023.9 GiB" },
        { UINT64_C(5000) << 40, "5000.0 TiB" },
    };
    struct mcp_arena *arena = mcp_arena_new(0, 0);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_string_equal(gcp_bytes_text(arena, rows[i].bytes).ptr, rows[i].text);
    mcp_arena_free(arena);
}

static int teardown(void **state)
{
    (void)state;
    gcp_files_remove();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_as_texts_with_what_they_cost),
        cmocka_unit_test(no_rows_are_an_answer),
        cmocka_unit_test(a_job_is_waited_for_and_read_page_by_page_where_it_runs),
        cmocka_unit_test(an_answer_that_is_not_whole_is_none),
        cmocka_unit_test(more_rows_than_are_wanted_are_refused_with_what_helps),
        cmocka_unit_test(a_row_that_is_refused_ends_the_query),
        cmocka_unit_test(a_job_that_nobody_waits_for_is_cancelled_where_it_runs),
        cmocka_unit_test(reasons_of_bigquery_say_what_to_do),
        cmocka_unit_test(a_failed_job_is_explained_like_a_refusal),
        cmocka_unit_test(a_dry_run_tells_bytes_and_runs_nothing),
        cmocka_unit_test(bytes_read_well),
    };

    return cmocka_run_group_tests(tests, NULL, teardown);
}
