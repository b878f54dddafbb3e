/* The generator's state: where it stands in the bills, and the charges it repeats every day. */
#ifndef COST_DEMO_BILL_H
#define COST_DEMO_BILL_H

#include <cost/demo.h>
#include <mcp/arena.h>

#include "catalog.h"

#define DEMO_MAX_MONTHS 60
#define DEMO_UNITS_PER_NANO ((__int128)1000000000) /* of cost_money in 1e-9 */

/* One charge that comes back every day: a meter of one resource. */
struct demo_template {
    const struct demo_meter *meter;
    const struct demo_project *project; /* NULL for the unused part of a commitment */
    const struct demo_commitment *commitment; /* covered or unused, else NULL */
    bool unused;
    unsigned instance;
    uint64_t key; /* feeds the noise */
    int32_t first, last; /* days it exists, inclusive */
    int factor_pm; /* size of this resource */
    struct cost_row row; /* all text set; text in the arena */
};

enum demo_stage { DEMO_LATE_USAGE, DEMO_DAILY, DEMO_CHARGES, DEMO_TAX };

struct cost_demo {
    struct cost_demo_options options; /* resolved */
    struct mcp_arena *arena; /* owned */
    int32_t first_day;
    struct demo_template *templates; /* by account */
    size_t account_first[DEMO_N_ACCOUNTS + 1]; /* ranges of templates */
    /* Pieces per template and day as a fraction: thins out below 1, splits into hours above. */
    uint64_t pieces_num, pieces_den;
    mcp_str invoice[DEMO_MAX_MONTHS][DEMO_N_ACCOUNTS]; /* missing while a month is open */

    /* Where it stands. */
    int month;
    enum demo_account_id account;
    enum demo_stage stage;
    int32_t month_start, month_end; /* inclusive */
    int32_t day;
    size_t at; /* template, or charge */
    struct cost_row whole; /* the day's row that is handed out in pieces */
    unsigned piece, pieces;
    struct cost_money billed; /* of the (month, account) so far: the tax is on it */
};

/* A number that depends on nothing but its arguments (splitmix64's finaliser over both). */
uint64_t cost__demo_mix(uint64_t seed, uint64_t value);
/* -pm..+pm around 1000. */
int cost__demo_vary(uint64_t seed, uint64_t value, int pm);
void cost__demo_set(struct cost_row *row, enum cost_col col, const char *z);
/* The text columns that every charge of an account has. */
void cost__demo_account_row(struct cost_row *row, enum demo_account_id account);

/* Fills demo->templates. */
void cost__demo_templates(struct cost_demo *demo);

/* The numbers of a template's day; false when the day has none. */
bool cost__demo_usage(const struct cost_demo *demo, const struct demo_template *t, int32_t day,
                      struct cost_row *row);
/* The part of a commitment that is paid and not used on a day, in 1e-12 of the currency. */
__int128 cost__demo_unused_pico(const struct cost_demo *demo, const struct demo_commitment *c,
                                int32_t day);
/* The index-th charge of the month: purchases of commitments, then fees. false: none this month. */
bool cost__demo_charge(const struct cost_demo *demo, size_t index, struct cost_row *row);
/* The month's tax on demo->billed. */
bool cost__demo_tax(const struct cost_demo *demo, struct cost_row *row);

#endif
