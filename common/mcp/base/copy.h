/* Few bytes without a call: copied, compared, printed as digits. JSON is mostly made of such. */
#ifndef MCP_BASE_COPY_H
#define MCP_BASE_COPY_H

#include <mcp/str.h>

#define MCP__SHORT ((size_t)32)

/* memcpy of n <= MCP__SHORT bytes: two pieces of one size, which overlap where n is between two. */
static inline __attribute__((always_inline)) void mcp__copy_short(char *to, const char *from,
                                                                  size_t n)
{
    struct piece {
        char bytes[16];
    } first, last;
    uint64_t first8, last8;
    uint32_t first4, last4;

    if (n >= 16) {
        memcpy(&first, from, 16);
        memcpy(&last, from + n - 16, 16);
        memcpy(to, &first, 16);
        memcpy(to + n - 16, &last, 16);
    } else if (n >= 8) {
        memcpy(&first8, from, 8);
        memcpy(&last8, from + n - 8, 8);
        memcpy(to, &first8, 8);
        memcpy(to + n - 8, &last8, 8);
    } else if (n >= 4) {
        memcpy(&first4, from, 4);
        memcpy(&last4, from + n - 4, 4);
        memcpy(to, &first4, 4);
        memcpy(to + n - 4, &last4, 4);
    } else if (n > 0) {
        to[0] = from[0];
        to[n / 2] = from[n / 2];
        to[n - 1] = from[n - 1];
    }
}

/* memcpy. */
static inline __attribute__((always_inline)) void mcp__copy(char *to, const char *from, size_t n)
{
    if (n > MCP__SHORT)
        memcpy(to, from, n);
    else
        mcp__copy_short(to, from, n);
}

/* memcmp() == 0; of 16 bytes at most without a call. */
static inline __attribute__((always_inline)) bool mcp__same(const char *a, const char *b, size_t n)
{
    uint64_t a8, b8, a_end8, b_end8;
    uint32_t a4, b4, a_end4, b_end4;

    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        memcpy(&a8, a, 8);
        memcpy(&b8, b, 8);
        memcpy(&a_end8, a + n - 8, 8);
        memcpy(&b_end8, b + n - 8, 8);
        return ((a8 ^ b8) | (a_end8 ^ b_end8)) == 0;
    }
    if (n >= 4) {
        memcpy(&a4, a, 4);
        memcpy(&b4, b, 4);
        memcpy(&a_end4, a + n - 4, 4);
        memcpy(&b_end4, b + n - 4, 4);
        return ((a4 ^ b4) | (a_end4 ^ b_end4)) == 0;
    }
    return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

#define MCP__INT_DIGITS 20 /* with the sign */

/* The decimal digits of value, where end is behind them: the first, or the sign. */
static inline char *mcp__print_int(char *end, int64_t value)
{
    static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                                "25262728293031323334353637383940414243444546474849"
                                "50515253545556575859606162636465666768697071727374"
                                "75767778798081828384858687888990919293949596979899";
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char *at = end;

    for (; rest >= 10; rest /= 100) {
        *--at = pairs[rest % 100 * 2 + 1];
        *--at = pairs[rest % 100 * 2];
    }
    if (rest > 0 || value == 0)
        *--at = (char)('0' + rest);
    if (value < 0)
        *--at = '-';
    return at;
}

#endif
