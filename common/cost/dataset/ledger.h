/* Sums of a slice, whole and by day, written from the rows as they are read. */
#ifndef COST_DATASET_LEDGER_H
#define COST_DATASET_LEDGER_H

#include "fact.h"
#include "snapshot.h"

#include <mcp/buf.h>

/* Rows keyed by (day, currency, provider); all zero is empty. The ledger of whole slices is kept
 * apart from the days, so that neither is made from the other. */
struct cost__ledger {
    struct cost_day_total *rows; /* owned */
    size_t n, size;
    uint32_t *index; /* owned: row + 1 by hash, index_size a power of two */
    size_t index_size;
    size_t last; /* the row that was added to last */
};

void cost__ledger_release(struct cost__ledger *ledger);
/* Adds the row at `day` (a constant for a whole slice). MCP_ERANGE when a sum overflows,
 * MCP_ENOMEM. */
int cost__ledger_add(struct cost__ledger *ledger, int32_t day, const struct cost__fact *fact);

/* 120 bytes a row, little-endian. */
#define COST__LEDGER_BYTES 120
void cost__ledger_write(const struct cost__ledger *ledger, struct mcp_buf *buf);
/* The number of rows in blob, or MCP_EDATA. */
int cost__ledger_count(mcp_str blob, size_t *n);
void cost__ledger_read(mcp_str blob, size_t i, struct cost_day_total *out);

#endif
