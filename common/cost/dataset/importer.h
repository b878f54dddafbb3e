/* Rows into slices: ids for text, what is derived from a row, and the file's catalogue at the end. */
#ifndef COST_DATASET_IMPORTER_H
#define COST_DATASET_IMPORTER_H

#include "dict_build.h"
#include "slice.h"
#include "tagset_build.h"

#include <cost/dataset.h>

/* A table from a dictionary's id to something derived from it; value + 1, 0: not yet known. */
struct cost__idmap {
    uint32_t *values; /* owned */
    uint32_t size;
};

struct cost__importer {
    sqlite3 *db; /* borrowed */
    const struct cost_import_options *options; /* borrowed */
    struct mcp_arena *arena; /* owned: texts of the dictionaries */
    int64_t now;
    struct cost__dict dicts[COST_N_COLS]; /* but COST_COL_TAGS */
    struct cost__tagsets tags;
    struct cost__dict sources, accounts; /* of slices; accounts folded */
    struct cost__stage stage;
    struct cost__combos *combos; /* owned */
    struct cost__slice_writer writer;
    struct cost__slice **slices; /* owned */
    size_t n_slices, slices_size;
    uint32_t *slice_index; /* owned: slice + 1, twice slices_size */
    struct cost__slice *last;
    int64_t next_slice; /* id in the file */
    uint32_t file; /* index of the file whose rows come now */
    uint64_t rows; /* of the delivery */
    uint64_t rounded, rounded_max;
    /* Derived from ids, each computed once. */
    struct cost__idmap family_of_issuer, family_of_seller; /* provider id, or NO_FAMILY */
    struct cost__idmap account_fold;
    struct cost__idmap resource_group, resource_cluster, resource_namespace;
    struct cost__idmap set_cluster, set_namespace;
    struct cost__idmap charge, words;
    struct cost__dict unmapped; /* slugs of families not in the alias table */
    struct mcp_buf fold; /* scratch */
    struct cost__period_status {
        mcp_str family; /* in arena */
        int32_t period_start;
        bool closed;
    } * periods; /* owned: of Billing Period files */
    size_t n_periods, periods_size;
};

/* Reads the dictionaries of db; the importer writes into db until cost__importer_finish. */
int cost__importer_init(struct cost__importer *imp, sqlite3 *db,
                        const struct cost_import_options *options, struct mcp_error *err);
void cost__importer_release(struct cost__importer *imp);

/* The id of a raw value of a column: 0 for a missing one. False when memory is out. */
bool cost__importer_id(struct cost__importer *imp, enum cost_col col, mcp_str raw, uint32_t *id);

struct cost__row_place {
    mcp_str source; /* of a manifest, or missing */
    int64_t billing_start, billing_end; /* end INT64_MIN: the month's */
    int64_t charge_start, charge_end;
};
/* Completes the fact (ids of the row's own columns, numbers, nulls and decimals are set), derives
 * the rest and adds it to its slice. why: for MCP_EDATA and MCP_ERANGE, what is wrong (static
 * text). */
int cost__importer_add(struct cost__importer *imp, struct cost__fact *fact,
                       const struct cost__row_place *place, const char **why,
                       struct mcp_error *err);
/* The slice of that key, made when it is missing; NULL when memory is out. Ids as in struct
 * cost__slice. */
struct cost__slice *cost__importer_slice(struct cost__importer *imp, uint32_t source,
                                         uint32_t provider, uint32_t account_fold,
                                         int32_t period_start);
/* A row of another slice's block as it is, with its ids: carried over into `slice`. */
int cost__importer_carry(struct cost__importer *imp, struct cost__slice *slice,
                         const struct cost__fact *fact, struct mcp_error *err);
/* A row with text, as cost_import_rows takes it. */
int cost__importer_row(struct cost__importer *imp, const struct cost_row *row, mcp_str source,
                       const char **why, struct mcp_error *err);

/* Remembers that a billing period of the issuer's family is closed, or is not. */
int cost__importer_period(struct cost__importer *imp, mcp_str issuer, int32_t period_start,
                          bool closed);

/* Writes all slices, dictionaries and tag sets. The deliveries' bookkeeping is delivery.c's. */
int cost__importer_finish(struct cost__importer *imp, struct mcp_error *err);
mcp_str cost__importer_text(const struct cost__importer *imp, enum cost_col col, uint32_t id);

/* Of a slice. */
mcp_str cost__slice_source(const struct cost__importer *imp, const struct cost__slice *slice);
mcp_str cost__slice_provider(const struct cost__importer *imp, const struct cost__slice *slice);
mcp_str cost__slice_account(const struct cost__importer *imp, const struct cost__slice *slice);
mcp_str cost__slice_account_fold(const struct cost__importer *imp, const struct cost__slice *slice);

int cost__idmap_set(struct cost__idmap *map, uint32_t id, uint32_t value);
/* False: not yet known. */
static inline bool cost__idmap_get(const struct cost__idmap *map, uint32_t id, uint32_t *value)
{
    if (id >= map->size || map->values[id] == 0)
        return false;
    *value = map->values[id] - 1;
    return true;
}

#endif
