/* The head of one HTTP request as it comes in: the few headers we know, bounded, doubles refused. */
#ifndef MCP_NET_HTTP_FIELDS_H
#define MCP_NET_HTTP_FIELDS_H

#include <mcp/buf.h>

/* The usual ones first: that is how they are looked for. */
enum mcp_field {
    MCP_FIELD_HOST,
    MCP_FIELD_CONTENT_LENGTH,
    MCP_FIELD_CONTENT_TYPE,
    MCP_FIELD_ACCEPT,
    MCP_FIELD_MCP_VERSION,
    MCP_FIELD_MCP_METHOD,
    MCP_FIELD_MCP_NAME,
    MCP_FIELD_SESSION,
    MCP_FIELD_AUTHORIZATION,
    MCP_FIELD_ORIGIN,
    MCP_FIELD_TRACEPARENT,
    MCP_FIELD_REQUEST_ID,
    MCP_FIELD_EXPECT,
    MCP_FIELD_LAST_EVENT_ID,
    MCP_FIELD_TRANSFER_ENCODING,
    MCP_N_FIELDS,
};

#define MCP_FIELD_PARAMS_MAX 64 /* Mcp-Param-* of one request */
#define MCP_FIELD_NAME_MAX 128 /* of 8 a multiple; longer names are counted and passed over */

/* Filled piece by piece; reused from request to request without a new allocation. */
struct mcp_http_fields {
    struct mcp_buf bytes; /* the URL, then values (and names of Mcp-Param-*) */
    size_t limit; /* of the whole head */
    size_t total; /* bytes seen */
    struct {
        uint32_t at, len;
        bool seen;
    } known[MCP_N_FIELDS];
    struct {
        uint32_t name, name_len, value, value_len;
    } params[MCP_FIELD_PARAMS_MAX];
    unsigned n_params;
    uint32_t url_len;
    char name[MCP_FIELD_NAME_MAX]; /* the current one; lower case as soon as it is whole */
    size_t name_len;
    int current; /* enum mcp_field, or one of the two below */
    uint32_t value_at;
    const char *twice; /* the name of a header that may stand once and stood twice */
    bool too_long;
    bool closed; /* trailers are counted, and otherwise passed over */
};

void mcp__fields_init(struct mcp_http_fields *f, size_t limit);
void mcp__fields_release(struct mcp_http_fields *f);
/* For the next request. */
void mcp__fields_clear(struct mcp_http_fields *f);
/* Pieces as the parser gives them. 0, or -1: too_long. */
int mcp__fields_url(struct mcp_http_fields *f, const char *at, size_t n);
int mcp__fields_name(struct mcp_http_fields *f, const char *at, size_t n);
int mcp__fields_value(struct mcp_http_fields *f, const char *at, size_t n);
/* The head is complete: nothing behind the body changes it any more. */
void mcp__fields_close(struct mcp_http_fields *f);
void mcp__fields_name_end(struct mcp_http_fields *f);
void mcp__fields_value_end(struct mcp_http_fields *f);

/* Views into bytes, valid until the next piece. Values are trimmed; missing when absent. */
mcp_str mcp__fields_get(const struct mcp_http_fields *f, enum mcp_field field);
mcp_str mcp__fields_param(const struct mcp_http_fields *f, mcp_str name);
mcp_str mcp__fields_target(const struct mcp_http_fields *f);

/* The Host or Origin header's host: without scheme, port, brackets. False when it has no such
 * shape. */
bool mcp__host_split(mcp_str value, mcp_str *host);
/* localhost, 127.0.0.1, ::1 (already split). */
bool mcp__host_is_loopback(mcp_str host);
/* The media types of an Accept header; a missing header accepts all. */
bool mcp__accepts(mcp_str accept, mcp_str type);

#endif
