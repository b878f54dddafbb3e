/* The SQLite file of a dataset: its schema, opening it for change, and short statements. */
#ifndef COST_DATASET_STORE_H
#define COST_DATASET_STORE_H

#include <mcp/error.h>
#include <mcp/str.h>

#include <sqlite3.h>

#define STORE_VERSION 1 /* of the schema: PRAGMA user_version */
#define STORE_APPLICATION 0x4d436f73 /* PRAGMA application_id: a dataset of ours */

/* Opens (makes) the file at path for an import: one writer, no journal (the caller works on a copy
 * that it renames at the end). An older schema is brought up to date. MCP_EDATA when the file is no
 * dataset or of a newer version. */
int cost__store_open(const char *path, sqlite3 **db, struct mcp_error *err);
/* fd: the open file, which the connection only reads and does not close; it must stay open as long
 * as the connection. Not thread-safe: one user at a time. */
int cost__store_open_fd(int fd, sqlite3 **db, struct mcp_error *err);
/* MCP_EDATA unless the file is a dataset of this version. */
int cost__store_check(sqlite3 *db, mcp_str path, struct mcp_error *err);

/* err from the connection's last failure; what: "write the dataset". A full disk is named so. */
int cost__store_failed(sqlite3 *db, const char *what, struct mcp_error *err);
int cost__store_exec(sqlite3 *db, const char *sql, struct mcp_error *err);
/* NULL and err on failure. */
sqlite3_stmt *cost__store_prepare(sqlite3 *db, const char *sql, struct mcp_error *err);
/* Binds by the letters of types: i int64_t, s mcp_str as text (missing: NULL), b mcp_str as a BLOB;
 * text and BLOB must outlive the step. Resets the statement first. */
int cost__store_bind(sqlite3_stmt *stmt, const char *types, ...);
/* Runs a statement that yields no rows. */
int cost__store_run(sqlite3_stmt *stmt, struct mcp_error *err);
/* 1: a row, 0: the end (the statement is reset), negative: err. */
int cost__store_step(sqlite3_stmt *stmt, struct mcp_error *err);
/* Column i of the current row; borrowed until the next step. NULL becomes the missing value. */
mcp_str cost__store_text(sqlite3_stmt *stmt, int i);
mcp_str cost__store_blob(sqlite3_stmt *stmt, int i);

#endif
