/* get_resources as JSON. */
#include <cost/writer.h>

#include "put.h"

static void put_item(struct mcp_jsonw *w, const struct cost_result *base,
                     const struct cost_resource *x)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "id", x->id);
    mcp_jsonw_kstr(w, "name", x->name);
    mcp_jsonw_kstr(w, "type", x->type);
    mcp_jsonw_kstr(w, "region", x->region);
    mcp_jsonw_kstr(w, "project", x->project);
    cost__put_some(w, "service", x->service);
    cost__put_some(w, "provider", x->provider);
    cost__put_some(w, "parent", x->parent);
    mcp_jsonw_kobject(w, "tags");
    for (size_t i = 0; i < x->n_tags; i++) {
        mcp_jsonw_key(w, x->tags[i].key);
        mcp_jsonw_str(w, x->tags[i].value);
    }
    mcp_jsonw_end(w);
    if (x->has_cost)
        cost__put_money(w, "cost", x->cost);
    else
        mcp_jsonw_knull(w, "cost");
    mcp_jsonw_kstr(w, "currency", x->currency);
    cost__put_range(w, "cost_period", &base->query.range);
    cost__put_date(w, "first_seen", x->first_seen);
    cost__put_date(w, "last_seen", x->last_seen);
    mcp_jsonw_end(w);
}

int cost_write_resources(const struct cost_resources *r, struct mcp_buf *json, size_t *age_at,
                         struct mcp_error *err)
{
    const struct cost_resource_total *only = r->n_totals == 1 ? &r->totals[0] : NULL;
    struct mcp_jsonw w;

    mcp_jsonw_init(&w, json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "provider", r->base.provider);
    mcp_jsonw_kstr(&w, "currency", only != NULL ? only->currency : MCP_STR_NULL);
    cost__put_time_period(&w, &r->base);
    if (only != NULL) {
        cost__put_money(&w, "total_cost", only->cost);
        cost__put_money(&w, "without_resource", only->without_resource);
    } else {
        mcp_jsonw_knull(&w, "total_cost");
        mcp_jsonw_knull(&w, "without_resource");
    }
    mcp_jsonw_karray(&w, "resources");
    for (size_t i = 0; i < r->n_items; i++)
        put_item(&w, &r->base, &r->items[i]);
    mcp_jsonw_end(&w);
    mcp_jsonw_kint(&w, "total_items", (int64_t)r->items_total);
    mcp_jsonw_kz(&w, "metric", cost_metric_name(r->base.query.metric));
    if (r->n_totals > 1) {
        mcp_jsonw_karray(&w, "currencies");
        for (size_t i = 0; i < r->n_totals; i++) {
            mcp_jsonw_object(&w);
            mcp_jsonw_kstr(&w, "currency", r->totals[i].currency);
            cost__put_money(&w, "total_cost", r->totals[i].cost);
            cost__put_money(&w, "without_resource", r->totals[i].without_resource);
            mcp_jsonw_end(&w);
        }
        mcp_jsonw_end(&w);
    }
    cost__put_tail(&w, &r->base, age_at);
    mcp_jsonw_end(&w);
    return cost__put_done(json, err);
}
