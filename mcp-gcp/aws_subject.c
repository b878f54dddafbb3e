/* An AWS role as a workload identity: a signed GetCallerIdentity request that Google's STS sends. */
#include "token.h"

#include <mcp/json_writer.h>
#include <mcp/secret.h>
#include <mcp/sigv4.h>

#include <stdlib.h>
#include <time.h>

#define ASK_MS 5000
#define CONNECT_MS 1500
#define DOCUMENT_MAX ((size_t)256 << 10)
#define DEFAULT_VERIFICATION                                                                       \
    "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"

#define NO_MACHINE                                                                                 \
    "Run this on AWS with a role, or set AWS_REGION, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."

struct aws_keys {
    mcp_str id, secret, session;
};

struct aws {
    struct mcp_call *call; /* borrowed */
    struct mcp_arena *arena; /* borrowed */
    struct mcp_json source; /* credential_source */
    mcp_str imds_token; /* of IMDSv2, or missing */
};

static mcp_str environment(const char *name)
{
    const char *value = getenv(name);

    return value == NULL || value[0] == '\0' ? MCP_STR_NULL : mcp_str_z(value);
}

/* The instance metadata service of EC2, plain http on a link-local address. */
static int ask(struct aws *a, enum mcp_http_method method, mcp_str url,
               const struct mcp_http_header *header, const char *what, mcp_str *out,
               struct mcp_error *err)
{
    const struct mcp_http_req req = { .method = method,
                                      .url = url,
                                      .headers = header,
                                      .n_headers = header == NULL ? 0 : 1,
                                      .timeout_ms = ASK_MS,
                                      .connect_timeout_ms = CONNECT_MS,
                                      .max_body_bytes = DOCUMENT_MAX,
                                      .retries = 1,
                                      .allow_http =
                                          mcp_str_starts(url, MCP_STR("http://169.254.169.254/")) ||
                                          mcp_str_starts(url, MCP_STR("http://[fd00:ec2::254]/")) };
    struct mcp_http_res res;
    int rc = mcp_fetch(a->call, &req, &res, err);

    if (rc == 0)
        gcp_wipe_later(a->arena, res.body);
    if (rc == 0 && (res.status != 200 || res.body.len == 0))
        rc = mcp_error_set(err, MCP_EAUTH, "%.*s refused %s with HTTP status %d",
                           MCP_STR_ARG(gcp_url_host(url)), what, res.status);
    if (rc < 0)
        return mcp_error_next(err, NO_MACHINE);
    *out = gcp_text_trim(res.body);
    return 0;
}

static int imds(struct aws *a, mcp_str url, const char *what, mcp_str *out, struct mcp_error *err)
{
    const struct mcp_http_header lifetime = { MCP_STR("x-aws-ec2-metadata-token-ttl-seconds"),
                                              MCP_STR("300") };
    mcp_str session_url =
        mcp_json_get_str(a->source, MCP_STR("imdsv2_session_token_url"), a->arena);
    struct mcp_http_header token = { MCP_STR("x-aws-ec2-metadata-token"), MCP_STR_NULL };
    int rc = 0;

    if (session_url.len > 0 && mcp_str_is_null(a->imds_token))
        rc = ask(a, MCP_PUT, session_url, &lifetime, "a session", &a->imds_token, err);
    if (rc < 0)
        return rc;
    token.value = a->imds_token;
    return ask(a, MCP_GET, url, mcp_str_is_null(a->imds_token) ? NULL : &token, what, out, err);
}

/* A zone or a role's name; what else answers at that address (a sign-in page) says something else. */
static int name_of(struct aws *a, mcp_str url, const char *what, mcp_str *out,
                   struct mcp_error *err)
{
    int rc = imds(a, url, what, out, err);

