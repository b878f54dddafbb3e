/* Random bytes from the kernel: for keys, session ids and jitter. */
#ifndef MCP_RANDOM_H
#define MCP_RANDOM_H

#include <stddef.h>

/* Fills out. Cannot fail after boot; a kernel that refuses getrandom ends the program, because
 * guessable keys are worse. Any thread. */
void mcp_random_bytes(void *out, size_t n);

#endif
