/* Access tokens for Google by the order of Application Default Credentials, refreshed in time. */
#ifndef GCP_CREDENTIALS_H
#define GCP_CREDENTIALS_H

#include "config.h"

#include <mcp/call.h>

#define GCP_SCOPE_PLATFORM "https://www.googleapis.com/auth/cloud-platform"

struct gcp_credentials;

/* Reads nothing yet: the first token does. config is borrowed for the life of the credentials. NULL
 * only when there is no memory. */
struct gcp_credentials *gcp_credentials_new(const struct gcp_config *config);
/* Wipes what it held. No call may be under way. */
void gcp_credentials_free(struct gcp_credentials *creds);

/* A bearer token in the call's arena, good for at least another minute. scope: missing for
 * GCP_SCOPE_PLATFORM. Any worker; of several that need the same token one fetches it, and an old one
 * that is still good is answered meanwhile. MCP_EAUTH, MCP_ECONFIG with the next step to type, or
 * what mcp_fetch gives. */
int gcp_credentials_token(struct gcp_credentials *creds, struct mcp_call *call, mcp_str scope,
                          mcp_str *token, struct mcp_error *err);
/* An API answered 401 to that token: the next gcp_credentials_token gets another one. */
void gcp_credentials_drop(struct gcp_credentials *creds, mcp_str token);

/* What is known once a token was had, else what the settings say; missing: unknown. Live as long as
 * creds. The quota project is sent as x-goog-user-project. */
mcp_str gcp_credentials_quota_project(struct gcp_credentials *creds);
/* The project of the key or of the machine. */
mcp_str gcp_credentials_project(struct gcp_credentials *creds);
/* "googleapis.com" unless the credentials or the settings name another. */
mcp_str gcp_credentials_universe(struct gcp_credentials *creds);
/* For doctor: "service account reader@p.iam.gserviceaccount.com (file /a/b.json)"; no secret. */
mcp_str gcp_credentials_describe(struct gcp_credentials *creds, struct mcp_arena *arena);

#endif
