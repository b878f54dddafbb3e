/* Memory that lives as long as one call and goes in one piece. */
#ifndef MCP_ARENA_H
#define MCP_ARENA_H

#include <mcp/str.h>

struct mcp_arena;

/* first_bytes: size of the first chunk, 0 for the default (8 KiB). limit_bytes: what all chunks
 * together may take, 0 for 64 MiB. NULL only when there is no memory. */
struct mcp_arena *mcp_arena_new(size_t first_bytes, size_t limit_bytes);
/* Runs the deferred functions, newest first, then frees everything. NULL is fine. */
void mcp_arena_free(struct mcp_arena *arena);
/* As after mcp_arena_new: runs the deferred functions and keeps the first chunk. */
void mcp_arena_reset(struct mcp_arena *arena);

/* Zeroed, aligned for any type. mcp_arena_alloc aborts when memory or the limit is exhausted: for
 * sizes that we choose. mcp_arena_try returns NULL then: for sizes that come from the wire. */
void *mcp_arena_alloc(struct mcp_arena *arena, size_t bytes) __attribute__((malloc));
void *mcp_arena_try(struct mcp_arena *arena, size_t bytes) __attribute__((warn_unused_result));
/* As mcp_arena_try for n items of size bytes; NULL on overflow too. */
void *mcp_arena_try_array(struct mcp_arena *arena, size_t n, size_t size)
    __attribute__((warn_unused_result));
#define MCP_ARENA_NEW(arena, type) ((type *)mcp_arena_alloc((arena), sizeof(type)))

/* Copies, with a NUL behind the copy. A missing value stays missing. */
mcp_str mcp_arena_str(struct mcp_arena *arena, mcp_str s);
mcp_str mcp_arena_printf(struct mcp_arena *arena, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* For libc, curl and OpenSSL: a NUL-terminated copy, or NULL when s holds a NUL. A missing value
 * reads as "". */
const char *mcp_str_cz(struct mcp_arena *arena, mcp_str s);
/* fn(ptr) is called when the arena goes. */
void mcp_arena_defer(struct mcp_arena *arena, void (*fn)(void *), void *ptr);
/* What has been handed out, in bytes. */
size_t mcp_arena_used(const struct mcp_arena *arena);

#endif
