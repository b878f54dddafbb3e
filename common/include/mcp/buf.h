/* Bytes that grow up to a cap, with one sticky error that is asked once at the end. */
#ifndef MCP_BUF_H
#define MCP_BUF_H

#include <mcp/str.h>

#include <stdarg.h>

/* After the first failure (cap or memory) every put is ignored and failed stays set. */
struct mcp_buf {
    char *ptr; /* owned, heap; NULL while empty */
    size_t len;
    size_t size; /* allocated */
    size_t cap; /* len never exceeds it */
    bool failed;
    bool no_memory; /* failed for want of memory, not by the cap */
};

/* cap: required, > 0. Nothing is allocated yet. */
void mcp_buf_init(struct mcp_buf *buf, size_t cap);
/* Frees the bytes; the buf may be used again with the same cap. */
void mcp_buf_release(struct mcp_buf *buf);
/* Forgets the content and the failure, keeps the memory. */
void mcp_buf_clear(struct mcp_buf *buf);
/* Hands the bytes to the caller (heap, free with free(); NULL when nothing was ever put), buf is as
 * after init. Ask mcp_buf_error before. */
char *mcp_buf_steal(struct mcp_buf *buf, size_t *len);

/* Room for n more bytes; their address, or NULL on failure. Commit with mcp_buf_advance. */
char *mcp_buf_reserve(struct mcp_buf *buf, size_t n);
void mcp_buf_advance(struct mcp_buf *buf, size_t n);

void mcp_buf_put(struct mcp_buf *buf, const void *bytes, size_t n);
void mcp_buf_str(struct mcp_buf *buf, mcp_str s);
void mcp_buf_char(struct mcp_buf *buf, char c);
void mcp_buf_z(struct mcp_buf *buf, const char *z);
void mcp_buf_int(struct mcp_buf *buf, int64_t value);
void mcp_buf_printf(struct mcp_buf *buf, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void mcp_buf_vprintf(struct mcp_buf *buf, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));
/* 0, or MCP_ETOOBIG / MCP_ENOMEM once anything failed. */
int mcp_buf_error(const struct mcp_buf *buf);
mcp_str mcp_buf_view(const struct mcp_buf *buf);

#endif
