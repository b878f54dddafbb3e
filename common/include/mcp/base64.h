/* Base64 (RFC 4648), the strict and canonical forms only. */
#ifndef MCP_BASE64_H
#define MCP_BASE64_H

#include <mcp/buf.h>
#include <mcp/str.h>

enum mcp_base64 {
    MCP_BASE64_STD, /* with padding */
    MCP_BASE64_URL, /* without padding */
};

void mcp_base64_encode(struct mcp_buf *out, enum mcp_base64 kind, const void *bytes, size_t len);
/* 0, or -1 for a foreign byte, wrong padding or non-zero bits behind the last byte, or when out has
 * no room (nothing is appended then). */
int mcp_base64_decode(struct mcp_buf *out, enum mcp_base64 kind, mcp_str text);

#endif
