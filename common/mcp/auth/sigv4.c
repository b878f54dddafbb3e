/* AWS Signature Version 4: canonical request, string to sign, derived key (docs.aws.amazon.com,
 * "Create a signed AWS API request"). */
#include "mcp/auth/sigv4.h"

#include "mcp/auth/crypto.h"

#include <mcp/buf.h>
#include <mcp/date.h>
#include <mcp/secret.h>

#include <stdlib.h>

#define MAX_HEADERS 64
#define MAX_PARAMETERS 256
#define MAX_BYTES ((size_t)1 << 20)
#define DATE_LEN 16 /* 20150830T123600Z */

struct pair {
    mcp_str name, value;
};

struct signer {
    const struct mcp_sigv4 *request; /* borrowed */
    struct mcp_arena *arena; /* borrowed */
    struct pair headers[MAX_HEADERS];
    size_t n_headers;
    char date[DATE_LEN + 1];
    mcp_str signed_names; /* "host;x-amz-date" */
};

static const char hex_lower[] = "0123456789abcdef", hex_upper[] = "0123456789ABCDEF";

static void put_hex(struct mcp_buf *out, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mcp_buf_char(out, hex_lower[bytes[i] >> 4]);
        mcp_buf_char(out, hex_lower[bytes[i] & 15]);
    }
}

static int put_sha256(struct mcp_buf *out, mcp_str data)
{
    unsigned char digest[MCP__SHA256_LEN];
    int rc = mcp__sha256(data, digest);

    if (rc == 0)
        put_hex(out, digest, sizeof(digest));
    return rc;
}

static bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

static void put_encoded(struct mcp_buf *out, mcp_str s, const char *keep)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (is_unreserved((char)c) || (c != '\0' && strchr(keep, c) != NULL)) {
            mcp_buf_char(out, (char)c);
        } else {
            mcp_buf_char(out, '%');
            mcp_buf_char(out, hex_upper[c >> 4]);
            mcp_buf_char(out, hex_upper[c & 15]);
        }
    }
}

/* Empty segments and "." go, ".." takes the segment before it along (RFC 3986 5.2.4); each is
 * encoded once more, because the path comes encoded already. */
static int put_path(struct signer *s, struct mcp_buf *out)
{
    mcp_str path = s->request->path, rest = path, segments[MAX_PARAMETERS], segment;
    bool more = true, slash = path.len > 0 && path.ptr[path.len - 1] == '/';
    size_t n = 0;

    if (s->request->keep_path) {
        put_encoded(out, path.len == 0 ? MCP_STR("/") : path, "/%");
        return 0;
    }
    while (more) {
        more = mcp_str_cut(&rest, '/', &segment);
        if (mcp_str_eq(segment, MCP_STR("..")) || mcp_str_eq(segment, MCP_STR("."))) {
            slash = slash || !more;
            n -= n > 0 && segment.len == 2;
        } else if (segment.len > 0) {
            if (n == MAX_PARAMETERS)
                return MCP_ETOOBIG;
            segments[n++] = segment;
        }
    }
    for (size_t i = 0; i < n; i++) {
        mcp_buf_char(out, '/');
        put_encoded(out, segments[i], "");
    }
    if (slash || n == 0)
        mcp_buf_char(out, '/');
    return 0;
}

static int by_name(const void *pa, const void *pb)
{
    const struct pair *a = pa, *b = pb;
    int d = mcp_str_cmp(a->name, b->name);

    return d != 0 ? d : mcp_str_cmp(a->value, b->value);
}

static mcp_str encoded(struct mcp_arena *arena, mcp_str s, const char *keep)
{
    struct mcp_buf text;
    mcp_str out;

    mcp_buf_init(&text, 3 * MAX_BYTES);
    put_encoded(&text, s, keep);
    out = mcp_arena_str(arena, mcp_buf_view(&text));
    mcp_buf_release(&text);
    return out;
}

/* Parameters in the order of their encoded names, then values. They come encoded, so '%' stays. */
static int put_query(struct signer *s, struct mcp_buf *out)
{
    struct pair *list = mcp_arena_alloc(s->arena, MAX_PARAMETERS * sizeof(*list));
    mcp_str rest = s->request->query, one, name;
    bool more = rest.len > 0;
    size_t n = 0;

    if (rest.len > MAX_BYTES)
        return MCP_ETOOBIG;
    while (more) {
        more = mcp_str_cut(&rest, '&', &one);
        if (n == MAX_PARAMETERS)
            return MCP_ETOOBIG;
        mcp_str_cut(&one, '=', &name);
        list[n].name = encoded(s->arena, name, "%");
        list[n++].value = encoded(s->arena, one, "%");
    }
    qsort(list, n, sizeof(*list), by_name);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            mcp_buf_char(out, '&');
        mcp_buf_str(out, list[i].name);
        mcp_buf_char(out, '=');
        mcp_buf_str(out, list[i].value);
    }
    return 0;
}

