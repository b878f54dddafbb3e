/* The inside of a JSON string: how bytes that do not stand for themselves are written. */
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

static void put_special(struct mcp_buf *buf, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = { '\\', short_form(c), '0', '0', hex[c >> 4], hex[c & 15] };

    if (text[1] != 0) {
        mcp_buf_put(buf, text, 2);
        return;
    }
    text[1] = 'u';
    mcp_buf_put(buf, text, sizeof(text));
}

void mcp__json_escape(struct mcp_buf *buf, mcp_str s)
{
    const char *p = s.ptr;
    const char *end = s.len == 0 ? p : p + s.len;
    const char *run = p; /* what was looked at and not yet copied */

    while (p < end) {
        size_t n;

        p = mcp__json_plain(p, end);
        if (p == end)
            break;
        n = mcp__utf8_len((const unsigned char *)p, (const unsigned char *)end);
        if (n > 1) {
            p += n;
            continue;
        }
        mcp_buf_put(buf, run, (size_t)(p - run));
        if (n == 1)
            put_special(buf, (unsigned char)*p);
        else
            mcp_buf_put(buf, "\xEF\xBF\xBD", 3);
        run = ++p;
    }
    if (run < end)
        mcp_buf_put(buf, run, (size_t)(end - run));
}
