/* Where the suite keeps its files, by the XDG base directories. */
#ifndef COST_SERVER_PATHS_H
#define COST_SERVER_PATHS_H

#include <mcp/arena.h>
#include <mcp/error.h>

/* $XDG_DATA_HOME/mcp-cost/NAME, else ~/.local/share/mcp-cost/NAME. Missing without a home. */
mcp_str cost__path_data(struct mcp_arena *arena, const char *name);
/* $XDG_CONFIG_HOME/mcp-cost/NAME, else ~/.config/mcp-cost/NAME. Missing without a home. */
mcp_str cost__path_config(struct mcp_arena *arena, const char *name);
/* $XDG_CACHE_HOME/mcp-cost, else ~/.cache/mcp-cost, else a 0700 folder of this user in TMPDIR; made
 * when missing. */
int cost__path_cache_dir(struct mcp_arena *arena, mcp_str *dir, struct mcp_error *err);
/* Makes the folder of a file, with its parents, 0700. */
int cost__path_make_parent(struct mcp_arena *arena, mcp_str file, struct mcp_error *err);

#endif
