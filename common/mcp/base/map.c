/* A hash table from bytes to a pointer or number, open addressing, insert only. */
#include <mcp/map.h>

#include <stdlib.h>

#define SIZE_FIRST ((size_t)16)
/* Set in every stored hash, so that hash 0 marks a free slot even for the empty key. */
#define USED ((uint64_t)1 << 63)

void mcp_map_release(struct mcp_map *map)
{
    free(map->slots);
    *map = (struct mcp_map){ 0 };
}

/* The slot that holds key, or the free one where it belongs. */
static struct mcp_map_slot *probe(struct mcp_map_slot *slots, size_t size, mcp_str key,
                                  uint64_t hash)
{
    size_t i = (size_t)hash & (size - 1);

    while (slots[i].hash != 0 && (slots[i].hash != hash || !mcp_str_eq(slots[i].key, key)))
        i = (i + 1) & (size - 1);
    return &slots[i];
}

struct mcp_map_slot *mcp_map_find(const struct mcp_map *map, mcp_str key)
{
    struct mcp_map_slot *slot;

    if (map->size == 0)
        return NULL;
    slot = probe(map->slots, map->size, key, mcp_str_hash(key) | USED);
    return slot->hash == 0 ? NULL : slot;
}

static bool grow(struct mcp_map *map)
{
    size_t size = map->size == 0 ? SIZE_FIRST : map->size * 2;
    struct mcp_map_slot *slots = calloc(size, sizeof(*slots));

    if (slots == NULL)
        return false;
    for (size_t i = 0; i < map->size; i++) {
        struct mcp_map_slot *old = &map->slots[i];

        if (old->hash != 0)
            *probe(slots, size, old->key, old->hash) = *old;
    }
    free(map->slots);
    map->slots = slots;
    map->size = size;
    return true;
}

struct mcp_map_slot *mcp_map_put(struct mcp_map *map, mcp_str key, bool *made)
{
    uint64_t hash = mcp_str_hash(key) | USED;
    struct mcp_map_slot *slot = NULL;

    if (map->size != 0)
        slot = probe(map->slots, map->size, key, hash);
    if (slot == NULL || slot->hash == 0) {
        /* Full at three quarters: linear probing stays short up to there. */
        if (map->count + 1 > map->size / 4 * 3) {
            if (!grow(map))
                return NULL;
            slot = probe(map->slots, map->size, key, hash);
        }
        slot->key = key;
        slot->hash = hash;
        map->count++;
        *made = true;
        return slot;
    }
    *made = false;
    return slot;
}

struct mcp_map_slot *mcp_map_each(const struct mcp_map *map, size_t *i)
{
    while (*i < map->size) {
        struct mcp_map_slot *slot = &map->slots[(*i)++];

        if (slot->hash != 0)
            return slot;
    }
    return NULL;
}
