/* One request to a Google API: token, quota project, retries by Google's rules, errors made clear. */
#ifndef GCP_API_H
#define GCP_API_H

#include "credentials.h"

#include <mcp/fetch.h>

struct gcp_billing; /* of the BigQuery side */
struct cost_result_cache;

/* The live source: everything that outlives a call. */
struct gcp {
    const struct gcp_config *config; /* borrowed */
    struct gcp_credentials *creds; /* owned, as the next two */
    struct gcp_billing *billing;
    struct cost_result_cache *cache; /* what slow services answered, by path */
};

/* All borrowed for the time of the call. */
struct gcp_request {
    enum gcp_service service;
    enum mcp_http_method method;
    mcp_str path; /* "/bigquery/v2/projects/p/queries?..." ; percent-encoded by the caller */
    mcp_str body; /* JSON, or missing */
    unsigned timeout_ms; /* of one attempt [60 s] */
    size_t max_body_bytes; /* of the answer [16 MiB] */
    bool once; /* no retries: a POST that must not happen twice */
    bool after_cancel; /* survives its call for 3 s: cancels that job */
};

/* Lives in the call's arena. */
struct gcp_reply {
    struct mcp_http_res http;
    /* Of a refusal (HTTP status 400 and above), else missing: */
    mcp_str reason; /* errors[0].reason ("bytesBilledLimitExceeded"), else details[].reason */
    mcp_str status; /* error.status ("PERMISSION_DENIED") */
    mcp_str message; /* error.message */
};

/* 0: HTTP 2xx, the body in reply->http. A 401 drops the token and asks once more; 429, 500, 502, 503,
 * 504 and the reasons that Google calls retryable (backendError, internalError, rateLimitExceeded,
 * jobRateLimitExceeded, ...) are repeated up to 3 times with backoff within the deadline.
 * Else negative with err naming the host, Google's message and the next step: MCP_EAUTH (401),
 * MCP_EDENIED (403; the permission or API to enable is named), MCP_ENOTFOUND (404), MCP_EBUSY (429,
 * with retry_after_ms), MCP_EREFUSED (other 4xx), MCP_EUPSTREAM (5xx, not JSON), or what mcp_fetch
 * gives. reply is filled whenever an HTTP answer came, also with an error, so that the caller can
 * look at status and reason (409 duplicate, for one) and go on after mcp_error_clear. */
int gcp_api_call(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                 struct gcp_reply *reply, struct mcp_error *err);
/* The same, the 2xx body parsed: MCP_EUPSTREAM when it is no JSON object. body may hold numbers as
 * text; root lives in the call's arena. */
int gcp_api_json(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *request,
                 struct gcp_reply *reply, struct mcp_json *root, struct mcp_error *err);

/* n requests that may be repeated (GETs), at most parallel at once. each(ctx, i, reply, code, err) is
 * called on this thread as they end, in any order: code 0 with the 2xx in reply, else as gcp_api_call
 * returns it; a negative answer of it ends the rest and is returned. */
int gcp_api_all(const struct gcp *gcp, struct mcp_call *call, const struct gcp_request *requests,
                size_t n, unsigned parallel,
                int (*each)(void *ctx, size_t i, const struct gcp_reply *reply, int code,
                            struct mcp_error *err),
                void *ctx, struct mcp_error *err);

/* "https://bigquery.googleapis.com" or the option; without a slash at its end. In arena. */
mcp_str gcp_api_endpoint(const struct gcp *gcp, enum gcp_service service, struct mcp_arena *arena);
/* s with every byte but A-Z a-z 0-9 - . _ ~ percent-encoded: for a path segment or a query value. */
mcp_str gcp_api_encode(struct mcp_arena *arena, mcp_str s);

#endif
