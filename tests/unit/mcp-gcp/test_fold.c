/* Rows of a get_costs statement become an answer that adds up, or none. */
#include "mcp-gcp/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
    struct mcp_arena *arena;
    struct cost_query query;
    struct gcp_statement st;
    struct gcp_fold fold;
    struct cost_result out;
    struct mcp_error err;
};

/* The question: services by day, the first two of a ranking. */
static void begin(struct fixture *f)
{
    *f = (struct fixture){ .arena = mcp_arena_new(0, 0) };
    f->query = (struct cost_query){ .tool = COST_GET_COSTS,
                                    .range = { 20000, 20001 },
                                    .granularity = COST_DAILY,
                                    .keys = { { .dim = COST_DIM_SERVICE } },
                                    .n_keys = 1,
                                    .limit = 2 };
    f->st = (struct gcp_statement){ .query = &f->query, .zone = GCP_ZONE_PACIFIC };
    cost_result_init(&f->out, f->arena, &f->query);
    assert_int_equal(gcp_fold_init(&f->fold, &f->st, 0, 2, f->arena, &f->err), 0);
}

static void end(struct fixture *f)
{
    mcp_arena_free(f->arena);
}

/* One row: section, key (NULL: missing), day, cost; everything else as of one row of usage. */
static int put(struct fixture *f, const char *section, const char *key, const char *day,
               const char *cost, const char *place)
{
    mcp_str cells[GCP_COSTS_N] = { { NULL, 0 } };

    for (int i = GCP_COSTS_ROWS; i < GCP_COSTS_N; i++)
        cells[i] = MCP_STR("0");
    cells[GCP_COSTS_SECTION] = mcp_str_z(section);
    cells[GCP_COSTS_W] = MCP_STR("0");
    cells[GCP_COSTS_CURRENCY] = MCP_STR("USD");
    cells[GCP_COSTS_K1] = mcp_str_z(key);
    cells[GCP_COSTS_BUCKET] = mcp_str_z(day);
    cells[GCP_COSTS_CLASS] = MCP_STR("3");
    cells[GCP_COSTS_UNIT] = MCP_STR("hour");
    cells[GCP_COSTS_PLACE] = mcp_str_z(place);
    cells[GCP_COSTS_GROUPS] = mcp_str_z(place);
    cells[GCP_COSTS_ROWS] = MCP_STR("1");
    cells[GCP_COSTS_BILLED] = cells[GCP_COSTS_EFFECTIVE] = mcp_str_z(cost);
    cells[GCP_COSTS_QUANTITY] = MCP_STR("1.5");
    if (section[0] == 'o') {
        cells[GCP_COSTS_PLACE] = MCP_STR("0");
        cells[GCP_COSTS_NEGATIVE] = cost[0] == '-' ? MCP_STR("1") : MCP_STR("0");
    }
    return gcp_fold_row(&f->fold, cells, &f->err);
}

static int finish(struct fixture *f)
{
    enum cost_granularity coarser;
    int rc = gcp_fold_finish(&f->fold, &f->out, &coarser, &f->err);

    return rc < 0 ? rc : cost_result_check(&f->out, &f->err);
}

static void page_rest_and_total_add_up(void **state)
{
    const struct cost_block_result *b;
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(put(&f, "t", NULL, NULL, "9.25", "1"), 0);
    assert_int_equal(put(&f, "p", "B", "20000", "4", "1"), 0);
    assert_int_equal(put(&f, "p", "B", "20001", "3", "1"), 0);
    assert_int_equal(put(&f, "p", NULL, "20001", "3.25", "2"), 0);
    assert_int_equal(put(&f, "o", NULL, "20000", "-1.5", "4"), 0);
    assert_int_equal(put(&f, "o", NULL, "20000", "0.5", "3"), 0);
    assert_int_equal(finish(&f), 0);
    assert_int_equal(f.out.n_blocks, 1);
    b = &f.out.blocks[0];
    assert_int_equal(b->n_groups, 2);
    assert_int_equal(b->groups_total, 4);
    assert_int_equal(b->other_groups, 2);
    assert_true(mcp_str_eq(b->groups[0].keys[0].value, MCP_STR("B")));
    assert_true(mcp_str_is_null(b->groups[1].keys[0].value));
    assert_true(b->none_cost.units == b->groups[1].cost.sum.units);
    assert_int_equal(b->groups[0].n_quantities, 1);
    assert_true(b->groups[0].quantities[0].sum.units == (__int128)3000000000000000000);
    assert_true(b->groups[0].points[0].any && b->groups[0].points[1].any);
    assert_false(b->groups[1].points[0].any);
    assert_true(b->other_negative.units == -(__int128)1500000000000000000);
    end(&f);
}

