/* The closed word lists of FOCUS, compared without case, and the words that mean missing. */
#ifndef COST_DATASET_WORDS_H
#define COST_DATASET_WORDS_H

#include <cost/row.h>

/* Empty, NULL and null mean missing. */
static inline bool cost__word_missing(mcp_str s)
{
    return s.len == 0 ||
           (s.len == 4 && (memcmp(s.ptr, "NULL", 4) == 0 || memcmp(s.ptr, "null", 4) == 0));
}

/* The list's own spelling of a value of that column, or raw itself where the column has no list or
 * the list has not the word. */
mcp_str cost__word_canonical(enum cost_col col, mcp_str raw);
/* By canonical name; COST_N_CHARGES when it is none. */
enum cost_charge cost__word_charge(mcp_str canonical);
/* Service categories whose ordinary usage a commitment could cover (contract.md section 3). */
bool cost__word_eligible(mcp_str service_category);
/* Whether a description or meter says that what it bills is idle or unattached. */
bool cost__word_idle(mcp_str text);

#endif
