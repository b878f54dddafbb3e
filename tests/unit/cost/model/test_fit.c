/* Pages are cut at whole groups, and what is cut stays in the sums. */
#include "result_help.h"

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

static struct cost_result *many(const char *args, size_t n, bool series)
{
    struct cost_result *r = model_result(COST_GET_COSTS, args, arena);
    struct cost_block_result *b = model_block(r, "USD");

    for (size_t i = 0; i < n; i++) {
        mcp_str name = mcp_arena_printf(arena, "a-service-with-quite-a-long-name-%03zu", i);
        struct cost_group *g = model_group(r, b, name.ptr, i % 3 == 0 ? "-31" : "31", "31");

        if (series)
            g->points = model_points(r, b, SIZE_MAX, i % 3 == 0 ? "-1" : "1");
    }
    return r;
}

/* What is left in the page must be what is printed of the result afterwards. */
static void expect_page(struct cost_page *page, mcp_str json, size_t age_at, mcp_str text)
{
    assert_true(mcp_str_eq(mcp_buf_view(&page->json), json));
    assert_true(mcp_str_eq(mcp_buf_view(&page->text), text));
    assert_int_equal(page->age_at, age_at);
    cost_page_release(page);
}

static int fit(struct cost_result *r, size_t page_chars, struct mcp_error *err)
{
    struct cost_page page, own;
    int rc;

    cost_page_init(&page);
    cost_page_init(&own);
    mcp_buf_z(&page.json, "what lay there before");
    rc = cost_costs_fit(r, page_chars, &page, err);
    if (rc == 0) {
        assert_int_equal(cost_write_costs(r, &own.json, &own.age_at, err), 0);
        assert_int_equal(cost_text_costs(r, 0, &own.text, err), 0);
        expect_page(&page, mcp_buf_view(&own.json), own.age_at, mcp_buf_view(&own.text));
    }
    cost_page_release(&page);
    cost_page_release(&own);
    return rc;
}

static void ten_groups_stay_as_they_are_and_are_small(void **state)
{
    struct cost_result *r = many("{'period':'2026-10'}", 10, false);
    struct mcp_error err = { 0 };

    (void)state;
    r->blocks[0].points = model_points(r, &r->blocks[0], SIZE_MAX, "0");
    r->blocks[0].points = NULL;
    assert_int_equal(fit(r, 0, &err), 0);
    assert_int_equal(r->blocks[0].n_groups, 10);
    assert_int_equal(cost_costs_next(r), 0);
    assert_true(model_costs_json(r).len + model_costs_text(r, 0).len < 8192);
}

static void a_long_page_is_cut_and_still_adds_up(void **state)
{
    struct cost_result *r = many("{'period':'2026-10','granularity':'DAILY'}", 60, true);
    struct cost_block_result *b = &r->blocks[0];
    struct mcp_error err = { 0 };

    (void)state;
    r->query.offset = 5;
    assert_int_equal(fit(r, 0, &err), 0);
    assert_true(b->n_groups >= 1 && b->n_groups < 60);
    assert_int_equal(b->n_groups + b->other_groups, 60);
    assert_int_equal(cost_costs_next(r), 5 + b->n_groups);
    assert_int_equal(cost_result_check(r, &err), 0);
    assert_true(b->other_negative.units < 0 && b->other_positive.units > 0);
    r->next_cursor = MCP_STR("a sealed cursor of some length");
    assert_true(model_costs_json(r).len + model_costs_text(r, 0).len < COST_PAGE_CHARS);
    /* No more than needed: one more group would not have fitted by far. */
    assert_true(model_costs_json(r).len + model_costs_text(r, 0).len > COST_PAGE_CHARS / 2);
}

static void a_series_longer_than_a_page_is_refused_naming_what_fits(void **state)
{
    struct cost_result *r = many("{'period':'2026-10','granularity':'HOURLY'}", 3, true);
    struct mcp_error err = { 0 };

    (void)state;
    assert_int_equal(fit(r, 0, &err), MCP_EREFUSED);
    assert_string_equal(err.code, "series_too_long");
    assert_non_null(strstr(err.next, "Use granularity DAILY, or at most "));
}

static void every_page_size_ends(void **state)
{
    (void)state;
    for (size_t page = 1; page < 30000; page += 977) {
        struct cost_result *r = many("{'period':'2026-10','granularity':'TOTAL'}", 40, false);
        struct mcp_error err = { 0 };

        assert_int_equal(fit(r, page, &err), 0);
        assert_true(r->blocks[0].n_groups >= 1);
        assert_int_equal(cost_result_check(r, &err), 0);
    }
}

static void items_of_the_other_tools_are_cut_too(void **state)
{
    struct cost_result *base = model_result(COST_GET_RESOURCES, "{}", arena);
    struct cost_resource *items = mcp_arena_alloc(arena, 500 * sizeof(*items));
    struct cost_resources r = {
        .base = *base, .items = items, .n_items = 500, .items_total = 700, .offset = 100
    };
    struct cost_recommendation *recs = mcp_arena_alloc(arena, 200 * sizeof(*recs));
    struct cost_recommendations q = {
        .base = *base, .items = recs, .n_items = 200, .items_total = 200
    };
    struct cost_page page, own;
    struct mcp_error err = { 0 };

    (void)state;
    cost_page_init(&page);
    cost_page_init(&own);
    for (size_t i = 0; i < 500; i++)
        items[i] = (struct cost_resource){ .id = MCP_STR("i-0123456789"),
                                           .name = MCP_STR("web"),
                                           .type = MCP_STR("VM"),
                                           .currency = MCP_STR("USD") };
    assert_int_equal(cost_resources_fit(&r, 0, &page, &err), 0);
    assert_int_equal(cost_write_resources(&r, &own.json, &own.age_at, &err), 0);
    assert_int_equal(cost_text_resources(&r, 0, &own.text, &err), 0);
    expect_page(&page, mcp_buf_view(&own.json), own.age_at, mcp_buf_view(&own.text));
    cost_page_release(&own);
    assert_true(r.n_items > 10 && r.n_items < 500);
    assert_int_equal(cost_resources_next(&r), 100 + r.n_items);
    for (size_t i = 0; i < 200; i++)
        recs[i] = (struct cost_recommendation){ .id = MCP_STR("r"),
                                                .category = MCP_STR("idle"),
                                                .action = MCP_STR("delete the disk"),
                                                .currency = MCP_STR("USD"),
                                                .source = MCP_STR("bill") };
    assert_int_equal(cost_recommendations_fit(&q, 0, &page, &err), 0);
    assert_int_equal(cost_write_recommendations(&q, &own.json, &own.age_at, &err), 0);
    assert_int_equal(cost_text_recommendations(&q, 0, &own.text, &err), 0);
    expect_page(&page, mcp_buf_view(&own.json), own.age_at, mcp_buf_view(&own.text));
    cost_page_release(&own);
    assert_true(q.n_items > 10 && q.n_items < 200);
    assert_int_equal(cost_recommendations_next(&q), q.n_items);
    q.n_items = q.items_total = 1;
    assert_int_equal(cost_recommendations_next(&q), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ten_groups_stay_as_they_are_and_are_small),
        cmocka_unit_test(a_long_page_is_cut_and_still_adds_up),
        cmocka_unit_test(a_series_longer_than_a_page_is_refused_naming_what_fits),
        cmocka_unit_test(every_page_size_ends),
        cmocka_unit_test(items_of_the_other_tools_are_cut_too),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
