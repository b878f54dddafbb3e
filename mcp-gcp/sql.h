/* A query under construction: its text, which holds no outside value, and its named parameters. */
#ifndef GCP_SQL_H
#define GCP_SQL_H

#include <mcp/arena.h>
#include <mcp/buf.h>
#include <mcp/error.h>

#define GCP_SQL_MAX_BYTES ((size_t)1 << 20) /* BigQuery's own limit on a query's text */

/* On the caller's stack; the bytes go with the arena. A failure sticks and is asked once at the end. */
struct gcp_sql {
    struct mcp_arena *arena;
    struct mcp_buf *text;
    struct mcp_buf *params; /* elements of queryParameters, comma separated */
};

void gcp_sql_init(struct gcp_sql *sql, struct mcp_arena *arena);
/* Our own words only: what came from outside is a parameter, or an identifier below. */
void gcp_sql_put(struct gcp_sql *sql, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The parameter @name: a DATE, an INT64, a STRING (missing: NULL), an ARRAY<STRING>. Send each once, and only what
 * the text uses. */
void gcp_sql_date(struct gcp_sql *sql, const char *name, int32_t day);
void gcp_sql_int(struct gcp_sql *sql, const char *name, int64_t value);
void gcp_sql_string(struct gcp_sql *sql, const char *name, mcp_str value);
void gcp_sql_strings(struct gcp_sql *sql, const char *name, const mcp_str *values, size_t n);
/* 0, or MCP_ETOOBIG / MCP_ENOMEM. */
int gcp_sql_error(const struct gcp_sql *sql, struct mcp_error *err);

/* What may stand between back-quotes: BigQuery's rules for names that are not parameters. */
bool gcp_is_project(mcp_str s);
bool gcp_is_dataset(mcp_str s);
bool gcp_is_table(mcp_str s);

#endif
