/* The embedded dataset: one SQLite file of column blocks, imported from FOCUS files, swapped whole. */
#ifndef COST_DATASET_H
#define COST_DATASET_H

#include <cost/history.h>
#include <cost/recommendation.h>
#include <cost/resource.h>
#include <cost/result.h>
#include <cost/row.h>

/* ---- import ---- */

struct cost_import_progress {
    uint64_t rows, bytes, bytes_total; /* bytes of the files as stored; total 0: unknown */
    uint64_t bytes_unpacked;
    mcp_str file;
};

struct cost_import_options {
    const mcp_str *paths; /* files and folders */
    size_t n_paths;
    mcp_str source; /* --source, or missing */
    mcp_str provider; /* --provider, or missing */
    bool latest, replace, partial, append;
    /* Called some ten times a second; non-zero ends the import with MCP_ECANCELLED. */
    int (*progress)(void *ctx, const struct cost_import_progress *p);
    void *ctx;
};

/* What one slice of a delivery did. */
struct cost_import_slice {
    mcp_str source, provider, billing_account, currency;
    int32_t period_start, period_end;
    const char *what; /* "new", "replaced", "unchanged", "appended", "partly replaced" */
    uint64_t rows_before, rows_after;
    struct cost_money billed_before, billed_after;
};

struct cost_import_report {
    const struct cost_import_slice *slices;
    size_t n_slices;
    uint64_t rows, bytes_unpacked;
    uint64_t rounded; /* numbers with digits past 1e-18 */
    uint64_t rounded_max; /* largest error in 1e-27 */
    const mcp_str *skipped_files; /* older runs of a manifest, known files */
    size_t n_skipped;
    const mcp_str *notes; /* sentences: unmapped providers, columns missing */
    size_t n_notes;
};

/* One delivery into the dataset file by contract.md section 5, in one transaction: FILE.lock,
 * FILE.new, fsync, rename. On any error the dataset is as before and err says file, line, column,
 * reason and what to do. The report lives in arena. Blocks; any thread. */
int cost_import(mcp_str dataset, const struct cost_import_options *options, struct mcp_arena *arena,
                struct cost_import_report *report, struct mcp_error *err);

/* As cost_import of one source, from rows that next() yields (1 = a row, 0 = end, < 0 = error): the
 * generator's way in. */
int cost_import_rows(mcp_str dataset, mcp_str source,
                     int (*next)(void *ctx, struct cost_row *row, struct mcp_error *err), void *ctx,
                     const struct cost_import_options *options, struct mcp_arena *arena,
                     struct cost_import_report *report, struct mcp_error *err);

/* ---- reading ---- */

struct cost_dataset; /* a path that is watched; any thread */
struct cost_snapshot; /* one immutable state of it, counted */

/* Opens nothing yet. backend: what source.backend says ("focus-files", "demo"). */
struct cost_dataset *cost_dataset_new(mcp_str path, const char *backend);
void cost_dataset_free(struct cost_dataset *ds);
/* Days after a billing period's end in which its bill may still change: a slice that was delivered
 * within them is not closed (contract.md section 4). */
struct cost_grace {
    int64_t aws_days, other_days;
};
#define COST_GRACE_AWS_DAYS 14
#define COST_GRACE_OTHER_DAYS 5
/* Other than these two numbers; before the first acquire. */
void cost_dataset_set_grace(struct cost_dataset *ds, const struct cost_grace *grace);
/* As given to cost_dataset_new; lives as long as the dataset. */
const char *cost_dataset_backend(const struct cost_dataset *ds);
/* The current state: looks at the file's inode once a second at most. MCP_ENOTFOUND when there is
 * no file, MCP_EDATA for a file that is no dataset or of a newer schema version. */
int cost_dataset_acquire(struct cost_dataset *ds, struct cost_snapshot **snap,
                         struct mcp_error *err);
void cost_snapshot_release(struct cost_snapshot *snap);
/* As acquire, but only when the state is already open and was looked at within the last second
 * (no file access): for the loop thread. NULL otherwise. */
struct cost_snapshot *cost_dataset_peek(struct cost_dataset *ds);
/* Changes with every import; for cursors and the cache. Lives as long as the snapshot. */
mcp_str cost_snapshot_generation(const struct cost_snapshot *snap);

/* Who asks: which rows are in scope at all (contract.md sections 5, 7, 11). */
struct cost_scope {
    mcp_str family; /* only this provider family; missing: every one */
    bool kubernetes; /* mcp-opencost: rows by contract.md section 7 */
    bool restricted; /* a tenant's list exists: only these projects */
    const mcp_str *projects;
    size_t n_projects;
    bool unattributed; /* rows without project too */
    bool (*cancelled)(void *ctx); /* checked while scanning, once a block; may be NULL */
    void *ctx;
};

/* First and last day, data_through for this scope; today is left to the caller. */
int cost_snapshot_extent(struct cost_snapshot *snap, const struct cost_scope *scope,
                         struct cost_extent *out, struct mcp_error *err);

/* The answers. query is resolved (but for get_forecast's own default range, see forecast.c of the
 * server); results live in arena. MCP_ECANCELLED when scope->cancelled says so. */
int cost_dataset_costs(struct cost_snapshot *snap, const struct cost_scope *scope,
                       const struct cost_query *query, struct mcp_arena *arena,
                       struct cost_result *out, struct mcp_error *err);
int cost_dataset_resources(struct cost_snapshot *snap, const struct cost_scope *scope,
                           const struct cost_query *query, struct mcp_arena *arena,
                           struct cost_resources *out, struct mcp_error *err);
int cost_dataset_recommendations(struct cost_snapshot *snap, const struct cost_scope *scope,
                                 const struct cost_query *query, struct mcp_arena *arena,
                                 struct cost_recommendations *out, struct mcp_error *err);

/* The values of a dimension in scope, display names included; COST_DIM_TAG: the tag keys. In arena. */
int cost_dataset_values(struct cost_snapshot *snap, const struct cost_scope *scope,
                        enum cost_dim dim, struct mcp_arena *arena, const mcp_str **values,
                        size_t *n, struct mcp_error *err);

int cost_dataset_history(struct cost_snapshot *snap, const struct cost_scope *scope,
                         const struct cost_query *query, struct mcp_arena *arena,
                         struct cost_history *out, struct mcp_error *err);

/* For doctor: what is in the file and what is wrong with it. */
struct cost_dataset_info {
    mcp_str path;
    uint64_t file_bytes, rows, facts_blocks;
    int64_t imported_at; /* newest delivery */
    const struct cost_slice_info *slices; /* all */
    size_t n_slices;
    const mcp_str *currencies;
    size_t n_currencies;
    const struct cost_dataset_gap {
        mcp_str provider, billing_account;
        struct cost_range days;
    } * gaps; /* days without usage between days with usage */
    size_t n_gaps;
    const mcp_str *missing_columns; /* "aws: ListCost, ..." */
    size_t n_missing;
    const mcp_str *unmapped; /* provider families not in the alias table */
    size_t n_unmapped;
};
int cost_snapshot_info(struct cost_snapshot *snap, struct mcp_arena *arena,
                       struct cost_dataset_info *out, struct mcp_error *err);

#endif
