/* One well-formed UTF-8 sequence at a time, for those who walk bytes themselves. */
#ifndef MCP_BASE_UTF8_H
#define MCP_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* The length (1..4) of the well-formed sequence at p by RFC 3629 table 3-7, or 0 when the bytes
 * before end do not begin with one. p < end. */
static inline size_t mcp__utf8_len(const unsigned char *p, const unsigned char *end)
{
    size_t left = (size_t)(end - p);
    unsigned char c = p[0];
    unsigned char low = 0x80, high = 0xBF; /* bounds of the second byte */

    if (c < 0x80)
        return 1;
    if (c < 0xC2 || c > 0xF4)
        return 0;
    if (c < 0xE0)
        return left >= 2 && (p[1] & 0xC0) == 0x80 ? 2 : 0;
    if (c < 0xF0) {
        if (c == 0xE0)
            low = 0xA0;
        if (c == 0xED)
            high = 0x9F; /* surrogates are no characters */
        return left >= 3 && p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 ? 3 : 0;
    }
    if (c == 0xF0)
        low = 0x90;
    if (c == 0xF4)
        high = 0x8F;
    return left >= 4 && p[1] >= low && p[1] <= high && (p[2] & 0xC0) == 0x80 &&
                   (p[3] & 0xC0) == 0x80
               ? 4
               : 0;
}

/* len without the sequence that begins near the end of the bytes and is not whole: where text may
 * be cut. Bytes that are no UTF-8 are cut at most three before len. */
static inline size_t mcp__utf8_whole(const char *bytes, size_t len)
{
    const unsigned char *p = (const unsigned char *)bytes;

    for (size_t back = 1; back <= 4 && back <= len; back++) {
        if ((p[len - back] & 0xC0) == 0x80)
            continue;
        return mcp__utf8_len(p + len - back, p + len) == back ? len : len - back;
    }
    return len;
}

#endif
