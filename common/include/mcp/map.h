/* A hash table from bytes to a pointer or number, open addressing, insert only. */
#ifndef MCP_MAP_H
#define MCP_MAP_H

#include <mcp/str.h>

struct mcp_map_slot {
    mcp_str key; /* borrowed from the caller, must outlive the map */
    uint64_t hash;
    union {
        void *ptr;
        uint64_t num;
    } value;
};

/* On the caller's storage; all zero is an empty map. */
struct mcp_map {
    struct mcp_map_slot *slots; /* owned, heap */
    size_t count;
    size_t size; /* power of two, or 0 */
};

void mcp_map_release(struct mcp_map *map);
/* The slot of key, or NULL. */
struct mcp_map_slot *mcp_map_find(const struct mcp_map *map, mcp_str key);
/* The slot of key, made (value zero, *made true) when it was missing; NULL when memory is out.
 * The address is valid until the next insert. */
struct mcp_map_slot *mcp_map_put(struct mcp_map *map, mcp_str key, bool *made);
/* for (size_t i = 0; (s = mcp_map_each(map, &i)) != NULL;) in no order. */
struct mcp_map_slot *mcp_map_each(const struct mcp_map *map, size_t *i);

#endif
