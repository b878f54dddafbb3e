/* Workload identity federation (external_account): another system's proof becomes a Google token. */
#include "token.h"

#include "credentials.h"

#include <mcp/json_writer.h>
#include <mcp/secret.h>

#define SUBJECT_MAX ((size_t)256 << 10)
#define FORM_MAX ((size_t)4 << 20)
#define MAX_SOURCE_HEADERS 16
#define EXCHANGE "urn:ietf:params:oauth:grant-type:token-exchange"
#define ACCESS_TOKEN "urn:ietf:params:oauth:token-type:access_token"

/* A source's format: the whole text, or one member of a JSON object. */
static int by_format(struct mcp_arena *arena, struct mcp_json source, mcp_str where, mcp_str text,
                     mcp_str *out, struct mcp_error *err)
{
    struct mcp_json format = mcp_json_get(source, MCP_STR("format")), json;
    mcp_str field = mcp_json_get_str(format, MCP_STR("subject_token_field_name"), arena);

    *out = gcp_text_trim(text);
    if (mcp_json_str_eq(mcp_json_get(format, MCP_STR("type")), MCP_STR("json"))) {
        if (mcp_json_parse(arena, text, NULL, &json, NULL) < 0)
            return mcp_error_set(err, MCP_EAUTH,
                                 "%.*s gives no JSON, which the format of the subject token "
                                 "promises",
                                 MCP_STR_ARG(where));
        *out = gcp_secret_member(arena, json, field);
    }
    if (out->len == 0) {
        mcp_error_set(err, MCP_EAUTH, "%.*s gives an empty subject token", MCP_STR_ARG(where));
        return mcp_error_next(err, "credential_source in the credentials file names it.");
    }
    return 0;
}

static int from_file(struct mcp_call *call, struct mcp_json source, mcp_str *out,
                     struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str path = mcp_json_get_str(source, MCP_STR("file"), arena), text;
    int rc = gcp_read_secret_file(arena, path, SUBJECT_MAX, "the subject token", &text, err);

    if (rc < 0)
        return mcp_error_next(err, "Check that the platform mounts that file (credential_source in "
                                   "the credentials file names it).");
    return by_format(arena, source, path, text, out, err);
}

/* A machine's own metadata service is plain http on a link-local address. */
static bool is_link_local(mcp_str url)
{
    return mcp_str_starts(url, MCP_STR("http://169.254.169.254/")) ||
           mcp_str_starts(url, MCP_STR("http://[fd00:ec2::254]/")) ||
           mcp_str_starts(url, MCP_STR("http://169.254.170.2/"));
}

static int from_url(struct mcp_call *call, struct mcp_json source, mcp_str *out,
                    struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_http_header headers[MAX_SOURCE_HEADERS];
    struct mcp_http_req req = { .url = mcp_json_get_str(source, MCP_STR("url"), arena),
                                .headers = headers,
                                .timeout_ms = 15000,
                                .max_body_bytes = SUBJECT_MAX,
                                .retries = 2 };
    struct mcp_json_iter it = mcp_json_iter(mcp_json_get(source, MCP_STR("headers")));
    struct mcp_http_res res;
    int rc;

    while (mcp_json_next(&it)) {
        if (req.n_headers == MAX_SOURCE_HEADERS ||
            mcp_json_str(it.key, arena, &headers[req.n_headers].name) < 0 ||
            mcp_json_str(it.value, arena, &headers[req.n_headers].value) < 0)
            return mcp_error_set(err, MCP_ECONFIG,
                                 "credential_source.headers holds more than %d "
                                 "names with texts",
                                 MAX_SOURCE_HEADERS);
        req.n_headers++;
    }
    req.allow_http = is_link_local(req.url);
    rc = mcp_fetch(call, &req, &res, err);
    if (rc < 0)
        return mcp_error_next(err, "credential_source.url in the credentials file names it.");
    gcp_wipe_later(arena, res.body);
    if (res.status != 200) {
        mcp_error_set(err, MCP_EAUTH, "%.*s refused the subject token with HTTP status %d",
                      MCP_STR_ARG(gcp_url_host(req.url)), res.status);
        return mcp_error_next(err, "credential_source.url in the credentials file names it.");
    }
    return by_format(arena, source, gcp_url_host(req.url), res.body, out, err);
}

static int refused_source(const char *what, struct mcp_error *err)
{
    mcp_error_set(err, MCP_ECONFIG,
                  "the credentials file asks for %s, which this server does not "
                  "do",
                  what);
    return mcp_error_next(err, "Make a file with a file, URL or AWS source: gcloud iam "
                               "workload-identity-pools create-cred-config.");
}

