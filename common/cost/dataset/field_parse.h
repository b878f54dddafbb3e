/* Amounts and instants of CSV fields, fast for the forms that exports really have. */
#ifndef COST_DATASET_FIELD_PARSE_H
#define COST_DATASET_FIELD_PARSE_H

#include <cost/money.h>

/* As cost_money_parse, with spaces around allowed; *decimals: digits behind the point that the value
 * needs. */
int cost__field_money(mcp_str s, struct cost_money *out, uint8_t *decimals, uint64_t *rounded);
/* YYYY-MM-DD, with T or a space and HH:MM, :SS, a fraction, and Z, UTC, an offset or nothing (UTC).
 * 0, else -1. */
int cost__field_instant(mcp_str s, int64_t *out);

#endif
