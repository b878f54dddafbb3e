/* Filters: every form a caller may write, and the missing value in each. */
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

static void each_form_means_values_negation_and_missing(void **state)
{
    static const struct {
        const char *filters;
        enum cost_dim dim;
        bool negate, null_listed;
        size_t n;
        const char *first;
    } rows[] = {
        { "{'service':['a','b']}", COST_DIM_SERVICE, false, false, 2, "a" },
        { "{'service':'a'}", COST_DIM_SERVICE, false, false, 1, "a" },
        { "{'service':null}", COST_DIM_SERVICE, false, true, 0, NULL },
        { "{'service':[null]}", COST_DIM_SERVICE, false, true, 0, NULL },
        { "{'service':['(NONE)','a']}", COST_DIM_SERVICE, false, true, 1, "a" },
        { "{'service':{'not':['a']}}", COST_DIM_SERVICE, true, false, 1, "a" },
        { "{'service':{'not':'a'}}", COST_DIM_SERVICE, true, false, 1, "a" },
        { "{'service':{'not':[null,'a']}}", COST_DIM_SERVICE, true, true, 1, "a" },
        { "{'subscription':['x']}", COST_DIM_PROJECT, false, false, 1, "x" },
        { "{'tag:Cost Center':['x']}", COST_DIM_TAG, false, false, 1, "x" },
        { "{'provider':['Google Cloud']}", COST_DIM_PROVIDER, false, false, 1, "gcp" },
        { "{'service_provider':['Google Cloud']}", COST_DIM_SERVICE_PROVIDER, false, false, 1,
          "Google Cloud" },
        { "{'service':['\\u00e4\\n']}", COST_DIM_SERVICE, false, false, 1, "\xc3\xa4\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cost_query q;
        struct mcp_error err;
        mcp_str args = mcp_arena_printf(arena, "{'filters':%s}", rows[i].filters);
        const struct cost_filter *f = &q.filters[0];

        assert_int_equal(test_query(COST_GET_COSTS, args.ptr, arena, &q, &err), 0);
        assert_int_equal(q.n_filters, 1);
        assert_int_equal(f->key.dim, rows[i].dim);
        assert_int_equal(f->negate, rows[i].negate);
        assert_int_equal(f->null_listed, rows[i].null_listed);
        assert_int_equal(f->n_values, rows[i].n);
        if (rows[i].n > 0)
            assert_true(mcp_str_eq(f->values[0], mcp_str_z(rows[i].first)));
    }
}

static void tags_of_different_keys_are_different_filters(void **state)
{
    struct cost_query q;
    struct mcp_error err;

    (void)state;
    assert_int_equal(
        test_query(COST_GET_COSTS, "{'filters':{'tag:a':['1'],'tag:b':['2']}}", arena, &q, &err),
        0);
    assert_int_equal(q.n_filters, 2);
    assert_true(mcp_str_eq(q.filters[1].key.tag_key, MCP_STR("b")));
    assert_int_equal(
        test_query(COST_GET_COSTS, "{'filters':{'tag:a':['1'],'TAG:a':['2']}}", arena, &q, &err),
        MCP_EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_form_means_values_negation_and_missing),
        cmocka_unit_test(tags_of_different_keys_are_different_filters),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
