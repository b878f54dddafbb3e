/* The room that the bodies of all upstream answers share. */
#ifndef MCP_UPSTREAM_ROOM_H
#define MCP_UPSTREAM_ROOM_H

#include <stdbool.h>
#include <stddef.h>

#define MCP__ROOM_DEFAULT ((size_t)64 << 20)

/* All may be called from any thread. Lowering the limit takes nothing back. 0: the default. */
void mcp__room_configure(size_t max_bytes_total);
size_t mcp__room_limit(void);
size_t mcp__room_used(void);
/* True when the bytes were taken. False: when some are given back, on_room is called. */
bool mcp__room_take(size_t bytes);
void mcp__room_give(size_t bytes);
/* Called without a lock held, by whoever gave; set once before the first take. */
void mcp__room_on_free(void (*on_room)(void));

#endif
