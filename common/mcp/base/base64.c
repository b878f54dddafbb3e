/* Base64 (RFC 4648), the strict and canonical forms only. */
#include <mcp/base64.h>

static const char *const alphabets[] = {
    [MCP_BASE64_STD] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [MCP_BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

/* The value of c, or -1. */
static int value_of(enum mcp_base64 kind, char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == alphabets[kind][62])
        return 62;
    return c == alphabets[kind][63] ? 63 : -1;
}

void mcp_base64_encode(struct mcp_buf *out, enum mcp_base64 kind, const void *bytes, size_t len)
{
    const char *alphabet = alphabets[kind];
    const unsigned char *p = bytes;

    for (; len > 0; p += 3) {
        size_t n = len < 3 ? len : 3;
        unsigned word = (unsigned)p[0] << 16;
        char four[4];

        if (n > 1)
            word |= (unsigned)p[1] << 8;
        if (n > 2)
            word |= p[2];
        for (unsigned i = 0; i < 4; i++)
            four[i] = alphabet[word >> (18 - 6 * i) & 63];
        for (size_t i = n + 1; i < 4; i++)
            four[i] = '=';
        mcp_buf_put(out, four, kind == MCP_BASE64_STD ? 4 : n + 1);
        len -= n;
    }
}

/* Decodes n (2..4) characters; *out has room for n - 1 bytes. */
static int decode_group(enum mcp_base64 kind, const char *four, size_t n, char *out)
{
    unsigned word = 0;

    for (size_t i = 0; i < n; i++) {
        int value = value_of(kind, four[i]);

        if (value < 0)
            return -1;
        word |= (unsigned)value << (18 - 6 * i);
    }
    /* Bits that no byte holds must be zero, else one content would have several spellings. */
    if ((word & ((1U << (24 - 8 * (n - 1))) - 1)) != 0)
        return -1;
    for (size_t i = 0; i + 1 < n; i++)
        out[i] = (char)(word >> (16 - 8 * i) & 255);
    return 0;
}

int mcp_base64_decode(struct mcp_buf *out, enum mcp_base64 kind, mcp_str text)
{
    size_t size = 0;
    char *at;

    if (kind == MCP_BASE64_STD) {
        if (text.len % 4 != 0)
            return -1;
        for (int i = 0; i < 2 && text.len > 0 && text.ptr[text.len - 1] == '='; i++)
            text.len--;
    }
    if (text.len % 4 == 1)
        return -1;
    at = mcp_buf_reserve(out, text.len / 4 * 3 + (text.len % 4 == 0 ? 0 : text.len % 4 - 1));
    if (at == NULL)
        return -1;
    for (size_t i = 0; i < text.len; i += 4) {
        size_t n = text.len - i < 4 ? text.len - i : 4;

        if (decode_group(kind, text.ptr + i, n, at + size) < 0)
            return -1;
        size += n - 1;
    }
    mcp_buf_advance(out, size);
    return 0;
}