static mcp_str lower(struct mcp_arena *arena, mcp_str s)
{
    char *out = mcp_arena_alloc(arena, s.len + 1);

    for (size_t i = 0; i < s.len; i++)
        out[i] = (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + ('a' - 'A') : s.ptr[i]);
    return mcp_str_n(out, s.len);
}

/* Without blanks at the ends, and one for each run inside. */
static mcp_str squeeze(struct mcp_arena *arena, mcp_str s)
{
    char *out = mcp_arena_alloc(arena, s.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i] == '\t' || s.ptr[i] == '\n' || s.ptr[i] == '\r' ? ' ' : s.ptr[i];

        if (c != ' ' || (n > 0 && out[n - 1] != ' '))
            out[n++] = c;
    }
    return mcp_str_n(out, n - (n > 0 && out[n - 1] == ' '));
}

static int add_header(struct signer *s, mcp_str name, mcp_str value)
{
    if (s->n_headers == MAX_HEADERS)
        return MCP_ETOOBIG;
    if (name.len == 0 || name.len > MAX_BYTES || value.len > MAX_BYTES)
        return MCP_EINVAL;
    s->headers[s->n_headers++] = (struct pair){ lower(s->arena, name), squeeze(s->arena, value) };
    return 0;
}

/* By name; values of one name keep the order in which they came. */
static void sort_headers(struct signer *s)
{
    for (size_t i = 1; i < s->n_headers; i++) {
        struct pair one = s->headers[i];
        size_t at = i;

        for (; at > 0 && mcp_str_cmp(s->headers[at - 1].name, one.name) > 0; at--)
            s->headers[at] = s->headers[at - 1];
        s->headers[at] = one;
    }
}

static int collect_headers(struct signer *s)
{
    const struct mcp_sigv4 *r = s->request;
    int rc = add_header(s, MCP_STR("host"), r->host);

    if (rc == 0)
        rc = add_header(s, MCP_STR("x-amz-date"), mcp_str_n(s->date, DATE_LEN));
    if (rc == 0 && !mcp_str_is_null(r->session_token))
        rc = add_header(s, MCP_STR("x-amz-security-token"), r->session_token);
    for (size_t i = 0; rc == 0 && i < r->n_headers; i++)
        rc = add_header(s, r->headers[i].name, r->headers[i].value);
    sort_headers(s);
    return rc;
}

static void put_headers(struct signer *s, struct mcp_buf *out, struct mcp_buf *names)
{
    for (size_t i = 0; i < s->n_headers; i++) {
        bool again = i > 0 && mcp_str_eq(s->headers[i].name, s->headers[i - 1].name);

        if (again) {
            out->len--; /* the line goes on */
            mcp_buf_char(out, ',');
        } else {
            mcp_buf_str(out, s->headers[i].name);
            mcp_buf_char(out, ':');
            if (i > 0)
                mcp_buf_char(names, ';');
            mcp_buf_str(names, s->headers[i].name);
        }
        mcp_buf_str(out, s->headers[i].value);
        mcp_buf_char(out, '\n');
    }
}

static int canonical(struct signer *s, mcp_str *out)
{
    struct mcp_buf text, names;
    int rc;

    mcp_buf_init(&text, 4 * MAX_BYTES);
    mcp_buf_init(&names, MAX_BYTES);
    mcp_buf_str(&text, s->request->method);
    mcp_buf_char(&text, '\n');
    rc = put_path(s, &text);
    mcp_buf_char(&text, '\n');
    if (rc == 0)
        rc = put_query(s, &text);
    mcp_buf_char(&text, '\n');
    if (rc == 0)
        rc = collect_headers(s);
    if (rc == 0)
        put_headers(s, &text, &names);
    mcp_buf_char(&text, '\n');
    mcp_buf_str(&text, mcp_buf_view(&names));
    mcp_buf_char(&text, '\n');
    if (rc == 0)
        rc = put_sha256(&text, s->request->body);
    if (rc == 0)
        rc = mcp_buf_error(&text) < 0 ? mcp_buf_error(&text) : mcp_buf_error(&names);
    if (rc == 0) {
        *out = mcp_arena_str(s->arena, mcp_buf_view(&text));
        s->signed_names = mcp_arena_str(s->arena, mcp_buf_view(&names));
    }
    mcp_buf_release(&text);
    mcp_buf_release(&names);
    return rc;
}

