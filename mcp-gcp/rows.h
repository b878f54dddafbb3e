/* The rows of a BigQuery answer, walked in place: one row at a time, cells as text. */
#ifndef GCP_ROWS_H
#define GCP_ROWS_H

#include <mcp/arena.h>
#include <mcp/error.h>

/* Checks the whole answer (mcp_json_scan) and takes it apart: *envelope is the answer with an empty
 * list instead of its rows (in arena, small), *rows the text of that list, missing when the answer
 * has none. MCP_EUPSTREAM for what is no JSON object. */
int gcp_rows_split(mcp_str body, struct mcp_arena *arena, mcp_str *envelope, mcp_str *rows,
                   struct mcp_error *err);

/* each(ctx, cells, err) for every row of a list that gcp_rows_split gave: n_columns unescaped texts,
 * a missing one for NULL, borrowed until each returns; a negative answer of it ends the walk and is
 * returned. MCP_EUPSTREAM for rows of another form (wrong number of cells, nested cells), MCP_ENOMEM.
 * *count grows by the rows walked. */
int gcp_rows_each(mcp_str rows, size_t n_columns,
                  int (*each)(void *ctx, const mcp_str *cells, struct mcp_error *err), void *ctx,
                  uint64_t *count, struct mcp_error *err);

#endif
