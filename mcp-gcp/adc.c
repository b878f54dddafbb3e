/* Where credentials come from: the order of Application Default Credentials. */
#include "adc.h"

#include "metadata.h"
#include "oauth.h"

#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX ((size_t)256 << 10)

static const struct {
    const char *type;
    enum gcp_kind kind;
    enum gcp_auth_method method;
    const char *title;
} kinds[] = {
    { "authorized_user", GCP_KIND_USER, GCP_AUTH_USER, "user" },
    { "external_account", GCP_KIND_FEDERATION, GCP_AUTH_WORKLOAD_IDENTITY, "workload identity" },
    { "external_account_authorized_user", GCP_KIND_WORKFORCE_USER, GCP_AUTH_USER,
      "workforce user" },
    { "impersonated_service_account", GCP_KIND_IMPERSONATION, GCP_AUTH_SERVICE_ACCOUNT,
      "impersonated service account" },
    { "service_account", GCP_KIND_SERVICE_ACCOUNT, GCP_AUTH_SERVICE_ACCOUNT, "service account" },
};
#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Index of this server's words for the methods, as in the option's row. */
static const char *const methods[] = { "auto", "service_account", "user", "workload_identity",
                                       "metadata" };

/* The service account behind .../serviceAccounts/EMAIL:generateAccessToken. */
static mcp_str impersonated(mcp_str url)
{
    mcp_str email = url;

    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] == '/')
            email = mcp_str_n(url.ptr + i + 1, url.len - i - 1);
    }
    email.len = mcp_str_find(email, ':');
    return mcp_str_head(email, 200);
}

static mcp_str describe(struct mcp_arena *arena, const char *title, struct mcp_json json,
                        mcp_str path)
{
    mcp_str who = mcp_json_get_str(json, MCP_STR("client_email"), arena);
    mcp_str becomes = mcp_json_get_str(json, MCP_STR("service_account_impersonation_url"), arena);

    if (who.len == 0)
        who = mcp_json_get_str(json, MCP_STR("audience"), arena);
    if (becomes.len > 0)
        return mcp_arena_printf(arena, "%s %.*s%sas %.*s (file %.*s)", title,
                                MCP_STR_ARG(mcp_str_head(who, 200)), who.len > 0 ? " " : "",
                                MCP_STR_ARG(impersonated(becomes)), MCP_STR_ARG(path));
    return mcp_arena_printf(arena, "%s%s%.*s (file %.*s)", title, who.len > 0 ? " " : "",
                            MCP_STR_ARG(mcp_str_head(who, 200)), MCP_STR_ARG(path));
}

static int unknown_type(mcp_str type, mcp_str path, struct mcp_error *err)
{
    if (type.len == 0)
        mcp_error_set(err, MCP_ECONFIG, "the credentials file %.*s has no member \"type\"",
                      MCP_STR_ARG(path));
    else
        mcp_error_set(err, MCP_ECONFIG,
                      "the credentials file %.*s is of type \"%.*s\", which this server does not "
                      "take",
                      MCP_STR_ARG(path), MCP_STR_ARG(mcp_str_head(type, 60)));
    return mcp_error_next(err, "Use a service account key, gcloud auth application-default login, "
                               "or a workload identity file (gcloud iam workload-identity-pools "
                               "create-cred-config).");
}

int gcp_adc_read(struct mcp_call *call, struct mcp_json json, mcp_str path, struct gcp_adc *out,
                 struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str type = mcp_json_get_str(json, MCP_STR("type"), arena);
    size_t i = 0;

    while (i < N_KINDS && !mcp_str_eq(type, mcp_str_z(kinds[i].type)))
        i++;
    if (i == N_KINDS)
        return unknown_type(type, path, err);
    *out = (struct gcp_adc){
        .kind = kinds[i].kind,
        .path = path,
        .json = json,
        .quota_project = mcp_json_get_str(json, MCP_STR("quota_project_id"), arena),
        .project = mcp_json_get_str(json, MCP_STR("project_id"), arena),
        .universe = mcp_json_get_str(json, MCP_STR("universe_domain"), arena),
        .describe = describe(arena, kinds[i].title, json, path),
    };
    return 0;
}

