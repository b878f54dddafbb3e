/* The metadata server of a machine of Google Cloud (Compute Engine, Cloud Run, GKE). */
#ifndef GCP_METADATA_H
#define GCP_METADATA_H

#include "config.h"
#include "oauth.h"

/* Whether one answers, by the header Metadata-Flavor: Google (a captive portal has none). Silence and
 * refusal are no errors; the end of the call is. METADATA_SERVER_DETECTION=none asks nobody. */
int gcp_metadata_present(const struct gcp_config *config, struct mcp_call *call, bool *present,
                         struct mcp_error *err);
/* The token of the machine's service account. scope: one or more, separated by blanks. */
int gcp_metadata_token(const struct gcp_config *config, struct mcp_call *call, mcp_str scope,
                       struct gcp_token *out, struct mcp_error *err);
/* "project/project-id", "universe/universe-domain": the text, missing when there is none. */
int gcp_metadata_text(const struct gcp_config *config, struct mcp_call *call, const char *name,
                      mcp_str *out, struct mcp_error *err);

#endif
