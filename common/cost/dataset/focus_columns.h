/* The columns of a FOCUS file by name: where each goes. */
#ifndef COST_DATASET_FOCUS_COLUMNS_H
#define COST_DATASET_FOCUS_COLUMNS_H

#include <cost/row.h>
#include <mcp/error.h>

enum cost__focus_what {
    COST__FOCUS_TEXT, /* into the column of the fact */
    COST__FOCUS_FALLBACK, /* into the column where it is still missing */
    COST__FOCUS_NAME, /* display name of the column's id */
    COST__FOCUS_NUM,
    COST__FOCUS_DATE,
    COST__FOCUS_TAGS,
    COST__FOCUS_ALLOCATED_TAGS,
    COST__FOCUS_DESCRIPTION, /* may say that the meter is idle */
    COST__FOCUS_STATUS, /* of a billing period */
};
enum cost__focus_date {
    COST__BILLING_START,
    COST__BILLING_END,
    COST__CHARGE_START,
    COST__CHARGE_END,
    COST__N_DATES
};

struct cost__focus_column {
    const char *name; /* as FOCUS spells it */
    enum cost__focus_what what;
    int target; /* enum cost_col, cost_num or cost__focus_date */
    bool required;
    bool optional; /* its absence is worth telling */
};
extern const struct cost__focus_column cost__focus_columns[];
extern const size_t cost__focus_n_columns;

/* By name without case, spaces and underscores: index into the table, or -1. */
int cost__focus_column_find(mcp_str name);

#endif
