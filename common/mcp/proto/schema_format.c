/* The values of "format" that are asserted; any other one is an annotation. */
#include "schema_node.h"

#include <mcp/date.h>

#include <arpa/inet.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* ---- dates ----------------------------------------------------------------------------------- */

static bool is_date(mcp_str s)
{
    int32_t date;

    return mcp_date_parse(s, &date) == 0;
}

/* RFC 3339 in its strict reading: the T, a zone, a leap second only where one can be (the last
 * second of a UTC day), no hour 24. */
static bool is_date_time(mcp_str s)
{
    const size_t hour_at = MCP_DATE_LEN + 1, second_at = MCP_DATE_LEN + 7;
    int64_t instant;

    if (mcp_instant_parse(s, false, &instant) < 0 || (s.ptr[MCP_DATE_LEN] | 0x20) != 't')
        return false;
    if (mcp_str_eq(mcp_str_n(s.ptr + hour_at, 2), MCP_STR("24")))
        return false;
    if (!mcp_str_eq(mcp_str_n(s.ptr + second_at, 2), MCP_STR("60")))
        return true;
    return instant % 86400 == 0; /* the parser has moved on to the next second */
}

/* ---- identifiers ----------------------------------------------------------------------------- */

/* RFC 4122, any version and variant. */
static bool is_uuid(mcp_str s)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";

    if (s.len != sizeof(form) - 1)
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (form[i] == '-' ? s.ptr[i] != '-' : !is_hex(s.ptr[i]))
            return false;
    }
    return true;
}

/* Only characters of RFC 3986: unreserved ones, sub-delims, those of `more`, %XX. */
static bool only(mcp_str s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (c == '%') {
            if (s.len - i < 3 || !is_hex(s.ptr[i + 1]) || !is_hex(s.ptr[i + 2]))
                return false;
            i += 2;
        } else if (!is_alpha(c) && !is_digit(c) &&
                   (c == '\0' ||
                    (strchr("-._~!$&'()*+,;=", c) == NULL && strchr(more, c) == NULL))) {
            return false;
        }
    }
    return true;
}

static bool is_scheme(mcp_str s)
{
    if (s.len == 0 || !is_alpha(s.ptr[0]))
        return false;
    for (size_t i = 1; i < s.len; i++) {
        char c = s.ptr[i];

        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.')
            return false;
    }
    return true;
}

/* What stands between the brackets: an IPv6 address, or the form for later versions. */
static bool is_ip_literal(mcp_str s)
{
    struct in6_addr addr;
    char text[INET6_ADDRSTRLEN];
    size_t dot = mcp_str_find(s, '.');

    if (s.len > 0 && (s.ptr[0] | 0x20) == 'v') {
        for (size_t i = 1; i < dot && i < s.len; i++) {
            if (!is_hex(s.ptr[i]))
                return false;
        }
        return dot > 1 && dot + 1 < s.len && mcp_str_find(s, '%') == s.len && only(s, ":");
    }
    if (s.len >= sizeof(text))
        return false;
    memcpy(text, s.ptr, s.len);
    text[s.len] = '\0';
    return inet_pton(AF_INET6, text, &addr) == 1;
}

/* [userinfo@]host[:port] */
static bool is_authority(mcp_str s)
{
    size_t at = mcp_str_find(s, '@'), end;

    if (at < s.len) {
        if (!only(mcp_str_n(s.ptr, at), ":"))
            return false;
        s = mcp_str_n(s.ptr + at + 1, s.len - at - 1);
    }
    if (s.len > 0 && s.ptr[0] == '[') {
        end = mcp_str_find(s, ']');
        if (end == s.len || !is_ip_literal(mcp_str_n(s.ptr + 1, end - 1)))
            return false;
        s = mcp_str_n(s.ptr + end + 1, s.len - end - 1);
        if (s.len > 0 && s.ptr[0] != ':')
            return false;
    } else {
        end = mcp_str_find(s, ':');
        if (!only(mcp_str_n(s.ptr, end), ""))
            return false;
        s = mcp_str_n(s.ptr + end, s.len - end);
    }
    for (size_t i = 1; i < s.len; i++) {
        if (!is_digit(s.ptr[i]))
            return false;
    }
    return true;
}

/* An absolute URI of RFC 3986, with or without a fragment. */
static bool is_uri(mcp_str s)
{
    mcp_str scheme, part;
    size_t end;

    if (!mcp_str_cut(&s, ':', &scheme) || !is_scheme(scheme))
        return false;
    mcp_str_cut(&s, '#', &part);
    if (!only(s, ":@/?"))
        return false;
    s = part;
    mcp_str_cut(&s, '?', &part);
    if (!only(s, ":@/?"))
        return false;
    if (!mcp_str_cut_prefix(&part, MCP_STR("//")))
        return only(part, ":@/");
    end = mcp_str_find(part, '/');
    return is_authority(mcp_str_n(part.ptr, end)) &&
           only(mcp_str_n(part.ptr + end, part.len - end), ":@/");
}

static const struct schema_format formats[] = {
    { "date", "must be a day that exists, written YYYY-MM-DD", is_date },
    { "date-time", "must be a date and time of RFC 3339, as 2026-01-31T12:00:00Z", is_date_time },
    { "uri", "must be a URI with its scheme, as https://example.com/a", is_uri },
    { "uuid", "must be a UUID, as 2eb8aa08-aa98-11ea-b4aa-73b441d16380", is_uuid },
};

const struct schema_format *mcp__schema_format(struct mcp_json name)
{
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        if (mcp_json_str_eq(name, mcp_str_z(formats[i].name)))
            return &formats[i];
    }
    return NULL;
}
