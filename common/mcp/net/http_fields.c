/* The head of one HTTP request as it comes in: the few headers we know, bounded, doubles refused. */
#include "mcp/net/http_fields.h"

#include "mcp/base/copy.h"

#define FIELD_OTHER (-1)
#define FIELD_PARAM (-2)
#define PARAM_PREFIX MCP_STR("mcp-param-")

static const struct {
    mcp_str name; /* lower case */
    bool once; /* a second one is an attack on somebody who reads the other */
} fields[MCP_N_FIELDS] = {
    [MCP_FIELD_ACCEPT] = { { "accept", 6 }, false },
    [MCP_FIELD_AUTHORIZATION] = { { "authorization", 13 }, true },
    [MCP_FIELD_CONTENT_LENGTH] = { { "content-length", 14 }, true },
    [MCP_FIELD_CONTENT_TYPE] = { { "content-type", 12 }, true },
    [MCP_FIELD_EXPECT] = { { "expect", 6 }, true },
    [MCP_FIELD_HOST] = { { "host", 4 }, true },
    [MCP_FIELD_LAST_EVENT_ID] = { { "last-event-id", 13 }, true },
    [MCP_FIELD_MCP_METHOD] = { { "mcp-method", 10 }, true },
    [MCP_FIELD_MCP_NAME] = { { "mcp-name", 8 }, true },
    [MCP_FIELD_MCP_VERSION] = { { "mcp-protocol-version", 20 }, true },
    [MCP_FIELD_ORIGIN] = { { "origin", 6 }, true },
    [MCP_FIELD_SESSION] = { { "mcp-session-id", 14 }, true },
    [MCP_FIELD_TRACEPARENT] = { { "traceparent", 11 }, true },
    [MCP_FIELD_TRANSFER_ENCODING] = { { "transfer-encoding", 17 }, true },
    [MCP_FIELD_REQUEST_ID] = { { "x-request-id", 12 }, true },
};

void mcp__fields_init(struct mcp_http_fields *f, size_t limit)
{
    memset(f, 0, sizeof(*f));
    mcp_buf_init(&f->bytes, limit + 1);
    f->limit = limit;
}

void mcp__fields_release(struct mcp_http_fields *f)
{
    mcp_buf_release(&f->bytes);
}

void mcp__fields_clear(struct mcp_http_fields *f)
{
    mcp_buf_clear(&f->bytes);
    memset(f->known, 0, sizeof(f->known));
    f->total = 0;
    f->n_params = 0;
    f->url_len = 0;
    f->name_len = 0;
    f->current = FIELD_OTHER;
    f->twice = NULL;
    f->too_long = false;
    f->closed = false;
}

void mcp__fields_close(struct mcp_http_fields *f)
{
    f->closed = true;
}

/* Every byte of the head counts, with what stands between them. */
static int count(struct mcp_http_fields *f, size_t n)
{
    if (n > f->limit - f->total) {
        f->too_long = true;
        return -1;
    }
    f->total += n;
    return 0;
}

int mcp__fields_url(struct mcp_http_fields *f, const char *at, size_t n)
{
    if (count(f, n) != 0)
        return -1;
    mcp_buf_put(&f->bytes, at, n);
    f->url_len += (uint32_t)n;
    return 0;
}

int mcp__fields_name(struct mcp_http_fields *f, const char *at, size_t n)
{
    if (count(f, n) != 0)
        return -1;
    if (n > sizeof(f->name) - f->name_len)
        n = sizeof(f->name) - f->name_len; /* longer than any that we know */
    if (n > 0)
        memcpy(f->name + f->name_len, at, n);
    f->name_len += n;
    return 0;
}

/* A to Z to lower case, eight bytes at once, up to the border behind the name. */
static void fold_name(struct mcp_http_fields *f)
{
    const uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;

    for (size_t i = 0; i < f->name_len; i += 8) {
        uint64_t word, low, upper;

        memcpy(&word, f->name + i, 8);
        low = word & ~highs;
        /* The high bit of a byte: it is ASCII, from 'A' on, and not behind 'Z'. */
        upper = (low + ones * (0x80 - 'A')) & ~(low + ones * (0x7f - 'Z')) & ~word & highs;
        word |= upper >> 2;
        memcpy(f->name + i, &word, 8);
    }
}

static int known_field(mcp_str name)
{
    for (int i = 0; i < MCP_N_FIELDS; i++) {
        if (name.len == fields[i].name.len && mcp__same(name.ptr, fields[i].name.ptr, name.len))
            return i;
    }
    return FIELD_OTHER;
}

