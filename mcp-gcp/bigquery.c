/* BigQuery's REST API: run a query, wait for it, read its rows; what it reads and costs. */
#include "bigquery.h"

#include "rows.h"

#include <mcp/json_writer.h>
#include <mcp/random.h>

#define PAGE_ROWS 50000
#define MAX_ROWS 1000000
#define MAX_PAGES 1000
#define MAX_ANSWER_BYTES ((size_t)48 << 20) /* BigQuery's pages end at about 10 MB of rows */
#define FIRST_WAIT_MS                                                                              \
    2000 /* short: until the first answer nobody knows the job, so as to cancel it */
#define NEXT_WAIT_MS 10000
#define LARGE_BYTES ((size_t)256 << 10) /* what is decoded on a slot */

/* One query under way. */
struct run {
    const struct gcp *gcp;
    struct mcp_call *call;
    const struct gcp_query *query;
    struct gcp_query_stats *stats;
    struct mcp_arena *arena;
    mcp_str job_project, job_id, job_location; /* known after the first answer */
    bool complete;
    uint64_t total_rows, rows;
    mcp_str page_token; /* of the next page, or missing */
};

mcp_str gcp_bytes_text(struct mcp_arena *arena, uint64_t bytes)
{
    static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
    uint64_t whole = bytes, rest = 0;
    size_t u = 0;

    for (; whole >= 1024 && u < 4; u++) {
        rest = whole % 1024;
        whole /= 1024;
    }
    if (u == 0)
        return mcp_arena_printf(arena, "%llu bytes", (unsigned long long)bytes);
    return mcp_arena_printf(arena, "%llu.%llu %s", (unsigned long long)whole,
                            (unsigned long long)(rest * 10 / 1024), units[u]);
}

