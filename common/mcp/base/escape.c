/* JSON strings, with their quotes or without: how bytes that do not stand for themselves are written. */
#include "escape.h"

#include "utf8.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

/* The letter of the two-character form of a control character, or 0 when it has none. */
static char short_form(unsigned char c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    default:
        return 0;
    }
}

/* What one byte can become. */
#define WORST 6
/* Of n bytes; what stands for itself is stored in pieces of 16, also where less of it counts. */
#define PIECE ((size_t)16)
#define ROOM(n) ((n)*WORST + PIECE)
/* What is looked at in one go where there is that much. */
#define BLOCK ((size_t)64)

static char *put_control(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char other = short_form(c);

    *out++ = '\\';
    if (other != 0) {
        *out++ = other;
        return out;
    }
    memcpy(out, "u00", 3);
    out[3] = hex[c >> 4];
    out[4] = hex[c & 15];
    return out + 5;
}

/* What is no ASCII at *p, as far as it goes before stop: characters as they stand, U+FFFD for a byte
 * that begins none. */
static char *put_characters(char *out, const char **p, const char *stop, const char *end)
{
    do {
        size_t n = mcp__utf8_len((const unsigned char *)*p, (const unsigned char *)end);

        memcpy(out, n > 0 ? *p : "\xEF\xBF\xBD", n > 0 ? n : 3);
        *p += n > 0 ? n : 1;
        out += n > 0 ? n : 3;
    } while (*p < stop && (unsigned char)**p >= 0x80);
    return out;
}

/* Of a block, a bit for each byte: '"' and '\\'; whatever does not stand for itself. */
struct marks {
    uint64_t slashed, special;
};

static inline struct marks marks_of(const char *p)
{
    struct marks m = { 0, 0 };
    uint64_t itself = 0;

    for (size_t i = 0; i < BLOCK; i += 16) {
        mcp__bytes16 x = mcp__load16(p + i);

        m.slashed |= (uint64_t)mcp__mask16((mcp__bytes16)((x == '"') | (x == '\\'))) << i;
        itself |= (uint64_t)mcp__mask16(mcp__json_itself(x)) << i;
    }
    m.special = ~itself;
    return m;
}

/* n bytes, of which up to PIECE more may be read and written. */
static inline void put_plain(char *out, const char *p, size_t n)
{
    memcpy(out, p, PIECE);
    for (size_t i = PIECE; i < n; i += PIECE)
        memcpy(out + i, p + i, PIECE);
}

/* Of the block at p the first n bytes, up to one that needs more than a backslash; PIECE bytes behind
 * the block can be read. How many were taken. Most quotes of JSON stand a few bytes apart: a mask tells
 * them without a guess. */
static inline size_t put_block(char **to, const char *p, size_t n)
{
    struct marks m = marks_of(p);
    uint64_t within = UINT64_MAX >> (BLOCK - n);
    uint64_t others = m.special & ~m.slashed & within;
    size_t end = others == 0 ? n : (size_t)__builtin_ctzll(others), from = 0;
    char *out = *to; /* of the byte p[0], had it all the backslashes before it */

    if (others != 0)
        within = ((uint64_t)1 << end) - 1;
    for (uint64_t slashed = m.slashed & within; slashed != 0; slashed &= slashed - 1) {
        size_t at = (unsigned)__builtin_ctzll(slashed);

        put_plain(out + from, p + from, at - from);
        out[at] = '\\';
        out++;
        from = at; /* the byte itself begins the next piece */
    }
    put_plain(out + from, p + from, end - from);
    *to = out + end;
    return end;
}

/* The same for n bytes behind which nothing can be read. */
static size_t put_tail(char **to, const char *p, size_t n)
{
    char padded[BLOCK + PIECE] = { 0 };

    memcpy(padded, p, n);
    return put_block(to, padded, n);
}

#ifdef __x86_64__
/* Where the machine can squeeze a vector by a mask: blocks of 32 bytes as long as they need nothing but
 * backslashes. Each byte gets one before it; the mask keeps those that are wanted. How many were taken. */
__attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi2,bmi2,popcnt"))) static size_t
put_wide(char **to, const char *p, size_t n)
{
    char *out = *to;
    size_t done = 0;

    for (; n - done >= 32; done += 32) {
        __m256i x = _mm256_loadu_si256((const void *)(p + done));
        uint32_t slashed = _mm256_cmpeq_epi8_mask(x, _mm256_set1_epi8('"')) |
                           _mm256_cmpeq_epi8_mask(x, _mm256_set1_epi8('\\'));
        uint32_t others = _mm256_cmplt_epi8_mask(x, _mm256_set1_epi8(' '));
        uint64_t keep = _pdep_u64(slashed, 0x5555555555555555U) | 0xAAAAAAAAAAAAAAAAU;
        __m512i pairs =
            _mm512_or_si512(_mm512_slli_epi16(_mm512_cvtepu8_epi16(x), 8), _mm512_set1_epi16('\\'));

        if (others != 0)
            break;
        _mm512_storeu_si512(out, _mm512_maskz_compress_epi8(keep, pairs));
        out += 32 + __builtin_popcount(slashed);
    }
    *to = out;
    return done;
}

bool mcp__json_escape_is_wide(void)
{
    return __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
}
#else
static size_t put_wide(char **to, const char *p, size_t n)
{
    (void)to;
    (void)p;
    (void)n;
    return 0;
}

bool mcp__json_escape_is_wide(void)
{
    return false;
}
#endif

/* From *from to stop; a sequence that begins before stop is taken whole. The end of what was
 * written. */
static char *escape_some(char *out, const char **from, const char *stop, const char *end, bool wide)
{
    const char *p = *from;

    while (p < stop) {
        size_t n;

        if (wide)
            p += put_wide(&out, p, (size_t)(stop - p));
        if (p == stop)
            break;
        n = (size_t)(stop - p) < BLOCK ? (size_t)(stop - p) : BLOCK;
        if ((size_t)(end - p) >= BLOCK + PIECE)
            p += put_block(&out, p, n);
        else
            p += put_tail(&out, p, n);
        if (p == stop)
            break;
        if ((unsigned char)*p >= 0x80)
            out = put_characters(out, &p, stop, end);
        else if ((unsigned char)*p < 0x20)
            out = put_control(out, (unsigned char)*p++);
    }
    *from = p;
    return out;
}

/* Where the buffer has too little room at hand for the worst: it grows by what there really is. */
static void escape_aside(struct mcp_buf *buf, const char *p, const char *end, bool wide)
{
    char text[ROOM(4 * BLOCK)];

    while (p < end) {
        const char *stop = (size_t)(end - p) > 4 * BLOCK ? p + 4 * BLOCK : end;
        const char *written = escape_some(text, &p, stop, end, wide);

        mcp_buf_put(buf, text, (size_t)(written - text));
    }
}

void mcp__json_escape_by(struct mcp_buf *buf, mcp_str s, bool wide)
{
    const char *p = s.ptr;
    const char *end = s.len == 0 ? p : p + s.len;

    while (p < end) {
        size_t room = buf->failed ? 0 : buf->size - buf->len;
        size_t most = room > ROOM(BLOCK) ? (room - PIECE - 1) / WORST : 0;
        const char *stop = (size_t)(end - p) > most ? p + most : end;

        if (most == 0) {
            escape_aside(buf, p, end, wide);
            return;
        }
        buf->len = (size_t)(escape_some(buf->ptr + buf->len, &p, stop, end, wide) - buf->ptr);
    }
}

void mcp__json_escape(struct mcp_buf *buf, mcp_str s)
{
    mcp__json_escape_by(buf, s, mcp__json_escape_is_wide());
}

void mcp__json_quoted_any(struct mcp_buf *buf, char before, mcp_str s, char behind)
{
    if (before != 0)
        mcp_buf_char(buf, before);
    mcp_buf_char(buf, '"');
    mcp__json_escape(buf, s);
    mcp_buf_char(buf, '"');
    if (behind != 0)
        mcp_buf_char(buf, behind);
}
