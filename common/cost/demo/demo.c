/* Walks through the synthetic bills: month by month, account by account, day by day. */
#include "bill.h"

#include <mcp/date.h>

#define DEFAULT_SEED 20260704
#define DEFAULT_MONTHS 13
#define MAX_ROWS ((uint64_t)1000000000)
#define HOURLY_DAYS 7

static bool is_fixed(const struct demo_template *t)
{
    return t->commitment != NULL || (t->meter->flags & DEMO_KEEP) != 0;
}

static void set_pieces(struct cost_demo *demo)
{
    uint64_t plain = 0, fixed = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        const struct demo_template *t = &demo->templates[i];
        uint64_t days = t->last < t->first ? 0 : (uint64_t)(t->last - t->first + 1);
        if (is_fixed(t))
            fixed += days;
        else
            plain += days;
    }
    demo->pieces_num = demo->pieces_den = 1;
    if (demo->options.rows == 0)
        return;
    demo->pieces_num = demo->options.rows > fixed ? demo->options.rows - fixed : 1;
    demo->pieces_den = plain > 0 ? plain : 1;
}

/* Invoices come a few days after the month. */
static void set_invoices(struct cost_demo *demo)
{
    for (int m = 0; m < demo->options.months; m++) {
        int32_t start = mcp_date_add_months(demo->first_day, m);
        if (mcp_date_month_end(start) + 3 > demo->options.last_day)
            continue;
        struct mcp_civil c = mcp_date_civil(start);
        for (int a = 0; a < DEMO_N_ACCOUNTS; a++)
            demo->invoice[m][a] =
                mcp_arena_printf(demo->arena, "%04d%02d-%d", c.year, c.month, 7000 + a * 111 + m);
    }
}

static void enter_account(struct cost_demo *demo)
{
    demo->month_start = mcp_date_add_months(demo->first_day, demo->month);
    demo->month_end = mcp_date_month_end(demo->month_start);
    demo->stage = DEMO_LATE_USAGE;
    demo->day = demo->month_start;
    demo->at = demo->account_first[demo->account];
    demo->billed = COST_MONEY_ZERO;
}

struct cost_demo *cost_demo_new(const struct cost_demo_options *options)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    if (arena == NULL)
        return NULL;
    struct cost_demo *demo = mcp_arena_alloc(arena, sizeof(*demo));
    demo->arena = arena;
    demo->options = *options;
    if (demo->options.seed == 0)
        demo->options.seed = DEFAULT_SEED;
    if (demo->options.months <= 0)
        demo->options.months = DEFAULT_MONTHS;
    if (demo->options.months > DEMO_MAX_MONTHS)
        demo->options.months = DEMO_MAX_MONTHS;
    if (demo->options.rows > MAX_ROWS)
        demo->options.rows = MAX_ROWS;
    demo->first_day =
        mcp_date_add_months(mcp_date_month_start(options->last_day), 1 - demo->options.months);
    cost__demo_templates(demo);
    set_pieces(demo);
    set_invoices(demo);
    enter_account(demo);
    return demo;
}

void cost_demo_free(struct cost_demo *demo)
{
    if (demo != NULL)
        mcp_arena_free(demo->arena); /* demo itself lives in it */
}

/* How many rows a template's day becomes. */
static unsigned pieces_of(const struct cost_demo *demo, const struct demo_template *t, int32_t day)
{
    uint64_t at = (uint64_t)(day - demo->first_day) + t->key % 97;
    uint64_t k =
        (at + 1) * demo->pieces_num / demo->pieces_den - at * demo->pieces_num / demo->pieces_den;
    if (is_fixed(t))
        return 1;
    if ((t->meter->flags & DEMO_HOURLY) != 0 && k > 0 && k < 24 &&
        demo->options.last_day - day < HOURLY_DAYS)
        k = 24;
    return (unsigned)k;
}

static bool is_late(const struct cost_demo *demo, const struct demo_template *t)
{
    return (t->meter->flags & DEMO_LATE) != 0 && demo->month_end < demo->options.last_day;
}

/* The next template with a row on demo->day; false when the day is through. late: only those whose
 * last day of a month comes with the next bill. */