int gcp_bigquery_too_expensive(const struct gcp *gcp, uint64_t bytes, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    uint64_t cap = (uint64_t)gcp->config->max_bytes_query;

    if (arena == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for an error");
    if (bytes > 0)
        mcp_error_word(err, MCP_EREFUSED, "too_expensive",
                       "the query would read %s of the billing export; more than %s are not read",
                       gcp_bytes_text(arena, bytes).ptr, gcp_bytes_text(arena, cap).ptr);
    else
        mcp_error_word(err, MCP_EREFUSED, "too_expensive",
                       "BigQuery refused the query, free of charge: it would read more than %s of "
                       "the billing export",
                       gcp_bytes_text(arena, cap).ptr);
    mcp_arena_free(arena);
    return mcp_error_next(err, "Begin the range later (what lies before start_date is not read), "
                               "use fewer keys and no group_by resource or tag, or raise "
                               "gcp.billing.max_bytes_query.");
}

/* What to do about a reason of BigQuery's; its own words stay. */
static const struct {
    const char *reason;
    enum mcp_err kind;
    const char *next;
} advice[] = {
    { "billingNotEnabled", MCP_EREFUSED,
      "Enable billing for the project that runs the queries, or set gcp.billing.job_project to one "
      "that has it." },
    { "jobRateLimitExceeded", MCP_EBUSY, "Too many queries run at once. Ask again in a minute." },
    { "quotaExceeded", MCP_EREFUSED,
      "A quota of the project that runs the queries is used up, mostly until midnight Pacific "
      "time: see IAM & Admin > Quotas, or set gcp.billing.job_project to another project." },
    { "rateLimitExceeded", MCP_EBUSY, "Too many queries run at once. Ask again in a minute." },
    { "resourcesExceeded", MCP_EREFUSED,
      "Ask for a shorter range, fewer keys or a coarser granularity." },
    { "responseTooLarge", MCP_EREFUSED,
      "Ask for a shorter range, fewer keys or a coarser granularity." },
    { "timeout", MCP_EREFUSED, "Ask for a shorter range, fewer keys or a coarser granularity." },
};

static int advise(mcp_str reason, int rc, struct mcp_error *err)
{
    struct mcp_error said = err == NULL ? (struct mcp_error){ 0 } : *err;

    for (size_t i = 0; i < sizeof(advice) / sizeof(advice[0]); i++) {
        if (!mcp_str_eq(reason, mcp_str_z(advice[i].reason)))
            continue;
        mcp_error_clear(err);
        mcp_error_set(err, advice[i].kind, "%s", said.message);
        mcp_error_next(err, "%s", advice[i].next);
        if (err != NULL && advice[i].kind == MCP_EBUSY)
            err->retry_after_ms = 60000;
        return advice[i].kind;
    }
    return rc;
}

/* Reasons that deserve other words than the API's in general. */
static int explain(struct run *r, const struct gcp_reply *reply, int rc, struct mcp_error *err)
{
    mcp_str reason = reply->reason;

    if (mcp_str_eq(reason, MCP_STR("bytesBilledLimitExceeded"))) {
        mcp_error_clear(err);
        return gcp_bigquery_too_expensive(r->gcp, 0, err);
    }
    if (mcp_str_eq(reason, MCP_STR("stopped"))) {
        mcp_error_clear(err);
        mcp_error_word(err, MCP_EREFUSED, "job_stopped",
                       "somebody stopped the query in BigQuery, or it took longer than the call "
                       "may");
        return mcp_error_next(err, "Ask again, for a shorter range if it happens again.");
    }
    return advise(reason, rc, err);
}

/* ---- answers ---- */

static uint64_t counter(const struct run *r, struct mcp_json object, const char *name)
{
    int64_t n = 0;
    mcp_str text = mcp_json_get_str(object, mcp_str_z(name), r->arena);

    if (!mcp_str_is_null(text))
        return mcp_str_int64(text, &n) == 0 && n > 0 ? (uint64_t)n : 0;
    n = mcp_json_get_int64(object, mcp_str_z(name), 0);
    return n > 0 ? (uint64_t)n : 0;
}

/* The columns that were asked for, by name and in order, none of them repeated. */
static int check_schema(const struct run *r, struct mcp_json envelope, struct mcp_error *err)
{
    struct mcp_json fields = mcp_json_path(envelope, "schema.fields");
    size_t n = 0;

    for (struct mcp_json_iter it = mcp_json_iter(fields); mcp_json_next(&it); n++) {
        if (n >= r->query->n_columns ||
            !mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("name")),
                             mcp_str_z(r->query->columns[n])) ||
            mcp_json_str_eq(mcp_json_get(it.value, MCP_STR("mode")), MCP_STR("REPEATED")))
            break;
    }
    if (n != r->query->n_columns || mcp_json_count(fields) != n)
        return mcp_error_set(err, MCP_EUPSTREAM,
                             "BigQuery's answer has other columns than the query asked for");
    return 0;
}

/* Complete without a schema: the job failed and says why. */
static int job_failed(struct run *r, struct mcp_json envelope, struct mcp_error *err)
{
    struct gcp_reply reply = { 0 };

    for (struct mcp_json_iter it = mcp_json_iter(mcp_json_get(envelope, MCP_STR("errors")));
         mcp_json_next(&it);) {
        reply.reason = mcp_json_get_str(it.value, MCP_STR("reason"), r->arena);
        reply.message = mcp_json_get_str(it.value, MCP_STR("message"), r->arena);
        break;
    }
    mcp_error_set(err, MCP_EUPSTREAM, "BigQuery could not finish the query: %.*s (%.*s)",
                  MCP_STR_ARG(mcp_str_head(reply.message, 300)),
                  MCP_STR_ARG(mcp_str_head(reply.reason, 60)));
    return explain(r, &reply, MCP_EUPSTREAM, err);
}

static void read_reference(struct run *r, struct mcp_json envelope)
{
    struct mcp_json ref = mcp_json_get(envelope, MCP_STR("jobReference"));

    if (!mcp_json_exists(ref))
        return;
    r->job_id = mcp_json_get_str(ref, MCP_STR("jobId"), r->arena);
    r->job_project = mcp_json_get_str(ref, MCP_STR("projectId"), r->arena);
    r->job_location = mcp_json_get_str(ref, MCP_STR("location"), r->arena);
}

