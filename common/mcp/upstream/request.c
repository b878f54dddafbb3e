/* What may be requested: the rules for URLs, headers and redirects, and a transfer made of them. */
#include "mcp/upstream/request.h"

#include "mcp/proto/call_internal.h"
#include "mcp/proto/trace.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>

#define DEFAULT_CONNECT_MS 10000
#define DEFAULT_BODY ((size_t)16 << 20)
#define URL_MAX 16384

static bool is_loopback(const char *host)
{
    struct in_addr v4;

    if (mcp_str_eq_nocase(mcp_str_z(host), MCP_STR("localhost")) || strcmp(host, "[::1]") == 0)
        return true;
    return inet_pton(AF_INET, host, &v4) == 1 && (ntohl(v4.s_addr) >> 24) == 127;
}

/* The parts that the rules look at; libcurl's parser is the one that will be used, too. */
struct parts {
    char *scheme; /* all owned by libcurl: curl_free */
    char *host;
    char *port; /* the default one is filled in */
};

static void parts_release(struct parts *p)
{
    curl_free(p->scheme);
    curl_free(p->host);
    curl_free(p->port);
}

/* False when a part is missing; what was got is released by the caller in both cases. */
static bool parts_get(CURLU *u, struct parts *p)
{
    return curl_url_get(u, CURLUPART_SCHEME, &p->scheme, 0) == CURLUE_OK &&
           curl_url_get(u, CURLUPART_HOST, &p->host, 0) == CURLUE_OK &&
           curl_url_get(u, CURLUPART_PORT, &p->port, CURLU_DEFAULT_PORT) == CURLUE_OK;
}

/* Only what may stand in a URL as it is sent: no blanks, no controls, nothing beyond ASCII. */
static bool is_plain(mcp_str url)
{
    for (size_t i = 0; i < url.len; i++) {
        if (url.ptr[i] <= ' ' || url.ptr[i] >= 0x7f)
            return false;
    }
    return url.len > 0 && url.len <= URL_MAX;
}

/* base: the URL that a relative one counts from, or NULL. Returns why it is refused, or NULL. */
static const char *read_url(const char *base, const char *url, bool allow_http,
                            struct mcp_arena *arena, struct mcp__target *target)
{
    CURLU *u = curl_url();
    char *whole = NULL;
    struct parts p = { NULL, NULL, NULL };
    const char *why = NULL;
    bool standard;

    if (u == NULL || (base != NULL && curl_url_set(u, CURLUPART_URL, base, 0) != CURLUE_OK)) {
        why = "out of memory";
        goto out;
    }
    if (curl_url_set(u, CURLUPART_URL, url, CURLU_DISALLOW_USER) != CURLUE_OK ||
        !parts_get(u, &p) || curl_url_get(u, CURLUPART_URL, &whole, 0) != CURLUE_OK) {
        why = "it is no http or https URL, or names a user";
        goto out;
    }
    target->plain_http = strcmp(p.scheme, "http") == 0;
    if (!target->plain_http && strcmp(p.scheme, "https") != 0) {
        why = "it is no http or https URL";
        goto out;
    }
    if (target->plain_http && !allow_http && !is_loopback(p.host)) {
        why = "plain http is for this machine only; use https";
        goto out;
    }
    standard = strcmp(p.port, target->plain_http ? "80" : "443") == 0;
    target->host = standard ? mcp_arena_printf(arena, "%s", p.host)
                            : mcp_arena_printf(arena, "%s:%s", p.host, p.port);
    target->url = mcp_arena_str(arena, mcp_str_z(whole));
out:
    parts_release(&p);
    curl_free(whole);
    curl_url_cleanup(u);
    return why;
}

static bool is_token(mcp_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c <= ' ' || c >= 0x7f || strchr("\"(),/:;<=>?@[\\]{}", c) != NULL)
            return false;
    }
    return s.len > 0;
}

