/* The three identities hold for any data; what is not known is null; no rate is invented. */
#include "result_help.h"

#include "cost/model/bridge.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct cost__step *step(const struct cost__chain *c, const char *name)
{
    for (size_t i = 0; i < c->n; i++) {
        if (strcmp(c->steps[i].name, name) == 0)
            return &c->steps[i];
    }
    fail_msg("no step %s", name);
    return NULL;
}

static void assert_step(const struct cost__chain *c, const char *name, const char *amount)
{
    const struct cost__step *s = step(c, name);
    char text[COST_MONEY_TEXT];

    assert_int_equal(s->known, amount != NULL);
    if (amount != NULL) {
        cost_money_format(s->amount, text);
        assert_string_equal(text, amount);
    }
}

static void set(struct cost_bridge_in *in, enum cost_class c, const char *b, const char *e,
                const char *l, const char *k)
{
    in->classes[c].rows = 1;
    in->classes[c].m[COST_BILLED] = model_money(b);
    in->classes[c].m[COST_EFFECTIVE] = model_money(e);
    in->classes[c].m[COST_LIST] = model_money(l);
    in->classes[c].m[COST_CONTRACTED] = model_money(k);
}

/* A commitment of 70 covers usage worth 100 at list, 10 of it unused; 50 on demand at 45. */
static struct cost_bridge_in example(void)
{
    struct cost_bridge_in in = { 0 };

    set(&in, COST_CLASS_COVERING, "70", "0", "70", "70");
    set(&in, COST_CLASS_UNUSED, "0", "10", "0", "0");
    set(&in, COST_CLASS_COVERED, "0", "60", "100", "95");
    set(&in, COST_CLASS_OTHER, "44", "44", "50", "45");
    set(&in, COST_CLASS_TAX, "5", "5", "5", "5");
    set(&in, COST_CLASS_CREDIT, "-3", "-3", "-3", "-3");
    set(&in, COST_CLASS_ADJUSTMENT, "1", "1", "1", "1");
    in.eligible = in.classes[COST_CLASS_OTHER];
    in.refunds_billed = model_money("-2");
    return in;
}

static void the_steps_lead_from_list_to_billed_and_to_effective(void **state)
{
    struct cost_bridge_in in = example();
    struct cost__bridge b;
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(cost__bridge_build(&in, &b, &err), 0);
    assert_step(&b.invoice, "list", "120");
    assert_step(&b.invoice, "negotiated_discount", "-5");
    assert_step(&b.invoice, "other_discounts", "-1");
    assert_step(&b.invoice, "covered_and_unused", "0");
    assert_step(&b.invoice, "billed_gross", "114");
    assert_step(&b.invoice, "billed", "117");
    assert_step(&b.accrual, "list", "150");
    assert_step(&b.accrual, "negotiated_discount", "-10");
    assert_step(&b.accrual, "commitment_savings", "-35");
    assert_step(&b.accrual, "other_discounts", "-1");
    assert_step(&b.accrual, "unused_commitment", "10");
    assert_step(&b.accrual, "credits_adjustments_tax", "3");
    assert_step(&b.accrual, "effective", "117");
    assert_step(&b.link, "covering_purchases", "-70");
    assert_step(&b.link, "covered_usage", "60");
    assert_step(&b.link, "unused_commitment", "10");
    assert_step(&b.link, "residual", "0");
    assert_true(b.has_coverage && b.has_utilisation);
    assert_string_equal(b.coverage, "0.576923"); /* 60 / 104 */
    assert_string_equal(b.utilisation, "0.857143"); /* 60 / 70 */
}

static void a_step_with_an_unknown_column_is_null_and_the_others_stay(void **state)
{
    struct cost_bridge_in in = example();
    struct cost__bridge b;

    (void)state;
    in.classes[COST_CLASS_OTHER].unknown[COST_CONTRACTED] = 1;
    assert_int_equal(cost__bridge_build(&in, &b, NULL), 0);
    assert_step(&b.invoice, "list", "120");
    assert_step(&b.invoice, "negotiated_discount", NULL);
    assert_step(&b.invoice, "other_discounts", NULL);
    assert_step(&b.invoice, "billed", "117");
    assert_step(&b.accrual, "commitment_savings", "-35");
    in.classes[COST_CLASS_COVERED].unknown[COST_EFFECTIVE] = 1;
    assert_int_equal(cost__bridge_build(&in, &b, NULL), 0);
    assert_step(&b.accrual, "commitment_savings", NULL);
    assert_step(&b.accrual, "effective", NULL);
    assert_false(b.has_coverage || b.has_utilisation);
}

static void unreliable_effective_costs_make_the_accrual_null(void **state)
{
    struct cost_bridge_in in = example();
    struct cost__bridge b;

    (void)state;
    in.usage_rows_zero_effective = 3;
    in.usage_ordinary_billed = model_money("100");
    in.usage_zero_effective_billed = model_money("1");
    assert_false(cost__effective_unreliable(&in));
    in.usage_zero_effective_billed = model_money("1.01");
    assert_true(cost__effective_unreliable(&in));
    assert_int_equal(cost__bridge_build(&in, &b, NULL), 0);
    assert_step(&b.accrual, "list", NULL);
    assert_step(&b.accrual, "commitment_savings", NULL);
    assert_step(&b.accrual, "effective", "117");
    assert_step(&b.invoice, "billed", "117");
    assert_step(&b.link, "effective", "117");
    assert_false(b.has_coverage);
}

static void the_identities_hold_for_any_numbers(void **state)
{
    uint64_t seed = 42;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        struct cost_bridge_in in = { 0 };
        struct cost__bridge b;
        struct mcp_error err = { 0 };

        for (int c = 0; c < COST_N_CLASSES; c++) {
            for (int m = 0; m < COST_N_METRICS; m++) {
                seed = seed * 6364136223846793005u + 1442695040888963407u;
                in.classes[c].m[m].units = (__int128)(int64_t)seed * 1000000007;
            }
        }
        assert_int_equal(cost__bridge_build(&in, &b, &err), 0);
    }
}

static void an_overflow_is_an_error(void **state)
{
    struct cost_bridge_in in = { 0 };
    struct cost__bridge b;
    struct mcp_error err = { 0 };

    (void)state;
    in.classes[COST_CLASS_OTHER].m[COST_LIST] = model_money("169999999999999999999");
    in.classes[COST_CLASS_COVERING].m[COST_LIST] = model_money("169999999999999999999");
    assert_int_equal(cost__bridge_build(&in, &b, &err), MCP_ERANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_steps_lead_from_list_to_billed_and_to_effective),
        cmocka_unit_test(a_step_with_an_unknown_column_is_null_and_the_others_stay),
        cmocka_unit_test(unreliable_effective_costs_make_the_accrual_null),
        cmocka_unit_test(the_identities_hold_for_any_numbers),
        cmocka_unit_test(an_overflow_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