static int subject_token(struct mcp_call *call, const struct gcp_adc *adc, mcp_str audience,
                         mcp_str *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_json source = mcp_json_get(adc->json, MCP_STR("credential_source"));
    mcp_str environment = mcp_json_get_str(source, MCP_STR("environment_id"), arena);

    if (mcp_json_exists(mcp_json_get(source, MCP_STR("executable"))))
        return refused_source("a program to be run for its subject token", err);
    if (mcp_json_exists(mcp_json_get(source, MCP_STR("certificate"))))
        return refused_source("a client certificate as its subject token", err);
    if (mcp_str_starts(environment, MCP_STR("aws")))
        return gcp_aws_subject(call, source, audience, out, err);
    if (mcp_json_exists(mcp_json_get(source, MCP_STR("file"))))
        return from_file(call, source, out, err);
    if (mcp_json_exists(mcp_json_get(source, MCP_STR("url"))))
        return from_url(call, source, out, err);
    return refused_source("an unknown credential_source", err);
}

static mcp_str exchange_form(struct mcp_arena *arena, const struct gcp_adc *adc, mcp_str audience,
                             mcp_str scope, mcp_str subject)
{
    mcp_str pool_project =
        mcp_json_get_str(adc->json, MCP_STR("workforce_pool_user_project"), arena);
    struct mcp_buf form;
    mcp_str out;

    mcp_buf_init(&form, FORM_MAX);
    gcp_form_put(&form, "grant_type", MCP_STR(EXCHANGE));
    gcp_form_put(&form, "audience", audience);
    gcp_form_put(&form, "scope", scope);
    gcp_form_put(&form, "requested_token_type", MCP_STR(ACCESS_TOKEN));
    gcp_form_put(&form, "subject_token", subject);
    gcp_form_put(&form, "subject_token_type",
                 mcp_json_get_str(adc->json, MCP_STR("subject_token_type"), arena));
    if (pool_project.len > 0) {
        struct mcp_buf options;
        struct mcp_jsonw w;

        mcp_buf_init(&options, 4096);
        mcp_jsonw_init(&w, &options);
        mcp_jsonw_object(&w);
        mcp_jsonw_kstr(&w, "userProject", pool_project);
        mcp_jsonw_end(&w);
        gcp_form_put(&form, "options", mcp_buf_view(&options));
        mcp_buf_release(&options);
    }
    out = mcp_arena_str(arena, mcp_buf_view(&form));
    gcp_wipe_later(arena, out);
    if (form.ptr != NULL)
        mcp_secret_wipe(form.ptr, form.len);
    mcp_buf_release(&form);
    return out;
}

int gcp_token_federated(const struct gcp_token_order *order, struct mcp_call *call,
                        const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str audience = mcp_json_get_str(adc->json, MCP_STR("audience"), arena), code;
    mcp_str becomes =
        mcp_json_get_str(adc->json, MCP_STR("service_account_impersonation_url"), arena);
    mcp_str id = mcp_json_get_str(adc->json, MCP_STR("client_id"), arena);
    mcp_str scope = becomes.len > 0 ? MCP_STR(GCP_SCOPE_PLATFORM) : order->scope;
    mcp_str subject = MCP_STR_NULL;
    struct mcp_http_header basic = { MCP_STR("Authorization"), MCP_STR_NULL };
    struct gcp_oauth_request request = { .what = "the exchange of the workload's identity",
                                         .early = order->early,
                                         .url = mcp_json_get_str(adc->json, MCP_STR("token_url"),
                                                                 arena) };
    struct mcp_json answer;
    struct gcp_token sts;
    int rc = subject_token(call, adc, audience, &subject, err);

    if (rc < 0)
        return rc;
    if (id.len > 0) {
        basic.value =
            gcp_basic(arena, id, gcp_secret_member(arena, adc->json, MCP_STR("client_secret")));
        request.headers = &basic;
        request.n_headers = 1;
    }
    if (!mcp_str_is_null(order->config->sts_endpoint))
        request.url =
            mcp_arena_printf(arena, "%.*s/v1/token", MCP_STR_ARG(order->config->sts_endpoint));
    request.form = exchange_form(arena, adc, audience, scope, subject);
    rc = gcp_oauth_ask(call, &request, &answer, &code, err);
    if (rc == MCP_EAUTH || rc == MCP_EDENIED)
        return mcp_error_next(err, "Check the pool, its provider and their conditions: %.*s",
                              MCP_STR_ARG(mcp_str_head(audience, 300)));
    if (rc == 0)
        rc = gcp_oauth_token(call, answer, request.what, &sts, err);
    if (rc < 0)
        return rc;
    if (becomes.len == 0) {
        *out = sts;
        return 0;
    }
    return gcp_token_impersonate(
        order, call, becomes, (struct mcp_json){ NULL, 0 },
        mcp_json_get_int64(mcp_json_get(adc->json, MCP_STR("service_account_impersonation")),
                           MCP_STR("token_lifetime_seconds"), 0),
        sts.value, out, err);
}
