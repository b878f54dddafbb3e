/* get_resources as a short table. */
#include <cost/writer.h>

#include "put.h"
#include "text.h"

static void put_headline(const struct cost_resources *r, struct mcp_buf *out)
{
    struct mcp_arena *arena = r->base.arena;
    const struct cost_query *q = &r->base.query;

    mcp_buf_printf(out, "%zu resource%s", r->items_total, r->items_total == 1 ? "" : "s");
    for (size_t i = 0; i < r->n_totals; i++) {
        const struct cost_resource_total *t = &r->totals[i];

        mcp_buf_printf(out, "%s%.*s ", i == 0 ? ", total " : " and ",
                       MCP_STR_ARG(cost__text_money(arena, t->cost, t->currency)));
        cost__text_safe(out, t->currency);
        mcp_buf_printf(out, " (%.*s without a resource)",
                       MCP_STR_ARG(cost__text_money(arena, t->without_resource, t->currency)));
    }
    mcp_buf_printf(out, ", %s, %.*s to %.*s", cost_metric_name(q->metric),
                   MCP_STR_ARG(cost__text_date(arena, q->range.start)),
                   MCP_STR_ARG(cost__text_date(arena, q->range.end)));
    if (r->base.has_data_through)
        mcp_buf_printf(out, ", data through %.*s",
                       MCP_STR_ARG(cost__text_date(arena, r->base.data_through)));
    mcp_buf_char(out, '\n');
}

int cost_text_resources(const struct cost_resources *r, unsigned width, struct mcp_buf *text,
                        struct mcp_error *err)
{
    static const char *const titles[] = { "resource", "type", "region",
                                          "project",  "cost", "currency" };
    struct mcp_arena *arena = r->base.arena;
    struct cost__table t;

    put_headline(r, text);
    if (r->n_items > 0) {
        if (width > 0)
            mcp_buf_char(text, '\n');
        cost__table_init(&t, arena, width);
        for (size_t i = 0; i < sizeof(titles) / sizeof(titles[0]); i++)
            cost__table_column(&t, i == 5 && width > 0 ? "" : titles[i], i == 4);
        for (size_t i = 0; i < r->n_items; i++) {
            const struct cost_resource *x = &r->items[i];
            mcp_str name = x->id;

            if (x->name.len > 0 && !mcp_str_eq(x->name, x->id))
                name = width > 0 ? x->name
                                 : mcp_arena_printf(arena, "%.*s (%.*s)", MCP_STR_ARG(x->name),
                                                    MCP_STR_ARG(x->id));
            cost__table_cell(&t, name);
            cost__table_cell(&t, x->type);
            cost__table_cell(&t, x->region);
            cost__table_cell(&t, x->project);
            cost__table_cell(&t, x->has_cost ? cost__text_money(arena, x->cost, x->currency)
                                             : MCP_STR("unknown"));
            cost__table_cell(&t, x->currency);
        }
        cost__table_print(&t, text);
        if (cost_resources_next(r) > 0)
            mcp_buf_printf(text, "%zu more\n", r->items_total - r->offset - r->n_items);
    }
    cost__text_tail(&r->base, width, text);
    return cost__put_done(text, err);
}
