/* JSON strings: which bytes stand for themselves, and how the others are written. */
#ifndef MCP_BASE_ESCAPE_H
#define MCP_BASE_ESCAPE_H

#include <mcp/buf.h>
#include <mcp/str.h>

/* Sixteen bytes at once, on any machine: the compiler has instructions for it or makes do without. */
typedef signed char mcp__bytes16 __attribute__((vector_size(16)));
typedef char mcp__chars16 __attribute__((vector_size(16)));

static inline mcp__bytes16 mcp__load16(const char *p)
{
    mcp__bytes16 x;

    memcpy(&x, p, sizeof(x));
    return x;
}

/* All bits of each byte that stands for itself: no '"', '\\', control character, only ASCII. */
static inline mcp__bytes16 mcp__json_itself(mcp__bytes16 x)
{
    /* Signed, so that 0x80 and on are below; "greater" is an instruction, "less" is two. */
    return (mcp__bytes16)((x > ' ' - 1) & ~((x == '"') | (x == '\\')));
}

/* Bit i: byte i of what the function above gives. */
static inline unsigned mcp__mask16(mcp__bytes16 hit)
{
#ifdef __SSE2__
    return (unsigned)__builtin_ia32_pmovmskb128((mcp__chars16)hit);
#else
    unsigned mask = 0;

    for (unsigned i = 0; i < 16; i++)
        mask |= (unsigned)(hit[i] & 1) << i;
    return mask;
#endif
}

#define MCP__ALL16 0xffffU /* of the mask */

static inline bool mcp__json_is_plain(char c)
{
    return (signed char)c >= ' ' && c != '"' && c != '\\';
}

/* The first byte from p on that does not stand for itself, or end. */
static inline const char *mcp__json_plain(const char *p, const char *end)
{
    for (; end - p >= 16; p += 16) {
        unsigned others = mcp__mask16(mcp__json_itself(mcp__load16(p))) ^ MCP__ALL16;

        if (others != 0)
            return p + __builtin_ctz(others);
    }
    while (p < end && mcp__json_is_plain(*p))
        p++;
    return p;
}

static inline bool mcp__json_all_plain(uint64_t a, uint64_t b)
{
    mcp__bytes16 x = (mcp__bytes16)(__attribute__((vector_size(16))) uint64_t){ a, b };

    return mcp__mask16(mcp__json_itself(x)) == MCP__ALL16;
}

/* Copies n bytes, and nothing behind them: whether each stands for itself. Pieces of one size overlap
 * where n is between two. */
static inline __attribute__((always_inline)) bool mcp__json_copy_plain(char *out, const char *p,
                                                                       size_t n)
{
    mcp__bytes16 x, y, plain;
    uint64_t first, last;
    uint32_t first4, last4;
    char begin, middle, end;

    if (n >= 16) {
        x = mcp__load16(p);
        y = mcp__load16(p + n - 16);
        plain = mcp__json_itself(x) & mcp__json_itself(y);
        memcpy(out, &x, 16);
        memcpy(out + n - 16, &y, 16);
        for (size_t i = 16; i + 16 < n; i += 16) {
            x = mcp__load16(p + i);
            plain &= mcp__json_itself(x);
            memcpy(out + i, &x, 16);
        }
        return mcp__mask16(plain) == MCP__ALL16;
    }
    if (n >= 8) {
        memcpy(&first, p, 8);
        memcpy(&last, p + n - 8, 8);
        memcpy(out, &first, 8);
        memcpy(out + n - 8, &last, 8);
        return mcp__json_all_plain(first, last);
    }
    if (n >= 4) {
        memcpy(&first4, p, 4);
        memcpy(&last4, p + n - 4, 4);
        memcpy(out, &first4, 4);
        memcpy(out + n - 4, &last4, 4);
        first = first4 | (uint64_t)last4 << 32;
        return mcp__json_all_plain(first, first);
    }
    if (n == 0)
        return true;
    begin = p[0];
    middle = p[n / 2];
    end = p[n - 1];
    out[0] = begin;
    out[n / 2] = middle;
    out[n - 1] = end;
    return mcp__json_is_plain(begin) && mcp__json_is_plain(middle) && mcp__json_is_plain(end);
}

/* s without quotes around it. Bytes that are no UTF-8 become U+FFFD each, U+2028 and U+2029 stay.
 */
void mcp__json_escape(struct mcp_buf *buf, mcp_str s);
/* The same; wide: as machines with AVX-512 do it (this one has to be one), else as all others. */
bool mcp__json_escape_is_wide(void);
void mcp__json_escape_by(struct mcp_buf *buf, mcp_str s, bool wide);
/* The same in quotes; before and behind them one byte each, or 0 for none. */
void mcp__json_quoted_any(struct mcp_buf *buf, char before, mcp_str s, char behind);

#define MCP__QUICK 64

/* The same, quick where s is short and needs no escape: nearly all names and most values. */
static inline void mcp__json_quoted(struct mcp_buf *buf, char before, mcp_str s, char behind)
{
    if (s.len <= MCP__QUICK && buf->size - buf->len > s.len + 4 && !buf->failed) {
        char *out = buf->ptr + buf->len;

        *out = before;
        out += before != 0;
        *out++ = '"';
        if (mcp__json_copy_plain(out, s.ptr, s.len)) {
            out += s.len;
            *out++ = '"';
            *out = behind;
            out += behind != 0;
            buf->len = (size_t)(out - buf->ptr);
            return;
        }
    }
    mcp__json_quoted_any(buf, before, s, behind);
}

#endif
