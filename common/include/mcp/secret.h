/* Bytes that are never logged, never in an error, and wiped when they go. */
#ifndef MCP_SECRET_H
#define MCP_SECRET_H

#include <mcp/str.h>

/* On the caller's storage; all zero is no secret. There is no print function on purpose. */
struct mcp_secret {
    char *ptr; /* owned, heap, with a NUL behind it; NULL: none */
    size_t len;
};

/* Copies value and wipes what was held before; a missing value leaves none. 0 or MCP_ENOMEM (the
 * old one stays then). The caller wipes its own copy, see mcp_secret_wipe. */
int mcp_secret_set(struct mcp_secret *secret, mcp_str value);
/* Borrowed until the next set or release; missing when there is none. */
mcp_str mcp_secret_view(const struct mcp_secret *secret);
void mcp_secret_release(struct mcp_secret *secret);
/* The compiler may not leave this out. */
void mcp_secret_wipe(void *bytes, size_t n);

/* Equal, in a time that depends on the lengths only. A secret that is not set equals nothing, not
 * even an empty value. */
bool mcp_secret_eq(const struct mcp_secret *secret, mcp_str value);
/* The same for bytes that are no struct mcp_secret, a MAC for instance. */
bool mcp_secret_same(mcp_str a, mcp_str b);

#endif
