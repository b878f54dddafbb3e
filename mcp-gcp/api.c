/* One request to a Google API: token, quota project, retries by Google's rules, errors made clear. */
#include "api.h"

#include "oauth.h"

#include <mcp/random.h>

#define RETRIES 3
#define BACKOFF_MS 250u
#define SAID_MAX 400
#define JSON_MAX ((size_t)16 << 20)

static const char *const services[GCP_N_SERVICES] = {
    [GCP_BIGQUERY] = "bigquery",
    [GCP_RECOMMENDER] = "recommender",
    [GCP_CLOUDASSET] = "cloudasset",
};

/* Which settings name what a service does not find. */
static const char *const named_by[GCP_N_SERVICES] = {
    [GCP_BIGQUERY] =
        "gcp.billing.project, .dataset, .table and .location (GCP_BILLING_PROJECT, ...); "
        "bq ls --project_id PROJECT lists the datasets",
    [GCP_RECOMMENDER] = "gcp.recommendations.scopes and .locations, or gcp.billing.project",
    [GCP_CLOUDASSET] = "gcp.resources.scope (GCP_RESOURCE_SCOPE), or gcp.billing.project",
};

/* The role that holds a permission, by its beginning; the first that fits. */
static const struct {
    const char *permission, *role;
} roles[] = {
    { "bigquery.jobs.", "roles/bigquery.jobUser on the project that runs the queries" },
    { "bigquery.", "roles/bigquery.dataViewer on the dataset of the billing export" },
    { "recommender.billingAccountCud", "roles/recommender.billingAccountCudViewer" },
    { "recommender.", "roles/recommender.viewer" },
    { "cloudasset.", "roles/cloudasset.viewer" },
    { "resourcemanager.", "roles/browser" },
    { "serviceusage.", "roles/serviceusage.serviceUsageConsumer on the quota project" },
};

/* Reasons that Google's own clients try again for, whatever the status. */
static const char *const passing[] = {
    "backendError",     "badGateway",           "internalError",     "jobBackendError",
    "jobInternalError", "jobRateLimitExceeded", "rateLimitExceeded",
};

mcp_str gcp_api_endpoint(const struct gcp *gcp, enum gcp_service service, struct mcp_arena *arena)
{
    mcp_str url = gcp->config->endpoints[service];

    if (mcp_str_is_null(url))
        return mcp_arena_printf(arena, "https://%s.%.*s", services[service],
                                MCP_STR_ARG(gcp_credentials_universe(gcp->creds)));
    return url;
}

mcp_str gcp_api_encode(struct mcp_arena *arena, mcp_str s)
{
    struct mcp_buf text;
    mcp_str out;

    mcp_buf_init(&text, 3 * s.len + 16);
    gcp_form_put(&text, "", s);
    out = mcp_buf_view(&text);
    mcp_str_cut_prefix(&out, MCP_STR("="));
    out = mcp_arena_str(arena, out);
    mcp_buf_release(&text);
    return out;
}

/* errors[0].reason of BigQuery's form, else the reason of an ErrorInfo in details. */
static mcp_str reason_of(struct mcp_arena *arena, struct mcp_json error, struct mcp_json *info)
{
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(error, MCP_STR("details")));
    struct mcp_json_iter errors = mcp_json_iter(mcp_json_get(error, MCP_STR("errors")));
    mcp_str reason = MCP_STR_NULL, detail = MCP_STR_NULL;

    if (mcp_json_next(&errors))
        reason = mcp_json_get_str(errors.value, MCP_STR("reason"), arena);
    while (detail.len == 0 && mcp_json_next(&it)) {
        detail = mcp_json_get_str(it.value, MCP_STR("reason"), arena);
        if (detail.len > 0)
            *info = mcp_json_get(it.value, MCP_STR("metadata"));
    }
    return reason.len > 0 ? reason : detail;
}

static void read_refusal(struct mcp_arena *arena, struct gcp_reply *reply, struct mcp_json *info)
{
    struct mcp_json root, error;

    if (mcp_json_parse(arena, reply->http.body, NULL, &root, NULL) < 0)
        return;
    error = mcp_json_get(root, MCP_STR("error"));
    reply->reason = reason_of(arena, error, info);
    reply->status = mcp_json_get_str(error, MCP_STR("status"), arena);
    reply->message = mcp_json_get_str(error, MCP_STR("message"), arena);
}

static bool is_passing(const struct gcp_reply *reply)
{
    if (reply->http.status == 500)
        return true;
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        if (mcp_str_eq(reply->reason, mcp_str_z(passing[i])))
            return reply->http.status == 403 || reply->http.status == 400;
    }
    return false;
}

