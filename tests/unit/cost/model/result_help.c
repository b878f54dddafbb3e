/* For tests of answers: a result made by hand, and what every printed answer must pass. */
#include "result_help.h"

#include "query_help.h"

#include <mcp/schema.h>
#include <schemas.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define GROUPS 64

struct cost_money model_money(const char *text)
{
    struct cost_money m;

    assert_int_equal(cost_money_parse(mcp_str_z(text), &m, NULL), 0);
    return m;
}

struct cost_result *model_result(enum cost_tool tool, const char *args, struct mcp_arena *arena)
{
    static const mcp_str providers[] = { { "aws", 3 } };
    struct cost_result *r = MCP_ARENA_NEW(arena, struct cost_result);
    struct cost_extent e = { .today = test_day("2026-11-21"),
                             .first = test_day("2025-10-05"),
                             .data_through = test_day("2026-11-19"),
                             .has_days = true };
    struct cost_query q;
    struct mcp_error err = { 0 };

    assert_int_equal(test_query(tool, args, arena, &q, &err), 0);
    assert_int_equal(cost_query_resolve(&q, &e, &err), 0);
    cost_result_init(r, arena, &q);
    r->provider = MCP_STR("aws");
    r->backend = MCP_STR("focus-files");
    r->has_data_through = true;
    r->data_through = e.data_through;
    r->providers = providers;
    r->n_providers = 1;
    r->generation = MCP_STR("1");
    r->blocks = mcp_arena_alloc(arena, 4 * sizeof(*r->blocks));
    return r;
}

struct cost_block_result *model_block(struct cost_result *r, const char *currency)
{
    struct cost_block_result *b = &r->blocks[r->n_blocks++];

    b->currency = mcp_str_z(currency);
    b->is_virtual = cost_currency_decimals(b->currency) < 0;
    b->check_path = "ledger";
    b->groups = mcp_arena_alloc(r->arena, GROUPS * sizeof(*b->groups));
    return b;
}

static void add(struct cost_measure *m, const char *amount)
{
    m->rows++;
    if (amount == NULL)
        m->rows_unknown++;
    else
        assert_int_equal(cost_money_add(&m->sum, model_money(amount)), 0);
}

struct cost_group *model_group(struct cost_result *r, struct cost_block_result *b,
                               const char *value, const char *cost, const char *effective)
{
    union {
        const struct cost_group *page;
        struct cost_group *own;
    } groups = { b->groups };
    struct cost_group *g = &groups.own[b->n_groups++];

    assert_true(b->n_groups <= GROUPS);
    g->keys[0].value = mcp_str_z(value);
    add(&g->cost, cost);
    add(&g->effective, effective);
    add(&b->total, cost);
    add(&b->totals[COST_BILLED], cost);
    add(&b->totals[COST_EFFECTIVE], effective);
    b->parts_total = b->total.sum;
    if (value == NULL && cost != NULL)
        b->none_cost = model_money(cost);
    b->groups_total = b->n_groups;
    (void)r;
    return g;
}

const struct cost_point *model_points(struct cost_result *r, struct cost_block_result *b, size_t n,
                                      const char *cost)
{
    struct cost_point *points;
    int64_t *starts;
    size_t count;

    assert_int_equal(cost_buckets(&r->query.range, r->query.granularity, COST_MAX_POINTS, r->arena,
                                  &starts, &count),
                     0);
    points = mcp_arena_alloc(r->arena, count * sizeof(*points));
    for (size_t i = 0; i < count; i++) {
        points[i].start = starts[i];
        points[i].any = i < n;
        if (i < n)
            points[i].cost = model_money(cost);
    }
    b->n_buckets = count;
    return points;
}

void model_accepts(const struct mcp_schema_text *schema, mcp_str json)
{
    struct mcp_arena *arena = mcp_arena_new(0, 0);
    struct mcp_schema *s = mcp_schema_compile(mcp_str_n(schema->text, schema->len), NULL);
    struct mcp_error err = { 0 };
    struct mcp_json root;

    assert_non_null(s);
    if (mcp_json_parse(arena, json, NULL, &root, &err) < 0 ||
        mcp_schema_check(s, root, arena, &err) < 0)
        fail_msg("%s: %s in %.*s", schema->name, err.message, MCP_STR_ARG(json));
    assert_int_equal(mcp_json_type(root), MCP_JSON_OBJECT);
    mcp_schema_free(s);
    mcp_arena_free(arena);
}

static mcp_str kept(const struct cost_result *r, struct mcp_buf *buf, int rc,
                    const struct mcp_error *err)
{
    mcp_str text;

    if (rc < 0)
        fail_msg("%s", err->message);
    text = mcp_arena_str(r->arena, mcp_buf_view(buf));
    mcp_buf_release(buf);
    return text;
}

mcp_str model_costs_json(const struct cost_result *r)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    mcp_str text;

    mcp_buf_init(&buf, 1 << 20);
    text = kept(r, &buf, cost_write_costs(r, &buf, NULL, &err), &err);
    model_accepts(&cost_schema_get_costs_out, text);
    return text;
}

mcp_str model_costs_text(const struct cost_result *r, unsigned width)
{
    struct mcp_error err = { 0 };
    struct mcp_buf buf;
    int rc;

    mcp_buf_init(&buf, 1 << 20);
    rc = cost_text_costs(r, width, &buf, &err);
    return kept(r, &buf, rc, &err);
}

void model_same(mcp_str got, const char *want)
{
    size_t n = strlen(want);
    char *text = malloc(n + 1), *shown = malloc(got.len + 1);

    for (size_t i = 0; i <= n; i++)
        text[i] = want[i] == '\'' ? '"' : want[i];
    memcpy(shown, got.ptr, got.len);
    shown[got.len] = '\0';
    assert_string_equal(shown, text);
    free(text);
    free(shown);
}
