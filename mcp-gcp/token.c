/* From credentials to an access token: service account keys, users, impersonation. */
#include "token.h"

#include "credentials.h"
#include "metadata.h"

#include <mcp/base64.h>
#include <mcp/date.h>
#include <mcp/json_writer.h>
#include <mcp/jwt.h>
#include <mcp/secret.h>

#include <time.h>

#define HOUR_S 3600
#define FORM_MAX ((size_t)1 << 20)
#define GOOGLE_TOKEN_URL "https://oauth2.googleapis.com/token"
#define JWT_GRANT "urn:ietf:params:oauth:grant-type:jwt-bearer"

/* Google looks at the real time; --now is for questions, not for tokens. */
static int64_t real_now(void)
{
    return (int64_t)time(NULL);
}

mcp_str gcp_basic(struct mcp_arena *arena, mcp_str id, mcp_str secret)
{
    mcp_str pair = gcp_secret_printf(arena, "%.*s:%.*s", MCP_STR_ARG(id), MCP_STR_ARG(secret));
    struct mcp_buf text;
    mcp_str out;

    mcp_buf_init(&text, FORM_MAX);
    mcp_base64_encode(&text, MCP_BASE64_STD, pair.ptr, pair.len);
    out = gcp_secret_printf(arena, "Basic %.*s", MCP_STR_ARG(mcp_buf_view(&text)));
    if (text.ptr != NULL)
        mcp_secret_wipe(text.ptr, text.len);
    mcp_buf_release(&text);
    return out;
}

static mcp_str take_form(struct mcp_buf *form, struct mcp_arena *arena)
{
    mcp_str out = mcp_arena_str(arena, mcp_buf_view(form));

    gcp_wipe_later(arena, out);
    if (form->ptr != NULL)
        mcp_secret_wipe(form->ptr, form->len);
    mcp_buf_release(form);
    return out;
}

/* The claims of a self-signed token carry a scope, those of a grant the endpoint as audience too. */
static mcp_str claims_of(struct mcp_arena *arena, mcp_str email, mcp_str scope, mcp_str audience)
{
    int64_t now = real_now();
    struct mcp_buf json;
    struct mcp_jsonw w;
    mcp_str out;

    mcp_buf_init(&json, 65536);
    mcp_jsonw_init(&w, &json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "iss", email);
    mcp_jsonw_kstr(&w, "sub", email);
    mcp_jsonw_kstr(&w, "scope", scope);
    if (!mcp_str_is_null(audience))
        mcp_jsonw_kstr(&w, "aud", audience);
    mcp_jsonw_kint(&w, "iat", now);
    mcp_jsonw_kint(&w, "exp", now + HOUR_S);
    mcp_jsonw_end(&w);
    out = mcp_arena_str(arena, mcp_buf_view(&json));
    mcp_buf_release(&json);
    return out;
}

static int sign(struct mcp_call *call, const struct gcp_adc *adc, mcp_str claims, mcp_str *jwt,
                struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str key = gcp_secret_member(arena, adc->json, MCP_STR("private_key"));
    mcp_str kid = mcp_json_get_str(adc->json, MCP_STR("private_key_id"), arena);
    struct mcp_error why = { 0 };
    int rc;

    if (key.len == 0) {
        mcp_error_set(err, MCP_ECONFIG, "the credentials file %.*s holds no private_key",
                      MCP_STR_ARG(adc->path));
        return mcp_error_next(err, "Make a new key: gcloud iam service-accounts keys create.");
    }
    rc = mcp_jwt_sign(arena, key, kid, claims, jwt, &why);
    if (rc < 0) {
        mcp_error_set(err, (enum mcp_err)rc, "the key in %.*s cannot sign: %s",
                      MCP_STR_ARG(adc->path), why.message);
        return mcp_error_next(err, "%s",
                              why.next[0] != '\0'
                                  ? why.next
                                  : "Make a new key: gcloud iam service-accounts keys create.");
    }
    gcp_wipe_later(arena, *jwt);
    return 0;
}

