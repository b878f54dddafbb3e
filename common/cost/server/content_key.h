/* Names the content of files, remembering what was read before by path, size, time and inode. */
#ifndef COST_SERVER_CONTENT_KEY_H
#define COST_SERVER_CONTENT_KEY_H

#include <mcp/arena.h>
#include <mcp/error.h>

#define COST__CONTENT_KEY 32 /* hex digits of XXH3-128 */

/* The key of all regular *.csv, *.csv.gz and *.json files that the paths name or contain, in order
 * of their paths. The content is only read when one of them changed since the last time (its stat
 * says so); what was found is kept in dir. MCP_ENOTFOUND names a path that is not there. */
int cost__content_key(mcp_str dir, const mcp_str *paths, size_t n_paths, struct mcp_arena *arena,
                      char key[COST__CONTENT_KEY + 1], struct mcp_error *err);

#endif