static void a_total_that_differs_from_its_parts_is_no_answer(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(put(&f, "t", NULL, NULL, "9", "1"), 0);
    assert_int_equal(put(&f, "p", "B", "20000", "8.999999999", "1"), 0);
    assert_int_equal(finish(&f), MCP_EDATA);
    assert_string_equal(f.err.code, "check_failed");
    end(&f);
}

static void a_group_of_the_page_that_is_missing_is_no_answer(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    assert_int_equal(put(&f, "t", NULL, NULL, "1", "1"), 0);
    assert_int_equal(put(&f, "p", "B", "20000", "1", "2"), 0);
    assert_int_equal(finish(&f), MCP_EUPSTREAM);
    end(&f);
}

static void cells_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *section, *day, *cost, *place;
    } rows[] = {
        { "p", "20000", "NaN", "1" }, { "p", "20000", "", "1" },  { "p", "20000", "1e999999", "1" },
        { "p", "19999", "1", "1" },   { "p", "20002", "1", "1" }, { "p", "x", "1", "1" },
        { "p", "20000", "1", "3" },   { "p", "20000", "1", "0" }, { "q", "20000", "1", "1" },
        { "pp", "20000", "1", "1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture f;

        begin(&f);
        assert_true(put(&f, rows[i].section, "B", rows[i].day, rows[i].cost, rows[i].place) < 0);
        assert_true(f.err.message[0] != '\0');
        end(&f);
    }
}

static void effective_is_unknown_where_there_are_commitments(void **state)
{
    const struct cost_block_result *b;
    struct fixture f;

    (void)state;
    begin(&f);
    f.query.metric = COST_EFFECTIVE;
    assert_int_equal(put(&f, "t", NULL, NULL, "2", "1"), 0);
    assert_int_equal(put(&f, "p", "B", "20000", "2", "1"), 0);
    f.fold.commitments = 1;
    assert_int_equal(finish(&f), 0);
    b = &f.out.blocks[0];
    assert_true(cost_measure_is_null(&b->total));
    assert_true(cost_measure_is_null(&b->groups[0].cost));
    assert_true(b->total.unknown_billed.units == (__int128)2000000000000000000);
    assert_null(b->points);
    end(&f);
}

static void hours_follow_the_clock_of_the_bill(void **state)
{
    struct fixture f;

    (void)state;
    begin(&f);
    f.query.granularity = COST_HOURLY;
    f.query.range = (struct cost_range){ 20520, 20520 }; /* 2026-03-08: 23 hours */
    assert_int_equal(gcp_fold_init(&f.fold, &f.st, 0, 2, f.arena, &f.err), 0);
    assert_int_equal(f.fold.n_buckets, 23);
    f.query.range = (struct cost_range){ 20758, 20758 }; /* 2026-11-01: 25 */
    assert_int_equal(gcp_fold_init(&f.fold, &f.st, 0, 2, f.arena, &f.err), 0);
    assert_int_equal(f.fold.n_buckets, 25);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(page_rest_and_total_add_up),
        cmocka_unit_test(a_total_that_differs_from_its_parts_is_no_answer),
        cmocka_unit_test(a_group_of_the_page_that_is_missing_is_no_answer),
        cmocka_unit_test(cells_that_cannot_be_are_refused),
        cmocka_unit_test(effective_is_unknown_where_there_are_commitments),
        cmocka_unit_test(hours_follow_the_clock_of_the_bill),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