static int service_account(const struct gcp_token_order *order, struct mcp_call *call,
                           const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str email = mcp_json_get_str(adc->json, MCP_STR("client_email"), arena);
    mcp_str url = mcp_json_get_str(adc->json, MCP_STR("token_uri"), arena), jwt, code;
    struct gcp_oauth_request request = { .what = "a token for this service account key",
                                         .early = order->early };
    struct mcp_json answer;
    struct mcp_buf form;
    int rc;

    if (email.len == 0)
        return mcp_error_set(err, MCP_ECONFIG, "the credentials file %.*s holds no client_email",
                             MCP_STR_ARG(adc->path));
    if (!mcp_str_is_null(order->config->token_endpoint))
        url = order->config->token_endpoint;
    if (url.len == 0)
        url = MCP_STR(GOOGLE_TOKEN_URL);
    if (!order->grant) {
        rc = sign(call, adc, claims_of(arena, email, order->scope, MCP_STR_NULL), &jwt, err);
        if (rc == 0)
            *out = (struct gcp_token){ .value = jwt, .lifetime_s = HOUR_S, .self_signed = true };
        return rc;
    }
    rc = sign(call, adc, claims_of(arena, email, order->scope, url), &jwt, err);
    if (rc < 0)
        return rc;
    mcp_buf_init(&form, FORM_MAX);
    gcp_form_put(&form, "grant_type", MCP_STR(JWT_GRANT));
    gcp_form_put(&form, "assertion", jwt);
    request.url = url;
    request.form = take_form(&form, arena);
    rc = gcp_oauth_ask(call, &request, &answer, &code, err);
    if (rc == 0)
        rc = gcp_oauth_token(call, answer, request.what, out, err);
    if (rc == MCP_EAUTH || rc == MCP_EDENIED)
        mcp_error_next(err,
                       "Check that the key of %.*s still exists (gcloud iam service-accounts "
                       "keys list) and that this machine's clock is right.",
                       MCP_STR_ARG(mcp_str_head(email, 200)));
    return rc;
}

/* Google's users send id and secret in the form, those of a workforce pool in a header. */
static int user(const struct gcp_token_order *order, struct mcp_call *call,
                const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    bool workforce = adc->kind == GCP_KIND_WORKFORCE_USER;
    mcp_str id = mcp_json_get_str(adc->json, MCP_STR("client_id"), arena);
    mcp_str secret = gcp_secret_member(arena, adc->json, MCP_STR("client_secret"));
    mcp_str refresh = gcp_secret_member(arena, adc->json, MCP_STR("refresh_token"));
    mcp_str url =
        mcp_json_get_str(adc->json, workforce ? MCP_STR("token_url") : MCP_STR("token_uri"), arena);
    struct mcp_http_header basic = { MCP_STR("Authorization"), MCP_STR_NULL };
    struct gcp_oauth_request request = { .what = "a token for this login", .early = order->early };
    struct mcp_json answer;
    struct mcp_buf form;
    mcp_str code;
    int rc;

    if (refresh.len == 0 || id.len == 0) {
        mcp_error_set(err, MCP_ECONFIG, "the credentials file %.*s holds no complete login",
                      MCP_STR_ARG(adc->path));
        return mcp_error_next(err, "Log in again: gcloud auth application-default login");
    }
    mcp_buf_init(&form, FORM_MAX);
    gcp_form_put(&form, "grant_type", MCP_STR("refresh_token"));
    if (workforce) {
        basic.value = gcp_basic(arena, id, secret);
        request.headers = &basic;
        request.n_headers = 1;
    } else {
        gcp_form_put(&form, "client_id", id);
        gcp_form_put(&form, "client_secret", secret);
    }
    gcp_form_put(&form, "refresh_token", refresh);
    request.url = !mcp_str_is_null(order->config->token_endpoint) ? order->config->token_endpoint
                  : url.len > 0                                   ? url
                                                                  : MCP_STR(GOOGLE_TOKEN_URL);
    request.form = take_form(&form, arena);
    rc = gcp_oauth_ask(call, &request, &answer, &code, err);
    if (rc == 0)
        rc = gcp_oauth_token(call, answer, request.what, out, err);
    if (rc == MCP_EAUTH || rc == MCP_EDENIED)
        mcp_error_next(err,
                       "The login of %.*s has ended. Log in again: gcloud auth "
                       "application-default login",
                       MCP_STR_ARG(adc->path));
    return rc;
}

static mcp_str impersonation_body(struct mcp_arena *arena, mcp_str scope, struct mcp_json delegates,
                                  int64_t lifetime_s)
{
    mcp_str lifetime = mcp_arena_printf(arena, "%llds", (long long)lifetime_s), out;
    struct mcp_buf json;
    struct mcp_jsonw w;

    mcp_buf_init(&json, 65536);
    mcp_jsonw_init(&w, &json);
    mcp_jsonw_object(&w);
    mcp_jsonw_karray(&w, "scope");
    mcp_jsonw_str(&w, scope);
    mcp_jsonw_end(&w);
    if (mcp_json_count(delegates) > 0)
        mcp_jsonw_kraw(&w, "delegates", mcp_json_raw(delegates));
    mcp_jsonw_kstr(&w, "lifetime", lifetime);
    mcp_jsonw_end(&w);
    out = mcp_arena_str(arena, mcp_buf_view(&json));
    mcp_buf_release(&json);
    return out;
}