static bool is_value(mcp_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

int mcp__request_check(const struct mcp_http_req *req, struct mcp_arena *arena,
                       struct mcp__target *target, struct mcp_error *err)
{
    struct mcp__target t = { .method = req->method };
    const char *why;

    if (!is_plain(req->url))
        return mcp_error_set(err, MCP_EINVAL,
                             "the URL to fetch is empty, too long or not plain "
                             "ASCII");
    if ((unsigned)req->method > MCP_HEAD)
        return mcp_error_set(err, MCP_EINVAL, "unknown HTTP method");
    for (size_t i = 0; i < req->n_headers; i++) {
        if (!is_token(req->headers[i].name) || !is_value(req->headers[i].value))
            return mcp_error_set(err, MCP_EINVAL, "header %.*s cannot be sent: a control character",
                                 MCP_STR_ARG(mcp_str_head(req->headers[i].name, 64)));
    }
    why = read_url(NULL, mcp_arena_str(arena, req->url).ptr, req->allow_http, arena, &t);
    if (why != NULL) {
        /* A query may hold a signature: only what stands before it is shown. */
        mcp_str shown = mcp_str_head(req->url, 120);

        shown.len = mcp_str_find(shown, '@') < shown.len ? 0 : mcp_str_find(shown, '?');
        return mcp_error_set(err, MCP_EINVAL, "refused to fetch %.*s: %s", MCP_STR_ARG(shown), why);
    }
    *target = t;
    return 0;
}

bool mcp__request_redirect(const struct mcp_http_req *req, struct mcp_arena *arena, int status,
                           mcp_str location, struct mcp__target *target)
{
    struct mcp__target next = *target;
    bool has_body;

    if (status != 301 && status != 302 && status != 303 && status != 307 && status != 308)
        return false;
    if (!is_plain(location) || read_url(target->url.ptr, mcp_arena_str(arena, location).ptr,
                                        req->allow_http, arena, &next) != NULL)
        return false;
    if (next.plain_http != target->plain_http)
        return false;
    next.elsewhere = target->elsewhere || !mcp_str_eq_nocase(next.host, target->host);
    /* RFC 9110 15.4: 303 asks for a GET; 301 and 302 after a POST mean the same in practice. */
    if ((status == 303 && next.method != MCP_HEAD) || (status < 303 && next.method == MCP_POST)) {
        next.method = MCP_GET;
        next.no_body = true;
    }
    has_body = !next.no_body && req->body.len > 0;
    if (next.elsewhere && has_body)
        return false;
    *target = next;
    return true;
}

static bool goes_elsewhere(mcp_str name)
{
    return mcp_str_eq_nocase(mcp_str_head(name, 6), MCP_STR("accept")) ||
           mcp_str_eq_nocase(name, MCP_STR("content-type")) ||
           mcp_str_eq_nocase(name, MCP_STR("user-agent"));
}

static bool append(struct curl_slist **list, const char *name, size_t name_len, mcp_str value)
{
    struct curl_slist *longer;
    char *line = malloc(name_len + value.len + 4);

    if (line == NULL)
        return false;
    memcpy(line, name, name_len);
    if (value.len == 0) {
        memcpy(line + name_len, ";", 2); /* libcurl's way to send an empty value */
    } else {
        memcpy(line + name_len, ": ", 2);
        memcpy(line + name_len + 2, value.ptr, value.len);
        line[name_len + 2 + value.len] = '\0';
    }
    longer = curl_slist_append(*list, line);
    free(line);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool is_given(const struct mcp_http_req *req, mcp_str name)
{
    for (size_t i = 0; i < req->n_headers; i++) {
        if (mcp_str_eq_nocase(req->headers[i].name, name))
            return true;
    }
    return false;
}

/* The trace context of the call, where the request has none of its own. */
static bool add_trace(struct mcp__transfer *t, const struct mcp_http_req *req)
{
    for (int i = 0; i < MCP_N_TRACE; i++) {
        mcp_str name = mcp__trace_names[i], value = t->group->call->trace[i];

        if (!mcp_str_is_null(value) && !is_given(req, name) &&
            !append(&t->headers, name.ptr, name.len, value))
            return false;
    }
    return true;
}

static bool add_headers(struct mcp__transfer *t, const struct mcp_http_req *req,
                        const struct mcp__target *target)
{
    bool has_type = false;
    struct curl_slist *first;

    /* No "Expect: 100-continue": it costs a second at servers that do not know it. */
    t->headers = curl_slist_append(NULL, "Expect:");
    if (t->headers == NULL)
        return false;
    for (size_t i = 0; i < req->n_headers; i++) {
        mcp_str name = req->headers[i].name;

        if (target->elsewhere && !goes_elsewhere(name))
            continue;
        has_type = has_type || mcp_str_eq_nocase(name, MCP_STR("content-type"));
        if (!append(&t->headers, name.ptr, name.len, req->headers[i].value))
            return false;
    }
    if (!target->elsewhere && !add_trace(t, req))
        return false;
    if (!has_type) {
        /* libcurl would call any body a form. */
        first = curl_slist_append(t->headers, "Content-Type:");
        if (first == NULL)
            return false;
    }
    return true;
}

struct mcp__transfer *mcp__request_transfer(const struct mcp_http_req *req,
                                            const struct mcp__target *target,
                                            struct mcp__group *group)
{
    struct mcp__transfer *t = mcp__transfer_new(group);

    if (t == NULL)
        return NULL;
    t->url = mcp_str_dup(target->url);
    t->host = mcp_str_dup(target->host);
    if (!target->no_body) {
        t->body = mcp_str_dup(req->body);
        t->body_len = req->body.len;
    }
    t->method = target->method;
    t->plain_http = target->plain_http;
    t->after_cancel = req->after_cancel;
    t->own_connection = target->method == MCP_POST && !req->retry_post;
    t->connect_timeout_ms =
        req->connect_timeout_ms == 0 ? DEFAULT_CONNECT_MS : req->connect_timeout_ms;
    t->max_body_bytes = req->max_body_bytes == 0 ? DEFAULT_BODY : req->max_body_bytes;
    if (req->on_piece != NULL)
        t->stream_type = mcp_str_dup(req->stream_type);
    if (t->url == NULL || t->host == NULL || (!target->no_body && t->body == NULL) ||
        (req->on_piece != NULL && t->stream_type == NULL) || !add_headers(t, req, target)) {
        mcp__transfer_unref(t);
        return NULL;
    }
    return t;
}
