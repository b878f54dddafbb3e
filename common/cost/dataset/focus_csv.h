/* FOCUS Cost and Usage files (1.0 to 1.4) as facts: columns by name, values by type. */
#ifndef COST_DATASET_FOCUS_CSV_H
#define COST_DATASET_FOCUS_CSV_H

#include "csv.h"
#include "importer.h"
#include "sketch.h"

enum cost__focus_kind {
    COST__FOCUS_COST_AND_USAGE,
    COST__FOCUS_BILLING_PERIOD, /* FOCUS 1.4's dataset of that name: which periods are closed */
    COST__FOCUS_OTHER, /* a FOCUS dataset that is not read (Contract Commitment, Invoice Detail) */
};

struct cost__focus_file {
    enum cost__focus_kind kind;
    uint64_t rows;
    uint64_t columns_missing; /* bit i: cost__focus_columns[i], where it is optional */
    struct cost__sketch sketch;
    struct cost__file_hash hash;
    int64_t last_charge; /* latest ChargePeriodStart of its rows */
};

struct cost__focus_reader;
struct cost__focus_reader *cost__focus_reader_new(struct cost__importer *imp);
void cost__focus_reader_free(struct cost__focus_reader *reader);

/* Reads one file to its end into the importer. source: of its manifest, or missing. progress (may
 * be NULL) is called after some hundred rows; non-zero ends with MCP_ECANCELLED. Errors are
 * MCP_EDATA with file, line, column, value and reason. */
int cost__focus_read(struct cost__focus_reader *reader, struct cost__csv_input *in, mcp_str source,
                     int (*progress)(void *ctx, uint64_t rows), void *ctx,
                     struct cost__focus_file *out, struct mcp_error *err);
#endif
