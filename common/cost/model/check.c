/* Proof before print: every total is the sum of its parts, or there is no answer. */
#include "bridge.h"

static int failed(struct mcp_error *err, mcp_str currency, const char *what,
                  struct cost_money total, struct cost_money parts)
{
    char t[COST_MONEY_TEXT], p[COST_MONEY_TEXT], d[COST_MONEY_TEXT] = "out of range";
    struct cost_money residual = total;

    cost_money_format(total, t);
    cost_money_format(parts, p);
    if (cost_money_sub(&residual, parts) == 0)
        cost_money_format(residual, d);
    mcp_error_word(
        err, MCP_EDATA, "check_failed",
        "The total in %.*s and %s differ: %s against %s, residual %s. No figure is given "
        "rather than a wrong one.",
        MCP_STR_ARG(currency), what, t, p, d);
    return mcp_error_next(err, "Run doctor, then import the bill again; please report this.");
}

static int overflow(struct mcp_error *err)
{
    return mcp_error_set(err, MCP_ERANGE, "A sum is beyond 1.7e20 and cannot be held exactly.");
}

/* before + page + other = total. */
static int check_pages(const struct cost_block_result *b, struct mcp_error *err)
{
    struct cost_money sum = b->before_cost, halves = b->other_positive;

    for (size_t i = 0; i < b->n_groups; i++) {
        if (cost_money_add(&sum, b->groups[i].cost.sum) < 0)
            return overflow(err);
    }
    if (cost_money_add(&sum, b->other_cost) < 0 || cost_money_add(&halves, b->other_negative) < 0)
        return overflow(err);
    if (cost_money_cmp(sum, b->total.sum) != 0)
        return failed(err, b->currency, "its pages", b->total.sum, sum);
    if (cost_money_cmp(halves, b->other_cost) != 0)
        return failed(err, b->currency, "the halves of other", b->other_cost, halves);
    return 0;
}

/* The classes of the bridge hold every row once: their sums are the totals of each metric. */
static int check_classes(const struct cost_block_result *b, struct mcp_error *err)
{
    uint64_t rows = 0;

    for (int c = 0; c < COST_N_CLASSES; c++)
        rows += b->bridge.classes[c].rows;
    if (rows == 0)
        return 0; /* this source cannot tell classes */
    for (int m = 0; m < COST_N_METRICS; m++) {
        struct cost_money sum = COST_MONEY_ZERO;

        if (b->totals[m].rows == 0)
            continue; /* nor this metric */
        for (int c = 0; c < COST_N_CLASSES; c++) {
            if (cost_money_add(&sum, b->bridge.classes[c].m[m]) < 0)
                return overflow(err);
        }
        if (cost_money_cmp(sum, b->totals[m].sum) != 0)
            return failed(err, b->currency, "the classes of its rows", b->totals[m].sum, sum);
    }
    return 0;
}

/* The series of the total is the total. */
static int check_series(const struct cost_block_result *b, struct mcp_error *err)
{
    struct cost_money sum = COST_MONEY_ZERO;

    if (b->points == NULL)
        return 0;
    for (size_t i = 0; i < b->n_buckets; i++) {
        if (cost_money_add(&sum, b->points[i].cost) < 0)
            return overflow(err);
    }
    if (cost_money_cmp(sum, b->total.sum) != 0)
        return failed(err, b->currency, "its series", b->total.sum, sum);
    return 0;
}

int cost_result_check(const struct cost_result *r, struct mcp_error *err)
{
    for (size_t i = 0; i < r->n_blocks; i++) {
        const struct cost_block_result *b = &r->blocks[i];
        int rc = 0;

        if (cost_money_cmp(b->total.sum, b->parts_total) != 0)
            rc = failed(err, b->currency, "its parts", b->total.sum, b->parts_total);
        if (rc == 0)
            rc = check_pages(b, err);
        if (rc == 0)
            rc = check_classes(b, err);
        if (rc == 0)
            rc = check_series(b, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}