    for (size_t i = 0; rc == 0 && i < out->len; i++) {
        char c = out->ptr[i];

        if ((c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') &&
            (c == '\0' || strchr("+=,.@_-", c) == NULL))
            rc = mcp_error_set(err, MCP_EAUTH, "%.*s gives no name when asked for %s",
                               MCP_STR_ARG(gcp_url_host(url)), what);
    }
    return rc < 0 ? mcp_error_next(err, NO_MACHINE) : 0;
}

static int find_region(struct aws *a, mcp_str *out, struct mcp_error *err)
{
    mcp_str url = mcp_json_get_str(a->source, MCP_STR("region_url"), a->arena);
    int rc;

    *out = environment("AWS_REGION");
    if (mcp_str_is_null(*out))
        *out = environment("AWS_DEFAULT_REGION");
    if (!mcp_str_is_null(*out))
        return 0;
    if (url.len == 0) {
        mcp_error_set(err, MCP_ECONFIG, "the AWS region is not known");
        return mcp_error_next(err, "Set AWS_REGION.");
    }
    rc = name_of(a, url, "the zone of this machine", out, err);
    if (rc == 0)
        out->len--; /* us-east-1d is a zone of us-east-1 */
    return rc;
}

static int find_keys(struct aws *a, struct aws_keys *out, struct mcp_error *err)
{
    mcp_str url = mcp_json_get_str(a->source, MCP_STR("url"), a->arena), role, text;
    struct mcp_json json;
    int rc;

    out->id = environment("AWS_ACCESS_KEY_ID");
    out->secret = environment("AWS_SECRET_ACCESS_KEY");
    out->session = environment("AWS_SESSION_TOKEN");
    if (!mcp_str_is_null(out->id) && !mcp_str_is_null(out->secret))
        return 0;
    if (url.len == 0) {
        mcp_error_set(err, MCP_ECONFIG, "there are no AWS credentials");
        return mcp_error_next(err, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
    }
    rc = name_of(a, url, "the role of this machine", &role, err);
    if (rc == 0)
        rc = imds(a, mcp_arena_printf(a->arena, "%.*s/%.*s", MCP_STR_ARG(url), MCP_STR_ARG(role)),
                  "the credentials of its role", &text, err);
    if (rc < 0)
        return rc;
    if (mcp_json_parse(a->arena, text, NULL, &json, NULL) < 0) {
        mcp_error_set(err, MCP_EAUTH, "%.*s gives no JSON as credentials of the role",
                      MCP_STR_ARG(gcp_url_host(url)));
        return mcp_error_next(err, NO_MACHINE);
    }
    out->id = mcp_json_get_str(json, MCP_STR("AccessKeyId"), a->arena);
    out->secret = gcp_secret_member(a->arena, json, MCP_STR("SecretAccessKey"));
    out->session = gcp_secret_member(a->arena, json, MCP_STR("Token"));
    if (out->id.len == 0 || out->secret.len == 0)
        mcp_error_set(err, MCP_EAUTH, "%.*s gives incomplete credentials of the role",
                      MCP_STR_ARG(gcp_url_host(url)));
    return out->id.len == 0 || out->secret.len == 0 ? mcp_error_next(err, NO_MACHINE) : 0;
}

/* The URL to be signed: the file's with the region put in. */
static mcp_str verification_url(struct aws *a, mcp_str region)
{
    static const char mark[] = "{region}";
    mcp_str url = mcp_json_get_str(a->source, MCP_STR("regional_cred_verification_url"), a->arena);
    const char *at;

    if (url.len == 0)
        url = MCP_STR(DEFAULT_VERIFICATION);
    at = memmem(url.ptr, url.len, mark, sizeof(mark) - 1);
    if (at == NULL)
        return url;
    return mcp_arena_printf(
        a->arena, "%.*s%.*s%.*s", (int)(at - url.ptr), url.ptr, MCP_STR_ARG(region),
        (int)(url.len - (size_t)(at - url.ptr) - (sizeof(mark) - 1)), at + sizeof(mark) - 1);
}

static void put_header(struct mcp_jsonw *w, const char *key, mcp_str value)
{
    if (mcp_str_is_null(value))
        return;
    mcp_jsonw_object(w);
    mcp_jsonw_kz(w, "key", key);
    mcp_jsonw_kstr(w, "value", value);
    mcp_jsonw_end(w);
}

/* The signed request as JSON, percent-encoded. */
static mcp_str put_request(struct aws *a, mcp_str url, const struct mcp_sigv4 *r,
                           const struct mcp_sigv4_signed *s)
{
    struct mcp_buf json, encoded;
    struct mcp_jsonw w;
    mcp_str out;

    mcp_buf_init(&json, (size_t)1 << 20);
    mcp_buf_init(&encoded, (size_t)4 << 20);
    mcp_jsonw_init(&w, &json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "url", url);
    mcp_jsonw_kstr(&w, "method", r->method);
    mcp_jsonw_karray(&w, "headers");
    put_header(&w, "Authorization", s->authorization);
    put_header(&w, "host", r->host);
    put_header(&w, "x-amz-date", s->date);
    put_header(&w, "x-amz-security-token", r->session_token);
    put_header(&w, "x-goog-cloud-target-resource", r->headers[0].value);
    mcp_jsonw_end(&w);
    mcp_jsonw_end(&w);
    gcp_form_put(&encoded, "", mcp_buf_view(&json));
    out = mcp_buf_view(&encoded);
    mcp_str_cut_prefix(&out, MCP_STR("="));
    out = mcp_arena_str(a->arena, out);
    gcp_wipe_later(a->arena, out);
    mcp_secret_wipe(json.ptr, json.len);
    mcp_secret_wipe(encoded.ptr, encoded.len);
    mcp_buf_release(&json);
    mcp_buf_release(&encoded);
    return out;
}

int gcp_aws_subject(struct mcp_call *call, struct mcp_json source, mcp_str audience, mcp_str *out,
                    struct mcp_error *err)
{
    struct aws a = { .call = call, .arena = mcp_call_arena(call), .source = source };
    const struct mcp_sigv4_header target = { MCP_STR("x-goog-cloud-target-resource"), audience };
    struct mcp_sigv4 request = { .method = MCP_STR("POST"),
                                 .headers = &target,
                                 .n_headers = 1,
                                 .service = MCP_STR("sts"),
                                 /* AWS looks at the real time, whatever --now says. */
                                 .at = (int64_t)time(NULL) };
    struct mcp_sigv4_signed made;
    struct aws_keys keys;
    mcp_str url, rest;
    int rc = find_region(&a, &request.region, err);

    if (rc == 0)
        rc = find_keys(&a, &keys, err);
    if (rc < 0)
        return rc;
    url = verification_url(&a, request.region);
    rest = url;
    if (!mcp_str_cut_prefix(&rest, MCP_STR("https://")) &&
        !mcp_str_cut_prefix(&rest, MCP_STR("http://")))
        return mcp_error_set(err, MCP_ECONFIG,
                             "regional_cred_verification_url in the credentials file is no URL");
    mcp_str_cut(&rest, '?', &request.host);
    request.query = rest;
    request.path = request.host;
    request.host.len = mcp_str_find(request.host, '/');
    request.path =
        mcp_str_n(request.path.ptr + request.host.len, request.path.len - request.host.len);
    request.access_key = keys.id;
    request.secret_key = keys.secret;
    request.session_token = keys.session;
    rc = mcp_sigv4_sign(&request, a.arena, &made, err);
    if (rc < 0)
        return rc;
    gcp_wipe_later(a.arena, made.authorization);
    *out = put_request(&a, url, &request, &made);
    return 0;
}
