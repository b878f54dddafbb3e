/* Where credentials come from: the order of Application Default Credentials. */
#ifndef GCP_ADC_H
#define GCP_ADC_H

#include "config.h"

#include <mcp/call.h>

enum gcp_kind {
    GCP_KIND_SERVICE_ACCOUNT,
    GCP_KIND_USER, /* authorized_user: gcloud auth application-default login */
    GCP_KIND_WORKFORCE_USER, /* external_account_authorized_user */
    GCP_KIND_FEDERATION, /* external_account */
    GCP_KIND_IMPERSONATION, /* impersonated_service_account */
    GCP_KIND_METADATA,
};

/* In the call's arena; the document is wiped with it. */
struct gcp_adc {
    enum gcp_kind kind;
    mcp_str path; /* of the file; missing: metadata server */
    struct mcp_json json; /* the file's object */
    mcp_str quota_project, project, universe; /* as the file says, or missing */
    mcp_str describe; /* "service account a@b (file /x.json)"; no secret */
};

/* gcp.authentication.credentials_file (GOOGLE_APPLICATION_CREDENTIALS), else gcloud's file
 * ($CLOUDSDK_CONFIG or ~/.config/gcloud), else the metadata server; a file that was named and cannot be
 * read ends the search. The method of the settings restricts it. MCP_ECONFIG with the next step when
 * there is none or it is of a kind that is refused (an executable is never run). */
int gcp_adc_find(const struct gcp_config *config, struct mcp_call *call, struct gcp_adc *out,
                 struct mcp_error *err);
/* What source_credentials of an impersonation holds. */
int gcp_adc_read(struct mcp_call *call, struct mcp_json json, mcp_str path, struct gcp_adc *out,
                 struct mcp_error *err);

#endif
