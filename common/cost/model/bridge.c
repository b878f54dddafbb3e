/* The way from list price to what is billed and to what it effectively cost. */
#include "bridge.h"

/* Sets of classes. */
#define SET(c) (1u << (c))
#define V SET(COST_CLASS_COVERING)
#define W SET(COST_CLASS_UNUSED)
#define U SET(COST_CLASS_COVERED)
#define O SET(COST_CLASS_OTHER)
#define T SET(COST_CLASS_TAX)
#define C SET(COST_CLASS_CREDIT)
#define A SET(COST_CLASS_ADJUSTMENT)
#define ALL (V | W | U | O | T | C | A)

/* A step: plus the one metric, minus the other, over a set of classes. */
struct rule {
    const char *name;
    int plus, minus; /* enum cost_metric, or -1 */
    unsigned classes;
    bool is_sum;
};

static const struct rule invoice_rules[] = {
    { "list", COST_LIST, -1, O | V, false },
    { "negotiated_discount", COST_CONTRACTED, COST_LIST, O | V, false },
    { "other_discounts", COST_BILLED, COST_CONTRACTED, O | V, false },
    { "covered_and_unused", COST_BILLED, -1, U | W, false },
    { "billed_gross", COST_BILLED, -1, O | V | U | W, true },
    { "credits", COST_BILLED, -1, C, false },
    { "adjustments", COST_BILLED, -1, A, false },
    { "tax", COST_BILLED, -1, T, false },
    { "billed", COST_BILLED, -1, ALL, true },
};

static const struct rule accrual_rules[] = {
    { "list", COST_LIST, -1, O | U, false },
    { "negotiated_discount", COST_CONTRACTED, COST_LIST, O | U, false },
    { "commitment_savings", COST_EFFECTIVE, COST_CONTRACTED, U, false },
    { "other_discounts", COST_EFFECTIVE, COST_CONTRACTED, O, false },
    { "unused_commitment", COST_EFFECTIVE, -1, W, false },
    { "covering_purchases", COST_EFFECTIVE, -1, V, false },
    { "credits_adjustments_tax", COST_EFFECTIVE, -1, C | A | T, false },
    { "effective", COST_EFFECTIVE, -1, ALL, true },
};

static const struct rule link_rules[] = {
    { "billed", COST_BILLED, -1, ALL, false },
    { "covering_purchases", COST_EFFECTIVE, COST_BILLED, V, false },
    { "covered_usage", COST_EFFECTIVE, COST_BILLED, U, false },
    { "unused_commitment", COST_EFFECTIVE, COST_BILLED, W, false },
    { "residual", COST_EFFECTIVE, COST_BILLED, O | C | A | T, false },
    { "effective", COST_EFFECTIVE, -1, ALL, true },
};

/* Adds (or subtracts) one metric over classes; false when it overflows. */
static bool sum_metric(const struct cost_bridge_in *in, int metric, unsigned classes, bool minus,
                       struct cost__step *step)
{
    for (int c = 0; metric >= 0 && c < COST_N_CLASSES; c++) {
        const struct cost_class_sums *s = &in->classes[c];

        if ((classes & SET(c)) == 0)
            continue;
        if (s->unknown[metric] > 0)
            step->known = false;
        if ((minus ? cost_money_sub : cost_money_add)(&step->amount, s->m[metric]) < 0)
            return false;
    }
    return true;
}

static int build_chain(const struct cost_bridge_in *in, const struct rule *rules, size_t n,
                       bool unreliable, struct cost__chain *out, struct mcp_error *err)
{
    struct cost_money run = COST_MONEY_ZERO;
    bool all_known = true;

    MCP_BUG_ON(n > COST__STEPS_MAX);
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        const struct rule *rule = &rules[i];
        struct cost__step step = { rule->name, true, COST_MONEY_ZERO, rule->is_sum };

        if (!sum_metric(in, rule->plus, rule->classes, false, &step) ||
            !sum_metric(in, rule->minus, rule->classes, true, &step) ||
            (!rule->is_sum && cost_money_add(&run, step.amount) < 0))
            return mcp_error_set(err, MCP_ERANGE, "A sum of the bridge overflows.");
        if (rule->is_sum && all_known && step.known && cost_money_cmp(run, step.amount) != 0)
            return mcp_error_word(err, MCP_EDATA, "check_failed",
                                  "The bridge's steps do not add up to %s.", rule->name);
        if (unreliable && !rule->is_sum)
            step.known = false;
        all_known = all_known && step.known;
        out->steps[i] = step;
    }
    return 0;
}

bool cost__effective_unreliable(const struct cost_bridge_in *in)
{
    __int128 zero = cost_money_abs(in->usage_zero_effective_billed).units;
    __int128 all = cost_money_abs(in->usage_ordinary_billed).units;

    return in->usage_rows_zero_effective > 0 && zero > all / 100;
}

/* E(U) / (E(U) + other); false when a column is null or the whole is not above 0. */
static bool part_of(const struct cost_class_sums *covered, const struct cost_class_sums *other,
                    char out[COST_MONEY_TEXT])
{
    struct cost_money whole = covered->m[COST_EFFECTIVE];

    if (covered->unknown[COST_EFFECTIVE] > 0 || other->unknown[COST_EFFECTIVE] > 0 ||
        cost_money_add(&whole, other->m[COST_EFFECTIVE]) < 0)
        return false;
    return cost_money_share(covered->m[COST_EFFECTIVE], whole, out);
}

int cost__bridge_build(const struct cost_bridge_in *in, struct cost__bridge *out,
                       struct mcp_error *err)
{
    bool unreliable = cost__effective_unreliable(in);
    const struct cost_class_sums *covered = &in->classes[COST_CLASS_COVERED];
    int rc;

#define CHAIN(rules, unsure, to)                                                                   \
    build_chain(in, rules, sizeof(rules) / sizeof((rules)[0]), unsure, to, err)
    *out = (struct cost__bridge){ 0 };
    rc = CHAIN(invoice_rules, false, &out->invoice);
    if (rc == 0)
        rc = CHAIN(accrual_rules, unreliable, &out->accrual);
    if (rc == 0)
        rc = CHAIN(link_rules, false, &out->link);
#undef CHAIN
    if (rc < 0)
        return rc;
    out->refunds_billed = in->refunds_billed;
    out->refunds_effective = in->refunds_effective;
    if (!unreliable) {
        out->has_coverage = part_of(covered, &in->eligible, out->coverage);
        out->has_utilisation = part_of(covered, &in->classes[COST_CLASS_UNUSED], out->utilisation);
    }
    return 0;
}
