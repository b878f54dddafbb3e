/* Bytes that are never logged, never in an error, and wiped when they go. */
#include <mcp/error.h>
#include <mcp/secret.h>

#include <stdlib.h>

int mcp_secret_set(struct mcp_secret *secret, mcp_str value)
{
    char *copy = NULL;

    if (value.ptr != NULL) {
        copy = malloc(value.len + 1);
        if (copy == NULL)
            return MCP_ENOMEM;
        memcpy(copy, value.ptr, value.len);
        copy[value.len] = '\0';
    }
    mcp_secret_release(secret);
    secret->ptr = copy;
    secret->len = copy == NULL ? 0 : value.len;
    return 0;
}

mcp_str mcp_secret_view(const struct mcp_secret *secret)
{
    return mcp_str_n(secret->ptr, secret->len);
}

void mcp_secret_release(struct mcp_secret *secret)
{
    if (secret->ptr != NULL)
        explicit_bzero(secret->ptr, secret->len);
    free(secret->ptr);
    *secret = (struct mcp_secret){ 0 };
}

void mcp_secret_wipe(void *bytes, size_t n)
{
    if (n > 0)
        explicit_bzero(bytes, n);
}

bool mcp_secret_eq(const struct mcp_secret *secret, mcp_str value)
{
    return secret->ptr != NULL && mcp_secret_same(mcp_secret_view(secret), value);
}

bool mcp_secret_same(mcp_str a, mcp_str b)
{
    volatile unsigned char difference = 0; /* volatile: no early end by the optimiser */

    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        difference = (unsigned char)(difference | (a.ptr[i] ^ b.ptr[i]));
    return difference == 0;
}
