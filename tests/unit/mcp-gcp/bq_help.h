/* For tests of what asks BigQuery: a live source towards a scripted server, and answers for it. */
#ifndef TEST_BQ_HELP_H
#define TEST_BQ_HELP_H

#include "gcp_help.h"

#include "mcp-gcp/live.h"

#define BQ_HOST "/bigquery/v2/projects/p-host"
#define BQ_DATASET BQ_HOST "/datasets/billing"
#define BQ_QUERY BQ_HOST "/queries"
#define BQ_TABLE BQ_DATASET "/tables/export"
/* The rows that every script has: the token, the dataset in EU. */
#define BQ_USUAL                                                                                   \
    { "/token", 200, NULL, "{\"access_token\":\"t\",\"expires_in\":3599}", 0 },                    \
        { BQ_DATASET "?", 200, NULL, "{\"location\":\"EU\"}", 0 },                                 \
    {                                                                                              \
        BQ_DATASET " ", 200, NULL, "{\"location\":\"EU\"}", 0                                      \
    }

struct bq {
    struct gcp_config config; /* change it after bq_begin */
    struct gcp gcp;
    struct gcp_server *server;
    struct mcp_call *call;
    struct mcp_arena *arena; /* the call's */
    struct mcp_error err;
};

/* The day of these tests, and the set-up and end of a group of them. */
#define BQ_NOON 1763668800 /* 2025-11-20T20:00:00Z, noon in California */
int bq_at_noon(void **state);
int bq_group_end(void **state);

/* p-host.billing.export, America/Los_Angeles, 10 GiB a query, no limit of a day. */
void bq_begin(struct bq *bq, struct gcp_script *rows);
void bq_end(struct bq *bq);

/* The table's description: a list of its columns as "name TYPE, name RECORD(name TYPE, ...), name*
 * TYPE" (* repeated), then more members of the answer with a comma in front. Static storage, as the
 * next ones: sixteen at a time. */
const char *bq_table(const char *columns, const char *more);
/* The columns of the exports. */
extern const char bq_standard[], bq_detailed[], bq_focus[];

/* The answer of a finished query: rows separated by line ends, cells by |; an empty cell is NULL. */
const char *bq_answer(const char *const *columns, size_t n, const char *rows, const char *more);
/* The answer of get_costs: rows of section, w, currency, k1, bucket, charge, class, unit, place,
 * group_count, n and billed, likewise. Each metric is what is billed; other columns are 0.
 * commitments: of every row. */
const char *bq_costs(const char *rows, int commitments);
/* Freshness: usage up to this instant and the first day (-1: not asked). */
const char *bq_extent(long long usage_end, int first_day);
const char *bq_no_extent(void);

/* The texts hold one another. */
bool bq_holds(const char *text, const char *part);

#endif
