/* The files of a delivery: folders walked, manifests read, older runs left out. */
#ifndef COST_DATASET_FILELIST_H
#define COST_DATASET_FILELIST_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define COST__MAX_FILES 100000

struct cost__file {
    mcp_str path; /* NUL-terminated behind its len */
    mcp_str source; /* the export's name in its manifest, or missing */
    uint64_t size;
    int64_t mtime;
};

struct cost__file_list {
    struct cost__file *items; /* in arena */
    size_t n, size;
    const mcp_str *skipped; /* files of older runs of a manifest, in arena */
    size_t n_skipped;
};

/* Every file named, and of each folder named the *.csv and *.csv.gz in it and below, in byte order.
 * Symbolic links inside a folder are not followed out of it. Files that a manifest lists are kept
 * only where it is the newest run of its billing period. MCP_ENOTFOUND for a path that is not
 * there, MCP_EINVAL when nothing is left to read, MCP_ETOOBIG beyond COST__MAX_FILES. */
int cost__filelist_read(const mcp_str *paths, size_t n, struct mcp_arena *arena,
                        struct cost__file_list *out, struct mcp_error *err);

#endif
