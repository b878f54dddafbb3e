/* What the ways to a token share: secrets that are wiped, forms, answers of token endpoints. */
#ifndef GCP_OAUTH_H
#define GCP_OAUTH_H

#include <mcp/fetch.h>

/* One access token, in the call's arena, wiped with it. */
struct gcp_token {
    mcp_str value;
    int64_t lifetime_s; /* from now on */
    bool self_signed; /* a JWT of ours, not a token of Google's */
};

/* s, or a copy of s, is overwritten when the arena goes. s must be memory that we may write. */
void gcp_wipe_later(struct mcp_arena *arena, mcp_str s);
mcp_str gcp_secret_printf(struct mcp_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* A string member of a secret document: wiped with the arena where it was unescaped into it. */
mcp_str gcp_secret_member(struct mcp_arena *arena, struct mcp_json object, mcp_str name);

/* A whole file of at most max bytes, wiped with the arena. MCP_ECONFIG names the file and the reason. */
int gcp_read_secret_file(struct mcp_arena *arena, mcp_str path, size_t max, const char *what,
                         mcp_str *out, struct mcp_error *err);

/* One name=value of a form or query, with '&' before it when it is not the first. value missing: nothing
 * is put. */
void gcp_form_put(struct mcp_buf *form, const char *name, mcp_str value);

/* A request for a token or something on the way to one. All borrowed. */
struct gcp_oauth_request {
    mcp_str url;
    mcp_str form; /* POSTed as a form; missing: see json */
    mcp_str json; /* POSTed as JSON; both missing: GET */
    const struct mcp_http_header *headers;
    size_t n_headers;
    bool allow_http; /* a metadata service of this machine */
    bool early; /* one short attempt: there is an old token yet */
    const char *what; /* "the token of service account x@y", for errors */
};

/* Sends it (safe to repeat) and reads the JSON object of a 2xx. Other statuses: MCP_EAUTH, or
 * MCP_EDENIED for 403, with what the server says (error_description, error.message); 5xx and what is
 * no JSON: MCP_EUPSTREAM. Everything names the host. *code (may be NULL) gets the OAuth error word
 * ("invalid_grant") of a refusal. The caller adds the next step. */
int gcp_oauth_ask(struct mcp_call *call, const struct gcp_oauth_request *request,
                  struct mcp_json *answer, mcp_str *code, struct mcp_error *err);
/* {access_token, expires_in} of an answer: MCP_EUPSTREAM when it holds none. */
int gcp_oauth_token(struct mcp_call *call, struct mcp_json answer, const char *what,
                    struct gcp_token *out, struct mcp_error *err);
/* The next step after mcp_fetch failed (err names the host): returns err's code. */
int gcp_unreachable(struct mcp_error *err);
/* A text without blanks around it and line ends behind it. */
mcp_str gcp_text_trim(mcp_str text);
/* "HOST[:PORT]" of a URL, for messages. */
mcp_str gcp_url_host(mcp_str url);

#endif
