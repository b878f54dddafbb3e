/* get_costs as CSV: the breakdown, or the series when one was asked for. */
#include <cost/writer.h>

#include "put.h"

struct sheet {
    const struct cost_result *r;
    struct mcp_buf *out;
    bool first; /* of the line */
};

static void field(struct sheet *s, mcp_str text)
{
    bool quote = false;

    if (!s->first)
        mcp_buf_char(s->out, ',');
    s->first = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        quote = quote || c == ',' || c == '"' || c == '\n' || c == '\r';
    }
    if (!quote) {
        mcp_buf_str(s->out, text);
        return;
    }
    mcp_buf_char(s->out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            mcp_buf_char(s->out, '"');
        mcp_buf_char(s->out, text.ptr[i]);
    }
    mcp_buf_char(s->out, '"');
}

static void money(struct sheet *s, struct cost_money m)
{
    char text[COST_MONEY_TEXT];

    field(s, mcp_str_n(text, cost_money_format(m, text)));
}

static void measure(struct sheet *s, const struct cost_measure *m)
{
    if (cost_measure_is_null(m))
        field(s, MCP_STR(""));
    else
        money(s, m->sum);
}

static void end_line(struct sheet *s)
{
    mcp_buf_z(s->out, "\r\n"); /* RFC 4180 */
    s->first = true;
}

static void keys(struct sheet *s, const struct cost_group *g)
{
    for (size_t i = 0; i < s->r->query.n_keys; i++)
        field(s, g == NULL ? cost__key_name(&s->r->query.keys[i], s->r->arena) : g->keys[i].value);
}

static void one_series(struct sheet *s, const struct cost_block_result *b,
                       const struct cost_point *points, const struct cost_group *g)
{
    for (size_t i = 0; points != NULL && i < b->n_buckets; i++) {
        char period[COST__PERIOD_TEXT];

        if (!points[i].any)
            continue;
        cost__period_text(points[i].start, s->r->query.granularity, period);
        field(s, mcp_str_z(period));
        if (g != NULL)
            keys(s, g);
        money(s, points[i].cost);
        field(s, b->currency);
        end_line(s);
    }
}

static void series(struct sheet *s)
{
    field(s, MCP_STR("period"));
    keys(s, NULL);
    field(s, MCP_STR("cost"));
    field(s, MCP_STR("currency"));
    end_line(s);
    for (size_t i = 0; i < s->r->n_blocks; i++) {
        for (size_t k = 0; k < s->r->blocks[i].n_groups; k++)
            one_series(s, &s->r->blocks[i], s->r->blocks[i].groups[k].points,
                       &s->r->blocks[i].groups[k]);
    }
}

static int row(struct sheet *s, const struct cost_block_result *b, const struct cost_group *g,
               struct mcp_error *err)
{
    bool one = g->n_quantities == 1;

    keys(s, g);
    field(s, cost__key_text(g->keys, s->r->query.n_keys, true, s->r->arena, NULL));
    measure(s, &g->cost);
    field(s, b->currency);
    measure(s, &g->effective);
    if (one)
        money(s, g->quantities[0].sum);
    else
        field(s, MCP_STR(""));
    field(s, one ? g->quantities[0].unit : MCP_STR(""));
    if (s->r->query.compare != COST_COMPARE_NONE) {
        struct cost_money change = g->cost.sum;

        if (cost_money_sub(&change, g->previous) < 0)
            return mcp_error_set(err, MCP_ERANGE, "A change is beyond 1.7e20.");
        money(s, g->previous);
        money(s, change);
    }
    end_line(s);
    return 0;
}

static int breakdown(struct sheet *s, struct mcp_error *err)
{
    static const char *const titles[] = { "label",     "cost",           "currency",
                                          "effective", "usage_quantity", "usage_unit" };
    int rc = 0;

    keys(s, NULL);
    for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
        field(s, mcp_str_z(titles[i]));
    if (s->r->query.compare != COST_COMPARE_NONE) {
        field(s, MCP_STR("previous"));
        field(s, MCP_STR("change"));
    }
    end_line(s);
    for (size_t i = 0; rc == 0 && i < s->r->n_blocks; i++) {
        for (size_t k = 0; rc == 0 && k < s->r->blocks[i].n_groups; k++)
            rc = row(s, &s->r->blocks[i], &s->r->blocks[i].groups[k], err);
    }
    return rc;
}

int cost_csv_costs(const struct cost_result *r, struct mcp_buf *csv, struct mcp_error *err)
{
    struct sheet s = { r, csv, true };
    const struct cost_query *q = &r->query;
    int rc = cost_result_check(r, err);

    if (rc < 0)
        return rc;
    if (q->has_granularity && q->granularity != COST_TOTAL && !q->series_total_only)
        series(&s);
    else
        rc = breakdown(&s, err);
    return rc < 0 ? rc : cost__put_done(csv, err);
}
