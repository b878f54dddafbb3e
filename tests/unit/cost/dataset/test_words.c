/* Closed lists and the words that mean missing. */
#include "cost/dataset/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void empty_and_null_mean_missing_and_nothing_else_does(void **state)
{
    static const struct {
        const char *text;
        bool missing;
    } rows[] = { { "", true },       { "NULL", true }, { "null", true }, { "Null", false },
                 { "NULLS", false }, { "0", false },   { " ", false },   { "none", false } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (cost__word_missing(mcp_str_z(rows[i].text)) != rows[i].missing)
            fail_msg("\"%s\"", rows[i].text);
    }
    assert_true(cost__word_missing(MCP_STR_NULL));
}

static void a_word_gets_its_list_s_spelling(void **state)
{
    static const struct {
        enum cost_col col;
        const char *raw, *want;
    } rows[] = {
        { COST_COL_CHARGE_CATEGORY, "usage", "Usage" },
        { COST_COL_CHARGE_CATEGORY, "CREDIT", "Credit" },
        { COST_COL_CHARGE_CATEGORY, "Refund", "Refund" },
        { COST_COL_CHARGE_FREQUENCY, "usage-based", "Usage-Based" },
        { COST_COL_PRICING_CATEGORY, "standard", "Standard" },
        { COST_COL_COMMITMENT_STATUS, "unused", "Unused" },
        { COST_COL_SERVICE_CATEGORY, "ai and machine learning", "AI and Machine Learning" },
        { COST_COL_SERVICE, "usage", "usage" }, /* no list */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mcp_str got = cost__word_canonical(rows[i].col, mcp_str_z(rows[i].raw));

        if (!mcp_str_eq(got, mcp_str_z(rows[i].want)))
            fail_msg("%s: %.*s", rows[i].raw, MCP_STR_ARG(got));
    }
}

static void charges_are_told_by_their_canonical_names(void **state)
{
    (void)state;
    assert_int_equal(cost__word_charge(MCP_STR("Usage")), COST_CHARGE_USAGE);
    assert_int_equal(cost__word_charge(MCP_STR("Tax")), COST_CHARGE_TAX);
    assert_int_equal(cost__word_charge(MCP_STR("Adjustment")), COST_CHARGE_ADJUSTMENT);
    assert_int_equal(cost__word_charge(MCP_STR("Refund")), COST_N_CHARGES);
    assert_int_equal(cost__word_charge(MCP_STR_NULL), COST_N_CHARGES);
}

static void commitments_cover_listed_categories_only(void **state)
{
    (void)state;
    assert_true(cost__word_eligible(MCP_STR("Compute")));
    assert_true(cost__word_eligible(MCP_STR("Databases")));
    assert_false(cost__word_eligible(MCP_STR("Storage")));
    assert_false(cost__word_eligible(MCP_STR_NULL));
}

static void a_description_that_says_idle_is_idle(void **state)
{
    static const struct {
        const char *text;
        bool idle;
    } rows[] = { { "$0.005 per Idle public IPv4 address per hour", true },
                 { "Unattached disk", true },
                 { "Static IP not attached to a VM", true },
                 { "Elastic IP UNASSOCIATED", true },
                 { "id le", false },
                 { "$0.10 per GB-month", false },
                 { "", false } };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (cost__word_idle(mcp_str_z(rows[i].text)) != rows[i].idle)
            fail_msg("\"%s\"", rows[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_and_null_mean_missing_and_nothing_else_does),
        cmocka_unit_test(a_word_gets_its_list_s_spelling),
        cmocka_unit_test(charges_are_told_by_their_canonical_names),
        cmocka_unit_test(commitments_cover_listed_categories_only),
        cmocka_unit_test(a_description_that_says_idle_is_idle),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