/* A permission's name in a sentence: "bigquery.jobs.create". */
static mcp_str find_permission(mcp_str text)
{
    if (text.len == 0)
        return MCP_STR_NULL;
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        const char *at =
            memmem(text.ptr, text.len, roles[i].permission, strlen(roles[i].permission));
        size_t n = 0, left;

        if (at == NULL)
            continue;
        left = text.len - (size_t)(at - text.ptr);
        while (n < left && ((at[n] >= 'a' && at[n] <= 'z') || (at[n] >= 'A' && at[n] <= 'Z') ||
                            (at[n] == '.' && n + 1 < left && at[n + 1] >= 'a' && at[n + 1] <= 'z')))
            n++;
        return mcp_str_n(at, n);
    }
    return MCP_STR_NULL;
}

static const char *role_of(mcp_str permission)
{
    for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
        if (mcp_str_starts(permission, mcp_str_z(roles[i].permission)))
            return roles[i].role;
    }
    return NULL;
}

static bool has(mcp_str text, const char *part)
{
    return text.len > 0 && memmem(text.ptr, text.len, part, strlen(part)) != NULL;
}

/* What to do about a 403. */
static void next_of_denial(const struct gcp *gcp, struct mcp_arena *arena, enum gcp_service service,
                           const struct gcp_reply *reply, struct mcp_json info,
                           struct mcp_error *err)
{
    mcp_str permission = mcp_json_get_str(info, MCP_STR("permission"), arena), who, project;

    /* 764086051850 is the project of gcloud's own OAuth client. */
    if (has(reply->message, "764086051850") || has(reply->message, "requires a quota project")) {
        mcp_error_next(err, "A user's login needs a quota project: gcloud auth application-default "
                            "set-quota-project PROJECT, or set GOOGLE_CLOUD_QUOTA_PROJECT.");
        return;
    }
    if (mcp_str_eq(reply->reason, MCP_STR("SERVICE_DISABLED")) ||
        mcp_str_eq(reply->reason, MCP_STR("accessNotConfigured"))) {
        project = mcp_json_get_str(info, MCP_STR("consumer"), arena);
        mcp_str_cut_prefix(&project, MCP_STR("projects/"));
        mcp_error_next(
            err, "Enable it: gcloud services enable %s.googleapis.com --project %.*s",
            services[service],
            MCP_STR_ARG(project.len > 0 ? mcp_str_head(project, 80) : MCP_STR("PROJECT")));
        return;
    }
    if (permission.len == 0)
        permission = find_permission(reply->message);
    who = gcp_credentials_describe(gcp->creds, arena);
    if (role_of(permission) != NULL)
        mcp_error_next(err, "Grant %s (it holds %.*s) to the %.*s.", role_of(permission),
                       MCP_STR_ARG(mcp_str_head(permission, 100)), MCP_STR_ARG(who));
    else
        mcp_error_next(err, "See which permission is missing for the %.*s: mcp-gcp doctor",
                       MCP_STR_ARG(who));
}

static int refuse(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                  mcp_str host, const struct gcp_reply *reply, struct mcp_json info,
                  struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str said = mcp_str_head(reply->message, SAID_MAX);
    int status = reply->http.status;
    enum mcp_err kind = status == 401                   ? MCP_EAUTH
                        : status == 403                 ? MCP_EDENIED
                        : status == 404                 ? MCP_ENOTFOUND
                        : status == 429                 ? MCP_EBUSY
                        : status >= 400 && status < 500 ? MCP_EREFUSED
                                                        : MCP_EUPSTREAM;
    int64_t after;

    if (said.len > 0)
        mcp_error_set(err, kind, "%.*s refused the request: %.*s (HTTP status %d%s%.*s)",
                      MCP_STR_ARG(host), MCP_STR_ARG(said), status,
                      reply->reason.len > 0 ? ", " : "",
                      MCP_STR_ARG(mcp_str_head(reply->reason, 80)));
    else
        mcp_error_set(err, kind, "%.*s answered HTTP status %d", MCP_STR_ARG(host), status);
    if (kind == MCP_EAUTH)
        mcp_error_next(err,
                       "Google does not accept the token of the %.*s. Check it: mcp-gcp "
                       "doctor; log in again: gcloud auth application-default login",
                       MCP_STR_ARG(gcp_credentials_describe(gcp->creds, arena)));
    else if (kind == MCP_EDENIED)
        next_of_denial(gcp, arena, request->service, reply, info, err);
    else if (kind == MCP_ENOTFOUND && request->service == GCP_BIGQUERY)
        mcp_error_next(err, "Check gcp.billing.project, dataset, table and location; mcp-gcp "
                            "doctor looks for each.");
    else if (kind == MCP_EBUSY)
        mcp_error_next(err, "The quota of this API is used up for now. Ask again later.");
    else if (kind == MCP_ENOTFOUND)
        mcp_error_next(err, "Check %s.", named_by[request->service]);
    else if (kind == MCP_EUPSTREAM && status < 500)
        gcp_unreachable(err);
    else if (kind == MCP_EUPSTREAM)
        mcp_error_next(err, "Ask again; if it stays so, see https://status.cloud.google.com.");
    if (kind == MCP_EBUSY && err != NULL) {
        err->retry_after_ms = 60000;
        if (mcp_str_int64(mcp_http_header_get(&reply->http, MCP_STR("Retry-After")), &after) == 0 &&
            after > 0 && after < 86400)
            err->retry_after_ms = (int)after * 1000;
    }
    return kind;
}

