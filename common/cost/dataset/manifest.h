/* Manifests that clouds put beside an export's files: which files are one run of it. */
#ifndef COST_DATASET_MANIFEST_H
#define COST_DATASET_MANIFEST_H

#include "filelist.h"

struct cost__manifest {
    mcp_str path;
    mcp_str export_name;
    mcp_str period; /* whose bill: text that is equal for runs of one billing period */
    int64_t run_at; /* when the run was made, else the manifest's mtime */
    const mcp_str *files; /* as listed: keys or URLs */
    size_t n_files;
};

/* AWS: *-Manifest.json; Azure: manifest.json. */
bool cost__manifest_named(mcp_str file_name);
/* Takes the text of a manifest apart. MCP_EDATA when it lists no files in a known way. */
int cost__manifest_parse(mcp_str text, mcp_str path, int64_t mtime, struct mcp_arena *arena,
                         struct cost__manifest *out, struct mcp_error *err);
/* Leaves out of list what older runs list, and names the sources of the rest. MCP_EDATA when a file
 * of a newest run is not in the list. */
int cost__manifest_apply(const struct cost__manifest *manifests, size_t n, struct mcp_arena *arena,
                         struct cost__file_list *list, struct mcp_error *err);

#endif
