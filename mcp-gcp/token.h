/* From credentials to an access token: one way for each kind. */
#ifndef GCP_TOKEN_H
#define GCP_TOKEN_H

#include "adc.h"
#include "oauth.h"

/* What a token is asked for. All borrowed. */
struct gcp_token_order {
    const struct gcp_config *config;
    mcp_str scope;
    bool grant; /* service accounts: a token of Google's instead of a JWT of ours */
    bool early; /* an old token is still good: one short attempt, nobody is to wait for it */
};

/* Follows the kind of adc, through impersonation where the file or the settings ask for it. Errors as
 * of gcp_oauth_ask, with the next step. */
int gcp_token_get(const struct gcp_token_order *order, struct mcp_call *call,
                  const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err);
/* Acts as the service account of an IAM Credentials URL by another token. lifetime_s: 0 for an hour. */
int gcp_token_impersonate(const struct gcp_token_order *order, struct mcp_call *call, mcp_str url,
                          struct mcp_json delegates, int64_t lifetime_s, mcp_str by,
                          struct gcp_token *out, struct mcp_error *err);

/* federation.c: external_account. */
int gcp_token_federated(const struct gcp_token_order *order, struct mcp_call *call,
                        const struct gcp_adc *adc, struct gcp_token *out, struct mcp_error *err);
/* aws_subject.c: what proves an AWS role to Google's STS (percent-encoded JSON of a signed request). */
int gcp_aws_subject(struct mcp_call *call, struct mcp_json source, mcp_str audience, mcp_str *out,
                    struct mcp_error *err);

/* "Basic ..." of client_id and client_secret, wiped with the arena. */
mcp_str gcp_basic(struct mcp_arena *arena, mcp_str id, mcp_str secret);

#endif