static int check_method(const struct gcp_config *config, const struct gcp_adc *adc,
                        struct mcp_error *err)
{
    for (size_t i = 0; i < N_KINDS; i++) {
        if (kinds[i].kind != adc->kind || config->method == GCP_AUTH_AUTO ||
            config->method == (int)kinds[i].method)
            continue;
        mcp_error_set(err, MCP_ECONFIG,
                      "gcp.authentication.method is %s, but %.*s holds the credentials of a %s",
                      methods[config->method], MCP_STR_ARG(adc->path), kinds[i].title);
        return mcp_error_next(err,
                              "Set gcp.authentication.method (GCP_AUTH_METHOD) to %s or auto, "
                              "or name another credentials file.",
                              methods[kinds[i].method]);
    }
    return 0;
}

static int read_file(const struct gcp_config *config, struct mcp_call *call, mcp_str path,
                     struct gcp_adc *out, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    struct mcp_error why = { 0 };
    struct mcp_json json;
    mcp_str text;
    int rc = gcp_read_secret_file(arena, path, FILE_MAX, "the credentials file", &text, err);

    if (rc < 0)
        return mcp_error_next(err, "GOOGLE_APPLICATION_CREDENTIALS (or "
                                   "gcp.authentication.credentials_file) must name a JSON file "
                                   "that this user can read; unset it to use gcloud's login.");
    if (mcp_json_parse(arena, text, NULL, &json, &why) < 0 ||
        mcp_json_type(json) != MCP_JSON_OBJECT) {
        mcp_error_set(err, MCP_ECONFIG, "the credentials file %.*s is no JSON object%s%s",
                      MCP_STR_ARG(path), why.message[0] == '\0' ? "" : ": ", why.message);
        return mcp_error_next(err, "Download the key again, or run gcloud auth application-default "
                                   "login.");
    }
    rc = gcp_adc_read(call, json, path, out, err);
    return rc < 0 ? rc : check_method(config, out, err);
}

/* gcloud's own file, where it exists. */
static mcp_str well_known(struct mcp_arena *arena)
{
    const char *config = getenv("CLOUDSDK_CONFIG"), *home = getenv("HOME");
    mcp_str path;

    if (config != NULL && config[0] != '\0')
        path = mcp_arena_printf(arena, "%s/application_default_credentials.json", config);
    else if (home != NULL && home[0] != '\0')
        path =
            mcp_arena_printf(arena, "%s/.config/gcloud/application_default_credentials.json", home);
    else
        return MCP_STR_NULL;
    return access(path.ptr, F_OK) == 0 ? path : MCP_STR_NULL;
}

static int none(const struct gcp_config *config, struct mcp_error *err)
{
    if (config->method == GCP_AUTH_METADATA) {
        mcp_error_set(err, MCP_ECONFIG,
                      "gcp.authentication.method is metadata, but no metadata "
                      "server of Google Cloud answers here");
        return mcp_error_next(err, "Run this on Google Cloud, or set GCP_AUTH_METHOD=auto.");
    }
    mcp_error_set(err, MCP_ECONFIG,
                  "there are no Google Cloud credentials: GOOGLE_APPLICATION_CREDENTIALS is not "
                  "set, gcloud has no application default login, and this is no machine of Google "
                  "Cloud");
    return mcp_error_next(err, "Run gcloud auth application-default login, or set "
                               "GOOGLE_APPLICATION_CREDENTIALS to a key file; then check with "
                               "mcp-gcp doctor.");
}

int gcp_adc_find(const struct gcp_config *config, struct mcp_call *call, struct gcp_adc *out,
                 struct mcp_error *err)
{
    mcp_str path = config->credentials_file;
    bool found = false;
    int rc;

    if (config->method != GCP_AUTH_METADATA) {
        if (mcp_str_is_null(path))
            path = well_known(mcp_call_arena(call));
        if (!mcp_str_is_null(path))
            return read_file(config, call, path, out, err);
    }
    if (config->method == GCP_AUTH_AUTO || config->method == GCP_AUTH_METADATA) {
        rc = gcp_metadata_present(config, call, &found, err);
        if (rc < 0)
            return rc;
    }
    if (!found)
        return none(config, err);
    *out = (struct gcp_adc){ .kind = GCP_KIND_METADATA,
                             .describe = MCP_STR("the machine's service account (metadata "
                                                 "server)") };
    return 0;
}
