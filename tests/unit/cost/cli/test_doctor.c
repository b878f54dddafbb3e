/* `doctor`: a line for each finding with its fix, and the status that the worst of them gives. */
#include "cli_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char header[] =
    "BillingPeriodStart,BillingPeriodEnd,ChargePeriodStart,ChargePeriodEnd,BilledCost,"
    "EffectiveCost,ListCost,ContractedCost,BillingCurrency,BillingAccountId,SubAccountId,"
    "InvoiceIssuerName,ChargeCategory\n";
static struct server_home home;

static int setup(void **state)
{
    (void)state;
    server_home_begin(&home);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    server_home_end(&home);
    return 0;
}

/* Rows "DAY,CURRENCY,ISSUER" of January 2026, a line each. */
static const char *bill(const char *const *rows, size_t n)
{
    char text[8192];
    size_t len = (size_t)snprintf(text, sizeof(text), "%s", header);

    for (size_t i = 0; i < n; i++) {
        int day = (int)strtol(rows[i], NULL, 10);

        len +=
            (size_t)snprintf(text + len, sizeof(text) - len,
                             "2026-01-01,2026-02-01,2026-01-%02dT00:00:00Z,"
                             "2026-%s-%02dT00:00:00Z,1,1,1,1,%.3s,acct,p,\"%s\",Usage\n",
                             day, day == 31 ? "02" : "01", day % 31 + 1, rows[i] + 3, rows[i] + 7);
    }
    return server_file(&home, "bill.csv", text);
}

static int doctor(const struct cost_server_spec *spec, const char *more)
{
    char words[1200];

    snprintf(words, sizeof(words), "doctor --data %s %s", server_path(&home, "bill.csv"), more);
    return cli_main(spec, words);
}

static void nothing_configured_fails_with_the_next_step(void **state)
{
    (void)state;
    assert_int_equal(cli_main(&server_spec, "doctor"), COST__EXIT_ERROR);
    cli_says(cli_out(), "FAIL  there is no billing data yet");
    cli_says(cli_out(), "import FILE.csv");
}

static void data_that_cannot_be_read_fails(void **state)
{
    (void)state;
    server_file(&home, "bill.csv", "a,b\n1,2\n");
    assert_int_equal(doctor(&server_spec, ""), COST__EXIT_ERROR);
    cli_says(cli_out(), "FAIL  ");
    cli_says(cli_out(), "bill.csv");
}

static void a_dataset_that_is_none_fails(void **state)
{
    char words[600];

    (void)state;
    snprintf(words, sizeof(words), "doctor --dataset %s",
             server_file(&home, "x.db", "this is no dataset"));
    assert_int_equal(cli_main(&server_spec, words), COST__EXIT_ERROR);
    cli_says(cli_out(), "FAIL  ");
    snprintf(words, sizeof(words), "doctor --dataset %s", server_path(&home, "none.db"));
    assert_int_equal(cli_main(&server_spec, words), COST__EXIT_ERROR);
    cli_says(cli_out(), "import FILE.csv --dataset");
}

static void age_is_told_from_three_days_on(void **state)
{
    static const char *const rows[] = { "30,USD,Amazon Web Services, Inc.",
                                        "31,USD,Amazon Web Services, Inc." };
    static const struct {
        const char *now, *says;
    } cases[] = {
        { "--now 2026-02-01T12:00:00Z", "ok    age: data through 2026-01-31\n" },
        { "--now 2026-02-03T12:00:00Z", "ok    age: data through 2026-01-31\n" },
        { "--now 2026-02-04T12:00:00Z", "warn  age: data through 2026-01-31, 4 days ago" },
    };

    (void)state;
    bill(rows, 2);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(doctor(&server_spec, cases[i].now), COST__EXIT_OK);
        cli_says(cli_out(), cases[i].says);
    }
    cli_says(cli_out(), "dataset: ");
    cli_says(cli_out(), " MB, 2 rows");
    cli_says(cli_out(), "ok    gaps: none");
}

static void gaps_currencies_and_unknown_providers_are_named(void **state)
{
    static const char *const rows[] = {
        "01,USD,Amazon Web Services, Inc.", "02,USD,Amazon Web Services, Inc.",
        "05,USD,Amazon Web Services, Inc.", "05,CRD,Amazon Web Services, Inc.",
        "05,USD,Bob's Basement Hosting",
    };

    (void)state;
    bill(rows, 5);
    assert_int_equal(doctor(&server_spec, "--now 2026-01-06T12:00:00Z"), COST__EXIT_OK);
    cli_says(cli_out(), "warn  gap: aws account acct has no usage from 2026-01-03 to 2026-01-04");
    cli_says(cli_out(), "ok    currency: USD\n");
    cli_says(cli_out(), "warn  currency: CRD is not ISO 4217");
    cli_says(cli_out(), "warn  provider \"bob-s-basement-hosting\" is not known");
    cli_says(cli_out(), "--provider FAMILY");
    cli_says(cli_out(), "open slice: aws account acct period 2026-01, through 2026-01-05");
}

static void a_server_of_budgets_says_whether_it_has_some(void **state)
{
    static const char *const rows[] = { "31,USD,Amazon Web Services, Inc." };
    char more[600];

    (void)state;
    bill(rows, 1);
    assert_int_equal(doctor(&server_spec_policy, "--now 2026-02-01T00:00:00Z"), COST__EXIT_OK);
    cli_says(cli_out(), "warn  budgets: none. Give --budgets FILE.yaml.");
    assert_int_equal(doctor(&server_spec, "--now 2026-02-01T00:00:00Z"), COST__EXIT_OK);
    assert_null(strstr(cli_out(), "budgets"));
    snprintf(more, sizeof(more), "--now 2026-02-01T00:00:00Z --budgets %s",
             server_file(&home, "b.yaml",
                         "budgets: [{name: a, amount: 1, currency: USD, period: monthly}]"));
    assert_int_equal(doctor(&server_spec_policy, more), COST__EXIT_OK);
    cli_says(cli_out(), "ok    budgets: 1 in ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nothing_configured_fails_with_the_next_step, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(data_that_cannot_be_read_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(a_dataset_that_is_none_fails, setup, teardown),
        cmocka_unit_test_setup_teardown(age_is_told_from_three_days_on, setup, teardown),
        cmocka_unit_test_setup_teardown(gaps_currencies_and_unknown_providers_are_named, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_server_of_budgets_says_whether_it_has_some, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