void mcp__fields_name_end(struct mcp_http_fields *f)
{
    mcp_str name = mcp_str_n(f->name, f->name_len);

    fold_name(f);
    f->current = f->closed ? FIELD_OTHER : known_field(name);
    if (f->current >= 0) {
        if (f->known[f->current].seen && fields[f->current].once)
            f->twice = fields[f->current].name.ptr;
    } else if (!f->closed && mcp_str_starts(name, PARAM_PREFIX) && f->name_len < sizeof(f->name) &&
               f->n_params < MCP_FIELD_PARAMS_MAX) {
        name = mcp_str_n(f->name + PARAM_PREFIX.len, f->name_len - PARAM_PREFIX.len);
        if (!mcp_str_is_null(mcp__fields_param(f, name)))
            f->twice = "mcp-param-*";
        f->current = FIELD_PARAM;
        f->params[f->n_params].name = (uint32_t)f->bytes.len;
        f->params[f->n_params].name_len = (uint32_t)name.len;
        mcp_buf_str(&f->bytes, name);
    }
    f->name_len = 0;
    f->value_at = (uint32_t)f->bytes.len;
    if (count(f, 4) != 0) /* ": " and CRLF */
        f->current = FIELD_OTHER;
}

int mcp__fields_value(struct mcp_http_fields *f, const char *at, size_t n)
{
    if (count(f, n) != 0)
        return -1;
    if (f->current != FIELD_OTHER)
        mcp_buf_put(&f->bytes, at, n);
    return 0;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

void mcp__fields_value_end(struct mcp_http_fields *f)
{
    uint32_t at = f->value_at, end = (uint32_t)f->bytes.len;

    while (at < end && is_blank(f->bytes.ptr[at]))
        at++;
    while (at < end && is_blank(f->bytes.ptr[end - 1]))
        end--;
    if (f->current >= 0 && !f->known[f->current].seen) {
        f->known[f->current].at = at;
        f->known[f->current].len = end - at;
        f->known[f->current].seen = true;
    } else if (f->current == FIELD_PARAM) {
        f->params[f->n_params].value = at;
        f->params[f->n_params].value_len = end - at;
        f->n_params++;
    }
    f->current = FIELD_OTHER;
}

/* Also of an empty buffer: present and empty is not missing. */
static mcp_str view(const struct mcp_http_fields *f, uint32_t at, uint32_t len)
{
    return len == 0 ? MCP_STR("") : mcp_str_n(f->bytes.ptr + at, len);
}

mcp_str mcp__fields_get(const struct mcp_http_fields *f, enum mcp_field field)
{
    if (!f->known[field].seen)
        return MCP_STR_NULL;
    return view(f, f->known[field].at, f->known[field].len);
}

mcp_str mcp__fields_param(const struct mcp_http_fields *f, mcp_str name)
{
    for (unsigned i = 0; i < f->n_params; i++) {
        if (mcp_str_eq_nocase(view(f, f->params[i].name, f->params[i].name_len), name))
            return view(f, f->params[i].value, f->params[i].value_len);
    }
    return MCP_STR_NULL;
}

mcp_str mcp__fields_target(const struct mcp_http_fields *f)
{
    return view(f, 0, f->url_len);
}

bool mcp__host_split(mcp_str value, mcp_str *host)
{
    mcp_str rest, port;

    if (!mcp_str_cut_prefix_nocase(&value, MCP_STR("http://")))
        mcp_str_cut_prefix_nocase(&value, MCP_STR("https://"));
    if (value.len > 0 && value.ptr[0] == '[') {
        size_t end = mcp_str_find(value, ']');

        if (end == value.len)
            return false;
        *host = mcp_str_n(value.ptr + 1, end - 1);
        rest = mcp_str_n(value.ptr + end + 1, value.len - end - 1);
    } else {
        size_t end = mcp_str_find(value, ':');

        *host = mcp_str_n(value.ptr, end);
        rest = mcp_str_n(value.ptr + end, value.len - end);
    }
    if (host->len == 0)
        return false;
    if (rest.len == 0)
        return true;
    port = mcp_str_n(rest.ptr + 1, rest.len - 1);
    if (rest.ptr[0] != ':' || port.len > 5)
        return false;
    for (size_t i = 0; i < port.len; i++) {
        if (port.ptr[i] < '0' || port.ptr[i] > '9')
            return false;
    }
    return true;
}

bool mcp__host_is_loopback(mcp_str host)
{
    return mcp_str_eq_nocase(host, MCP_STR("localhost")) ||
           mcp_str_eq(host, MCP_STR("127.0.0.1")) || mcp_str_eq(host, MCP_STR("::1"));
}

bool mcp__accepts(mcp_str accept, mcp_str type)
{
    bool all = mcp_str_is_null(accept);
    bool more = !all;
    mcp_str major = type;

    major.len = mcp_str_find(type, '/');
    while (!all && more) {
        mcp_str item, media;

        more = mcp_str_cut(&accept, ',', &item);
        mcp_str_cut(&item, ';', &media);
        media = mcp_str_trim(media);
        all = mcp_str_eq(media, MCP_STR("*/*")) || mcp_str_eq_nocase(media, type) ||
              (media.len == major.len + 2 && mcp_str_ends(media, MCP_STR("/*")) &&
               mcp_str_eq_nocase(mcp_str_n(media.ptr, major.len), major));
    }
    return all;
}
