/* What the ways to a token share: secrets that are wiped, forms, answers of token endpoints. */
#include "oauth.h"

#include <mcp/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>

#define ATTEMPT_MS 15000
#define EARLY_MS 3000
#define RETRIES 2
#define ANSWER_MAX ((size_t)1 << 20)
#define SECRET_MAX ((size_t)1 << 20)
#define LIFETIME_MAX_S 43200 /* twelve hours, the longest that Google gives */
#define SAID_MAX 300 /* bytes of what a server says */

struct wiped {
    char *ptr;
    size_t len;
};

static void wipe(void *ptr)
{
    struct wiped *w = ptr;

    mcp_secret_wipe(w->ptr, w->len);
}

void gcp_wipe_later(struct mcp_arena *arena, mcp_str s)
{
    struct wiped *w;

    if (s.len == 0)
        return;
    w = MCP_ARENA_NEW(arena, struct wiped);
    w->ptr = (char *)(uintptr_t)s.ptr; /* ours, handed out as constant */
    w->len = s.len;
    mcp_arena_defer(arena, wipe, w);
}

mcp_str gcp_secret_printf(struct mcp_arena *arena, const char *fmt, ...)
{
    struct mcp_buf text;
    va_list ap;
    mcp_str out;

    mcp_buf_init(&text, SECRET_MAX);
    va_start(ap, fmt);
    mcp_buf_vprintf(&text, fmt, ap);
    va_end(ap);
    out = mcp_arena_str(arena, mcp_buf_view(&text));
    gcp_wipe_later(arena, out);
    if (text.ptr != NULL)
        mcp_secret_wipe(text.ptr, text.len);
    mcp_buf_release(&text);
    return out;
}

mcp_str gcp_secret_member(struct mcp_arena *arena, struct mcp_json object, mcp_str name)
{
    struct mcp_json member = mcp_json_get(object, name);
    mcp_str raw = mcp_json_raw(member), s = mcp_json_get_str(object, name, arena);

    /* Unescaped text is a copy; else it is part of a document that its owner wipes. */
    if (s.len > 0 && (s.ptr < raw.ptr || s.ptr >= raw.ptr + raw.len))
        gcp_wipe_later(arena, s);
    return s;
}

/* Into bytes, which has room for max + 1; the length, or -1. */
static ssize_t read_all(int fd, char *bytes, size_t max)
{
    size_t len = 0;

    while (len <= max) {
        ssize_t n = read(fd, bytes + len, max + 1 - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        len += (size_t)n;
    }
    return (ssize_t)len;
}

int gcp_read_secret_file(struct mcp_arena *arena, mcp_str path, size_t max, const char *what,
                         mcp_str *out, struct mcp_error *err)
{
    const char *z = mcp_str_cz(arena, path);
    char *bytes = malloc(max + 1);
    int fd = -1, rc = 0, saved;
    ssize_t n = -1;

    if (bytes == NULL)
        return mcp_error_set(err, MCP_ENOMEM, "no memory to read %s", what);
    errno = EINVAL;
    if (z != NULL)
        fd = open(z, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd >= 0)
        n = read_all(fd, bytes, max);
    saved = errno;
    if (n < 0)
        rc = mcp_error_set(err, MCP_ECONFIG, "cannot read %s %.*s: %s", what, MCP_STR_ARG(path),
                           strerror(saved));
    else if ((size_t)n > max)
        rc = mcp_error_set(err, MCP_ECONFIG, "%s %.*s is larger than %zu KiB", what,
                           MCP_STR_ARG(path), max / 1024);
    if (rc == 0) {
        *out = mcp_arena_str(arena, mcp_str_n(bytes, (size_t)n));
        gcp_wipe_later(arena, *out);
    }
    if (n > 0)
        mcp_secret_wipe(bytes, (size_t)n);
    if (fd >= 0)
        close(fd);
    free(bytes);
    return rc;
}

void gcp_form_put(struct mcp_buf *form, const char *name, mcp_str value)
{
    static const char hex[] = "0123456789ABCDEF";

    if (mcp_str_is_null(value))
        return;
    if (form->len > 0)
        mcp_buf_char(form, '&');
    mcp_buf_z(form, name);
    mcp_buf_char(form, '=');
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];

        if ((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
            c == '-' || c == '.' || c == '_' || c == '~') {
            mcp_buf_char(form, (char)c);
        } else {
            mcp_buf_char(form, '%');
            mcp_buf_char(form, hex[c >> 4]);
            mcp_buf_char(form, hex[c & 15]);
        }
    }
}

int gcp_unreachable(struct mcp_error *err)
{
    return mcp_error_next(err, "Check the way to that host (network, proxy, firewall, "
                               "gcp.endpoints), then ask again.");
}

mcp_str gcp_text_trim(mcp_str text)
{
    text = mcp_str_trim(text);
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    return text;
}

mcp_str gcp_url_host(mcp_str url)
{
    if (!mcp_str_cut_prefix_nocase(&url, MCP_STR("https://")))
        mcp_str_cut_prefix_nocase(&url, MCP_STR("http://"));
    url.len = mcp_str_find(url, '/');
    url.len = mcp_str_find(url, '?');
    return mcp_str_head(url, 120);
}

/* What the server says of its refusal: OAuth has {error, error_description}, Google's APIs {error:
 * {message}}. Control characters cannot be in it: it came through the JSON reader. */
