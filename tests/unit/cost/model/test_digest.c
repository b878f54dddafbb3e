/* Queries of one meaning share a digest; each thing that decides the answer changes it. */
#include "query_help.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct mcp_arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = mcp_arena_new(0, 0);
    return arena == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    mcp_arena_free(arena);
    return 0;
}

static void digest(const char *args, char out[33])
{
    struct cost_extent e = { .today = test_day("2026-11-21"),
                             .first = test_day("2025-10-05"),
                             .data_through = test_day("2026-11-19"),
                             .has_days = true };
    struct cost_query q;
    struct mcp_error err;

    assert_int_equal(test_query(COST_GET_COSTS, args, arena, &q, &err), 0);
    assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
    cost_query_digest_hex(&q, out);
    assert_int_equal(strlen(out), 32);
}

static void order_aliases_and_paging_do_not_count(void **state)
{
    static const struct {
        const char *a, *b;
    } rows[] = {
        { "{'group_by':['account']}", "{'group_by':['project'],'limit':50,'cursor':'x'}" },
        { "{'filters':{'service':['a','b'],'sku':['c']}}",
          "{'filters':{'sku':'c','service':['b','a','b']}}" },
        { "{'metric':'unblended'}", "{'metric':'billed'}" },
        { "{'currency':'USD'}", "{'filters':{'currency':['USD']}}" },
        { "{'period':'last_month'}", "{'start_date':'2026-10-01','end_date':'2026-10-31'}" },
        { "{'filters':{'tag:a':['x'],'tag:b':['y']}}",
          "{'filters':{'tag:b':['y'],'tag:a':['x']}}" },
    };
    char a[33], b[33];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        digest(rows[i].a, a);
        digest(rows[i].b, b);
        assert_string_equal(a, b);
    }
}

static void each_part_of_the_meaning_counts(void **state)
{
    static const char *const queries[] = {
        "{}",
        "{'period':'mtd'}",
        "{'period':'last_month'}",
        "{'group_by':['sku']}",
        "{'group_by':['sku','region']}",
        "{'group_by':['region','sku']}",
        "{'group_by':['tag:a']}",
        "{'group_by':['tag:b']}",
        "{'filters':{'sku':['ab']}}",
        "{'filters':{'sku':['a','b']}}",
        "{'filters':{'sku':{'not':['ab']}}}",
        "{'filters':{'sku':['ab',null]}}",
        "{'filters':{'sku':[null]}}",
        "{'filters':{'tag:sku':['ab']}}",
        "{'metric':'effective'}",
        "{'basis':'invoice'}",
        "{'granularity':'DAILY'}",
        "{'granularity':'TOTAL'}",
        "{'compare':'previous_period'}",
        "{'compare':'previous_year'}",
        "{'bridge':true}",
    };
    enum { N = sizeof(queries) / sizeof(queries[0]) };
    char digests[N][33];

    (void)state;
    for (size_t i = 0; i < N; i++) {
        digest(queries[i], digests[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(digests[i], digests[j]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_aliases_and_paging_do_not_count),
        cmocka_unit_test(each_part_of_the_meaning_counts),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