static bool next_template(struct cost_demo *demo, bool late)
{
    for (; demo->at < demo->account_first[demo->account + 1]; demo->at++) {
        const struct demo_template *t = &demo->templates[demo->at];
        int32_t day = late ? demo->month_start - 1 : demo->day;
        if (late ? (t->meter->flags & DEMO_LATE) == 0 || demo->month == 0
                 : day == demo->month_end && is_late(demo, t))
            continue;
        demo->pieces = pieces_of(demo, t, day);
        demo->piece = 0;
        if (demo->pieces > 0 && cost__demo_usage(demo, t, day, &demo->whole)) {
            demo->at++;
            return true;
        }
    }
    demo->at = demo->account_first[demo->account];
    return false;
}

/* Makes demo->whole the next row to hand out (in pieces); false at the end of the bills. */
static bool advance(struct cost_demo *demo)
{
    size_t charges = cost__demo_n_commitments + cost__demo_n_fees;
    demo->piece = 0;
    for (;;) {
        switch (demo->stage) {
        case DEMO_LATE_USAGE:
            if (next_template(demo, true))
                return true;
            demo->stage = DEMO_DAILY;
            break;
        case DEMO_DAILY:
            if (demo->day <= demo->month_end && demo->day <= demo->options.last_day) {
                if (next_template(demo, false))
                    return true;
                demo->day++;
                break;
            }
            demo->stage = DEMO_CHARGES;
            demo->at = 0;
            break;
        case DEMO_CHARGES:
            demo->pieces = 1;
            while (demo->at < charges)
                if (cost__demo_charge(demo, demo->at++, &demo->whole))
                    return true;
            demo->stage = DEMO_TAX;
            if (cost__demo_tax(demo, &demo->whole))
                return true;
            break;
        case DEMO_TAX:
            if (demo->account + 1 < DEMO_N_ACCOUNTS) {
                demo->account++;
            } else {
                demo->account = DEMO_AWS;
                if (++demo->month == demo->options.months) {
                    demo->month--; /* stays at the end when asked again */
                    demo->account = DEMO_N_ACCOUNTS - 1;
                    demo->pieces = 0;
                    return false;
                }
            }
            enter_account(demo);
            break;
        }
    }
}

/* The piece-th of the day's equal parts; the last one takes what is left, so that they sum up. */
static struct cost_money part(struct cost_money whole, unsigned piece, unsigned pieces)
{
    __int128 step = DEMO_UNITS_PER_NANO;
    __int128 each = whole.units / pieces / step * step;
    if (piece == pieces - 1)
        each = whole.units - each * (pieces - 1);
    return (struct cost_money){ each };
}

static void cut_piece(const struct cost_demo *demo, struct cost_row *row)
{
    unsigned k = demo->pieces, j = demo->piece;
    if (k <= 1)
        return;
    for (int i = 0; i < COST_N_ROW_NUMS; i++)
        row->num[i] = part(demo->whole.num[i], j, k);
    /* Whole hours of the day, always with the last one: a day is complete when its end is reached. */
    unsigned hour = k <= 24 ? (j + 1) * 24 / k - 1 : (unsigned)((uint64_t)j * 24 / k);
    row->charge_start += (int64_t)hour * 3600;
    row->charge_end = row->charge_start + 3600;
}

int cost_demo_next(void *ctx, struct cost_row *row, struct mcp_error *err)
{
    struct cost_demo *demo = ctx;
    if (demo->piece >= demo->pieces) {
        if (!advance(demo))
            return 0;
        demo->whole.text[COST_COL_INVOICE] = demo->invoice[demo->month][demo->account];
        demo->whole.billing_start = (int64_t)demo->month_start * 86400;
        demo->whole.billing_end = (int64_t)(demo->month_end + 1) * 86400;
        if (cost_money_add(&demo->billed, demo->whole.num[COST_NUM_BILLED]) != 0)
            return mcp_error_set(err, MCP_ERANGE, "the demo's bill is out of range");
    }
    *row = demo->whole;
    cut_piece(demo, row);
    demo->piece++;
    return 1;
}