/* The HTTP request (and what mcp_fetch repeats by itself), with this token. */
static void prepare(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                    mcp_str token, struct mcp_http_req *out)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str quota = gcp_credentials_quota_project(gcp->creds);
    mcp_str base = gcp_api_endpoint(gcp, request->service, arena);
    struct mcp_http_header *headers = mcp_arena_alloc(arena, 4 * sizeof(*headers));
    size_t n = 0;

    headers[n++] =
        (struct mcp_http_header){ MCP_STR("Authorization"),
                                  gcp_secret_printf(arena, "Bearer %.*s", MCP_STR_ARG(token)) };
    headers[n++] = (struct mcp_http_header){ MCP_STR("Accept"), MCP_STR("application/json") };
    if (quota.len > 0)
        headers[n++] = (struct mcp_http_header){ MCP_STR("x-goog-user-project"), quota };
    if (!mcp_str_is_null(request->body))
        headers[n++] =
            (struct mcp_http_header){ MCP_STR("Content-Type"), MCP_STR("application/json") };
    *out = (struct mcp_http_req){ .method = request->method,
                                  .url = mcp_arena_printf(arena, "%.*s%.*s", MCP_STR_ARG(base),
                                                          MCP_STR_ARG(request->path)),
                                  .headers = headers,
                                  .n_headers = n,
                                  .body = request->body,
                                  .timeout_ms = request->timeout_ms,
                                  .max_body_bytes = request->max_body_bytes,
                                  .retries = request->once ? 0 : RETRIES,
                                  .retry_post = !request->once,
                                  .after_cancel = request->after_cancel };
}

static unsigned backoff(unsigned tries)
{
    uint32_t random;

    mcp_random_bytes(&random, sizeof(random));
    return (BACKOFF_MS << tries) / 2 + random % (BACKOFF_MS << tries);
}

/* What one request has been through. */
struct trial {
    unsigned tries;
    bool renewed; /* the token, after a 401 */
    mcp_str token;
};

/* After an HTTP answer: 0 for a 2xx, MCP_MISS when it is worth another try (*wait_ms from now), else the
 * refusal. */
static int weigh(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                 struct trial *trial, struct gcp_reply *reply, unsigned *wait_ms,
                 struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_json info = { NULL, 0 };

    *wait_ms = 0;
    if (reply->http.status >= 200 && reply->http.status < 300)
        return 0;
    read_refusal(arena, reply, &info);
    if (reply->http.status == 401 && !trial->renewed) {
        gcp_credentials_drop(gcp->creds, trial->token);
        trial->renewed = true;
        return MCP_MISS;
    }
    if (!request->once && is_passing(reply) && trial->tries < RETRIES) {
        *wait_ms = backoff(trial->tries++);
        /* Waiting past the end would turn an answer that says why into a timeout. */
        if (*wait_ms < mcp_call_remaining_ms(call))
            return MCP_MISS;
    }
    return refuse(gcp, call, request, gcp_url_host(gcp_api_endpoint(gcp, request->service, arena)),
                  reply, info, err);
}

int gcp_api_call(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                 struct gcp_reply *reply, struct mcp_error *err)
{
    struct trial trial = { .tries = 0 };
    struct mcp_http_req req;
    unsigned wait_ms;
    int rc;

    for (;;) {
        rc = gcp_credentials_token(gcp->creds, call, MCP_STR_NULL, &trial.token, err);
        if (rc < 0)
            return rc;
        prepare(gcp, call, request, trial.token, &req);
        *reply = (struct gcp_reply){ .http = { .status = 0 } };
        rc = mcp_fetch(call, &req, &reply->http, err);
        if (rc < 0) {
            gcp_unreachable(err);
            return rc;
        }
        rc = weigh(gcp, call, request, &trial, reply, &wait_ms, err);
        if (rc != MCP_MISS)
            return rc;
        rc = wait_ms == 0 ? 0 : mcp_sleep(call, wait_ms, err);
        if (rc < 0)
            return rc;
    }
}

