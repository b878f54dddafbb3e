/* Tests of the fixed lists: whatever refers to something finds it. */
#include "cost/demo/catalog.h"

#include <cost/dims.h>
#include <cost/money.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void sku_ids_are_unique_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < cost__demo_n_meters; i++)
        assert_ptr_equal(cost__demo_meter_find(mcp_str_z(cost__demo_meters[i].sku)),
                         &cost__demo_meters[i]);
    assert_null(cost__demo_meter_find(MCP_STR("NOTHING")));
}

static void commitments_and_fees_refer_to_meters_of_their_account(void **state)
{
    (void)state;
    for (size_t i = 0; i < cost__demo_n_commitments; i++) {
        const struct demo_commitment *c = &cost__demo_commitments[i];
        const struct demo_meter *m = cost__demo_meter_find(mcp_str_z(c->sku));
        assert_non_null(m);
        assert_int_equal(m->account, c->account);
    }
    for (size_t i = 0; i < cost__demo_n_fees; i++) {
        const struct demo_fee *f = &cost__demo_fees[i];
        assert_true(f->every > 0 && f->phase < f->every);
        if (f->sku != NULL)
            assert_int_equal(cost__demo_meter_find(mcp_str_z(f->sku))->account, f->account);
    }
}

static void every_account_has_projects_regions_and_a_currency(void **state)
{
    (void)state;
    for (int a = 0; a < DEMO_N_ACCOUNTS; a++) {
        assert_non_null(cost__demo_project_of((enum demo_account_id)a, 5));
        assert_non_null(cost__demo_region_of((enum demo_account_id)a, 5));
        assert_int_equal(cost__demo_project_of((enum demo_account_id)a, 5)->account, a);
        assert_int_equal(cost_currency_decimals(mcp_str_z(cost__demo_accounts[a].currency)), 2);
        assert_string_equal(cost_provider_family(mcp_str_z(cost__demo_accounts[a].issuer)),
                            cost__demo_accounts[a].family);
    }
}

static void thirty_services_use_focus_categories(void **state)
{
    (void)state;
    static const char *const categories[] = {
        "AI and Machine Learning",
        "Analytics",
        "Business Applications",
        "Compute",
        "Databases",
        "Developer Tools",
        "Multicloud",
        "Identity",
        "Integration",
        "Internet of Things",
        "Management and Governance",
        "Media",
        "Migration",
        "Mobile",
        "Networking",
        "Security",
        "Storage",
        "Web",
        "Other",
    };
    size_t services = 0;
    for (size_t i = 0; i < cost__demo_n_meters; i++) {
        const struct demo_meter *m = &cost__demo_meters[i];
        bool known = false, seen = false;
        for (size_t k = 0; k < sizeof(categories) / sizeof(categories[0]); k++)
            known |= strcmp(m->category, categories[k]) == 0;
        assert_true(known);
        for (size_t k = 0; k < i; k++)
            seen |= strcmp(m->service, cost__demo_meters[k].service) == 0;
        services += !seen;
    }
    assert_true(services >= 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sku_ids_are_unique_and_found),
        cmocka_unit_test(commitments_and_fees_refer_to_meters_of_their_account),
        cmocka_unit_test(every_account_has_projects_regions_and_a_currency),
        cmocka_unit_test(thirty_services_use_focus_categories),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
