/* What a delivery may change: slices against what the dataset has (contract.md section 5). */
#ifndef COST_DATASET_DELIVERY_H
#define COST_DATASET_DELIVERY_H

#include "filelist.h"
#include "focus_csv.h"
#include "importer.h"

/* A file of the delivery after it was read. */
struct cost__delivered {
    const struct cost__file *file; /* borrowed */
    struct cost__focus_file *focus; /* borrowed */
};

struct cost__delivery {
    struct cost__importer *imp;
    struct mcp_arena *arena; /* the report's */
    const struct cost__delivered *files;
    size_t n_files;
    struct cost_import_slice *slices; /* the report's rows, in arena */
    size_t n_slices, slices_size;
};

/* Checks every slice of the importer against the file and carries over what stays: refused
 * (MCP_EREFUSED) with what would vanish, or whose second source overlaps. The old slices that are
 * replaced are deleted. The importer's slices are not finished yet. */
int cost__delivery_apply(struct cost__delivery *d, struct mcp_error *err);
/* After the importer's finish: files, missing columns, unmapped names, closed periods; the report's
 * sums afterwards. */
int cost__delivery_record(struct cost__delivery *d, struct mcp_error *err);

/* Files of which two share more than half of their records. */
struct cost__overlap {
    size_t older, newer; /* indexes of files */
};
/* *n overlaps in arena; older is the one whose data ends earlier, else of the earlier mtime, else
 * with fewer rows. */
int cost__delivery_overlaps(const struct cost__delivered *files, size_t n, struct mcp_arena *arena,
                            struct cost__overlap **out, size_t *n_out);

/* The files of the list that the dataset has already, by content: known[i]. in_effect tells that
 * nothing of it was replaced since. db: the dataset as it is. */
struct cost__known {
    bool known, in_effect;
    int64_t id;
};
int cost__delivery_known(sqlite3 *db, const struct cost__file_list *list, struct mcp_arena *arena,
                         struct cost__known **known, struct mcp_error *err);
/* The report's rows of the slices that these files fed, as "unchanged". */
int cost__delivery_unchanged(sqlite3 *db, const struct cost__known *known, size_t n,
                             struct mcp_arena *arena, struct cost_import_report *report,
                             struct mcp_error *err);

#endif
