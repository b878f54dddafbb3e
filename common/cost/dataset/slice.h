/* One slice (source, billing account, billing period, provider) while its rows come in. */
#ifndef COST_DATASET_SLICE_H
#define COST_DATASET_SLICE_H

#include "ledger.h"
#include "rollup.h"
#include "stage.h"

#include <sqlite3.h>

/* Freshness of one project in a slice, Kubernetes rows apart: what a restricted caller may know. */
struct cost__project_facts {
    uint32_t project;
    uint32_t kubernetes; /* 0 or 1 */
    int32_t day_min, day_max; /* of the rows' starts */
    int64_t short_end; /* latest end of a Usage row of at most a day, INT64_MIN: none */
    int64_t ended_end; /* latest end of any charge that had ended at import, INT64_MIN: none */
    uint64_t rows;
};
#define COST__PROJECT_BYTES sizeof(struct cost__project_facts)

struct cost__slice {
    uint32_t source; /* id in the importer's list */
    uint32_t provider, account; /* ids; account: the first spelling met */
    uint32_t account_fold; /* id of the folded account in the importer's list */
    int32_t period_start, period_end; /* inclusive */
    int64_t id; /* in the file */
    uint64_t rows, rows_new; /* rows_new: from the delivery, not carried over */
    int32_t day_min, day_max;
    int64_t short_end, ended_end;
    struct cost__stage_rows waiting;
    struct cost__ledger ledger, days;
    struct cost__rollups *rollups; /* owned */
    struct cost__project_facts *projects; /* owned */
    size_t n_projects, projects_size;
    uint32_t *project_index; /* owned: row + 1, twice projects_size */
    size_t last_project;
    int32_t *usage_days; /* owned, ascending */
    size_t n_usage_days, usage_days_size;
    uint64_t *cells; /* owned: project << 32 | day + 1 by hash, for --partial; NULL: not kept */
    size_t n_cells, cells_size;
    uint32_t *files; /* owned: indexes of the delivery's files that fed it, ascending */
    size_t n_files, files_size;
    bool keep_cells;
};

#define COST__LEDGER_DAY 0 /* the ledger of a whole slice has one day for all rows */

/* Where finished parts go: statements on the file being written. */
struct cost__slice_writer {
    sqlite3 *db; /* borrowed */
    sqlite3_stmt *block, *slice, *facts; /* owned */
    struct cost__stage *stage; /* borrowed */
    struct cost__combos *combos; /* borrowed */
    const struct cost__slice *current;
    struct mcp_error *err;
};
int cost__slice_writer_init(struct cost__slice_writer *w, sqlite3 *db, struct cost__stage *stage,
                            struct cost__combos *combos, struct mcp_error *err);
void cost__slice_writer_release(struct cost__slice_writer *w);

void cost__slice_release(struct cost__slice *slice);
/* Adds a row to every sum and to the waiting rows. now: what had ended. MCP_MISS when the pool has
 * no room: flush some slice, then add again (nothing was added). MCP_ERANGE, MCP_ENOMEM. */
int cost__slice_add(struct cost__slice *slice, struct cost__stage *stage,
                    struct cost__combos *combos, const struct cost__fact *fact, int64_t now);
bool cost__slice_has_cell(const struct cost__slice *slice, uint32_t project, int32_t day);
int cost__slice_from_file(struct cost__slice *slice, uint32_t file);
/* Writes the waiting rows as a block. */
int cost__slice_flush(struct cost__slice *slice, struct cost__slice_writer *w,
                      struct mcp_error *err);
/* Writes what is left: blocks, rollups, sums, its row in the catalogue. */
int cost__slice_finish(struct cost__slice *slice, struct cost__slice_writer *w, mcp_str source,
                       mcp_str provider, mcp_str account, mcp_str account_fold, int64_t now,
                       struct mcp_error *err);
/* Freshness by contract.md section 4 from two ends: the day, or INT32_MIN. */
int32_t cost__data_through(int64_t short_end, int64_t ended_end);

#endif
