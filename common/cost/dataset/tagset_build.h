/* Tag sets while an import runs: each distinct effective set of tags gets a number. */
#ifndef COST_DATASET_TAGSET_BUILD_H
#define COST_DATASET_TAGSET_BUILD_H

#include "dict_build.h"
#include "tag_parse.h"

#define COST__TAGSET_CHUNK 1024 /* sets in one row of the file's table */

struct cost__tagsets {
    struct mcp_arena *scratch; /* owned: of one parse */
    struct cost__tag_list *list; /* owned */
    struct cost__dict keys, values;
    /* A set's bytes: u32 key id, u32 value id for each pair, ascending by key. */
    struct cost__dict sets;
    struct tagset_memo {
        uint64_t low, high; /* XXH3-128 of the raw text */
        uint32_t id; /* set + 1; 0: free */
    } * memo; /* owned */
    size_t memo_size, memo_used;
};

/* arena: where texts live as long as the import. */
int cost__tagsets_init(struct cost__tagsets *sets, struct mcp_arena *arena);
void cost__tagsets_release(struct cost__tagsets *sets);
/* The set of tags overlaid by allocated (both raw text, may be missing): 0 for no tag at all.
 * MCP_EDATA with reason (static text) when one is no tag text. */
int cost__tagsets_id(struct cost__tagsets *sets, mcp_str tags, mcp_str allocated, uint32_t *id,
                     const char **reason);
/* The values of the first cluster key and the first namespace key in a set, or missing. */
void cost__tagsets_kube(const struct cost__tagsets *sets, uint32_t set, mcp_str *cluster,
                        mcp_str *namespace);
int cost__tagsets_load(struct cost__tagsets *sets, sqlite3 *db, struct mcp_error *err);
int cost__tagsets_save(struct cost__tagsets *sets, sqlite3 *db, struct mcp_error *err);

#endif