/* With the endpoint of the settings in the place of the file's host. */
static mcp_str at_endpoint(const struct gcp_config *config, struct mcp_arena *arena, mcp_str url)
{
    mcp_str rest = url;

    if (mcp_str_is_null(config->iam_endpoint))
        return url;
    for (int slashes = 0; rest.len > 0 && slashes < 3; slashes++) {
        size_t at = mcp_str_find(rest, '/');

        if (at == rest.len)
            return url;
        rest = mcp_str_n(rest.ptr + at + 1, rest.len - at - 1);
    }
    return mcp_arena_printf(arena, "%.*s/%.*s", MCP_STR_ARG(config->iam_endpoint),
                            MCP_STR_ARG(rest));
}

int gcp_token_impersonate(const struct gcp_token_order *order, struct mcp_call *call, mcp_str url,
                          struct mcp_json delegates, int64_t lifetime_s, mcp_str by,
                          struct gcp_token *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    const struct mcp_http_header bearer = {
        MCP_STR("Authorization"), gcp_secret_printf(arena, "Bearer %.*s", MCP_STR_ARG(by))
    };
    struct gcp_oauth_request request = { .url = at_endpoint(order->config, arena, url),
                                         .headers = &bearer,
                                         .n_headers = 1,
                                         .early = order->early,
                                         .what = "a token of the service account to act as" };
    struct mcp_json answer;
    int64_t until = 0;
    mcp_str code;
    int rc;

    lifetime_s = lifetime_s <= 0 ? HOUR_S : lifetime_s;
    request.json = impersonation_body(arena, order->scope, delegates, lifetime_s);
    rc = gcp_oauth_ask(call, &request, &answer, &code, err);
    if (rc == MCP_EDENIED || rc == MCP_EAUTH)
        return mcp_error_next(err,
                              "Grant roles/iam.serviceAccountTokenCreator on that service "
                              "account to the caller, and enable iamcredentials.googleapis.com.");
    if (rc < 0)
        return rc;
    out->value = gcp_secret_member(arena, answer, MCP_STR("accessToken"));
    if (out->value.len == 0 ||
        mcp_instant_parse(mcp_json_get_str(answer, MCP_STR("expireTime"), arena), false, &until) <
            0) {
        mcp_error_set(err, MCP_EUPSTREAM,
                      "the answer to %s holds no accessToken with its expireTime", request.what);
        return gcp_unreachable(err);
    }
    out->lifetime_s = until - real_now();
    out->lifetime_s = out->lifetime_s < 0 ? 0 : out->lifetime_s;
    out->self_signed = false;
    return 0;
}

/* impersonated_service_account: the source's token first. */
static int impersonation(const struct gcp_token_order *order, struct mcp_call *call,
                         const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str url = mcp_json_get_str(adc->json, MCP_STR("service_account_impersonation_url"), arena);
    struct gcp_token_order source_order = *order;
    struct gcp_adc source;
    struct gcp_token by;
    int rc;

    if (url.len == 0)
        return mcp_error_set(err, MCP_ECONFIG,
                             "the credentials file %.*s holds no service_account_impersonation_url",
                             MCP_STR_ARG(adc->path));
    rc = gcp_adc_read(call, mcp_json_get(adc->json, MCP_STR("source_credentials")), adc->path,
                      &source, err);
    if (rc < 0)
        return rc;
    if (source.kind == GCP_KIND_IMPERSONATION)
        return mcp_error_set(err, MCP_ECONFIG,
                             "the credentials file %.*s impersonates through an impersonation; use "
                             "its delegates instead",
                             MCP_STR_ARG(adc->path));
    source_order.scope = MCP_STR(GCP_SCOPE_PLATFORM);
    rc = gcp_token_get(&source_order, call, &source, &by, err);
    if (rc < 0)
        return rc;
    return gcp_token_impersonate(order, call, url, mcp_json_get(adc->json, MCP_STR("delegates")), 0,
                                 by.value, out, err);
}

int gcp_token_get(const struct gcp_token_order *order, struct mcp_call *call,
                  const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err)
{
    switch (adc->kind) {
    case GCP_KIND_SERVICE_ACCOUNT:
        return service_account(order, call, adc, out, err);
    case GCP_KIND_USER:
    case GCP_KIND_WORKFORCE_USER:
        return user(order, call, adc, out, err);
    case GCP_KIND_FEDERATION:
        return gcp_token_federated(order, call, adc, out, err);
    case GCP_KIND_IMPERSONATION:
        return impersonation(order, call, adc, out, err);
    case GCP_KIND_METADATA:
        break;
    }
    return gcp_metadata_token(order->config, call, order->scope, out, err);
}
