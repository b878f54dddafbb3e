/* Borrowed ranges of bytes: comparing, cutting, UTF-8, distance and hash. */
#include <mcp/str.h>

#include "utf8.h"

#define XXH_INLINE_ALL
#include <stdlib.h>
#include <xxhash.h>

#define DISTANCE_MAX_LEN 64

static unsigned char fold(char c)
{
    return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}

bool mcp_str_eq_nocase(mcp_str a, mcp_str b)
{
    if (a.len != b.len || (a.len > 0 && fold(a.ptr[0]) != fold(b.ptr[0])))
        return false;
    if (mcp_str_eq(a, b))
        return true; /* as mostly */
    for (size_t i = 0; i < a.len; i++) {
        if (fold(a.ptr[i]) != fold(b.ptr[i]))
            return false;
    }
    return true;
}

int mcp_str_cmp(mcp_str a, mcp_str b)
{
    size_t n = a.len < b.len ? a.len : b.len;
    int order = n == 0 ? 0 : memcmp(a.ptr, b.ptr, n);

    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

bool mcp_str_starts(mcp_str s, mcp_str prefix)
{
    return s.len >= prefix.len && mcp_str_eq(mcp_str_n(s.ptr, prefix.len), prefix);
}

bool mcp_str_ends(mcp_str s, mcp_str suffix)
{
    if (suffix.len == 0)
        return true;
    return s.len >= suffix.len &&
           mcp_str_eq(mcp_str_n(s.ptr + (s.len - suffix.len), suffix.len), suffix);
}

/* A missing value has no address to move from. */
static void skip(mcp_str *s, size_t n)
{
    if (n > 0) {
        s->ptr += n;
        s->len -= n;
    }
}

bool mcp_str_cut_prefix(mcp_str *s, mcp_str prefix)
{
    if (!mcp_str_starts(*s, prefix))
        return false;
    skip(s, prefix.len);
    return true;
}

bool mcp_str_cut_prefix_nocase(mcp_str *s, mcp_str prefix)
{
    if (s->len < prefix.len || !mcp_str_eq_nocase(mcp_str_n(s->ptr, prefix.len), prefix))
        return false;
    skip(s, prefix.len);
    return true;
}

bool mcp_str_cut(mcp_str *s, char sep, mcp_str *head)
{
    size_t at = mcp_str_find(*s, sep);

    *head = mcp_str_n(s->ptr, at);
    if (at == s->len) {
        *s = MCP_STR_NULL;
        return false;
    }
    skip(s, at + 1);
    return true;
}

char *mcp_str_dup(mcp_str s)
{
    char *copy = malloc(s.len + 1);

    if (copy == NULL)
        return NULL;
    if (s.len > 0)
        memcpy(copy, s.ptr, s.len);
    copy[s.len] = '\0';
    return copy;
}

mcp_str mcp_str_trim(mcp_str s)
{
    while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
        skip(&s, 1);
    while (s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
        s.len--;
    return s;
}

mcp_str mcp_str_head(mcp_str s, size_t max)
{
    if (s.len <= max)
        return s;
    return mcp_str_n(s.ptr, mcp__utf8_whole(s.ptr, max));
}

size_t mcp_str_find(mcp_str s, char c)
{
    const char *at = s.len == 0 ? NULL : memchr(s.ptr, c, s.len);

    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

int mcp_str_int64(mcp_str s, int64_t *out)
{
    bool minus = s.len > 0 && s.ptr[0] == '-';
    uint64_t limit = minus ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;

    if (minus)
        skip(&s, 1);
    if (s.len == 0)
        return -1;
    for (size_t i = 0; i < s.len; i++) {
        unsigned digit = (unsigned)((unsigned char)s.ptr[i] - '0');

        if (digit > 9 || value > (limit - digit) / 10)
            return -1;
        value = value * 10 + digit;
    }
    /* Negated as unsigned: INT64_MIN has no positive twin. */
    *out = minus ? (int64_t)(0 - value) : (int64_t)value;
    return 0;
}

bool mcp_str_is_utf8(mcp_str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    const unsigned char *end = s.len == 0 ? p : p + s.len;

    while (p < end) {
        uint64_t word;
        size_t n;

        if (end - p >= 8) {
            memcpy(&word, p, 8);
            if ((word & 0x8080808080808080U) == 0) {
                p += 8;
                continue;
            }
        }
        n = mcp__utf8_len(p, end);
        if (n == 0)
            return false;
        p += n;
    }
    return true;
}

unsigned mcp_str_distance(mcp_str a, mcp_str b, unsigned max)
{
    unsigned row[DISTANCE_MAX_LEN + 1];

    if (a.len > DISTANCE_MAX_LEN || b.len > DISTANCE_MAX_LEN)
        return max + 1;
    for (unsigned j = 0; j <= b.len; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a.len; i++) {
        unsigned diagonal = row[0];
        unsigned best = i;

        row[0] = i;
        for (unsigned j = 1; j <= b.len; j++) {
            unsigned change = diagonal + (fold(a.ptr[i - 1]) != fold(b.ptr[j - 1]));
            unsigned step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = change < step ? change : step;
            if (row[j] < best)
                best = row[j];
        }
        if (best > max)
            return max + 1;
    }
    return row[b.len] > max ? max + 1 : row[b.len];
}

uint64_t mcp_str_hash(mcp_str s)
{
    return XXH3_64bits(s.len == 0 ? "" : s.ptr, s.len);
}