static int decode(struct run *r, mcp_str rows, struct mcp_error *err)
{
    bool slot = rows.len > LARGE_BYTES;
    uint64_t count = 0;
    int rc = slot ? mcp_cpu_enter(r->call, err) : 0;

    if (rc < 0)
        return rc;
    rc = gcp_rows_each(rows, r->query->n_columns, r->query->row, r->query->ctx, &count, err);
    if (slot)
        mcp_cpu_leave(r->call);
    r->rows += count;
    r->stats->rows += count;
    return rc;
}

/* One answer of jobs.query or getQueryResults: not complete yet, or a page of rows. */
static int read_answer(struct run *r, mcp_str body, struct mcp_error *err)
{
    size_t max_rows = r->query->max_rows > 0 ? r->query->max_rows : MAX_ROWS;
    struct mcp_json envelope;
    mcp_str text, rows;
    int rc = gcp_rows_split(body, r->arena, &text, &rows, err);

    if (rc == 0)
        rc = mcp_json_parse(r->arena, text, NULL, &envelope, err);
    if (rc < 0)
        return rc;
    read_reference(r, envelope);
    r->page_token = MCP_STR_NULL;
    r->complete = mcp_json_get_bool(envelope, MCP_STR("jobComplete"), false);
    if (!r->complete)
        return 0;
    if (!mcp_json_exists(mcp_json_get(envelope, MCP_STR("schema"))))
        return job_failed(r, envelope, err);
    rc = check_schema(r, envelope, err);
    if (rc < 0)
        return rc;
    r->stats->bytes_processed += counter(r, envelope, "totalBytesProcessed");
    r->stats->bytes_billed += counter(r, envelope, "totalBytesBilled");
    r->stats->cache_hit = mcp_json_get_bool(envelope, MCP_STR("cacheHit"), false);
    r->total_rows = counter(r, envelope, "totalRows");
    r->page_token = mcp_json_get_str(envelope, MCP_STR("pageToken"), r->arena);
    if (r->total_rows > max_rows) {
        mcp_error_word(err, MCP_EREFUSED, "too_many_groups",
                       "the answer would have %llu rows; more than %zu are not fetched",
                       (unsigned long long)r->total_rows, max_rows);
        return mcp_error_next(err, "Use a coarser granularity, fewer keys, or filters.");
    }
    return mcp_str_is_null(rows) ? 0 : decode(r, rows, err);
}

/* ---- requests ---- */

static void put_request(const struct run *r, struct mcp_buf *body, bool dry_run)
{
    const struct gcp_query *q = r->query;
    uint64_t left = mcp_call_remaining_ms(r->call);
    unsigned char id[16];
    char hex[33];
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, body);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "query", mcp_buf_view(q->sql->text));
    mcp_jsonw_kbool(&w, "useLegacySql", false); /* the default is legacy SQL */
    if (q->sql->params->len > 0) {
        mcp_jsonw_kz(&w, "parameterMode", "NAMED");
        mcp_jsonw_kraw(
            &w, "queryParameters",
            mcp_arena_printf(r->arena, "[%.*s]", MCP_STR_ARG(mcp_buf_view(q->sql->params))));
    }
    mcp_jsonw_kobject(&w, "formatOptions");
    mcp_jsonw_kbool(&w, "useInt64Timestamp", true);
    mcp_jsonw_end(&w);
    if (q->location.len > 0)
        mcp_jsonw_kstr(&w, "location", q->location);
    mcp_jsonw_kobject(&w, "labels"); /* lets the customer see what we spend */
    mcp_jsonw_kz(&w, "app", "mcp-gcp");
    mcp_jsonw_end(&w);
    if (dry_run) {
        mcp_jsonw_kbool(&w, "dryRun", true);
    } else {
        mcp_jsonw_kstr(&w, "maximumBytesBilled",
                       mcp_arena_printf(r->arena, "%lld", (long long)q->max_bytes));
        mcp_jsonw_kint(&w, "maxResults", PAGE_ROWS);
        mcp_jsonw_kint(&w, "timeoutMs", FIRST_WAIT_MS);
        if (left < UINT64_MAX)
            mcp_jsonw_kstr(
                &w, "jobTimeoutMs",
                mcp_arena_printf(r->arena, "%llu", (unsigned long long)(left > 0 ? left : 1)));
        /* A repeated request with the same id is the same job: retries are safe. */
        mcp_random_bytes(id, sizeof(id));
        for (size_t i = 0; i < sizeof(id); i++) {
            hex[2 * i] = "0123456789abcdef"[id[i] >> 4];
            hex[2 * i + 1] = "0123456789abcdef"[id[i] & 15];
        }
        mcp_jsonw_kstr(&w, "requestId", mcp_str_n(hex, 32));
    }
    mcp_jsonw_end(&w);
}