/* Requests in rounds: what is worth another try goes into the next one. */
struct round {
    const struct gcp *gcp;
    struct mcp_call *call;
    const struct gcp_request *requests; /* all of them */
    struct trial *trials;
    size_t *now, *next; /* indexes of this round and of the one to come */
    size_t n_now, n_next;
    unsigned wait_ms;
    int (*each)(void *ctx, size_t i, const struct gcp_reply *reply, int code,
                struct mcp_error *err);
    void *ctx;
};

static int end_of_one(void *ctx, size_t at, const struct mcp_http_res *res, int code,
                      struct mcp_error *err)
{
    struct round *r = ctx;
    size_t i = r->now[at];
    struct gcp_reply reply = { .http = { .status = 0 } };
    unsigned wait_ms;

    if (code == 0) {
        reply.http = *res;
        code = weigh(r->gcp, r->call, &r->requests[i], &r->trials[i], &reply, &wait_ms, err);
        if (code == MCP_MISS) {
            r->next[r->n_next++] = i;
            r->wait_ms = wait_ms > r->wait_ms ? wait_ms : r->wait_ms;
            return 0;
        }
    } else {
        gcp_unreachable(err);
    }
    return r->each(r->ctx, i, &reply, code, err);
}

int gcp_api_all(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *requests,
                size_t n, unsigned parallel,
                int (*each)(void *ctx, size_t i, const struct gcp_reply *reply, int code,
                            struct mcp_error *err),
                void *ctx, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_http_req *reqs = mcp_arena_try_array(arena, n + 1, sizeof(*reqs));
    struct round r = { .gcp = gcp, .call = call, .requests = requests, .each = each, .ctx = ctx };
    mcp_str token;
    int rc = 0;

    r.trials = mcp_arena_try_array(arena, n + 1, sizeof(*r.trials));
    r.now = mcp_arena_try_array(arena, n + 1, sizeof(*r.now));
    r.next = mcp_arena_try_array(arena, n + 1, sizeof(*r.next));
    if (reqs == NULL || r.trials == NULL || r.now == NULL || r.next == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory for %zu requests", n);
    for (r.n_next = 0; r.n_next < n; r.n_next++)
        r.next[r.n_next] = r.n_next;
    while (rc == 0 && r.n_next > 0) {
        size_t *swap = r.now;

        r.now = r.next;
        r.next = swap;
        r.n_now = r.n_next;
        r.n_next = 0;
        rc = r.wait_ms == 0 ? 0 : mcp_sleep(call, r.wait_ms, err);
        r.wait_ms = 0;
        if (rc == 0)
            rc = gcp_credentials_token(gcp->creds, call, MCP_STR_NULL, &token, err);
        for (size_t i = 0; rc == 0 && i < r.n_now; i++) {
            r.trials[r.now[i]].token = token;
            prepare(gcp, call, &requests[r.now[i]], token, &reqs[i]);
        }
        if (rc == 0)
            rc = mcp_fetch_all(call, reqs, r.n_now, parallel, end_of_one, &r, err);
    }
    if (rc < 0)
        gcp_unreachable(err); /* unless the next step is there already */
    return rc;
}

int gcp_api_json(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                 struct gcp_reply *reply, struct mcp_json *root, struct mcp_error *err)
{
    const struct mcp_json_limits limits = { .max_bytes = JSON_MAX };
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_error why = { 0 };
    int rc = gcp_api_call(gcp, call, request, reply, err);

    if (rc < 0)
        return rc;
    if (mcp_json_parse(arena, reply->http.body, &limits, root, &why) == 0 &&
        mcp_json_type(*root) == MCP_JSON_OBJECT)
        return 0;
    mcp_error_set(err, MCP_EUPSTREAM, "%.*s answered HTTP status %d, but no JSON object%s%s",
                  MCP_STR_ARG(gcp_url_host(gcp_api_endpoint(gcp, request->service, arena))),
                  reply->http.status, why.message[0] != '\0' ? ": " : "", why.message);
    return mcp_error_next(err, "Ask again; if it stays so, something between this machine and "
                               "Google changes answers (a proxy).");
}
