/* The metadata server of a machine of Google Cloud (Compute Engine, Cloud Run, GKE). */
#include "metadata.h"

#include <stdlib.h>

#define PROBE_MS 1500 /* it is on this machine's own network or nowhere */
#define ASK_MS 10000
#define START_RETRIES 3 /* GKE's server may come up later than the first container */

static mcp_str url_of(const struct gcp_config *config, struct mcp_arena *arena, const char *path)
{
    const char *ip = getenv("GCE_METADATA_IP");
    mcp_str host = config->metadata_host;

    if (ip != NULL && ip[0] != '\0')
        host = mcp_str_z(ip);
    if (mcp_str_is_null(host))
        host = MCP_STR("169.254.169.254");
    return mcp_arena_printf(arena, "http://%.*s%s", MCP_STR_ARG(host), path);
}

static const struct mcp_http_header flavor = { { "Metadata-Flavor", 15 }, { "Google", 6 } };

static bool is_google(const struct mcp_http_res *res)
{
    return mcp_str_eq(mcp_http_header_get(res, flavor.name), flavor.value);
}

int gcp_metadata_present(const struct gcp_config *config, struct mcp_call *call, bool *present,
                         struct mcp_error *err)
{
    const char *detection = getenv("METADATA_SERVER_DETECTION");
    const struct mcp_http_req req = { .url = url_of(config, mcp_call_arena(call), "/"),
                                      .headers = &flavor,
                                      .n_headers = 1,
                                      .timeout_ms = PROBE_MS,
                                      .connect_timeout_ms = PROBE_MS,
                                      .max_body_bytes = 65536,
                                      .allow_http = true };
    struct mcp_error why = { 0 };
    struct mcp_http_res res;
    int rc;

    *present = false;
    if (detection != NULL && strcmp(detection, "none") == 0)
        return 0;
    if (detection != NULL && strcmp(detection, "assume-present") == 0) {
        *present = true;
        return 0;
    }
    rc = mcp_fetch(call, &req, &res, &why);
    if (rc < 0 && mcp_call_cancelled(call)) {
        *err = why;
        return rc;
    }
    *present = rc == 0 && is_google(&res);
    return 0;
}

static int ask(const struct gcp_config *config, struct mcp_call *call, const char *path,
               struct mcp_http_res *res, struct mcp_error *err)
{
    const struct mcp_http_req req = { .url = url_of(config, mcp_call_arena(call), path),
                                      .headers = &flavor,
                                      .n_headers = 1,
                                      .timeout_ms = ASK_MS,
                                      .connect_timeout_ms = PROBE_MS,
                                      .max_body_bytes = 65536,
                                      .retries = START_RETRIES,
                                      .allow_http = true };
    int rc = mcp_fetch(call, &req, res, err);

    if (rc < 0) {
        gcp_unreachable(err);
        return rc;
    }
    gcp_wipe_later(mcp_call_arena(call), res->body);
    if (!is_google(res)) {
        mcp_error_set(err, MCP_EAUTH,
                      "%.*s answers in the place of Google's metadata server, but is not it",
                      MCP_STR_ARG(gcp_url_host(req.url)));
        return mcp_error_next(err, "Check GCE_METADATA_HOST and what answers at that address.");
    }
    return 0;
}

int gcp_metadata_text(const struct gcp_config *config, struct mcp_call *call, const char *name,
                      mcp_str *out, struct mcp_error *err)
{
    mcp_str path = mcp_arena_printf(mcp_call_arena(call), "/computeMetadata/v1/%s", name);
    struct mcp_http_res res;
    int rc = ask(config, call, path.ptr, &res, err);

    if (rc < 0)
        return rc;
    *out = res.status == 200 ? gcp_text_trim(res.body) : MCP_STR_NULL;
    return 0;
}

int gcp_metadata_token(const struct gcp_config *config, struct mcp_call *call, mcp_str scope,
                       struct gcp_token *out, struct mcp_error *err)
{
    static const char what[] = "the token of the machine's service account";
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_http_res res;
    struct mcp_json answer;
    struct mcp_buf form;
    mcp_str path;
    int rc;

    mcp_buf_init(&form, 4096);
    gcp_form_put(&form, "scopes", scope);
    path =
        mcp_arena_printf(arena, "/computeMetadata/v1/instance/service-accounts/default/token?%.*s",
                         MCP_STR_ARG(mcp_buf_view(&form)));
    mcp_buf_release(&form);
    rc = ask(config, call, path.ptr, &res, err);
    if (rc < 0)
        return rc;
    if (res.status == 404) {
        mcp_error_set(err, MCP_ECONFIG, "this machine has no service account");
        return mcp_error_next(err, "Attach one that may read the billing export to the machine or "
                                   "the Cloud Run service.");
    }
    if (res.status != 200) {
        mcp_error_set(err, MCP_EUPSTREAM, "the metadata server refused %s with HTTP status %d",
                      what, res.status);
        return gcp_unreachable(err);
    }
    if (mcp_json_parse(arena, res.body, NULL, &answer, NULL) < 0)
        return mcp_error_set(err, MCP_EUPSTREAM,
                             "the metadata server answered no JSON when asked "
                             "for %s",
                             what);
    return gcp_oauth_token(call, answer, what, out, err);
}