/* HMAC after HMAC over day, region, service and the last word; keys are wiped. */
static int derive(const struct signer *s, unsigned char key[MCP__SHA256_LEN])
{
    const mcp_str steps[] = { mcp_str_n(s->date, 8), s->request->region, s->request->service,
                              MCP_STR("aws4_request") };
    struct mcp_buf first;
    mcp_str with;
    int rc = 0;

    mcp_buf_init(&first, MAX_BYTES);
    mcp_buf_z(&first, "AWS4");
    mcp_buf_str(&first, s->request->secret_key);
    rc = mcp_buf_error(&first);
    with = mcp_buf_view(&first);
    for (size_t i = 0; rc == 0 && i < sizeof(steps) / sizeof(steps[0]); i++) {
        rc = mcp__hmac_sha256(with, steps[i], key);
        with = mcp_str_n((const char *)key, MCP__SHA256_LEN);
    }
    if (first.ptr != NULL)
        mcp_secret_wipe(first.ptr, first.len);
    mcp_buf_release(&first);
    return rc;
}

static int sign(struct signer *s, mcp_str scope, struct mcp_sigv4_signed *out)
{
    unsigned char key[MCP__SHA256_LEN], mac[MCP__SHA256_LEN];
    char hash[2 * MCP__SHA256_LEN + 1];
    struct mcp_buf hex;
    int rc;

    mcp_buf_init(&hex, sizeof(hash));
    rc = put_sha256(&hex, out->canonical_request);
    if (rc == 0)
        out->string_to_sign =
            mcp_arena_printf(s->arena, "AWS4-HMAC-SHA256\n%s\n%.*s\n%.*s", s->date,
                             MCP_STR_ARG(scope), MCP_STR_ARG(mcp_buf_view(&hex)));
    if (rc == 0)
        rc = derive(s, key);
    if (rc == 0)
        rc = mcp__hmac_sha256(mcp_str_n((const char *)key, sizeof(key)), out->string_to_sign, mac);
    mcp_secret_wipe(key, sizeof(key));
    mcp_buf_clear(&hex);
    if (rc == 0) {
        put_hex(&hex, mac, sizeof(mac));
        out->authorization = mcp_arena_printf(
            s->arena, "AWS4-HMAC-SHA256 Credential=%.*s/%.*s, SignedHeaders=%.*s, Signature=%.*s",
            MCP_STR_ARG(s->request->access_key), MCP_STR_ARG(scope), MCP_STR_ARG(s->signed_names),
            MCP_STR_ARG(mcp_buf_view(&hex)));
    }
    mcp_buf_release(&hex);
    return rc;
}

/* 2015-08-30T12:36:00Z without its punctuation. */
static void format_date(int64_t at, char out[DATE_LEN + 1])
{
    char text[MCP_INSTANT_LEN + 1];
    size_t n = 0;

    mcp_instant_format(at, text);
    for (const char *c = text; *c != '\0'; c++) {
        if (*c != '-' && *c != ':')
            out[n++] = *c;
    }
    out[n] = '\0';
}

int mcp__sigv4_sign(const struct mcp_sigv4 *request, struct mcp_arena *arena,
                    struct mcp_sigv4_signed *out, struct mcp_error *err)
{
    struct signer *s = MCP_ARENA_NEW(arena, struct signer);
    struct mcp_sigv4_signed made = { .date = MCP_STR_NULL };
    mcp_str scope;
    int rc;

    s->request = request;
    s->arena = arena;
    format_date(request->at, s->date);
    scope = mcp_arena_printf(arena, "%.8s/%.*s/%.*s/aws4_request", s->date,
                             MCP_STR_ARG(request->region), MCP_STR_ARG(request->service));
    rc = canonical(s, &made.canonical_request);
    if (rc == 0)
        rc = sign(s, scope, &made);
    mcp__crypto_thread_done();
    if (rc < 0)
        return mcp_error_set(err, (enum mcp_err)rc, "the request cannot be signed for AWS: %s",
                             rc == MCP_ETOOBIG ? "it has too many parts" : mcp_err_name(rc));
    made.date = mcp_arena_str(arena, mcp_str_n(s->date, DATE_LEN));
    *out = made;
    return 0;
}