static mcp_str said(struct mcp_arena *arena, struct mcp_json root, mcp_str *code)
{
    struct mcp_json error = mcp_json_get(root, MCP_STR("error"));
    mcp_str word = mcp_json_get_str(root, MCP_STR("error"), arena);
    mcp_str text = mcp_json_get_str(root, MCP_STR("error_description"), arena);

    if (mcp_json_type(error) == MCP_JSON_OBJECT) {
        word = mcp_json_get_str(error, MCP_STR("status"), arena);
        text = mcp_json_get_str(error, MCP_STR("message"), arena);
    }
    *code = word;
    if (text.len == 0)
        return word;
    return word.len == 0 ? text
                         : mcp_arena_printf(arena, "%.*s: %.*s", MCP_STR_ARG(word),
                                            MCP_STR_ARG(mcp_str_head(text, SAID_MAX)));
}

static int refused(struct mcp_call *call, const struct gcp_oauth_request *request,
                   const struct mcp_http_res *res, mcp_str *code, struct mcp_error *err)
{
    enum mcp_err kind = res->status == 403   ? MCP_EDENIED
                        : res->status == 429 ? MCP_EBUSY
                        : res->status >= 500 ? MCP_EUPSTREAM
                                             : MCP_EAUTH;
    struct mcp_arena *arena = mcp_call_arena(call);
    mcp_str host = gcp_url_host(request->url), text = MCP_STR_NULL;
    struct mcp_json root;

    if (mcp_json_parse(arena, res->body, NULL, &root, NULL) == 0)
        text = said(arena, root, code);
    if (text.len == 0)
        mcp_error_set(err, kind, "%.*s refused %s with HTTP status %d", MCP_STR_ARG(host),
                      request->what, res->status);
    else
        mcp_error_set(err, kind, "%.*s refused %s: %.*s (HTTP status %d)", MCP_STR_ARG(host),
                      request->what, MCP_STR_ARG(mcp_str_head(text, SAID_MAX)), res->status);
    if (kind == MCP_EUPSTREAM || kind == MCP_EBUSY)
        mcp_error_next(err, "Ask again in a minute; if it stays so, see "
                            "https://status.cloud.google.com.");
    return kind;
}

int gcp_oauth_ask(struct mcp_call *call, const struct gcp_oauth_request *request,
                  struct mcp_json *answer, mcp_str *code, struct mcp_error *err)
{
    struct mcp_arena *arena = mcp_call_arena(call);
    bool post = !mcp_str_is_null(request->form) || !mcp_str_is_null(request->json);
    struct mcp_http_header *headers =
        mcp_arena_alloc(arena, (request->n_headers + 2) * sizeof(*headers));
    struct mcp_http_req req = { .method = post ? MCP_POST : MCP_GET,
                                .url = request->url,
                                .headers = headers,
                                .body = post && mcp_str_is_null(request->form) ? request->json
                                                                               : request->form,
                                .timeout_ms = request->early ? EARLY_MS : ATTEMPT_MS,
                                .max_body_bytes = ANSWER_MAX,
                                .retries = request->early ? 0 : RETRIES,
                                .retry_post = true,
                                .allow_http = request->allow_http };
    struct mcp_http_res res;
    mcp_str word = MCP_STR_NULL;
    int rc;

    for (size_t i = 0; i < request->n_headers; i++)
        headers[req.n_headers++] = request->headers[i];
    headers[req.n_headers++] =
        (struct mcp_http_header){ MCP_STR("Accept"), MCP_STR("application/json") };
    if (post)
        headers[req.n_headers++] =
            (struct mcp_http_header){ MCP_STR("Content-Type"),
                                      mcp_str_is_null(request->form)
                                          ? MCP_STR("application/json")
                                          : MCP_STR("application/x-www-form-urlencoded") };
    rc = mcp_fetch(call, &req, &res, err);
    if (rc < 0) {
        gcp_unreachable(err);
        return rc;
    }
    gcp_wipe_later(arena, res.body);
    if (res.status < 200 || res.status > 299)
        rc = refused(call, request, &res, &word, err);
    else if (mcp_json_parse(arena, res.body, NULL, answer, NULL) < 0 ||
             mcp_json_type(*answer) != MCP_JSON_OBJECT) {
        rc = mcp_error_set(err, MCP_EUPSTREAM, "%.*s answered no JSON when asked for %s",
                           MCP_STR_ARG(gcp_url_host(request->url)), request->what);
        gcp_unreachable(err);
    }
    if (code != NULL)
        *code = word;
    return rc;
}

int gcp_oauth_token(struct mcp_call *call, struct mcp_json answer, const char *what,
                    struct gcp_token *out, struct mcp_error *err)
{
    mcp_str value = gcp_secret_member(mcp_call_arena(call), answer, MCP_STR("access_token"));
    int64_t lifetime = mcp_json_get_int64(answer, MCP_STR("expires_in"), 0);

    if (value.len == 0) {
        mcp_error_set(err, MCP_EUPSTREAM, "the answer to %s holds no access_token", what);
        return gcp_unreachable(err);
    }
    *out = (struct gcp_token){ .value = value,
                               .lifetime_s = lifetime < 0                ? 0
                                             : lifetime > LIFETIME_MAX_S ? LIFETIME_MAX_S
                                                                         : lifetime };
    return 0;
}
