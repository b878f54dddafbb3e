/* Tests of the daily charges' texts: tags with variants, clusters, resources. */
#include "cost/demo/bill.h"

#include <mcp/date.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct cost_demo *demo;

static int make(void **state)
{
    (void)state;
    struct cost_demo_options options = { .last_day = 20000 };
    demo = cost_demo_new(&options);
    return demo == NULL ? -1 : 0;
}

static int unmake(void **state)
{
    (void)state;
    cost_demo_free(demo);
    return 0;
}

static int with_tag(const char *quoted)
{
    int n = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        mcp_str tags = demo->templates[i].row.text[COST_COL_TAGS];
        n += tags.len > 0 && memmem(tags.ptr, tags.len, quoted, strlen(quoted)) != NULL;
    }
    return n;
}

static void the_env_tag_has_four_spellings(void **state)
{
    (void)state;
    assert_true(with_tag("\"env\"") > with_tag("\"Env\""));
    assert_true(with_tag("\"Env\"") > 0);
    assert_true(with_tag("\" env\"") > 0);
    assert_true(with_tag("\"user:env\"") > 0);
}

static void some_resources_are_untagged(void **state)
{
    (void)state;
    int untagged = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++)
        untagged += demo->templates[i].row.text[COST_COL_RESOURCE].len > 0 &&
                    demo->templates[i].row.text[COST_COL_TAGS].len == 0;
    assert_true(untagged > 3);
}

static void clusters_have_namespaces_and_cost_that_is_not_allocated(void **state)
{
    (void)state;
    int spaces = 0, without = 0;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        const struct cost_row *row = &demo->templates[i].row;
        if (row->text[COST_COL_CLUSTER].len == 0)
            continue;
        if (row->text[COST_COL_NAMESPACE].len > 0)
            spaces++;
        else
            without++;
    }
    assert_int_equal(spaces, 11); /* 5 on each of two clusters, and Google's unallocated */
    assert_true(without >= 4);
    assert_true(with_tag("\"aws:eks:namespace\"") > 0 && with_tag("\"k8s-namespace\"") > 0);
}

static void meters_of_one_resource_share_its_id(void **state)
{
    (void)state;
    const struct demo_template *instance = NULL, *storage = NULL;
    for (size_t i = 0; i < demo->account_first[DEMO_N_ACCOUNTS]; i++) {
        const struct demo_template *t = &demo->templates[i];
        if (t->commitment != NULL || t->instance != 1)
            continue;
        if (strcmp(t->meter->sku, "RDS-INSTANCE-R6G-LARGE") == 0)
            instance = t;
        if (strcmp(t->meter->sku, "RDS-STORAGE-GP3") == 0)
            storage = t;
    }
    assert_true(
        mcp_str_eq(instance->row.text[COST_COL_RESOURCE], storage->row.text[COST_COL_RESOURCE]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_env_tag_has_four_spellings),
        cmocka_unit_test(some_resources_are_untagged),
        cmocka_unit_test(clusters_have_namespaces_and_cost_that_is_not_allocated),
        cmocka_unit_test(meters_of_one_resource_share_its_id),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
