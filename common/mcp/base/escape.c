/* JSON strings, with their quotes or without: how bytes that do not stand for themselves are written. */
#include "escape.h"

#include "utf8.h"

/* The two-character form of a byte below 0x80, or 0 when it has none. */
static char short_form(unsigned char c)
{
    switch (c) {
    case '"':
    case '\\':
        return (char)c;
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

/* What one byte can become, and how many are looked at before room is asked for again. */
#define WORST 6
#define CHUNK ((size_t)256)
/* Of n bytes; words are stored whole, also where only their beginning counts. */
#define ROOM(n) ((n)*WORST + sizeof(uint64_t))

static char *put_special(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char other = c == '"' ? '"' : short_form(c);

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

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
/* The next eight of the n > 0 bytes at p; what is missing is an "a", which stands for itself. */
static inline uint64_t word_at(const char *p, size_t n)
{
    const uint64_t plain = 0x6161616161616161U;
    uint64_t word = 0;
    uint32_t low, high;

    if (n >= 8) {
        memcpy(&word, p, 8);
        return word;
    }
    if (n >= 4) { /* the halves overlap */
        memcpy(&low, p, 4);
        memcpy(&high, p + n - 4, 4);
        return low | (uint64_t)high << (n - 4) * 8 | plain << n * 8;
    }
    word = (unsigned char)p[0] | (uint64_t)(unsigned char)p[n / 2] << n / 2 * 8;
    return word | (uint64_t)(unsigned char)p[n - 1] << (n - 1) * 8 | plain << n * 8;
}
#endif

/* Copies what stands for itself, n bytes at most: how many they were. A whole word is stored. */
static inline size_t copy_plain(char *out, const char *p, size_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    size_t done = 0;

    while (done < n) {
        uint64_t word = word_at(p + done, n - done);
        uint64_t special = mcp__json_special(word);

        memcpy(out + done, &word, 8);
        if (special != 0)
            return done + ((size_t)__builtin_ctzll(special) >> 3);
        done += 8;
    }
    return n;
#else
    size_t plain = (size_t)(mcp__json_plain(p, p + n) - p);

    memcpy(out, p, plain);
    return plain;
#endif
}

/* From *from to stop; a sequence that begins before stop is taken whole. The end of what was
 * written. */
static char *escape_some(char *out, const char **from, const char *stop, const char *end)
{
    const char *p = *from;

    while (p < stop) {
        size_t n = copy_plain(out, p, (size_t)(stop - p));

        p += n;
        out += n;
        if (p == stop)
            break;
        if ((unsigned char)*p < 0x80) {
            out = put_special(out, (unsigned char)*p++);
            continue;
        }
        n = mcp__utf8_len((const unsigned char *)p, (const unsigned char *)end);
        memcpy(out, n > 0 ? p : "\xEF\xBF\xBD", n > 0 ? n : 3);
        p += n > 0 ? n : 1;
        out += n > 0 ? n : 3;
    }
    *from = p;
    return out;
}

/* Where the buffer has too little room at hand for the worst: it grows by what there really is. */
static void escape_aside(struct mcp_buf *buf, const char *p, const char *end)
{
    char text[ROOM(CHUNK)];

    while (p < end) {
        const char *stop = (size_t)(end - p) > CHUNK ? p + CHUNK : end;
        const char *written = escape_some(text, &p, stop, end);

        mcp_buf_put(buf, text, (size_t)(written - text));
    }
}

static bool has_room(const struct mcp_buf *buf, size_t n)
{
    return !buf->failed && buf->size - buf->len > n;
}

void mcp__json_escape(struct mcp_buf *buf, mcp_str s)
{
    const char *p = s.ptr;
    const char *end = s.len == 0 ? p : p + s.len;

    while (p < end) {
        const char *stop = (size_t)(end - p) > CHUNK ? p + CHUNK : end;

        if (!has_room(buf, ROOM((size_t)(stop - p)))) {
            escape_aside(buf, p, end);
            return;
        }
        buf->len = (size_t)(escape_some(buf->ptr + buf->len, &p, stop, end) - buf->ptr);
    }
}

void mcp__json_quoted(struct mcp_buf *buf, char before, mcp_str s, char behind)
{
    const char *p = s.ptr;
    char *out;

    if (s.len > CHUNK || !has_room(buf, ROOM(s.len) + 4)) {
        if (before != 0)
            mcp_buf_char(buf, before);
        mcp_buf_char(buf, '"');
        mcp__json_escape(buf, s);
        mcp_buf_char(buf, '"');
        if (behind != 0)
            mcp_buf_char(buf, behind);
        return;
    }
    out = buf->ptr + buf->len;
    if (before != 0)
        *out++ = before;
    *out++ = '"';
    if (s.len > 0)
        out = escape_some(out, &p, p + s.len, p + s.len);
    *out++ = '"';
    if (behind != 0)
        *out++ = behind;
    buf->len = (size_t)(out - buf->ptr);
}
