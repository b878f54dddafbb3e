/* A dictionary while an import runs: text to id by hash, kept whole in memory. */
#ifndef COST_DATASET_DICT_BUILD_H
#define COST_DATASET_DICT_BUILD_H

#include <mcp/arena.h>
#include <mcp/error.h>

#include <sqlite3.h>

#define COST__DICT_MAX UINT32_C(0x7fffffff)

/* All zero but arena is an empty dictionary. Ids are dense from 1. */
struct cost__dict {
    struct mcp_arena *arena; /* borrowed: where texts live */
    mcp_str *texts; /* owned: [id - 1] */
    mcp_str *names; /* owned, NULL until a name is given: [id - 1], the latest display name */
    int32_t *name_periods; /* owned */
    uint32_t n, size, names_size;
    uint32_t n_stored; /* these stand in the file already */
    struct cost__dict_slot {
        mcp_str text; /* in arena */
        uint32_t hash, id; /* id 0: free */
    } * slots; /* owned, power of two; several texts may lead to one id */
    size_t slots_size, slots_used;
};

void cost__dict_release(struct cost__dict *dict);
/* The id of text, made when it is new (text is copied). 0: out of memory. */
uint32_t cost__dict_id(struct cost__dict *dict, mcp_str text);
/* The id that raw was said to mean, or 0. */
uint32_t cost__dict_lookup(const struct cost__dict *dict, mcp_str raw);
/* From now on raw means id too (another spelling of a closed list's word). */
int cost__dict_alias(struct cost__dict *dict, mcp_str raw, uint32_t id);
mcp_str cost__dict_get(const struct cost__dict *dict, uint32_t id);
/* The display name of an id: that of the latest period stays. */
int cost__dict_name(struct cost__dict *dict, uint32_t id, mcp_str name, int32_t period);

/* Reads column col of the file's dictionary and its names. */
int cost__dict_load(struct cost__dict *dict, sqlite3 *db, int col, struct mcp_error *err);
/* Writes what is new. */
int cost__dict_save(struct cost__dict *dict, sqlite3 *db, int col, struct mcp_error *err);

#endif
