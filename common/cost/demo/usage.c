/* What one meter of one resource costs on one day: exact integer arithmetic, from prices up. */
#include "bill.h"

#include <mcp/date.h>

#define UNITS_PER_PICO ((__int128)1000000)

uint64_t cost__demo_mix(uint64_t seed, uint64_t value)
{
    uint64_t x = seed + 0x9e3779b97f4a7c15ULL * (value + 1);
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

int cost__demo_vary(uint64_t seed, uint64_t value, int pm)
{
    return (int)(cost__demo_mix(seed, value) % (uint64_t)(2 * pm + 1)) - pm;
}

/* The day's place in week and month, in per mille. */
static int rhythm_pm(enum demo_rhythm rhythm, int32_t day)
{
    static const int office[] = { 1060, 1100, 1090, 1080, 1030, 640, 600 };
    if (rhythm == DEMO_OFFICE)
        return office[mcp_date_weekday(day) - 1];
    if (rhythm == DEMO_BATCH && mcp_date_month_end(day) - day < 3)
        return 1850;
    return 1000;
}

static bool is_anomaly(const struct cost_demo *demo, const struct demo_template *t, int32_t day)
{
    int32_t ago = demo->options.last_day - day;
    return (t->meter->flags & DEMO_ANOMALY) != 0 && t->instance == 0 && ago >= 6 && ago <= 9;
}

/* Quantity in 1e-6 of the unit. */
static int64_t quantity_micro(const struct cost_demo *demo, const struct demo_template *t,
                              int32_t day)
{
    const struct demo_meter *m = t->meter;
    bool prod = t->project != NULL && strcmp(t->project->env, "prod") == 0;
    bool capped = (m->flags & DEMO_CAPPED) != 0;
    /* A machine of production runs all week. */
    enum demo_rhythm rhythm = capped && prod ? DEMO_FLAT : m->rhythm;
    int32_t age = day - demo->first_day;
    __int128 q = m->daily_micro;
    q = q * t->factor_pm / 1000;
    q = q * rhythm_pm(rhythm, day) / 1000;
    q = q * (1000 + m->growth_pm * age / 30) / 1000;
    if (!capped || rhythm != DEMO_FLAT)
        q = q * (1000 + cost__demo_vary(t->key, (uint64_t)day, 45)) / 1000;
    if (is_anomaly(demo, t, day))
        q *= 8;
    if (capped && q > m->daily_micro)
        q = m->daily_micro;
    if ((m->flags & DEMO_WHOLE) != 0)
        q = q / 1000000 * 1000000;
    return (int64_t)q;
}

static bool term_covers(const struct cost_demo *demo, const struct demo_commitment *c, int32_t day)
{
    return c->term_months == 0 || day < mcp_date_add_months(demo->first_day, c->term_months);
}

/* How much of its share a covered resource takes on a day, in per mille. */
static int covered_pm(const struct cost_demo *demo, const struct demo_commitment *c,
                      unsigned instance, int32_t day)
{
    if (c->fading && instance == c->shares - 1 && demo->options.last_day - day < 45)
        return 0;
    if (instance % 2 == 1 && mcp_date_weekday(day) >= 6)
        return 850 + (int)(cost__demo_mix(demo->options.seed, (uint64_t)day) % 100);
    return 1000;
}

static __int128 covered_pico(const struct demo_commitment *c, int pm)
{
    return (__int128)c->share_nano * 24 * pm;
}

__int128 cost__demo_unused_pico(const struct cost_demo *demo, const struct demo_commitment *c,
                                int32_t day)
{
    __int128 left = 0;
    if (!term_covers(demo, c, day))
        return 0;
    for (unsigned k = 0; k < c->shares; k++)
        left += covered_pico(c, 1000 - covered_pm(demo, c, k, day));
    return left;
}

/* price in 1e-9 times quantity in 1e-6 */
static struct cost_money cost_of(int64_t price_nano, int64_t micro)
{
    return (struct cost_money){ (__int128)price_nano * micro * 1000 };
}

static int64_t less(int64_t price_nano, int pm)
{
    return price_nano - price_nano * pm / 1000;
}

static void set_on_demand(const struct demo_template *t, int64_t micro, struct cost_row *row)
{
    const struct demo_meter *m = t->meter;
    int64_t contracted = less(m->price_nano, m->discount_pm);
    int64_t billed = less(contracted, m->other_pm);
    row->num[COST_NUM_LIST] = cost_of(m->price_nano, micro);
    row->num[COST_NUM_CONTRACTED] = cost_of(contracted, micro);
    row->num[COST_NUM_BILLED] = cost_of(billed, micro);
    row->num[COST_NUM_EFFECTIVE] = row->num[COST_NUM_BILLED];
    if ((m->flags & DEMO_NULL_CONTRACTED) != 0) {
        row->null_num[COST_NUM_CONTRACTED] = true;
        row->num[COST_NUM_CONTRACTED] = COST_MONEY_ZERO;
    }
}

static void end_commitment(struct cost_row *row)
{
    cost__demo_set(row, COST_COL_PRICING_CATEGORY, "Standard");
    row->text[COST_COL_COMMITMENT] = MCP_STR_NULL;
    row->text[COST_COL_COMMITMENT_TYPE] = MCP_STR_NULL;
    row->text[COST_COL_COMMITMENT_STATUS] = MCP_STR_NULL;
    row->commitment_name = MCP_STR_NULL;
}

static bool unused(const struct cost_demo *demo, const struct demo_template *t, int32_t day,
                   struct cost_row *row)
{
    __int128 left = cost__demo_unused_pico(demo, t->commitment, day);
    if (left == 0)
        return false;
    row->num[COST_NUM_EFFECTIVE] = (struct cost_money){ left * UNITS_PER_PICO };
    row->null_num[COST_NUM_QUANTITY] = true;
    return true;
}

bool cost__demo_usage(const struct cost_demo *demo, const struct demo_template *t, int32_t day,
                      struct cost_row *row)
{
    if (day < t->first || day > t->last)
        return false;
    *row = t->row;
    row->charge_start = (int64_t)day * 86400;
    row->charge_end = row->charge_start + 86400;
    if (t->unused)
        return unused(demo, t, day, row);
    int64_t micro = quantity_micro(demo, t, day);
    if (t->commitment != NULL && term_covers(demo, t->commitment, day)) {
        int pm = covered_pm(demo, t->commitment, t->instance, day);
        if (pm == 0)
            return false;
        micro = t->meter->daily_micro * pm / 1000;
        set_on_demand(t, micro, row);
        row->num[COST_NUM_BILLED] = COST_MONEY_ZERO;
        row->num[COST_NUM_EFFECTIVE] =
            (struct cost_money){ covered_pico(t->commitment, pm) * UNITS_PER_PICO };
    } else {
        if (t->commitment != NULL)
            end_commitment(row);
        set_on_demand(t, micro, row);
    }
    row->num[COST_NUM_QUANTITY] = (struct cost_money){ (__int128)micro * 1000000000000 };
    if (strcmp(row->text[COST_COL_CHARGE_CATEGORY].ptr, "Usage") != 0) {
        row->null_num[COST_NUM_QUANTITY] = true; /* a fee consumes nothing */
        row->num[COST_NUM_QUANTITY] = COST_MONEY_ZERO;
    }
    return micro != 0;
}
