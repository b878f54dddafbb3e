/* get_recommendations as JSON. */
#include <cost/writer.h>

#include "put.h"

static void put_known(struct mcp_jsonw *w, const char *key, bool known, struct cost_money m)
{
    if (known)
        cost__put_money(w, key, m);
    else
        mcp_jsonw_knull(w, key);
}

static void put_item(struct mcp_jsonw *w, const struct cost_recommendation *x)
{
    mcp_jsonw_object(w);
    mcp_jsonw_kstr(w, "id", x->id);
    mcp_jsonw_kstr(w, "category", x->category);
    mcp_jsonw_kstr(w, "action", x->action);
    mcp_jsonw_kstr(w, "resource", x->resource);
    cost__put_some(w, "resource_name", x->resource_name);
    cost__put_some(w, "resource_type", x->resource_type);
    cost__put_some(w, "provider", x->provider);
    cost__put_some(w, "project", x->project);
    cost__put_some(w, "region", x->region);
    cost__put_some(w, "service", x->service);
    cost__put_some(w, "current", x->current);
    cost__put_some(w, "recommended", x->recommended);
    put_known(w, "monthly_savings", x->has_savings, x->monthly_savings);
    put_known(w, "cost_at_stake", x->has_at_stake, x->cost_at_stake);
    mcp_jsonw_kstr(w, "currency", x->currency);
    cost__put_some(w, "effort", x->effort);
    cost__put_some(w, "risk", x->risk);
    mcp_jsonw_kstr(w, "source", x->source);
    mcp_jsonw_kobject(w, "evidence");
    for (size_t i = 0; i < x->n_evidence; i++) {
        mcp_jsonw_key(w, x->evidence[i].name);
        mcp_jsonw_str(w, x->evidence[i].value);
    }
    mcp_jsonw_end(w);
    if (x->n_overlaps > 0)
        cost__put_list(w, "overlaps_with", x->overlaps_with, x->n_overlaps);
    mcp_jsonw_end(w);
}

/* Nothing has an estimate: the sum is unknown, not 0. */
static bool is_known(const struct cost_savings_total *t)
{
    return t->savings.units != 0 || t->without_estimate == 0;
}

int cost_write_recommendations(const struct cost_recommendations *r, struct mcp_buf *json,
                               size_t *age_at, struct mcp_error *err)
{
    const struct cost_savings_total *only = r->n_totals == 1 ? &r->totals[0] : NULL;
    size_t without = 0;
    struct mcp_jsonw w;

    for (size_t i = 0; i < r->n_totals; i++)
        without += r->totals[i].without_estimate;
    mcp_jsonw_init(&w, json);
    mcp_jsonw_object(&w);
    mcp_jsonw_kstr(&w, "provider", r->base.provider);
    mcp_jsonw_kstr(&w, "currency", only != NULL ? only->currency : MCP_STR_NULL);
    cost__put_time_period(&w, &r->base);
    put_known(&w, "total_monthly_savings", only != NULL && is_known(only),
              only != NULL ? only->savings : COST_MONEY_ZERO);
    mcp_jsonw_kint(&w, "without_estimate", (int64_t)without);
    mcp_jsonw_karray(&w, "recommendations");
    for (size_t i = 0; i < r->n_items; i++)
        put_item(&w, &r->items[i]);
    mcp_jsonw_end(&w);
    mcp_jsonw_kint(&w, "total_items", (int64_t)r->items_total);
    if (r->n_totals > 1) {
        mcp_jsonw_karray(&w, "currencies");
        for (size_t i = 0; i < r->n_totals; i++) {
            mcp_jsonw_object(&w);
            mcp_jsonw_kstr(&w, "currency", r->totals[i].currency);
            put_known(&w, "total_monthly_savings", is_known(&r->totals[i]), r->totals[i].savings);
            mcp_jsonw_kint(&w, "without_estimate", (int64_t)r->totals[i].without_estimate);
            mcp_jsonw_end(&w);
        }
        mcp_jsonw_end(&w);
    }
    cost__put_tail(&w, &r->base, age_at);
    mcp_jsonw_end(&w);
    return cost__put_done(json, err);
}
