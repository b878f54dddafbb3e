/* Records of a CSV stream by RFC 4180, found many bytes at a time, without copies. */
#ifndef COST_DATASET_CSV_H
#define COST_DATASET_CSV_H

#include "csv_input.h"

#define COST__CSV_MAX_FIELD ((size_t)1 << 20)
#define COST__CSV_MAX_RECORD ((size_t)8 << 20)
#define COST__CSV_MAX_FIELDS 1024

struct cost__csv;

/* Takes nothing over: in must outlive it. NULL when memory is out. */
struct cost__csv *cost__csv_new(struct cost__csv_input *in);
void cost__csv_free(struct cost__csv *csv);

/* The next record: 1 with its fields (valid until the next call; quotes removed, doubled quotes
 * single), 0 at the end, negative with err. Empty lines are left out, a BOM at the start too.
 * Newlines in quotes belong to the field; CRLF ends a record as LF does. A quote inside an unquoted
 * field, text behind a closing quote, an open quote at the end, too large fields or records:
 * MCP_EDATA with file and line. */
int cost__csv_next(struct cost__csv *csv, const mcp_str **fields, size_t *n, struct mcp_error *err);
/* Line of the current record's start, from 1. */
uint64_t cost__csv_line(const struct cost__csv *csv);
/* XXH3 of the current record's bytes as they stood in the file, without the line's end. */
uint64_t cost__csv_record_hash(const struct cost__csv *csv);

#endif
