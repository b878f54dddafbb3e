/* Amounts and instants of CSV fields, fast for the forms that exports really have. */
#include "field_parse.h"

#include <mcp/date.h>

static const uint64_t powers[COST_MONEY_SCALE + 1] = {
    1u,
    10u,
    100u,
    1000u,
    10000u,
    100000u,
    1000000u,
    10000000u,
    100000000u,
    1000000000u,
    10000000000u,
    100000000000u,
    1000000000000u,
    10000000000000u,
    100000000000000u,
    1000000000000000u,
    10000000000000000u,
    100000000000000000u,
    1000000000000000000u,
};

/* Sign, digits and a fraction of together at most 18 digits: false for anything else. */
static bool plain_money(mcp_str s, struct cost_money *out, uint8_t *decimals)
{
    const char *p = s.ptr, *stop = s.ptr + s.len;
    bool negative = false, point = false;
    uint64_t value = 0, kept = 0; /* kept: without the zeros at the end of the fraction */
    unsigned digits = 0, behind = 0, kept_behind = 0;

    if (p < stop && *p == '-') {
        negative = true;
        p++;
    }
    for (; p < stop; p++) {
        unsigned d = (unsigned)((unsigned char)*p - '0');

        if (d > 9) {
            if (*p != '.' || point || digits == 0)
                return false;
            point = true;
            kept = value;
            continue;
        }
        value = value * 10 + d;
        if (++digits > 18)
            return false;
        if (point) {
            behind++;
            if (d != 0) {
                kept = value;
                kept_behind = behind;
            }
        }
    }
    if (digits == 0 || (point && behind == 0))
        return false;
    if (!point)
        kept = value;
    out->units = (__int128)kept * (__int128)powers[COST_MONEY_SCALE - kept_behind];
    if (negative)
        out->units = -out->units;
    *decimals = (uint8_t)kept_behind;
    return true;
}

int cost__field_money(mcp_str s, struct cost_money *out, uint8_t *decimals, uint64_t *rounded)
{
    struct cost_money m;
    int rc;

    *rounded = 0;
    if (plain_money(s, out, decimals))
        return 0;
    rc = cost_money_parse(mcp_str_trim(s), out, rounded);
    if (rc != 0)
        return rc;
    m = *out;
    *decimals = m.units == 0 ? 0 : COST_MONEY_SCALE;
    while (*decimals > 0 && m.units % 10 == 0) {
        m.units /= 10;
        (*decimals)--;
    }
    return 0;
}

static int two(const char *p)
{
    unsigned a = (unsigned)((unsigned char)p[0] - '0'), b = (unsigned)((unsigned char)p[1] - '0');

    return a > 9 || b > 9 ? -1 : (int)(a * 10 + b);
}

/* What may stand behind the time, as seconds to take away: "", Z, UTC, +hh:mm. */
static int zone_of(mcp_str s, int64_t *offset)
{
    int h, m;

    *offset = 0;
    s = mcp_str_trim(s);
    if (s.len == 0 || (s.len == 1 && (s.ptr[0] == 'Z' || s.ptr[0] == 'z')) ||
        mcp_str_eq_nocase(s, MCP_STR("UTC")))
        return 0;
    if (s.len < 5 || s.len > 6 || (s.ptr[0] != '+' && s.ptr[0] != '-') ||
        (s.len == 6 && s.ptr[3] != ':'))
        return -1;
    h = two(s.ptr + 1);
    m = two(s.ptr + s.len - 2);
    if (h < 0 || h > 23 || m < 0 || m > 59)
        return -1;
    *offset = (int64_t)(h * 60 + m) * 60 * (s.ptr[0] == '-' ? -1 : 1);
    return 0;
}

int cost__field_instant(mcp_str s, int64_t *out)
{
    int32_t day;
    int h, m, sec = 0;
    size_t at = 16;
    int64_t offset;

    s = mcp_str_trim(s);
    if (s.len < 16)
        return mcp_instant_parse(s, true, out);
    if (mcp_date_parse(mcp_str_n(s.ptr, 10), &day) != 0 ||
        (s.ptr[10] != 'T' && s.ptr[10] != ' ' && s.ptr[10] != 't') || s.ptr[13] != ':')
        return -1;
    h = two(s.ptr + 11);
    m = two(s.ptr + 14);
    if (at + 3 <= s.len && s.ptr[at] == ':') {
        sec = two(s.ptr + at + 1);
        at += 3;
        if (at < s.len && s.ptr[at] == '.') {
            at++;
            while (at < s.len && s.ptr[at] >= '0' && s.ptr[at] <= '9')
                at++;
        }
    }
    /* 24:00:00 and a leap second are the next second. */
    if (h < 0 || h > 24 || m < 0 || m > 59 || sec < 0 || sec > 60 ||
        (h == 24 && (m > 0 || sec > 0)))
        return -1;
    if (zone_of(mcp_str_n(s.ptr + at, s.len - at), &offset) != 0)
        return -1;
    *out = (int64_t)day * 86400 + h * 3600 + m * 60 + sec - offset;
    return 0;
}