static int post_query(struct run *r, bool dry_run, struct gcp_reply *reply, struct mcp_error *err)
{
    struct gcp_request req = { .service = GCP_BIGQUERY,
                               .method = MCP_POST,
                               .max_body_bytes = MAX_ANSWER_BYTES };
    struct mcp_buf body;
    int rc = gcp_sql_error(r->query->sql, err);

    if (rc < 0)
        return rc;
    mcp_buf_init(&body, GCP_SQL_MAX_BYTES * 4);
    put_request(r, &body, dry_run);
    rc = mcp_buf_error(&body);
    if (rc < 0)
        mcp_error_set(err, (enum mcp_err)rc, "the query is too long to send");
    req.path = mcp_arena_printf(r->arena, "/bigquery/v2/projects/%s/queries?prettyPrint=false",
                                gcp_api_encode(r->arena, r->query->project).ptr);
    req.body = mcp_buf_view(&body);
    if (rc == 0)
        rc = gcp_api_call(r->gcp, r->call, &req, reply, err);
    mcp_buf_release(&body);
    r->stats->requests++;
    return rc < 0 ? explain(r, reply, rc, err) : 0;
}

static mcp_str job_path(const struct run *r, const char *collection, const char *suffix)
{
    mcp_str path = mcp_arena_printf(r->arena, "/bigquery/v2/projects/%s/%s/%s%s",
                                    gcp_api_encode(r->arena, r->job_project).ptr, collection,
                                    gcp_api_encode(r->arena, r->job_id).ptr, suffix);
    mcp_str location = r->job_location.len > 0 ? r->job_location : r->query->location;

    return mcp_arena_printf(r->arena, "%s?location=%s", path.ptr,
                            gcp_api_encode(r->arena, location).ptr);
}

/* Waits on (page_token missing), or fetches a page. location and formatOptions count on each. */
static int get_results(struct run *r, mcp_str page_token, struct mcp_error *err)
{
    struct gcp_request req = { .service = GCP_BIGQUERY,
                               .method = MCP_GET,
                               .max_body_bytes = MAX_ANSWER_BYTES };
    struct gcp_reply reply = { 0 };
    uint64_t left = mcp_call_remaining_ms(r->call);
    int rc;

    req.path = mcp_arena_printf(r->arena,
                                "%s&timeoutMs=%d&maxResults=%d&formatOptions.useInt64Timestamp=true"
                                "&prettyPrint=false",
                                job_path(r, "queries", "").ptr,
                                left < NEXT_WAIT_MS ? (int)left : NEXT_WAIT_MS, PAGE_ROWS);
    if (!mcp_str_is_null(page_token))
        req.path = mcp_arena_printf(r->arena, "%s&pageToken=%s", req.path.ptr,
                                    gcp_api_encode(r->arena, page_token).ptr);
    rc = gcp_api_call(r->gcp, r->call, &req, &reply, err);
    r->stats->requests++;
    return rc < 0 ? explain(r, &reply, rc, err) : read_answer(r, reply.http.body, err);
}

