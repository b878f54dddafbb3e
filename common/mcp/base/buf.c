/* Bytes that grow up to a cap, with one sticky error that is asked once at the end. */
#include <mcp/buf.h>
#include <mcp/error.h>

#include "copy.h"

#include <stdio.h>
#include <stdlib.h>

#define SIZE_MIN ((size_t)256)

void mcp_buf_init(struct mcp_buf *buf, size_t cap)
{
    MCP_BUG_ON(cap == 0 || cap > SIZE_MAX / 2);
    *buf = (struct mcp_buf){ .cap = cap };
}

void mcp_buf_release(struct mcp_buf *buf)
{
    free(buf->ptr);
    *buf = (struct mcp_buf){ .cap = buf->cap };
}

void mcp_buf_clear(struct mcp_buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    buf->no_memory = false;
}

char *mcp_buf_steal(struct mcp_buf *buf, size_t *len)
{
    char *bytes = buf->ptr;

    *len = buf->len;
    *buf = (struct mcp_buf){ .cap = buf->cap };
    return bytes;
}

/* Makes size at least len + n + 1: one byte more than content, so that vsnprintf's NUL has a place
 * even when the content reaches the cap. */
static bool grow(struct mcp_buf *buf, size_t n)
{
    size_t size = buf->size < SIZE_MIN ? SIZE_MIN : buf->size;
    char *ptr;

    if (n > buf->cap - buf->len) {
        buf->failed = true;
        return false;
    }
    while (size < buf->len + n + 1)
        size *= 2;
    if (size > buf->cap + 1)
        size = buf->cap + 1;
    ptr = realloc(buf->ptr, size);
    if (ptr == NULL) {
        buf->failed = true;
        buf->no_memory = true;
        return false;
    }
    buf->ptr = ptr;
    buf->size = size;
    return true;
}

char *mcp_buf_reserve(struct mcp_buf *buf, size_t n)
{
    if (buf->failed)
        return NULL;
    if (buf->size - buf->len <= n && !grow(buf, n))
        return NULL;
    return buf->ptr + buf->len;
}

void mcp_buf_advance(struct mcp_buf *buf, size_t n)
{
    MCP_BUG_ON(n > buf->size - buf->len || n > buf->cap - buf->len);
    buf->len += n;
}

/* Without a further call where there is room. */
static inline void put(struct mcp_buf *buf, const void *bytes, size_t n)
{
    bool fits = buf->size - buf->len > n && !buf->failed;
    char *at = fits ? buf->ptr + buf->len : mcp_buf_reserve(buf, n);

    if (at == NULL)
        return;
    mcp__copy(at, bytes, n);
    buf->len += n;
}

void mcp_buf_put(struct mcp_buf *buf, const void *bytes, size_t n)
{
    put(buf, bytes, n);
}

void mcp_buf_str(struct mcp_buf *buf, mcp_str s)
{
    put(buf, s.ptr, s.len);
}

void mcp_buf_char(struct mcp_buf *buf, char c)
{
    char *at = mcp_buf_reserve(buf, 1);

    if (at != NULL) {
        *at = c;
        buf->len++;
    }
}

void mcp_buf_z(struct mcp_buf *buf, const char *z)
{
    put(buf, z, z == NULL ? 0 : strlen(z));
}

void mcp_buf_int(struct mcp_buf *buf, int64_t value)
{
    char text[MCP__INT_DIGITS];
    const char *begin = mcp__print_int(text + sizeof(text), value);

    put(buf, begin, (size_t)(text + sizeof(text) - begin));
}

void mcp_buf_vprintf(struct mcp_buf *buf, const char *fmt, va_list ap)
{
    va_list again;
    int n;

    if (buf->failed)
        return;
    va_copy(again, ap);
    n = vsnprintf(buf->ptr == NULL ? NULL : buf->ptr + buf->len, buf->size - buf->len, fmt, ap);
    if (n < 0) {
        buf->failed = true;
    } else if ((size_t)n >= buf->size - buf->len && mcp_buf_reserve(buf, (size_t)n) != NULL) {
        vsnprintf(buf->ptr + buf->len, (size_t)n + 1, fmt, again);
    }
    if (!buf->failed)
        buf->len += (size_t)n;
    va_end(again);
}

void mcp_buf_printf(struct mcp_buf *buf, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    mcp_buf_vprintf(buf, fmt, ap);
    va_end(ap);
}

int mcp_buf_error(const struct mcp_buf *buf)
{
    if (!buf->failed)
        return MCP_OK;
    return buf->no_memory ? MCP_ENOMEM : MCP_ETOOBIG;
}

mcp_str mcp_buf_view(const struct mcp_buf *buf)
{
    return mcp_str_n(buf->ptr, buf->len);
}
