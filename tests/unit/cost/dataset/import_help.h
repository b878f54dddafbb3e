/* For tests of the import: CSV text in files of a temporary folder, deliveries, what the ledger says. */
#ifndef TEST_IMPORT_HELP_H
#define TEST_IMPORT_HELP_H

#include <cost/dataset.h>

struct import_test {
    char dir[64], dataset[96];
    struct mcp_arena *arena;
    struct mcp_error err;
    struct cost_import_report report;
};

void import_test_begin(struct import_test *t);
void import_test_end(struct import_test *t);
/* Writes DIR/name (folders made) and returns its path, which lives in the arena. */
mcp_str import_file(struct import_test *t, const char *name, const char *text);
mcp_str import_bytes(struct import_test *t, const char *name, const void *bytes, size_t len);
/* The short test file's header: 13 columns. Rows: see import_line. */
extern const char import_header[];
/* "DAY,PROJECT,BILLED" as rows of import_header's columns, separated by spaces, in one period:
 * import_rows(t, "2026-01", "2026-01-05,p1,1.5 2026-01-06,p2,2"). */
const char *import_rows(struct import_test *t, const char *month, const char *cells);
/* One delivery of these paths. */
int import_paths(struct import_test *t, const struct cost_import_options *options, size_t n, ...);
int import_one(struct import_test *t, mcp_str path);
/* Billed sum and rows of the whole ledger as "SUM/ROWS"; in the arena. */
const char *import_total(struct import_test *t);
/* The dataset's generation. */
mcp_str import_generation(struct import_test *t);
/* ../shared relative to the repository, or MCP_SHARED; NULL when it is not there (said on stderr). */
const char *import_shared(struct import_test *t, const char *name);

#endif
