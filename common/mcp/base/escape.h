/* JSON strings: which bytes stand for themselves, and how the others are written. */
#ifndef MCP_BASE_ESCAPE_H
#define MCP_BASE_ESCAPE_H

#include <mcp/buf.h>
#include <mcp/str.h>

/* The high bit of each byte of word that is below 0x20, '"', '\\' or 0x80 and above. Bytes above a
 * marked one may be marked wrongly (a borrow runs upwards), the lowest mark is always right. */
static inline uint64_t mcp__json_special(uint64_t word)
{
    const uint64_t ones = 0x0101010101010101U, highs = 0x8080808080808080U;
    uint64_t quote = word ^ (ones * '"');
    uint64_t slash = word ^ (ones * '\\');

    return ((word - ones * 0x20) | (quote - ones) | (slash - ones) | word) & highs;
}

/* The first byte from p on that does not stand for itself, or end. */
static inline const char *mcp__json_plain(const char *p, const char *end)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    while (end - p >= 8) {
        uint64_t word, special;

        memcpy(&word, p, 8);
        special = mcp__json_special(word);
        if (special != 0)
            return p + (__builtin_ctzll(special) >> 3);
        p += 8;
    }
#endif
    while (p < end && (unsigned char)*p >= 0x20 && (unsigned char)*p < 0x80 && *p != '"' &&
           *p != '\\')
        p++;
    return p;
}

/* s without quotes around it. Bytes that are no UTF-8 become U+FFFD each, U+2028 and U+2029 stay.
 */
void mcp__json_escape(struct mcp_buf *buf, mcp_str s);
/* The same in quotes; before and behind them one byte each, or 0 for none. */
void mcp__json_quoted(struct mcp_buf *buf, char before, mcp_str s, char behind);

#endif
