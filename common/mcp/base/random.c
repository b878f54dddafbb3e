/* Random bytes from the kernel. */
#include <mcp/error.h>
#include <mcp/random.h>

#include <errno.h>
#include <sys/random.h>

void mcp_random_bytes(void *out, size_t n)
{
    char *at = out;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);

        if (got < 0 && errno == EINTR)
            continue;
        MCP_BUG_ON(got <= 0);
        at += got;
        n -= (size_t)got;
    }
}
