/* What the files of the reading half share: connections, caches, lazily read parts of a snapshot. */
#ifndef COST_DATASET_SNAPSHOT_INTERNAL_H
#define COST_DATASET_SNAPSHOT_INTERNAL_H

#include "block_cache.h"
#include "slice.h"
#include "snapshot.h"

#include <mcp/arena.h>

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <sys/types.h>

enum cost__sql {
    COST__SQL_DICT_TEXT,
    COST__SQL_DICT_ALL,
    COST__SQL_DICT_FIND,
    COST__SQL_NAME,
    COST__SQL_NAME_ALL,
    COST__SQL_NAME_FIND,
    COST__SQL_BLOCK,
    COST__SQL_BLOCK_LIST,
    COST__SQL_SLICE_FACTS,
    COST__SQL_TAG_KEY_FIND,
    COST__SQL_TAG_KEYS,
    COST__SQL_TAG_KEY,
    COST__SQL_TAG_VALUE,
    COST__SQL_TAGSETS,
    COST__SQL_TAGSET_OF,
    COST__N_SQL,
};

/* A connection and its statements: one user at a time. */
struct cost__conn {
    struct cost__conn *next;
    sqlite3 *db; /* owned */
    sqlite3_stmt *stmts[COST__N_SQL]; /* owned, prepared at first use */
};

struct cost__text {
    uint32_t len;
    char bytes[];
};
struct cost__slots {
    uint32_t n;
    _Atomic(const struct cost__text *) at[];
};

/* Texts of one column by id, filled as they are asked for. */
struct cost__texts {
    uint32_t n; /* ids 1..n */
    _Atomic(struct cost__slots *) by_id; /* owned: n + 1 slots, made at first use */
    _Atomic(struct cost__slots *) labels; /* likewise */
    atomic_bool all, all_labels; /* everything was loaded: nothing more to find in the file */
};

struct cost__block_ref {
    int64_t id;
    uint32_t slice;
    int kind;
    int32_t day_min, day_max;
};

/* Parts of slice_facts, read at first use. */
struct cost__slice_parts {
    const struct cost_day_total *days;
    size_t n_days;
    const struct cost__project_facts *projects;
    size_t n_projects;
};

/* What all slices of one provider say of their days: most questions need no more of them. */
struct cost__family_days {
    mcp_str provider; /* in arena */
    int32_t first;
    int64_t short_end, ended_end;
};

struct cost_snapshot {
    atomic_uint refs;
    int fd; /* owned: the file's state, whatever stands at its path now */
    mcp_str path, generation; /* in arena */
    int64_t imported_at;
    uint64_t file_bytes;
    dev_t dev;
    ino_t ino;
    const struct cost_slice *slices; /* in arena */
    size_t n_slices;
    struct cost__family_days *families; /* in arena */
    size_t n_families;
    const struct cost_ledger_row *ledger; /* in arena */
    size_t n_ledger;
    struct cost__texts texts[COST_N_COLS];
    uint32_t n_tagsets;
    /* Under lock: connections that wait, the arena, what is read lazily. */
    pthread_mutex_t lock;
    struct mcp_arena *arena; /* owned */
    struct cost__conn *idle;
    size_t n_idle;
    _Atomic(struct cost__slice_parts *) *parts; /* in arena: [slice], NULL until read */
    _Atomic(struct cost__block_ref *) blocks; /* in arena: by slice, kind, id */
    size_t n_blocks; /* valid once blocks is set */
    struct cost__block_cache *cache; /* owned */
    struct cost__tag_cache *tags; /* owned, tagset.c's */
    _Atomic(const uint64_t *) live[COST_N_COLS]; /* in arena: ids that any row carries, or NULL */
};

#define COST__LABEL_NONE ((const struct cost__text *)&cost__label_none)
extern const struct cost__text cost__label_none;

/* A connection of this snapshot's own, until given back. It ends its statements when the thread's
 * watch (cost__snapshot_watch) says so. */
int cost__conn_take(struct cost_snapshot *snap, struct cost__conn **conn, struct mcp_error *err);
void cost__conn_give(struct cost_snapshot *snap, struct cost__conn *conn);
void cost__conn_free(struct cost__conn *conn);
/* The statement, reset; NULL and err on failure. */
sqlite3_stmt *cost__conn_stmt(struct cost__conn *conn, enum cost__sql sql, struct mcp_error *err);

/* The index of a slice id in snap->slices, or SIZE_MAX. */
size_t cost__snapshot_slice_index(const struct cost_snapshot *snap, uint32_t slice);
int cost__snapshot_parts(struct cost_snapshot *snap, uint32_t slice,
                         const struct cost__slice_parts **parts, struct mcp_error *err);
void cost__tag_cache_free(struct cost__tag_cache *cache);

#endif
