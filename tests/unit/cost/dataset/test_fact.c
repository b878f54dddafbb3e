/* The bridge class and flags of a row (contract.md section 3). */
#include "cost/dataset/fact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { NO = -999 }; /* a null amount */

static const struct {
    const char *what;
    enum cost_charge charge;
    int billed, effective;
    bool used, unused;
    enum cost_class class;
} classes[] = {
    { "covering", COST_CHARGE_PURCHASE, 5, 0, false, false, COST_CLASS_COVERING },
    { "free purchase", COST_CHARGE_PURCHASE, 0, 0, false, false, COST_CLASS_OTHER },
    { "one-time purchase", COST_CHARGE_PURCHASE, 5, 5, false, false, COST_CLASS_OTHER },
    { "purchase, effective null", COST_CHARGE_PURCHASE, 5, NO, false, false, COST_CLASS_OTHER },
    { "unused", COST_CHARGE_USAGE, 0, 5, false, true, COST_CLASS_UNUSED },
    { "used", COST_CHARGE_USAGE, 5, 5, true, false, COST_CLASS_COVERED },
    { "covered by its amounts", COST_CHARGE_USAGE, 0, 5, false, false, COST_CLASS_COVERED },
    { "billed null", COST_CHARGE_USAGE, NO, 5, false, false, COST_CLASS_OTHER },
    { "usage", COST_CHARGE_USAGE, 5, 5, false, false, COST_CLASS_OTHER },
    { "tax", COST_CHARGE_TAX, 5, 5, false, false, COST_CLASS_TAX },
    { "credit", COST_CHARGE_CREDIT, -5, -5, false, false, COST_CLASS_CREDIT },
    { "adjustment", COST_CHARGE_ADJUSTMENT, 5, 5, false, false, COST_CLASS_ADJUSTMENT },
};

static struct cost__fact fact(enum cost_charge charge, int billed, int effective)
{
    struct cost__fact f = { .charge = (uint8_t)charge, .length = 3600, .charge_end = 3600 };

    f.num[COST_BILLED].units = billed == NO ? 0 : billed;
    f.num[COST_EFFECTIVE].units = effective == NO ? 0 : effective;
    f.nulls = (uint8_t)((billed == NO ? 1u << COST_BILLED : 0) |
                        (effective == NO ? 1u << COST_EFFECTIVE : 0));
    return f;
}

static void each_row_is_in_the_first_class_that_fits(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        struct cost__fact f = fact(classes[i].charge, classes[i].billed, classes[i].effective);
        struct cost__fact_words w = { .used = classes[i].used, .unused = classes[i].unused };

        if (cost__fact_flags(&f, &w) >> COST_ROW_CLASS_SHIFT != classes[i].class)
            fail_msg("%s", classes[i].what);
    }
}

static const struct {
    int64_t from, length; /* seconds since 1970-01-01 */
    uint32_t flags;
} spans[] = {
    { 0, 0, 0 },
    { 0, 3600, 0 },
    { 0, 3601, COST_ROW_SPAN_DAY },
    { 0, 86400, COST_ROW_SPAN_DAY },
    { 82800, 3600, 0 },
    { 82801, 3600, COST_ROW_CROSSES_DAY },
    { 0, 86401, COST_ROW_SPAN_MONTH | COST_ROW_CROSSES_DAY },
    { 0, 31 * 86400, COST_ROW_SPAN_MONTH | COST_ROW_CROSSES_DAY },
    { 86400, 31 * 86400, COST_ROW_SPAN_MONTH | COST_ROW_CROSSES_DAY | COST_ROW_CROSSES_MONTH },
    { 0, 365 * 86400, COST_ROW_SPAN_LONG | COST_ROW_CROSSES_DAY | COST_ROW_CROSSES_MONTH },
};

static void spans_say_how_long_and_what_they_cross(void **state)
{
    const uint32_t mask = COST_ROW_SPAN | COST_ROW_CROSSES_DAY | COST_ROW_CROSSES_MONTH;
    const struct cost__fact_words none = { .used = false };

    (void)state;
    for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++) {
        struct cost__fact f = fact(COST_CHARGE_USAGE, 1, 1);

        f.day = (int32_t)(spans[i].from / 86400);
        f.second = (uint32_t)(spans[i].from % 86400);
        f.length = (uint32_t)spans[i].length;
        f.charge_end = spans[i].from + spans[i].length;
        if ((cost__fact_flags(&f, &none) & mask) != spans[i].flags)
            fail_msg("span %zu", i);
    }
}

static void the_other_flags_follow_their_words(void **state)
{
    struct cost__fact f = fact(COST_CHARGE_USAGE, -5, 0);
    struct cost__fact_words w = { .standard = true, .eligible_category = true };
    uint32_t flags;

    (void)state;
    f.ids[COST_COL_RESOURCE] = 3;
    flags = cost__fact_flags(&f, &w);
    assert_true(flags & COST_ROW_REFUND);
    assert_true(flags & COST_ROW_ELIGIBLE);
    assert_true(flags & COST_ROW_ZERO_EFFECTIVE);
    assert_true(flags & COST_ROW_RESOURCE);
    f = fact(COST_CHARGE_CREDIT, -5, 0);
    flags = cost__fact_flags(&f, &w);
    assert_false(flags & (COST_ROW_REFUND | COST_ROW_ELIGIBLE | COST_ROW_ZERO_EFFECTIVE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_in_the_first_class_that_fits),
        cmocka_unit_test(spans_say_how_long_and_what_they_cross),
        cmocka_unit_test(the_other_flags_follow_their_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