/* For who waits: grows with every request of the call. */
static void tell(struct run *r, mcp_str what)
{
    mcp_progress(r->call, (int64_t)r->stats->requests, 0, what);
}

static int wait_complete(struct run *r, struct mcp_error *err)
{
    unsigned pause_ms = 200;
    int rc = 0;

    if (!r->complete && r->job_id.len == 0)
        return mcp_error_set(err, MCP_EUPSTREAM,
                             "BigQuery accepted the query but named no job to wait for");
    while (rc == 0 && !r->complete) {
        tell(r, MCP_STR("waiting for BigQuery"));
        /* The service itself waits; the pause is for one that does not. */
        rc = mcp_sleep(r->call, pause_ms, err);
        pause_ms = pause_ms < 1000 ? pause_ms * 2 : 2000;
        if (rc == 0)
            rc = get_results(r, MCP_STR_NULL, err);
    }
    return rc;
}

static int read_pages(struct run *r, struct mcp_error *err)
{
    size_t pages = 0;
    int rc = 0;

    while (rc == 0 && r->page_token.len > 0) {
        mcp_str token = r->page_token;

        if (r->job_id.len == 0 || ++pages > MAX_PAGES)
            return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery's pages do not end");
        tell(r, MCP_STR("reading BigQuery's rows"));
        rc = get_results(r, token, err);
        if (rc == 0 && !r->complete)
            return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery took a finished query back");
        if (rc == 0 && mcp_str_eq(token, r->page_token))
            return mcp_error_set(err, MCP_EUPSTREAM, "BigQuery gave the same page twice");
    }
    if (rc == 0 && r->rows != r->total_rows)
        return mcp_error_set(err, MCP_EUPSTREAM,
                             "BigQuery sent %llu of %llu rows: no figure is given rather than a "
                             "wrong one",
                             (unsigned long long)r->rows, (unsigned long long)r->total_rows);
    return rc;
}

/* A job that nobody waits for any more still costs. Nothing can be done if this fails. */
static void cancel_job(struct run *r)
{
    struct gcp_request req = {
        .service = GCP_BIGQUERY, .method = MCP_POST, .after_cancel = true, .once = true
    };
    struct gcp_reply reply = { 0 };
    struct mcp_error ignored = { 0 };

    if (r->job_id.len == 0 || r->complete)
        return;
    r->stats->abandoned = true;
    req.path = job_path(r, "jobs", "/cancel");
    gcp_api_call(r->gcp, r->call, &req, &reply, &ignored);
    r->stats->requests++;
}

int gcp_bigquery_run(const struct gcp *gcp, struct mcp_call *call, const struct gcp_query *query,
                     struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct run r = {
        .gcp = gcp, .call = call, .query = query, .stats = stats, .arena = mcp_call_arena(call)
    };
    struct gcp_reply reply = { 0 };
    int rc = post_query(&r, false, &reply, err);

    if (rc == 0)
        rc = read_answer(&r, reply.http.body, err);
    if (rc == 0)
        rc = wait_complete(&r, err);
    if (rc == 0)
        rc = read_pages(&r, err);
    if (rc < 0)
        cancel_job(&r);
    return rc;
}

int gcp_bigquery_estimate(const struct gcp *gcp, struct mcp_call *call,
                          const struct gcp_query *query, uint64_t *bytes,
                          struct gcp_query_stats *stats, struct mcp_error *err)
{
    struct run r = {
        .gcp = gcp, .call = call, .query = query, .stats = stats, .arena = mcp_call_arena(call)
    };
    struct gcp_reply reply = { 0 };
    struct mcp_json envelope;
    mcp_str text, rows;
    int rc = post_query(&r, true, &reply, err);

    if (rc == 0)
        rc = gcp_rows_split(reply.http.body, r.arena, &text, &rows, err);
    if (rc == 0)
        rc = mcp_json_parse(r.arena, text, NULL, &envelope, err);
    if (rc == 0)
        *bytes = counter(&r, envelope, "totalBytesProcessed");
    return rc;
}
